"""`meerkat-mock mutate` over a small suite of a user: careful tests kill, careless ones leave survivors with the line of the script."""

from __future__ import annotations

import json
import linecache
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from meerkat_mock.cli import main
from meerkat_mock.mutation.mutants import mutants_of
from meerkat_mock.mutation.outcome import outcome_of
from meerkat_mock.mutation.plugin import VARIABLE
from meerkat_mock.world.model import ModelAnswer

if TYPE_CHECKING:
    from typing import Any

pytest_plugins = ["pytester"]

QUIET = ("--asyncio-mode=auto", "-o", "asyncio_default_fixture_loop_scope=function", "-p", "no:cacheprovider", "-p", "no:xdist")

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

IDLE = "\ndef test_idle(meerkat_mock): pass\n"


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Suite:
    return Suite(pytester)


class Suite:
    """A small suite: mutated in this process, or in another by the verb."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self.pytester = pytester

    def mutate(self, tests: str, *, scenario: str = SCENARIO) -> Result:
        self._write(tests, scenario)
        return CliRunner().invoke(main, ["mutate", "--", "pytest", *QUIET])

    def report(self, tests: str, *, scenario: str = SCENARIO) -> dict[str, Any]:
        """Return what the verb prints as JSON."""
        self._write(tests, scenario)
        lines = self.pytester.path / "report.jsonl"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(VARIABLE, str(lines))
            result = self.pytester.runpytest_inprocess("-p", "meerkat_mock.mutation.plugin", *QUIET)
        assert result.ret == 0, result.stdout.str()
        report: dict[str, Any] = json.loads(json.dumps(outcome_of(lines.read_text().splitlines()).data()))
        return report

    def _write(self, tests: str, scenario: str) -> None:
        self.pytester.path.joinpath("weather.mock.yaml").write_text(scenario)
        self.pytester.makepyfile(test_desk=APPLICATION + tests)
        linecache.clearcache()  # every suite has files of these names


def told(result: Result) -> pytest.LineMatcher:
    """Return what the verb wrote, on both roads."""
    return pytest.LineMatcher(result.output.splitlines())


def whats(report: dict[str, Any], line: int) -> set[str]:
    return {each["what"] for each in report["survivors"] if each["where"].endswith(f"weather.mock.yaml:{line}")}


def test_a_careless_test_leaves_survivors_with_the_line_of_the_script(suite: Suite) -> None:
    report = suite.report(CARELESS)
    assert {"duplicate call 1, `forecast`", "corrupt the argument `city` of call 1, `forecast`"} <= whats(report, 4)
    assert {"corrupt the text 'Rain'", "swap chunk 1 of the text, 'Ra', with the next"} <= whats(report, 5)
    assert "drop the text 'Rain'" not in whats(report, 5)
    assert report["killed"] >= 1


def test_a_careful_test_kills_what_it_looks_at(suite: Suite) -> None:
    report = suite.report(CAREFUL)
    assert whats(report, 4) == {"delay the answer by 60 s", "corrupt the usage: a thousand times as much"}
    assert whats(report, 5) == {"delay the answer by 60 s", "corrupt the usage: a thousand times as much"}
    assert report["unreached"] == []


def test_what_any_test_kills_is_no_survivor(suite: Suite) -> None:
    report = suite.report(CARELESS.replace("test_weather", "test_first") + CAREFUL)
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
    report = suite.report(tests, scenario=scenario)
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
    assert result.exit_code == 0
    told(result).fnmatch_lines(["explained *weather.mock.yaml:1: corrupt the text 'Rain'", "*because nothing here matters", "*0 survived*"])


def test_the_list_names_the_line_the_mutant_and_the_tests(suite: Suite) -> None:
    result = suite.mutate(CARELESS + IDLE)
    assert result.exit_code == 1
    told(result).fnmatch_lines(["survived  *weather.mock.yaml:4: duplicate call 1, `forecast`", "*used by test_desk.py::test_weather"])
    told(result).fnmatch_lines(["passed over test_desk.py::test_idle: *"])


def test_tests_that_fail_anyway_cannot_be_mutated(suite: Suite) -> None:
    result = suite.mutate(CARELESS.replace(").text", ").text == 'Sun'"))
    assert result.exit_code == 2
    told(result).fnmatch_lines(["*must pass before they can be mutated*"])


def test_a_test_that_uses_no_script_is_passed_over_by_name(suite: Suite) -> None:
    assert suite.report(IDLE)["passed_over"] == ["test_desk.py::test_idle: no script answered it in this process"]


def test_a_suite_without_the_fixture_is_wrong_use(suite: Suite) -> None:
    result = suite.mutate("def test_nothing(): pass")
    assert result.exit_code == 2
    told(result).fnmatch_lines(["*nothing to mutate*"])


@pytest.mark.parametrize("start", [["pytest"], ["venv/bin/python3.12", "-m", "pytest"]])
def test_pytest_may_be_called_as_a_module_of_any_python(suite: Suite, start: list[str]) -> None:
    suite._write("def test_nothing(): pass", SCENARIO)
    result = CliRunner().invoke(main, ["mutate", "--", *start, *QUIET])
    assert "no test uses the fixture" in result.stderr


def test_a_command_that_is_not_pytest_is_wrong_use() -> None:
    result = CliRunner().invoke(main, ["mutate", "--", "make", "test"])
    assert result.exit_code == 2
    assert "'make' is no way to run tests" in result.output


def test_messages_between_members_and_waits_for_them_go_wrong_one_by_one() -> None:
    answer = ModelAnswer(say=("Done.",), source="team.mock.yaml:5", sends=(("ann", "Look"), ("bob", "Write")), wait_for=("ann", "bob"))
    altered = {mutant.what: mutant.change(answer) for mutant in mutants_of(answer) if callable(mutant.change)}
    assert {what: changed.sends for what, changed in altered.items() if "message" in what} == {
        "drop the message to `ann`, 'Look'": (("bob", "Write"),),
        "duplicate the message to `ann`, 'Look'": (("ann", "Look"), ("ann", "Look"), ("bob", "Write")),
        "corrupt the message to `ann`, 'Look'": (("ann", "kooL?"), ("bob", "Write")),
        "swap the message to `ann`, 'Look', with that to `bob`": (("ann", "Write"), ("bob", "Look")),
        "drop the message to `bob`, 'Write'": (("ann", "Look"),),
        "duplicate the message to `bob`, 'Write'": (("ann", "Look"), ("bob", "Write"), ("bob", "Write")),
        "corrupt the message to `bob`, 'Write'": (("ann", "Look"), ("bob", "etirW?")),
    }
    assert altered["drop the wait for `ann`"].wait_for == ("bob",)
    assert altered["drop the wait for `bob`"].wait_for == ("ann",)
    same = ModelAnswer(source="a:1", sends=(("ann", "Look"), ("bob", "Look")))
    assert not [mutant.what for mutant in mutants_of(same) if mutant.what.startswith("swap")]
