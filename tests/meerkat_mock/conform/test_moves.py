"""What is generated: over the whole contract, the same for the same seed, and possible at every step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from meerkat.wire.methods import METHODS
from meerkat_mock.conform.companion import companion
from meerkat_mock.conform.generating import GIVEN, conversations
from meerkat_mock.conform.moves import LEFT_OUT, MOVES, NOBODY
from meerkat_mock.conform.rehearsal import rehearse
from meerkat_mock.conform.steps import AnswerTools, Ask, references
from meerkat_mock.coverage import Coverage

if TYPE_CHECKING:
    from meerkat_mock.conform.steps import Step


def test_every_method_of_the_contract_has_a_move_or_a_reason_why_not() -> None:
    moves = [move.method for move in MOVES]
    assert len(set(moves)) == len(moves)
    assert {*moves, *LEFT_OUT} == set(METHODS)
    assert not set(moves) & set(LEFT_OUT)


def test_whatever_a_move_is_about_some_move_gives() -> None:
    given = {kind for move in MOVES for kind in move.gives}
    derived = {"pair", "source"}  # members in another guise
    about = {move.about for move in MOVES if move.about}
    assert about <= given | set(GIVEN) | derived
    assert given | about <= set(NOBODY)


@pytest.fixture(scope="module")
def made() -> list[list[Step]]:
    return conversations(1, 45)


def test_one_seed_means_the_same_conversations_and_another_others() -> None:
    first = conversations(3, 2)
    assert first == conversations(3, 2)
    assert first != conversations(4, 2)
    assert len({tuple(map(str, steps)) for steps in first}) == 2
    assert conversations(3, 0) == []


def test_a_step_refers_to_earlier_requests_only(made: list[list[Step]]) -> None:
    for steps in made:
        asked: set[int] = set()
        for step in steps:
            if not isinstance(step, AnswerTools):
                assert set(references(step.params)) <= asked
            if isinstance(step, Ask):
                asked.add(step.number)


def test_some_turns_wait_for_their_tool_and_some_are_cancelled(made: list[list[Step]]) -> None:
    steps = [step for steps in made for step in steps]
    assert any(isinstance(step, Ask) and step.tools == "held" for step in steps)
    assert any(not isinstance(step, AnswerTools) and step.method == "cancel" for step in steps)


async def test_conversations_lead_far_into_the_contract_and_few_steps_are_refused(made: list[list[Step]]) -> None:
    coverage, answers, errors = Coverage(("methods", "events", "notifications")), 0, 0
    for index, steps in enumerate(made):
        for line in (await rehearse(steps, str(index))).lines:
            message = line.message
            assert isinstance(message, dict)
            coverage.message(str(index), "in" if line.sent else "out", message)
            answers += not line.sent and "method" not in message
            errors += not line.sent and "error" in message
    methods, events, notifications = coverage.rows()
    assert 0.05 < errors / answers < 0.25
    assert len(methods.used) > 80
    assert len(events.used) > 15
    assert len(notifications.used) > 3


def test_a_companion_tells_what_it_refuses_and_what_came_of_the_rest() -> None:
    with companion() as mock:
        assert mock.play(Ask(1, "initialize", {}))
        assert mock.play(Ask(2, "mob/list", {}))
        assert not mock.play(Ask(3, "session/read", {"session_id": "odd"}))
        assert mock.result(2) == {"mobs": []}
        assert mock.result(3) is None
