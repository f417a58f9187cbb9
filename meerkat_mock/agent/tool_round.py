"""The tools of one round: all calls are announced, all run at once, all are reported in the order of the calls (spec 03, 6.1, 6.3)."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from meerkat_mock.agent import events
from meerkat_mock.agent.failure import tool_failure, unsupported_result
from meerkat_mock.agent.ports import ToolOutcome, ToolRefused
from meerkat_mock.agent.run import collapsed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import Block, Event, JsonObject
    from meerkat_mock.agent.run import Bursts, Call, Run


def arguments_of(call: Call) -> JsonObject:
    """Return the arguments of a call. Raises `Failure` when they are JSON but no object (spec 03, 6.3)."""
    if isinstance(call.arguments, dict):
        return call.arguments
    got = _kind(call.arguments)
    raise tool_failure(
        f"Invalid arguments for tool '{call.name}': tool call arguments projection failed: "
        f"tool call arguments must be a JSON object, got {got}"
    )


def _kind(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "number"


async def tool_calls(run: Run, calls: Sequence[Call]) -> Bursts:
    """Yield everything between the round's text and its end, and put the results into the transcript. Raises `Failure`."""
    arguments = [arguments_of(call) for call in calls]
    yield [
        {"type": "tool_call_requested", "id": call.id, "name": call.name, "args": given}
        for call, given in zip(calls, arguments, strict=True)
    ]
    started: list[Event] = []
    for call in calls:
        refusal = _refusal(run, call)
        if refusal is not None:
            yield started
            raise tool_failure(refusal)
        started.append({"type": "tool_execution_started", "id": call.id, "name": call.name})
    yield started
    outcomes = await _carried_out(run, calls, arguments)
    for call, (outcome, duration_ms) in zip(calls, outcomes, strict=True):
        yield [
            events.tool_execution_completed(call.id, call.name, outcome, duration_ms),
            events.tool_result_received(call.id, call.name, outcome),
        ]
    run.record.tool_calls += len(calls)
    run.budget.count_tool_calls(len(calls))
    run.add({"role": "tool_results", "results": [_result(run, call, outcome) for call, (outcome, _) in zip(calls, outcomes, strict=True)]})


def _refusal(run: Run, call: Call) -> str | None:
    """Return why a call ends the run; a tool that the scenario answers for needs not be there."""
    if call.script.scripted:
        return None
    try:
        run.ports.tools.check(call.name, run.given.overlay)
    except ToolRefused as refused:
        return str(refused)
    return None


async def _carried_out(run: Run, calls: Sequence[Call], arguments: Sequence[JsonObject]) -> list[tuple[ToolOutcome, int]]:
    """Run all calls at once; whoever stops waiting abandons them."""
    tasks = [asyncio.ensure_future(_timed(run, call, given)) for call, given in zip(calls, arguments, strict=True)]
    try:
        return [await task for task in tasks]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _timed(run: Run, call: Call, arguments: JsonObject) -> tuple[ToolOutcome, int]:
    """Carry one call out; the duration is its own, in milliseconds."""
    clock = run.ports.clock
    began = clock.now()
    if call.script.scripted:
        await clock.pause(call.script.after, f"tool {call.name} answers session {run.session_id}")
        outcome = scripted_outcome(call)
    else:
        outcome = await run.ports.tools.call(call.id, call.name, arguments)
    return outcome, max(0, int((clock.now() - began) * 1000))


def scripted_outcome(call: Call) -> ToolOutcome:
    """Return what the scenario lets a tool of the runtime answer: a text as it is, anything else as compact JSON."""
    if call.script.error is not None:
        text = json.dumps({"error": "execution_failed", "message": f"Tool execution failed: {call.script.error}"}, separators=(",", ":"))
        return ToolOutcome(({"type": "text", "text": text},), is_error=True)
    result = call.script.result
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, separators=(",", ":"))
    return ToolOutcome(({"type": "text", "text": text},))


def _result(run: Run, call: Call, outcome: ToolOutcome) -> JsonObject:
    """Return one result as the transcript keeps it: images lie in the blob store. Raises `Failure` for a video (spec 03, 6.3)."""
    content = [_stored(run, block) for block in outcome.content]
    return {"tool_use_id": call.id, "content": collapsed(content), "is_error": outcome.is_error}


def _stored(run: Run, block: Block) -> Block:
    if block.get("type") == "video":
        raise unsupported_result(str(block.get("media_type")))
    if block.get("type") != "image" or block.get("source") != "inline":
        return block
    media_type = str(block.get("media_type"))
    return {
        "type": "image",
        "media_type": media_type,
        "source": "blob",
        "blob_id": run.ports.store_image(media_type, str(block.get("data"))),
    }
