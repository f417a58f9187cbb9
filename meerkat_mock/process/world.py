"""The world of a process: what its flags, its environment and its scenario ask for."""

from __future__ import annotations

import json
import os
from functools import partial
from typing import TYPE_CHECKING, NoReturn, cast

from meerkat_mock.clock import DEFAULT_START, RealClock, VirtualClock, moment
from meerkat_mock.faults import UnknownFault
from meerkat_mock.journal import Journal
from meerkat_mock.process.commandline import Refused
from meerkat_mock.process.report import Report
from meerkat_mock.quirks import Quirks
from meerkat_mock.runtime import World
from meerkat_mock.scenario.document import ScenarioError
from meerkat_mock.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from meerkat.wire.base import Json
    from meerkat_mock.process.commandline import CommandLine
    from meerkat_mock.violations import Violation

FAULTS_VARIABLE = "MEERKAT_MOCK_FAULTS"
"""Names of the faults to turn on, with commas between them, where the command line names none."""
KILLED = 137
"""Exit code of a process that a fault ended: that of SIGKILL, as a shell shows it."""


def world_for(command: CommandLine, environ: Mapping[str, str] = os.environ) -> World:
    """Return the world of one process: real time and unpredictable ids unless told otherwise."""
    faults = command.faults or tuple(filter(None, environ.get(FAULTS_VARIABLE, "").split(",")))
    stage = _stage(command.scenario or environ.get("MEERKAT_MOCK_SCENARIO"), faults)
    scenario = stage.scenario
    start = scenario.clock.start
    own: list[Violation] = []
    report = Report(environ["MEERKAT_MOCK_JOURNAL"], stage, own) if environ.get("MEERKAT_MOCK_JOURNAL") else None
    journal = Journal(tell=report.line if report else None, tell_frame=report.frame if report else None, keeps=report is not None)
    if report is not None:
        report.journal = journal
    return World(
        clock=VirtualClock(moment(start) if start else DEFAULT_START) if command.virtual else RealClock(),
        seed=None,
        quirks=Quirks(scenario.fidelity, scenario.quirks),
        model=stage,
        realtime=stage.realtime,
        journal=journal,
        flags=command.flags,
        environ=environ,
        logins=_logins(environ.get("MEERKAT_MOCK_OAUTH", "")),
        scenario=scenario,
        stubs=stage.stubs,
        faults=stage.faults,
        timelines=stage.timelines,
        on_death=partial(_die, report),
        violations=own,
    )


def _die(report: Report | None, why: str, restart: bool) -> NoReturn:
    """Die at once, as a process does that is killed; starting another is the client's business."""
    if report is not None:
        report.summary()
    os._exit(KILLED)


def _stage(file: str | None, faults: Sequence[str]) -> Stage:
    """Return the stage of the scenario in a file, these faults turned on. Raises `Refused` with every finding."""
    stage = Stage()
    stage.turn_on(*faults)
    try:
        if file:
            stage.load(file)
        stage.follow()
    except (ScenarioError, OSError, UnknownFault) as error:
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
    return cast("dict[str, Json]", script)
