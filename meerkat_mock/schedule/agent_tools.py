"""The scheduling tools in the hands of a model: every session has them, and what they make is real (spec 05, section 1.11)."""

from __future__ import annotations

import json
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from meerkat_mock.agent.ports import ToolOutcome
from meerkat_mock.schedule.refusals import DatesExhausted
from meerkat_mock.schedule.tools import descriptors
from meerkat_mock.session.builtins import SCHEDULE_TOOLS
from meerkat_mock.session.tools import failed
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from meerkat_mock.agent.ports import Event, JsonObject

    Ask = Callable[[str, JsonObject], object]
    """Carries out a tool, its name and its arguments given, and returns JSON. Raises `Fault`, `DatesExhausted`."""


class ScheduleTools:
    """The same for every session: it keeps nothing."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def visible(self) -> Mapping[str, JsonObject]:
        """Return the definitions by name."""
        return _definitions()

    async def call(self, call_id: str, name: str, arguments: JsonObject) -> ToolOutcome:
        """Carry out a tool. Assumption: a model is told of a refusal as of any tool that fails."""
        try:
            result = self._ask(name, arguments)
        except Fault as fault:
            return failed("execution_failed", f"Tool execution failed: {fault.error.message}")
        except DatesExhausted as error:
            return failed("execution_failed", f"Tool execution failed: {error}")
        return ToolOutcome(({"type": "text", "text": json.dumps(result, ensure_ascii=False, separators=(",", ":"))},))

    def changes(self, turn_number: int) -> Sequence[Event]:
        """These tools never change."""
        return ()

    def finished_jobs(self) -> Sequence[Event]:
        """They start no job."""
        return ()


@cache
def _definitions() -> Mapping[str, JsonObject]:
    """Return the definitions: the schemas of `schedule/tools` under the descriptions that the system prompt gives."""
    schemas = {each["name"]: each["inputSchema"] for each in descriptors()}
    return MappingProxyType({name: _definition(name, text, schemas[name]) for name, text in SCHEDULE_TOOLS.items()})


def _definition(name: str, text: str, schema: JsonObject) -> JsonObject:
    provenance: JsonObject = {"kind": "builtin", "source_id": "builtin"}
    return {"name": name, "description": text, "input_schema": schema, "provenance": provenance}
