"""The handles of mobs; what each method sends is in `client/test_surfaces.py`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from meerkat import Mob

if TYPE_CHECKING:
    from meerkat import MeerkatClient
    from tests.meerkat.client.peer import ScriptedServer


async def test_a_mob_is_made_and_known_by_its_id(server: ScriptedServer, client: MeerkatClient) -> None:
    making = asyncio.ensure_future(client.create_mob(definition={"id": "m"}))
    await server.answer(await server.next("mob/create"), {"mob_id": "m"})
    mob = await making
    assert isinstance(mob, Mob)
    assert mob.id == client.mob("m").id == "m"


async def test_turns_of_one_member_wait_for_each_other(server: ScriptedServer, client: MeerkatClient) -> None:
    turns = [asyncio.ensure_future(client.mob_turn_start("m", name, "go")) for name in ("a", "a", "b")]
    first, other = await server.next("mob/turn_start"), await server.next("mob/turn_start")
    assert [one["params"]["agent_identity"] for one in (first, other)] == ["a", "b"]
    assert await server.quiet()
    await server.answer(first, {})
    await server.answer(await server.next("mob/turn_start"), {})
    await server.answer(other, {})
    await asyncio.gather(*turns)


async def test_a_member_is_known_by_its_identity(client: MeerkatClient) -> None:
    assert client.mob("m").member("w").agent_identity == "w"
