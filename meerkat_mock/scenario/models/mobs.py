# ruff: noqa: TC001 - pydantic reads the annotations when the classes are made
"""Scripts for mobs: turns per member identity, how members come up, and what the steps of flows come to."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from meerkat_mock.scenario.kinds import is_object
from meerkat_mock.scenario.models.base import Data, Duration, Flag, Model, Name, Text, keys_of
from meerkat_mock.scenario.models.matchers import Matcher, TextMatcher
from meerkat_mock.scenario.models.rounds import Round
from meerkat_mock.scenario.models.sessions import AfterLast, Turn, lift_round, lower_round


class MobMatch(Model):
    """Which mob a script serves, by the id of its definition and by the mob's own id."""

    definition: TextMatcher | None = None
    mob: TextMatcher | None = None
    labels: Matcher = None


class Spawn(Model):
    """How a member comes up: after a delay, or not at all with this text."""

    delay: Duration = 0
    fail: Text | None = None


class MemberScript(Model):
    """What one member does, whoever prompts it."""

    spawn: Spawn | None = None
    turns: tuple[Turn, ...] = ()
    needs_tools: tuple[Name, ...] = ()
    after_last: AfterLast = "error"
    optional: Flag = False


class Step(Model):
    """What one step of a flow comes to: rounds of the member that gets it, after a delay, or a failure with this text."""

    spelled: ClassVar[frozenset[str]] = frozenset(keys_of(Round)) - {"fail"}

    rounds: tuple[Round, ...] = ()
    delay: Duration = 0
    fail: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_round(cls, data: Any) -> Any:
        return lift_round(cls, data) if is_object(data) and cls.spelled & data.keys() else data

    @model_validator(mode="after")
    def _one_outcome(self) -> Step:
        if self.fail is not None and self.rounds:
            raise ValueError("`fail` and rounds both say what the step comes to; keep one")
        return self

    @model_serializer(mode="wrap")
    def _shortest(self, handler: SerializerFunctionWrapHandler) -> Data:
        return lower_round(handler(self))


class MobScript(Model):
    """The script of one mob."""

    name: Name | None = None
    match: MobMatch = MobMatch()
    members: dict[Name, MemberScript] = Field(default_factory=dict)
    flows: dict[Name, dict[Name, Step]] = Field(default_factory=dict)
    reuse: Flag = False
    optional: Flag = False
