"""The scripted agent loop: a run is a coroutine that says its events, with one function per production of the run grammar (spec 03, 6.1).

A production asks the ports (model, tools, clock, hooks) at the points that the grammar names and says bursts of events. What a run leaves
behind (messages, usage, result) goes into its record; whether that counts is the session's business: a failed or interrupted run is simply
dropped. Cancelling it is an interrupt: nothing more happens, calls under way are abandoned.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from meerkat_mock.agent import events, images
from meerkat_mock.agent.boundary import boundary
from meerkat_mock.agent.budget import Budget, Exhausted
from meerkat_mock.agent.compaction import Cadence, CompactionRules, compaction
from meerkat_mock.agent.extraction import extraction
from meerkat_mock.agent.failure import Failure, time_budget_exceeded, turn_limit_reached
from meerkat_mock.agent.hooks import consult, enabled_hooks, hooks_at
from meerkat_mock.agent.llm_call import llm_call
from meerkat_mock.agent.ports import RunFailed
from meerkat_mock.agent.run import Run, assistant_message, last_assistant_text, user_message
from meerkat_mock.agent.tool_round import tool_calls

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import AgentSpec, Event, JsonObject, OutputSchema, Ports, RunInput, RunRecord, Say


class LiveAgent:
    """One live incarnation of a session's agent. `started_at` (seconds since the epoch) is when its time budget begins."""

    def __init__(self, spec: AgentSpec, ports: Ports, started_at: float) -> None:
        self.deltas_muted = False
        self._spec = spec
        self._ports = ports
        self._budget = Budget(spec.budget, ports.clock, started_at)
        self._hooks = enabled_hooks(spec.hooks, spec.hook_timeout_ms)
        self._compaction_rules = CompactionRules.of(spec.compaction)
        self._cadence: Cadence | None = None

    def switch(self, model: str, provider: str) -> None:
        """Ask another model from the next run on; budgets, boundaries and hooks go on."""
        self._spec = replace(self._spec, model=model, provider=provider)

    async def run(self, given: RunInput, record: RunRecord, say: Say) -> None:
        """Say the events of one run, filling `record`. Raises `RunFailed` after `run_failed`."""
        await _whole(self._open(given, record, say))

    def _open(self, given: RunInput, record: RunRecord, say: Say) -> Run:
        if self._cadence is None:
            self._cadence = Cadence.of(record.messages)
        return Run(
            spec=self._spec,
            ports=self._ports,
            budget=self._budget,
            given=given,
            record=record,
            say=say,
            muted=self.deltas_muted,
            hooks=self._hooks,
            compaction_rules=self._compaction_rules,
            cadence=self._cadence,
        )


async def _whole(run: Run) -> None:
    """`run` of the grammar; hooks in the background end with it."""
    try:
        run.add(user_message(run.given.content))
        await run.say([events.run_started(run.session_id, run.given)])
        await hooks_at(run, "run_started")
        await _rounds(run)
        await _aside_ended(run)
    except Failure as failure:
        await _failed(run, failure)
        await _aside_ended(run)
        raise RunFailed(failure.message) from failure
    finally:
        for hook in run.aside:
            hook.cancel()
        await _aside_ended(run)


async def _aside_ended(run: Run) -> None:
    if run.aside:
        await asyncio.gather(*run.aside, return_exceptions=True)


async def _rounds(run: Run) -> None:
    while not run.over:
        await _round(run)
        run.rounds += 1


async def _failed(run: Run, failure: Failure) -> None:
    """`fail` of the grammar: hooks are asked but change nothing."""
    hooks = run.hooks_of("run_failed")
    if hooks:
        await run.say([hook.started() for hook in hooks])
        about: JsonObject = {"error_report": failure.report(), "error_class": failure.error_class, "error": failure.message}
        await run.say((await consult(run, "run_failed", hooks, about)).events)
    await run.say([failure.event(run.session_id)])


async def _round(run: Run) -> None:
    """One round of the main loop: a tool round, the last one, or the reason why there is none."""
    if run.rounds >= run.given.max_rounds:
        raise turn_limit_reached()
    exhausted = run.budget.exhausted()
    if exhausted is None:
        await compaction(run)
        await boundary(run)
        await run.say([{"type": "turn_started", "turn_number": run.rounds}])
        await hooks_at(run, "pre_llm_request")
        await llm_call(run, "turn", compaction)
        exhausted = run.budget.exhausted()  # an answer that reaches a limit is discarded (spec 03, 6.7)
    await (_rest_of_round(run) if exhausted is None else _budget_stop(run, exhausted))


async def _rest_of_round(run: Run) -> None:
    last = not run.reply.calls
    await hooks_at(run, "post_llm_response")
    await _answered(run)
    if not last:
        await tool_calls(run, run.reply.calls)
    await hooks_at(run, "turn_boundary")
    if last:
        wanted = run.spec.output_schema
        await (_plain_ending(run) if wanted is None else _schema_ending(run, wanted))


async def _answered(run: Run) -> None:
    """The answer goes into the transcript, with the images that the provider made itself."""
    reply = run.reply
    run.record.turns += 1
    run.record.text = reply.text
    hosted = () if any(images.makes_images(call, reply.images) for call in reply.calls) else reply.images
    stored = [images.stored_image(run, image) for image in hosted]
    run.add(assistant_message(reply, stored))
    burst: list[Event] = [{"type": "text_complete", "content": reply.text}] if reply.text else []
    await run.say([*burst, *(images.appended(image) for image in stored)])


async def _plain_ending(run: Run) -> None:
    await hooks_at(run, "run_completed")
    await _turn_completed(run)
    await _run_completed(run, extraction_required=False)


async def _schema_ending(run: Run, wanted: OutputSchema) -> None:
    await _turn_completed(run)
    await hooks_at(run, "run_completed")
    await _run_completed(run, extraction_required=True)
    await extraction(run, wanted)


async def _turn_completed(run: Run) -> None:
    await run.say([events.turn_completed(run.reply.stop, run.reply.usage)])


async def _run_completed(run: Run, *, extraction_required: bool) -> None:
    run.over = True
    await run.say([events.run_completed(run.session_id, run.record, extraction_required=extraction_required)])


async def _budget_stop(run: Run, exhausted: Exhausted) -> None:
    """The end of a run whose budget is used up: a result, or a failure when it is time that is over (spec 03, 6.7)."""
    await run.say([events.budget_warning(exhausted)])
    if exhausted.kind == "time":
        raise time_budget_exceeded()
    run.record.terminal_cause_kind = "budget_exhausted"
    run.record.text = last_assistant_text(run.record.messages)
    await hooks_at(run, "run_completed")
    await _run_completed(run, extraction_required=False)
