"""Whatever a model, its tools, its hooks and its limits do: every run is a word of the run grammar and keeps the invariants of spec 03."""

from __future__ import annotations

import asyncio
import json
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meerkat_mock.agent.ports import BudgetLimits, OutputSchema, RunFailed, RunInput, RunRecord, ToolOutcome
from meerkat_mock.contract.grammar import RunChecker
from meerkat_mock.world.model import CleanCut, Complete, ModelAnswer, ModelCall, ModelImage, ModelUsage, ProviderFailure, Reset
from tests.meerkat_mock.agent.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat_mock.agent.ports import Event, JsonObject
    from meerkat_mock.world.model import ModelRequest

POINTS = ["run_started", "run_completed", "run_failed", "pre_llm_request", "post_llm_response"]
POINTS += ["pre_tool_execution", "post_tool_execution", "turn_boundary"]
DENIAL = json.dumps({"decision": {"decision": "deny", "hook_id": "zz", "reason_code": "policy_violation", "message": "no"}})
CHUNKS = st.lists(st.text(max_size=3), max_size=3).map(tuple)
PIXEL = ModelImage("image/png", "AAAA")
ENDINGS = st.sampled_from([Complete()] * 6 + [CleanCut(), Reset(), ProviderFailure(400, "m", "{}"), ProviderFailure(503, "m", "{}")])
CALLS = st.builds(
    ModelCall,
    id=st.sampled_from(["c1", "c2", "c3"]),
    name=st.sampled_from(["add", "add", "slow", "missing", "generate_image"]),
    arguments=st.sampled_from([{}, {"a": 1}, "", "{}", "{bad", "[]"]),
    error=st.sampled_from([None, None, None, "kaput"]),
)
USAGE = st.builds(ModelUsage, st.integers(0, 60), st.integers(0, 9), st.none() | st.integers(0, 5), st.none() | st.integers(0, 5))
ANSWERS = st.builds(
    ModelAnswer,
    think=CHUNKS,
    say=CHUNKS | st.sampled_from([("{}",), ('{"a":', "1}"), ("```json\n[]\n```",)]),
    calls=st.lists(CALLS, max_size=3).map(tuple),
    images=st.sampled_from([(), (), (PIXEL,)]),
    stop=st.sampled_from(["end_turn", "tool_use", "max_tokens", "content_filter"]),
    usage=USAGE,
    pace_each=st.sampled_from([0.0, 0.0, 0.5]),
    ending=ENDINGS,
)
BUDGETS = st.builds(
    BudgetLimits,
    st.none() | st.integers(0, 200),
    st.none() | st.integers(0, 4),
    st.none() | st.sampled_from([0.0, 1.0, 100.0]),
)
SPECS = st.fixed_dictionaries(
    {
        "output_schema": st.none() | st.sampled_from([OutputSchema({}), OutputSchema({"type": "object"}), OutputSchema({"type": "odd"})]),
        "structured_output_retries": st.integers(0, 2),
        "budget": st.just(BudgetLimits()) | BUDGETS,
        "compaction": st.sampled_from([{}, {"auto_compact_threshold": 40, "min_turns_between_compactions": 1, "recent_turn_budget": 1}]),
    }
)
JOB: JsonObject = {"type": "background_job_completed", "status": "failed", "terminal_status": "failed"}
ADDED: JsonObject = {"type": "tool_config_changed", "payload": {"operation": "add", "target": "callback:late"}}
SCOPE: JsonObject = {"type": "tool_config_changed", "payload": {"operation": "reload", "target": "tool_scope", "domain": "tool_scope"}}


def _hook(point: str, answer: str, mode: str, priority: int) -> JsonObject:
    runtime: JsonObject = {"type": "command", "command": "sh", "args": ["-c", f"cat >/dev/null; echo {shlex.quote(answer)}"]}
    return {"id": f"{answer[:5]}{priority}", "point": point, "mode": mode, "priority": priority, "runtime": runtime}


HOOKS = st.lists(
    st.builds(
        _hook,
        st.sampled_from(POINTS),
        st.sampled_from(["{}", "{}", DENIAL, "broken"]),
        st.sampled_from(["foreground", "foreground", "background"]),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=3,
).map(tuple)


class DrawingModel:
    """Draws an answer whenever it is asked."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        return self._data.draw(ANSWERS, label=request.purpose)


def _stage(data: st.DataObject, **more: object) -> Stage:
    stage = Stage(**data.draw(SPECS), **more)
    stage.model.answer = DrawingModel(data).answer  # type: ignore[method-assign]
    stage.agent.deltas_muted = data.draw(st.sampled_from([False, False, True]))
    stage.tools.outcomes["slow"] = data.draw(
        st.sampled_from([ToolOutcome(()), ToolOutcome(({"type": "text", "text": "a"}, JOB), is_error=True)])
    )
    return stage


async def _runs(data: st.DataObject, stage: Stage, turns: int) -> list[str]:
    checker, broken = RunChecker(fresh=True), []
    for _ in range(turns):
        stage.tools.changes = {0: data.draw(st.sampled_from([[], [ADDED, SCOPE]])), 1: [ADDED]}
        stage.tools.jobs = data.draw(st.sampled_from([[], [JOB]]))
        stop = data.draw(st.none() | st.integers(1, 20), label="interrupted after")
        broken += await _run(checker, stage, stop)
    return [*broken, *map(str, checker.finish())]


async def _run(checker: RunChecker, stage: Stage, stop: int | None) -> list[str]:
    """Play one run; an interrupted one leaves nothing behind."""
    record = RunRecord(list(stage.messages), replace(stage.usage))
    seen: list[Event] = []
    broken: list[str] = []

    async def hear(burst: Sequence[Event]) -> None:
        for event in burst:
            seen.append(event)
            broken.extend(map(str, checker.feed(event)))
            if len(seen) == stop and not _is_last(event):
                raise asyncio.CancelledError

    try:
        await stage.agent.run(RunInput("hi", "hi", max_rounds=4), record, hear)
    except asyncio.CancelledError:
        checker.interrupted()
        return broken
    except RunFailed as failed:
        if str(failed) != seen[-1].get("error"):
            broken.append(f"{failed} is not the error of {seen[-1]}")
        return broken
    stage.messages, stage.usage = record.messages, record.usage
    return broken


def _is_last(event: Event) -> bool:
    return event.get("extraction_required") is False or event["type"] in ("run_failed", "extraction_succeeded", "extraction_failed")


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_every_run_is_a_word_of_the_grammar_and_keeps_the_invariants(data: st.DataObject) -> None:
    assert asyncio.run(_runs(data, _stage(data), turns=3)) == []


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_so_is_every_run_with_hooks(data: st.DataObject) -> None:
    assert asyncio.run(_runs(data, _stage(data, hooks=data.draw(HOOKS)), turns=2)) == []
