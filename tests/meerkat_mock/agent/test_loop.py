"""Runs from their first to their last event: text, reasoning, rounds, limits, interrupts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from meerkat_mock.agent.ports import BudgetLimits, RunInput, RunRecord, ToolOverlay, Usage
from meerkat_mock.clock import VirtualClock, settle
from meerkat_mock.world.model import ModelAnswer, ModelUsage, ProviderFailure
from tests.meerkat_mock.agent.stage import PIXEL, Stage, call, failing, kinds, one, only, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat_mock.agent.ports import Event

PLAIN = ["run_started", "turn_started", "text_delta", "text_complete", "turn_completed", "run_completed"]
TOOL = ["tool_call_requested", "tool_execution_started", "tool_execution_completed", "tool_result_received"]


async def test_a_text_answer_is_streamed_and_completed() -> None:
    stage = Stage()
    events = await stage.run(say("Hel", "", "lo"))
    assert kinds(events) == ["run_started", "turn_started", "text_delta", "text_delta", "text_complete", "turn_completed", "run_completed"]
    assert [event["delta"] for event in only(events, "text_delta")] == ["Hel", "lo"]
    assert events[-1] == {
        "type": "run_completed",
        "session_id": "s1",
        "result": "Hello",
        "extraction_required": False,
        "usage": {"input_tokens": 10, "output_tokens": 5, "cache_creation_tokens": None, "cache_read_tokens": None},
    }
    assert stage.added() == [
        {"role": "user", "content": "hi"},
        {"role": "block_assistant", "blocks": [{"block_type": "text", "data": {"text": "Hello"}}], "stop_reason": "end_turn"},
    ]
    assert (stage.record.text, stage.record.turns, stage.record.tool_calls) == ("Hello", 1, 0)


async def test_an_empty_answer_leaves_a_message_without_blocks() -> None:
    stage = Stage()
    assert kinds(await stage.run(ModelAnswer())) == ["run_started", "turn_started", "turn_completed", "run_completed"]
    assert stage.added()[-1] == {"role": "block_assistant", "blocks": [], "stop_reason": "end_turn"}


async def test_reasoning_is_closed_after_the_text_deltas_and_stands_first_in_the_transcript() -> None:
    stage = Stage()
    events = await stage.run(ModelAnswer(think=("h", "m"), say=("ok",)))
    assert kinds(events)[2:7] == ["reasoning_delta", "reasoning_delta", "text_delta", "reasoning_complete", "text_complete"]
    assert one(events, "reasoning_complete")["content"] == "hm"
    assert stage.added()[-1]["blocks"] == [
        {"block_type": "reasoning", "data": {"text": "hm"}},
        {"block_type": "text", "data": {"text": "ok"}},
    ]


async def test_muted_deltas_leave_only_what_the_loop_says_itself() -> None:
    stage = Stage()
    stage.agent.deltas_muted = True
    events = await stage.run(ModelAnswer(think=("h",), say=("o", "k")))
    assert kinds(events) == ["run_started", "turn_started", "text_complete", "turn_completed", "run_completed"]


async def test_a_tool_round_is_followed_by_another_round() -> None:
    stage = Stage()
    events = await stage.run(call("add", say=("let me",)), say("5"))
    assert kinds(events) == [*PLAIN[:4], *TOOL, *PLAIN[1:]]
    assert [event["turn_number"] for event in only(events, "turn_started")] == [0, 1]
    assert (stage.record.turns, stage.record.tool_calls, stage.usage.input_tokens) == (2, 1, 20)


async def test_the_stop_reason_of_the_last_round_is_passed_on() -> None:
    stage = Stage()
    events = await stage.run(say("cut", stop="max_tokens"))
    assert one(events, "turn_completed")["stop_reason"] == "max_tokens"
    assert stage.added()[-1]["stop_reason"] == "max_tokens"


async def test_a_refusal_of_the_provider_fails_the_run() -> None:
    stage = Stage()
    events = await stage.run(failing(ProviderFailure(400, "no", "{}")))
    assert kinds(events) == ["run_started", "turn_started", "run_failed"]
    assert events[-1] == {
        "type": "run_failed",
        "session_id": "s1",
        "error_class": "llm",
        "error": "Terminal failure: Failed (LlmFailure): LLM failure terminal turn",
        "terminal_cause_kind": "llm_failure",
        "error_report": {
            "class": "llm",
            "message": "Terminal failure: Failed (LlmFailure): LLM failure terminal turn",
            "reason": {"reason_type": "turn_terminal_cause", "outcome": "failed", "cause_kind": "llm_failure"},
        },
    }
    assert stage.failure == "Terminal failure: Failed (LlmFailure): LLM failure terminal turn"


async def test_a_run_ends_after_its_last_allowed_round() -> None:
    stage = Stage()
    events = await stage.run(call("add"), call("add"), given=RunInput("hi", "hi", max_rounds=2))
    assert kinds(events)[-2:] == ["tool_result_received", "run_failed"]
    assert stage.failure == "Terminal failure: Failed (TurnLimitReached): turn limit reached"
    assert events[-1]["error_class"] == "max_turns"


async def test_an_answer_that_reaches_the_token_limit_is_discarded_but_counted() -> None:
    stage = Stage(budget=BudgetLimits(max_tokens=20))
    await stage.run(say("fits"))
    events = await stage.run(say("does not"))
    assert kinds(events) == ["run_started", "turn_started", "text_delta", "budget_warning", "run_completed"]
    assert one(events, "budget_warning") == {"type": "budget_warning", "budget_type": "tokens", "used": 30, "limit": 20, "percent": 1.0}
    assert (events[-1]["result"], events[-1]["terminal_cause_kind"]) == ("fits", "budget_exhausted")
    assert (stage.record.turns, stage.usage.input_tokens, stage.messages[-1]["content"]) == (0, 20, "hi")
    assert kinds(await stage.run()) == ["run_started", "budget_warning", "run_completed"]


async def test_calls_beyond_their_limit_are_all_run_and_end_the_run() -> None:
    stage = Stage(budget=BudgetLimits(max_tool_calls=1))
    events = await stage.run(call("add", "add"))
    assert kinds(events)[-3:] == ["tool_result_received", "budget_warning", "run_completed"]
    assert (stage.record.turns, stage.record.tool_calls, stage.record.text) == (1, 2, "")


async def test_time_that_is_over_fails_the_run() -> None:
    stage = Stage(budget=BudgetLimits(max_duration=1.5))
    events = await stage.run(say("late", pace_first=2.0))
    assert kinds(events)[-2:] == ["budget_warning", "run_failed"]
    assert (events[-2]["used"], events[-2]["limit"]) == (2, 1)
    assert stage.failure == "Terminal failure: TimeBudgetExceeded (TimeBudgetExceeded): time budget exceeded"


async def test_boundary_notices_stand_before_the_round_they_apply_to() -> None:
    stage = Stage()
    stage.tools.changes[1] = [
        {"type": "tool_config_changed", "payload": {"target": "callback:late"}},
        {"type": "tool_config_changed", "payload": {"target": "tool_scope", "domain": "tool_scope"}},
    ]
    stage.tools.jobs = [{"type": "background_job_completed", "job_id": "job_1"}]
    events = await stage.run(call("add"), say("ok"))
    assert kinds(events)[1:3] == ["background_job_completed", "turn_started"]
    assert kinds(events)[7:10] == ["tool_config_changed", "tool_config_changed", "turn_started"]


async def test_the_model_is_asked_with_the_transcript_the_tools_and_injected_context() -> None:
    stage = Stage(labels={"app": "desk"})
    overlay = ToolOverlay(blocked=frozenset({"slow"}))
    await stage.run(say("ok"), given=RunInput("hi", "hi", overlay=overlay, system_context=("[Runtime System Context]\n\nIt rains.",)))
    (request,) = stage.model.requests
    assert [message["role"] for message in request.messages] == ["system", "user"]
    assert request.messages[0]["content"] == "You are terse.\n\n[Runtime System Context]\n\nIt rains."
    assert (list(request.tools), request.labels, request.prompt, request.purpose) == (["add"], {"app": "desk"}, "hi", "turn")
    assert stage.messages[0]["content"] == "You are terse."


async def test_an_image_of_the_provider_stands_in_its_answer() -> None:
    stage = Stage()
    events = await stage.run(say("look", images=(PIXEL,)))
    assert kinds(events)[3:5] == ["text_complete", "assistant_image_appended"]
    blocks = stage.added()[-1]["blocks"]
    assert isinstance(blocks, list)
    assert [block["block_type"] for block in blocks if isinstance(block, dict)] == ["text", "image"]
    assert stage.blobs == [("image/png", "iVBORw0KGgo=")]


async def test_cancelling_a_run_abandons_it_where_it_stands() -> None:
    stage = Stage(VirtualClock(auto=False))
    seen: list[Event] = []

    async def hear(burst: Sequence[Event]) -> None:
        seen.extend(burst)

    stage.model.answers = [ModelAnswer(say=("a", "b"), pace_each=1.0)]
    record = RunRecord([], Usage())
    running = asyncio.ensure_future(stage.agent.run(RunInput("hi", "hi"), record, hear))
    await settle()
    await stage.clock.advance(1.0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert kinds(seen) == ["run_started", "turn_started", "text_delta"]
    assert record.turns == 0


async def test_cancelling_a_run_abandons_its_tools() -> None:
    stage = Stage()
    stage.tools.gates["slow"] = asyncio.Event()
    playing = asyncio.ensure_future(stage.run(call("slow", "add"), say("never")))
    await stage.tools.answered.wait()
    playing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await playing
    assert stage.tools.log == ["+c1", "+c2", "-c2", "xc1"]


async def test_the_pace_of_an_answer_passes_in_the_clock() -> None:
    stage = Stage()
    began = stage.clock.now()
    await stage.run(ModelAnswer(think=("t",), say=("", "a"), pace_first=2.0, pace_each=0.5))
    assert stage.clock.now() - began == pytest.approx(2.0 + 4 * 0.5)


async def test_usage_counts_every_call_over_all_runs() -> None:
    stage = Stage()
    await stage.run(call("add", usage=ModelUsage(200, 11, cache_read=3)), say("b", usage=ModelUsage(300, 13)))
    events = await stage.run(say("c"))
    assert events[-1]["usage"] == {"input_tokens": 510, "output_tokens": 29, "cache_creation_tokens": None, "cache_read_tokens": 3}
