"""Holders of the lever: one that watches what a test uses, one that makes one thing in it go wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from meerkat_mock.mutation.mutants import mutants_of
from meerkat_mock.mutation.things import things_of
from meerkat_mock.world.model import ProviderFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.mutation.mutants import Mutant
    from meerkat_mock.mutation.things import Thing
    from meerkat_mock.scenario.document import Positions
    from meerkat_mock.world.model import AnswersModelRequests, ModelAnswer, ModelRequest


class Holder(Protocol):
    """Holds the lever for one run in which one thing goes wrong."""

    reached: bool
    """True once the thing has gone wrong."""

    def answer(self, player: AnswersModelRequests, request: ModelRequest) -> ModelAnswer:
        """Return the answer that the runtime is given."""
        ...

    def scenario(self, data: JsonObject, positions: Positions) -> JsonObject:
        """Return the data of the scenario that is played."""
        ...


class Watcher:
    """Changes nothing and remembers every answer and every scenario."""

    def __init__(self) -> None:
        self._answers: list[ModelAnswer] = []
        self._scenarios: dict[int, tuple[JsonObject, Positions]] = {}

    def answer(self, player: AnswersModelRequests, request: ModelRequest) -> ModelAnswer:
        """Return the player's answer."""
        answer = player.answer(request)
        self._answers.append(answer)
        return answer

    def scenario(self, data: JsonObject, positions: Positions) -> JsonObject:
        """Return the data as it is."""
        self._scenarios[id(data)] = data, positions
        return data

    def mutants(self) -> Iterator[tuple[str, str, Holder]]:
        """Yield every mutant of what was seen: where it is scripted, what happens, and who lets it happen."""
        for number, answer in enumerate(self._answers, 1):
            for mutant in mutants_of(answer):
                yield mutant.where, mutant.what, Alterer(number, mutant)
        for data, positions in self._scenarios.values():
            for thing in things_of(data, positions):
                yield thing.where, thing.what, PartAlterer(thing)


class PartAlterer:
    """Lets a part of the scenario go wrong that is no answer of a model."""

    def __init__(self, thing: Thing) -> None:
        self._thing = thing
        self.reached = False

    def answer(self, player: AnswersModelRequests, request: ModelRequest) -> ModelAnswer:
        """Return the player's answer."""
        return player.answer(request)

    def scenario(self, data: JsonObject, positions: Positions) -> JsonObject:
        """Return the data with the change, if it is the scenario of the thing."""
        thing = self._thing
        changed = thing.applied(data) if positions.at(thing.path).file_and_line == thing.where else None
        self.reached = self.reached or changed is not None
        return data if changed is None else changed


class Alterer:
    """Lets answer number `number` of a run go wrong."""

    def __init__(self, number: int, mutant: Mutant) -> None:
        self._number = number
        self._mutant = mutant
        self._given = 0
        self._next: list[ModelAnswer] = []
        self.reached = False

    def scenario(self, data: JsonObject, positions: Positions) -> JsonObject:
        """Return the data as it is."""
        return data

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
