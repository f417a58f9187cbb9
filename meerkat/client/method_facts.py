"""What the client must know about methods beyond their types: which run turns, which wait for them, which lose their id.

Owns these tables; the evidence is in the sections named beside each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject

TURN_METHODS: Final = frozenset({"turn/start", "mob/turn_start", "help/ask"})
"""Requests that are answered when a run has ended; `session/create` too, unless it defers its turn (spec 01, section 5.2)."""

LONG_METHODS: Final = frozenset({"mob/spawn_helper", "mob/fork_helper", "mob/wait_kickoff", "mob/wait_ready"})
"""Requests that wait for turns of others, as long as these take; no `cancel` reaches them (spec 04, section 12)."""

WAITING_METHODS: Final = frozenset(
    {
        "events/snapshot",
        "session/archive",
        "session/fork_at",
        "session/fork_replace",
        "session/history",
        "session/inject_context",
        "session/list",
        "session/read",
        "session/stream_open",
    }
)
"""Requests that are answered only when no turn runs, whichever session it belongs to (spec 01, section 5.5; spec 02, section 12)."""

NULL_ID_METHODS: Final = frozenset(
    {
        "comms/peers",
        "comms/send",
        "live/close",
        "live/commit_input",
        "live/interrupt",
        "live/open",
        "live/refresh",
        "live/send_input",
        "live/status",
        "live/truncate",
        "mob/stream_close",
        "mob/stream_open",
        "session/external_event",
        "session/peer_response_terminal",
    }
)
"""Requests whose refusal can come without their id (spec 01, section 4)."""


def runs_turn(method: str, params: JsonObject) -> bool:
    """Return whether the answer comes when a run has ended, so that no deadline applies and `cancel` reaches it."""
    return method in TURN_METHODS or (method == "session/create" and params.get("initial_turn") != "deferred")
