"""When a schedule is due, against calculations of another kind (spec 05, section 1.4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meerkat_mock.instants import NANO, read_instant, write_instant
from meerkat_mock.schedule.refusals import DatesExhausted, ScheduleRefused
from meerkat_mock.schedule.triggers import LAST_INSTANT, echoed, trigger_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.wire.schedules import TriggerSpec

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia")


def _trigger(**spec: Any) -> Any:
    return trigger_of(cast("TriggerSpec", spec))


def _values(*values: int) -> dict[str, Any]:
    return {"kind": "values", "values": list(values)}


def _dues(spec: dict[str, Any], start: str, end: str, most: int = 100_000) -> list[str]:
    trigger, moment, last = _trigger(**spec), read_instant(start), read_instant(end)
    found: list[str] = []
    while len(found) < most and (due := trigger.after(moment, last)) is not None:
        found.append(write_instant(due))
        moment = due
    return found


def _minute_by_minute(spec: dict[str, Any], start: str, end: str) -> list[str]:
    """Ask every minute of UTC for its wall time: the rule itself, slowly."""
    zone = ZoneInfo(spec["timezone"])
    fields: dict[str, Callable[[datetime], int]] = {
        "minute": lambda wall: wall.minute,
        "hour": lambda wall: wall.hour,
        "day_of_month": lambda wall: wall.day,
        "month": lambda wall: wall.month,
        "day_of_week": lambda wall: wall.isoweekday() % 7,
        "year": lambda wall: wall.year,
    }
    moment, last = (datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (start, end))
    found: list[str] = []
    while (moment := moment + timedelta(minutes=1)) <= last:
        wall = moment.astimezone(zone)
        if all(spec.get(name, {"kind": "any"})["kind"] == "any" or read(wall) in spec[name]["values"] for name, read in fields.items()):
            found.append(moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return found


def test_a_point_in_time_is_due_once():
    spec = {"type": "once", "due_at_utc": "2026-03-02T10:00:00.123456789+01:00"}
    assert _dues(spec, "2026-03-01T00:00:00Z", "2027-01-01T00:00:00Z") == ["2026-03-02T09:00:00.123456789Z"]
    assert _dues(spec, "2026-03-02T09:00:00.123456789Z", "2027-01-01T00:00:00Z") == []


def test_an_interval_counts_from_its_start_and_includes_its_end():
    spec = {
        "type": "interval",
        "start_at_utc": "2026-03-02T10:00:00Z",
        "every_seconds": 900,
        "end_at_utc": "2026-03-02T10:30:00Z",
    }
    assert _dues(spec, "2026-03-02T00:00:00Z", "2027-01-01T00:00:00Z") == [f"2026-03-02T10:{minute}:00Z" for minute in ("00", "15", "30")]
    assert _dues(spec, "2026-03-02T10:16:00Z", "2027-01-01T00:00:00Z") == ["2026-03-02T10:30:00Z"]


@pytest.mark.parametrize(
    ("every", "why"), [(0, "interval trigger requires every_seconds >= 1"), (2**63, "interval every_seconds exceeds i64 range")]
)
def test_an_interval_that_nothing_can_come_of_is_refused(every: int, why: str):
    with pytest.raises(ScheduleRefused, match=f"^invalid trigger: {why}$"):
        _trigger(type="interval", start_at_utc="2026-03-02T10:00:00Z", every_seconds=every)


def test_an_interval_that_leaves_the_range_of_dates_says_so_and_one_that_comes_close_does_not():
    wide = _trigger(type="interval", start_at_utc="2026-01-01T00:00:00Z", every_seconds=9_223_372_036_854_775)
    with pytest.raises(DatesExhausted):
        wide.after(read_instant("2026-03-01T00:00:00Z"), LAST_INSTANT)
    far = _trigger(type="interval", start_at_utc="2026-01-01T00:00:00Z", every_seconds=300_000_000_000)
    assert write_instant(far.after(read_instant("2026-03-01T00:00:00Z"), LAST_INSTANT)) == "+11532-08-16T05:20:00Z"


@pytest.mark.parametrize("name", ["utc", "Mars/Phobos", "europe/berlin", "", "../UTC"])
def test_a_zone_is_known_by_its_exact_name_only(name: str):
    with pytest.raises(ScheduleRefused, match=r"^invalid trigger: invalid IANA timezone: "):
        _trigger(type="calendar", timezone=name)


def test_an_hour_that_spring_skips_is_not_due_and_one_that_autumn_repeats_is_due_twice():
    spec = {"type": "calendar", "timezone": "Europe/Berlin", "minute": _values(30), "hour": _values(2)}
    assert _dues(spec, "2029-03-24T00:00:00Z", "2029-03-27T00:00:00Z") == ["2029-03-24T01:30:00Z", "2029-03-26T00:30:00Z"]
    assert _dues(spec, "2029-10-28T00:00:00Z", "2029-10-29T00:00:00Z") == ["2029-10-28T00:30:00Z", "2029-10-28T01:30:00Z"]


def test_a_fixed_zone_never_changes_its_clocks():
    spec = {"type": "calendar", "timezone": "EST", "minute": _values(0), "hour": _values(0)}
    assert {due[11:] for due in _dues(spec, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")} == {"05:00:00Z"}


def test_days_of_the_month_and_of_the_week_must_both_match():
    spec = {"type": "calendar", "timezone": "UTC", "minute": _values(0), "hour": _values(0), "day_of_month": _values(13)}
    fridays = _dues({**spec, "day_of_week": _values(5)}, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
    assert fridays == ["2026-02-13T00:00:00Z", "2026-03-13T00:00:00Z", "2026-11-13T00:00:00Z"]


@pytest.mark.parametrize(
    "fields",
    [
        {"minute": _values(75)},
        {"hour": _values()},
        {"day_of_month": _values(30), "month": _values(2)},
        {"month": _values(0, 13)},
        {"day_of_week": _values(7)},
        {"year": _values(1999, 123_456)},
    ],
)
def test_impossible_values_never_match(fields: dict[str, Any]):
    assert _dues({"type": "calendar", "timezone": "Europe/Berlin", **fields}, "2026-01-01T00:00:00Z", "9999-12-31T00:00:00Z") == []


def test_a_leap_day_decades_ahead_is_found_at_once():
    fields = {"minute": _values(0), "hour": _values(0), "day_of_month": _values(29), "month": _values(2), "day_of_week": _values(0)}
    found = _dues({"type": "calendar", "timezone": "UTC", **fields}, "2026-01-01T00:00:00Z", "2100-01-01T00:00:00Z")
    assert found == [f"{year}-02-29T00:00:00Z" for year in (2032, 2060, 2088)]


FIELDS = {
    "minute": st.none() | st.lists(st.sampled_from([0, 1, 29, 30, 45, 59, 75]), max_size=3),
    "hour": st.none() | st.lists(st.integers(0, 24), max_size=4),
    "day_of_month": st.none() | st.lists(st.integers(0, 32), max_size=6),
    "month": st.none() | st.lists(st.integers(0, 13), max_size=6),
    "day_of_week": st.none() | st.lists(st.integers(0, 7), max_size=3),
    "year": st.none() | st.lists(st.integers(2010, 2013), max_size=3),
}
STARTS = ("2011-03-12T20:00:00Z", "2011-10-29T20:00:00Z", "2011-04-02T10:00:00Z", "2011-12-29T00:00:00Z", "2011-11-06T00:00:00Z")
"""Around changes of the clocks: New York's, Berlin's, Lord Howe's half hour, the day that Apia left out, St John's minute past midnight."""


@settings(deadline=None, max_examples=120)
@given(st.sampled_from(ZONES), st.sampled_from(STARTS), st.fixed_dictionaries(FIELDS), st.integers(0, 3000))
def test_calendars_agree_with_asking_every_minute(zone: str, start: str, given_fields: dict[str, list[int] | None], later: int):
    fields = {name: _values(*values) for name, values in given_fields.items() if values is not None}
    spec = {"type": "calendar", "timezone": zone, **fields}
    begin = write_instant(read_instant(start) + later * 60 * NANO)
    end = write_instant(read_instant(begin) + 2 * 86_400 * NANO)
    assert _dues(spec, begin, end) == _minute_by_minute(spec, begin, end)


def test_what_is_shown_is_in_utc_and_complete():
    shown = echoed({"type": "calendar", "timezone": "UTC", "hour": {"kind": "values", "values": [9, 9, 99]}})
    assert shown == {
        "type": "calendar",
        "timezone": "UTC",
        "minute": {"kind": "any"},
        "hour": {"kind": "values", "values": [9, 9, 99]},
        "day_of_month": {"kind": "any"},
        "month": {"kind": "any"},
        "day_of_week": {"kind": "any"},
    }
    once = echoed({"type": "once", "due_at_utc": "2999-01-01T08:00:00.5+02:00"})
    assert once == {"type": "once", "due_at_utc": "2999-01-01T06:00:00.500Z"}
