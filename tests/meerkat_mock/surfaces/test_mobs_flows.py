from __future__ import annotations

import asyncio
from typing import Any

import pytest

from meerkat_mock.clock import VirtualClock
from meerkat_mock.quirks import Quirks
from meerkat_mock.scenario.models.scenario import Scenario
from meerkat_mock.server import World
from tests.meerkat_mock.mob.company import NOWHERE, found, history, kinds, log, profile, run, spawn
from tests.meerkat_mock.talk import moments, script, talking

FAILED = script({"say": ["not json"]})


def step(message: str = "{{params.s}}", **more: Any) -> dict[str, Any]:
    return {"role": "worker", "message": message, "output_format": "text", **more}


def flows(**steps: dict[str, Any]) -> dict[str, Any]:
    return {"f": {"steps": steps}}


def ledger(shown: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(entry["step_id"], entry["agent_identity"], entry["status"]) for entry in shown["step_ledger"]]


async def test_one_step_of_one_member() -> None:
    async with talking() as talk:
        await found(talk, "w1", flows=flows(ask=step("Say {{params.who}} {{params.s}}")))
        assert await talk.call("mob/flows", mob_id="demo") == {"mob_id": "demo", "flows": ["f"]}
        shown = await run(talk, "f", who="ann", s=script({"say": ["hello ann"]}))
        assert (shown["status"], shown["root_step_outputs"]) == ("completed", {"ask": {"w1": "hello ann"}})
        assert ledger(shown) == [("ask", "w1", "dispatched"), ("ask", "w1", "completed"), ("ask", "__flow_system_member__", "completed")]
        assert await kinds(talk, after=2) == [
            "flow_started",
            "step_dispatched",
            "step_target_completed",
            "step_completed",
            "flow_completed",
        ]
        assert shown["flow_state"]["step_status"] == {"ask": "Completed"}
        commands = [entry["payload"].get("command", entry["input"]) for entry in shown["flow_authority_inputs"]]
        assert commands == [
            "RunFlow",
            "StartRun",
            "CreateFrameSeed",
            "RegisterReadyFrame",
            "PumpNodeScheduler",
            "AdmitNextReadyNode",
            "CompleteNode",
            "NodeExecutionReleased",
            "SealFrame",
            "ProjectFrameStepStatus",
            "TerminalizeCompleted",
        ]


async def test_a_later_step_names_what_an_earlier_one_said() -> None:
    later = step("got {{steps.a.output.w1.x}} {{steps.a.w1.x}} {{steps.zz.y}}", depends_on=["a"])
    async with talking() as talk:
        await found(talk, "w1", flows=flows(a=step(output_format="json"), b=later))
        shown = await run(talk, "f", s=script({"say": ['```json\n{"x": [1, true]}\n```']}))
        assert shown["root_step_outputs"]["a"] == {"w1": {"x": [1, True]}}
        prompts = [entry["content"] for entry in await history(talk, "w1") if entry["role"] == "user"]
        assert prompts[1] == "got [1,true] [1,true] null"


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        ({"op": "eq", "path": "params.n", "value": 2}, True),
        ({"op": "eq", "path": "params.n", "value": True}, False),
        ({"op": "in", "path": "params.n", "values": [1, 2]}, True),
        ({"op": "gt", "path": "params.n", "value": 1}, True),
        ({"op": "lt", "path": "params.n", "value": "3"}, False),
        ({"op": "eq", "path": "params.nowhere", "value": None}, False),
        ({"op": "not", "expr": {"op": "eq", "path": "params.nowhere", "value": 1}}, True),
        ({"op": "and", "exprs": [{"op": "gt", "path": "params.n", "value": 1}, {"op": "lt", "path": "params.n", "value": 2}]}, False),
        ({"op": "or", "exprs": [{"op": "gt", "path": "params.n", "value": 1}, {"op": "lt", "path": "params.n", "value": 2}]}, True),
    ],
)
async def test_a_condition_decides_whether_a_step_runs(condition: dict[str, Any], runs: bool) -> None:
    async with talking() as talk:
        await found(talk, "w1", flows=flows(a=step("x", condition=condition), b=step("y", depends_on=["a"])))
        shown = await run(talk, "f", n=2)
        assert shown["status"] == "completed"
        assert shown["flow_state"]["step_status"]["a"] == ("Completed" if runs else "Skipped")
        assert shown["flow_state"]["step_status"]["b"] == ("Completed" if runs else "Skipped")


async def test_of_a_branch_one_step_wins_and_whoever_needs_any_goes_on() -> None:
    def choice(value: str) -> dict[str, Any]:
        return step("x", branch="g", condition={"op": "eq", "path": "params.pick", "value": value})

    async with talking() as talk:
        await found(talk, "w1", flows=flows(x=choice("x"), y=choice("y"), z=step("z", depends_on=["x", "y"], depends_on_mode="any")))
        shown = await run(talk, "f", pick="y")
        assert shown["flow_state"]["step_status"] == {"x": "Skipped", "y": "Completed", "z": "Completed"}
        skipped = [event for event in await log(talk) if event["type"] == "step_skipped"]
        assert [event["reason"] for event in skipped] == ["auto-skipped by frame execution"]


@pytest.mark.parametrize(
    ("more", "output"),
    [
        ({}, {"w1": "x", "w2": "x"}),
        ({"dispatch_mode": "one_to_one"}, {"w1": "x"}),
        ({"dispatch_mode": "fan_in"}, [{"target": "w1", "output": "x"}, {"target": "w2", "output": "x"}]),
        ({"collection_policy": {"type": "any"}}, "x"),
        ({"collection_policy": {"type": "quorum", "n": 2}}, {"w1": "x", "w2": "x"}),
    ],
)
async def test_a_step_is_spread_over_members_and_collected(more: dict[str, Any], output: Any) -> None:
    async with talking() as talk:
        await found(talk, "w1", "w2", flows=flows(a=step(**more)))
        assert (await run(talk, "f", s=script({"say": ["x"]})))["root_step_outputs"] == {"a": output}


async def test_a_step_that_fails_is_told_at_the_end_and_fails_the_run() -> None:
    async with talking() as talk:
        steps = flows(a=step(output_format="json"), b=step("b", depends_on=["a"]), c=step("c"))
        await found(talk, "w1", flows=steps, limits={"max_step_retries": 1})
        shown = await run(talk, "f", s=FAILED)
        reason = "malformed JSON output for step 'a' target 'w1': expected ident at line 1 column 2; raw_output=\"not json\""
        assert [entry["reason"] for entry in shown["failure_ledger"]] == [reason]
        assert shown["flow_state"]["step_status"] == {"a": "Failed", "b": "Skipped", "c": "Failed"}
        told = await log(talk, after=2)
        assert [event["type"] for event in told if event.get("step_id") == "a"] == [
            "step_dispatched",
            "step_target_failed",
            "step_dispatched",
            "step_target_failed",
            "step_failed",
        ]
        assert told[-1]["reason"] == f"flow failed for run {shown['run_id']}: root frame sealed failed"


async def test_a_turn_that_fails_is_the_reason_of_its_step_alone() -> None:
    async with talking() as talk:
        await found(talk, "w1", flows=flows(a=step()))
        shown = await run(talk, "f", s=script({"fail": {"status": 400}}))
        assert shown["failure_ledger"][0]["reason"].startswith("internal error: turn abandoned: apply failed: Terminal failure")
        assert "step_target_failed" not in await kinds(talk)
        assert ledger(shown) == [("a", "w1", "dispatched"), ("a", "__flow_system_member__", "failed")]


@pytest.mark.parametrize(
    ("message", "fault"),
    [
        ("x {{params.a", "line 1, column 3 (byte 2): unmatched '{{'"),
        ("a\né }} b", "line 2, column 3 (byte 5): unmatched '}}'"),
        ("{{ }}", "line 1, column 1 (byte 0): empty placeholder"),
        ("{{a {{b}}", "line 1, column 5 (byte 4): nested '{{' inside placeholder"),
        ("{{a } }}", "line 1, column 5 (byte 4): single '}' inside placeholder"),
    ],
)
async def test_a_template_with_a_fault_fails_its_step(message: str, fault: str) -> None:
    async with talking() as talk:
        await found(talk, "w1", flows=flows(a=step(message)))
        shown = await run(talk, "f")
        assert shown["failure_ledger"][0]["reason"] == f"template render failed for step 'a': invalid template syntax at {fault}"


async def test_what_a_step_comes_to_must_fit_its_schema() -> None:
    schema = '{"type": "object", "required": ["zz"]}'
    async with talking() as talk:
        await found(talk, "w1", flows=flows(a=step(expected_schema_ref=schema)))
        shown = await run(talk, "f", s="x")
        assert shown["failure_ledger"][0]["reason"] == 'schema validation failed for step a: "zz" is a required property'
        assert ("a", "w1", "completed") in ledger(shown)


async def test_too_few_members_fail_a_step_and_a_quorum_out_of_reach_ends_the_run() -> None:
    async with talking() as talk:
        quorum = step(collection_policy={"type": "quorum", "n": 2})
        await found(talk, "w1", flows={"none": {"steps": {"a": step(role="host")}}, "few": {"steps": {"a": quorum}}})
        shown = await run(talk, "none")
        assert shown["failure_ledger"][0]["reason"] == "insufficient targets for step a: required 1, available 0"
        shown = await run(talk, "few", s="x")
        assert (shown["failure_ledger"], shown["frames"][f"{shown['run_id']}-root"]["kernel_state"]["phase"]) == ([], "Running")
        assert (await log(talk))[-1]["reason"] == "insufficient targets for step a: required 2, available 1"


@pytest.mark.parametrize(("mode", "ending"), [("advisory", "flow_completed"), ("strict", "flow_failed")])
async def test_a_topology_advises_or_forbids(mode: str, ending: str) -> None:
    topology = {"mode": mode, "rules": [{"from_role": "*", "to_role": "worker", "allowed": False}]}
    async with talking() as talk:
        await found(talk, "w1", flows=flows(a=step("x")), topology=topology, orchestrator={"profile": "host"})
        await run(talk, "f")
        told = await kinds(talk)
        assert (told[-1], "topology_violation" in told) == (ending, mode == "advisory")


async def test_a_topology_needs_an_orchestrator() -> None:
    async with talking() as talk:
        await found(talk, flows=flows(a=step("x")), topology={"mode": "strict", "rules": []})
        refusal = await talk.refusal("mob/flow_run", mob_id="demo", flow_id="f")
        assert refusal == "-32602 internal error: topology requires an orchestrator profile"


async def test_the_supervisor_is_asked_and_everybody_retires() -> None:
    async with talking() as talk:
        profiles = {"lead": profile(), "worker": profile()}
        supervisor = {"role": "lead", "escalation_threshold": 1}
        await found(talk, profiles=profiles, supervisor=supervisor, flows=flows(a=step(output_format="json")))
        await spawn(talk, "boss", "lead")
        await spawn(talk, "w1")
        await run(talk, "f", s=FAILED)
        assert (await kinds(talk))[-5:] == ["step_failed", "supervisor_escalation", "member_retired", "member_retired", "flow_failed"]


# ---- loops ---------------------------------------------------------------------------------------------------------------------------


def looping(maximum: int, until: dict[str, Any]) -> dict[str, Any]:
    body = {"nodes": {"n": {"kind": "step", "step_id": "a"}}}
    loop = {"kind": "repeat_until", "loop_id": "again", "body": body, "until": until, "max_iterations": maximum}
    after = {"kind": "step", "step_id": "b", "depends_on": ["l"]}
    message = "{{loops.again.iterations.0.steps.a.w1}}"
    return {"f": {"steps": {"a": step(), "b": step(message)}, "root": {"nodes": {"l": loop, "m": after}}}}


async def test_a_loop_runs_until_its_condition_holds() -> None:
    async with talking() as talk:
        await found(talk, "w1", flows=looping(5, {"op": "eq", "path": "loops.again.iterations.1.steps.a.w1", "value": "x"}))
        shown = await run(talk, "f", s=script({"say": ["x"]}))
        assert shown["status"] == "completed"
        assert shown["loop_iteration_outputs"] == {"again": [{"a": {"w1": "x"}}, {"a": {"w1": "x"}}]}
        instance = f"{shown['run_id']}-root::l"
        assert [entry["frame_id"] for entry in shown["loop_iteration_ledger"]] == [f"{instance}::iter-0", f"{instance}::iter-1"]
        state = shown["loops"][instance]["kernel_state"]
        assert (state["phase"], state["current_iteration"], state["last_completed_iteration"]) == ("Completed", 2, 1)
        assert shown["flow_state"]["active_node_count"] == 1
        assert (await history(talk, "w1"))[-2]["content"] == "x"


async def test_a_loop_that_never_gets_there_fails_the_run() -> None:
    async with talking() as talk:
        await found(talk, "w1", flows=looping(2, {"op": "eq", "path": "params.nowhere", "value": 1}))
        shown = await run(talk, "f", s="x")
        assert shown["status"] == "failed"
        assert shown["loops"][f"{shown['run_id']}-root::l"]["kernel_state"]["phase"] == "Exhausted"
        assert shown["flow_state"]["step_status"] == {"a": "Failed", "b": "Skipped"}


# ---- runs as such --------------------------------------------------------------------------------------------------------------------


async def test_a_run_can_be_cancelled_and_its_end_seen() -> None:
    async with talking() as talk:
        talk.tools["wait"] = lambda arguments: None
        await talk.call("tools/register", tools=[{"name": "wait", "description": "", "input_schema": {"type": "object"}}])
        await found(talk, "w1", flows=flows(a=step(), b=step("b", depends_on=["a"])))
        hanging = script({"call": [{"tool": "wait", "args": {}}]})
        run_id = (await talk.call("mob/flow_run", mob_id="demo", flow_id="f", params={"s": hanging}))["run_id"]
        while not talk.asked:
            await moments(1)
        refusal = await talk.refusal("mob/lifecycle", mob_id="demo", action="stop")
        assert refusal == "-32602 invalid state transition: Running -> Stopped"
        for _ in range(2):
            assert await talk.call("mob/flow_cancel", mob_id="demo", run_id=run_id) == {"canceled": True}
        shown = (await talk.call("mob/flow_status", mob_id="demo", run_id=run_id))["run"]
        assert (shown["status"], shown["flow_state"]["step_status"]) == ("canceled", {"a": "Canceled", "b": "Canceled"})
        assert shown["frames"][f"{run_id}-root"]["kernel_state"]["node_status"] == {"a": "Canceled", "b": "Skipped"}
        assert (await kinds(talk))[-1] == "flow_canceled"


async def test_completing_a_mob_cancels_its_runs_first() -> None:
    async with talking() as talk:
        await found(talk, "w1", flows=flows(a=step()))
        slow = script({"say": ["late"], "pace": {"first": 60}})
        await talk.call("mob/flow_run", mob_id="demo", flow_id="f", params={"s": slow})
        await moments(5)
        await talk.call("mob/lifecycle", mob_id="demo", action="complete")
        assert (await kinds(talk))[-3:] == ["flow_canceled", "member_retired", "mob_completed"]


async def test_an_unknown_run_is_null_to_see_and_an_odd_error_to_cancel() -> None:
    async with talking() as talk:
        await found(talk)
        assert await talk.call("mob/flow_status", mob_id="demo", run_id=NOWHERE) == {"run": None}
        assert await talk.refusal("mob/flow_cancel", mob_id="demo", run_id=NOWHERE) == "-32602 invalid state transition: Running -> Running"
        assert (await talk.refusal("mob/flow_status", mob_id="demo", run_id="zz")).startswith("-32602 Invalid run_id: invalid character")
        assert await talk.refusal("mob/flow_run", mob_id="demo", flow_id="zz") == "-32602 flow not found: zz"


async def test_a_scenario_delays_a_step_and_lets_it_fail() -> None:
    clock = VirtualClock(auto=False)
    scenario = Scenario.model_validate({"mobs": [{"flows": {"f": {"a": {"fail": "out of paper", "delay": "2s"}}}}]})
    async with talking(World(clock=clock, scenario=scenario)) as talk:
        await found(talk, "w1", flows=flows(a=step("never sent")))
        run_id = (await talk.call("mob/flow_run", mob_id="demo", flow_id="f"))["run_id"]
        await moments()
        await clock.advance("1s")
        assert (await talk.call("mob/flow_status", mob_id="demo", run_id=run_id))["run"]["status"] == "running"
        await clock.advance("1s")
        shown = (await talk.call("mob/flow_status", mob_id="demo", run_id=run_id))["run"]
        assert [entry["reason"] for entry in shown["failure_ledger"]] == ["out of paper"]
        assert await history(talk, "w1") == []


async def test_a_flow_without_steps_completes_at_once() -> None:
    async with talking() as talk:
        await found(talk, flows={"empty": {"steps": {}}})
        assert (await run(talk, "empty"))["status"] == "completed"
        assert (await log(talk))[-1] == {"type": "flow_completed", "run_id": (await log(talk))[-1]["run_id"], "flow_id": "empty"}


async def test_a_step_is_stranded_behind_a_running_turn() -> None:
    async with talking() as talk:
        await found(talk, "w1", flows=flows(a=step("go")))
        slow = script({"say": ["late"], "pace": {"first": 60}})
        _, turn = await talk.ask("mob/turn_start", {"mob_id": "demo", "agent_identity": "w1", "prompt": slow})
        await moments(5)
        run_id = (await talk.call("mob/flow_run", mob_id="demo", flow_id="f"))["run_id"]
        await turn
        await moments(60)
        assert (await talk.call("mob/flow_status", mob_id="demo", run_id=run_id))["run"]["status"] == "running"
        await talk.call("mob/turn_start", mob_id="demo", agent_identity="w1", prompt="on")
        assert (await talk.call("mob/flow_status", mob_id="demo", run_id=run_id))["run"]["status"] == "completed"


@pytest.mark.parametrize(("first", "stalls", "status"), [(2, True, "running"), (0.1, True, "completed"), (2, False, "completed")])
async def test_two_independent_steps_of_one_member_both_run_only_where_the_first_is_short(first: float, stalls: bool, status: str) -> None:
    clock = VirtualClock()
    async with talking(World(clock=clock, quirks=Quirks("server" if stalls else "contract"))) as talk:
        await found(talk, "w1", flows=flows(a=step("{{params.s}}"), b=step("{{params.s}}")))
        slow = script({"say": ["x"], "pace": {"first": first}})
        run_id = (await talk.call("mob/flow_run", mob_id="demo", flow_id="f", params={"s": slow}))["run_id"]
        await moments(60)
        await clock.advance("50s")
        assert (await talk.call("mob/flow_status", mob_id="demo", run_id=run_id))["run"]["status"] == status
        sent = asyncio.ensure_future(talk.call("mob/turn_start", mob_id="demo", agent_identity="w1", prompt="on"))
        await moments(60)
        await clock.advance("5s")
        await sent
        shown = (await talk.call("mob/flow_status", mob_id="demo", run_id=run_id))["run"]
        assert (shown["status"], shown["root_step_outputs"]) == ("completed", {"a": {"w1": "x"}, "b": {"w1": "x"}})


async def test_a_limit_of_nodes_lets_steps_run_one_after_another() -> None:
    async with talking() as talk:
        await found(talk, "w1", "w2", flows=flows(a=step("x"), b=step("y")), limits={"max_active_nodes": 1})
        await run(talk, "f")
        told = [(event["type"], event["step_id"]) for event in await log(talk) if event["type"] in ("step_dispatched", "step_completed")]
        assert told == [(kind, name) for name in "ab" for kind in ("step_dispatched", "step_dispatched", "step_completed")]


async def test_a_loop_that_holds_the_only_slot_never_runs_its_body() -> None:
    async with talking() as talk:
        await found(talk, "w1", flows=looping(2, {"op": "eq", "path": "params.n", "value": 1}), limits={"max_active_nodes": 1})
        run_id = (await talk.call("mob/flow_run", mob_id="demo", flow_id="f", params={"n": 1}))["run_id"]
        await moments(100)
        shown = (await talk.call("mob/flow_status", mob_id="demo", run_id=run_id))["run"]
        assert (shown["status"], shown["flow_state"]["active_node_count"]) == ("running", 1)
        assert (await kinds(talk))[-1] == "flow_started"


async def test_a_loop_that_is_too_deep_ends_the_run() -> None:
    until = {"op": "eq", "path": "params.n", "value": 1}
    inner = {"kind": "repeat_until", "loop_id": "in", "body": {"nodes": {"n": {"kind": "step", "step_id": "a"}}}, "until": until}
    outer = {"kind": "repeat_until", "loop_id": "out", "body": {"nodes": {"i": {**inner, "max_iterations": 1}}}, "until": until}
    nested = {"f": {"steps": {"a": step("x")}, "root": {"nodes": {"o": {**outer, "max_iterations": 1}}}}}
    async with talking() as talk:
        await found(talk, "w1", flows=nested, limits={"max_frame_depth": 1})
        assert (await run(talk, "f", n=1))["status"] == "failed"
        assert (await log(talk))[-1]["reason"] == "loop 'in' would exceed max_frame_depth=1 (current depth=1)"


async def test_a_flow_that_takes_too_long_ends() -> None:
    clock = VirtualClock(auto=False)
    async with talking(World(clock=clock)) as talk:
        await found(talk, "w1", flows=flows(a=step()), limits={"max_flow_duration_ms": 1000})
        slow = script({"say": ["late"], "pace": {"first": 60}})
        run_id = (await talk.call("mob/flow_run", mob_id="demo", flow_id="f", params={"s": slow}))["run_id"]
        await moments(30)
        await clock.advance("1s")
        assert (await log(talk))[-1]["reason"] == f"max flow duration exceeded for {run_id}"
        shown = (await talk.call("mob/flow_status", mob_id="demo", run_id=run_id))["run"]
        assert shown["frames"][f"{run_id}-root"]["kernel_state"]["node_status"] == {"a": "Failed"}
        commands = [entry["payload"].get("command") for entry in shown["flow_authority_inputs"]]
        assert commands[-3:] == ["FailNode", "FailStep", "TerminalizeFailed"]
        await clock.advance("1m")


async def test_a_step_cuts_the_turn_of_an_autonomous_member() -> None:
    clock = VirtualClock(auto=False)
    async with talking(World(clock=clock)) as talk:
        await found(talk, flows=flows(a=step(role="host", timeout_ms=400)))
        await spawn(talk, "h1", "host")
        await talk.call("mob/wait_kickoff", mob_id="demo")
        slow = script({"say": ["late"], "pace": {"first": 60}})
        run_id = (await talk.call("mob/flow_run", mob_id="demo", flow_id="f", params={"s": slow}))["run_id"]
        await moments(30)
        await clock.advance("400ms")
        shown = (await talk.call("mob/flow_status", mob_id="demo", run_id=run_id))["run"]
        assert [entry["reason"] for entry in shown["failure_ledger"]] == ["timeout after 400ms"]
        await clock.advance("1m")
