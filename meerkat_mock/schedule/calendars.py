"""Due times of a calendar: the whole minutes of UTC whose wall time in a zone has the wanted fields (spec 05, section 1.4).

A wall time that is skipped in spring comes to nothing that day, one that autumn repeats is due twice: both follow from asking every
minute of UTC for its wall time. Asking them one by one would take minutes for a leap day, so days whose date cannot match are skipped,
and a day without a change of the clocks is reckoned with its one offset.
"""

from __future__ import annotations

from datetime import date, datetime, timezone, tzinfo
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from meerkat_mock.instants import NANO
from meerkat_mock.schedule.refusals import invalid_trigger

if TYPE_CHECKING:
    from collections.abc import Collection

    from meerkat.wire.schedules import CalendarFieldSpec, CalendarTrigger

DAY: Final = 86_400
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_LAST_DAY: Final = date(9999, 12, 30).toordinal() - _EPOCH_DAY
"""Python's dates end here. Assumption: nobody plans by the calendar beyond."""


class Calendar:
    """A series of whole minutes."""

    searched = True

    def __init__(self, spec: CalendarTrigger) -> None:
        self._zone = zone_of(spec["timezone"])
        self._minutes = _within(spec.get("minute"), 0, 59)
        self._hours = _within(spec.get("hour"), 0, 23)
        self._days = frozenset(_within(spec.get("day_of_month"), 1, 31))
        self._months = frozenset(_within(spec.get("month"), 1, 12))
        self._weekdays = frozenset(_within(spec.get("day_of_week"), 0, 6))
        year = spec.get("year")
        self._years = None if year is None or year["kind"] == "any" else sorted(set(year["values"]))
        self._never = not (self._minutes and self._hours and self._days and self._months and self._weekdays)
        self._known: tuple[int, list[int]] = (-1, [])

    def after(self, moment: int, until: int) -> int | None:
        """Return the first due time between the bounds."""
        first = moment // NANO // 60 * 60 + 60
        day: int | None = first // DAY
        last = min(until // NANO // DAY, _LAST_DAY)
        while day is not None and day <= last and not self._never:
            for due in self._dues(day):
                if due >= first:
                    return due * NANO if due * NANO <= until else None
            day = self._day_after(day, last)
        return None

    def _day_after(self, day: int, last: int) -> int | None:
        """Return the next day of UTC in which a wall clock anywhere may show a wanted date: it is at most a day ahead or behind."""
        wanted = self._date_from(day, last + 1)
        return None if wanted is None else max(day + 1, wanted - 1)

    def _date_from(self, day: int, last: int) -> int | None:
        while day <= last:
            here = date.fromordinal(_EPOCH_DAY + day)
            if self._years is not None and here.year not in self._years:
                year = next((year for year in self._years if year > here.year), 0)
                if not here.year < year <= 9999:
                    return None
                day = date(year, 1, 1).toordinal() - _EPOCH_DAY
            elif here.month not in self._months:
                following = date(here.year + here.month // 12, here.month % 12 + 1, 1) if here.year < 9999 or here.month < 12 else None
                day = last + 1 if following is None else following.toordinal() - _EPOCH_DAY
            elif self._has_date(here):
                return day
            else:
                day += 1
        return None

    def _has_date(self, here: date) -> bool:
        return (
            here.day in self._days
            and here.month in self._months
            and here.isoweekday() % 7 in self._weekdays
            and (self._years is None or here.year in self._years)
        )

    def _dues(self, day: int) -> list[int]:
        """Return the due seconds of one day of UTC, in order."""
        if self._known[0] != day:
            self._known = (day, self._reckoned(day))
        return self._known[1]

    def _reckoned(self, day: int) -> list[int]:
        start = day * DAY
        offset = _offset_of(self._zone, day)
        if offset is None:
            return [second for second in range(start, start + DAY, 60) if self._matches(second)]
        found: list[int] = []
        for local in (start + offset) // DAY, (start + offset) // DAY + 1:
            if self._has_date(date.fromordinal(_EPOCH_DAY + local)):
                base = local * DAY - offset
                found.extend(base + hour * 3600 + minute * 60 for hour in self._hours for minute in self._minutes)
        return [second for second in found if start <= second < start + DAY]

    def _matches(self, second: int) -> bool:
        wall = datetime.fromtimestamp(second, self._zone)
        return wall.minute in self._minutes and wall.hour in self._hours and self._has_date(wall.date())


def _within(spec: CalendarFieldSpec | None, lowest: int, highest: int) -> list[int]:
    """Return the wanted values that exist, in order: others are stored and never match."""
    if spec is None or spec["kind"] == "any":
        return list(range(lowest, highest + 1))
    return sorted({value for value in spec["values"] if lowest <= value <= highest})


@lru_cache(maxsize=8192)
def _offset_of(zone: tzinfo, day: int) -> int | None:
    """Return the seconds that a zone is ahead of UTC for a whole day; None when it changes, or counts in seconds.

    No clock was ever changed twice within an hour, so looking once an hour is enough.
    """
    offsets = {_offset_at(zone, day * DAY + hour * 3600) for hour in range(25)}
    offset = offsets.pop()
    return offset if not offsets and offset % 60 == 0 else None


def _offset_at(zone: tzinfo, second: int) -> int:
    offset = datetime.fromtimestamp(second, zone).utcoffset()
    assert offset is not None, "a time with a zone has an offset"
    return offset.days * DAY + offset.seconds


@cache
def _zone_names() -> Collection[str]:
    """Return the names of the IANA database; read from the package, so that they are the same on every machine."""
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


@cache
def _zone(name: str) -> tzinfo:
    return timezone.utc if name == "UTC" else ZoneInfo(name)


def zone_of(name: str) -> tzinfo:
    """Return a zone by its IANA name, whose case counts. Raises `ScheduleRefused`."""
    if name not in _zone_names():
        raise invalid_trigger(f"invalid IANA timezone: {name}")
    try:
        return _zone(name)
    except (ZoneInfoNotFoundError, OSError):
        raise invalid_trigger(f"invalid IANA timezone: {name}") from None
