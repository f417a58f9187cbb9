"""A server with one thing wrong is always caught: by the conversations that the verb generates, wherever the wrong thing shows."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from meerkat_mock.conform.generating import conversations
from meerkat_mock.conform.player import play
from meerkat_mock.conform.rehearsal import rehearse
from tests.meerkat_mock.conform.wrong_server import DEVIATIONS, WrongRoad, shows, wrong

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meerkat_mock.conform.golden import Golden

PATIENCE = 0.1
ENOUGH = 2
"""Conversations that must show a deviation, each of them."""


class Rehearsed:
    """Generated conversations with what the mock says is to come of each; only as many as are looked at."""

    def __init__(self) -> None:
        self._waiting = iter(conversations(0, 63))
        self._goldens: list[Golden] = []

    async def showing(self, name: str) -> AsyncIterator[Golden]:
        """Yield those that have what a deviation changes."""
        for index in itertools.count():
            if index == len(self._goldens):
                if (steps := next(self._waiting, None)) is None:
                    return
                self._goldens.append(await rehearse(steps, f"generated/{index}"))
            if shows(name, self._goldens[index]):
                yield self._goldens[index]


@pytest.fixture(scope="module")
def rehearsed() -> Rehearsed:
    return Rehearsed()


def test_there_are_enough_deviations_over_all_surfaces() -> None:
    assert len(DEVIATIONS) >= 20


@pytest.mark.parametrize("name", DEVIATIONS)
async def test_a_deviation_is_caught_wherever_it_shows(name: str, rehearsed: Rehearsed) -> None:
    seen = 0
    async for golden in rehearsed.showing(name):
        made: list[WrongRoad] = []
        outcome = await play(golden, wrong(name, made), PATIENCE)
        assert made[0].fired
        assert outcome.differences, f"{name} went unseen in {golden.name}"
        seen += 1
        if seen == ENOUGH:
            return
    assert seen, f"no conversation shows {name}"
