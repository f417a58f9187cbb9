"""Conversations as values: references, what hangs together, and recordings read as steps; and how they are cut down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from meerkat_mock.conform import GOLDENS
from meerkat_mock.conform.golden import Golden
from meerkat_mock.conform.player import play
from meerkat_mock.conform.rehearsal import rehearse, simulated
from meerkat_mock.conform.roads import InMemory
from meerkat_mock.conform.shrinking import shrink
from meerkat_mock.conform.steps import AnswerTools, Ask, Tell, resolved, steps_of, without

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from meerkat_mock.conform.steps import Step

CREATE = Ask(1, "session/create", {"prompt": "hi", "labels": {"a": "x"}})
READ = Ask(2, "session/read", {"session_id": "${1.session_id}"})
LIST = Ask(3, "session/list")
STEPS: list[Step] = [CREATE, READ, LIST, Tell(4, "initialized"), Tell(5, "cancel", {"request_id": 1}), AnswerTools(6)]


def test_a_reference_is_filled_in_at_any_depth() -> None:
    assert resolved({"a": [{"b": "${1.x.y}"}], "c": "${2.z}"}, {1: {"x": {"y": "found"}}}) == {"a": [{"b": "found"}], "c": None}


def test_who_refers_to_a_step_goes_with_it() -> None:
    assert without(STEPS, {1}) == STEPS[2:]
    assert without(STEPS, {3}) == [step for step in STEPS if step.number != 3]


def test_steps_are_printed_as_what_is_sent() -> None:
    assert json.loads(str(READ)) == {"id": 2, "method": "session/read", "params": {"session_id": "${1.session_id}"}}
    assert json.loads(str(Ask(2, "turn/start", {}, "held")))["tools"] == "held"
    assert [json.loads(str(step)) for step in STEPS[3:]] == [
        {"method": "initialized"},
        {"method": "cancel", "params": {"request_id": 1}},
        {"tools": "answered"},
    ]


async def test_a_recording_read_as_steps_says_the_same_with_other_ids() -> None:
    golden = Golden.read(GOLDENS / "surfaces" / "approvals.jsonl")
    steps = steps_of(golden)
    assert any("${" in str(step) for step in steps)
    again = await rehearse(steps, "again", like=golden)
    codes = [line.message.get("error", {}).get("code") for line in golden.received]  # type: ignore[union-attr]
    assert [line.message.get("error", {}).get("code") for line in again.received] == codes  # type: ignore[union-attr]


async def test_what_was_rehearsed_is_played_without_a_difference() -> None:
    held = Ask(4, "turn/start", {"session_id": "${1.session_id}", "prompt": '@script[{"call": [{"tool": "t", "args": {}}]}]'}, "held")
    tools = Ask(9, "tools/register", {"tools": [{"name": "t", "description": "", "input_schema": {"type": "object"}}]})
    steps: Sequence[Step] = [tools, CREATE, held, Ask(5, "turn/interrupt", {"session_id": "${1.session_id}"}), AnswerTools(6), LIST]
    golden = await rehearse(steps, "held")
    assert any(line.channel == ("request", "tool/execute") for line in golden.received)
    assert (await play(golden, simulated())).differences == []


async def test_only_what_shows_the_difference_is_left() -> None:
    async def shows(steps: Sequence[Step]) -> bool:
        return {"session/create", "session/read"} <= {step.method for step in steps if isinstance(step, Ask)}

    bare = Ask(1, "session/create", {})
    assert await shrink(STEPS, shows) == [bare, Ask(2, "session/read", {})]
    assert await shrink(STEPS, shows, trials=0) == STEPS


async def test_a_mock_that_has_ended_says_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(road: InMemory, line: bytes) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(InMemory, "send", broken)
    golden = await rehearse([CREATE, READ], "ended")
    assert golden.received == []
    assert len(golden.lines) == 2
