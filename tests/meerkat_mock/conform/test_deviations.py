"""A server with one thing wrong is always caught: by the conversations that the verb generates, wherever the wrong thing shows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from meerkat_mock.conform.generating import conversations
from meerkat_mock.conform.player import play
from meerkat_mock.conform.rehearsal import rehearse
from tests.meerkat_mock.conform.wrong_server import DEVIATIONS, WrongRoad, shows, wrong

if TYPE_CHECKING:
    from meerkat_mock.conform.golden import Golden

PATIENCE = 0.1
ENOUGH = 2
"""Conversations that must show a deviation, each of them."""


@pytest.fixture(scope="module")
def rehearsed() -> list[Golden]:
    """Return what the mock says is to come of each conversation, those that a user gets who asks for no others."""

    async def all_of_them() -> list[Golden]:
        return [await rehearse(steps, f"generated/{number}") for number, steps in enumerate(conversations(0, 50))]

    return asyncio.run(all_of_them())


def test_there_are_enough_deviations_over_all_surfaces() -> None:
    assert len(DEVIATIONS) >= 20


@pytest.mark.parametrize("name", DEVIATIONS)
async def test_a_deviation_is_caught_wherever_it_shows(name: str, rehearsed: list[Golden]) -> None:
    showing = [golden for golden in rehearsed if shows(name, golden)][:ENOUGH]
    assert showing, f"no conversation shows {name}"
    for golden in showing:
        made: list[WrongRoad] = []
        outcome = await play(golden, wrong(name, made), PATIENCE)
        assert made[0].fired
        assert outcome.differences, f"{name} went unseen in {golden.name}"
