"""What is generated: over the whole contract, the same for the same seed, and possible at every step."""

from __future__ import annotations

from meerkat.wire.methods import METHODS
from meerkat_mock.conform.generating import conversations
from meerkat_mock.conform.moves import LEFT_OUT, MOVES, NOBODY
from meerkat_mock.conform.steps import AnswerTools, Ask, references


def test_every_method_of_the_contract_has_a_move_or_a_reason_why_not() -> None:
    moves = [move.method for move in MOVES]
    assert len(set(moves)) == len(moves)
    assert {*moves, *LEFT_OUT} == set(METHODS)
    assert not set(moves) & set(LEFT_OUT)


def test_whatever_a_move_is_about_some_move_gives() -> None:
    given = {kind for move in MOVES for kind in move.gives}
    # the realm is made by the opening of every conversation
    assert {move.about for move in MOVES if move.about} <= given | {"realm"}
    assert given <= set(NOBODY)


def test_one_seed_means_the_same_conversations_and_another_others() -> None:
    assert conversations(3, 12) == conversations(3, 12)
    assert conversations(3, 12) != conversations(4, 12)
    assert len(conversations(3, 12)) == 12
    assert conversations(3, 0) == []


def test_a_step_refers_to_earlier_requests_only() -> None:
    for steps in conversations(1, 18):
        asked: set[int] = set()
        for step in steps:
            if not isinstance(step, AnswerTools):
                assert set(references(step.params)) <= asked
            if isinstance(step, Ask):
                asked.add(step.number)


def test_some_turns_wait_for_their_tool_and_some_are_cancelled() -> None:
    steps = [step for steps in conversations(0, 50) for step in steps]
    assert any(isinstance(step, Ask) and step.tools == "held" for step in steps)
    assert any(not isinstance(step, AnswerTools) and step.method == "cancel" for step in steps)
