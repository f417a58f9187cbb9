"""The flat contract names of schedules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass
class ScheduleIdParams:
    """Params of the calls that need only a schedule."""

    schedule_id: str


@dataclass
class ListSchedulesParams:
    """Params of `schedule/list`."""

    labels: dict[str, str] | None = None
    limit: int | None = None
    offset: int | None = None


@dataclass
class ScheduleOccurrencesParams:
    """Params of `schedule/occurrences`."""

    schedule_id: str
    include_terminal: bool | None = None


@dataclass
class UpdateScheduleParams:
    """Params of `schedule/update`; what is None stays as it is."""

    schedule_id: str
    description: str | None = None
    expected_revision: int | None = None
    labels: dict[str, str] | None = None
    misfire_policy: dict[str, Any] | None = None
    missing_target_policy: Literal["skip", "mark_misfired"] | None = None
    name: str | None = None
    overlap_policy: Literal["allow_concurrent", "skip_if_running"] | None = None
    planning_horizon_days: int | None = None
    planning_horizon_occurrences: int | None = None
    target: dict[str, Any] | None = None
    trigger: dict[str, Any] | None = None


@dataclass
class ScheduleListResult:
    """Result of `schedule/list`."""

    schedules: list[dict[str, Any]]


@dataclass
class ScheduleOccurrencesResult:
    """Result of `schedule/occurrences`."""

    occurrences: list[dict[str, Any]]
