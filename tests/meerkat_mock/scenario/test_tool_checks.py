"""A script that does not fit the tools of the application fails the test, also where the application swallows what goes wrong."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import MeerkatError
from meerkat_mock.mock import MeerkatMock

if TYPE_CHECKING:
    from pathlib import Path

    from meerkat_mock.violations import Violation

TOOL = {"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"]}


async def found(tmp_path: Path, rounds: str, **tools: dict[str, Any]) -> list[Violation]:
    file = tmp_path / "a.mock.yaml"
    file.write_text(f"sessions:\n - turns:\n    - rounds:\n{rounds}")
    mock = MeerkatMock(file)
    async with mock.client() as client:
        for name, schema in tools.items():
            client.tool(name, description="", input_schema=schema)(answer)
        with contextlib.suppress(MeerkatError):
            await client.create_session("go")
    return mock.violations


async def answer(arguments: dict[str, Any]) -> str:
    return "done"


async def test_a_call_of_a_tool_that_nobody_registered_is_a_violation_with_the_nearest(tmp_path: Path) -> None:
    (violation,) = await found(tmp_path, "       - call: [{lokup: {id: 1}}]\n       - say: never said", lookup=TOOL)
    assert (violation.code, violation.nearest) == ("tool_missing", "lookup")
    assert violation.where.endswith("a.mock.yaml:4")
    assert "turn 1 of session-1 calls the tool `lokup`" in violation.message


@pytest.mark.parametrize(
    "rounds",
    [
        "       - call: [{invented: {}}]",
        "       - call: [{tool: web_search, args: {}, result: none}]\n       - say: b",
        "       - call: [{lookup: {id: 1}}]\n       - say: b",
        '       - call: [{tool: lookup, args: \'{"id": "x"}\'}]\n       - say: b',
    ],
    ids=["a model that invents a tool", "a tool of the runtime", "what fits", "wrong arguments as a text"],
)
async def test_what_is_meant_so_is_none(tmp_path: Path, rounds: str) -> None:
    assert await found(tmp_path, rounds, lookup=TOOL) == []


async def test_arguments_that_break_the_registered_schema_are_a_violation(tmp_path: Path) -> None:
    (violation,) = await found(tmp_path, "       - call: [{lookup: {id: x}}]\n       - say: b", lookup=TOOL)
    assert violation.code == "bad_arguments"
    assert "calls `lookup` with what its `input_schema` does not allow: `id` in the arguments: must be integer" in violation.message
    assert "send wrong arguments as a text" in str(violation)
