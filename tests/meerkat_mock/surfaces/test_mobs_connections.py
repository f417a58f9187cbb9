"""Mobs of one process as its connections know them: each has a state of its own, sessions and profiles are shared."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from meerkat import MeerkatClient
from meerkat_mock.flags import Flags
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.quirks import Quirks
from meerkat_mock.runtime import World
from meerkat_mock.server import Server
from tests.meerkat_mock.mob.company import definition, found, history, profile, send, spawn, status
from tests.meerkat_mock.talk import ALIAS, Talk, says

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path


@asynccontextmanager
async def two(world: World | None = None) -> AsyncGenerator[tuple[Talk, Talk]]:
    """Start a process with two clients; the mock must hold nothing against itself."""
    server = Server(world)
    one, other = Talk(server.connect()), Talk(server.connect())
    await one.call("config/patch", patch=ALIAS)
    yield one, other
    await one.hang_up()
    await other.hang_up()
    await server.close()
    assert server.runtime.violations == []


async def mobs_of(talk: Talk) -> dict[str, str]:
    return {row["mob_id"]: row["status"] for row in (await talk.call("mob/list"))["mobs"]}


async def members_of(talk: Talk) -> list[str]:
    return [member["agent_identity"] for member in (await talk.call("mob/members", mob_id="demo"))["members"]]


async def test_a_connection_takes_up_what_is_there_at_its_first_call_and_sees_nothing_later() -> None:
    async with two() as (one, other):
        await found(one, "w1")
        await send(one, "w1", says("first"))
        assert (await mobs_of(other), await members_of(other)) == ({"demo": "Running"}, ["w1"])
        await spawn(one, "w2")
        await one.call("mob/create", definition=definition("late"))
        await one.call("mob/lifecycle", mob_id="demo", action="stop")
        assert (await mobs_of(other), await members_of(other)) == ({"demo": "Running"}, ["w1"])
        assert await mobs_of(one) == {"demo": "Stopped", "late": "Running"}
        await other.call("mob/create", definition=definition("late"))
        await one.call("mob/destroy", mob_id="late")
        assert "late" in await mobs_of(other)


async def test_members_go_on_for_the_other_connection() -> None:
    async with two() as (one, other):
        await found(one, "w1", "w2")
        await one.call("mob/wire", mob_id="demo", member="w1", peer={"local": "w2"})
        await send(other, "w1", says("hello"))
        assert (await status(other, "w1"))["output_preview"] == "hello"
        assert [message["content"] for message in (await history(one, "w1")) if message["role"] == "user"] == [says("hello")]
        snapshot = await other.call("mob/snapshot", mob_id="demo")
        assert [member["wired_to"] for member in snapshot["members"]] == [["w2"], ["w1"]]


async def test_what_a_second_connection_makes_is_there_for_a_third_when_it_has_gone() -> None:
    server = Server()
    one, other = Talk(server.connect()), Talk(server.connect())
    await one.call("config/patch", patch=ALIAS)
    await mobs_of(one)
    await found(other, "w1")
    await other.hang_up()
    third = Talk(server.connect())
    assert (await mobs_of(one), await mobs_of(third)) == ({}, {"demo": "Running"})
    await send(third, "w1", says("still here"))
    await third.call("mob/retire", mob_id="demo", agent_identity="w1")
    assert await members_of(third) == []
    for talk in (one, third):
        await talk.hang_up()
    await server.close()
    assert server.runtime.violations == []


async def test_profiles_and_sessions_are_shared() -> None:
    async with two() as (one, other):
        await found(one, "w1")
        await mobs_of(other)
        await one.call("mob/profile/create", name="p", profile=profile())
        assert (await other.call("mob/profile/get", name="p"))["name"] == "p"
        session = (await status(one, "w1"))["current_session_id"]
        assert session in [row["session_id"] for row in (await other.call("session/list"))["sessions"]]


async def test_a_stream_of_another_connection_cannot_be_closed() -> None:
    async with two() as (one, other):
        await found(one, "w1")
        stream = (await one.call("mob/stream_open", mob_id="demo", agent_identity="w1"))["stream_id"]
        assert not (await other.call("mob/stream_close", stream_id=stream))["already_closed"]
        await send(one, "w1", says("heard"))
        assert [method for method, _ in one.heard if method == "mob/stream_end"] == []
        assert any(method == "mob/stream_event" for method, _ in one.heard)


async def test_as_documented_all_connections_see_the_same_mobs() -> None:
    async with two(World(quirks=Quirks("contract"))) as (one, other):
        await mobs_of(other)
        await found(one, "w1")
        assert await members_of(other) == ["w1"]


async def test_the_store_holds_what_was_saved_last(tmp_path: Path) -> None:
    world = World(flags=Flags(realm="team", state_root=str(tmp_path)))
    async with two(world) as (one, other):
        await found(one, "w1")
        await mobs_of(other)
        await spawn(other, "w2")
    async with two(world) as (one, _):
        assert await members_of(one) == ["w1", "w2"]


@pytest.mark.parametrize("fidelity", ["server", "contract"])
async def test_two_clients_of_one_tcp_process(fidelity: str) -> None:
    mock = MeerkatMock(fidelity="contract" if fidelity == "contract" else "server")
    async with mock.serve_tcp() as address:
        one, other = await MeerkatClient().connect(tcp=address), await MeerkatClient().connect(tcp=address)
        assert await other.list_mobs() == []
        await one.create_mob(definition=definition())
        assert len(await other.list_mobs()) == (fidelity == "contract")
        assert [mob.id for mob in mock.mobs] == ["demo"]
        await one.close()
        await other.close()
