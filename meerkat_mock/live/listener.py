"""The address at which live sockets are opened: bound once, at the start of a process or at its first `live/open` (spec 07, section 1)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

from meerkat_mock.live.handshake import MAX_HEAD_BYTES, Upgrade, answer_to

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from meerkat_mock.live.sockets import ServerSocket

    Attach = Callable[[ServerSocket, str, str, str | None], Awaitable[None]]


class Listener:
    """Listens on HOST:PORT; port 0 takes any. Every accepted upgrade is handed to `attach` with token, channel and format."""

    def __init__(self, attach: Attach, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._host = host.strip("[]")
        self._port = port
        self._attach = attach
        self._server: asyncio.Server | None = None
        self._bound: socket.socket | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self.address = address
        """The bound address, once it is bound."""

    async def start(self) -> None:
        """Bind the address unless that was done already. Raises `OSError` when it is taken, `ValueError` when it is none."""
        if self._server is not None:
            return
        self._bound = await self._bind()
        self._server = await asyncio.start_server(self._accepted, sock=self._bound, limit=MAX_HEAD_BYTES)
        port = self._bound.getsockname()[1]
        self.address = f"[{self._host}]:{port}" if ":" in self._host else f"{self._host}:{port}"

    async def _bind(self) -> socket.socket:
        """Bind a socket of our own: one that outlives its event loop can still be closed."""
        found = await asyncio.get_running_loop().getaddrinfo(self._host, int(self._port), type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
        except OSError:
            bound.close()
            raise
        return bound

    def abandon(self) -> None:
        """Let go of everything without waiting, in or outside of an event loop."""
        for task in tuple(self._serving):
            if not task.get_loop().is_closed():
                task.cancel()
        server, self._server = self._server, None
        if server is not None and server.is_serving() and not server.get_loop().is_closed():
            server.close()
        if self._bound is not None:
            self._bound.close()

    async def close(self) -> None:
        """Listen no more and end what is still served. May be called any number of times."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        for task in tuple(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
                await self._upgrade(reader, writer)
        finally:
            writer.close()

    async def _upgrade(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        outcome = answer_to((await reader.readuntil(b"\r\n\r\n"))[:-4])
        if outcome is None:
            return
        writer.write(outcome.answer if isinstance(outcome, Upgrade) else outcome.answer())
        await writer.drain()
        if isinstance(outcome, Upgrade):
            from meerkat_mock.live.websocket import WebSocket  # most processes never serve a socket

            await self._attach(WebSocket(reader, writer), outcome.token, outcome.channel, outcome.audio_format)
