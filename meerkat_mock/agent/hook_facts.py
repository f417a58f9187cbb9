"""What a hook is told about its point (spec 03, 6.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from meerkat_mock.agent.ports import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat_mock.agent.ports import JsonObject, ToolOutcome
    from meerkat_mock.agent.run import Call, Run

Point = Literal[
    "run_started",
    "run_completed",
    "run_failed",
    "pre_llm_request",
    "post_llm_response",
    "pre_tool_execution",
    "post_tool_execution",
    "turn_boundary",
]


def facts_at(run: Run, point: Point) -> JsonObject:
    """Return what the run itself knows at a point."""
    facts: JsonObject = {}
    if point == "run_completed":
        facts["turn_number"] = run.record.turns
    elif point not in ("run_started", "run_failed"):
        facts["turn_number"] = run.turn_number
    more = _FACTS.get(point)
    return facts if more is None else {**facts, **more(run)}


def _asked(run: Run) -> JsonObject:
    prompt = run.given.prompt
    return {"prompt_input": prompt if isinstance(prompt, str) else [*prompt], "prompt": text_of(prompt)}


def _request(run: Run) -> JsonObject:
    return {"llm_request": {"max_tokens": run.spec.max_tokens, "message_count": len(run.record.messages)}}


def _response(run: Run) -> JsonObject:
    reply = run.reply
    return {
        "llm_response": {
            "assistant_text": reply.text,
            "tool_call_names": [call.name for call in reply.calls],
            "stop_reason": reply.stop,
            "usage": reply.usage.event(),
        }
    }


_FACTS: dict[str, Callable[[Run], JsonObject]] = {"run_started": _asked, "pre_llm_request": _request, "post_llm_response": _response}


def about_call(call: Call) -> JsonObject:
    """Return what `pre_tool_execution` says of a call."""
    return {"tool_call": {"tool_use_id": call.id, "name": call.name, "args": call.arguments}}


def about_result(call: Call, outcome: ToolOutcome) -> JsonObject:
    """Return what `post_tool_execution` says of a result."""
    return {
        "tool_result": {
            "tool_use_id": call.id,
            "name": call.name,
            "content": text_of(outcome.content),
            "content_blocks": [*outcome.content],
            "is_error": outcome.is_error,
        }
    }
