"""Whether a script fits the tools that the model is offered: names that nobody registered, arguments that a tool does not take.

Known only when the script is played, as the tools are the application's.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, cast

from meerkat_mock.scenario.conformity import check
from meerkat_mock.scenario.placeholders import names_in
from meerkat_mock.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from meerkat.wire.base import Json
    from meerkat_mock.scenario.models import Call, Round
    from meerkat_mock.scenario.talk import Script

    Tools = Mapping[str, Mapping[str, Json]]
    Where = Callable[..., str]


def tools_needed(script: Script, tools: Tools, where: Where) -> Iterator[Violation]:
    """Yield what `needs_tools` names and nobody registered."""
    for tool in script.needs_tools:
        if tool not in tools:
            message = f"{script.name} needs the tool `{tool}`, which nobody registered"
            fixes = (f"register `{tool}` before the first turn", "correct the name in `needs_tools`")
            yield Violation("tool_missing", where(*script.path, "needs_tools"), message, _nearest(tool, tools), fixes)


def calls_of(given: Round, tools: Tools, turn: str, *, is_last: bool, where: Where) -> Iterator[Violation]:
    """Yield what is wrong with the calls of a round. `where` gives the place of a path within the round.

    A call of a tool that nobody offers fails the turn, so rounds behind it can never be played; as the last round it is a model that
    invents a tool, which an application may meet.
    """
    for number, call in enumerate(given.call):
        place = where("call", number)
        if call.tool in tools:
            yield from _arguments(call, tools[call.tool], turn, place)
        elif not (is_last or call.given("result") or call.error is not None):
            message = f"{turn} calls the tool `{call.tool}`, which the model is not offered: the turn fails there, before its last round"
            fixes = (
                f"register `{call.tool}` before the turn",
                "correct the name in `call`",
                "to play a model that invents a tool, let this round be the last of its turn",
            )
            yield Violation("tool_missing", place, message, _nearest(call.tool, tools), fixes)


def _arguments(call: Call, tool: Mapping[str, Json], turn: str, place: str) -> Iterator[Violation]:
    args = cast("Json", call.args)
    if isinstance(args, str) or any(names_in(args)):
        return
    for problem in check(tool.get("input_schema", True), args):
        what = f"`{problem.path}` in the arguments" if problem.path else "the arguments"
        message = f"{turn} calls `{call.tool}` with what its `input_schema` does not allow: {what}: {problem.message}"
        fixes = ("correct the arguments", "correct the schema with which the tool is registered", "send wrong arguments as a text")
        yield Violation("bad_arguments", place, message, "", fixes)


def _nearest(name: str, tools: Tools) -> str:
    near = get_close_matches(name, tools, 3, 0.5)
    return ", ".join(near) or f"registered: {', '.join(sorted(tools)) or 'no tool'}"
