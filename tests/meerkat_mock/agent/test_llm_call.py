"""One model call: retries, back-off, and answers that break off."""

from __future__ import annotations

import pytest

from meerkat_mock.agent.ports import BudgetLimits
from meerkat_mock.world.model import CleanCut, ModelAnswer, ModelCall, ProviderFailure, Reset
from tests.meerkat_mock.agent.stage import Stage, failing, kinds, one, only, say

BODY = '{"error": {"message": "one", "type": "scripted", "code": "scripted"}}'


async def test_a_server_error_is_retried_and_quoted() -> None:
    stage = Stage()
    events = await stage.run(failing(ProviderFailure(500, "one", BODY)), say("ok"))
    retrying = one(events, "retrying")
    delay = retrying["delay_ms"]
    assert isinstance(delay, int)
    assert 450 <= delay <= 550
    assert retrying == {
        "type": "retrying",
        "attempt": 1,
        "max_attempts": 3,
        "error": f"LLM error (self_hosted): Server error: 500 - {BODY}",
        "delay_ms": delay,
        "retry": {
            "failure": {"provider": "self_hosted", "kind": "retryable_provider_error", "message": f"Server error: 500 - {BODY}"},
            "plan": {
                "attempt": 1,
                "max_retries": 3,
                "computed_delay_ms": delay,
                "selected_delay_ms": delay,
                "rate_limit_floor_applied": False,
                "budget_capped": False,
            },
        },
    }


async def test_a_broken_connection_shows_its_deltas_twice() -> None:
    stage = Stage()
    events = await stage.run(failing(Reset(), "a", "b"), say("a", "b", "c"))
    assert kinds(events)[2:8] == ["text_delta", "text_delta", "retrying", "text_delta", "text_delta", "text_delta"]
    assert one(events, "retrying")["error"] == "LLM error (self_hosted): Connection reset"
    assert stage.record.text == "abc"


async def test_a_rate_limit_waits_half_a_minute() -> None:
    stage = Stage()
    began = stage.clock.now()
    events = await stage.run(failing(ProviderFailure(429, "m", BODY)), say("ok"))
    retry = one(events, "retrying")["retry"]
    assert isinstance(retry, dict)
    assert retry["failure"] == {"provider": "self_hosted", "kind": "rate_limited", "message": "Rate limited"}
    assert stage.clock.now() - began == pytest.approx(30.0)


async def test_a_retry_does_not_wait_beyond_the_time_budget() -> None:
    stage = Stage(budget=BudgetLimits(max_duration=10.0))
    events = await stage.run(failing(ProviderFailure(429, "m", BODY)), say("late"))
    assert one(events, "retrying")["delay_ms"] == 10_000
    assert "'budget_capped': True" in str(one(events, "retrying"))
    assert kinds(events)[-2:] == ["budget_warning", "run_failed"]


async def test_three_retries_are_all_there_are() -> None:
    stage = Stage()
    events = await stage.run(*[failing(ProviderFailure(503, "m", BODY))] * 4)
    assert [event["attempt"] for event in only(events, "retrying")] == [1, 2, 3]
    assert stage.failure == "Terminal failure: Failed (RetryExhausted): retry exhausted"
    assert events[-1]["terminal_cause_kind"] == "retry_exhausted"


async def test_an_answer_without_its_end_is_complete_and_free() -> None:
    stage = Stage()
    cut = ModelAnswer(say=("a", "b"), calls=(ModelCall("c1", "add"),), stop="tool_use", ending=CleanCut())
    events = await stage.run(cut)
    assert kinds(events)[-3:] == ["text_complete", "turn_completed", "run_completed"]
    assert (one(events, "turn_completed")["stop_reason"], stage.usage.input_tokens) == ("end_turn", 0)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 413, 422])
async def test_a_client_error_is_not_retried(status: int) -> None:
    stage = Stage()
    assert not only(await stage.run(failing(ProviderFailure(status, "m", BODY))), "retrying")
    assert stage.failure == "Terminal failure: Failed (LlmFailure): LLM failure terminal turn"
