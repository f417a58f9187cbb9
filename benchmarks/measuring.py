"""How a figure is measured: its sides take turns, so that whatever else the machine does meets all of them alike; the median counts."""

from __future__ import annotations

import os
import stat
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CLIENTS = Path(__file__).parent / "clients"
ROUNDS = 5
LIMIT_SECONDS = 300
"""A measurement that takes longer is broken."""

Side = Callable[[], float]


@dataclass(frozen=True)
class Figure:
    """One promise and what came of it: `value` is to be at most, or at least, `limit`."""

    what: str
    value: float
    sense: Literal["≤", "≥"]
    limit: float
    unit: str = "×"
    detail: str = ""

    @property
    def kept(self) -> bool:
        """Whether the promise is kept."""
        return self.value <= self.limit if self.sense == "≤" else self.value >= self.limit


def medians(rounds: int = ROUNDS, **sides: Side) -> dict[str, float]:
    """Run all sides in turn, `rounds` times after one for warmth, and return the median of each."""
    for side in sides.values():
        side()
    runs: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, side in sides.items():
            runs[name].append(side())
    return {name: statistics.median(values) for name, values in runs.items()}


def printed_by(*command: str | Path, env: Mapping[str, str] | None = None) -> Side:
    """Return a side that runs a command, far from the checkout so that nothing is imported from there, and takes the number it prints."""

    def side() -> float:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        done = subprocess.run(
            [str(word) for word in command],
            cwd=tempfile.gettempdir(),
            env={**clean, **(env or {})},
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{done.stderr}")
        return float(done.stdout)

    return side


@contextmanager
def tape(events: int) -> Iterator[dict[str, str]]:
    """Yield an environment in which the server is a tape with so many events."""
    with tempfile.TemporaryDirectory() as folder:
        server = Path(folder, "tape")
        server.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{CLIENTS / "tape.py"}"\n', encoding="utf-8")
        server.chmod(server.stat().st_mode | stat.S_IXUSR)
        yield {"MEERKAT_BIN_PATH": str(server), "TAPE_EVENTS": str(events)}


def own_python() -> Path:
    """Return the interpreter of this environment, where our SDK is."""
    return Path(sys.executable)
