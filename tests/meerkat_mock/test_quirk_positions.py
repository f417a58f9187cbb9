"""Both positions of a quirk, held against each other: what the row says of the server and what it says of the documentation."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.quirks import Quirks
from meerkat_mock.runtime import World
from meerkat_mock.world.model import ModelAnswer, ProviderFailure
from tests.meerkat_mock.live.on_air import studio
from tests.meerkat_mock.mob.company import found, spawn
from tests.meerkat_mock.talk import MODEL, Refused, Talk, moments, script, talking

if TYPE_CHECKING:
    from meerkat_mock.world.model import ModelRequest

TALK = script({"say": ["a", "b"]})
SLOW = script({"say": ["a", "b"], "pace": {"each": "5s"}})
FAIL = script({"fail": {"status": 400}})
BOTH = pytest.mark.parametrize("on", [True, False], ids=["server", "documented"])


async def fail(talk: Talk, session: str) -> None:
    with pytest.raises(Refused):
        await talk.turn(session, f"bad {FAIL}")


async def running(talk: Talk, session: str) -> asyncio.Future[Any]:
    """Start a slow turn and wait until it runs."""
    _, answer = await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
    await talk.hear("run_started", session_id=session, count=2)
    return answer


async def running_first(talk: Talk, session: str) -> asyncio.Future[Any]:
    """Start the first turn of a session, a slow one, and wait until it runs."""
    _, answer = await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
    await talk.hear("run_started", session_id=session)
    return answer


async def outcome(answer: asyncio.Future[Any]) -> str:
    try:
        return str((await asyncio.wait_for(answer, 5))["text"])
    except Refused as refused:
        return str(refused.code)


@BOTH
async def test_seq_restarts(on: bool) -> None:
    async with talking(contract=True, seq_restarts=on) as talk:
        session = await talk.create(TALK)
        await fail(talk, session)
        await talk.turn(session, TALK)
        numbers = [event["seq"] for event in talk.events(session)]
    assert (numbers == list(range(1, len(numbers) + 1))) is not on
    assert numbers.count(1) == (2 if on else 1)


@BOTH
async def test_failed_prompt_returns(on: bool) -> None:
    async with talking(contract=True, failed_prompt_returns=on) as talk:
        session = await talk.create(TALK)
        await fail(talk, session)
        await talk.turn(session, TALK)
        assert talk.prompts(session) == [TALK, *[f"bad {FAIL}"] * (2 if on else 1), TALK]


@BOTH
async def test_deltas_lost_after_override(on: bool) -> None:
    async with talking(contract=True, deltas_lost_after_override=on) as talk:
        session = await talk.create(TALK)
        await talk.turn(session, TALK, model="gpt-5.5", provider="openai")
        assert len(talk.events(session, "text_delta")) == (2 if on else 4)
        assert len(talk.events(session, "text_complete")) == 2


@BOTH
async def test_labels_hidden_after_rebuild(on: bool) -> None:
    async with talking(contract=True, labels_hidden_after_rebuild=on) as talk:
        session = await talk.create(TALK, labels={"app": "desk"})
        await fail(talk, session)
        await talk.turn(session, TALK)
        shown = (await talk.call("session/list"))["sessions"][0], await talk.call("session/read", session_id=session)
        assert [each.get("labels") for each in shown] == [None if on else {"app": "desk"}] * 2


@dataclass
class Listening:
    """A model that keeps what it is asked."""

    asked: list[str] = field(default_factory=list[str])

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        self.asked.append(str(request.messages))
        return ModelAnswer(say=("ok",))


@BOTH
async def test_keyless_context_lost(on: bool) -> None:
    model = Listening()
    async with talking(World(model=model, quirks=Quirks("contract", {"keyless_context_lost": on}))) as talk:
        session = await talk.create("hi")
        await talk.call("session/inject_context", session_id=session, text="remember me")
        await talk.turn(session, "go")
    assert ("remember me" in model.asked[-1]) is not on


@BOTH
async def test_second_interrupt_fails(on: bool) -> None:
    async with talking(contract=True, second_interrupt_fails=on) as talk:
        session = await talk.create(TALK)
        await running(talk, session)
        assert await talk.call("turn/interrupt", session_id=session) == {"interrupted": True}
        if on:
            assert (await talk.refusal("turn/interrupt", session_id=session)).startswith("-32603 Failed to interrupt session")
            await talk.turn(session, TALK)
        assert await talk.call("turn/interrupt", session_id=session) == {"interrupted": True}


@BOTH
async def test_interrupt_loses_waiting_turn(on: bool) -> None:
    async with talking(contract=True, interrupt_loses_waiting_turn=on) as talk:
        session = await talk.create(TALK)
        first = await running(talk, session)
        _, second = await talk.ask("turn/start", {"session_id": session, "prompt": TALK})
        await moments()
        await talk.call("turn/interrupt", session_id=session)
        assert [await outcome(first), await outcome(second)] == ["-32005", "-32001" if on else "ab"]


@BOTH
async def test_cancel_of_waiting_turn_hits_running(on: bool) -> None:
    async with talking(contract=True, cancel_of_waiting_turn_hits_running=on) as talk:
        session = await talk.create(TALK)
        first = await running(talk, session)
        request_id, second = await talk.ask("turn/start", {"session_id": session, "prompt": TALK})
        await moments(5)
        await talk.tell("cancel", request_id=request_id)
        assert [await outcome(first), await outcome(second)] == ["-32005" if on else "ab", "-32005"]


@BOTH
async def test_unreadable_call_vanishes(on: bool) -> None:
    async with talking(contract=True, unreadable_call_vanishes=on) as talk:
        await talk.call("tools/register", tools=[{"name": "add", "description": "", "input_schema": {"type": "object"}}])
        session = await talk.create(script({"call": [{"tool": "add", "args": "{no json"}]}, {"say": ["sorry"]}))
        results = talk.events(session, "tool_execution_completed")
        assert [result["payload"]["is_error"] for result in results] == ([] if on else [True])
        assert "invalid_arguments" in str(results) or on
        assert talk.asked == [], "the application is never asked"


@BOTH
async def test_failed_build_is_final(on: bool) -> None:
    async with talking(contract=True, failed_build_is_final=on) as talk:
        session = await talk.create("first", initial_turn="deferred", provider_params={"temperature": 1})
        assert "unknown legacy provider-params key" in await talk.refusal("turn/start", session_id=session, prompt="x")
        _, again = await talk.ask("turn/start", {"session_id": session, "prompt": TALK, "clear_provider_params": True})
        assert await outcome(again) == ("-32603" if on else "ab")


@BOTH
async def test_hooks_override_inert(on: bool) -> None:
    entry = {"id": "watcher", "point": "run_started"}
    async with talking(contract=True, hooks_override_inert=on) as talk:
        _, answer = await talk.ask("session/create", {"prompt": TALK, "model": MODEL, "hooks_override": {"entries": [entry]}})
        assert await outcome(answer) == ("ab" if on else "-32603"), "a hook whose handler is nowhere stops the run"


@BOTH
async def test_broken_member_blocks_stop(on: bool) -> None:
    async with talking(contract=True, broken_member_blocks_stop=on) as talk:
        await found(talk)
        await spawn(talk, "h1", "host", initial_message=FAIL)
        await talk.call("mob/wait_kickoff", mob_id="demo")
        _, stopping = await talk.ask("mob/lifecycle", {"mob_id": "demo", "action": "stop"})
        if on:
            with pytest.raises(Refused, match="runtime-backed interrupt"):
                await asyncio.wait_for(stopping, 5)
        else:
            await asyncio.wait_for(stopping, 5)
        assert (await talk.call("mob/status", mob_id="demo"))["status"] == ("Running" if on else "Stopped")


@BOTH
async def test_live_input_loses_turn(on: bool) -> None:
    async with studio(contract=True, live_input_loses_turn=on) as stage:
        channel = await stage.open()
        session = channel.session_id
        answer = await running_first(stage.talk, session)
        await channel.say("Hello")
        await channel.until("turn_completed")
        assert await outcome(answer) == "ab"
        texts = [text for _, text in await channel.history()]
        assert texts[-2:] == ["Hello", "OK"]
        assert texts[1:-2] == ([] if on else ["ab"]), "the prompt of the ordinary turn comes before its answer"


class FailsOnce:
    """Refuses the second thing it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        self.asked += 1
        return ModelAnswer(ending=ProviderFailure(400, "no", "no")) if self.asked == 2 else ModelAnswer(say=("ok",))


@BOTH
async def test_turn_stalls_behind_rerun(on: bool) -> None:
    position = Quirks("contract", {"failed_prompt_returns": True, "turn_stalls_behind_rerun": on})
    async with talking(World(model=FailsOnce(), quirks=position)) as talk:
        session = await talk.create("one")
        assert "LLM failure" in await talk.refusal("turn/start", session_id=session, prompt="two")
        _, stalled = await talk.ask("turn/start", {"session_id": session, "prompt": "three"})
        await talk.hear("run_completed", session_id=session, count=2)
        await moments()
        assert stalled.done() is not on
        assert talk.prompts(session) == ["one", "two", "two", *([] if on else ["three"])]
        assert (await talk.turn(session, "four"))["text"] == "ok"
        assert (await outcome(stalled)) == "ok"
