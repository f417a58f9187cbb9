# ruff: noqa: TC001 - pydantic reads the annotations when the classes are made
"""What happens over time: expectations about schedules, and scripts for live channels."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StrictInt

from meerkat_mock.scenario.kinds import is_list, is_object
from meerkat_mock.scenario.models.base import NOT_EMPTY, Chunks, Duration, Flag, Model, Name, Text, keys_of, one_of_keys
from meerkat_mock.scenario.models.matchers import TextMatcher
from meerkat_mock.scenario.models.rounds import Call, Pace, Usage

Phase = Literal[
    "pending", "claimed", "dispatching", "awaiting_completion", "completed", "skipped", "misfired", "superseded", "delivery_failed"
]
"""Phases of an occurrence (spec 05, section 1.8)."""


class ScheduleMatch(Model):
    """Which schedule a timeline is about."""

    name: TextMatcher | None = None


class Moment(Model):
    """A step of a timeline: time passes, then the occurrence that fell due is in this phase (`none`: nothing fell due)."""

    advance: Duration
    during: Literal["idle", "running"] | None = Field(default=None, alias="while")
    """What the target does meanwhile."""
    expect: Phase | Literal["none"] | None = None


class ScheduleScript(Model):
    """Expectations about one schedule on a timeline."""

    name: Name | None = None
    match: ScheduleMatch = ScheduleMatch()
    timeline: Annotated[tuple[Moment, ...], NOT_EMPTY]
    optional: Flag = False


class BargeIn(Model):
    """The user starts to speak after so much of the answer has been *played*."""

    played: Duration


class ProviderError(Model):
    """An error event of the realtime provider."""

    message: Text
    type: Name = "server_error"


class LiveStepFields(Model):
    """What a step may say; exactly one thing that happens."""

    hear: Text | None = None
    """What the user said: `audio` for any speech, else its transcript."""
    speak: Chunks | None = None
    """A spoken answer, a chunk per transcript delta."""
    write: Chunks | None = None
    """A written answer."""
    call: Call | None = None
    barge_in: BargeIn | None = None
    error: ProviderError | None = None
    wait: Duration | None = None
    close: Annotated[StrictInt, Field(ge=1000, le=4999)] | None = None
    usage: Usage | None = None
    pace: Pace | None = None


LIVE_STEPS = ("hear", "speak", "write", "call", "barge_in", "error", "wait", "close")
LiveStep = Annotated[LiveStepFields, one_of_keys(*LIVE_STEPS)]
"""One thing that happens on a live channel."""


class LiveMatch(Model):
    """Which channel a script serves."""

    session: Name | None = None
    model: TextMatcher | None = None
    system_prompt: TextMatcher | None = None


class LiveScriptFields(Model):
    """What the script of one live channel may say: its steps, or why the provider refuses it."""

    name: Name | None = None
    match: LiveMatch = LiveMatch()
    steps: Annotated[tuple[LiveStep, ...], NOT_EMPTY] = ()
    refuse: Literal["unreachable", "reset"] | ProviderError | None = None
    """Why the channel cannot be opened: the provider is not reached, breaks the connection, or answers with an error."""
    optional: Flag = False


LiveScript = Annotated[LiveScriptFields, one_of_keys("steps", "refuse")]
"""The script of one live channel."""


def lift_live(value: Any) -> Any:
    """Return the data of `live` as a list of scripts; a bare list of steps is one script for any channel."""
    steps = set(keys_of(LiveStepFields))
    if is_list(value) and value and all(is_object(item) and item.keys() & steps and "steps" not in item for item in value):
        return [{"steps": value}]
    return value
