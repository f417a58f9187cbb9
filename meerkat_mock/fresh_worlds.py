"""A fresh mock for every example of a `@given` test that uses the fixture.

Hypothesis runs a test many times within one fixture; here each of its examples gets a mock of its own, judged by itself, so that neither
state nor findings leak from one to the next, and Hypothesis has nothing to object to. Needs no import of Hypothesis.
"""

from __future__ import annotations

import functools
import inspect
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    import pytest
    from hypothesis import settings

    from meerkat_mock.mock import MeerkatMock

_NAME: Final = "meerkat_mock"
_DONE: Final = "_meerkat_mock_fresh"
_SETTINGS: Final = "_hypothesis_internal_use_settings"
"""Where Hypothesis keeps the settings of a test; its own plugin for pytest writes there, too."""


class Worlds:
    """Makes a mock per example: what the fixture hands to a test of Hypothesis."""

    def __init__(self, make: Callable[[], MeerkatMock]) -> None:
        self._make = make
        self.last: MeerkatMock | None = None
        """The mock of the last example: that of the failing one when a test has failed."""
        self.arguments: dict[str, object] = {}
        """What the last example was called with."""

    @contextmanager
    def fresh(self, arguments: Mapping[str, object]) -> Generator[MeerkatMock]:
        """Let everything that connects inside the block land in a new mock; fails for what that mock holds against the example."""
        self.arguments = {name: value for name, value in arguments.items() if name not in (_NAME, "self")}
        mock = self.last = self._make()
        with mock.intercepting():
            try:
                yield mock
            finally:
                mock.stop()
        mock.assert_clean()


def wants_worlds(item: pytest.Item) -> bool:
    """Tell whether a test is one of Hypothesis that asks for the fixture."""
    return is_property(item) and _NAME in getattr(item, "fixturenames", ())


def is_property(item: pytest.Item) -> bool:
    """Tell whether a test is one of Hypothesis."""
    return hasattr(getattr(item, "obj", None), "hypothesis")


def prepare(items: Sequence[pytest.Item]) -> None:
    """Let the tests of Hypothesis among these use a fresh mock for each example."""
    for item in items:
        if wants_worlds(item):
            _prepare(getattr(item, "obj"))  # noqa: B009 - only some items have one


def _prepare(test: Any) -> None:
    test = getattr(test, "__func__", test)
    if hasattr(test, _DONE):
        return
    setattr(test, _DONE, True)
    inner = test.hypothesis.inner_test
    test.hypothesis.inner_test = (_awaiting if inspect.iscoroutinefunction(inner) else _calling)(inner)
    setattr(test, _SETTINGS, _adapted(getattr(test, _SETTINGS, None) or _default()))


def _default() -> settings:
    from hypothesis import settings

    return cast("settings", settings.default)


def _adapted(given: settings) -> settings:
    """Return the settings of a test without two objections that do not hold.

    The fixture does not outlive an example, as every example is given another mock; and the first conversation of a process loads much
    code, so that the usual deadline says nothing. A deadline that the test has chosen stays.
    """
    from hypothesis import HealthCheck, settings

    checks = [*given.suppress_health_check, HealthCheck.function_scoped_fixture]
    usual = given.deadline == _default().deadline
    return settings(given, suppress_health_check=checks, deadline=None if usual else given.deadline)


def _awaiting(inner: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(inner)
    async def example(*args: Any, **given: Any) -> Any:
        with given[_NAME].fresh(given) as mock:
            return await inner(*args, **{**given, _NAME: mock})

    return example


def _calling(inner: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(inner)
    def example(*args: Any, **given: Any) -> Any:
        with given[_NAME].fresh(given) as mock:
            return inner(*args, **{**given, _NAME: mock})

    return example
