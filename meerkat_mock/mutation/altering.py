"""Holders of the lever: one that watches what a test uses, one that makes one thing in it go wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from meerkat_mock.mutation.mutants import mutants_of
from meerkat_mock.world.model import ProviderFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import Json
    from meerkat_mock.mutation.mutants import Mutant
    from meerkat_mock.world.model import AnswersModelRequests, ModelAnswer, ModelRequest


class Watcher:
    """Changes nothing and remembers every answer."""

    def __init__(self) -> None:
        self._answers: list[ModelAnswer] = []

    def answer(self, player: AnswersModelRequests, request: ModelRequest) -> ModelAnswer:
        """Return the player's answer."""
        answer = player.answer(request)
        self._answers.append(answer)
        return answer

    def mutants(self) -> Iterator[tuple[int, Mutant]]:
        """Yield every mutant of what was seen, with the number of its answer, from 1."""
        for number, answer in enumerate(self._answers, 1):
            for mutant in mutants_of(answer):
                yield number, mutant


class Alterer:
    """Lets answer number `number` of a run go wrong."""

    def __init__(self, number: int, mutant: Mutant) -> None:
        self._number = number
        self._mutant = mutant
        self._given = 0
        self._next: list[ModelAnswer] = []
        self.reached = False
        """True once the thing has gone wrong."""

    def answer(self, player: AnswersModelRequests, request: ModelRequest) -> ModelAnswer:
        """Return the player's answer, or what has become of it."""
        if self._next:
            return self._next.pop(0)
        answer = player.answer(request)
        self._given += 1
        if self._given != self._number or answer.source != self._mutant.where:
            return answer
        self.reached = True
        change = self._mutant.change
        if not isinstance(change, str):
            return change(answer)
        if change != "drop":
            self._next.append(answer)
        return answer if change == "duplicate" else player.answer(_after(request, answer))


def _after(request: ModelRequest, answer: ModelAnswer) -> ModelRequest:
    """Return the request that would follow an answer: by its messages the player knows that the round is over."""
    if isinstance(answer.ending, ProviderFailure):
        return request
    calls: list[Json] = [{"block_type": "tool_use", "data": {"id": call.id, "name": call.name, "args": {}}} for call in answer.calls]
    return replace(request, messages=[*request.messages, {"role": "block_assistant", "blocks": calls}])
