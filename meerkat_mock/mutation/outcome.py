"""What became of the mutants of a suite: killed if any test noticed, else a survivor, explained or not.

A survivor is explained by a comment `survives: WHY` on the line where the thing is scripted.
"""

from __future__ import annotations

import json
import linecache
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_EXPLAINED = re.compile(r"#.*?\bsurvives:\s*(.+)")


@dataclass(frozen=True)
class Survivor:
    """Something that can go wrong without any test noticing; `explained` is the comment on its line."""

    where: str
    what: str
    tests: tuple[str, ...]
    explained: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n    used by {', '.join(self.tests)}"


@dataclass
class Outcome:
    """The report of one mutation run."""

    tests: int = 0
    killed: int = 0
    survivors: list[Survivor] = field(default_factory=lambda: [])
    unreached: list[str] = field(default_factory=lambda: [])
    passed_over: list[str] = field(default_factory=lambda: [])

    @property
    def unexplained(self) -> list[Survivor]:
        """The survivors without an explanation."""
        return [each for each in self.survivors if not each.explained]

    def data(self) -> dict[str, object]:
        """Return the report as plain data."""
        survivors = [
            {"where": each.where, "what": each.what, "tests": list(each.tests), "explained": each.explained} for each in self.survivors
        ]
        return {
            "tests": self.tests,
            "killed": self.killed,
            "survivors": survivors,
            "unreached": self.unreached,
            "passed_over": self.passed_over,
        }


def outcome_of(lines: Iterable[str]) -> Outcome:
    """Return what the lines of a report come to."""
    outcome = Outcome()
    fates: dict[tuple[str, str], dict[str, str]] = {}
    for line in lines:
        entry = json.loads(line)
        if "mutants" in entry:
            outcome.tests += 1
        elif "passed_over" in entry:
            outcome.passed_over.append(f"{entry['test']}: {entry['passed_over']}")
        else:
            fates.setdefault((entry["where"], entry["what"]), {})[entry["test"]] = entry["outcome"]
    for (where, what), by_test in fates.items():
        if "killed" in by_test.values():
            outcome.killed += 1
        elif "survived" in by_test.values():
            tests = tuple(test for test, fate in by_test.items() if fate == "survived")
            outcome.survivors.append(Survivor(where, what, tests, _explanation(where)))
        else:
            outcome.unreached.append(f"{where}: {what}")
    return outcome


def _explanation(where: str) -> str:
    file, _, line = where.rpartition(":")
    found = _EXPLAINED.search(linecache.getline(file, int(line))) if line.isdigit() else None
    return found[1].strip() if found else ""
