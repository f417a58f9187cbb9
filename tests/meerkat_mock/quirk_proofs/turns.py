"""Turns and sessions: what fails, waits, is interrupted, and what a rebuilt agent has forgotten (spec 02 and 03)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from meerkat_mock.world.model import ModelAnswer, ProviderFailure
from tests.meerkat_mock.quirk_proofs.proving import Position, proves
from tests.meerkat_mock.talk import MODEL, Refused, Talk, moments, script, talking

if TYPE_CHECKING:
    from meerkat.wire.base import Json
    from meerkat_mock.world.model import ModelRequest

GOOD = script({"say": ["a", "b"]}, say="good")
SLOW = script({"say": ["a", "b"], "pace": {"each": "5s"}}, say="slow")
BAD = script({"fail": {"status": 400}}, say="bad")


async def running(talk: Talk, session: str, before: int = 1) -> asyncio.Future[Any]:
    """Start a slow turn behind so many others and wait until it runs."""
    _, answer = await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
    await talk.hear("turn_started", session_id=session, count=before + 1)
    return answer


async def outcome(answer: asyncio.Future[Any]) -> str:
    """Return the text of a turn, or the code of its error."""
    try:
        return str((await asyncio.wait_for(answer, 20))["text"])
    except Refused as refused:
        return str(refused.code)


def first_words(talk: Talk, session: str) -> list[Json]:
    """Return how the prompts of a session's runs begin."""
    return [str(prompt).split()[0] for prompt in talk.prompts(session)]


@proves("reads_wait_for_turns", server="when the turn has ended", documented="at once")
async def a_read_during_a_turn(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create(GOOD)
        turn = await running(talk, session)
        _, reading = await talk.ask("session/read", {"session_id": session})
        await moments()
        answered = "at once" if reading.done() else "when the turn has ended"
        await turn
        assert (await reading)["session_id"] == session
        return answered


@proves("failed_prompt_returns", server=["good", "bad", "bad", "good", "bad", "good"], documented=["good", "bad", "good", "good"])
async def a_turn_after_a_failed_one(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create(GOOD)
        await talk.refusal("turn/start", session_id=session, prompt=BAD)
        await talk.turn(session, GOOD)
        if position.on:
            await talk.hear("run_failed", session_id=session, count=3)
        await talk.turn(session, GOOD)
        return first_words(talk, session)


class FailsOnce:
    """A model that refuses the second thing it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        self.asked += 1
        return ModelAnswer(ending=ProviderFailure(400, "no", "no")) if self.asked == 2 else ModelAnswer(say=("ok",))


@proves(
    "turn_stalls_behind_rerun",
    server=["one", "two", "two", "waits", "three", "four"],
    documented=["one", "two", "two", "three", "four"],
    failed_prompt_returns=True,
)
async def a_turn_behind_a_rerun_that_succeeds(position: Position) -> Json:
    async with talking(position.world(model=FailsOnce())) as talk:
        session = await talk.create("one")
        assert "LLM failure" in await talk.refusal("turn/start", session_id=session, prompt="two")
        _, stalled = await talk.ask("turn/start", {"session_id": session, "prompt": "three"})
        await talk.hear("run_completed", session_id=session, count=2)
        await moments()
        before = [*first_words(talk, session), *([] if stalled.done() else ["waits"])]
        assert (await talk.turn(session, "four"))["text"] == await outcome(stalled) == "ok"
        return [*before, *first_words(talk, session)[before.index("two") + (2 if position.on else 3) :]]


@proves(
    "hasty_turn_stops_runtime",
    server="-32603 runtime terminated: runtime stopped",
    documented="it runs",
    failed_prompt_returns=True,
)
async def a_turn_at_once_after_two_failures(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create(GOOD)
        for _ in range(2):
            assert "turn abandoned" in await talk.refusal("turn/start", session_id=session, prompt=BAD)
        _, third = await talk.ask("turn/start", {"session_id": session, "prompt": GOOD})
        if position.on:
            return str(await _refusal(third))
        await talk.hear("run_completed", session_id=session, count=2)
        return "it runs"


async def _refusal(answer: asyncio.Future[Any]) -> Refused:
    try:
        value = await asyncio.wait_for(answer, 20)
    except Refused as refused:
        return refused
    raise AssertionError(f"it was answered: {value}")


@proves("queued_turn_stalls", server="it waits for a third", documented="it runs")
async def a_turn_behind_a_running_one(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create(GOOD)
        first = await running(talk, session)
        _, second = await talk.ask("turn/start", {"session_id": session, "prompt": GOOD})
        await first
        await moments()
        waits = not second.done()
        await talk.turn(session, GOOD)
        assert await outcome(second) == "ab"
        return "it waits for a third" if waits else "it runs"


@proves("interrupt_loses_waiting_turn", server=["-32005", "-32001"], documented=["-32005", "ab"])
async def an_interrupt_with_a_turn_waiting(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create(GOOD)
        first = await running(talk, session)
        _, second = await talk.ask("turn/start", {"session_id": session, "prompt": GOOD})
        await moments()
        await talk.call("turn/interrupt", session_id=session)
        return [await outcome(first), await outcome(second)]


@proves("cancel_of_waiting_turn_hits_running", server=["-32005", "-32005"], documented=["ab", "-32005"])
async def a_cancel_of_a_waiting_turn(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create(GOOD)
        first = await running(talk, session)
        request_id, second = await talk.ask("turn/start", {"session_id": session, "prompt": GOOD})
        await moments(5)
        await talk.tell("cancel", request_id=request_id)
        return [await outcome(first), await outcome(second)]


async def _interrupted(talk: Talk, session: str) -> None:
    turn = await running(talk, session)
    assert await talk.call("turn/interrupt", session_id=session) == {"interrupted": True}
    assert await outcome(turn) == "-32005"


@proves("seq_restarts", server=[1, 1], documented=[1])
async def events_after_an_interrupted_turn(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create(GOOD)
        await _interrupted(talk, session)
        await talk.turn(session, GOOD)
        numbers = [event["seq"] for event in talk.events(session)]
        assert (numbers == list(range(1, len(numbers) + 1))) is not position.on
        return [number for number in numbers if number == 1]


@proves("second_interrupt_fails", server="-32603 Failed to interrupt session", documented="interrupted")
async def an_interrupt_after_an_interrupt(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create(GOOD)
        await _interrupted(talk, session)
        _, second = await talk.ask("turn/interrupt", {"session_id": session})
        shown = str(await _refusal(second)).partition(":")[0] if position.on else "interrupted"
        await talk.turn(session, GOOD)
        assert await talk.call("turn/interrupt", session_id=session) == {"interrupted": True}, "all is well after the next turn"
        return shown if position.on or await second == {"interrupted": True} else "refused"


@proves("deltas_lost_after_override", server=["ab", []], documented=["ab", ["a", "b"]])
async def a_turn_with_another_model(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create("hi")
        heard = len(talk.events(session, "text_delta"))
        await talk.turn(session, GOOD, model="gpt-5.5", provider="openai")
        whole = talk.events(session, "text_complete")[-1]["payload"]["content"]
        return [whole, [event["payload"]["delta"] for event in talk.events(session, "text_delta")[heard:]]]


@proves("labels_hidden_after_rebuild", server=[None, None], documented=[{"app": "desk"}, {"app": "desk"}])
async def labels_of_a_rebuilt_session(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create(GOOD, labels={"app": "desk"})
        await _interrupted(talk, session)
        await talk.turn(session, GOOD)
        rows = (await talk.call("session/list"))["sessions"]
        return [shown.get("labels") for shown in (rows[0], await talk.call("session/read", session_id=session))]


@dataclass
class Listening:
    """A model that keeps what it is asked."""

    asked: list[str] = field(default_factory=list[str])

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        self.asked.append(str(request.messages))
        return ModelAnswer(say=("ok",))


@proves("keyless_context_lost", server=[False, True], documented=[True, True])
async def context_without_and_with_a_key(position: Position) -> Json:
    model = Listening()
    async with talking(position.world(model=model)) as talk:
        session = await talk.create("hi")
        await talk.call("session/inject_context", session_id=session, text="remember me")
        await talk.call("session/inject_context", session_id=session, text="remember the key", idempotency_key="k")
        await talk.turn(session, "go")
    return [words in model.asked[-1] for words in ("remember me", "remember the key")]


@proves("hooks_override_inert", server="ab", documented="-32603")
async def a_hook_whose_handler_is_nowhere(position: Position) -> Json:
    entry = {"id": "watcher", "point": "run_started"}
    async with talking(position.world()) as talk:
        _, answer = await talk.ask("session/create", {"prompt": GOOD, "model": MODEL, "hooks_override": {"entries": [entry]}})
        return await outcome(answer)


@proves("one_bad_skill_ref_voids_all", server="hello", documented="<skill")
async def a_known_and_an_unknown_skill(position: Position) -> Json:
    async with talking(position.world()) as talk:
        key = next(entry["key"] for entry in (await talk.call("skills/list"))["skills"])
        refs = [{"kind": "structured", **key, "skill_name": name} for name in (key["skill_name"], "nowhere")]
        return first_words(talk, await talk.create("hello", skill_refs=refs))[0]


@proves("unreadable_call_vanishes", server=[], documented=["invalid_arguments"])
async def a_call_with_unreadable_arguments(position: Position) -> Json:
    async with talking(position.world()) as talk:
        await talk.call("tools/register", tools=[{"name": "add", "description": "", "input_schema": {"type": "object"}}])
        session = await talk.create(script({"call": [{"tool": "add", "args": "{no json"}]}, {"say": ["sorry"]}))
        assert talk.asked == [], "the application is never asked"
        results = [str(event["payload"]) for event in talk.events(session, "tool_execution_completed")]
        return ["invalid_arguments" if "invalid_arguments" in result else result for result in results]


@proves("failed_build_is_final", server="-32603", documented="ab")
async def a_turn_after_a_failed_build(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create("first", initial_turn="deferred", provider_params={"temperature": 1})
        assert "unknown legacy provider-params key" in await talk.refusal("turn/start", session_id=session, prompt="x")
        _, again = await talk.ask("turn/start", {"session_id": session, "prompt": GOOD, "clear_provider_params": True})
        return await outcome(again)


@proves("archive_loses_running_turn", server=3, documented=5)
async def an_archive_during_a_turn(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create(GOOD)
        turn = await running(talk, session)
        await talk.call("session/archive", session_id=session)
        await outcome(turn)
        return int((await talk.call("session/history", session_id=session))["message_count"])


@proves("input_without_keep_alive_lost", server=["good"], documented=["good", "[EVENT"])
async def an_input_to_a_session_without_keep_alive(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create(GOOD, comms_name="bob")
        return await _after_input(talk, session)


@proves("steer_ends_comms", server=["good", "comms not enabled"], documented=["good", "[EVENT"])
async def a_steering_input_to_an_idle_session(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create(GOOD, keep_alive=True, comms_name="alice")
        await talk.hear("run_completed", session_id=session)
        ran = await _after_input(talk, session, handling_mode="steer")
        try:
            await talk.call("comms/peers", session_id=session)
        except Refused as refused:
            return [*ran, *(["comms not enabled"] if "comms not enabled" in refused.message else [refused.message])]
        return [*ran]


async def _after_input(talk: Talk, session: str, **how: str) -> list[Json]:
    accepted = await talk.call("comms/send", kind="input", session_id=session, allow_self_session=True, body="x", **how)
    assert accepted["kind"] == "input_accepted"
    await moments(100)
    return first_words(talk, session)
