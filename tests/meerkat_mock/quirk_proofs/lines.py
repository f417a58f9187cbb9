"""Lines: ids, pieces, order, what a burst or the end of the input costs (spec 01 and 03)."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from meerkat_mock.server import Server
from tests.meerkat_mock.quirk_proofs.proving import Position, proves
from tests.meerkat_mock.talk import moments, says, script, talking

if TYPE_CHECKING:
    from meerkat.transports.memory import MemoryTransport
    from meerkat.wire.base import Json

TOOL: dict[str, Json] = {"name": "t", "description": "", "input_schema": {}}


def line(method: str, request_id: int, **params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}).encode() + b"\n"


async def ids_of(transport: MemoryTransport) -> list[Json]:
    """End the input, read to the end and return the ids of what was answered."""
    transport.end_sending()
    data = b""
    while more := await asyncio.wait_for(transport.receive(), 5):
        data += more
    return [json.loads(each)["id"] for each in data.splitlines()]


async def answered(position: Position, lines: bytes) -> Json:
    """Return the ids of the answers to lines that come in one piece."""
    process = Server(position.world())
    transport = process.connect()
    await transport.send(lines)
    ids = await ids_of(transport)
    await process.close()
    return ids


@proves("null_id_on_bad_params", server=[None, 2], documented=[1, 2])
async def parameters_that_lack_a_field(position: Position) -> Json:
    return await answered(position, line("comms/send", 1) + line("initialize", 2))


@proves("eof_loses_answers", server=[], documented=[1, 2])
async def an_input_that_ends_behind_its_requests(position: Position) -> Json:
    return await answered(position, line("capabilities/get", 1) + line("models/catalog", 2))


@proves("pieces_lose_lines", server=[1, None, 3], documented=[1, 2, 3])
async def a_line_in_two_pieces_while_the_server_writes(position: Position) -> Json:
    process = Server(position.world())
    transport = process.connect()
    whole = line("capabilities/get", 2, filler="x" * 100)
    for piece in (line("initialize", 1) + whole[:60], whole[60:], line("models/catalog", 3)):
        await transport.send(piece)
        await moments()
    answered = await ids_of(transport)
    await process.close()
    return answered


@proves("response_overtakes_events", server=1, documented=2)
async def terminal_events_before_the_response(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create()
        heard: list[int] = []
        _, answer = await talk.ask("turn/start", {"session_id": session, "prompt": says("x")})
        answer.add_done_callback(lambda _: heard.append(len(talk.events(session, "run_completed"))))
        await answer
        await talk.hear("run_completed", session_id=session, count=2)
        return heard[0]


@proves("tool_execute_overtakes_events", server=0, documented=1)
async def announcements_before_the_call(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create()
        heard: list[int] = []

        def answer(arguments: object) -> dict[str, str]:
            heard.append(len(talk.events(session, "tool_call_requested")))
            return {"content": "x"}

        talk.tools["t"] = answer
        await talk.call("tools/register", tools=[TOOL])
        await talk.turn(session, script({"call": [{"tool": "t", "args": {}}]}, {"say": ["done"]}))
        return heard[0]


@proves("bursts_lose_events", server=[300, 8 + 256], documented=[300, 5 + 300])
async def a_burst_of_events_and_the_log_of_it(position: Position) -> Json:
    async with talking(position.world()) as talk:
        session = await talk.create(script({"say": ["x"] * 300}))
        scope = {"type": "session", "session_id": session}
        latest = (await talk.call("events/latest_cursor", scope=scope))["cursor"]["sequence"]
        return [len(talk.events(session, "text_delta")), latest]
