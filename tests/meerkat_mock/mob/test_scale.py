from __future__ import annotations

import asyncio
import time

import pytest

from tests.meerkat_mock.mob.company import found, spawn
from tests.meerkat_mock.talk import Talk, talking

MESSAGES = 50


async def seconds_for(talk: Talk, members: int) -> float:
    """Let every member have its messages, one after the other, and return the processor time that took."""
    began = time.process_time()
    for number in range(members):
        await spawn(talk, f"m{number:03d}")
    for _ in range(MESSAGES):
        answers = []
        for number in range(members):
            params = {"mob_id": "demo", "agent_identity": f"m{number:03d}", "content": "x"}
            answers.append((await talk.ask("mob/member_send", params))[1])
        await asyncio.gather(*answers)
    return time.process_time() - began


@pytest.mark.timed
async def test_a_hundred_members_with_fifty_messages_each_stay_linear() -> None:
    async with talking() as talk:
        await found(talk)
        few = await seconds_for(talk, 20)
        await talk.call("mob/destroy", mob_id="demo")
        await found(talk)
        many = await seconds_for(talk, 100)
        assert many < 5 * few * 1.3 + 1
        rows = (await talk.call("session/list"))["sessions"]
        assert {row["message_count"] for row in rows} == {2 + 2 * MESSAGES}
