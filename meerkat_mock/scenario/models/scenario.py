# ruff: noqa: TC001 - pydantic reads the annotations when the classes are made
"""The whole scenario: header, defaults, and every part of the world."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, JsonValue, StrictInt

from meerkat_mock.scenario.models.base import Chunking, Data, Flag, Model, Name, Text
from meerkat_mock.scenario.models.faults import Fault, Stub, Verify
from meerkat_mock.scenario.models.mobs import MobScript
from meerkat_mock.scenario.models.rounds import Pace, Usage
from meerkat_mock.scenario.models.sessions import SessionScript
from meerkat_mock.scenario.models.timelines import LiveScript, ScheduleScript, lift_live
from meerkat_mock.scenario.models.world import Approval, Artifact, Auth, Blob, McpServer, ModelEntry, Skill

FORMAT: Final = 1
CONTRACT: Final = "0.6.5"

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")


def _instant(value: str) -> str:
    if not _INSTANT.fullmatch(value):
        raise ValueError("needs a time like `2026-03-02T08:59:00Z`, with `Z` or an offset")
    datetime.fromisoformat(re.sub(r"\.\d+", "", value).upper().replace("Z", "+00:00"))
    return value


Instant = Annotated[Text, AfterValidator(_instant)]
"""A moment in RFC 3339."""


class ClockStart(Model):
    """Where the clock of the simulation starts."""

    start: Instant | None = None


class Defaults(Model):
    """What holds where a script says nothing."""

    unmatched: Literal["error", "auto"] = "error"
    pace: Pace | None = None
    chunk: Chunking = "whole"
    usage: Usage | None = None
    inline: Flag = False


class Scenario(Model):
    """Everything a scenario file says, once `include` and `vars` are resolved."""

    mock: Literal[1] = FORMAT
    contract: Literal["0.6.5"] = CONTRACT
    seed: StrictInt = 0
    clock: ClockStart = ClockStart()
    fidelity: Literal["server", "contract"] = "server"
    quirks: dict[Name, Flag] = Field(default_factory=dict)
    defaults: Defaults = Defaults()
    vars: dict[Name, JsonValue] = Field(default_factory=dict)
    config: Data = Field(default_factory=dict)
    models: tuple[ModelEntry, ...] = ()
    skills: tuple[Skill, ...] = ()
    realms: Data = Field(default_factory=dict)
    auth: Auth = Auth()
    mcp: tuple[McpServer, ...] = ()
    blobs: tuple[Blob, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    approvals: tuple[Approval, ...] = ()
    sessions: tuple[SessionScript, ...] = ()
    mobs: tuple[MobScript, ...] = ()
    schedules: tuple[ScheduleScript, ...] = ()
    live: Annotated[tuple[LiveScript, ...], BeforeValidator(lift_live)] = ()
    faults: dict[Name, Fault] = Field(default_factory=dict)
    stubs: tuple[Stub, ...] = ()
    verify: Verify = Verify()

    spelled: ClassVar[frozenset[str]] = frozenset({"include"})

    def session_name(self, index: int) -> str:
        """Return the name of the script at `index`, `session-1` and so on when it has none."""
        return self.sessions[index].name or f"session-{index + 1}"


def to_data(scenario: Scenario) -> Data:
    """Return the plain data of a scenario, as a file of the format holds it."""
    return scenario.to_data()


def from_data(data: Any) -> Scenario:
    """Return the scenario that plain data describes. Raises `pydantic.ValidationError`; the reader gives positions and hints."""
    return Scenario.model_validate(data)


@lru_cache(maxsize=1)
def no_scenario() -> Scenario:
    """Return the scenario in which nothing is scripted; one for all, as it cannot be changed."""
    return Scenario.model_validate({})
