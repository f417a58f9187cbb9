"""The runtime's own tools, by name: the model may call them, overlays may name them, scenarios may answer for them.

None of them touches the machine. What a scenario does not answer is answered here as far as it follows from the simulation; everything
else is a tool error that says how to script it.
"""

from __future__ import annotations

import json
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from meerkat_mock.agent.ports import ToolOutcome
from meerkat_mock.clock import rfc3339
from meerkat_mock.session.tools import failed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from meerkat_mock.agent.ports import Event, JsonObject
    from meerkat_mock.clock import Clock
    from meerkat_mock.session.state import Session

_BUILTIN: Mapping[str, str] = {
    "task_list": "List the tasks of this session.",
    "task_create": "Add a task.",
    "task_get": "Show one task.",
    "task_update": "Change a task.",
    "datetime": "Tell the time.",
    "apply_patch": "Apply a patch to files.",
    "view_image": "Look at an image file.",
    "generate_image": "Make an image.",
    "blob_save_file": "Write a blob to a file.",
    "blob_load_file": "Make a blob of a file.",
    "blob_inspect": "Describe a blob.",
}
_SHELL: Mapping[str, str] = {
    "shell": "Run a command.",
    "shell_jobs": "List background jobs.",
    "shell_job_status": "Show one background job.",
    "shell_job_cancel": "Stop a background job.",
}
SCHEDULE_TOOLS: Mapping[str, str] = {
    "meerkat_schedule_create": "Plan a prompt for later: once at a time, every so many seconds, or by a calendar rule in a time zone.",
    "meerkat_schedule_get": "Show one schedule with its trigger, its target, its state and the time of its next occurrence.",
    "meerkat_schedule_list": "List the schedules of this realm, the newest first; filter by state, by target or by a part of the name.",
    "meerkat_schedule_update": "Change trigger, prompt, policies or name of a schedule; what is left out stays as it was before.",
    "meerkat_schedule_pause": "Plan no further occurrences of a schedule until it is resumed; those already running go on.",
    "meerkat_schedule_resume": "Go on with a paused schedule from now on; what was missed in between is handled by its policy.",
    "meerkat_schedule_delete": "End a schedule for good; its past occurrences can still be listed, none is planned any more.",
    "meerkat_schedule_occurrences": "List past and planned occurrences of one schedule with the state, the times and the outcome of each.",
}
"""The tools that every session has, whatever its switches say, as its system prompt names them (spec 02, section 2.7)."""


class BuiltinTools:
    """The builtin tools of one session, as its `enable_*` switches leave them (spec 01, section 11.1; spec 02, section 2.1)."""

    def __init__(self, session: Session, clock: Clock) -> None:
        switches = session.options.builtins
        self._tools = _tools(switches.builtins is not False, switches.shell is not False)
        self._clock = clock

    def visible(self) -> Mapping[str, JsonObject]:
        """Return the definitions by name."""
        return self._tools

    async def call(self, call_id: str, name: str, arguments: JsonObject) -> ToolOutcome:
        """Answer what the simulation knows; refuse the rest with the way to script it."""
        if name == "datetime":
            now = self._clock.now()
            told = json.dumps({"iso8601": rfc3339(now), "unix_timestamp": int(now)}, separators=(",", ":"))
            return ToolOutcome(({"type": "text", "text": told},))
        return failed("tool_unavailable", f"Tool '{name}' unavailable: this simulation has no {name}; script its answer with `result:`")

    def changes(self, turn_number: int) -> Sequence[Event]:
        """Builtin tools never change."""
        return ()

    def finished_jobs(self) -> Sequence[Event]:
        """No job ever runs."""
        return ()


@cache
def _tools(builtins: bool, shell: bool) -> Mapping[str, JsonObject]:
    """Return the definitions of one setting of the switches, shared by all sessions that have it."""
    names = {**(_BUILTIN if builtins else {}), **(_SHELL if shell else {})}
    return MappingProxyType({name: _definition(name, text) for name, text in names.items()})


def _definition(name: str, text: str) -> JsonObject:
    return {
        "name": name,
        "description": text,
        "input_schema": {"type": "object"},
        "provenance": {"kind": "builtin", "source_id": "builtin"},
    }
