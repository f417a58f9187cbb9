"""A failing property becomes a file that fails the same way, without Hypothesis."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

QUIET = ("-p", "no:cacheprovider", "-p", "no:xdist")
HEAD = """
from hypothesis import Phase, given, settings, strategies as st
from meerkat_mock.strategies import conversations, scenarios

FEW = settings(max_examples=30, database=None, derandomize=True, phases=[Phase.generate, Phase.shrink])
"""


def _first_run(pytester: pytest.Pytester, test: str) -> pytest.RunResult:
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(test_desk=HEAD + test)
    return pytester.runpytest_inprocess(*QUIET, "--meerkat-examples", "found", "test_desk.py")


def _again(pytester: pytest.Pytester) -> pytest.RunResult:
    return pytester.runpytest_inprocess(*QUIET, "-p", "no:hypothesispytest", "found")


def test_an_example_is_written_as_a_test_that_fails_the_same_way(pytester: pytest.Pytester) -> None:
    first = _first_run(
        pytester,
        """
class TestDesk:
    @FEW
    @given(number=st.integers(0, 99), name=st.text())
    async def test_it(self, meerkat_mock, number, name):
        meerkat_mock.session().turn(say=str(number))
        async with meerkat_mock.client() as client:
            answer = (await client.create_session("hi")).text
        assert int(answer) < 3, f"the answer is {answer}"
""",
    )
    first.assert_outcomes(failed=1)
    first.stdout.fnmatch_lines(["*written as *found*test_desk_TestDesk_test_it_example.py"])
    text = (pytester.path / "found" / "test_desk_TestDesk_test_it_example.py").read_text()
    assert "number=3,\n" in text
    assert "name=''" in text
    assert "hypothesis" not in text
    again = _again(pytester)
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["*AssertionError: the answer is 3*"])


def test_a_drawn_scenario_becomes_a_scenario_file(pytester: pytest.Pytester) -> None:
    first = _first_run(
        pytester,
        """
@FEW
@given(scenario=scenarios())
def test_it(meerkat_mock, scenario):
    assert scenario.seed in (None, 0), f"the seed is {scenario.seed}"
""",
    )
    first.assert_outcomes(failed=1)
    assert "seed: 1" in (pytester.path / "found" / "desk_test_it_example_scenario.mock.yaml").read_text()
    again = _again(pytester)
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["*AssertionError: the seed is 1*"])


def test_a_drawn_conversation_is_written_out(pytester: pytest.Pytester) -> None:
    first = _first_run(
        pytester,
        """
@FEW
@given(conversation=conversations())
def test_it(meerkat_mock, conversation):
    assert len(conversation.asks) < 2, "two requests"
""",
    )
    first.assert_outcomes(failed=1)
    _again(pytester).stdout.fnmatch_lines(["*AssertionError: two requests*"])


def test_a_value_that_cannot_be_written_is_named(pytester: pytest.Pytester) -> None:
    first = _first_run(
        pytester,
        """
@FEW
@given(thing=st.builds(object))
def test_it(meerkat_mock, thing):
    assert False
""",
    )
    first.stdout.fnmatch_lines(["*not written: the value of 'thing' cannot be written into a file*"])


@pytest.mark.parametrize(("imports", "package"), [("import neighbour", False), ("from . import neighbour", True)])
def test_what_a_test_imports_from_beside_it_is_found_from_anywhere(pytester: pytest.Pytester, imports: str, package: bool) -> None:
    folder = pytester.mkdir("suite")
    (folder / "neighbour.py").write_text("LIMIT = 3\n")
    if package:
        (folder / "__init__.py").touch()
    body = "@FEW\n@given(number=st.integers(0, 99))\ndef test_it(meerkat_mock, number):\n    assert number < neighbour.LIMIT\n"
    (folder / "test_desk.py").write_text(f"{HEAD}\n{imports}\n{body}")
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    pytester.runpytest_subprocess(*QUIET, "--meerkat-examples", "found", "suite").assert_outcomes(failed=1)
    again = pytester.runpytest_subprocess(*QUIET, "-p", "no:hypothesispytest", "found")
    again.stdout.fnmatch_lines(["*number = 3*", "*1 failed*"])
