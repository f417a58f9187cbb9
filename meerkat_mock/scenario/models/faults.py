# ruff: noqa: TC001 - pydantic reads the annotations when the classes are made
"""What can go wrong, by name: faults that a test turns on, answers of last resort, and what is checked at the end."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue, StrictInt

from meerkat_mock.scenario.models.base import Count, Data, Duration, Flag, Model, Name, Names, Positive, Text, one_of_keys
from meerkat_mock.scenario.models.matchers import Matcher


class When(Model):
    """Where a fault strikes, by meaning. `turn` and `round` count from 1; `after` counts events of a type since the turn began."""

    session: Name | None = None
    mob: Name | None = None
    member: Name | None = None
    channel: Name | None = None
    turn: Positive | None = None
    round: Positive | None = None
    request: Name | None = None
    """A method: the fault strikes at its request."""
    after: dict[Name, Positive] = Field(default_factory=dict)
    delay: Duration = 0


class Wire(Model):
    """What happens to the bytes: the connection closes, breaks or stalls; lines are split, joined, doubled or preceded by junk."""

    close: Literal["mid_line", "reset", "stall", "split", "coalesce", "duplicate", "junk"]
    at: Count | None = None
    """Bytes into the line; default: its middle."""


class RpcError(Model):
    """A JSON-RPC error."""

    nullable: ClassVar[frozenset[str]] = frozenset({"data"})

    code: StrictInt
    message: Text
    data: JsonValue = None


class Crash(Model):
    """The server dies; with `restart` a new one takes over the stored state."""

    restart: Flag = False
    delay: Duration = 0


class FaultFields(Model):
    """What a fault may say; exactly one kind of fault in it."""

    when: When = When()
    times: Positive = 1
    optional: Flag = False
    wire: Wire | None = None
    emit: Data | None = None
    error: RpcError | None = None
    crash: Crash | None = None
    race: Annotated[tuple[Name, Name], Field(description="two things that happen in this order")] | None = None
    overflow: Positive | None = None
    """Events that are lost."""
    slow_reader: Duration | None = None
    """Time that the reader takes for each line."""


FAULT_KINDS = ("wire", "emit", "error", "crash", "race", "overflow", "slow_reader")
Fault = Annotated[FaultFields, one_of_keys(*FAULT_KINDS)]
"""A named fault; off until a test, a marker or `--fault` turns it on."""


class StubFields(Model):
    """What a stub may say; a result or an error."""

    nullable: ClassVar[frozenset[str]] = frozenset({"result", "params"})

    method: Name
    params: Matcher = None
    result: JsonValue = None
    error: RpcError | None = None
    times: Positive | None = None
    optional: Flag = False


Stub = Annotated[StubFields, one_of_keys("result", "error")]
"""Answers a method with given JSON: the last resort."""


class Verify(Model):
    """Checked at the end, whoever drives the mock. Names are methods, `tool:NAME` or event types."""

    order: Names = ()
    at_least: dict[Name, Positive] = Field(default_factory=dict)
    at_most: dict[Name, Count] = Field(default_factory=dict)
    never: Names = ()
    calls: dict[Name, tuple[Matcher, ...]] = Field(default_factory=dict)
    """Per tool the arguments of every call, in order."""
