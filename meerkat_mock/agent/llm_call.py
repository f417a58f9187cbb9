"""One call of the model, with the runtime's own retries: `llm_call` of the run grammar (spec 03, 6.1).

Acts an answer out, chunk by chunk and at its pace, and understands it: what came is the reply, or a failure is raised.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from meerkat_mock.agent.failure import llm_failure, retry_exhausted
from meerkat_mock.agent.json_text import BadJson, read_json
from meerkat_mock.agent.ports import Usage
from meerkat_mock.agent.retry import CONNECTION_RESET, MAX_RETRIES, Trouble, plan_retry, retrying, trouble_of
from meerkat_mock.agent.run import Call, Reply
from meerkat_mock.world.model import Arriving, CallFailed, CleanCut, ProviderFailure, Reset

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import Event
    from meerkat_mock.agent.run import Run
    from meerkat_mock.world.model import ModelAnswer, Purpose

BURST = 256
"""Deltas handed on at a time: enough to make the cost of handing on vanish, few enough to keep memory flat."""


async def llm_call(run: Run, purpose: Purpose, before_retry: Callable[[Run], Awaitable[None]]) -> None:
    """Say the deltas of every attempt and leave the reply in `run.reply`. Raises `ModelFailure`."""
    for attempt in range(1, MAX_RETRIES + 2):
        given = await run.ports.model.answer(run.request(purpose))
        await attempt_of(run, given)
        answer = heard(given)
        trouble = trouble_in(answer)
        if trouble is None:
            run.note(reply_of(answer, drop_unreadable=run.spec.drops_unreadable_calls))
            return
        text = trouble.text(run.spec.provider)
        if trouble.kind is None:
            raise llm_failure(text)
        if attempt > MAX_RETRIES:
            raise retry_exhausted(text)
        plan = plan_retry(trouble, attempt, run.ports.ids, run.budget.remaining_time())
        await run.say([retrying(trouble, plan, run.spec.provider)])
        await run.ports.clock.pause(plan.selected_delay_ms / 1000, f"retry {attempt} of a model call of session {run.session_id}")
        await before_retry(run)


def attempt_of(run: Run, answer: ModelAnswer | Arriving) -> Awaitable[None]:
    """Say what one answer shows while it comes: `attempt` of the grammar."""
    return _overheard(run, answer) if isinstance(answer, Arriving) else _acted_out(run, answer)


def heard(answer: ModelAnswer | Arriving) -> ModelAnswer:
    """Return what an attempt came to, once it is over."""
    return answer.heard() if isinstance(answer, Arriving) else answer


async def _overheard(run: Run, arriving: Arriving) -> None:
    """Hand on what comes from a model that is really asked, as it comes; giving up closes its connection."""
    async with aclosing(arriving.chunks()) as chunks:
        async for burst in chunks:
            if not run.muted:
                await run.say([{"type": kind, "delta": text} for kind, text in burst])
    await _reasoned(run, arriving.heard())


async def _reasoned(run: Run, answer: ModelAnswer) -> None:
    reasoning = "".join(answer.think)
    if reasoning and not run.muted and trouble_in(answer) is None:
        await run.say([{"type": "reasoning_complete", "content": reasoning}])


async def _acted_out(run: Run, answer: ModelAnswer) -> None:
    """Act out an answer that is known from the start, chunk by chunk and at its pace."""
    pause = run.ports.clock.pause
    why = f"the model answers session {run.session_id}"
    if answer.pace_first:
        await pause(answer.pace_first, why)
    chunks: Iterator[Event | None] = _chunks(run, answer)
    if answer.pace_each:
        for event in chunks:
            await pause(answer.pace_each, why)
            if event is not None:
                await run.say([event])
        await pause(answer.pace_each, why)
    else:
        burst = [event for event in chunks if event is not None]
        for start in range(0, len(burst), BURST):
            await run.say(burst[start : start + BURST])
    await _reasoned(run, answer)


def _chunks(run: Run, answer: ModelAnswer) -> Iterator[Event | None]:
    """Yield what each chunk shows; an empty one and a call show nothing, muted ones neither (spec 03, 6.10)."""
    for kind, chunks in (("reasoning_delta", answer.think), ("text_delta", answer.say)):
        for chunk in chunks:
            yield {"type": kind, "delta": chunk} if chunk and not run.muted else None
    for _ in answer.calls:
        yield None


def trouble_in(answer: ModelAnswer) -> Trouble | None:
    """Return what went wrong with an answer, None when it counts as complete."""
    if isinstance(answer.ending, ProviderFailure):
        return trouble_of(answer.ending)
    if isinstance(answer.ending, CallFailed):
        return Trouble(answer.ending.message, answer.ending.kind, answer.ending.duration_ms)
    return CONNECTION_RESET if isinstance(answer.ending, Reset) else None


def reply_of(answer: ModelAnswer, *, drop_unreadable: bool = True) -> Reply:
    """Return how the runtime understands a finished answer; one that ends without its last chunk has no usage and no calls."""
    cut = isinstance(answer.ending, CleanCut)
    usage = Usage()
    if not cut:
        usage = Usage(answer.usage.input, answer.usage.output, answer.usage.cache_creation, answer.usage.cache_read)
    return Reply(
        text="".join(answer.say),
        reasoning="".join(answer.think),
        calls=() if cut else tuple(call for call in _calls(answer) if not (call.unreadable and drop_unreadable)),
        images=answer.images,
        stop="end_turn" if cut else answer.stop,
        usage=usage,
    )


def _calls(answer: ModelAnswer) -> Iterator[Call]:
    """Yield the calls, their arguments read; those that are no JSON say so (spec 03, 6.3)."""
    for script in answer.calls:
        if not isinstance(script.arguments, str):
            yield Call(script.id, script.name, dict(script.arguments), script)
            continue
        try:
            arguments: Json = read_json(script.arguments) if script.arguments else {}
        except BadJson as error:
            yield Call(script.id, script.name, {}, script, unreadable=str(error))
        else:
            yield Call(script.id, script.name, arguments, script)
