"""From decoded params to plans, settings and changes (spec 05, sections 1.2 and 1.10)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from meerkat_mock.schedule.book import Change
from meerkat_mock.schedule.records import DEFAULT_HORIZON_DAYS, DEFAULT_HORIZON_OCCURRENCES, Plan, Settings
from meerkat_mock.schedule.targets import check_public
from meerkat_mock.schedule.targets import echoed as echoed_target
from meerkat_mock.schedule.triggers import echoed as echoed_trigger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meerkat.wire.schedules import CreateScheduleRequest, SkipMisfire, UpdateScheduleParams

_SKIP: SkipMisfire = {"type": "skip"}
_POLICIES = ("misfire_policy", "overlap_policy", "missing_target_policy")


def plan_of(params: CreateScheduleRequest) -> Plan:
    """Return the plan of a new schedule. Raises `ScheduleRefused` for a target that is refused in public."""
    check_public(params["target"])
    return Plan(
        echoed_trigger(params["trigger"]),
        echoed_target(params["target"]),
        params.get("misfire_policy", _SKIP),
        params.get("overlap_policy", "skip_if_running"),
        params.get("missing_target_policy", "mark_misfired"),
    )


def settings_of(params: CreateScheduleRequest) -> Settings:
    """Return the settings of a new schedule."""
    days, occurrences = params.get("planning_horizon_days"), params.get("planning_horizon_occurrences")
    return Settings(
        params.get("name"),
        params.get("description"),
        DEFAULT_HORIZON_DAYS if days is None else days,
        DEFAULT_HORIZON_OCCURRENCES if occurrences is None else occurrences,
        params.get("labels", {}),
    )


def change_of(params: UpdateScheduleParams) -> Change:
    """Return what an update asks for. Raises `ScheduleRefused` for a target that is refused in public."""
    planned: dict[str, Any] = _given(cast("Mapping[str, Any]", params), {name: name for name in _POLICIES})
    trigger, target = params.get("trigger"), params.get("target")
    if target is not None:
        check_public(target)
        planned["target"] = echoed_target(target)
    if trigger is not None:
        planned["trigger"] = echoed_trigger(trigger)
    names = {"name": "name", "description": "description", "labels": "labels"}
    horizons = {"planning_horizon_days": "horizon_days", "planning_horizon_occurrences": "horizon_occurrences"}
    set_: dict[str, Any] = _given(cast("Mapping[str, Any]", params), names | horizons)
    return Change(lambda plan: replace(plan, **planned), lambda settings: replace(settings, **set_), params.get("expected_revision"))


def _given(params: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the members that are there and not null, by the names of their fields."""
    return {field: params[name] for name, field in names.items() if params.get(name) is not None}
