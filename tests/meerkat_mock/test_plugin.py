"""The plugin inside a test run of its own: markers, lookup, modes of pytest-asyncio, teardown, what a failure shows."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

HELLO = "sessions: [{name: hello, turns: [{say: Hello}]}]\n"
FAULTY = HELLO + "faults: {cut: {when: {turn: 1}, wire: {close: reset}}}\n"
QUIET = ("-p", "no:cacheprovider", "-o", "asyncio_default_fixture_loop_scope=function")
ASK = """
import asyncio
import pytest
from meerkat import MeerkatClient, MeerkatError
from meerkat_mock import MeerkatMock, contains

async def ask(prompt="Hi"):
    async with MeerkatClient() as client:
        return (await client.create_session(prompt)).text
"""


def run(pytester: pytest.Pytester, test: str, *arguments: str) -> pytest.RunResult:
    pytester.makepyfile(ASK + test)
    return pytester.runpytest_inprocess(*QUIET, "-p", "no:xdist", *arguments)


@pytest.mark.parametrize(("mode", "marker"), [("auto", ""), ("strict", "@pytest.mark.asyncio\n")])
def test_asyncio_tests_run_in_both_modes(pytester: pytest.Pytester, mode: str, marker: str) -> None:
    test = f"{marker}async def test_it(meerkat_mock):\n    meerkat_mock.session().turn(say='Hello')\n    assert await ask() == 'Hello'\n"
    run(pytester, test, "-o", f"asyncio_mode={mode}").assert_outcomes(passed=1)


def test_a_plain_test_runs_its_own_loop(pytester: pytest.Pytester) -> None:
    test = "def test_it(meerkat_mock):\n    meerkat_mock.session().turn(say='Hello')\n    assert asyncio.run(ask()) == 'Hello'\n"
    run(pytester, test).assert_outcomes(passed=1)


@pytest.mark.parametrize("folder", [".", "scenarios"])
def test_a_scenario_of_the_marker_is_looked_up_beside_the_test_and_in_scenarios(pytester: pytest.Pytester, folder: str) -> None:
    (pytester.path / folder).mkdir(exist_ok=True)
    (pytester.path / folder / "hello.mock.yaml").write_text(HELLO)
    test = "@pytest.mark.meerkat_mock('hello.mock.yaml')\ndef test_it(meerkat_mock):\n    assert asyncio.run(ask()) == 'Hello'\n"
    run(pytester, test, "--rootdir", str(pytester.path)).assert_outcomes(passed=1)


def test_a_scenario_that_is_not_there_is_an_error_with_the_nearest(pytester: pytest.Pytester) -> None:
    (pytester.path / "hello.mock.yaml").write_text(HELLO)
    result = run(pytester, "@pytest.mark.meerkat_mock('helo.mock.yaml')\ndef test_it(meerkat_mock):\n    pass\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*did you mean hello.mock.yaml?*"])


def test_the_marker_takes_the_arguments_of_the_mock_and_the_closest_wins(pytester: pytest.Pytester) -> None:
    (pytester.path / "hello.mock.yaml").write_text(FAULTY)
    test = """
pytestmark = pytest.mark.meerkat_mock("hello.mock.yaml", seed=3)

@pytest.mark.meerkat_mock(clock="manual", faults=["cut"], quirks={"reads_wait_for_turns": False})
def test_it(meerkat_mock):
    assert meerkat_mock.seed == 3
    before = meerkat_mock.clock.now()
    with pytest.raises(MeerkatError):
        asyncio.run(ask())
    assert meerkat_mock.clock.now() == before

@pytest.mark.meerkat_mock(seed=4)
def test_other(meerkat_mock):
    assert meerkat_mock.seed == 4
    assert asyncio.run(ask()) == "Hello"
"""
    run(pytester, test).assert_outcomes(passed=2)


def test_a_script_that_was_never_used_fails_the_test_with_its_line_unless_strict_is_off(pytester: pytest.Pytester) -> None:
    (pytester.path / "hello.mock.yaml").write_text(HELLO)
    test = """
@pytest.mark.meerkat_mock("hello.mock.yaml")
def test_it(meerkat_mock):
    pass

@pytest.mark.meerkat_mock("hello.mock.yaml", strict=False)
def test_relaxed(meerkat_mock):
    pass
"""
    result = run(pytester, test)
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*hello.mock.yaml:1: hello was never selected*", "*fix 1:*"])


def test_a_violation_fails_the_test_even_if_the_application_swallowed_the_error(pytester: pytest.Pytester) -> None:
    test = """
def test_it(meerkat_mock):
    meerkat_mock.session(prompt="somebody else", optional=True).turn(say="x")
    with pytest.raises(MeerkatError):
        asyncio.run(ask("Hi"))
"""
    result = run(pytester, test)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*no script for the prompt*"])


def test_a_failed_test_shows_conversation_and_seed_and_is_not_failed_twice(pytester: pytest.Pytester) -> None:
    test = """
def test_it(meerkat_mock):
    meerkat_mock.session().turn(say="Hello")
    meerkat_mock.session(prompt="never").turn(say="x")
    assert asyncio.run(ask()) == "Goodbye"
"""
    result = run(pytester, test)
    result.assert_outcomes(failed=1)
    shown = ["*meerkat_mock: conversation*", "*> session/create*", '*text_delta x1: "Hello"*', "*meerkat_mock: seed*"]
    result.stdout.fnmatch_lines(shown)


def test_the_conversation_of_a_failed_test_ends_before_the_next_begins(pytester: pytest.Pytester) -> None:
    test = """
LEFT = []

def test_left_open(meerkat_mock):
    async def open_and_leave():
        client = MeerkatClient()
        await client.connect()
        LEFT.append(client)
    asyncio.run(open_and_leave())

def test_next(meerkat_mock):
    assert asyncio.run(ask()) == "OK"
    assert len(meerkat_mock.journal.requests("initialize")) == 1
"""
    run(pytester, test).assert_outcomes(passed=2)


def test_it_works_under_xdist(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        ASK + "@pytest.mark.parametrize('n', range(4))\ndef test_it(meerkat_mock, n):\n    assert asyncio.run(ask(str(n))) == 'OK'\n"
    )
    pytester.runpytest_inprocess(*QUIET, "-n", "2").assert_outcomes(passed=4)


def test_a_mark_that_is_misspelt_names_what_there_is(pytester: pytest.Pytester) -> None:
    result = run(pytester, "@pytest.mark.meerkat_mock(clok='virtual')\ndef test_it(meerkat_mock):\n    pass\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*clok*did you mean*clock*"])


def test_a_key_that_is_misspelt_in_python_fails_its_test_alone_even_if_the_application_swallows_it(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        ASK
        + """
def test_it(meerkat_mock):
    meerkat_mock.session().turn(saay='Hello')
    try:
        asyncio.run(ask())
    except Exception:
        pass

def test_next(meerkat_mock):
    assert asyncio.run(ask()) == 'OK'
""",
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*unknown key `saay`; did you mean `say`?*"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("'a.mock.yaml', 'b.mock.yaml'", "takes one scenario, not 2"),
        ("clock='virtul'", "clock is virtual, manual or real, not 'virtul'"),
        ("fidelity='srver'", "fidelity is server or contract, not 'srver'"),
        ("quirks={'nope': True}", "there is no quirk 'nope'"),
        ("seed='7'", "seed is a whole number, not '7'"),
        ("strict='no'", "strict is True or False, not 'no'"),
        ("delivery='xplore'", "delivery is declared, explore, exhaustive or an order"),
        ("patience='long'", "'long' is no duration"),
        ("faults=['nope']", "the scenario has no fault 'nope'"),
    ],
)
def test_a_wrong_mark_fails_its_test_even_if_the_application_swallows_everything(pytester: pytest.Pytester, given: str, said: str) -> None:
    swallowing = "    try:\n        asyncio.run(ask())\n    except Exception:\n        pass\n"
    result = run(pytester, f"{ASK}@pytest.mark.meerkat_mock({given})\ndef test_it(meerkat_mock):\n{swallowing}")
    assert result.parseoutcomes()["errors"] == 1
    result.stdout.fnmatch_lines([f"*{said}*"])


def test_a_marked_test_has_its_mock_without_naming_the_fixture(pytester: pytest.Pytester) -> None:
    (pytester.path / "hello.mock.yaml").write_text("sessions: [{turns: [{say: Hello}]}]")
    mark = "@pytest.mark.meerkat_mock('hello.mock.yaml')\n"
    asking = f"{mark}def test_asking():\n    assert asyncio.run(ask()) == 'Hello'\n"
    result = run(pytester, f"{ASK}{asking}\n{mark}def test_silent():\n    pass\n")
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*session-1 was never selected*"])
