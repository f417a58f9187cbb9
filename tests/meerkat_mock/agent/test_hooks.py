"""Hooks at every point: order, denial, failure, time limits. The hooks are real commands."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import pytest

from meerkat_mock.agent.ports import OutputSchema
from meerkat_mock.world.model import ProviderFailure
from tests.meerkat_mock.agent.stage import Stage, call, failing, kinds, one, say

if TYPE_CHECKING:
    from pathlib import Path

    from meerkat_mock.agent.ports import Event, JsonObject

DECISION = {"decision": "deny", "hook_id": "zz", "reason_code": "policy_violation", "message": "not here", "payload": {"p": 1}}
DENY = f"cat >/dev/null; echo {shlex.quote(json.dumps({'decision': DECISION}))}"
NOTHING = "cat >/dev/null; echo '{}'"
DENIED = ["hook_started", "hook_completed", "hook_denied", "run_failed"]


def hook(name: str, point: str, script: str = NOTHING, **more: object) -> JsonObject:
    runtime = {"type": "command", "command": "sh", "args": ["-c", script]}
    return {"id": name, "point": point, "runtime": runtime, **more}  # type: ignore[dict-item]


def of_hooks(events: list[Event]) -> list[tuple[str, object]]:
    return [(str(event["type"])[5:], event["hook_id"]) for event in events if "hook_id" in event]


@pytest.mark.parametrize(
    ("point", "before"),
    [
        ("run_started", ["run_started"]),
        ("pre_llm_request", ["run_started", "turn_started"]),
        ("post_llm_response", ["run_started", "turn_started", "text_delta"]),
        ("turn_boundary", ["run_started", "turn_started", "text_delta", "text_complete"]),
        ("run_completed", ["run_started", "turn_started", "text_delta", "text_complete"]),
    ],
)
async def test_a_denial_stops_the_run_at_its_point(point: str, before: list[str]) -> None:
    stage = Stage(hooks=(hook("no", point, DENY),))
    answers = [say("plain")] if len(before) > 2 else []
    events = await stage.run(*answers)
    assert kinds(events) == [*before, *DENIED]
    assert one(events, "hook_denied") == {
        "type": "hook_denied",
        "hook_id": "no",
        "point": point,
        "reason_code": "policy_violation",
        "message": "not here",
        "payload": {"p": 1},
    }
    name = "".join(part.capitalize() for part in point.split("_"))
    assert stage.failure == f"Hook 'no' denied at {name}: PolicyViolation - not here"
    assert events[-1]["error_class"] == "hook"
    assert events[-1].get("terminal_cause_kind") == (None if point == "run_started" else "hook_denied")


async def test_hooks_before_parallel_tools_are_all_asked_at_once() -> None:
    stage = Stage(hooks=(hook("no", "pre_tool_execution", DENY),))
    events = await stage.run(call("add", "add"))
    assert kinds(events)[2:] == ["tool_call_requested"] * 2 + ["hook_started"] * 2 + ["hook_completed", "hook_denied"] * 2 + ["run_failed"]
    assert stage.tools.log == []


async def test_calls_before_the_denied_one_are_shown_as_started() -> None:
    script = "if grep -q '\"c2\"'; then " + DENY.removeprefix("cat >/dev/null; ") + "; else echo '{}'; fi"
    stage = Stage(hooks=(hook("no", "pre_tool_execution", script),))
    events = await stage.run(call("add", "add", "add"))
    assert kinds(events)[-2:] == ["tool_execution_started", "run_failed"]
    assert stage.tools.log == []


async def test_a_denial_after_a_tool_hides_its_result() -> None:
    stage = Stage(hooks=(hook("no", "post_tool_execution", DENY),))
    events = await stage.run(call("add", "add"))
    assert kinds(events)[4:] == ["tool_execution_started"] * 2 + DENIED
    assert stage.tools.log == ["+c1", "-c1", "+c2", "-c2"]


async def test_a_denial_at_the_end_of_a_run_with_a_schema_comes_after_turn_completed() -> None:
    stage = Stage(hooks=(hook("no", "run_completed", DENY),), output_schema=OutputSchema({}))
    events = await stage.run(say("plain"))
    assert kinds(events)[3:] == ["text_complete", "turn_completed", *DENIED]


async def test_a_denied_failure_stays_what_it_is() -> None:
    stage = Stage(hooks=(hook("no", "run_failed", DENY),))
    events = await stage.run(failing(ProviderFailure(400, "m", "{}")))
    assert kinds(events)[2:] == DENIED
    assert events[-1]["error_class"] == "llm"


async def test_a_denial_in_the_extraction_fails_the_extraction_alone() -> None:
    script = "if grep -q '\"turn_number\":1'; then " + DENY.removeprefix("cat >/dev/null; ") + "; else echo '{}'; fi"
    stage = Stage(hooks=(hook("no", "pre_llm_request", script),), output_schema=OutputSchema({}))
    events = await stage.run(say("plain"))
    assert kinds(events)[-4:] == [*DENIED[:3], "extraction_failed"]
    assert events[-1]["reason"] == "Hook 'no' denied at PreLlmRequest: PolicyViolation - not here"


async def test_all_start_in_configuration_order_and_end_by_priority_up_to_the_denier() -> None:
    point = "turn_boundary"
    hooks = (
        hook("last", point, priority=200),
        hook("no", point, DENY, priority=50),
        hook("aside", point, mode="background"),
        hook("off", point, enabled=False),
        hook("first", point, priority=1),
    )
    events = await Stage(hooks=hooks).run(say("plain"))
    started = [("started", name) for name in ("last", "no", "aside", "first")]
    assert of_hooks(events) == [*started, ("completed", "first"), ("completed", "no"), ("denied", "no")]


async def test_a_background_hook_has_run_when_the_run_is_over(tmp_path: Path) -> None:
    seen = tmp_path / "seen.json"
    stage = Stage(hooks=(hook("aside", "run_started", f"cat > {shlex.quote(str(seen))}; exit 1", mode="background"),))
    events = await stage.run(say("plain"))
    assert of_hooks(events) == [("started", "aside")]
    assert json.loads(seen.read_text())["prompt"] == "hi"


BROKEN = [
    ({"type": "command", "command": "sh", "args": ["-c", "exit 3"]}, "command hook exited with exit status: 3: "),
    ({"type": "command", "command": "sh", "args": ["-c", "kill -9 $$"]}, "command hook exited with signal: 9 (SIGKILL): "),
    ({"type": "command", "command": "sh", "args": ["-c", "echo ?"]}, "invalid command hook response: expected value at line 1 column 1"),
    (
        {"type": "command", "command": "sh", "args": ["-c", "echo []"]},
        "invalid command hook response: invalid type: sequence, expected struct RuntimeHookResponse at line 1 column 2",
    ),
    ({"type": "command", "command": "no-such-hook"}, "failed to spawn command hook: No such file or directory (os error 2)"),
    ({"type": "in_process", "config": {"handler": "mine"}}, "in-process handler 'mine' not registered"),
    ({}, "in-process handler 'noop' not registered"),
    ({"type": "http", "url": "ftp://127.0.0.1/"}, "http hook request failed: unsupported URL 'ftp://127.0.0.1/'"),
]


@pytest.mark.parametrize(("runtime", "reason"), BROKEN)
async def test_a_broken_hook_fails_the_run_and_hides_the_ends_before_it(runtime: JsonObject, reason: str) -> None:
    broken: JsonObject = {"id": "x", "point": "turn_boundary", "runtime": runtime}
    stage = Stage(hooks=(hook("fine", "turn_boundary", priority=1), broken))
    events = await stage.run(say("plain"))
    assert of_hooks(events) == [("started", "fine"), ("started", "x"), ("failed", "x")]
    assert one(events, "hook_failed")["error"] == f"Hook runtime execution failed for 'x': {reason}"
    assert stage.failure == f"Hook execution failed for 'x': {reason}"
    assert events[-1]["terminal_cause_kind"] == "hook_failure"


async def test_a_hook_that_takes_too_long_fails_the_run() -> None:
    stage = Stage(hooks=(hook("slow", "turn_boundary", "sleep 60", timeout_ms=20),))
    events = await stage.run(say("plain"))
    assert one(events, "hook_failed")["error"] == stage.failure == "Hook 'slow' timed out after 20ms"
    assert '"reason_type": "hook_timeout"' in json.dumps(events[-1])


async def test_hooks_learn_what_their_point_is_about(tmp_path: Path) -> None:
    seen = tmp_path / "seen.jsonl"
    script = f"cat >> {shlex.quote(str(seen))}; echo >> {shlex.quote(str(seen))}; echo '{{}}'"
    points = ("run_started", "pre_llm_request", "post_llm_response", "pre_tool_execution", "post_tool_execution", "run_completed")
    stage = Stage(hooks=tuple(hook(point, point, script) for point in points), max_tokens=99)
    await stage.run(call("add"), say("end"))
    told = [json.loads(line) for line in seen.read_text().splitlines()]
    assert all(fact.pop("session_id") == "s1" for fact in told)
    assert [(fact["point"], fact.get("turn_number")) for fact in told] == [
        ("run_started", None),
        *[(point, 0) for point in points[1:5]],
        ("pre_llm_request", 1),
        ("post_llm_response", 1),
        ("run_completed", 2),
    ]
    assert told[0] == {"point": "run_started", "prompt_input": "hi", "prompt": "hi"}
    assert told[1]["llm_request"] == {"max_tokens": 99, "message_count": 2}
    assert told[2]["llm_response"]["tool_call_names"] == ["add"]
    assert told[3]["tool_call"] == {"tool_use_id": "c1", "name": "add", "args": {}}
    assert told[4]["tool_result"]["content"] == "5"
