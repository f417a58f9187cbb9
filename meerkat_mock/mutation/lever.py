"""The one place where what is scripted can be changed on its way to the runtime: an answer, or another part of the scenario.

A plain global, because a mutation run changes every mock of the process alike. Nothing is changed unless somebody holds the lever.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator

    from meerkat.wire.base import JsonObject
    from meerkat_mock.scenario.document import Positions
    from meerkat_mock.world.model import AnswersModelRequests, ModelAnswer, ModelRequest


class ChangesAnswers(Protocol):
    """Whoever holds the lever."""

    def answer(self, player: AnswersModelRequests, request: ModelRequest) -> ModelAnswer:
        """Return what the runtime is given in place of the player's answer."""
        ...

    def scenario(self, data: JsonObject, positions: Positions) -> JsonObject:
        """Return the data that is played in place of a scenario's; its own is not to be altered."""
        ...


class Lever:
    """Passes answers on as they are, or by way of its holder."""

    def __init__(self) -> None:
        self._holder: ChangesAnswers | None = None

    def answer(self, player: AnswersModelRequests, request: ModelRequest) -> ModelAnswer:
        """Return the answer that the runtime is given."""
        return player.answer(request) if self._holder is None else self._holder.answer(player, request)

    def scenario(self, data: JsonObject, positions: Positions) -> JsonObject:
        """Return the data of the scenario that is played."""
        return data if self._holder is None else self._holder.scenario(data, positions)

    @contextmanager
    def held_by(self, holder: ChangesAnswers) -> Generator[None]:
        """Let `holder` decide for the length of a block."""
        before, self._holder = self._holder, holder
        try:
            yield
        finally:
            self._holder = before


LEVER = Lever()
