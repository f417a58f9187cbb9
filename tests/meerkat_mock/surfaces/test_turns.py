from __future__ import annotations

import asyncio
import json
from typing import Any

from meerkat.rpc import encode
from meerkat_mock.server import Server, World
from tests.meerkat_mock.talk import moments, says, script, talking

FAILS = script({"fail": {"status": 400, "message": "no"}}, say="bad")
PEER = "00000000-0000-4000-8000-000000000001"
SLOW = script({"say": ["late"], "pace": {"first": 60}}, say="slow")


async def test_a_turn_is_answered_with_its_own_rounds_and_the_usage_of_the_whole_session():
    async with talking() as talk:
        session = await talk.create(says("one"))
        result = await talk.turn(session, says("two"))
    assert (result["text"], result["turns"], result["usage"]["total_tokens"]) == ("two", 1, 30)


async def test_turns_sent_at_once_run_one_after_the_other_and_all_are_answered():
    async with talking() as talk:
        session = await talk.create(says("one"))
        answers = [(await talk.ask("turn/start", {"session_id": session, "prompt": says(text)}))[1] for text in "abc"]
        results = await asyncio.gather(*answers)
        assert [result["text"] for result in results] == ["a", "b", "c"]
        assert [result["usage"]["total_tokens"] for result in results] == [30, 45, 60]


async def test_a_turn_sent_while_another_runs_stalls_until_a_further_one_arrives_when_that_is_asked_for():
    async with talking(queued_turn_stalls=True) as talk:
        session = await talk.create()
        tool_waits: list[object] = []
        talk.tools["t"] = lambda arguments: tool_waits.append(arguments)
        await talk.call("tools/register", tools=[{"name": "t", "description": "", "input_schema": {}}])
        _, first = await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await talk.hear("turn_started", session_id=session, count=2)
        _, second = await talk.ask("turn/start", {"session_id": session, "prompt": says("b")})
        await first
        await moments()
        assert not second.done()
        third = await talk.turn(session, says("c"))
        assert (await second)["usage"]["total_tokens"] < third["usage"]["total_tokens"]


async def test_an_interrupt_answers_the_running_turn_and_refuses_the_waiting_one():
    async with talking() as talk:
        session = await talk.create()
        _, running = await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await talk.hear("turn_started", session_id=session, count=2)
        _, waiting = await talk.ask("turn/start", {"session_id": session, "prompt": says("b")})
        assert await talk.call("turn/interrupt", session_id=session) == {"interrupted": True}
        assert str(await _error(running)) == "-32005 request cancelled"
        assert str(await _error(waiting)) == f"-32001 session not found: {session}"
        history = await talk.call("session/history", session_id=session)
        assert history["message_count"] == 3


async def test_as_documented_a_waiting_turn_runs_after_an_interrupt():
    async with talking(contract=True) as talk:
        session = await talk.create()
        _, running = await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await talk.hear("turn_started", session_id=session, count=2)
        _, waiting = await talk.ask("turn/start", {"session_id": session, "prompt": says("b")})
        await talk.call("turn/interrupt", session_id=session)
        assert str(await _error(running)) == "-32005 request cancelled"
        assert (await waiting)["text"] == "b"


async def _error(answer: asyncio.Future[object]) -> BaseException:
    try:
        value = await asyncio.wait_for(answer, 20)
    except Exception as error:
        return error
    raise AssertionError(f"answered {value}")


async def test_an_interrupt_of_an_idle_session_succeeds_and_one_after_an_interrupted_turn_fails_until_the_next_turn():
    async with talking() as talk:
        session = await talk.create()
        assert await talk.call("turn/interrupt", session_id=session) == {"interrupted": True}
        await _interrupted(talk, session)
        assert "Failed to interrupt session" in await talk.refusal("turn/interrupt", session_id=session)
        await talk.turn(session, says("x"))
        assert await talk.call("turn/interrupt", session_id=session) == {"interrupted": True}


async def _interrupted(talk, session: str) -> None:
    _, running = await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
    await talk.hear("turn_started", session_id=session, count=len(talk.events(session, "turn_started")) + 1)
    await talk.call("turn/interrupt", session_id=session)
    await _error(running)


async def test_cancelling_a_turn_drops_it_and_answers_in_its_own_words():
    async with talking() as talk:
        session = await talk.create()
        request_id, running = await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await talk.hear("turn_started", session_id=session, count=2)
        await talk.tell("cancel", request_id=request_id)
        assert str(await _error(running)) == "-32005 request cancelled before response publish"
        assert (await talk.turn(session, says("x")))["usage"]["total_tokens"] == 30
        assert talk.events(session, "run_started")[-1]["seq"] == 1


async def test_cancelling_a_waiting_turn_kills_the_running_one_too():
    async with talking() as talk:
        session = await talk.create()
        _, running = await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await talk.hear("turn_started", session_id=session, count=2)
        request_id, waiting = await talk.ask("turn/start", {"session_id": session, "prompt": says("b")})
        await talk.tell("cancel", request_id=request_id)
        assert str(await _error(waiting)) == "-32005 request cancelled before response publish"
        assert str(await _error(running)) == "-32005 request cancelled"


async def test_a_turn_cancelled_in_the_same_write_never_runs():
    async with talking() as talk:
        session = await talk.create()
        request_id, answer = await talk.ask("turn/start", {"session_id": session, "prompt": says("b")})
        await talk.tell("cancel", request_id=request_id)
        assert "before response publish" in str(await _error(answer))
        assert len(talk.prompts(session)) == 1


async def test_of_two_creates_in_flight_under_one_id_both_are_made_and_the_slower_is_told_that_it_is_not_tracked():
    server = Server(World())
    transport = server.connect()
    for prompt in (SLOW, says("fast")):
        await transport.send(encode({"jsonrpc": "2.0", "id": 5, "method": "session/create", "params": {"prompt": prompt}}))
    answers = await _answers(transport, 5, 2)
    await transport.send(encode({"jsonrpc": "2.0", "id": 6, "method": "session/list"}))
    listed = (await _answers(transport, 6, 1))[0]["result"]["sessions"]
    await transport.close()
    await server.close()
    assert answers[0]["result"]["text"] == "fast"
    assert answers[1]["error"] == {"code": -32603, "message": "request lifecycle rejected publish response: request not tracked"}
    assert len(listed) == 2


async def _answers(transport, request_id: int, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while len(found) < count:
        lines = (await transport.receive()).splitlines()
        found += [message for message in map(json.loads, lines) if message.get("id") == request_id]
    return found


async def test_a_failed_prompt_runs_again_before_the_next_turn_and_a_last_time_after_it():
    async with talking() as talk:
        session = await talk.create(says("one"))
        assert "LLM failure terminal turn" in await talk.refusal("turn/start", session_id=session, prompt=FAILS)
        assert (await talk.turn(session, says("good")))["text"] == "good"
        await talk.hear("run_failed", session_id=session, count=3)
        assert [prompt[:4] for prompt in talk.prompts(session)] == ["say ", "bad ", "bad ", "say ", "bad "]
        assert (await talk.turn(session, says("better")))["usage"]["total_tokens"] == 45
        assert len(talk.events(session, "run_failed")) == 3


async def test_as_documented_a_failed_turn_is_over():
    async with talking(contract=True) as talk:
        session = await talk.create(says("one"))
        await talk.refusal("turn/start", session_id=session, prompt=FAILS)
        await talk.turn(session, says("good"))
        await moments()
        assert len(talk.events(session, "run_failed")) == 1
        assert [event["seq"] for event in talk.events(session)] == list(range(1, len(talk.events(session)) + 1))


async def test_a_client_that_goes_on_at_once_after_a_failure_is_stranded_and_refused_although_its_prompt_runs():
    async with talking() as talk:
        session = await talk.create(says("one"))
        await talk.refusal("turn/start", session_id=session, prompt=FAILS)
        await talk.turn(session, says("b"))
        _, stranded = await talk.ask("turn/start", {"session_id": session, "prompt": says("c")})
        await talk.hear("run_failed", session_id=session, count=3)
        await moments(100)
        assert not stranded.done()
        assert (await talk.turn(session, says("d")))["usage"]["total_tokens"] == 60
        assert str(await _error(stranded)) == "-32603 runtime terminated: runtime session unregistered"
        assert [prompt[:5] for prompt in talk.prompts(session)][-2:] == ["say c", "say d"]


async def test_a_turn_behind_a_rerun_that_succeeds_is_stranded_until_another_arrives():
    async with talking() as talk:
        session = await talk.create(says("one"))
        recovers = script({"attempts": [{"fail": {"status": 400}}, {"say": ["well"]}]}, say="once")
        await talk.refusal("turn/start", session_id=session, prompt=recovers)
        _, stranded = await talk.ask("turn/start", {"session_id": session, "prompt": says("b")})
        await talk.hear("run_completed", session_id=session, count=2)
        await moments(100)
        assert not stranded.done()
        last = await talk.turn(session, says("c"))
        assert (await stranded)["text"] == "b"
        assert last["usage"]["total_tokens"] == 60
        history = await talk.call("session/history", session_id=session)
        assert history["message_count"] == 9


async def test_two_failed_prompts_come_back_each_in_front_of_a_later_turn():
    async with talking() as talk:
        session = await talk.create(says("one"))
        worse = script({"fail": {"status": 400}}, say="worse")
        await talk.refusal("turn/start", session_id=session, prompt=FAILS)
        await talk.refusal("turn/start", session_id=session, prompt=worse)
        await talk.hear("run_failed", session_id=session, count=4)
        await talk.turn(session, says("good"))
        await talk.turn(session, says("more"))
        runs = [prompt.split(" @")[0] for prompt in talk.prompts(session)]
        assert runs == ["say one", "bad", "bad", "worse", "bad", "worse", "say good", "worse", "say more"]


async def test_an_event_wakes_a_failed_prompt_and_stands_in_front_of_its_last_attempt():
    async with talking() as talk:
        session = await talk.create(says("one"))
        await talk.refusal("turn/start", session_id=session, prompt=FAILS)
        await talk.call("session/external_event", session_id=session, kind="generic_json", event_type="ping", payload={})
        await talk.hear("run_failed", session_id=session, count=3)
        await talk.turn(session, says("next"))
        runs = [prompt.split(" @")[0] for prompt in talk.prompts(session)]
        assert runs == ["say one", "bad", "bad", "[EVENT via ping]\nbad", "[EVENT via ping]\nsay next"]


async def test_a_session_whose_agent_cannot_be_built_never_recovers():
    async with talking() as talk:
        session = await talk.create("first", initial_turn="deferred", provider_params={"temperature": 1})
        first = await talk.refusal("turn/start", session_id=session, prompt="x")
        assert first.endswith("invalid provider_params for provider SelfHosted: unknown legacy provider-params key: temperature")
        second = await talk.refusal("turn/start", session_id=session, prompt="x", clear_provider_params=True)
        assert "model routing baseline" in second
        assert talk.events(session) == []


async def test_an_override_ends_the_deltas_until_the_agent_is_rebuilt():
    async with talking() as talk:
        session = await talk.create(says("one"))
        await talk.turn(session, says("two"), model="scripted")
        assert len(talk.events(session, "text_delta")) == 1
        assert len(talk.events(session, "text_complete")) == 2
        await _interrupted(talk, session)
        await talk.turn(session, says("three"))
        assert len(talk.events(session, "text_delta")) == 2


async def test_an_overlay_holds_for_one_turn_and_must_name_known_tools():
    async with talking() as talk:
        talk.tools["t"] = lambda arguments: {"content": "did it"}
        await talk.call("tools/register", tools=[{"name": "t", "description": "", "input_schema": {}}])
        session = await talk.create()
        calls = script({"call": [{"tool": "t", "args": {}}]}, {"say": ["done"]})
        blocked = await talk.refusal("turn/start", session_id=session, prompt=calls, flow_tool_overlay={"blocked_tools": ["t"]})
        assert blocked.endswith("Tool error: Tool 't' is not allowed by policy")
        unknown = await talk.refusal("turn/start", session_id=session, prompt="x", flow_tool_overlay={"allowed_tools": ["zz"]})
        assert unknown.endswith('Configuration error: Unknown tool(s) in filter: ["zz"]')


async def test_one_unknown_skill_makes_all_of_a_turn_ineffective():
    async with talking() as talk:
        session = await talk.create()
        known = (await talk.call("skills/list"))["skills"][0]["key"]
        good, bad = {"kind": "structured", **known}, {"kind": "structured", **known, "skill_name": "nothing-such"}
        await talk.turn(session, "with", skill_refs=[{**good, "source_uuid": f"urn:uuid:{known['source_uuid'].upper()}"}])
        await talk.turn(session, "without", skill_refs=[good, bad])
        with_skill, without = talk.prompts(session)[1:]
        assert with_skill.startswith(f'<skill id="{known["source_uuid"]}/{known["skill_name"]}">')
        assert with_skill.endswith("</skill>\n\nwith")
        assert without == "without"


async def test_a_response_overtakes_the_last_event_of_its_run_when_that_is_asked_for():
    async with talking(response_overtakes_events=True) as talk:
        session = await talk.create()
        order: list[str] = []
        _, answer = await talk.ask("turn/start", {"session_id": session, "prompt": says("x")})
        answer.add_done_callback(lambda _: order.append(f"answer after {len(talk.events(session, 'run_completed'))}"))
        await answer
        await talk.hear("run_completed", session_id=session, count=2)
        assert order == ["answer after 1"]
        assert [event["seq"] for event in talk.events(session)] == list(range(1, 13))


async def test_a_tool_call_overtakes_its_announcement_when_that_is_asked_for():
    async with talking(tool_execute_overtakes_events=True) as talk:
        session = await talk.create()
        heard_before: list[int] = []

        def answer(arguments: object) -> dict[str, str]:
            heard_before.append(len(talk.events(session, "tool_call_requested")))
            return {"content": "x"}

        talk.tools["t"] = answer
        await talk.call("tools/register", tools=[{"name": "t", "description": "", "input_schema": {}}])
        await talk.turn(session, script({"call": [{"tool": "t", "args": {}}]}, {"say": ["done"]}))
        assert heard_before == [0]
        assert [event["seq"] for event in talk.events(session)] == list(range(1, len(talk.events(session)) + 1))


async def test_a_session_whose_runtime_has_stopped_takes_no_input_and_can_still_be_read() -> None:
    async with talking(hasty_turn_stops_runtime=True) as talk:
        session = await talk.create()
        for _ in range(2):
            assert "turn abandoned" in await talk.refusal("turn/start", session_id=session, prompt=FAILS)
        stopped = [await talk.refusal("turn/start", session_id=session, prompt=says(text)) for text in "ab"]
        assert stopped == ["-32603 runtime terminated: runtime stopped", "-32603 runtime accept failed: Runtime not ready: stopped"]
        interrupt = await talk.refusal("turn/interrupt", session_id=session)
        assert interrupt == "-32600 Session is not interruptible while runtime is stopped"
        event = await talk.call("session/external_event", session_id=session, kind="generic_json", event_type="note", payload={"a": 1})
        peer = await talk.call(
            "session/peer_response_terminal", session_id=session, peer_id=PEER, request_id=PEER, status="completed", result={}
        )
        assert event == peer == {"outcome_type": "rejected", "reason": "runtime not accepting input while in state: stopped"}
        assert (await talk.call("session/history", session_id=session))["message_count"] == 3
