"""A server one can connect to: in memory, on the standard streams, over TCP.

Owns tasks and transports; what is said on them is the connection's, what it means the runtime's.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from meerkat.transports.memory import MemoryTransport, memory_pair
from meerkat_mock.connection import Connection
from meerkat_mock.runtime import Runtime, World

if TYPE_CHECKING:
    from meerkat.transports import Transport


class Server:
    """One simulated rkat-rpc process. Connections may be opened from any number of event loops, one after the other."""

    def __init__(self, world: World | None = None) -> None:
        self.runtime = Runtime(world or World())
        self._serving: set[asyncio.Task[None]] = set()
        self._opened = 0

    def connect(self) -> MemoryTransport:
        """Open a connection in memory and return the client's end; the mock's end is served in the running loop."""
        theirs, ours = memory_pair()
        self.serve_soon(ours)
        return theirs

    def serve_soon(self, transport: Transport) -> None:
        """Serve one client on a transport in a task of its own."""
        task = asyncio.ensure_future(self.serve(transport))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def serve(self, transport: Transport, asked: bytes = b"", answered: bytes = b"") -> None:
        """Serve one client on a transport until it has gone; `asked` and `answered` are a first line that is settled already."""
        self._opened += 1
        connection = Connection(self.runtime, transport, self._opened)
        self.runtime.connection_opened(connection)
        if asked:
            self.runtime.note(connection, "in", asked)
            self.runtime.note(connection, "out", answered)
        await connection.serve()

    def abandon(self) -> None:
        """Let go of every connection without waiting: for owners that are not in an event loop (any more)."""
        for connection in self.runtime.connections:
            connection.closed = True
        for task in self._serving:
            if not task.get_loop().is_closed():
                task.cancel()
        self.runtime.surfaces.live.abandon()

    async def close(self) -> None:
        """End every connection and what the process keeps running. May be called any number of times."""
        for connection in self.runtime.connections:
            await connection.hang_up()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self.runtime.close()
