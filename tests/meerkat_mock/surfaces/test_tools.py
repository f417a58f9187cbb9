from __future__ import annotations

from typing import Any

import pytest

from meerkat_mock.clock import VirtualClock
from meerkat_mock.server import World
from tests.meerkat_mock.talk import moments, says, script, talking

TOOL = {"name": "t", "description": "d", "input_schema": {"type": "object"}}
CALL = script({"call": [{"tool": "t", "args": {"b": 1, "a": 2}, "id": "c1"}]}, {"say": ["done"]}, say="call")


async def test_a_call_goes_to_the_client_and_its_answer_to_the_model() -> None:
    async with talking() as talk:
        talk.tools["t"] = lambda arguments: {"content": f"got {arguments}"}
        assert await talk.call("tools/register", tools=[TOOL, TOOL]) == {"registered": 2}
        session = await talk.create(CALL)
        assert talk.asked == [{"arguments": {"a": 2, "b": 1}, "name": "t", "tool_use_id": "c1"}]
        results = (await talk.call("session/history", session_id=session))["messages"][3]["results"]
        assert results == [{"tool_use_id": "c1", "content": "got {'a': 2, 'b': 1}", "is_error": False}]


def failure(text: str) -> str:
    return f'{{"error":"execution_failed","message":"Tool execution failed: {text}"}}'


@pytest.mark.parametrize(
    ("answer", "content", "is_error"),
    [
        ({"content": "x", "is_error": True}, "x", True),
        ({}, "", False),
        ([], "", False),
        (["text", True], "text", True),
        ({"content": "x", "other": 1}, "x", False),
        ({"content": []}, failure("Failed to parse callback result: invalid type: sequence, expected a string at line 1 column 11"), True),
        ([[1]], failure("Failed to parse callback result: invalid type: sequence, expected a string at line 1 column 1"), True),
        (["a", {}], failure("Failed to parse callback result: invalid type: map, expected a boolean at line 1 column 5"), True),
        ([1], failure("Failed to parse callback result: invalid type: integer `1`, expected a string at line 1 column 2"), True),
        (
            {"content": "text", "is_error": "yes"},
            failure('Failed to parse callback result: invalid type: string \\"yes\\", expected a boolean at line 1 column 34'),
            True,
        ),
        (
            "text",
            failure('Failed to parse callback result: invalid type: string \\"text\\", expected struct CallbackResult at line 1 column 6'),
            True,
        ),
    ],
)
async def test_what_a_client_answers_decides_what_the_model_is_told(answer: Any, content: str, is_error: bool) -> None:
    async with talking() as talk:
        talk.tools["t"] = lambda arguments: answer
        await talk.call("tools/register", tools=[TOOL])
        session = await talk.create(CALL)
        completed = talk.events(session, "tool_execution_completed")[0]["payload"]
        assert (completed["result"], completed["is_error"]) == (content, is_error)


async def test_a_client_that_does_not_answer_is_given_thirty_seconds() -> None:
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        talk.tools["t"] = lambda arguments: None
        await talk.call("tools/register", tools=[TOOL])
        session = await talk.create()
        _, answer = await talk.ask("turn/start", {"session_id": session, "prompt": CALL})
        await talk.hear("tool_execution_started", session_id=session)
        await moments()
        await clock.advance("29s")
        assert not answer.done()
        await clock.advance("2s")
        assert (await answer)["text"] == "done"
        completed = talk.events(session, "tool_execution_completed")[0]["payload"]
        assert "Callback tool 't' timed out after 30s" in completed["result"]


async def test_a_tool_that_nobody_has_fails_the_turn() -> None:
    async with talking() as talk:
        session = await talk.create()
        assert (await talk.refusal("turn/start", session_id=session, prompt=CALL)).endswith("agent error: Tool error: Tool not found: t")


async def test_a_tool_registered_later_is_announced_at_the_next_boundary_and_can_be_called() -> None:
    async with talking() as talk:
        session = await talk.create()
        talk.tools["t"] = lambda arguments: {"content": "x"}
        await talk.call("tools/register", tools=[TOOL])
        await talk.turn(session, CALL)
        changes = [event["payload"]["payload"] for event in talk.events(session, "tool_config_changed")]
        assert [(change["operation"], change["target"], change["applied_at_turn"]) for change in changes] == [
            ("add", "callback:t", 0),
            ("reload", "tool_scope", 0),
        ]
        talk.heard.clear()
        await talk.call("tools/register", tools=[{**TOOL, "description": "other"}])
        await talk.turn(session, says("x"))
        assert talk.events(session, "tool_config_changed") == []


async def test_a_tool_registered_during_a_run_is_announced_before_its_next_round() -> None:
    async with talking() as talk:
        talk.tools["t"] = lambda arguments: None
        await talk.call("tools/register", tools=[TOOL])
        session = await talk.create()
        _, answer = await talk.ask("turn/start", {"session_id": session, "prompt": CALL})
        await talk.hear("tool_execution_started", session_id=session)
        await talk.call("tools/register", tools=[{**TOOL, "name": "u"}])
        await talk.transport.send(b'{"jsonrpc":"2.0","id":"srv-0","result":{"content":"now"}}\n')
        await answer
        changes = talk.events(session, "tool_config_changed")
        assert [event["payload"]["payload"]["applied_at_turn"] for event in changes] == [1, 1]


async def test_a_tool_of_the_session_wins_over_a_registered_one_and_dies_with_its_agent() -> None:
    async with talking() as talk:
        mine = {"name": "mine", "description": "", "input_schema": {}}
        talk.tools["mine"] = lambda arguments: {"content": "x"}
        session = await talk.create(external_tools=[mine])
        call = script({"call": [{"tool": "mine", "args": {}}]}, {"say": ["done"]})
        assert (await talk.turn(session, call))["tool_calls"] == 1
        await talk.refusal("turn/start", session_id=session, prompt=script({"fail": {"status": 400}}))
        await talk.turn(session, says("between"))
        await talk.hear("run_failed", session_id=session, count=3)
        assert "Tool not found: mine" in await talk.refusal("turn/start", session_id=session, prompt=call)


async def test_builtin_tools_are_there_by_name_and_follow_their_switches() -> None:
    async with talking() as talk:
        call = script({"call": [{"tool": "shell", "args": {"command": "true"}}]}, {"say": ["done"]})
        session = await talk.create(call)
        result = talk.events(session, "tool_execution_completed")[0]["payload"]
        assert result["is_error"] is True
        assert "script its answer with `result:`" in result["result"]
        session = await talk.create(enable_shell=False)
        assert "Tool not found: shell" in await talk.refusal("turn/start", session_id=session, prompt=call)


async def test_the_time_is_that_of_the_simulation() -> None:
    async with talking() as talk:
        session = await talk.create(script({"call": [{"tool": "datetime", "args": {}}]}, {"say": ["done"]}))
        assert "2026-03-02T09:00:00" in talk.events(session, "tool_execution_completed")[0]["payload"]["result"]
