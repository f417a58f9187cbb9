"""Mobs: members whose turns failed, autonomous ones, restarts, and what one mob does to another (spec 04, section 0)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from meerkat_mock.flags import Flags
from meerkat_mock.server import Server
from meerkat_mock.store import Disk
from tests.meerkat_mock.mob.company import definition, found, send, spawn, status
from tests.meerkat_mock.quirk_proofs.proving import Position, proves
from tests.meerkat_mock.talk import ALIAS, Refused, Talk, moments, says, script, talking

if TYPE_CHECKING:
    from meerkat.wire.base import Json

FAIL = script({"fail": {"status": 400}})
SLOW = script({"say": ["late"], "pace": {"first": 60}})


async def code_of(talk: Talk, method: str, **params: Any) -> str:
    """Return the code of a refusal, or `ok`."""
    try:
        await talk.call(method, **params)
    except Refused as refused:
        return str(refused.code)
    return "ok"


@proves("failed_turn_start_kills_mob", server=["ok", "-32602"], documented=["ok", "ok"])
async def the_end_of_a_member_whose_turn_failed(position: Position) -> Json:
    async with talking(position.world()) as talk:
        await found(talk, "w1")
        await talk.refusal("mob/turn_start", mob_id="demo", agent_identity="w1", prompt=FAIL)
        retired = await code_of(talk, "mob/retire", mob_id="demo", agent_identity="w1")
        return [retired, await code_of(talk, "mob/events", mob_id="demo")]


@proves("broken_member_blocks_stop", server=["-32602", "Running"], documented=["ok", "Stopped"])
async def a_stop_with_a_broken_member(position: Position) -> Json:
    async with talking(position.world()) as talk:
        await found(talk)
        await spawn(talk, "h1", "host", initial_message=FAIL)
        await talk.call("mob/wait_kickoff", mob_id="demo")
        stopped = await code_of(talk, "mob/lifecycle", mob_id="demo", action="stop")
        return [stopped, (await talk.call("mob/status", mob_id="demo"))["status"]]


@proves("autonomous_member_blocks_destroy", server=["-32603", ["demo"]], documented=["ok", []])
async def a_destruction_with_an_autonomous_member(position: Position) -> Json:
    async with talking(position.world()) as talk:
        await found(talk)
        await spawn(talk, "h1", "host")
        await talk.call("mob/wait_kickoff", mob_id="demo")
        destroyed = await code_of(talk, "mob/destroy", mob_id="demo")
        return [destroyed, [mob["mob_id"] for mob in (await talk.call("mob/list"))["mobs"]]]


@proves("fourth_send_hangs", server=["never answered", "never answered"], documented=["answered", "answered"])
async def a_send_after_three_failures(position: Position) -> Json:
    async with talking(position.world()) as talk:
        await found(talk, "w1")
        for _ in range(3):
            await talk.refusal("mob/member_send", mob_id="demo", agent_identity="w1", content=FAIL)
        _, fourth = await talk.ask("mob/member_send", {"mob_id": "demo", "agent_identity": "w1", "content": says("x")})
        _, reading = await talk.ask("mob/members", {"mob_id": "demo"})
        await moments(100)
        return ["answered" if answer.done() else "never answered" for answer in (fourth, reading)]


@proves("retire_signals_go_to_youngest_mob", server="-32602", documented="ok")
async def an_end_in_the_older_of_two_mobs(position: Position) -> Json:
    async with talking(position.world()) as talk:
        await found(talk, "w1")
        await talk.call("mob/create", definition=definition("young"))
        await talk.call("mob/destroy", mob_id="young")
        return await code_of(talk, "mob/retire", mob_id="demo", agent_identity="w1")


@proves("restored_members_hollow", server=[None, None], documented=["before", "after"])
async def a_member_after_a_restart(position: Position) -> Json:
    disk, flags = Disk(), Flags(realm="here")
    async with talking(position.world(disk=disk, flags=flags)) as talk:
        await found(talk, "w1")
        await send(talk, "w1", says("before"))
    async with talking(position.world(disk=disk, flags=flags)) as talk:
        shown: list[Json] = [(await status(talk, "w1"))["output_preview"]]
        await send(talk, "w1", says("after"))
        return [*shown, (await status(talk, "w1"))["output_preview"]]


@proves("mobs_per_connection", server=[], documented=["demo"])
async def a_mob_as_another_connection_sees_it(position: Position) -> Json:
    server = Server(position.world())
    one, other = Talk(server.connect()), Talk(server.connect())
    await one.call("config/patch", patch=ALIAS)
    assert (await other.call("mob/list"))["mobs"] == []
    await found(one)
    seen: Json = [mob["mob_id"] for mob in (await other.call("mob/list"))["mobs"]]
    for talk in (one, other):
        await talk.hang_up()
    await server.close()
    assert server.runtime.violations == []
    return seen


@proves("flow_step_stalls_behind_turn", server=["running", "completed"], documented=["completed", "completed"])
async def a_step_for_a_member_that_runs_a_turn(position: Position) -> Json:
    step = {"role": "worker", "message": "go", "output_format": "text"}
    async with talking(position.world()) as talk:
        await found(talk, "w1", flows={"f": {"steps": {"a": step}}})
        _, turn = await talk.ask("mob/turn_start", {"mob_id": "demo", "agent_identity": "w1", "prompt": SLOW})
        await moments(5)
        run_id = (await talk.call("mob/flow_run", mob_id="demo", flow_id="f"))["run_id"]
        await asyncio.wait_for(turn, 20)
        await moments(60)
        shown: list[Json] = []
        for _ in range(2):
            shown.append((await talk.call("mob/flow_status", mob_id="demo", run_id=run_id))["run"]["status"])
            await talk.call("mob/turn_start", mob_id="demo", agent_identity="w1", prompt="on")
        return shown


@proves("mob_stream_polls_roster", server=[], documented=["run_started", "run_completed"])
async def the_first_run_of_a_new_member(position: Position) -> Json:
    async with talking(position.world()) as talk:
        await found(talk)
        await talk.call("mob/stream_open", mob_id="demo")
        await spawn(talk, "h1", "host")
        await moments(60)
        told = [params["event"]["envelope"]["payload"]["type"] for method, params in talk.heard if method == "mob/stream_event"]
        return [kind for kind in told if kind.startswith("run_")]
