"""Structured output after the main run: attempts, reasons, and what stays in the transcript."""

from __future__ import annotations

import pytest

from meerkat_mock.agent.ports import BudgetLimits, OutputSchema
from meerkat_mock.world.model import ModelAnswer, ProviderFailure, Reset
from tests.meerkat_mock.agent.stage import Stage, call, failing, kinds, one, only, say

CITY = OutputSchema({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]})
ASK = (
    "Provide the final output as valid JSON matching the required schema. Output ONLY the JSON, no additional text or markdown formatting."
)


async def test_a_valid_answer_succeeds_after_the_run_is_completed() -> None:
    stage = Stage(output_schema=CITY)
    events = await stage.run(say("Paris it is"), say('{"city":', '"Paris"}'))
    assert kinds(events)[4:] == ["turn_completed", "run_completed", "text_delta", "text_delta", "extraction_succeeded"]
    assert one(events, "run_completed")["extraction_required"] is True
    assert events[-1] == {"type": "extraction_succeeded", "session_id": "s1", "structured_output": {"city": "Paris"}}
    assert (stage.record.extracted, stage.record.structured_output, stage.record.turns) == (True, {"city": "Paris"}, 2)
    assert (stage.record.text, stage.added()[2]) == ("Paris it is", {"role": "user", "content": ASK})


async def test_an_invalid_answer_is_asked_for_again_with_the_reason() -> None:
    stage = Stage(output_schema=CITY)
    await stage.run(say("x"), say("not json"), say('{"town":"x"}'), say('{"city":"Paris"}'))
    again = "Please provide valid JSON matching the schema. Output ONLY the JSON, no additional text."
    assert [message["content"] for message in stage.added() if message["role"] == "user"][2:] == [
        f"The previous output was invalid: Invalid JSON: expected ident at line 1 column 2. {again}",
        f'The previous output was invalid: Schema validation failed: "city" is a required property. {again}',
    ]
    assert (stage.record.extracted, stage.record.turns) == (True, 4)


async def test_retries_run_out() -> None:
    stage = Stage(output_schema=CITY, structured_output_retries=1)
    events = await stage.run(say("x"), ModelAnswer(), ModelAnswer())
    error = {"last_output": "x", "attempts": 2, "reason": "Invalid JSON: EOF while parsing a value at line 1 column 0"}
    assert events[-1] == {"type": "extraction_failed", "session_id": "s1", **error}
    assert (stage.record.extraction_error, stage.record.extracted) == (error, False)


async def test_a_tool_call_ends_the_extraction_at_once() -> None:
    stage = Stage(output_schema=CITY)
    events = await stage.run(say("x"), call("add", "slow"))
    assert events[-1]["reason"] == "structured output extraction returned tool calls instead of JSON: add, slow"
    assert (events[-1]["attempts"], stage.record.turns, stage.messages[-1]["content"]) == (1, 2, ASK)


async def test_a_refusal_of_the_provider_shows_in_the_reason_and_fails_nothing() -> None:
    stage = Stage(output_schema=CITY)
    events = await stage.run(say("x"), failing(ProviderFailure(400, "m", "{}")))
    assert events[-1]["reason"] == "LLM error (self_hosted): Invalid request: {}"
    assert (stage.failure, stage.record.turns, stage.usage.input_tokens) == (None, 2, 10)


async def test_a_transient_failure_is_no_attempt() -> None:
    stage = Stage(output_schema=CITY, structured_output_retries=0)
    events = await stage.run(say("x"), failing(Reset(), "{"), say('{"city":"y"}'))
    assert kinds(events)[-4:] == ["text_delta", "retrying", "text_delta", "extraction_succeeded"]


async def test_a_used_up_budget_ends_the_extraction() -> None:
    stage = Stage(output_schema=CITY, budget=BudgetLimits(max_tokens=16))
    events = await stage.run(say("x"), say('{"city":"y"}'))
    assert kinds(events)[-2:] == ["budget_warning", "extraction_failed"]
    assert events[-1]["reason"] == "extraction budget exceeded: BudgetExceeded { dimension: Tokens, used: 30, limit: 16 }"
    assert (stage.record.turns, stage.added()[-1]["content"]) == (2, ASK)


async def test_a_budget_used_up_by_the_main_run_skips_the_extraction() -> None:
    stage = Stage(output_schema=CITY, budget=BudgetLimits(max_tokens=15))
    events = await stage.run(say("x"))
    assert one(events, "run_completed")["extraction_required"] is False


async def test_a_schema_that_is_none_is_found_out_in_the_extraction() -> None:
    stage = Stage(output_schema=OutputSchema({"type": "strin"}))
    events = await stage.run(say("x"), say("1"))
    assert str(events[-1]["reason"]).startswith('Invalid output schema: "strin" is not valid')
    assert not only(events, "extraction_succeeded")


async def test_the_model_is_asked_without_tools() -> None:
    stage = Stage(output_schema=CITY)
    await stage.run(say("x"), say('{"city":"y"}'))
    assert [(request.purpose, bool(request.tools)) for request in stage.model.requests] == [("turn", True), ("extraction", False)]


@pytest.mark.parametrize("value", ["null", "[]"])
async def test_any_value_that_fits_is_an_output(value: str) -> None:
    stage = Stage(output_schema=OutputSchema({}))
    await stage.run(say("x"), say(value))
    assert stage.record.extracted
