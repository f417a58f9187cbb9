"""The pytest plugin: the fixture `meerkat_mock`, its marker, and what a failed test shows of its conversation.

    @pytest.mark.meerkat_mock("refund.mock.yaml", clock="virtual")
    async def test_refund(meerkat_mock): ...

The marker's arguments are the constructor's of `MeerkatMock`. The fixture is synchronous, so that it serves plain tests, asyncio tests in
strict and in auto mode, and those that call `asyncio.run` themselves.
"""

from __future__ import annotations

import itertools
import os
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest

from meerkat_mock.fresh_worlds import Worlds, is_property, prepare, wants_worlds

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from meerkat_mock.delivery.order import Order
    from meerkat_mock.mock import MeerkatMock

pytest_plugins: Final = ("meerkat_mock.realserver.plugin",)
"""The option `--meerkat-server` and its reports."""

_MARKER: Final = "meerkat_mock"
_ARGUMENTS: Final = (
    "meerkat_mock(scenario, clock=, fidelity=, quirks=, faults=, vars=, seed=, strict=, delivery=, runs=, patience=): "
    "how this test's mock is made"
)
_ORDERED: Final = {_MARKER, "meerkat_order"}
"""Fixtures that make a test run under the orders that its marker asks for."""
_MANY: Final = ("explore", "exhaustive")
PATIENCE: Final = "60s"
"""How long a test may keep its event loop running before it counts as hung, unless its marker says otherwise."""
_RUNS: Final = "runs"
_OPTIONS: Final = ("--meerkat-server", "--meerkat-examples", "--meerkat-coverage")
"""Options with a value of their own, which may be a path."""
_FAILED: Final = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer to keep what property tests find."""
    text = "write the shrunk example of every failing property test as an ordinary test, and scenario files, into DIR"
    group = parser.getgroup("meerkat_mock")
    group.addoption("--meerkat-examples", metavar="DIR", default=None, help=text)
    group.addoption("--meerkat-coverage", metavar="DIR", default=None, help="count what the tests exercise of the contract into DIR")


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and count what the tests exercise if that is wanted."""
    _refuse_paths_that_hide_the_configuration(config)
    config.addinivalue_line("markers", _ARGUMENTS)
    folder = config.getoption("--meerkat-coverage")
    if folder is not None:
        from meerkat_mock.coverage_plugin import CountsLines

        config.pluginmanager.register(CountsLines(config.rootpath / folder), "meerkat_mock_coverage")


def _refuse_paths_that_hide_the_configuration(config: pytest.Config) -> None:
    """Refuse `--option PATH` where pytest, to which plugins are not known yet, has looked for its configuration at PATH."""
    words, here = [str(word) for word in config.invocation_params.args], config.invocation_params.dir
    for option, value in itertools.pairwise(words):
        if option not in _OPTIONS or config.inipath is not None or not os.path.exists(here / value):
            continue
        path = (here / value).resolve()
        if here not in (path, *path.parents):
            hidden = f"pytest would look for its configuration beside {value!r}, which lies outside {here}"
            raise pytest.UsageError(f"{option}: as two words, {hidden}; write {option}={value}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give a test that is marked its mock, also if it does not name the fixture, and tests of Hypothesis a fresh one for each example."""
    for item in items:
        names: list[str] = getattr(item, "fixturenames", [])
        if any(mark.name == _MARKER for mark in item.own_markers) and _ORDERED.isdisjoint(names) and not is_property(item):
            names.insert(0, _MARKER)
    prepare(items)


@pytest.fixture
def meerkat_mock(request: pytest.FixtureRequest) -> Iterator[MeerkatMock]:
    """A mock of the Meerkat server for one test: every `MeerkatClient().connect()` of the process lands in it.

    At teardown the test fails for everything the scenario or the contract did not allow, and for scripts that were never used.
    """
    __tracebackhide__ = True
    from meerkat_mock.realserver.plugin import maker_of  # late: pytest loads that plugin itself, and complains if it is there before

    def make() -> MeerkatMock:
        given = {"patience": PATIENCE, **_checked(request.node), **_order(request.node)}
        return maker_of(request.config)(look_in=_folders(request), **given)

    if wants_worlds(request.node):
        yield Worlds(make)  # type: ignore[misc]  # which gives every example its mock
        return
    request.node.stash[_FAILED] = False  # a test may run again
    mock = make()
    with mock.intercepting():
        try:
            yield mock
        finally:
            mock.stop()
    if not request.node.stash.get(_FAILED, False):
        mock.assert_clean()


@pytest.fixture
def meerkat_order(request: pytest.FixtureRequest) -> Order:
    """The order of delivery of this run of the test, for servers that are not made by `meerkat_mock`.

    Give it to `InterleavedTransport`, `reordered` or `MeerkatMock(delivery=)`; the marker's `delivery=` and `seed=` decide which it is.
    """
    from meerkat_mock.delivery.order import Declared, order_of

    wanted = _checked(request.node)
    delivery = _order(request.node).get("delivery") or wanted.get("delivery", "declared")
    return order_of(delivery, wanted.get("seed") or 0) or Declared()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a test whose marker wants many orders of delivery under each of them; it is reported once."""
    wanted = _wanted(item)
    delivery = wanted.get("delivery")
    if delivery not in _MANY or _ORDERED.isdisjoint(getattr(item, "fixturenames", ())):
        return None
    from meerkat_mock.delivery.reruns import orders_of, run_under_orders

    run_under_orders(item, nextitem, orders_of(delivery, wanted.get("seed") or 0, _runs(item)))
    return True


def _order(item: pytest.Item) -> dict[str, Any]:
    """Return the order of lines that this run of a test is to have, if it is one of many."""
    if _wanted(item).get("delivery") not in _MANY:
        return {}
    from meerkat_mock.delivery.reruns import ORDER

    item.stash[_FAILED] = False
    return {"delivery": item.stash[ORDER]}


def _runs(item: pytest.Item) -> int:
    """Return under how many orders a test is to run with `delivery="explore"`; a wrong number is refused when its mock is made."""
    from meerkat_mock.delivery.reruns import EXPLORED_RUNS

    runs = _wanted(item).get(_RUNS, EXPLORED_RUNS)
    return runs if type(runs) is int else 1


def _folders(request: pytest.FixtureRequest) -> list[str]:
    """Return where scenarios are looked up: beside the test, then in `scenarios/` of the project."""
    return [str(request.path.parent), str(request.config.rootpath / "scenarios")]


def _wanted(item: pytest.Item) -> dict[str, Any]:
    """Return the constructor's arguments that the markers of a test give; the closest marker wins."""
    wanted: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers(_MARKER))):
        wanted.update(marker.kwargs)
        wanted.update(zip(("scenario",), marker.args, strict=False))
    return wanted


def _checked(item: pytest.Item) -> dict[str, Any]:
    """Return what the markers of a test give its mock. Raises `TypeError` for what nobody takes."""
    wanted = _wanted(item)
    runs = wanted.pop(_RUNS, 1)
    if type(runs) is not int or runs < 1:
        raise TypeError(f"the marker `{_MARKER}` takes as `{_RUNS}` how many orders to try, a number from 1, not {runs!r}")
    for marker in item.iter_markers(_MARKER):
        if len(marker.args) > 1:
            raise TypeError(f"the marker `{_MARKER}` takes one scenario, not {len(marker.args)}; one file can take others with `include:`")
    _refuse_unknown(wanted)
    return wanted


def _refuse_unknown(wanted: dict[str, Any]) -> None:
    """Refuse arguments of the marker that the mock does not take, with the nearest that it does."""
    from difflib import get_close_matches
    from inspect import signature

    from meerkat_mock.mock import MeerkatMock

    known = [*signature(MeerkatMock).parameters, _RUNS] if wanted else []
    for name in wanted:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"did you mean `{near[0]}`?" if near else f"there is: {', '.join(known)}"
            raise TypeError(f"the marker `{_MARKER}` has no argument `{name}`; {hint}")


def _kept_example(item: pytest.Item, worlds: Worlds) -> list[tuple[str, str]]:
    """Write the failing example into files if that is wanted; return what the report says of it."""
    folder = item.config.getoption("--meerkat-examples")
    if folder is None or worlds.last is None:
        return []
    from meerkat_mock.examples_out import NotWritable, write_example

    name = ".".join(part for part in (getattr(item.cls, "__qualname__", None), item.originalname) if part)  # type: ignore[attr-defined]
    try:
        said = f"written as {write_example(item.config.rootpath / folder, item.path, name, worlds.arguments, _checked(item))}"
    except NotWritable as error:
        said = f"not written: {error}"
    return [("meerkat_mock: example", said)]


def _kept_machine(item: pytest.Item) -> list[tuple[str, str]]:
    """Write the failing example of a state machine into files if that is wanted and there is one; return what the report says of it."""
    folder, module = item.config.getoption("--meerkat-examples"), sys.modules.get("meerkat_mock.strategies.machine")
    machine = getattr(module, "MeerkatMachine").latest if module is not None else None  # noqa: B009 - loaded only by who uses it
    if folder is None or machine is None:
        return []
    from meerkat_mock.examples_out import NotWritable
    from meerkat_mock.machine_examples import write_machine_example

    try:
        said = f"written as {write_machine_example(item.config.rootpath / folder, item.path, machine)}"
    except NotWritable as error:
        said = f"not written: {error}"
    return [("meerkat_mock: example", said)]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Forget the machine of the test before."""
    module = sys.modules.get("meerkat_mock.strategies.machine")
    if module is not None:
        module.MeerkatMachine.latest = None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, None]:
    """Show the conversation, what is waited for and the seed beside a failure."""
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    if not report.failed:
        return
    item.stash[_FAILED] = True
    report.sections.extend(_kept_machine(item))
    mock = getattr(item, "funcargs", {}).get("meerkat_mock")
    if isinstance(mock, Worlds):
        report.sections.extend(_kept_example(item, mock))
        mock = mock.last
    sections = mock.failure_sections() if mock is not None else _sections_of_order(item)
    report.sections.extend((f"meerkat_mock: {title}", text) for title, text in sections if text)


def _sections_of_order(item: pytest.Item) -> list[tuple[str, str]]:
    """Return what a failure tells of the order that a test took by itself."""
    order: Order | None = getattr(item, "funcargs", {}).get("meerkat_order")
    return [("delivery", order.told)] if order is not None else []
