"""The scripted agent loop: a run is an async generator of events, with one function per production of the run grammar (spec 03, 6.1).

Nothing here does I/O. A production asks the ports (model, tools, clock, hooks) at the points that the grammar names and yields bursts of
events. What a run leaves behind (messages, usage, result) goes into its record; whether that counts is the session's business: a failed or
interrupted run is simply dropped. Closing the generator is an interrupt: nothing more happens, calls under way are abandoned.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

from meerkat_mock.agent import events
from meerkat_mock.agent.budget import Budget, Exhausted
from meerkat_mock.agent.failure import Failure, time_budget_exceeded, turn_limit_reached
from meerkat_mock.agent.llm_call import llm_call
from meerkat_mock.agent.ports import RunFailed
from meerkat_mock.agent.run import Run, assistant_message, last_assistant_text, user_message
from meerkat_mock.agent.tool_round import tool_calls

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from meerkat_mock.agent.ports import AgentSpec, Event, Ports, RunInput, RunRecord
    from meerkat_mock.agent.run import Bursts


class LiveAgent:
    """One live incarnation of a session's agent. `started_at` (seconds since the epoch) is when its time budget begins."""

    def __init__(self, spec: AgentSpec, ports: Ports, started_at: float) -> None:
        self.deltas_muted = False
        self._spec = spec
        self._ports = ports
        self._budget = Budget(spec.budget, ports.clock, started_at)

    async def run(self, given: RunInput, record: RunRecord) -> AsyncGenerator[Event, None]:
        """Yield the events of one run, filling `record`. Raises `RunFailed` after `run_failed`."""
        run = Run(self._spec, self._ports, self._budget, given, record, self.deltas_muted)
        async with aclosing(_run(run)) as bursts:
            async for burst in bursts:
                for event in burst:
                    yield event


async def _run(run: Run) -> Bursts:
    try:
        async with aclosing(_rounds(run)) as bursts:
            async for burst in bursts:
                yield burst
    except Failure as failure:
        yield [failure.event(run.session_id)]
        raise RunFailed(failure.message) from failure


async def _rounds(run: Run) -> Bursts:
    yield [events.run_started(run.session_id, run.given)]
    run.add(user_message(run.given.content))
    while not run.over:
        async with aclosing(_round(run)) as bursts:
            async for burst in bursts:
                yield burst


async def _round(run: Run) -> Bursts:
    """One round of the main loop: a tool round, the last one, or the reason why there is none."""
    if run.rounds >= run.given.max_rounds:
        raise turn_limit_reached()
    exhausted = run.budget.exhausted()
    if exhausted is None:
        async with aclosing(_round_head(run)) as bursts:
            async for burst in bursts:
                yield burst
        exhausted = run.budget.exhausted()
    rest = _rest_of_round(run) if exhausted is None else _budget_stop(run, exhausted)
    async with aclosing(rest) as bursts:
        async for burst in bursts:
            yield burst


async def _round_head(run: Run) -> Bursts:
    """Everything up to the model's answer, which a budget may still discard."""
    yield [*boundary(run), {"type": "turn_started", "turn_number": run.rounds}]
    run.rounds += 1
    async with aclosing(llm_call(run, "turn")) as bursts:
        async for burst in bursts:
            yield burst


async def _rest_of_round(run: Run) -> Bursts:
    reply = run.reply
    if reply.text:
        yield [{"type": "text_complete", "content": reply.text}]
    run.record.turns += 1
    run.record.text = reply.text
    run.add(assistant_message(reply))
    rest = tool_calls(run, reply.calls) if reply.calls else _last_round(run)
    async with aclosing(rest) as bursts:
        async for burst in bursts:
            yield burst


async def _last_round(run: Run) -> Bursts:
    run.over = True
    reply = run.reply
    yield [
        events.turn_completed(reply.stop, reply.usage),
        events.run_completed(run.session_id, run.record, extraction_required=False),
    ]


async def _budget_stop(run: Run, exhausted: Exhausted) -> Bursts:
    """The end of a run whose budget is used up: a result, or a failure when it is time that is over (spec 03, 6.7)."""
    yield [events.budget_warning(exhausted)]
    if exhausted.kind == "time":
        raise time_budget_exceeded()
    run.over = True
    run.record.terminal_cause_kind = "budget_exhausted"
    run.record.text = last_assistant_text(run.record.messages)
    yield [events.run_completed(run.session_id, run.record, extraction_required=False)]


def boundary(run: Run) -> list[Event]:
    """Return what is told before a model call: other tools, finished jobs, then the scope of tools (spec 03, 6.1, `boundary`)."""
    changes = run.ports.tools.boundary_changes(run.rounds)
    jobs = run.ports.tools.finished_jobs()
    if not changes:
        return jobs
    return [*(change for change in changes if not _of_scope(change)), *jobs, *(change for change in changes if _of_scope(change))]


def _of_scope(change: Event) -> bool:
    payload = change.get("payload")
    return isinstance(payload, dict) and "domain" in payload
