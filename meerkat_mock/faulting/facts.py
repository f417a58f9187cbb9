"""Where each session stands, as far as faults are placed by it: its turn, its round, and the events since the turn began."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject


@dataclass
class Facts:
    """Turn and round count from 1; 0 means that none has begun."""

    turn: int = 0
    round: int = 0
    events: Counter[str] = field(default_factory=Counter[str])

    def note(self, kind: str) -> None:
        """Count one event of `session/event`."""
        if kind == "run_started":
            self.turn += 1
            self.round = 0
            self.events.clear()
        elif kind == "turn_started":
            self.round += 1
        self.events[kind] += 1


@dataclass(frozen=True)
class Shown:
    """The event that a line shows: of which session, its type and its id."""

    session: str
    kind: str
    id: str
    on_stream: bool
    """True on a stream, False on `session/event`."""


_CHANNELS = ("session/event", "session/stream_event", "mob/stream_event")


def shown_by(message: JsonObject) -> Shown | None:
    """Return the event that a line shows, None when it shows none."""
    method, params = message.get("method"), message.get("params")
    if method not in _CHANNELS or not isinstance(params, dict):
        return None
    event = params.get("event")
    envelope = event.get("envelope", event) if isinstance(event, dict) else None
    payload = envelope.get("payload") if isinstance(envelope, dict) else None
    if not isinstance(envelope, dict) or not isinstance(payload, dict):
        return None
    session = session_of(params) or session_of(envelope.get("source"))
    return Shown(str(session), str(payload.get("type")), str(envelope.get("event_id")), method != "session/event")


def session_of(value: Json) -> str | None:
    """Return the session that params or a result are about."""
    session = value.get("session_id") if isinstance(value, dict) else None
    return session if isinstance(session, str) else None
