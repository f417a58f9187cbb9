"""`meerkat-mock mutate`: what can go wrong in the scripts of a suite without any test noticing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from meerkat_mock.mutation.outcome import outcome_of

if TYPE_CHECKING:
    from meerkat_mock.mutation.outcome import Outcome

LOOK_EVERY_S = 0.1
"""How often the progress is looked at."""
_VARIABLE = "MEERKAT_MOCK_MUTATION"
_NO_TIMEOUT = {"PYTEST_TIMEOUT": "0"}
"""Keeps pytest-timeout from taking all runs of a test for one; each has a limit of its own."""


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a list.")
@click.argument("run", nargs=-1, required=True, metavar="-- pytest ...", type=click.UNPROCESSED)
def command(as_json: bool, run: tuple[str, ...]) -> None:
    """Drop, delay, duplicate, swap and corrupt one scripted thing at a time, and list what no test notices.

    Every test that uses the fixture `meerkat_mock` runs once as it is, then once for each thing in the scripts it used. A survivor with
    the comment `survives: WHY` on its line counts as explained. Exit code 1 with survivors that are not.

    Example: meerkat-mock mutate -- pytest tests/
    """
    arguments = _arguments(run)
    with tempfile.TemporaryDirectory(prefix="meerkat-mutate-") as folder:
        report, output = Path(folder, "report.jsonl"), Path(folder, "pytest.txt")
        report.touch()
        code = _run(arguments, report, output)
        if code not in (0, 1, 5):
            raise SystemExit(code if code == 130 else _useless(f"pytest ended with {code}", output))
        if code == 1:
            raise SystemExit(_useless("the tests must pass before they can be mutated", output))
        outcome = outcome_of(report.read_text(encoding="utf-8").splitlines())
        if not outcome.tests:
            raise SystemExit(_useless("no test uses the fixture `meerkat_mock`, so there is nothing to mutate", output))
    click.echo(json.dumps(outcome.data(), indent=2)) if as_json else _tell(outcome)
    sys.exit(1 if outcome.unexplained else 0)


def _arguments(run: tuple[str, ...]) -> tuple[str, ...]:
    """Return what pytest is told; it runs in the Python of this command, however it was called."""
    program = Path(run[0]).name
    if program in ("pytest", "py.test"):
        return run[1:]
    if program.startswith("python") and run[1:3] == ("-m", "pytest"):
        return run[3:]
    raise click.UsageError(f"{run[0]!r} is no way to run tests that can be mutated; write: meerkat-mock mutate -- pytest ...")


def _run(arguments: tuple[str, ...], report: Path, output: Path) -> int:
    """Run the tests with the mutating plugin and return pytest's exit code; the progress goes to stderr."""
    command = [sys.executable, "-m", "pytest", "-p", "meerkat_mock.mutation.plugin", *arguments]
    environment = {**os.environ, _VARIABLE: str(report), **_NO_TIMEOUT}
    with output.open("w", encoding="utf-8") as said:
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, env=environment)
        try:
            _follow(process, report)
            return process.wait()
        except KeyboardInterrupt:
            process.wait()
            return 130


def _follow(process: subprocess.Popen[bytes], report: Path) -> None:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress, report.open(encoding="utf-8") as lines:
        task = progress.add_task("mutants", total=0)
        total = 0
        while process.poll() is None:
            for line in lines:
                entry: dict[str, Any] = json.loads(line) if line.endswith("\n") else {}
                total += int(entry.get("mutants", 0))
                progress.update(task, total=total, advance="outcome" in entry)
            time.sleep(LOOK_EVERY_S)


def _useless(why: str, output: Path) -> int:
    """Say why there is nothing to judge, with what pytest said, and return the exit code."""
    click.echo(output.read_text(encoding="utf-8", errors="replace"), err=True)
    click.echo(f"Error: {why}", err=True)
    return 2


def _tell(outcome: Outcome) -> None:
    for survivor in outcome.unexplained:
        click.echo(f"survived  {survivor}")
    for survivor in outcome.survivors:
        if survivor.explained:
            click.echo(f"explained {survivor}\n    because {survivor.explained}")
    for place in outcome.unreached:
        click.echo(f"unreached {place}")
    for test in outcome.passed_over:
        click.echo(f"passed over {test}")
    count = outcome.killed + len(outcome.survivors) + len(outcome.unreached)
    left = f"{len(outcome.unexplained)} survived, {len(outcome.survivors) - len(outcome.unexplained)} explained"
    click.echo(f"{outcome.tests} tests, {count} mutants: {outcome.killed} killed, {left}, {len(outcome.unreached)} unreached")
