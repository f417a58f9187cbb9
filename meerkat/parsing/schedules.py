"""Lists of schedules, of their occurrences and of the tools that manage them (spec 05, section 2); records are as sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from meerkat.parsing.fields import Fields

if TYPE_CHECKING:
    from meerkat.types.schedules import (
        ScheduleListResult,
        ScheduleOccurrenceRecord,
        ScheduleOccurrencesResult,
        ScheduleRecord,
        ScheduleToolsResult,
    )
    from meerkat.wire.base import Json


def parse_schedule(raw: Json) -> ScheduleRecord:
    """Return one schedule."""
    return _schedule(Fields("Invalid schedule", raw))


def _schedule(schedule: Fields) -> ScheduleRecord:
    schedule.name("schedule_id")
    return cast("ScheduleRecord", schedule.raw)


def parse_schedule_list(raw: Json) -> ScheduleListResult:
    """Return a page of schedules."""
    return {"schedules": [_schedule(schedule) for schedule in Fields("Invalid schedule list", raw).records("schedules")]}


def parse_schedule_occurrences(raw: Json) -> ScheduleOccurrencesResult:
    """Return the occurrences of a schedule."""
    return {"occurrences": [_occurrence(one) for one in Fields("Invalid schedule occurrences", raw).records("occurrences")]}


def _occurrence(occurrence: Fields) -> ScheduleOccurrenceRecord:
    occurrence.name("occurrence_id")
    return cast("ScheduleOccurrenceRecord", occurrence.raw)


def parse_schedule_tools(raw: Json) -> ScheduleToolsResult:
    """Return the definitions of the tools that manage schedules."""
    return {"tools": [dict(tool.raw) for tool in Fields("Invalid schedule tools", raw).records("tools")]}
