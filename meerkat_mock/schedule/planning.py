"""Which due times a schedule still wants, and when it will want more (spec 05, section 1.7). Reckons, and changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from meerkat_mock.instants import NANO
from meerkat_mock.schedule.refusals import DatesExhausted
from meerkat_mock.schedule.triggers import LAST_INSTANT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat_mock.schedule.records import Occurrence, Schedule
    from meerkat_mock.schedule.triggers import Trigger

DAY: Final = 86_400 * NANO
GRACE: Final = 60 * NANO
"""A due time that lies at most so far in the past when a schedule is made is still planned."""
LOOKAHEAD: Final = 400 * DAY
"""How far beyond the horizon the next due time is looked for, before the search is put off."""


@dataclass(frozen=True)
class Horizon:
    """How much is planned: so many occurrences, and none that is due after so many days."""

    days: int
    occurrences: int

    def end(self, now: int) -> int:
        """Return the last moment that is planned for. Raises `DatesExhausted`."""
        end = now + self.days * DAY
        if end > LAST_INSTANT:
            raise DatesExhausted("planning horizon leaves the range of dates")
        return end


def cursor_of(schedule: Schedule, pending: Sequence[Occurrence], *, exact: bool) -> int:
    """Return the moment after which due times are looked for.

    With nothing pending the server takes its cursor that was cut to milliseconds, and so finds a finer due time again; `exact` does not.
    """
    if pending:
        return pending[-1].due
    if schedule.cursor is None:
        return schedule.updated_at - GRACE
    return schedule.last_planned if exact and schedule.last_planned is not None else schedule.cursor


def wanted(horizon: Horizon, pending: Sequence[Occurrence], end: int) -> int:
    """Return how many occurrences are missing up to the end of the horizon."""
    within = len(pending) if not pending or pending[-1].due <= end else sum(each.due <= end for each in pending)
    return horizon.occurrences - within


def dues(trigger: Trigger, cursor: int, end: int, count: int) -> list[int]:
    """Return the next due times, at most `count`. Raises `DatesExhausted`."""
    found: list[int] = []
    while len(found) < count and (due := trigger.after(cursor, end)) is not None:
        found.append(due)
        cursor = due
    return found


def next_planning(horizon: Horizon, trigger: Trigger, cursor: int, now: int) -> int | None:
    """Return when the due time after the cursor enters the horizon; None if there is none that could.

    Assumption: where the reckoning leaves the range of dates in the background, nothing more is planned.
    """
    try:
        due = trigger.after(cursor, min(horizon.end(now) + LOOKAHEAD, LAST_INSTANT) if trigger.searched else LAST_INSTANT)
    except DatesExhausted:
        return None
    if due is not None:
        return due - horizon.days * DAY
    return now + LOOKAHEAD if trigger.searched else None
