"""The mock holds its own runs against the run grammar while it plays them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.agent import loop
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.violations import MockViolations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat_mock.agent.ports import Event, Say

RUN = loop.LiveAgent.run


async def _one_turn() -> None:
    async with MeerkatMock() as mock, mock.client() as client:
        await client.create_session('@script[{"say":["a ","b ","c"]}]')


async def test_a_lawful_run_is_no_violation() -> None:
    await _one_turn()


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ("turn_started", "does not belong here"),
        ("text_complete", "text deltas without a text_complete"),
        ("run_completed", "the run has no end"),
    ],
)
async def test_an_event_that_the_mock_forgets_is_a_violation(monkeypatch: pytest.MonkeyPatch, lost: str, told: str) -> None:
    async def forgetful(self: Any, given: Any, record: Any, say: Say) -> None:
        async def most(burst: Sequence[Event]) -> None:
            await say([event for event in burst if event["type"] != lost])

        await RUN(self, given, record, most)

    monkeypatch.setattr(loop.LiveAgent, "run", forgetful)
    with pytest.raises(MockViolations, match=told) as caught:
        await _one_turn()
    assert "grammar" in {violation.code for violation in caught.value.violations}


async def test_a_delta_that_the_mock_changes_is_a_violation(monkeypatch: pytest.MonkeyPatch) -> None:
    async def garbling(self: Any, given: Any, record: Any, say: Say) -> None:
        async def garbled(burst: Sequence[Event]) -> None:
            await say([{**event, "delta": "x"} if event.get("delta") == "b " else event for event in burst])

        await RUN(self, given, record, garbled)

    monkeypatch.setattr(loop.LiveAgent, "run", garbling)
    with pytest.raises(MockViolations, match="the deltas before it say 'a xc'"):
        await _one_turn()
