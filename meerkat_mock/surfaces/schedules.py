"""`schedule/*`: schedules and their occurrences, and the same once more under the names of tools (spec 05, section 1).

The two ways in share the book; they differ in how they read their params and in the codes of their refusals.
"""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypedDict, cast

from meerkat.wire.schedules import CreateScheduleRequest, UpdateScheduleParams
from meerkat_mock.contract.params import InvalidParams, decode_value
from meerkat_mock.schedule.agent_tools import ScheduleTools
from meerkat_mock.schedule.book import ScheduleBook, schedule_id_of
from meerkat_mock.schedule.delivery import Deliveries
from meerkat_mock.schedule.driver import Driver
from meerkat_mock.schedule.mobs import MobDeliveries
from meerkat_mock.schedule.refusals import DatesExhausted, ScheduleRefused
from meerkat_mock.schedule.requests import change_of, plan_of, settings_of
from meerkat_mock.schedule.tools import PREFIX, descriptors
from meerkat_mock.surfaces.registry import Fault, handles
from meerkat_mock.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping

    from meerkat.wire.base import Json
    from meerkat.wire.schedules import (
        ListSchedulesParams,
        Occurrence,
        Schedule,
        ScheduleIdParams,
        ScheduleListResult,
        ScheduleOccurrencesParams,
        ScheduleOccurrencesResult,
        ScheduleToolCallParams,
        ScheduleToolCallResult,
        ScheduleToolsResult,
    )
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.schedule.refusals import Reason
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.surfaces.registry import Call

_CODES: Mapping[Reason, int] = {"invalid": -32602, "unknown": -32023, "disabled": -32020}
_TOOL_CODES: Mapping[Reason, int] = {"invalid": -32602, "unknown": -32004, "disabled": -32001}
"""What the tool layer says: codes that mean other things everywhere else (spec 05, section 1.11)."""


class ScheduleIdArgs(TypedDict):
    """Arguments of most tools; the name shows in refusals."""

    schedule_id: str


class EmptyArgs(TypedDict):
    """Arguments of the listing tool; the name shows in refusals."""


class Schedules:
    """Answers from the book of schedules, and drives it."""

    def __init__(self, runtime: Runtime, sessions: SessionBook) -> None:
        self._runtime = runtime
        self._book = ScheduleBook(runtime)
        driver = Driver(runtime, self._book, Deliveries(sessions, MobDeliveries(runtime)))
        runtime.at_connection(driver.start)
        in_sessions = ScheduleTools(self._carry_out)
        sessions.surroundings.tool_sources.append(lambda session: in_sessions)

    # ---- the methods -----------------------------------------------------------------------------------------------------------------

    @handles("schedule/create")
    def create(self, params: CreateScheduleRequest, call: Call) -> Schedule | Awaitable[Schedule]:
        """Make a schedule and plan its first occurrences."""
        return self._answered(call, lambda: self._book.create(plan_of(params), settings_of(params)).wire())

    @handles("schedule/get")
    def get(self, params: ScheduleIdParams) -> Schedule:
        """Return a schedule, deleted ones too."""
        with _refusals(_CODES):
            return self._book.get(_id(params)).wire()

    @handles("schedule/list")
    def list_all(self, params: ListSchedulesParams) -> ScheduleListResult:
        """Return a page of the schedules that have all the given labels; deleted ones are left out."""
        with _refusals(_CODES):
            found = self._book.listed(params.get("labels") or {})
        start, limit = params.get("offset") or 0, params.get("limit")
        page = found[start:] if limit is None else found[start : start + limit]
        return {"schedules": [schedule.wire() for schedule in page]}

    @handles("schedule/update")
    def update(self, params: UpdateScheduleParams, call: Call) -> Schedule | Awaitable[Schedule]:
        """Change a schedule; a change of its plan starts a new revision."""
        return self._answered(call, lambda: self._book.update(_id(params), change_of(params)).wire())

    @handles("schedule/pause")
    def pause(self, params: ScheduleIdParams) -> Schedule:
        """Plan and claim nothing until resumed."""
        with _refusals(_CODES):
            return self._book.pause(_id(params)).wire()

    @handles("schedule/resume")
    def resume(self, params: ScheduleIdParams, call: Call) -> Schedule | Awaitable[Schedule]:
        """Go on; what has fallen due meanwhile is claimed at once."""
        return self._answered(call, lambda: self._book.resume(_id(params)).wire())

    @handles("schedule/delete")
    def delete(self, params: ScheduleIdParams) -> Schedule:
        """Delete a schedule; what was pending is superseded."""
        with _refusals(_CODES):
            return self._book.delete(_id(params)).wire()

    @handles("schedule/occurrences")
    def occurrences(self, params: ScheduleOccurrencesParams) -> ScheduleOccurrencesResult:
        """Return the occurrences of a schedule by due time; none for an unknown one."""
        terminal = params.get("include_terminal")
        with _refusals(_CODES):
            return {"occurrences": self._occurrences(_id(params), terminal=terminal is not False)}

    def _occurrences(self, schedule_id: str, *, terminal: bool = True) -> list[Occurrence]:
        return [each.wire() for each in self._book.occurrences(schedule_id, terminal=terminal)]

    def _answered(self, call: Call, work: Callable[[], Schedule]) -> Schedule | Awaitable[Schedule]:
        """Do what may leave the range of dates: such a call the server never answers (spec 05, section 1.10)."""
        try:
            with _refusals(_CODES):
                return work()
        except DatesExhausted as error:
            if not self._runtime.quirks.on("date_overflow_unanswered"):
                raise Fault(-32602, f"invalid trigger: {error}") from None
            self._runtime.violations.append(_unanswered(call, error))
            return asyncio.get_running_loop().create_future()

    # ---- the tools -------------------------------------------------------------------------------------------------------------------

    @handles("schedule/tools")
    def tools(self, params: object) -> ScheduleToolsResult:
        """Return the descriptors of the scheduling tools."""
        return {"tools": descriptors()}

    @handles("schedule/call")
    def call_tool(self, params: ScheduleToolCallParams, call: Call) -> ScheduleToolCallResult | Awaitable[ScheduleToolCallResult]:
        """Carry out a scheduling tool."""
        try:
            return self._carry_out(params["name"], params.get("arguments"))
        except DatesExhausted as error:
            if not self._runtime.quirks.on("date_overflow_unanswered"):
                raise Fault(-32602, f"invalid trigger: {error}") from None
            self._runtime.violations.append(_unanswered(call, error))
            return asyncio.get_running_loop().create_future()

    def _carry_out(self, name: str, arguments: Json) -> ScheduleToolCallResult:
        """Carry out a tool by its full name. Raises `Fault` with a code of the tool layer, `DatesExhausted`."""
        with _refusals(_TOOL_CODES):
            match name.removeprefix(PREFIX) if name.startswith(PREFIX) else "":
                case "create":
                    return self._tool_create(name, arguments)
                case "get":
                    return self._book.get(_argument_id(name, arguments)).wire()
                case "list":
                    return self._tool_list(name, arguments)
                case "update":
                    return self._tool_update(name, arguments)
                case "pause":
                    return self._book.pause(_argument_id(name, arguments)).wire()
                case "resume":
                    return self._book.resume(_argument_id(name, arguments)).wire()
                case "delete":
                    return self._book.delete(_argument_id(name, arguments)).wire()
                case "occurrences":
                    return {"occurrences": self._occurrences(_argument_id(name, arguments))}
                case _:
                    raise Fault(-32602, f"unknown schedule tool: {name}")

    def _tool_create(self, tool: str, arguments: Json) -> Schedule:
        params = cast("CreateScheduleRequest", _arguments(tool, CreateScheduleRequest, arguments))
        return self._book.create(plan_of(params), settings_of(params)).wire()

    def _tool_update(self, tool: str, arguments: Json) -> Schedule:
        params = cast("UpdateScheduleParams", _arguments(tool, UpdateScheduleParams, arguments))
        schedule_id = _tool_id(params["schedule_id"])
        return self._book.update(schedule_id, change_of(params)).wire()

    def _tool_list(self, tool: str, arguments: Json) -> ScheduleListResult:
        _arguments(tool, EmptyArgs, arguments)
        return {"schedules": [schedule.wire() for schedule in self._book.listed({})]}


@contextmanager
def _refusals(codes: Mapping[Reason, int]) -> Generator[None]:
    try:
        yield
    except ScheduleRefused as refused:
        raise Fault(codes[refused.reason], str(refused)) from None


def _id(params: ScheduleIdParams | UpdateScheduleParams | ScheduleOccurrencesParams) -> str:
    text = params["schedule_id"]
    try:
        return schedule_id_of(text)
    except ValueError as error:
        raise Fault(-32602, f"invalid schedule_id '{text}': {error}") from None


def _tool_id(text: str) -> str:
    try:
        return schedule_id_of(text)
    except ValueError as error:
        raise Fault(-32602, f"invalid schedule_id: {error}") from None


def _argument_id(tool: str, arguments: Json) -> str:
    return _tool_id(cast("ScheduleIdArgs", _arguments(tool, ScheduleIdArgs, arguments))["schedule_id"])


def _arguments(tool: str, wire_type: object, arguments: Json) -> Json:
    try:
        return decode_value(wire_type, arguments)
    except InvalidParams as error:
        raise Fault(-32602, f"invalid arguments for {tool}: {error}") from None


def _unanswered(call: Call, error: DatesExhausted) -> Violation:
    return Violation(
        "unanswered",
        f"request {call.request_id!r}",
        f"{call.method} is never answered, as by the server: {error}",
        fixes=("keep `every_seconds` and `planning_horizon_days` smaller", "turn the quirk `date_overflow_unanswered` off"),
    )
