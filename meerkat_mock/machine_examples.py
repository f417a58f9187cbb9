"""A failing example of a `MeerkatMachine` becomes files: an ordinary test of the same steps, and a scenario file per drawn scenario.

A value that an earlier step returned is written as a name for it, so that bundles of sessions and clients need not be writable.
"""

from __future__ import annotations

import inspect
import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meerkat_mock.examples_out import module_of, written
from meerkat_mock.strategies.machine import steps_of

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from meerkat_mock.strategies.machine import MeerkatMachine, Step


def write_machine_example(folder: Path, source: Path, machine: MeerkatMachine) -> Path:
    """Write the files and return the path of the test. Raises `NotWritable` naming the value, and `OSError`."""
    name = type(machine).__qualname__
    stem = re.sub(r"\W+", "_", f"{source.stem}_{name}_example").removeprefix("test_")
    files: dict[str, str] = {}
    lines = [_line(number, step, machine.taken, stem, files) for number, step in enumerate(machine.taken)]
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    path = folder / f"test_{stem}.py"
    path.write_text(_test(stem, Path(os.path.relpath(source, folder)).as_posix(), name, lines), encoding="utf-8")
    return path


def _line(number: int, step: Step, taken: Sequence[Step], stem: str, files: dict[str, str]) -> str:
    used = any(_is(value, step.result) for later in taken[number + 1 :] for value in later.arguments.values())
    name = f"step_{number + 1} = " if used else ""
    given = "".join(f", {key}={_value(key, value, number, taken, stem, files)}" for key, value in sorted(step.arguments.items()))
    return f"        {name}machine.take({step.name!r}{given})"


def _value(key: str, value: object, number: int, taken: Sequence[Step], stem: str, files: dict[str, str]) -> str:
    for earlier in range(number):
        if _is(value, taken[earlier].result):
            return f"step_{earlier + 1}"
    return written(f"{key}_{number + 1}", value, stem, files)


def _is(value: object, result: object) -> bool:
    """Tell whether a step was given what an earlier one returned; plain values are written as they are."""
    return value is result and not (result is None or isinstance(result, (bool, int, float, str, bytes)))


def _test(stem: str, where: str, name: str, lines: Sequence[str]) -> str:
    text = "\n".join(lines)
    conversation = "from meerkat_mock.strategies import Ask, Conversation, Ref  # noqa: F401\n" if "Conversation(" in text else ""
    return f'''"""The example that `{name}` of {where} failed with, as an ordinary test."""

from pathlib import Path

from meerkat_mock.examples_out import scenario_of  # noqa: F401
from meerkat_mock.machine_examples import machine_of
{conversation}
HERE = Path(__file__).parent


def test_{stem}():
    with machine_of(HERE / {where!r}, {name!r}) as machine:
{text or "        pass"}
'''


class Steps:
    """Takes the steps of a machine one by one, and looks at its invariants after each, as Hypothesis does."""

    def __init__(self, machine: MeerkatMachine) -> None:
        self._machine = machine
        members = inspect.getmembers(type(machine), inspect.isfunction)
        self._to_begin = {name for name, member in members if any("initialize" in mark for mark in vars(member))}
        """Rules that make the machine ready; before they are taken no invariant holds."""
        steps = [step for _, member in members for step in steps_of(member)]
        self._invariants = [step for step in steps if not hasattr(step, "targets") and hasattr(step, "preconditions")]
        self._check()

    def take(self, name: str, **arguments: Any) -> Any:
        """Take one step and return what came of it."""
        rule = next(step for step in steps_of(getattr(type(self._machine), name)) if hasattr(step, "targets"))
        result = rule.function(self._machine, **arguments)
        self._to_begin.discard(name)
        self._check()
        return result

    def _check(self) -> None:
        for invariant in self._invariants:
            due = not self._to_begin or invariant.check_during_init
            if due and all(precondition(self._machine) for precondition in invariant.preconditions):
                invariant.function(self._machine)


@contextmanager
def machine_of(source: Path, name: str) -> Generator[Steps]:
    """Begin an example of the machine `name` of a file, and end it. Raises `LookupError`."""
    module: Any = module_of(source)
    machine: MeerkatMachine = getattr(module, name)()
    try:
        yield Steps(machine)
    except BaseException:
        machine.abandon()
        raise
    machine.teardown()
