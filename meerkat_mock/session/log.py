"""The durable event log of a session: what `events/*` replays (spec 03, section 8).

Keeps references to the events that were published, with the time of each; numbers, cursors and pages are computed when asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat_mock.agent.ports import Event, JsonObject

BURST_LIMIT = 256
"""Events that may wait for the log of the real server; of a longer burst it keeps the first few and these (spec 03, section 4.3)."""
BURST_HEAD = 8
"""How many of the first events of such a burst are kept."""


class EventLog:
    """The events of one session, oldest first, numbered from 1 over all its incarnations."""

    __slots__ = ("_events", "_times_ms")

    def __init__(self) -> None:
        self._times_ms: list[int] = []
        self._events: list[Event] = []

    def append(self, at_ms: int, event: Event) -> None:
        """Keep one event with the time of its publication in Unix milliseconds."""
        self._times_ms.append(at_ms)
        self._events.append(event)

    @property
    def latest(self) -> int:
        """Return the number of the newest event, 0 when there is none."""
        return len(self._events)

    def lose_middle_since(self, start: int) -> None:
        """Drop what a slow disk would have lost of the burst that began after event number `start`."""
        excess = len(self._events) - start - BURST_HEAD - BURST_LIMIT
        if excess > 0:
            dropped = slice(start + BURST_HEAD, start + BURST_HEAD + excess)
            del self._events[dropped]
            del self._times_ms[dropped]

    def since(self, cursor: int, limit: int | None) -> Iterator[tuple[int, int, Event]]:
        """Yield number, time and event of what came after `cursor`, at most `limit` of them."""
        end = len(self._events) if limit is None else min(len(self._events), cursor + limit)
        for index in range(cursor, end):
            yield index + 1, self._times_ms[index], self._events[index]


def scope_of(session_id: str) -> JsonObject:
    """Return the scope object of a session."""
    return {"type": "session", "session_id": session_id}


def cursor_at(session_id: str, sequence: int) -> JsonObject:
    """Return a cursor of a session's log."""
    return {"scope": scope_of(session_id), "sequence": sequence}


def replay_item(session_id: str, sequence: int, at_ms: int, event: Event) -> JsonObject:
    """Return one logged event as `events/list_since` shows it."""
    return {
        "event_id": cursor_at(session_id, sequence),
        "cursor": cursor_at(session_id, sequence),
        "timestamp_ms": at_ms,
        "source": scope_of(session_id),
        "session_id": session_id,
        "event": event,
    }
