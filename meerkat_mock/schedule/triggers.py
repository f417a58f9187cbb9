"""When a schedule is due: single points, intervals and calendars, all in nanoseconds since the Unix epoch (spec 05, section 1.4).

Owns reckoning with time; knows neither schedules nor the clock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, cast

from meerkat_mock.instants import NANO, read_instant, write_instant
from meerkat_mock.schedule.calendars import Calendar
from meerkat_mock.schedule.refusals import DatesExhausted, invalid_trigger

if TYPE_CHECKING:
    from meerkat.wire.schedules import IntervalTrigger, TriggerSpec

LAST_INSTANT: Final = 8_210_266_876_800 * NANO - 1
"""The end of the year 262142, the last that the server can reckon with."""
_I64_MAX: Final = 2**63 - 1
_LONGEST_SECONDS: Final = _I64_MAX // 1000
"""The server holds durations in milliseconds of 64 bits."""


class Trigger(Protocol):
    """A series of due times."""

    searched: bool
    """True when looking for a due time takes the longer the farther it lies, so that a search needs a bound."""

    def after(self, moment: int, until: int) -> int | None:
        """Return the first due time after `moment` and not after `until`, or None. Raises `DatesExhausted`."""
        ...


class Once:
    """One due time."""

    searched = False

    def __init__(self, due: int) -> None:
        self._due = due

    def after(self, moment: int, until: int) -> int | None:
        """Return the due time if it lies between the bounds."""
        return self._due if moment < self._due <= until else None


class Interval:
    """`start + k * every`, the end included. Due times are reckoned from the start, so nothing drifts."""

    searched = False

    def __init__(self, start: int, every: int, end: int | None) -> None:
        self._start = start
        self._every = every
        self._end = end

    def after(self, moment: int, until: int) -> int | None:
        """Return the first due time between the bounds. Raises `DatesExhausted` for one beyond the last date."""
        steps = max(0, (moment - self._start) // self._every + 1)
        due = self._start + steps * self._every
        if due > LAST_INSTANT:
            raise DatesExhausted("interval leaves the range of dates")
        last = until if self._end is None else min(until, self._end)
        return due if due <= last else None


def trigger_of(spec: TriggerSpec) -> Trigger:
    """Return the series that a trigger names. Raises `ScheduleRefused` for one that nothing can come of, `DatesExhausted`."""
    if spec["type"] == "once":
        return Once(read_instant(spec["due_at_utc"]))
    if spec["type"] == "interval":
        return _interval(spec)
    return Calendar(spec)


def _interval(spec: IntervalTrigger) -> Interval:
    every = spec["every_seconds"]
    if every < 1:
        raise invalid_trigger("interval trigger requires every_seconds >= 1")
    if every > _I64_MAX:
        raise invalid_trigger("interval every_seconds exceeds i64 range")
    if every > _LONGEST_SECONDS:
        raise DatesExhausted("interval is longer than any duration")
    end = spec.get("end_at_utc")
    return Interval(read_instant(spec["start_at_utc"]), every * NANO, None if end is None else read_instant(end))


def echoed(spec: TriggerSpec) -> TriggerSpec:
    """Return a trigger as the server shows it: times in UTC, every field of a calendar but an absent year (spec 05, section 1.4)."""

    def same_in_utc(text: str) -> str:
        return write_instant(read_instant(text))

    if spec["type"] == "once":
        return {"type": "once", "due_at_utc": same_in_utc(spec["due_at_utc"])}
    if spec["type"] == "interval":
        shown: IntervalTrigger = {
            "type": "interval",
            "start_at_utc": same_in_utc(spec["start_at_utc"]),
            "every_seconds": spec["every_seconds"],
        }
        if (end := spec.get("end_at_utc")) is not None:
            shown["end_at_utc"] = same_in_utc(end)
        return shown
    any_value = {"kind": "any"}
    calendar: dict[str, object] = {"type": "calendar", "timezone": spec["timezone"]}
    for name in ("minute", "hour", "day_of_month", "month", "day_of_week"):
        calendar[name] = spec.get(name) or any_value
    if spec.get("year") is not None:
        calendar["year"] = spec.get("year")
    return cast("TriggerSpec", calendar)
