# ruff: noqa: TC001 - pydantic reads the annotations when the classes are made
"""Scripts for conversations: which one a script serves, its turns, and what each turn asserts."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import JsonValue, SerializerFunctionWrapHandler, model_serializer, model_validator

from meerkat_mock.scenario.kinds import is_object
from meerkat_mock.scenario.models.base import NOT_EMPTY, Data, Flag, Model, Name, keys_of
from meerkat_mock.scenario.models.matchers import Matcher, TextMatcher
from meerkat_mock.scenario.models.rounds import Round

AfterLast = Literal["error", "repeat", "restart", "ok"]


class Match(Model):
    """Which conversation a script serves; tested once, when the conversation starts. Everything given must hold."""

    prompt: TextMatcher | None = None
    labels: Matcher = None
    model: TextMatcher | None = None
    provider: TextMatcher | None = None
    system_prompt: TextMatcher | None = None


class Expect(Model):
    """What must be true when a turn starts: an assertion, never a selector. `tools` is matched against the list of offered names."""

    prompt: Matcher = None
    output_schema: Matcher = None
    labels: Matcher = None
    model: TextMatcher | None = None
    provider: TextMatcher | None = None
    system_prompt: TextMatcher | None = None
    tools: Matcher = None


class Turn(Model):
    """What the model does for one prompt. A round's keys may stand here themselves: a turn of one round."""

    spelled: ClassVar[frozenset[str]] = frozenset(keys_of(Round))

    prompt: JsonValue = None
    """What `play` sends; a text or content blocks."""
    expect: Expect | None = None
    rounds: Annotated[tuple[Round, ...], NOT_EMPTY]
    optional: Flag = False

    @model_validator(mode="before")
    @classmethod
    def _one_round(cls, data: Any) -> Any:
        return lift_round(cls, data)

    @model_serializer(mode="wrap")
    def _shortest(self, handler: SerializerFunctionWrapHandler) -> Data:
        return lower_round(handler(self))


def lift_round(model: type[Model], data: Any) -> Any:
    """Return the data of a turn with the keys of a round, which stand in it themselves, moved into `rounds`."""
    if not is_object(data) or "rounds" in data:
        return data
    own = {key: value for key, value in data.items() if key not in model.spelled}
    return {**own, "rounds": [{key: value for key, value in data.items() if key in model.spelled}]}


def lower_round(data: Data) -> Data:
    """Return the data of a turn with a lone round spelled in the turn itself."""
    rounds = data.get("rounds")
    if isinstance(rounds, list) and len(rounds) == 1 and isinstance(rounds[0], dict):
        return {**{key: value for key, value in data.items() if key != "rounds"}, **rounds[0]}
    return data


class SessionScript(Model):
    """The script of one conversation (or, with `reuse`, of any number)."""

    name: Name | None = None
    match: Match = Match()
    needs_tools: tuple[Name, ...] = ()
    reuse: Flag = False
    after_last: AfterLast = "error"
    optional: Flag = False
    turns: Annotated[tuple[Turn, ...], NOT_EMPTY]
