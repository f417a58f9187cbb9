"""`MeerkatMachine`: rules and invariants with `await`, a fresh world per example, and failures that are told."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, invariant, precondition, rule, run_state_machine_as_test

from meerkat import MeerkatError
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.scenario.models import Scenario, from_data
from meerkat_mock.strategies import MeerkatMachine, dialogues
from meerkat_mock.violations import MockViolations

FEW = settings(
    max_examples=10, stateful_step_count=8, deadline=None, database=None, derandomize=True, phases=[Phase.generate, Phase.shrink]
)


class Desk(MeerkatMachine):
    """Creates sessions, asks them, and counts."""

    sessions = Bundle("sessions")
    seen: list[str] = []  # noqa: RUF012 - what all examples did, on purpose

    async def opened(self) -> None:
        self.count = 0
        self.asked: list[Any] = []

    @initialize()
    async def begin(self) -> None:
        assert await self.client.list_sessions() == []
        self.seen.append("begin")

    @rule(target=sessions)
    async def create(self) -> Any:
        session = await self.client.create_session("hi")
        self.count += 1
        return session

    @rule(session=sessions)
    async def ask(self, session: Any) -> None:
        assert (await session.turn("again")).text == "OK"
        self.asked.append(session)

    @rule(number=st.integers(0, 3))
    def wait(self, number: int) -> None:
        assert self.drive(asyncio.sleep(0, number)) == number

    @precondition(lambda self: self.count > 0)
    @rule()
    async def only_with_sessions(self) -> None:
        assert self.count > 0
        self.seen.append("guarded")

    @invariant()
    async def all_are_listed(self) -> None:
        assert len(await self.client.list_sessions()) == self.count


TestDesk = Desk.TestCase
TestDesk.settings = FEW


def test_every_rule_was_awaited_in_a_fresh_world() -> None:
    Desk.seen.clear()
    run_state_machine_as_test(Desk, settings=FEW)
    assert Desk.seen.count("begin") >= FEW.max_examples
    assert "guarded" in Desk.seen


def test_a_rule_that_fails_is_shrunk_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    class Broken(Desk):
        @rule(text=st.text(max_size=3))
        async def fails(self, text: str) -> None:
            await asyncio.sleep(0)
            assert self.count < 2

    with pytest.raises(AssertionError) as caught:
        run_state_machine_as_test(Broken, settings=settings(FEW, max_examples=50))
    notes = "\n".join(getattr(caught.value, "__notes__", [])) + capsys.readouterr().out
    assert notes.count("state.create()") == 2
    assert "state.fails(text='')" in notes


def test_an_invariant_that_fails_is_told() -> None:
    class Broken(Desk):
        @invariant()
        async def never_two(self) -> None:
            assert len(await self.client.list_sessions()) < 2, "there are two"

    with pytest.raises(AssertionError, match="there are two"):
        run_state_machine_as_test(Broken, settings=FEW)


def test_what_the_mock_holds_against_an_example_fails_it() -> None:
    class Swallowing(MeerkatMachine):
        async def opened(self) -> None:
            self.mock.session(prompt="expected").turn(say="fine")

        @rule()
        async def unexpected(self) -> None:
            with pytest.raises(MeerkatError):
                await self.client.create_session("something else")

    with pytest.raises(MockViolations, match="something else"):
        run_state_machine_as_test(Swallowing, settings=FEW)


def test_a_task_that_outlives_its_example_is_told() -> None:
    class Leaking(MeerkatMachine):
        @rule()
        async def leak(self) -> None:
            self.kept = asyncio.ensure_future(asyncio.sleep(3600))

        def teardown(self) -> None:
            try:
                super().teardown()
            finally:
                self.kept = None  # type: ignore[assignment]

    with pytest.raises(AssertionError, match="tasks outlived the example"):
        run_state_machine_as_test(Leaking, settings=FEW)


def test_a_rule_that_hangs_fails_in_time() -> None:
    class Hanging(MeerkatMachine):
        patience_seconds = 0.05

        @rule()
        async def hang(self) -> None:
            await asyncio.Event().wait()

    with pytest.raises((asyncio.TimeoutError, TimeoutError)):
        run_state_machine_as_test(Hanging, settings=settings(FEW, max_examples=2))


class Talks(MeerkatMachine):
    """Plays scenarios that were drawn, and keeps what was said."""

    @initialize(scenario=dialogues())
    async def begin(self, scenario: Scenario) -> None:
        self.mock.load(scenario)
        self.turns = len(scenario.sessions[0].turns)
        self.session = await self.client.create_session("hi")
        self.said = [self.session.text]

    @rule()
    async def go_on(self) -> None:
        text, result = await self.session.stream("go on").collect_text()
        assert text == result.text
        self.said.append(text)

    @invariant()
    async def the_last_turn_is_repeated(self) -> None:
        beyond = self.said[self.turns - 1 :]
        assert beyond == beyond[:1] * len(beyond)
        assert len(self.mock.journal.requests("turn/start")) == len(self.said) - 1


def test_a_drawn_scenario_is_played() -> None:
    run_state_machine_as_test(Talks, settings=FEW)


def test_findings_about_a_drawn_scenario_say_where_it_came_from() -> None:
    mock = MeerkatMock(from_data({"sessions": [{"turns": [{"say": "never"}]}]}))
    with mock.intercepting():
        pass
    with pytest.raises(MockViolations, match="<drawn scenario>:"):
        mock.assert_clean()
    with pytest.raises(ValueError, match="this mock has a scenario already"):
        mock.load(Scenario())
