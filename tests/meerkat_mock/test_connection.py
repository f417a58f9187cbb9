"""One client's connection: lines in any pieces, junk between them, the end of the input, a client that does not read."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.connection import OUTBOX_BYTES
from meerkat_mock.quirks import Quirks
from meerkat_mock.server import Server, World
from tests.meerkat_mock.talk import moments, script

if TYPE_CHECKING:
    from meerkat.transports.memory import MemoryTransport


def server(**quirks: bool) -> Server:
    return Server(World(quirks=Quirks("server", quirks)))


def line(method: str, request_id: Any = 1, **params: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}).encode() + b"\n"


async def lines_of(transport: MemoryTransport) -> list[dict[str, Any]]:
    """Read to the end and return every line."""
    data = b""
    while more := await asyncio.wait_for(transport.receive(), 5):
        data += more
    assert data[-1:] in (b"", b"\n")
    return [json.loads(each) for each in data.splitlines()]


async def conversation(*pieces: bytes, **quirks: bool) -> list[dict[str, Any]]:
    """Say these pieces, each when the one before was read, end the input, and return what was answered."""
    process = server(**quirks)
    transport = process.connect()
    for piece in pieces:
        await transport.send(piece)
        await moments()
    transport.end_sending()
    answers = await lines_of(transport)
    await process.close()
    return answers


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_a_line_may_come_in_any_pieces_and_several_in_one(size: int) -> None:
    said = line("initialize", 1) + line("capabilities/get", "two") + line("models/catalog", 3)
    answers = await conversation(*(said[start : start + size] for start in range(0, len(said), size)))
    assert [answer["id"] for answer in answers] == [1, "two", 3]


async def test_empty_lines_are_passed_over_and_junk_is_answered_without_an_id() -> None:
    answers = await conversation(b"\n \n", b"junk\n", line("initialize"), b"[1, 2\n")
    assert [(answer["id"], answer.get("error", {}).get("code")) for answer in answers] == [(None, -32700), (1, None), (None, -32700)]


async def test_answers_of_the_client_to_nobody_are_ignored() -> None:
    strays = b'{"jsonrpc":"2.0","id":"srv-9","result":{}}\n{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"x"}}\n'
    assert [answer["id"] for answer in await conversation(strays, line("initialize"))] == [1]


async def test_all_answers_are_written_before_the_end() -> None:
    said = b"".join(line("capabilities/get", number) for number in range(20))
    assert [answer["id"] for answer in await conversation(said)] == list(range(20))


async def test_a_last_line_without_its_end_is_answered() -> None:
    assert [answer["id"] for answer in await conversation(line("initialize").rstrip())] == [1]


async def test_with_the_quirk_answers_that_are_not_written_when_the_input_ends_are_lost_but_for_the_readers_own() -> None:
    process = server(eof_loses_answers=True)
    transport = process.connect()
    await transport.send(line("capabilities/get", 1) + b"junk\n" + line("tools/register", 2, tools=[]) + line("models/catalog", 3))
    transport.end_sending()
    assert [answer["id"] for answer in await lines_of(transport)] == [None, 2]
    await process.close()


async def test_with_the_quirk_answers_that_were_written_before_the_end_stay() -> None:
    assert [answer["id"] for answer in await conversation(line("capabilities/get", 1), eof_loses_answers=True)] == [1]


async def test_with_the_quirk_a_request_in_pieces_is_lost_when_the_server_writes_between_them() -> None:
    whole = line("capabilities/get", 2, filler="x" * 100)
    answers = await conversation(whole[:60], whole[60:], pieces_lose_lines=True)
    assert [answer["id"] for answer in answers] == [2], "an idle server loses nothing"
    talking = line("initialize", 1) + whole[:60]
    answers = await conversation(talking, whole[60:], line("models/catalog", 3), pieces_lose_lines=True)
    assert [(answer["id"], answer.get("error", {}).get("code")) for answer in answers] == [(1, None), (None, -32700), (3, None)]
    answers = await conversation(talking, whole[60:])
    assert [answer["id"] for answer in answers] == [1, 2]


async def test_a_client_that_does_not_read_makes_whoever_emits_wait() -> None:
    process = server()
    transport = process.connect()
    chunk = "x" * 1000
    await transport.send(line("session/create", 1, prompt=script({"say": [chunk] * 1500}), model="gpt-5.4"))
    for _ in range(50):
        await asyncio.sleep(0)
    (connection,) = process.runtime.connections
    sent = len(process.runtime.journal)
    assert connection.congested
    assert sent * len(chunk) < 1_400_000 + OUTBOX_BYTES
    transport.end_sending()
    read = await lines_of(transport)
    assert len(read) > sent // 2
    await process.close()


async def test_a_client_that_goes_in_mid_turn_leaves_nothing_running() -> None:
    process = server()
    transport = process.connect()
    await transport.send(line("session/create", 1, prompt="hi", model="gpt-5.4") + line("initialize", 2))
    await transport.close()
    await process.close()
    assert [connection.closed for connection in process.runtime.connections] == [True]
    assert not process.runtime.turns


async def test_connections_that_have_ended_are_forgotten() -> None:
    process = server()
    for _ in range(10):
        transport = process.connect()
        await transport.send(line("initialize"))
        transport.end_sending()
        await lines_of(transport)
    assert len(process.runtime.connections) == 1
    await process.close()


async def test_a_process_that_is_let_go_while_a_connection_ends_leaves_no_task() -> None:
    process, before = server(), asyncio.all_tasks()
    transport = process.connect()
    await transport.send(line("tools/register", 1, tools=[{"name": "work", "description": "", "input_schema": {"type": "object"}}]))
    await transport.send(line("session/create", 2, prompt=script({"call": [{"tool": "work", "args": {}}]}), model="gpt-5.4"))
    await moments(60)
    await transport.close()
    await moments(3)
    process.abandon()
    await moments()
    assert asyncio.all_tasks() == before
