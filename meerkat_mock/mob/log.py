"""The event log of a mob: numbered from 1, only ever added to, pulled page by page (spec 04, section 13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from meerkat_mock.instants import nanoseconds, write_instant
from meerkat_mock.mob.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.clock import Clock


class MobLog:
    """What happened in one mob."""

    def __init__(self, mob_id: str, clock: Clock) -> None:
        self._mob_id = mob_id
        self._clock = clock
        self._events: list[JsonObject] = []
        self.kept = 0
        """Cursor of the newest event that the store has."""
        self.changed: Callable[[], None] | None = None
        """Told of every new event."""

    @property
    def latest(self) -> int:
        """Return the cursor of the newest event, 0 when there is none."""
        return len(self._events)

    def add(self, kind: str, **fields: Json) -> None:
        """Append an event; fields that are None are left out."""
        given = {name: value for name, value in fields.items() if value is not None}
        self.add_whole({"type": kind, **given})

    def add_whole(self, kind: JsonObject) -> None:
        """Append an event whose fields may be null."""
        self._events.append({
            "cursor": len(self._events) + 1,
            "timestamp": write_instant(nanoseconds(self._clock.now())),
            "mob_id": self._mob_id,
            "kind": kind,
        })  # fmt: skip
        self.touch()

    def touch(self) -> None:
        """Tell whoever keeps the mob that it has changed."""
        if self.changed is not None:
            self.changed()

    def restore(self, event: JsonObject) -> None:
        """Take up an event of an earlier process."""
        self._events.append(event)

    def page(self, after: int, limit: int, *, strict: bool) -> list[Json]:
        """Return at most `limit` events behind a cursor. Raises `Refusal` for a cursor ahead of the log when `strict`."""
        if strict and after > self.latest:
            raise Refusal(f"stale mob event cursor: requested {after}, latest {self.latest}", "stale_event_cursor")
        return cast("list[Json]", self._events[after : after + limit])
