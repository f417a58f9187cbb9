"""A failing example of a property test becomes files: an ordinary test, and a scenario file for every scenario that was drawn.

The test calls the body of the property with the shrunk values, on a mock made as the property's was; it needs neither search nor luck to
fail again. What the test is given must be writable: plain values, scenarios, conversations.
"""

from __future__ import annotations

import ast
import asyncio
import importlib
import importlib.util
import inspect
import itertools
import os
import re
import sys
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meerkat_mock.scenario.models import Scenario
from meerkat_mock.scenario.reader import read_text, to_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType


class NotWritable(ValueError):
    """A value that cannot be written into a file so that it can be read again."""


def write_example(folder: Path, source: Path, name: str, arguments: Mapping[str, object], options: Mapping[str, object]) -> Path:
    """Write the files and return the path of the test. `name` is the test's within `source`, a method with its class: `TestDesk.test_it`.

    `options` are the arguments of its mock. Raises `NotWritable` naming the value, and `OSError`.
    """
    stem = re.sub(r"\W+", "_", f"{source.stem}_{name}_example").removeprefix("test_")
    files: dict[str, str] = {}
    given = {key: written(key, value, stem, files) for key, value in arguments.items()}
    made = {key: written(key, value, stem, files) for key, value in options.items()}
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    path = folder / f"test_{stem}.py"
    where = Path(os.path.relpath(source, folder)).as_posix()
    path.write_text(_test(stem, where, name, given, made), encoding="utf-8")
    return path


def written(key: str, value: object, stem: str, files: dict[str, str]) -> str:
    """Return the Python text of a value; a scenario goes into a file of its own."""
    if isinstance(value, Scenario):
        file = f"{stem}_{key}.mock.yaml"
        files[file] = to_yaml(value)
        return f"scenario_of(HERE / {file!r})"
    if _is_conversation(value):
        return repr(value)
    text = repr(value)
    try:
        same = ast.literal_eval(text) == value
    except (ValueError, SyntaxError):
        same = False
    if not same:
        raise NotWritable(f"the value of {key!r} cannot be written into a file: {text[:80]} ({type(value).__name__})")
    return text


def _is_conversation(value: object) -> bool:
    strategies = sys.modules.get("meerkat_mock.strategies")
    return strategies is not None and isinstance(value, strategies.Conversation)


def _test(stem: str, where: str, name: str, given: Mapping[str, str], made: Mapping[str, str]) -> str:
    arguments = "".join(f"            {key}={value},\n" for key, value in given.items())
    options = ", ".join(f"{key}={value}" for key, value in made.items())
    conversation = any("Conversation(" in value for value in given.values())
    imports = "from meerkat_mock.strategies import Ask, Conversation, Ref  # noqa: F401\n" if conversation else ""
    return f'''"""The example that `{name}` of {where} failed with, as an ordinary test."""

from pathlib import Path

from meerkat_mock.examples_out import body_of, scenario_of  # noqa: F401
from meerkat_mock.mock import MeerkatMock
{imports}
HERE = Path(__file__).parent


def test_{stem}():
    test = body_of(HERE / {where!r}, {name!r})
    with MeerkatMock({options}) as mock:
        test(
            meerkat_mock=mock,
{arguments}        )
'''


def scenario_of(path: Path) -> Scenario:
    """Return the scenario of a file that `write_example` wrote."""
    return read_text(path.read_text(encoding="utf-8"), path.name, path.parent).scenario


def body_of(source: Path, name: str) -> Callable[..., None]:
    """Return the body of a property test as a plain function; Hypothesis takes no part in calling it. Raises `LookupError`."""
    module = module_of(source)
    *owners, last = name.split(".")
    owner: Any = reduce(getattr, owners, module)
    body = getattr(owner, last).hypothesis.inner_test
    selves = (owner(),) if owners else ()

    def run(**given: Any) -> None:
        outcome = body(*selves, **given)
        if inspect.iscoroutine(outcome):
            asyncio.run(outcome)

    return run


def _is_package(folder: Path) -> bool:
    return (folder / "__init__.py").is_file()


def module_of(source: Path) -> ModuleType:
    """Load the module of a file under a name of its own, with what it imports from beside it. Raises `LookupError`."""
    source = source.resolve()
    package = [folder.name for folder in itertools.takewhile(_is_package, source.parents)]
    # where pytest put the folder of the tests first, so that they find their neighbours
    root = str(source.parents[len(package)])
    if root not in sys.path:
        sys.path.insert(0, root)
    module_name = ".".join([*reversed(package), f"_meerkat_example_{source.stem}"])
    if package:
        importlib.import_module(module_name.rpartition(".")[0])
    spec = importlib.util.spec_from_file_location(module_name, source)
    if spec is None or spec.loader is None:
        raise LookupError(f"{source} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    return module
