"""A server over a socket."""

from __future__ import annotations

import asyncio
import json

import pytest

from meerkat import ConnectionLostError, MeerkatClient, ServerStartError
from meerkat.transports.tcp import TcpTransport
from tests.meerkat.client.peer import CAPABILITIES, HELLO


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    results = {"initialize": HELLO, "capabilities/get": CAPABILITIES, "runtime/health": {"status": "ok"}}
    while line := await reader.readline():
        request = json.loads(line)
        if request["method"] == "config/get":
            break
        writer.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": results[request["method"]]}).encode() + b"\n")
        await writer.drain()
    writer.close()


async def test_a_running_server_is_reached_over_tcp_and_its_end_is_told() -> None:
    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    client = MeerkatClient()
    await client.connect(tcp=f"127.0.0.1:{port}")
    assert await client.get_runtime_host_health() == {"status": "ok"}
    with pytest.raises(ConnectionLostError, match="closed the connection"):
        await client.get_config()
    await client.close()
    await client.close()
    listener.close()
    await listener.wait_closed()


async def test_nobody_at_the_address_is_a_lost_connection() -> None:
    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    listener.close()
    await listener.wait_closed()
    with pytest.raises(ConnectionLostError, match=f"127.0.0.1:{port}"):
        await MeerkatClient().connect(tcp=f"127.0.0.1:{port}")


async def test_an_address_needs_a_port() -> None:
    with pytest.raises(ServerStartError, match="HOST:PORT"):
        await MeerkatClient().connect(tcp="localhost")


async def test_a_slow_reader_and_a_slow_writer_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meerkat.transports.tcp.UNREAD_LIMIT_BYTES", 1000)
    gate = asyncio.Event()
    got: list[int] = []

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x" * 10_000_000)
        await gate.wait()
        got.append(len(await reader.readexactly(20_000_000)))
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(flood, "127.0.0.1", 0)
    transport = await TcpTransport.open(f"127.0.0.1:{listener.sockets[0].getsockname()[1]}")
    writing = asyncio.ensure_future(transport.send(b"y" * 20_000_000))
    await asyncio.sleep(0.05)
    assert not writing.done()
    assert transport._unread < 10_000_000
    gate.set()
    total = 0
    while data := await transport.receive():
        total += len(data)
    await writing
    assert (total, got) == (10_000_000, [20_000_000])
    with pytest.raises(ConnectionResetError):
        await transport.send(b"z")
    await transport.close()
    listener.close()
    await listener.wait_closed()
