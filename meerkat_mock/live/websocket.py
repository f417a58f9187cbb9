"""A socket of a live channel over TCP: RFC 6455 through the `websockets` package, without its manners.

The real server answers pings and nothing else: a client's Close is not acknowledged, a fault in the protocol ends the connection without
a word (spec 07, sections 0 and 4.6). So the package's sans-I/O protocol is used, and what it wants to say beside pongs is left unsaid.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from websockets.frames import Frame as WireFrame
from websockets.frames import Opcode
from websockets.protocol import Protocol, Side

from meerkat_mock.live.sockets import MAX_FRAME_BYTES, BinaryFrame, Gone, PongFrame, TextFrame

if TYPE_CHECKING:
    from meerkat_mock.live.sockets import Frame

MAX_MESSAGE_BYTES = 64 * 1024 * 1024
LINGER_SECONDS = 1.0
"""How long a client may take to read a close frame before the connection is cut."""
_CHUNK = 262_144


class WebSocket:
    """The mock's end of one upgraded connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._protocol = Protocol(Side.SERVER, max_size=MAX_MESSAGE_BYTES)
        self._frames: list[WireFrame] = []
        self._kind: Opcode | None = None
        self._parts: list[bytes] = []
        self._over = False

    # ---- in --------------------------------------------------------------------------------------------------------------------------

    async def receive(self) -> Frame:
        """Return the next frame; `Gone` from the end of the connection on."""
        while not self._over:
            while self._frames:
                frame = self._frame(self._frames.pop(0))
                if frame is not None:
                    return frame
            await self._read()
        return Gone()

    async def _read(self) -> None:
        try:
            data = await self._reader.read(_CHUNK)
        except ConnectionError:
            data = b""
        if not data:
            self._over = True
            return
        self._protocol.receive_data(data)
        self._frames += [event for event in self._protocol.events_received() if isinstance(event, WireFrame)]
        unsaid = b"".join(self._protocol.data_to_send())
        if self._protocol.parser_exc is None and not any(frame.opcode is Opcode.CLOSE for frame in self._frames):
            await self._put(unsaid)
        if self._protocol.parser_exc is not None and not self._frames:
            self._over = True

    def _frame(self, frame: WireFrame) -> Frame | None:
        """Return what a frame means for the channel: the end of a message, a pong, an end; None for anything else."""
        if frame.opcode is Opcode.PONG:
            return PongFrame()
        if frame.opcode is Opcode.CLOSE or len(frame.data) > MAX_FRAME_BYTES:
            self._over = True
            return Gone()
        if frame.opcode is Opcode.PING:
            return None
        self._kind = self._kind if frame.opcode is Opcode.CONT else frame.opcode
        self._parts.append(bytes(frame.data))
        return self._message() if frame.fin else None

    def _message(self) -> Frame:
        data, self._parts = b"".join(self._parts), []
        if self._kind is Opcode.BINARY:
            return BinaryFrame(len(data))
        try:
            return TextFrame(data.decode())
        except UnicodeDecodeError:
            self._over = True
            return Gone()

    # ---- out -------------------------------------------------------------------------------------------------------------------------

    async def send(self, text: str) -> None:
        """Write a text frame, waiting while the client does not read."""
        await self._put(WireFrame(Opcode.TEXT, text.encode("utf-8", "surrogatepass")).serialize(mask=False))

    async def close(self, code: int, reason: str) -> None:
        """Write a close frame, let the client read it, and end the connection."""
        await self._put(WireFrame(Opcode.CLOSE, code.to_bytes(2, "big") + reason.encode()).serialize(mask=False))
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            self._writer.write_eof()
            await asyncio.wait_for(self._discard(), LINGER_SECONDS)
        await self.drop()

    async def _discard(self) -> None:
        """Read to the end: bytes that lie unread would turn the end of the connection into a reset."""
        while await self._reader.read(_CHUNK):
            pass

    async def drop(self) -> None:
        """End the connection without a close frame."""
        self._over = True
        self._writer.close()

    async def _put(self, data: bytes) -> None:
        if data and not self._writer.is_closing():
            with contextlib.suppress(ConnectionError):
                self._writer.write(data)
                await self._writer.drain()
