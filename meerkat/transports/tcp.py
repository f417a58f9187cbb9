"""A server that already runs, over a socket: `rkat-rpc --tcp HOST:PORT`.

Owns one connected socket. Without authentication or encryption, as the server has none (spec 01, section 1).
"""

from __future__ import annotations

import asyncio
import contextlib

UNREAD_LIMIT_BYTES = 8 * 1024 * 1024
"""Bytes that nobody has taken yet; beyond it reading pauses and the socket's own flow control holds the server back."""


class TcpTransport(asyncio.Protocol):
    """A connected socket; make one with `open`."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._unread = 0
        self._ended = False
        self._why = ""
        self._reader: asyncio.Future[None] | None = None
        self._paused = False
        self._writable: asyncio.Future[None] | None = None
        self._socket: asyncio.Transport | None = None

    @classmethod
    async def open(cls, address: str) -> TcpTransport:
        """Connect to `HOST:PORT`, with brackets around an IPv6 host. Raises `OSError`, and `ValueError` for another form."""
        host, separator, port = address.rpartition(":")
        if not separator or not port.isdigit():
            raise ValueError(f"expected HOST:PORT, got {address!r}")
        _, protocol = await asyncio.get_running_loop().create_connection(cls, host.strip("[]"), int(port))
        return protocol

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        if isinstance(transport, asyncio.Transport):
            self._socket = transport

    def data_received(self, data: bytes) -> None:
        """Keep what came for `receive`."""
        self._chunks.append(data)
        self._unread += len(data)
        self._wake_reader()
        if self._unread > UNREAD_LIMIT_BYTES and not self._paused and self._socket is not None:
            self._paused = True
            self._socket.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end, and why."""
        self._ended = True
        self._why = "" if exc is None else str(exc)
        self._wake_reader()
        self.resume_writing()

    def eof_received(self) -> bool:
        """Note that the server will send no more; the socket closes with it."""
        self._ended = True
        self._wake_reader()
        return False

    def pause_writing(self) -> None:
        """Make writers wait: the socket takes no more."""
        if self._writable is None:
            self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """Let writers go on."""
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    # What the connection calls

    async def send(self, data: bytes) -> None:
        """Write `data` in one call, then wait while the socket takes no more. Raises `ConnectionError`."""
        socket = self._socket
        if socket is None or self._ended or socket.is_closing():
            raise ConnectionResetError(self._why or "the connection is closed")
        socket.write(data)
        if self._writable is not None:
            await asyncio.shield(self._writable)

    async def receive(self) -> bytes:
        """Return all bytes that have arrived, waiting for some; `b""` at the end."""
        while not self._chunks:
            if self._ended:
                return b""
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        chunks, self._chunks = self._chunks, []
        self._unread = 0
        if self._paused and self._socket is not None:
            self._paused = False
            if not self._ended:
                self._socket.resume_reading()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def close(self) -> None:
        """Close the socket; the server keeps its sessions. Never raises; may be repeated."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
        self._ended = True
        self._wake_reader()

    def reset(self) -> None:
        """Break the connection: what has not left is lost."""
        if self._socket is not None:
            self._socket.abort()
        self._ended = True
        self._wake_reader()

    def farewell(self) -> str:
        """Say how the connection ended."""
        return self._why or "the server closed the connection"

    def _wake_reader(self) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
