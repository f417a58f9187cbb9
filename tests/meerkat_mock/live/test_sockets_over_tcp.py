"""A live socket as it goes over TCP: the upgrade, frames in pieces, pings, and every way in which it ends (spec 07, section 4)."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from websockets.frames import Frame, Opcode
from websockets.protocol import Protocol, Side

from meerkat_mock.live.sockets import MAX_FRAME_BYTES
from tests.meerkat_mock.live.on_air import Studio, studio
from tests.meerkat_mock.talk import Refused

UPGRADE = {
    "host": "127.0.0.1",
    "connection": "keep-alive, Upgrade",
    "upgrade": "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
}
ACCEPT = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""What the standard's own example of a key is answered with (RFC 6455, section 1.3)."""


class Wire:
    """A client that writes bytes and frames as it likes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._protocol = Protocol(Side.CLIENT)
        self._frames: list[Frame] = []

    async def head(self) -> bytes:
        return await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)

    def put(self, opcode: Opcode, data: bytes, *, fin: bool = True) -> None:
        self.writer.write(Frame(opcode, data, fin=fin).serialize(mask=True))

    async def frame(self) -> Frame:
        while not self._frames:
            data = await asyncio.wait_for(self.reader.read(1 << 16), 10)
            if not data:
                raise EOFError
            self._protocol.receive_data(data)
            self._frames += [event for event in self._protocol.events_received() if isinstance(event, Frame)]
        return self._frames.pop(0)

    async def heard(self, observation: str) -> dict[str, Any]:
        while True:
            said: dict[str, Any] = json.loads((await self.frame()).data)
            if said.get("observation") == observation:
                return said

    async def cut(self) -> None:
        """Wait for the end of the connection, without a close frame before it."""
        opcodes: list[Opcode] = []
        while not self.reader.at_eof():
            try:
                opcodes.append((await self.frame()).opcode)
            except (EOFError, ConnectionResetError):
                break
        assert Opcode.CLOSE not in opcodes

    def close(self) -> None:
        self.writer.close()


async def dial(on: Studio, target: str, method: str = "GET", version: str = "HTTP/1.1", **changed: str | None) -> Wire:
    """Send an upgrade request to the studio's address; a header that is None is left out."""
    headers = UPGRADE | {name.replace("_", "-"): value for name, value in changed.items()}
    lines = [f"{method} {target} {version}", *(f"{name}: {value}" for name, value in headers.items() if value is not None), "", ""]
    host, _, port = on.server.runtime.surfaces.live.listener.address.rpartition(":")
    wire = Wire(*await asyncio.open_connection(host, int(port)))
    wire.writer.write("\r\n".join(lines).encode())
    return wire


async def connected(on: Studio, **options: Any) -> tuple[Wire, str]:
    channel = await on.open(connect=False, **options)
    address = urlsplit(channel.url)
    wire = await dial(on, f"{address.path}?{address.query}")
    head = await wire.head()
    assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert ACCEPT in head
    assert await wire.heard("ready") == {"observation": "ready"}
    return wire, channel.id


async def listening(on: Studio) -> None:
    await on.open(connect=False)


@pytest.mark.parametrize(
    ("request_line", "status", "body"),
    [
        (("GET", "/elsewhere"), 404, ""),
        (("POST", "/live/ws"), 405, ""),
        (("HEAD", "/live/ws?token=t&channel=c"), 405, ""),
        (("GET", "/live/ws"), 400, "Failed to deserialize query string: missing field `token`"),
        (("GET", "/live/ws?token=t&other=1"), 400, "Failed to deserialize query string: missing field `channel`"),
        (("GET", "/live/ws?token=t&channel=c&token=u"), 400, "Failed to deserialize query string: duplicate field `token`"),
    ],
)
async def test_a_request_that_is_no_upgrade_is_refused_over_http(request_line: tuple[str, str], status: int, body: str) -> None:
    async with studio() as on:
        await listening(on)
        method, target = request_line
        wire = await dial(on, target, method)
        assert (await wire.head()).startswith(f"HTTP/1.1 {status} ".encode())
        assert await wire.reader.read() == body.encode()
        wire.close()


@pytest.mark.parametrize(
    ("changed", "body"),
    [
        ({"connection": "close"}, "Connection header did not include 'upgrade'"),
        ({"upgrade": None}, "`Upgrade` header did not include 'websocket'"),
        ({"sec_websocket_version": "8"}, "`Sec-WebSocket-Version` header did not include '13'"),
        ({"sec_websocket_key": None}, "`Sec-WebSocket-Key` header missing"),
    ],
)
async def test_an_upgrade_without_what_it_needs_is_told_what_is_missing(changed: dict[str, str | None], body: str) -> None:
    async with studio() as on:
        await listening(on)
        wire = await dial(on, "/live/ws?token=t&channel=c", **changed)
        assert (await wire.head()).startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert (await wire.reader.read()).decode() == body
        wire.close()


async def test_what_is_no_http_is_hung_up_on() -> None:
    async with studio() as on:
        await listening(on)
        for version in ("SMTP", "HTTP/1.1 and more"):
            wire = await dial(on, "/live/ws", version=version)
            assert await asyncio.wait_for(wire.reader.read(), 10) == b""
            wire.close()


async def test_a_client_that_leaves_in_its_request_and_one_whose_request_never_ends_are_forgotten() -> None:
    async with studio() as on:
        await listening(on)
        host, _, port = on.server.runtime.surfaces.live.listener.address.rpartition(":")
        for said in (b"GET /live/ws", b"x" * 200_000):
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(said)
            writer.write_eof()
            try:
                rest = await asyncio.wait_for(reader.read(), 10)
            except ConnectionResetError:
                rest = b""
            assert rest == b""
            writer.close()


async def test_a_wrong_token_is_upgraded_and_then_closed_with_its_code() -> None:
    async with studio() as on:
        channel = await on.open(connect=False)
        wire = await dial(on, f"/live/ws?token=wrong&channel={channel.id}")
        await wire.head()
        frame = await wire.frame()
        while frame.opcode is not Opcode.CLOSE:
            frame = await wire.frame()
        assert int.from_bytes(frame.data[:2], "big") >= 1008
        wire.close()


async def test_a_turn_is_typed_in_pieces_and_answered() -> None:
    async with studio() as on:
        wire, _ = await connected(on)
        said = json.dumps({"kind": "text", "text": 'Hello @script[{"say": ["Hi"]}]'}).encode()
        wire.put(Opcode.TEXT, said[:7], fin=False)
        wire.put(Opcode.CONT, said[7:20], fin=False)
        wire.put(Opcode.CONT, said[20:])
        assert (await wire.heard("assistant_transcript_final"))["text"] == "Hi"
        wire.close()


async def test_bytes_are_heard_as_speech() -> None:
    async with studio() as on:
        wire, _ = await connected(on, system_prompt="@realtime" + json.dumps({"heard": ["One?"], "vad_bytes": 100}))
        wire.put(Opcode.BINARY, bytes(60), fin=False)
        wire.put(Opcode.CONT, bytes(40))
        assert (await wire.heard("user_transcript_final"))["text"] == "One?"
        wire.close()


async def test_a_ping_is_answered_and_a_pong_is_passed_over() -> None:
    async with studio() as on:
        wire, _ = await connected(on)
        wire.put(Opcode.PONG, b"unasked")
        wire.put(Opcode.PING, b"are you there")
        frame = await wire.frame()
        while frame.opcode is not Opcode.PONG:
            frame = await wire.frame()
        assert frame.data == b"are you there"
        wire.close()


async def test_closing_a_channel_drops_its_socket_without_a_close_frame() -> None:
    async with studio() as on:
        wire, channel_id = await connected(on)
        await on.talk.call("live/close", channel_id=channel_id)
        await wire.cut()
        wire.close()


async def ended(on: Studio, channel_id: str) -> None:
    """Wait until the channel knows that its socket is gone."""
    for _ in range(1000):
        try:
            status = (await on.talk.call("live/status", channel_id=channel_id))["status"]["status"]
        except Refused:
            return
        if status not in ("ready", "open", "connected"):
            return
        await asyncio.sleep(0)
    raise AssertionError(f"the channel is still {status}")


@pytest.mark.parametrize("last", [b"", b"\x03\xe8bye"])
async def test_a_client_that_says_goodbye_ends_the_socket(last: bytes) -> None:
    async with studio() as on:
        wire, channel_id = await connected(on)
        wire.put(Opcode.CLOSE, last)
        await wire.cut()
        await ended(on, channel_id)
        wire.close()


@pytest.mark.parametrize(
    "said",
    [
        Frame(Opcode.TEXT, b"\xff").serialize(mask=True),
        Frame(Opcode.TEXT, b"{}").serialize(mask=False),
        b"\xff\xff\xff\xff",
        Frame(Opcode.BINARY, bytes(MAX_FRAME_BYTES + 1)).serialize(mask=True),
    ],
    ids=["no UTF-8", "unmasked", "no frame", "too long"],
)
async def test_what_breaks_the_protocol_cuts_the_connection_without_a_word(said: bytes) -> None:
    async with studio() as on:
        wire, channel_id = await connected(on)
        wire.writer.write(said)
        await wire.cut()
        await ended(on, channel_id)
        wire.close()


async def test_a_server_that_closes_ends_the_sockets_it_serves() -> None:
    async with studio() as on:
        wire, _ = await connected(on)
    await wire.cut()
    wire.close()
