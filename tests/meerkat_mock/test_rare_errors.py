"""Documented errors that take some doing: each is brought about by what a client sends."""

from __future__ import annotations

import asyncio

import pytest

from tests.meerkat_mock.mob.company import found, spawn, status
from tests.meerkat_mock.talk import Refused, moments, says, script, talking

SLOW = script({"say": ["late"], "pace": {"first": 60}})
FAILS = script({"fail": {"status": 400}})


async def test_a_lifecycle_that_destroys_a_mob_with_an_autonomous_member_ends_as_a_destroy_does() -> None:
    async with talking() as talk:
        await found(talk)
        await spawn(talk, "h1", "host")
        await talk.call("mob/wait_kickoff", mob_id="demo")
        refusal = await talk.refusal("mob/lifecycle", mob_id="demo", action="destroy")
        assert refusal.startswith("-32603 mob destroy incomplete: h1: disposal aborted at StopHostLoop: ")
        assert refusal == await talk.refusal("mob/destroy", mob_id="demo")


async def test_a_turn_of_a_member_that_waits_behind_an_interrupted_one_loses_its_session() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        session = (await status(talk, "w1"))["current_session_id"]
        member = {"mob_id": "demo", "agent_identity": "w1"}
        _, running = await talk.ask("mob/turn_start", {**member, "prompt": SLOW})
        await moments()
        _, waiting = await talk.ask("mob/turn_start", {**member, "prompt": says("x")})
        await moments()
        assert await talk.call("turn/interrupt", session_id=session) == {"interrupted": True}
        with pytest.raises(Refused, match="-32005 request cancelled"):
            await asyncio.wait_for(running, 20)
        with pytest.raises(Refused, match=f"-32001 session not found: {session}"):
            await asyncio.wait_for(waiting, 20)


async def test_a_session_whose_runtime_has_stopped_cannot_be_interrupted() -> None:
    async with talking(hasty_turn_stops_runtime=True) as talk:
        session = await talk.create()
        for prompt in (FAILS, FAILS, says("at once")):
            await talk.refusal("turn/start", session_id=session, prompt=prompt)
        refusal = await talk.refusal("turn/interrupt", session_id=session)
        assert refusal == "-32600 Session is not interruptible while runtime is stopped"
