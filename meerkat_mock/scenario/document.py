"""A scenario together with where each of its values was written, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from meerkat_mock.scenario.models import Scenario

Step = str | int
Steps = tuple[Step, ...]


@dataclass(frozen=True, order=True)
class Position:
    """A place in a file; line and column count from 1, 0 means unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return self.file
        return f"{self.file}:{self.line}:{self.column}" if self.column else f"{self.file}:{self.line}"

    @property
    def file_and_line(self) -> str:
        """Return `file:line`."""
        return f"{self.file}:{self.line}" if self.line else self.file


UNKNOWN = Position("<scenario>")


@dataclass(frozen=True)
class Positions:
    """Where values stand, by their path in the data. Steps that the data spells more briefly (`rounds`, 0) are skipped."""

    known: dict[Steps, Position] = field(default_factory=lambda: {})

    def at(self, path: Steps) -> Position:
        """Return the position of the value at `path`, or of the nearest value around it."""
        found: Steps = ()
        for step in path:
            if (*found, step) in self.known:
                found = (*found, step)
        return self.known.get(found, UNKNOWN)


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong with a scenario: place, stable code, what is wrong, and how to fix it."""

    file: str
    line: int
    column: int
    code: str
    message: str
    hint: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = str(Position(self.file, self.line, self.column))
        return f"{place}: {self.message}; {self.hint}" if self.hint else f"{place}: {self.message}"

    @classmethod
    def at(cls, position: Position, code: str, message: str, hint: str = "") -> Finding:
        """Return an error at `position`."""
        return cls(position.file, position.line, position.column, code, message, hint)


class ScenarioError(ValueError):
    """A scenario that cannot be used. `findings` holds everything that is wrong with it; `str()` shows one per line."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = sorted(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))


@dataclass(frozen=True)
class Document:
    """A readable scenario: the model, where its values stand, the folder that its paths are relative to, and the files read."""

    scenario: Scenario
    positions: Positions = Positions()
    folder: Path = Path()
    files: tuple[str, ...] = ()

    def where(self, *path: Step) -> str:
        """Return `file:line` of the value at `path`."""
        return self.positions.at(path).file_and_line


@dataclass(frozen=True)
class Unused:
    """A part of a scenario that never came into play, and the nearest thing that did happen."""

    where: str
    message: str
    nearest: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" + (f"; {self.nearest}" if self.nearest else "")
