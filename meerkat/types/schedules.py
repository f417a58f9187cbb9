"""Schedules and their occurrences (spec 05, section 2)."""

from __future__ import annotations

from typing import Any, TypedDict


class ScheduleRecord(TypedDict, total=False):
    """One schedule: when it fires (`trigger`) and what it does (`target`)."""

    schedule_id: str
    phase: str
    revision: int
    name: str | None
    description: str | None
    trigger: dict[str, Any]
    target: dict[str, Any]
    labels: dict[str, str]


class ScheduleOccurrenceRecord(TypedDict, total=False):
    """One firing of a schedule, planned or past; the time is RFC 3339."""

    occurrence_id: str
    schedule_id: str
    phase: str
    due_at_utc: str
    attempt_count: int


class ScheduleListResult(TypedDict):
    """What `list_schedules` returns."""

    schedules: list[ScheduleRecord]


class ScheduleOccurrencesResult(TypedDict):
    """What `list_schedule_occurrences` returns."""

    occurrences: list[ScheduleOccurrenceRecord]


class ScheduleToolsResult(TypedDict):
    """What `list_schedule_tools` returns."""

    tools: list[dict[str, Any]]


class ScheduleToolCall(TypedDict, total=False):
    """What `call_schedule_tool` takes."""

    name: str
    arguments: Any
