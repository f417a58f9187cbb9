"""A WebSocket client for the player: just enough of RFC 6455 to play recorded frames and to report every frame that comes back.

Sent and received frames have the form that goldens have: {"open": URL}, {"frame": JSON}, {"text": str}, {"binary_len": n},
{"ping": str}, {"pong": str}, {"close": [code, reason]}, {"http": [status, body]}.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import urllib.parse
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.wire.base import Json, JsonObject

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Socket:
    """One connection; `take` is called with every received frame in the goldens' form."""

    def __init__(self, take: Callable[[JsonObject], None]) -> None:
        self.take = take
        self.task: asyncio.Task[None] | None = None
        self.writer: asyncio.StreamWriter | None = None
        self.closing = False

    async def open(self, url: str) -> None:
        """Upgrade a connection; reports {"open": true}, or {"http": [status, body]} where that is refused."""
        parts = urllib.parse.urlsplit(url)
        try:
            reader, self.writer = await asyncio.open_connection(parts.hostname, parts.port)
        except (OSError, ValueError) as e:  # nobody there, or no such address
            self.take({"http": [0, type(e).__name__]})
            return
        target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
        self.writer.write(
            f"GET {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n\r\n".encode()
        )
        head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        if (status := int(head.split()[1])) == 101:
            self.take({"open": True, **({"subprotocol": headers["sec-websocket-protocol"]} if "sec-websocket-protocol" in headers else {})})
            self.task = asyncio.create_task(self.read(reader))
        else:
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            self.take({"http": [status, body.decode(errors="replace")]})
            self.writer.close()

    async def send(self, frame: JsonObject) -> None:
        """Send a recorded frame."""
        ((kind, value),) = frame.items()
        if kind == "binary_len":
            await self.put(BINARY, bytes(cast("int", value)))
        elif kind == "close":
            self.closing = True
            code, reason = cast("tuple[int, str]", value)
            await self.put(CLOSE, code.to_bytes(2, "big") + reason.encode())
        else:
            await self.put({"ping": PING, "pong": PONG}.get(kind, TEXT), (json.dumps(value) if kind == "frame" else str(value)).encode())

    async def abandon(self) -> None:
        """Let go of the connection, whatever state it is in."""
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
        if self.writer:
            self.writer.close()

    async def put(self, opcode: int, payload: bytes) -> None:
        """Write one masked frame; what the other side no longer reads is lost."""
        size, mask = len(payload), os.urandom(4)
        length = (
            bytes([128 | size])
            if size < 126
            else b"\xfe" + size.to_bytes(2, "big")
            if size < 1 << 16
            else b"\xff" + size.to_bytes(8, "big")
        )
        masked = (int.from_bytes(payload, "big") ^ int.from_bytes((mask * (size // 4 + 1))[:size], "big")).to_bytes(size, "big")
        try:
            if self.writer:
                self.writer.write(bytes([128 | opcode]) + length + mask + masked)
                await self.writer.drain()
        except (ConnectionError, RuntimeError):
            pass

    async def read(self, reader: asyncio.StreamReader) -> None:
        """Report all frames until the connection ends."""
        kind, parts = 0, b""
        end: list[Json] = [1006, ""]
        try:
            while True:
                first, size = await reader.readexactly(2)
                size = size if size < 126 else int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
                payload, opcode = await reader.readexactly(size), first & 15
                if opcode == CLOSE:
                    end = [int.from_bytes(payload[:2], "big"), payload[2:].decode(errors="replace")] if payload else [1005, ""]
                    if not self.closing:
                        await self.put(CLOSE, payload)
                    break
                if opcode == PING:
                    await self.put(PONG, payload)
                elif opcode == PONG:
                    self.take({"pong": payload.decode(errors="replace")})
                else:
                    kind, parts = opcode or kind, parts + payload
                    if first & 128:
                        self.take(as_row(kind, parts))
                        parts = b""
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        self.take({"close": end})
        if self.writer:
            self.writer.close()


def as_row(kind: int, payload: bytes) -> JsonObject:
    """The form that a received message has in a golden."""
    if kind == BINARY:
        return {"binary_len": len(payload)}
    text = payload.decode(errors="replace")
    try:
        return {"frame": json.loads(text)}
    except ValueError:
        return {"text": text}
