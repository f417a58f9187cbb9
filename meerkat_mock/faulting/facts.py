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


def event_of(message: JsonObject) -> tuple[str, str] | None:
    """Return session and type of the event that a line carries, None when it carries none."""
    params = message.get("params")
    if message.get("method") != "session/event" or not isinstance(params, dict):
        return None
    event = params.get("event")
    payload = event.get("payload") if isinstance(event, dict) else None
    return (str(params.get("session_id")), str(payload.get("type"))) if isinstance(payload, dict) else None


def session_of(value: Json) -> str | None:
    """Return the session that params or a result are about."""
    session = value.get("session_id") if isinstance(value, dict) else None
    return session if isinstance(session, str) else None
