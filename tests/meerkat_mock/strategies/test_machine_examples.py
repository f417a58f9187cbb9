"""A machine that fails leaves an ordinary test behind, which fails the same way without any search."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

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
