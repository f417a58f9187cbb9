"""Schedules: prompts at planned times, and what became of each (spec 05, section 2)."""

from __future__ import annotations

from typing import Any, cast

import meerkat
from meerkat.client.base import Surface, given
from meerkat.client.parameters import wire_value
from meerkat.parsing.schedules import parse_schedule, parse_schedule_list, parse_schedule_occurrences, parse_schedule_tools


class Schedules(Surface):
    """The methods about schedules."""

    async def create_schedule(self, request: dict[str, Any]) -> meerkat.ScheduleRecord:
        """Make a schedule (`schedule/create`)."""
        return parse_schedule(await self._request("schedule/create", wire_value(request)))

    async def get_schedule(self, schedule_id: str) -> meerkat.ScheduleRecord:
        """Return a schedule (`schedule/get`). Raises `ScheduleNotFoundError`."""
        return parse_schedule(await self._request("schedule/get", {"schedule_id": schedule_id}))

    async def list_schedules(
        self, *, labels: dict[str, str] | None = None, limit: int | None = None, offset: int | None = None
    ) -> meerkat.ScheduleListResult:
        """Return the schedules that have all these labels (`schedule/list`)."""
        return parse_schedule_list(await self._request("schedule/list", given(labels=labels, limit=limit, offset=offset)))

    async def update_schedule(self, request: dict[str, Any]) -> meerkat.ScheduleRecord:
        """Change a schedule (`schedule/update`). Raises `ScheduleNotFoundError`."""
        return parse_schedule(await self._request("schedule/update", wire_value(request)))

    async def pause_schedule(self, schedule_id: str) -> meerkat.ScheduleRecord:
        """Plan nothing more until resumed (`schedule/pause`). Raises `ScheduleNotFoundError`."""
        return parse_schedule(await self._request("schedule/pause", {"schedule_id": schedule_id}))

    async def resume_schedule(self, schedule_id: str) -> meerkat.ScheduleRecord:
        """Plan on (`schedule/resume`). Raises `ScheduleNotFoundError`."""
        return parse_schedule(await self._request("schedule/resume", {"schedule_id": schedule_id}))

    async def delete_schedule(self, schedule_id: str) -> meerkat.ScheduleRecord:
        """Delete a schedule (`schedule/delete`). Raises `ScheduleNotFoundError`."""
        return parse_schedule(await self._request("schedule/delete", {"schedule_id": schedule_id}))

    async def list_schedule_occurrences(
        self, schedule_id: str, *, include_terminal: bool | None = None
    ) -> meerkat.ScheduleOccurrencesResult:
        """Return the occurrences of a schedule (`schedule/occurrences`)."""
        params = {"schedule_id": schedule_id, **given(include_terminal=include_terminal)}
        return parse_schedule_occurrences(await self._request("schedule/occurrences", params))

    async def list_schedule_tools(self) -> meerkat.ScheduleToolsResult:
        """Return the tools about schedules that models are offered (`schedule/tools`)."""
        return parse_schedule_tools(await self._request("schedule/tools", {}))

    async def call_schedule_tool(self, request: meerkat.ScheduleToolCall) -> dict[str, Any]:
        """Call one of these tools as a model would (`schedule/call`)."""
        return await self._request("schedule/call", dict(cast("dict[str, Any]", request)))
