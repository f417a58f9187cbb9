"""The scenario of one mock, as it is read and as a test adds to it, and whoever plays it.

A test may add scripts until the last moment: the player is told of every part that is new before it answers.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from meerkat_mock.faulting.places import Names
from meerkat_mock.faults import Faults
from meerkat_mock.mutation.lever import LEVER
from meerkat_mock.scenario.builder import ScenarioBuilder
from meerkat_mock.scenario.player import Player
from meerkat_mock.schedule.timelines import Timelines
from meerkat_mock.stubs import Stubs
from meerkat_mock.violations import Violation
from meerkat_mock.world.realtime_scripts import ScenarioRealtime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from meerkat.wire.base import Json
    from meerkat_mock.journal import Journal
    from meerkat_mock.scenario.document import Document
    from meerkat_mock.scenario.models import Scenario
    from meerkat_mock.world.model import ModelAnswer, ModelRequest

SUFFIX = ".mock.yaml"
DRAWN = "<drawn scenario>"
"""What findings call a scenario that was read from no file."""


class Stage:
    """What is on: the scenario so far, and its player as the runtime's model."""

    def __init__(self, look_in: Sequence[Path] = (), variables: Mapping[str, Json] | None = None) -> None:
        self.builder = ScenarioBuilder()
        self.builder.on_change = self._changed
        self._look_in = tuple(look_in)
        self._variables = dict(variables or {})
        self._loaded = False
        self._followed = -1
        self.on_change: Callable[[], None] | None = None
        """Called whenever the scenario has grown."""
        self.file: Path | None = None
        """The file that was loaded, if one was."""
        self.violations: list[Violation] = []
        self._player = Player(violations=self.violations)
        self.realtime = ScenarioRealtime(self._document, self._player.script_of, self.violations)
        """The realtime provider behind live channels."""
        self.timelines = Timelines(self._document)
        self.stubs = Stubs(self.violations)
        self.faults = Faults(self._names_of)

    def load(self, scenario: str | Path | Scenario) -> None:
        """Read a scenario file, or take a scenario that a strategy drew.

        Raises `ScenarioError` with every finding, `FileNotFoundError`, and `ValueError` for a second scenario.
        """
        if self.scripted:
            raise ValueError(
                "this mock has a scenario already; one file can take others with `include:`, and load() comes before session()"
            )
        self.builder = ScenarioBuilder(self._read(scenario))
        self.builder.on_change = self._changed
        self._loaded = True
        self._changed()

    def _read(self, scenario: str | Path | Scenario) -> Document:
        from meerkat_mock.scenario.reader import read, read_text, to_yaml

        if not isinstance(scenario, (str, Path)):
            return read_text(to_yaml(scenario), DRAWN, Path(), self._variables)
        self.file = self._found(Path(scenario))
        return read(self.file, self._variables)

    @property
    def scripted(self) -> bool:
        """True once anything was loaded or added."""
        return self._loaded or self.builder.revision > 0

    def _changed(self) -> None:
        if self.on_change is not None:
            self.on_change()

    def _found(self, name: Path) -> Path:
        """Return the file of a scenario: as given, or in one of the folders. Raises `FileNotFoundError` with the nearest name."""
        candidates = [name, *(folder / name for folder in self._look_in)]
        for candidate in candidates:
            if candidate.is_file():
                return candidate
        known = [file.name for folder in self._look_in if folder.is_dir() for file in sorted(folder.glob(f"*{SUFFIX}"))]
        near = difflib.get_close_matches(name.name, known, 1)
        hint = f"; did you mean {near[0]}?" if near else f"; there is: {', '.join(known)}" if known else ""
        looked = ", ".join(str(candidate.parent) for candidate in candidates)
        raise FileNotFoundError(f"no scenario {name} (looked in {looked}){hint}")

    @property
    def scenario(self) -> Scenario:
        """The model of the scenario so far. Raises `ScenarioError` with the lines of calls that are wrong."""
        return self.builder.scenario()

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        """Return the answer that is due, for the runtime."""
        self.follow()
        return LEVER.answer(self._player, request)

    def follow(self) -> None:
        """Hand whatever was added since the last look to those who play it; with nothing scripted they play without a document.

        Raises `ScenarioError`, `UnknownFault` for a fault that is turned on and not there, `ValueError` for variables that no file takes.
        """
        if self._variables and not self._loaded:
            names = ", ".join(self._variables)
            raise ValueError(f"vars= gives {names} to the `${{name}}` of a scenario file, and this mock has none; name it, or drop vars=")
        if not self.scripted:
            self.faults.follow(None)
        elif self._followed != self.builder.revision:
            self._followed = self.builder.revision
            document = self.builder.document()
            self._player.follow(document)
            self.stubs.follow(document)
            self.faults.follow(document)

    def turn_on(self, *faults: str) -> None:
        """Turn faults on by name; a name that is not there is told when the scenario is played."""
        self.faults.turn_on(*faults)
        self._followed = -1
        self._changed()

    def _names_of(self, session: str) -> Names:
        """Return the names by which a scenario may mean a session."""
        name = self._player.script_of(session)
        return Names(() if name is None else (name,), self.realtime.scripts_of(session))

    def unverified(self, journal: Journal) -> list[Violation]:
        """Return what `verify` wants and the journal does not show, and what timelines expected of schedules in vain."""
        if not self.scripted:
            return []
        from meerkat_mock.verify import verify

        document = self.builder.document()
        return [*verify(document.scenario.verify, journal, document.where), *self.timelines.violations()]

    def _document(self) -> Document | None:
        return self.builder.document() if self.scripted else None

    def unused(self) -> list[Violation]:
        """Return what never came into play."""
        self.follow()
        found = [*self._player.unused(), *self.realtime.unused(), *self.timelines.unused()]
        fixes = ("make the application come that far", "take the script away", "mark it `optional: true`")
        scripts = [Violation("unused", each.where, each.message, each.nearest, fixes) for each in found]
        return [*scripts, *self.stubs.unused(), *self.faults.unused()]
