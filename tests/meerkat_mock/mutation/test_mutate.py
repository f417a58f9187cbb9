"""`meerkat-mock mutate` over a small suite of a user: careful tests kill, careless ones leave survivors with the line of the script."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from typing import Any

pytest_plugins = ["pytester"]

APPLICATION = """
import pytest
from meerkat import MeerkatClient


async def desk(question):
    client = MeerkatClient()

    @client.tool("forecast", description="Tomorrow's weather", input_schema={"type": "object"})
    async def forecast(arguments):
        return f"rain in {arguments.get('city')}"

    async with client:
        return await client.create_session(question)
"""

SCENARIO = """sessions:
  - turns:
      - rounds:
          - call: [{forecast: {city: Oslo}}]
          - say: [Ra, in]
            usage: {input: 3, output: 2}  # survives: nobody pays in this test
"""

CAREFUL = """
import asyncio

@pytest.mark.meerkat_mock("weather.mock.yaml")
async def test_weather(meerkat_mock):
    session = await asyncio.wait_for(desk("Weather?"), 3600)
    assert session.text == "Rain"
    assert meerkat_mock.calls("forecast") == [{"city": "Oslo"}]
    assert [each.delta for each in meerkat_mock.journal.events(type="text_delta")] == ["Ra", "in"]
"""

CARELESS = """
@pytest.mark.meerkat_mock("weather.mock.yaml")
async def test_weather(meerkat_mock):
    assert (await desk("Weather?")).text
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Suite:
    return Suite(pytester)


class Suite:
    """A small suite, and the verb run over it."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester

    def mutate(self, tests: str, *options: str, scenario: str = SCENARIO) -> pytest.RunResult:
        self.pytester.path.joinpath("weather.mock.yaml").write_text(scenario)
        self.pytester.makepyfile(test_desk=APPLICATION + tests)
        verb = (sys.executable, "-m", "meerkat_mock.cli", "mutate", *options, "--", "pytest", "--asyncio-mode=auto")
        return self.pytester.run(*verb, timeout=90)

    def report(self, tests: str, *, scenario: str = SCENARIO) -> tuple[int, dict[str, Any]]:
        result = self.mutate(tests, "--json", scenario=scenario)
        return int(result.ret), json.loads(result.stdout.str())


def whats(report: dict[str, Any], line: int) -> set[str]:
    return {each["what"] for each in report["survivors"] if each["where"].endswith(f"weather.mock.yaml:{line}")}


def test_a_careless_test_leaves_survivors_with_the_line_of_the_script(suite: Suite) -> None:
    code, report = suite.report(CARELESS)
    assert code == 1
    assert {"duplicate call 1, `forecast`", "corrupt the argument `city` of call 1, `forecast`"} <= whats(report, 4)
    assert {"corrupt the text 'Rain'", "swap chunk 1 of the text, 'Ra', with the next"} <= whats(report, 5)
    assert "drop the text 'Rain'" not in whats(report, 5)
    assert report["killed"] >= 1


def test_a_careful_test_kills_what_it_looks_at(suite: Suite) -> None:
    _code, report = suite.report(CAREFUL)
    assert whats(report, 4) == {"delay the answer by 60 s", "corrupt the usage: a thousand times as much"}
    assert whats(report, 5) == {"delay the answer by 60 s", "corrupt the usage: a thousand times as much"}
    assert report["unreached"] == []


def test_what_any_test_kills_is_no_survivor(suite: Suite) -> None:
    _code, report = suite.report(CARELESS.replace("test_weather", "test_first") + CAREFUL)
    assert report["tests"] == 2
    assert "corrupt the text 'Rain'" not in whats(report, 5)


def test_failures_and_the_answers_of_runtime_tools_are_mutated_too(suite: Suite) -> None:
    scenario = """sessions:
  - turns:
      - rounds:
          - attempts: [{fail: overloaded}, {say: Rain}]
"""
    tests = """
@pytest.mark.meerkat_mock("weather.mock.yaml")
async def test_retry(meerkat_mock):
    assert (await desk("Weather?")).text == "Rain"
"""
    _code, report = suite.report(tests, scenario=scenario)
    assert "drop the failure (503)" in whats(report, 4)
    assert "corrupt the failure: 400 for 503" not in whats(report, 4)


def test_an_explained_survivor_is_listed_and_does_not_count(suite: Suite) -> None:
    scenario = "sessions: [{turns: [{say: Rain}]}]  # survives: nothing here matters\n"
    tests = """
@pytest.mark.meerkat_mock("weather.mock.yaml")
async def test_said(meerkat_mock):
    await desk("Weather?")
"""
    result = suite.mutate(tests, scenario=scenario)
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["explained *weather.mock.yaml:1: corrupt the text 'Rain'", "*because nothing here matters", "*0 survived*"]
    )


def test_the_list_names_the_line_the_mutant_and_the_tests(suite: Suite) -> None:
    result = suite.mutate(CARELESS)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["survived  *weather.mock.yaml:4: duplicate call 1, `forecast`", "*used by test_desk.py::test_weather"])


def test_tests_that_fail_anyway_cannot_be_mutated(suite: Suite) -> None:
    result = suite.mutate(CARELESS.replace(").text", ").text == 'Sun'"))
    assert result.ret == 2
    result.stderr.fnmatch_lines(["*must pass before they can be mutated*"])


def test_a_test_that_uses_no_script_is_passed_over_by_name(suite: Suite) -> None:
    result = suite.mutate("def test_idle(meerkat_mock): pass")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["passed over test_desk.py::test_idle: no script answered it in this process"])


def test_a_suite_without_the_fixture_is_wrong_use(suite: Suite) -> None:
    result = suite.mutate("def test_nothing(): pass")
    assert result.ret == 2
    result.stderr.fnmatch_lines(["*nothing to mutate*"])


def test_a_command_that_is_not_pytest_is_wrong_use(suite: Suite) -> None:
    result = suite.pytester.run(sys.executable, "-m", "meerkat_mock.cli", "mutate", "--", "make", "test")
    assert result.ret == 2
    result.stderr.fnmatch_lines(["*'make' is no way to run tests*"])
