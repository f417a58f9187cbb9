"""What the driver of schedules has to look after: due occurrences, plans that want more, leases that run out. Heaps, and nothing else.

Entries are never taken out of the middle: one that no longer holds is passed over when it comes to the front.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from meerkat_mock.schedule.records import IN_FLIGHT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from meerkat_mock.schedule.records import Occurrence


class Agenda:
    """What the driver has to look after, each the earliest first; entries that no longer hold are passed over."""

    def __init__(self) -> None:
        self.dues: list[Occurrence] = []
        self.leases: list[tuple[int, str, Occurrence]] = []
        self._plannings: list[tuple[int, str]] = []
        self._planned: dict[str, int] = {}

    def next(self) -> int | None:
        """Return when the earliest entry is due."""
        while self.dues and not _claimable(self.dues[0]):
            heapq.heappop(self.dues).listed = False
        while self.leases and not _held(self.leases[0]):
            heapq.heappop(self.leases)
        while self._plannings and self._stale(self._plannings[0]):
            heapq.heappop(self._plannings)
        earliest = [self.dues[0].due] if self.dues else []
        earliest += [self.leases[0][0]] if self.leases else []
        earliest += [self._plannings[0][0]] if self._plannings else []
        return min(earliest, default=None)

    def add(self, occurrences: Iterable[Occurrence]) -> None:
        """Look after pending occurrences."""
        for occurrence in occurrences:
            if not occurrence.listed:
                occurrence.listed = True
                heapq.heappush(self.dues, occurrence)

    def due(self, until: int) -> Occurrence | None:
        """Take the next occurrence that is due and can be claimed."""
        while self.dues and (self.dues[0].due <= until or not _claimable(self.dues[0])):
            occurrence = heapq.heappop(self.dues)
            occurrence.listed = False
            if _claimable(occurrence):
                return occurrence
        return None

    def plan(self, schedule_id: str, at: int | None) -> None:
        """Look after the plan of a schedule at a time, in the place of any time before."""
        if at is None:
            self._planned.pop(schedule_id, None)
        elif self._planned.get(schedule_id) != at:
            self._planned[schedule_id] = at
            heapq.heappush(self._plannings, (at, schedule_id))

    def plannings(self, until: int) -> Iterator[str]:
        """Take the schedules whose plan has to be looked after."""
        while self._plannings and (self._plannings[0][0] <= until or self._stale(self._plannings[0])):
            entry = heapq.heappop(self._plannings)
            if not self._stale(entry):
                del self._planned[entry[1]]
                yield entry[1]

    def _stale(self, entry: tuple[int, str]) -> bool:
        return self._planned.get(entry[1]) != entry[0]

    def watch(self, occurrence: Occurrence, expires: int) -> None:
        """Look after the lease of an occurrence that is being worked on."""
        heapq.heappush(self.leases, (expires, occurrence.id, occurrence))

    def expired(self, until: int) -> Iterator[Occurrence]:
        """Take the occurrences whose lease has run out."""
        while self.leases and (self.leases[0][0] <= until or not _held(self.leases[0])):
            entry = heapq.heappop(self.leases)
            if _held(entry):
                yield entry[2]


def _claimable(occurrence: Occurrence) -> bool:
    return occurrence.phase == "pending" and occurrence.schedule.phase == "active"


def _held(entry: tuple[int, str, Occurrence]) -> bool:
    expires, _, occurrence = entry
    return occurrence.phase in IN_FLIGHT and occurrence.claim is not None and occurrence.claim.lease_expires_at == expires
