"""A server over a socket."""

from __future__ import annotations

import asyncio
import json

import pytest

from meerkat import ConnectionLostError, MeerkatClient, ServerStartError
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
