"""`pytest --meerkat-coverage DIR`: what the tests of a run exercise of the contract, counted for `meerkat-mock coverage DIR`.

Every process of the run, a worker of pytest-xdist too, leaves a file of its own in DIR; counts are added up when they are read.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from meerkat_mock.coverage import KINDS, Coverage
from meerkat_mock.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from meerkat_mock.coverage import Kind
    from meerkat_mock.journal import Line

COUNTED: Final[tuple[Kind, ...]] = tuple(kind for kind in KINDS if kind != "values")
"""All but values of enumerations, which would cost more than the tests; they are counted from journals."""


class CountsLines:
    """Counts every line of this process, and writes the counts when the run ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._coverage = Coverage(COUNTED)
        Journal.witness = self._take

    def _take(self, journal: Journal, line: Line) -> None:
        self._coverage.take(f"{id(journal)} {line.connection}", "in" if line.direction == "in" else "out", line.data)

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Write the counts."""
        Journal.witness = None
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"coverage-{os.getpid()}.jsonl"
        with file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"coverage": self._coverage.data()}) + "\n")
