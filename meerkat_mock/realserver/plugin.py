"""The pytest side of `--meerkat-server`: which mock the fixture makes, and how the uses of mock-only features are reported.

A test that uses one is reported as skipped with the reason, whatever else became of it: its result would say nothing about the server.
At the end a section lists those tests, and a line counts them.
"""

from __future__ import annotations

import functools
import os
import shlex
import shutil
from typing import TYPE_CHECKING, Any, Final

import pytest

from meerkat_mock.realserver.findings import MockOnly

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from _pytest.terminal import TerminalReporter

    from meerkat_mock.mock import MeerkatMock

VARIABLE: Final = "MEERKAT_SERVER"
PROPERTY: Final = "meerkat_mock_only"
"""The name under which a report carries the features; it also reaches a JUnit file, and the terminal from another process."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    group = parser.getgroup("meerkat_mock")
    group.addoption(
        "--meerkat-server",
        metavar="CMD",
        default=os.environ.get(VARIABLE),
        help=f"run the tests of the fixture `meerkat_mock` against this server instead of the mock (default: ${VARIABLE})",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse a server that cannot be started before any test runs."""
    command = command_of(config)
    if command and shutil.which(command[0]) is None:
        raise pytest.UsageError(f"--meerkat-server: there is no program {command[0]!r}; give the path of a server, e.g. ./rkat-rpc")


def command_of(config: pytest.Config) -> list[str]:
    """Return the command of the server, empty for the mock itself."""
    return shlex.split(config.getoption("--meerkat-server", None) or "")


def maker_of(config: pytest.Config) -> Callable[..., MeerkatMock]:
    """Return what makes the object of the fixture, given the arguments of `MeerkatMock`."""
    command = command_of(config)
    if not command:
        from meerkat_mock.mock import MeerkatMock

        return MeerkatMock
    from meerkat_mock.realserver.mock import ServerMock

    return functools.partial(ServerMock, command)


def pytest_report_header(config: pytest.Config) -> str | None:
    """Say which server the tests talk to."""
    command = command_of(config)
    return f"meerkat server: {shlex.join(command)}" if command else None


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    """Report a test that used mock-only features as skipped, with their names."""
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    found = _features(item, call)
    if not found or (report.when != "call" and not report.failed):
        return
    reason = f"mock only: {'; '.join(found)}"
    report.outcome = "skipped"
    report.longrepr = (str(item.path), (item.location[1] or 0) + 1, reason)
    report.user_properties.append((PROPERTY, reason))


def _features(item: pytest.Item, call: pytest.CallInfo[None]) -> list[str]:
    look = getattr(getattr(item, "funcargs", {}).get("meerkat_mock"), "mock_only", None)
    found: list[str] = list(look()) if look is not None else []
    if not found and call.excinfo is not None and call.excinfo.errisinstance(MockOnly):
        return [str(call.excinfo.value).removeprefix("mock only: ")]
    return found


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """List the tests that only the mock can run, and count them."""
    reports = [report for report in terminalreporter.getreports("skipped") if isinstance(report, pytest.TestReport)]
    found = {report.nodeid: str(dict(report.user_properties)[PROPERTY]) for report in reports if PROPERTY in dict(report.user_properties)}
    if not found:
        return
    terminalreporter.section("meerkat_mock: what only the mock can do")
    for nodeid, reason in found.items():
        terminalreporter.line(f"{nodeid}: {reason}")
    terminalreporter.line(f"mock only: {len(found)} test{'s' * (len(found) != 1)}")
