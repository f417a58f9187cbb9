"""Processes that an application starts during a test: they find the drop-in executable first, play the same scenario, and report back.

Owns the folder with the executable (one per test process), the files a test shares with its children, and reading what they left.
"""

from __future__ import annotations

import atexit
import itertools
import json
import os
import shutil
import stat
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from meerkat_mock.violations import Violation

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject
    from meerkat_mock.journal import Direction, Journal
    from meerkat_mock.stage import Stage

EXECUTABLE = "rkat-rpc"
_NUMBERS = itertools.count(1)


@lru_cache(maxsize=1)
def executable_folder() -> Path:
    """Return a folder that holds an `rkat-rpc` which is the mock; it goes with this process."""
    folder = Path(tempfile.mkdtemp(prefix="meerkat-mock-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    program = folder / EXECUTABLE
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m meerkat_mock.dropin "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return folder


class Children:
    """The environment of one test's children, and what they report."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._journal: Path | None = None
        self._scenario: Path | None = None
        self._before: dict[str, str | None] = {}
        self._reports: list[JsonObject] = []
        self._read_to = 0

    def open(self) -> None:
        """Change the environment so that children land in the mock."""
        number = next(_NUMBERS)  # names instead of a folder of its own: making and removing one costs more than all the rest of a mock
        self._journal = executable_folder() / f"journal-{number}.jsonl"
        self._read_to = 0
        self._scenario = executable_folder() / f"scenario-{number}.mock.json"
        program = executable_folder() / EXECUTABLE
        self._set("PATH", f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}")
        self._set("MEERKAT_BIN_PATH", str(program))
        self._set("MEERKAT_MOCK_JOURNAL", str(self._journal))
        self._set("MEERKAT_MOCK_SCENARIO", str(self._scenario))
        self._set("MEERKAT_MOCK_FAULTS", "")
        self._stage.on_change = self._share
        self._share()

    def _set(self, name: str, value: str) -> None:
        self._before[name] = os.environ.get(name)
        os.environ[name] = value

    def _share(self) -> None:
        """Write the scenario as it stands where children look for it; without a scenario there is no file to find."""
        if self._scenario is None:
            return
        os.environ["MEERKAT_MOCK_FAULTS"] = ",".join(self._stage.faults.wanted)
        if not self._stage.scripted:
            os.environ["MEERKAT_MOCK_SCENARIO"] = ""
            return
        os.environ["MEERKAT_MOCK_SCENARIO"] = str(self._scenario)
        self._scenario.write_text(json.dumps(_without_verify(self._stage.builder.data)))

    def close(self, journal: Journal) -> None:
        """Restore the environment and read what the children left: their lines go into the journal. May be called twice."""
        if self._journal is None:
            return
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self.collect(journal)
        if self._read_to:
            self._journal.unlink(missing_ok=True)
        self._journal = self._scenario = None

    def collect(self, journal: Journal) -> None:
        """Read what the children have written since the last look."""
        file = self._journal
        if file is None or not file.is_file():
            return
        with file.open("rb") as lines:
            lines.seek(self._read_to)
            whole, newline, _ = lines.read().rpartition(b"\n")
        self._read_to += len(whole) + len(newline)
        for line in whole.splitlines():
            self._read(json.loads(line), journal)

    def _read(self, entry: JsonObject, journal: Journal) -> None:
        line, at, connection = entry.get("line"), entry.get("at"), entry.get("connection")
        frame = entry.get("frame")
        if isinstance(at, (int, float)) and isinstance(frame, (str, int)):
            journal.record_frame(at, str(entry.get("channel")), "in" if entry.get("direction") == "in" else "out", frame)
        elif not isinstance(line, str):
            self._reports.append(entry)
        elif isinstance(at, (int, float)) and isinstance(connection, int):
            process = entry["process"]
            number = connection + 1000 * process if isinstance(process, int) else connection
            direction: Direction = "in" if entry.get("direction") == "in" else "out"
            journal.record(at, number, direction, line.encode(), str(entry.get("mark", "")))

    @property
    def violations(self) -> list[Violation]:
        """What the children's scenario or the contract did not allow."""
        return [each for report in self._reports for each in _violations(report, "violations")]

    def still_unused(self, unused: list[Violation]) -> list[Violation]:
        """Return those of `unused` that no child has used either."""
        for report in self._reports:
            theirs = {(each.code, each.message) for each in _violations(report, "unused")}
            unused = [each for each in unused if (each.code, each.message) in theirs]
        return unused


def _without_verify(data: JsonObject) -> JsonObject:
    """Return a scenario for children: what all of them did together is verified by the mock that started them."""
    return {key: value for key, value in data.items() if key != "verify"}


def _violations(report: JsonObject, name: str) -> list[Violation]:
    entries = report.get(name)
    return [
        Violation(str(each["code"]), str(each["where"]), str(each["message"]), str(each["nearest"]), tuple(map(str, fixes)))
        for each in (entries if isinstance(entries, list) else [])
        if isinstance(each, dict) and isinstance(fixes := each.get("fixes"), list)
    ]
