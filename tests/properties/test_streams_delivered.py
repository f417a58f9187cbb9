"""Every way the SDK has of following a run, under many lawful orders of delivery: complete, in order, with the right result."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import LiveChannel
from meerkat.events import RunCompleted, RunStarted, TextDelta

if TYPE_CHECKING:
    from meerkat_mock.mock import MeerkatMock

pytestmark = pytest.mark.meerkat_mock(delivery="explore")
PATIENCE_S = 10.0


def says(*chunks: str) -> str:
    return f"@script{json.dumps([{'say': list(chunks)}])}"


def calls(tool: str, *chunks: str) -> str:
    return f"@script{json.dumps([{'call': [{'tool': tool, 'args': {}}]}, {'say': list(chunks)}])}"


async def soon(work: Any) -> Any:
    return await asyncio.wait_for(work, PATIENCE_S)


async def _whole(stream: Any) -> tuple[str, Any]:
    async with stream:
        events = [event async for event in stream]
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunCompleted)
    return "".join(event.delta for event in events if isinstance(event, TextDelta)), stream.result


async def test_the_first_turn_of_a_session_is_streamed_whole(meerkat_mock: MeerkatMock) -> None:
    async with meerkat_mock.client() as client:
        text, result = await soon(_whole(client.create_session_streaming(says("a ", "b ", "c"))))
        assert text == result.text == "a b c"


async def test_turns_after_each_other_are_streamed_whole(meerkat_mock: MeerkatMock) -> None:
    async with meerkat_mock.client() as client:
        session = await soon(client.create_session("hi"))
        for number in range(3):
            text, result = await soon(_whole(session.stream(says(f"{number} ", "b"))))
            assert text == result.text == f"{number} b"


async def test_streams_of_two_sessions_do_not_mix(meerkat_mock: MeerkatMock) -> None:
    async with meerkat_mock.client() as client:
        sessions = [await soon(client.create_session("hi")) for _ in range(2)]
        found = await soon(asyncio.gather(*(_whole(s.stream(says(f"{i} ", "x ", "y"))) for i, s in enumerate(sessions))))
        assert [text for text, _ in found] == ["0 x y", "1 x y"]


async def test_tools_are_run_once_whether_announced_before_or_after(meerkat_mock: MeerkatMock) -> None:
    ran: list[str] = []
    async with meerkat_mock.client() as client:

        @client.tool("look", description="looks", input_schema={"type": "object"})
        async def look(arguments: dict[str, Any]) -> str:
            ran.append("look")
            return "seen"

        session = await soon(client.create_session("hi"))
        text, result = await soon(_whole(session.stream(calls("look", "done"))))
        assert (text, result.text, result.tool_calls) == ("done", "done", 1)
    assert ran == ["look"]


async def test_a_subscription_yields_every_event_of_every_turn_in_order(meerkat_mock: MeerkatMock) -> None:
    async with meerkat_mock.client() as client:
        session = await soon(client.create_session("hi"))
        subscription = await soon(session.subscribe_events())
        for _ in range(2):
            await soon(session.turn(says("a ", "b")))
        kinds: list[str] = []
        numbers: list[int] = []
        async for envelope in subscription:
            kinds.append(type(envelope.payload).__name__)
            numbers.append(envelope.seq)
            if kinds.count("RunCompleted") == 2:
                break
        await subscription.close()
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
        assert kinds.count("TextDelta") == 4


async def test_a_subscription_ends_with_its_session(meerkat_mock: MeerkatMock) -> None:
    async with meerkat_mock.client() as client:
        session = await soon(client.create_session("hi"))
        subscription = await soon(session.subscribe_events())
        await soon(session.turn(says("a")))
        await soon(session.archive())

        async def rest() -> list[str]:
            return [type(envelope.payload).__name__ async for envelope in subscription]

        kinds = await soon(rest())
        assert (kinds[0], kinds[-1]) == ("RunStarted", "RunCompleted")


MOB = {"id": "crew", "profiles": {"worker": {"model": "gpt-5.5", "external_addressable": True, "tools": {"comms": True}}}}


async def test_a_subscription_to_a_mob_yields_every_member_in_its_order(meerkat_mock: MeerkatMock) -> None:
    async with meerkat_mock.client() as client:
        mob = await soon(client.create_mob(definition=MOB))
        for name in ("ada", "bob"):
            await soon(mob.spawn(profile="worker", agent_identity=name))
        subscription = await soon(mob.subscribe_events())
        for name in ("ada", "bob"):
            await soon(mob.member(name).send(says(f"{name} ", "done")))
        kinds: dict[str, list[str]] = {}

        async def follow() -> None:
            async for event in subscription:
                kinds.setdefault(event.source, []).append(type(event.envelope.payload).__name__)
                if [names.count("RunCompleted") for names in kinds.values()] == [1, 1]:
                    return

        await soon(follow())
        await subscription.close()
        assert sorted(kinds) == ["ada", "bob"]
        assert all((names[0], names[-1], names.count("TextDelta")) == ("RunStarted", "RunCompleted", 2) for names in kinds.values())


async def test_subscriptions_to_a_member_and_to_its_mob_agree(meerkat_mock: MeerkatMock) -> None:
    async with meerkat_mock.client() as client:
        mob = await soon(client.create_mob(definition=MOB))
        await soon(mob.spawn(profile="worker", agent_identity="ada"))
        whole, one = await soon(mob.subscribe_events()), await soon(mob.subscribe_member_events("ada"))
        await soon(mob.member("ada").send(says("a ", "b")))
        seen = [event.envelope.event_id async for event in _until_completed(whole, lambda event: event.envelope)]
        assert seen == [event.event_id async for event in _until_completed(one, lambda event: event)]
        await whole.close()
        await one.close()


async def _until_completed(subscription: Any, envelope: Any) -> Any:
    async for event in subscription:
        yield event
        if isinstance(envelope(event).payload, RunCompleted):
            return


async def test_a_live_channel_is_heard_whole_beside_a_stream(meerkat_mock: MeerkatMock) -> None:
    async with meerkat_mock.client(live_ws=True) as client:
        talk = await soon(client.create_deferred_session("Talk.", model="gpt-realtime-2"))
        session = await soon(client.create_session("hi"))

        async def live() -> list[str]:
            async with LiveChannel.session(client, talk.id).connect() as channel:
                await channel.send_text(says("Hi."))
                heard: list[str] = []
                async for frame in channel:
                    heard.append(str(frame["observation"]))
                    if {"turn_completed", "assistant_audio_chunk"} <= set(heard):
                        break
                return heard

        heard, (text, _) = await soon(asyncio.gather(live(), _whole(session.stream(says("x ", "y")))))
        assert (heard[0], heard.count("assistant_transcript_final"), text) == ("ready", 1, "x y")
