"""What the contract names and no client can bring about on version 0.6.5: each with the evidence, so that nobody looks for a test of it.

Data only. A code stands here for one of three reasons: the specification says that it is never sent, it stands for trouble of the server
with its own storage or locks, or for a moment that is over before a client can speak. What is seen all the same counts as exercised.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_NEVER_SENT: Final = "spec 03, section 9, item 2: one of seven variants that are never emitted"
_EVENTS: Final = (
    "tool_execution_timed_out",
    "skills_resolved",
    "skill_resolution_failed",
    "interaction_complete",
    "interaction_callback_pending",
    "interaction_failed",
    "stream_truncated",
)

_STORE: Final = "spec 01, section 10.4: only when the server's own store fails, which nothing on the wire causes"
_SCHEDULE_STORE: Final = "spec 05, section 1.10: `store trouble` alone, which nothing on the wire causes"
_REPORT: Final = "spec 04, section 2.1: only for the serialization of a report, `not reachable in practice`; a destroy alone can end so"
_SETTING_UP: Final = (
    "spec 02, sections 3.2, 4 and 12: only while the agent of a first turn is under construction, which waits for nothing that a client "
    "decides; what is sent together with that turn already finds it running"
)
_NO_LOG: Final = "spec 03, section 8: replay is `always available in the rkat-rpc binary`"
_INGRESS: Final = "spec 02, section 17.2: capacity alone, and such input is `still accepted` with the capacity used up"
_CLEANUP: Final = "spec 02, section 12: only for a session that owns a mob by delegation, which is not simulated, and whose clean-up fails"
_AS_CREATE: Final = "spec 02, section 2.2: a create refers to no session that could be missing or busy"

_ERRORS: Final[tuple[tuple[str, int, tuple[str, ...]], ...]] = (
    (
        _STORE,
        -32603,
        (
            *("session/read", "session/history", "session/fork_at", "session/fork_replace", "session/inject_context"),
            *("approval/request", "approval/list", "approval/get", "approval/decide"),
            *("blob/get", "artifact/get", "artifact/download", "realm/list"),
            *("events/latest_cursor", "events/list_since", "events/snapshot", "session/stream_open", "session/stream_close"),
        ),
    ),
    (
        _SCHEDULE_STORE,
        -32603,
        tuple(f"schedule/{verb}" for verb in ("create", "get", "list", "update", "pause", "resume", "delete", "occurrences")),
    ),
    (
        _REPORT,
        -32603,
        tuple(
            f"mob/{verb}"
            for verb in (
                *("create", "list", "status", "spawn", "spawn_many", "ensure_member", "reconcile", "list_members_matching"),
                *("retire", "respawn", "wire", "unwire", "members", "events", "member_send", "ingress_interaction"),
                *("append_system_context", "flows", "flow_run", "flow_status", "flow_cancel", "spawn_helper", "fork_helper"),
                *("force_cancel", "member_status", "snapshot", "rotate_supervisor", "submit_work", "cancel_work", "cancel_all_work"),
                *("wait_kickoff", "wait_ready", "stream_open", "stream_close"),
                *(f"profile/{part}" for part in ("create", "get", "list", "update", "delete")),
            )
        ),
    ),
    (_SETTING_UP, -32002, ("turn/start", "turn/interrupt", "session/archive", "mob/turn_start")),
    (_NO_LOG, -32600, ("events/latest_cursor", "events/list_since", "events/snapshot")),
    (_AS_CREATE, -32001, ("session/create", "help/ask")),
    (_AS_CREATE, -32002, ("session/create", "help/ask")),
    (
        "spec 02, section 14.2: only with a runtime that cannot be reconfigured; one that was stopped rejects the input instead (14.3)",
        -32600,
        ("session/peer_response_terminal",),
    ),
    (_INGRESS, -32603, ("session/external_event", "session/peer_response_terminal")),
    (_CLEANUP, -32603, ("session/archive",)),
    ("spec 01, section 11.6: config/set and config/patch refuse such a configuration first", -32602, ("models/catalog",)),
    (
        "spec 05, section 6.3: trouble with the file, which a reload does not touch, or a refusal by the session machine, never seen",
        -32603,
        ("mcp/reload",),
    ),
    ("spec 05, section 1.10: an unknown id gives an empty list", -32023, ("schedule/occurrences",)),
    ("spec 05, section 1.11: the tools of schedules have codes of their own", -32020, ("schedule/call",)),
    ("spec 05, section 1.11: the tools of schedules have codes of their own", -32023, ("schedule/call",)),
    ("spec 05, section 1.11: the tools of schedules have codes of their own", -32603, ("schedule/call",)),
    ("spec 05, section 1.11: `other` trouble of the store alone, which nothing on the wire causes", -32000, ("schedule/call",)),
    ("spec 05, section 7.1: an unknown session is `not -32001 here`", -32001, ("comms/send", "comms/peers")),
    ("spec 05, sections 7.2 and 7.3: trouble with a peer alone, and here peers are only listed", -32603, ("comms/peers",)),
    ("spec 07, section 2.1: status and close are refused for an unknown channel alone", -32603, ("live/status", "live/close")),
    ("spec 01, section 9.1: `only after an internal panic`", -32603, ("tools/register",)),
)


def _named() -> Iterator[tuple[str, str]]:
    for why, code, methods in _ERRORS:
        for method in methods:
            yield f"{method} {code}", why


UNREACHABLE: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {"events": MappingProxyType(dict.fromkeys(_EVENTS, _NEVER_SENT)), "errors": MappingProxyType(dict(_named()))}
)
"""By kind and name: the section of the specification that says so."""
