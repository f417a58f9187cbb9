"""The pytest side of `meerkat-mock mutate`: a test runs once as it is, then once per thing that can go wrong in what it used.

Loaded by the verb alone. What comes out is appended to the file named by `MEERKAT_MOCK_MUTATION`, a JSON object per line. The repeated
runs share the process: what an application keeps between tests it also keeps between these.
"""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from _pytest.runner import runtestprotocol

from meerkat_mock.mutation.altering import Watcher
from meerkat_mock.mutation.lever import LEVER
from meerkat_mock.violations import MockViolations

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType

    from meerkat_mock.mutation.altering import Holder
    from meerkat_mock.violations import Violation

VARIABLE: Final = "MEERKAT_MOCK_MUTATION"
PATIENCE_S: Final = 10.0
"""How long a mutated run may take at least; ten times as long as the run before, if that is more."""
_OF_THE_SCRIPT: Final = frozenset({"script_exhausted", "unused", "no_candidate", "nothing_to_save", "bad_round"})
"""Violations that a mutant itself causes: they say nothing about the test."""


class HungRun(BaseException):
    """A mutated run that does not end. No `Exception`, so that no application swallows it."""


def pytest_configure(config: pytest.Config) -> None:
    """Begin the report."""
    config.pluginmanager.register(_Mutation(os.environ[VARIABLE]), "meerkat_mock_mutation")


@dataclass(frozen=True)
class _Runs:
    """How a test is run again."""

    item: pytest.Item
    nextitem: pytest.Item | None
    patience_s: float


class _Mutation:
    def __init__(self, file: str) -> None:
        self._file = file
        self._killed: set[tuple[str, str]] = set()
        self._noticed = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Run a test that uses the fixture many times, and report its first run."""
        if "meerkat_mock" not in getattr(item, "fixturenames", ()):
            return None
        if any("delivery" in marker.kwargs for marker in item.iter_markers("meerkat_mock")):
            self._tell({"test": item.nodeid, "passed_over": "it runs under many orders of delivery"})
            return None
        watcher, began = Watcher(), time.monotonic()
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        with LEVER.held_by(watcher):
            reports = runtestprotocol(item, log=True, nextitem=nextitem)
        if all(report.passed for report in reports):
            self._mutate(_Runs(item, nextitem, max(PATIENCE_S, 10 * (time.monotonic() - began))), watcher)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def _mutate(self, runs: _Runs, watcher: Watcher) -> None:
        found = list(watcher.mutants())
        self._tell({"test": runs.item.nodeid, "mutants": len(found)})
        if not found:
            self._tell({"test": runs.item.nodeid, "passed_over": "no script answered it in this process"})
        for where, what, holder in found:
            self._tell({"test": runs.item.nodeid, "where": where, "what": what, "outcome": self._try(runs, (where, what), holder)})

    def _try(self, runs: _Runs, key: tuple[str, str], alterer: Holder) -> str:
        """Return `killed`, `survived`, or `unreached` when the run did not come to the place this time."""
        if key in self._killed:
            return "killed"
        self._noticed = False
        try:
            with LEVER.held_by(alterer), _patience(runs.patience_s):
                runtestprotocol(runs.item, log=False, nextitem=runs.nextitem)
        except HungRun:
            self._noticed = True
        if self._noticed:
            self._killed.add(key)
            return "killed"
        return "survived" if alterer.reached else "unreached"

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, call: pytest.CallInfo[None]) -> None:
        """Note whether a run failed by anything but what the mutant itself breaks in the script."""
        if call.excinfo is None or call.excinfo.errisinstance(pytest.skip.Exception):
            return
        error = call.excinfo.value
        own = isinstance(error, MockViolations) and all(map(_of_the_script, error.violations))
        self._noticed = self._noticed or not own

    def _tell(self, entry: dict[str, Any]) -> None:
        with open(self._file, "a", encoding="utf-8") as lines:
            lines.write(json.dumps(entry) + "\n")


def _of_the_script(violation: Violation) -> bool:
    return violation.code in _OF_THE_SCRIPT or (violation.code == "contract" and bool(violation.where))


@contextmanager
def _patience(seconds: float) -> Generator[None]:
    """Raise `HungRun` in the block when it takes longer; only where the system has an alarm clock."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise HungRun(f"no end after {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
