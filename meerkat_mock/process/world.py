"""The world of a process: what its flags, its environment and its scenario ask for."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from meerkat_mock.clock import RealClock, VirtualClock
from meerkat_mock.journal import Journal
from meerkat_mock.process.commandline import Refused
from meerkat_mock.process.report import Report
from meerkat_mock.quirks import Quirks
from meerkat_mock.runtime import World
from meerkat_mock.scenario.document import ScenarioError
from meerkat_mock.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meerkat.wire.base import Json
    from meerkat_mock.process.commandline import CommandLine


def world_for(command: CommandLine, environ: Mapping[str, str] = os.environ) -> World:
    """Return the world of one process: real time and unpredictable ids unless told otherwise."""
    stage = _stage(command.scenario or environ.get("MEERKAT_MOCK_SCENARIO"))
    scenario = stage.scenario
    report = Report(environ["MEERKAT_MOCK_JOURNAL"], stage) if environ.get("MEERKAT_MOCK_JOURNAL") else None
    return World(
        clock=VirtualClock() if command.virtual else RealClock(),
        seed=None,
        quirks=Quirks(scenario.fidelity, scenario.quirks),
        model=stage,
        realtime=stage.realtime,
        journal=Journal(tell=report.line if report else None),
        flags=command.flags,
        environ=environ,
        logins=_logins(environ.get("MEERKAT_MOCK_OAUTH", "")),
        scenario=scenario,
    )


def _stage(file: str | None) -> Stage:
    """Return the stage of the scenario in a file. Raises `Refused` with every finding."""
    stage = Stage()
    try:
        if file:
            stage.load(file)
    except (ScenarioError, OSError) as error:
        raise Refused(f"Error: the scenario cannot be played\n{error}", 1) from error
    return stage


def _logins(text: str) -> dict[str, Json]:
    """Return the script of the login endpoints. Raises `Refused` when the variable holds no JSON object."""
    if not text:
        return {}
    try:
        script = json.loads(text)
    except ValueError as error:
        raise Refused(f"Error: MEERKAT_MOCK_OAUTH is not JSON: {error}", 1) from error
    if not isinstance(script, dict):
        raise Refused('Error: MEERKAT_MOCK_OAUTH must be an object like {"devices": []}', 1)
    return script
