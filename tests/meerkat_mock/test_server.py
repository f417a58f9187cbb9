"""A simulated process: any number of connections, each its own; it ends them all, as often as one asks."""

from __future__ import annotations

import asyncio
import json

import pytest

from meerkat.transports.memory import memory_pair
from meerkat_mock.server import Server
from tests.meerkat_mock.talk import moments

INITIALIZE = b'{"jsonrpc":"2.0","id":1,"method":"initialize"}\n'


async def test_every_connection_gets_its_own_answers() -> None:
    server = Server()
    transports = [server.connect() for _ in range(3)]
    for number, transport in enumerate(transports):
        await transport.send(INITIALIZE.replace(b'"id":1', b'"id":%d' % number))
    answers = [json.loads(await transport.receive()) for transport in transports]
    assert [answer["id"] for answer in answers] == [0, 1, 2]
    assert {line.connection for line in server.runtime.journal} == {1, 2, 3}
    await server.close()


async def test_closing_ends_every_connection_and_may_be_repeated() -> None:
    server = Server()
    transports = [server.connect(), server.connect()]
    await asyncio.sleep(0)
    await server.close()
    await server.close()
    assert [await transport.receive() for transport in transports] == [b"", b""]
    with pytest.raises(ConnectionResetError):
        await transports[0].send(INITIALIZE)


async def test_a_first_line_that_was_settled_already_is_in_the_journal_and_not_answered_again() -> None:
    server = Server()
    theirs, ours = memory_pair()
    theirs.end_sending()
    await server.serve(ours, INITIALIZE, b'{"jsonrpc":"2.0","id":1,"result":{}}\n')
    assert [(line.direction, json.loads(line.data)["id"]) for line in server.runtime.journal] == [("in", 1), ("out", 1)]
    assert await theirs.receive() == b""
    await server.close()


def test_one_server_serves_one_event_loop_after_the_other() -> None:
    server = Server()

    async def ask() -> object:
        transport = server.connect()
        await transport.send(INITIALIZE)
        answer = json.loads(await transport.receive())
        await transport.close()
        return answer["result"]["contract_version"]

    assert [asyncio.run(ask()) for _ in range(2)] == ["0.6.5", "0.6.5"]


def test_it_can_be_let_go_outside_of_any_event_loop() -> None:
    server = Server()

    async def leave_open() -> None:
        server.connect()
        await asyncio.sleep(0)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(leave_open())
    server.abandon()
    loop.run_until_complete(moments())
    server.abandon()
    assert not asyncio.all_tasks(loop)
    loop.close()
