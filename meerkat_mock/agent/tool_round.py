"""The tools of one round: all calls are announced, all run at once, all are reported in the order of the calls (spec 03, 6.1, 6.3)."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from meerkat_mock.agent import events, images
from meerkat_mock.agent.failure import tool_failure, unsupported_result
from meerkat_mock.agent.hook_facts import about_call, about_result
from meerkat_mock.agent.hooks import consult, hooks_at
from meerkat_mock.agent.ports import JsonObject, ToolOutcome, ToolRefused
from meerkat_mock.agent.run import collapsed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat.wire.base import Json
    from meerkat_mock.agent.failure import Failure
    from meerkat_mock.agent.hooks import Verdict
    from meerkat_mock.agent.ports import Block, Event
    from meerkat_mock.agent.run import Call, Run


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


@dataclass
class Images:
    """The images that the tools of a round made; a round has them once, however often it asks."""

    stored: list[JsonObject] = field(default_factory=lambda: [])

    def take(self, run: Run, arguments: JsonObject) -> list[JsonObject]:
        """Store the round's images and return them; none when a call wants several at a time."""
        if images.wants_several(arguments):
            return []
        fresh = [images.stored_image(run, image) for image in run.reply.images]
        self.stored.extend(fresh)
        return fresh


async def tool_calls(run: Run, calls: Sequence[Call]) -> None:
    """Say everything between the round's text and its end, and put the results into the transcript. Raises `Failure`."""
    arguments = [arguments_of(call) for call in calls]
    await run.say(
        [
            {"type": "tool_call_requested", "id": call.id, "name": call.name, "args": given}
            for call, given in zip(calls, arguments, strict=True)
        ]
    )
    verdicts = await _asked_before(run, calls)
    started, failure = _started(run, calls, [verdict.failure for verdict in verdicts])
    await run.say(started)
    if failure is not None:
        raise failure
    made = Images()
    outcomes = await _carried_out(run, calls, arguments, made)
    run.record.tool_calls += len(calls)
    run.budget.count_tool_calls(len(calls))
    await _reported(run, calls, outcomes)
    run.add({"role": "tool_results", "results": [_result(run, call, outcome) for call, (outcome, _) in zip(calls, outcomes, strict=True)]})
    if made.stored:
        run.add(images.images_message(made.stored))
        await run.say([images.appended(image) for image in made.stored])


async def _asked_before(run: Run, calls: Sequence[Call]) -> list[Verdict]:
    """Ask the hooks before the tools: those of all calls at once, their ends in the order of the calls (`HP` of the grammar)."""
    hooks = run.hooks_of("pre_tool_execution")
    if not hooks:
        return []
    await run.say([hook.started() for _ in calls for hook in hooks])
    verdicts = await asyncio.gather(*(consult(run, "pre_tool_execution", hooks, about_call(call)) for call in calls))
    await run.say([event for verdict in verdicts for event in verdict.events])
    return verdicts


def _started(run: Run, calls: Sequence[Call], denials: Sequence[Failure | None]) -> tuple[list[Event], Failure | None]:
    """Return the starts of the calls before the first that must not be made, and why it must not."""
    started: list[Event] = []
    for index, call in enumerate(calls):
        failure = (denials[index] if denials else None) or _refusal(run, call)
        if failure is not None:
            return started, failure
        started.append({"type": "tool_execution_started", "id": call.id, "name": call.name})
    return started, None


async def _reported(run: Run, calls: Sequence[Call], outcomes: Sequence[tuple[ToolOutcome, int]]) -> None:
    for call, (outcome, duration_ms) in zip(calls, outcomes, strict=True):
        await hooks_at(run, "post_tool_execution", about_result(call, outcome))
        completed = events.tool_execution_completed(call.id, call.name, outcome, duration_ms)
        await run.say([completed, events.tool_result_received(call.id, call.name, outcome)])


def _refusal(run: Run, call: Call) -> Failure | None:
    """Return why a call ends the run; a tool that the scenario answers for needs not be there."""
    if call.script.scripted or images.makes_images(call, run.reply.images):
        return None
    try:
        run.ports.tools.check(call.name, run.given.overlay)
    except ToolRefused as refused:
        return tool_failure(str(refused))
    return None


async def _carried_out(run: Run, calls: Sequence[Call], arguments: Sequence[JsonObject], made: Images) -> list[tuple[ToolOutcome, int]]:
    """Run all calls at once; whoever stops waiting abandons them."""
    tasks = [asyncio.ensure_future(_timed(run, call, given, made)) for call, given in zip(calls, arguments, strict=True)]
    try:
        return [await task for task in tasks]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _timed(run: Run, call: Call, arguments: JsonObject, made: Images) -> tuple[ToolOutcome, int]:
    """Carry one call out; the duration is its own, in milliseconds."""
    clock = run.ports.clock
    began = clock.now()
    if call.unreadable:
        outcome = _error("invalid_arguments", f"Invalid arguments for tool '{call.name}': {call.unreadable}")
    elif call.script.scripted:
        await clock.pause(call.script.after, f"tool {call.name} answers session {run.session_id}")
        outcome = scripted_outcome(call)
    elif images.makes_images(call, run.reply.images):
        outcome = images.generated(run, call, made.take(run, arguments))
    else:
        outcome = await run.ports.tools.call(call.id, call.name, arguments)
    return outcome, max(0, int((clock.now() - began) * 1000))


def _error(code: str, message: str) -> ToolOutcome:
    text = json.dumps({"error": code, "message": message}, separators=(",", ":"))
    return ToolOutcome(({"type": "text", "text": text},), is_error=True)


def scripted_outcome(call: Call) -> ToolOutcome:
    """Return what the scenario lets a tool of the runtime answer: a text as it is, anything else as compact JSON."""
    if call.script.error is not None:
        return _error("execution_failed", f"Tool execution failed: {call.script.error}")
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
