"""What a mock holds against a test: one shape for all of it, and one way to say it.

A violation is found by whoever sees it (the scenario's player, the runtime, the contract checks) and raised once, at the end, for all
of them together; so a test fails even if the application swallowed the error that went over the wire.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True)
class Violation:
    """One thing that the scenario or the contract did not allow: a value, kept for the end of the test.

    `code` is stable: `no_candidate`, `tie`, `expectation_failed`, `script_exhausted`, `tool_missing`, `bad_arguments`, `nothing_to_save`,
    `bad_round`, `unused`, `contract`, `grammar`, `crash`, `unanswered`, `runaway`, `hang`. `where` is `file:line` or the place in the
    conversation; `nearest` is what came closest; `fixes` are ways to mend it, best first.
    """

    code: str
    where: str
    message: str
    nearest: str = ""
    fixes: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.where}: {self.message}" if self.where else self.message]
        lines += [f"  nearest: {self.nearest}"] if self.nearest else []
        return "\n".join(lines + [f"  fix {number}: {fix}" for number, fix in enumerate(self.fixes, 1)])


class MockViolations(AssertionError):
    """Everything a mock held against a test."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        count = f"{len(violations)} violation{'s' if len(violations) != 1 else ''}"
        super().__init__(f"meerkat_mock found {count}:\n\n" + "\n\n".join(map(str, violations)))
        self.violations = tuple(violations)
