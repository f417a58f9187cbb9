"""A toolkit that plays the Meerkat server in your tests: scenarios, a pytest fixture, strategies, a drop-in executable.

Every name is imported when it is first asked for, so that `import meerkat_mock` costs next to nothing. What needs an extra that is not
installed says which.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from meerkat_mock.clock import RealClock, VirtualClock
    from meerkat_mock.faults import UnknownFault
    from meerkat_mock.journal import Exchange, Journal, Line
    from meerkat_mock.mock import MeerkatMock
    from meerkat_mock.scenario.builder import (
        ABSENT,
        ANYTHING,
        PRESENT,
        ScenarioBuilder,
        SessionBuilder,
        contains,
        exactly,
        glob,
        named,
        not_,
        one_of,
        regex,
        schema,
    )
    from meerkat_mock.scenario.document import ScenarioError
    from meerkat_mock.verdict import Finding
    from meerkat_mock.violations import MockViolations, Violation

__all__ = [
    "ABSENT",
    "ANYTHING",
    "PRESENT",
    "Exchange",
    "Finding",
    "Journal",
    "Line",
    "MeerkatMock",
    "MockViolations",
    "RealClock",
    "ScenarioBuilder",
    "ScenarioError",
    "SessionBuilder",
    "UnknownFault",
    "Violation",
    "VirtualClock",
    "contains",
    "exactly",
    "glob",
    "named",
    "not_",
    "one_of",
    "regex",
    "schema",
]

_BUILDER: Final = "meerkat_mock.scenario.builder"
_HOMES: Final[dict[str, str]] = {
    **dict.fromkeys(("RealClock", "VirtualClock"), "meerkat_mock.clock"),
    **dict.fromkeys(("Exchange", "Journal", "Line"), "meerkat_mock.journal"),
    **dict.fromkeys(("MockViolations", "Violation"), "meerkat_mock.violations"),
    "Finding": "meerkat_mock.verdict",
    "MeerkatMock": "meerkat_mock.mock",
    "ScenarioError": "meerkat_mock.scenario.document",
    "UnknownFault": "meerkat_mock.faults",
}
_EXTRAS: Final[dict[str, str]] = {
    **dict.fromkeys(("pydantic", "pydantic_core", "ruamel", "tomlkit", "click", "rich", "jsonschema"), "mock"),
    **dict.fromkeys(("pytest", "pytest_asyncio"), "pytest"),
    "hypothesis": "hypothesis",
    "mcp": "mcp",
}
"""Which extra of the distribution brings a library."""


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        found: object = getattr(importlib.import_module(_HOMES.get(name, _BUILDER)), name)
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        raise ImportError(f'meerkat_mock.{name} needs {error.name}; install it with: pip install "meerkat-kit[{extra}]"') from error
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
