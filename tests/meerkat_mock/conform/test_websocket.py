"""The sockets of the player, against a server of another make."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import websockets

from meerkat_mock.conform.websocket import Socket

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

    from meerkat.wire.base import Json, JsonObject


async def echo(connection: ServerConnection) -> None:
    async for message in connection:
        if message == "close":
            await connection.close(4000, "enough")
        else:
            await connection.send(message)


async def talked(*frames: JsonObject, path: str = "/?a=b", heard: int = 1) -> list[JsonObject]:
    """Open a socket to an echo, send frames, and return what was heard until so many were."""
    got: asyncio.Queue[JsonObject] = asyncio.Queue()
    async with websockets.serve(echo, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        socket = Socket(got.put_nowait)
        await socket.open(f"ws://127.0.0.1:{port}{path}")
        for frame in frames:
            await socket.send(frame)
        rows = [await asyncio.wait_for(got.get(), 10) for _ in range(heard)]
        await socket.abandon()
    return rows


async def test_frames_of_every_kind_and_size_come_back() -> None:
    long: Json = {"x": "y" * 70_000}
    frames: list[JsonObject] = [{"frame": {"a": 1}}, {"text": "no json"}, {"binary_len": 300}, {"ping": "p"}, {"frame": long}]
    got = await talked(*frames, heard=6)
    assert got[0] == {"open": True}
    assert sorted(map(str, got[1:])) == sorted(map(str, [*frames[:3], {"pong": "p"}, frames[4]]))


async def test_who_closes_is_told_with_the_reason() -> None:
    assert (await talked({"text": "close"}, heard=2))[1] == {"close": [4000, "enough"]}
    assert (await talked({"close": [1000, "bye"]}, heard=2))[1] == {"close": [1000, "bye"]}


async def test_a_refusal_is_told_with_its_status() -> None:
    got: list[JsonObject] = []

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        socket = Socket(got.append)
        await socket.open(f"ws://127.0.0.1:{port}/")
        await socket.abandon()
    assert got == [{"http": [401, "no"]}]


async def test_nobody_there_is_told() -> None:
    got: list[JsonObject] = []
    await Socket(got.append).open("ws://127.0.0.1:1/")
    assert got == [{"http": [0, "ConnectionRefusedError"]}]


async def test_a_connection_that_breaks_has_no_reason_and_a_lost_frame_is_no_error() -> None:
    got: list[JsonObject] = []

    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        # a ping first, which is answered
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Protocol: x\r\n\r\n\x89\x01p")
        await reader.readexactly(7)
        writer.transport.abort()

    async with await asyncio.start_server(rude, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        socket = Socket(got.append)
        await socket.open(f"ws://127.0.0.1:{port}/")
        assert socket.task
        await asyncio.wait_for(socket.task, 10)
        await socket.send({"text": "late"})
        await socket.abandon()
    assert got == [{"open": True, "subprotocol": "x"}, {"close": [1006, ""]}]
