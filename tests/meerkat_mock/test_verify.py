"""`verify`: what must have crossed, whoever drove the mock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.mock import MeerkatMock
from meerkat_mock.violations import MockViolations

if TYPE_CHECKING:
    from meerkat import MeerkatClient


async def desk(client: MeerkatClient) -> None:
    @client.tool("look_up", description="", input_schema={"type": "object"})
    async def look_up(arguments: dict[str, Any]) -> str:
        return "there"

    session = await client.create_session("Where is 1042?")
    await session.archive()


async def verified(**wanted: object) -> str:
    """Return what `verify` holds against a conversation with one call of a tool, empty if nothing."""
    mock = MeerkatMock()
    mock.session().turn(call={"look_up": {"id": 1042}}).then(say="There.")
    mock.script.set(verify=wanted)
    async with mock.client() as client:
        await desk(client)
    mock.stop()
    try:
        mock.assert_clean()
    except MockViolations as violations:
        return "\n".join(f"{each.code} {each}" for each in violations.violations)
    return ""


@pytest.mark.parametrize(
    "wanted",
    [
        {"order": ["session/create", "tool:look_up", "run_completed", "session/archive"]},
        {"at_least": {"run_started": 1, "turn_started": 2}},
        {"at_most": {"session/create": 1, "session/list": 0}},
        {"never": ["turn/interrupt", "run_failed", "tool:delete"]},
        {"calls": {"look_up": [{"id": 1042}], "delete": []}},
    ],
)
async def test_what_holds_is_no_violation(wanted: dict[str, object]) -> None:
    assert await verified(**wanted) == ""


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"order": ["session/archive", "session/create"]}, "session/create did not come after session/archive"),
        ({"order": ["sesion/create"]}, "nearest: session/create"),
        ({"at_least": {"run_started": 2}}, "run_started came once, wanted at least 2"),
        ({"at_most": {"turn_started": 1}}, "turn_started came 2 times, wanted at most 1"),
        ({"never": ["tool:look_up"]}, "tool:look_up came once, wanted never"),
        ({"calls": {"look_up": [{"id": 7}]}}, "call 1 of look_up: id: wanted 7, got 1042"),
        ({"calls": {"look_up": []}}, "look_up was called once, wanted 0"),
    ],
)
async def test_what_does_not_hold_is_named(wanted: dict[str, object], words: str) -> None:
    found = await verified(**wanted)
    assert words in found
    assert found.startswith("verify ")
    assert "test_verify.py:" in found
