"""The desk on a mock: `pytest examples/desk`, and `meerkat-mock mutate -- pytest examples/desk` asks what these tests would not notice."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from examples.desk.desk import Desk, hear

if TYPE_CHECKING:
    from meerkat_mock import MeerkatMock


@pytest.mark.meerkat_mock("refund.mock.yaml")
async def test_a_refund_is_paid_once_and_spelled_out(meerkat_mock: MeerkatMock) -> None:
    desk = Desk()
    words = [word async for word in desk.spell("Refund order 1042")]
    assert words == ["Refunded ", "your teapot."]
    assert desk.refunds == [("1042", 19.5)]
    assert meerkat_mock.calls("issue_refund") == [{"id": "1042", "amount": 19.5}]


@pytest.mark.meerkat_mock("trouble.mock.yaml")
async def test_trouble_is_met_with_an_apology(meerkat_mock: MeerkatMock) -> None:
    assert await Desk().handle("Hello?") == "Sorry, please call us."
    assert await Desk().archive_size() is None


@pytest.mark.meerkat_mock("voice.mock.yaml")
async def test_a_spoken_question_is_answered_aloud(meerkat_mock: MeerkatMock) -> None:
    said = await asyncio.wait_for(hear("Where is my order?"), 3)
    assert said == ["On its way."]
