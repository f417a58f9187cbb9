"""A machine that fails leaves an ordinary test behind, which fails the same way without any search."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ruamel.yaml import YAML

if TYPE_CHECKING:
    import pytest

pytest_plugins = ["pytester"]

QUIET = ("-p", "no:cacheprovider", "-p", "no:xdist", "-o", "asyncio_default_fixture_loop_scope=function")
MACHINE = """
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, rule

from meerkat_mock.strategies import MeerkatMachine


class Desk(MeerkatMachine):
    sessions = Bundle("sessions")

    @initialize()
    def begin(self):
        self.asked = 0

    @rule(target=sessions, text=st.just("hello"))
    async def open(self, text):
        return await self.client.create_session(text)

    @rule(session=sessions, number=st.integers(0, 9))
    async def ask(self, session, number):
        self.asked += number > 1
        await session.turn(f"question {number}")

    @rule()
    def look(self):
        assert self.mock.sessions is not None

    @invariant()
    async def few_questions(self):
        assert self.asked < 2, "two big questions"


TestDesk = Desk.TestCase
TestDesk.settings = settings(
    max_examples=60, stateful_step_count=7, deadline=None, derandomize=True, database=None, phases=[Phase.generate, Phase.shrink]
)
"""


def test_the_shrunk_steps_of_a_machine_are_written_and_fail_without_hypothesis_until_the_fault_is_gone(pytester: pytest.Pytester) -> None:
    path = pytester.makepyfile(test_desk=MACHINE)
    result = pytester.runpytest_inprocess(*QUIET, "--meerkat-examples", "found", "test_desk.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*meerkat_mock: example*", "written as *test_desk_Desk_example.py"])
    text = (pytester.path / "found" / "test_desk_Desk_example.py").read_text()
    steps = [line.strip() for line in text.splitlines() if "machine.take(" in line]
    assert steps == [
        "machine.take('begin')",
        "step_2 = machine.take('open', text='hello')",
        "machine.take('ask', number=2, session=step_2)",
        "machine.take('ask', number=2, session=step_2)",
    ]
    assert ast.parse(text)
    again = pytester.runpytest_inprocess(*QUIET, "-p", "no:hypothesispytest", "found")
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["*two big questions*"])
    path.write_text(MACHINE.replace("self.asked < 2", "self.asked < 99"))
    pytester.runpytest_inprocess(*QUIET, "found").assert_outcomes(passed=1)


def test_a_step_that_cannot_be_written_is_told(pytester: pytest.Pytester) -> None:
    odd = MACHINE.replace('st.just("hello")', "st.builds(object)").replace("create_session(text)", "create_session('x')")
    pytester.makepyfile(test_desk=odd.replace(", Phase.shrink]", "]"))
    result = pytester.runpytest_inprocess(*QUIET, "--meerkat-examples", "found", "test_desk.py")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["not written: the value of 'text_*' cannot be written*"])


DRAWING = """
from hypothesis import Phase, settings
from hypothesis.stateful import initialize, invariant, rule

from meerkat_mock.strategies import MeerkatMachine, dialogues


class Talks(MeerkatMachine):
    @initialize(scenario=dialogues())
    async def begin(self, scenario):
        self.mock.load(scenario)
        self.session = await self.client.create_session("hi")
        self.said = [self.session.text]

    @rule()
    async def go_on(self):
        text, result = await self.session.stream("go on").collect_text()
        assert text == result.text
        self.said.append(text)

    @invariant()
    async def texts_stay_short(self):
        history = await self.client.read_session_history(self.session.id)
        assert len(history.messages) >= 1 + len(self.said)
        assert len(self.said) < 2 or len(self.said[-1]) <= LIMIT, f"{len(self.said)} answers"


LIMIT = 0
TestTalks = Talks.TestCase
TestTalks.settings = settings(
    max_examples=30, stateful_step_count=3, deadline=None, derandomize=True, database=None, phases=[Phase.generate, Phase.shrink]
)
"""


def test_a_machine_that_draws_its_scenario_leaves_a_scenario_file_beside_its_steps(pytester: pytest.Pytester) -> None:
    path = pytester.makepyfile(test_talks=DRAWING)
    result = pytester.runpytest_inprocess(*QUIET, "--meerkat-examples", "found", "test_talks.py")
    result.assert_outcomes(failed=1)
    text = (pytester.path / "found" / "test_talks_Talks_example.py").read_text()
    assert "machine.take('begin', scenario=scenario_of(HERE / 'talks_Talks_example_scenario_1.mock.yaml'))" in text
    drawn = YAML(typ="safe").load(pytester.path / "found" / "talks_Talks_example_scenario_1.mock.yaml")
    assert drawn["sessions"] == [{"turns": [{"say": "0"}], "reuse": True, "after_last": "repeat", "optional": True}]
    assert text.count("machine.take('go_on')") == 1
    again = pytester.runpytest_inprocess(*QUIET, "-p", "no:hypothesispytest", "found")
    again.assert_outcomes(failed=1)
    again.stdout.fnmatch_lines(["*AssertionError: 2 answers*"])
    path.write_text(DRAWING.replace("LIMIT = 0", "LIMIT = 9"))
    pytester.runpytest_inprocess(*QUIET, "found").assert_outcomes(passed=1)
