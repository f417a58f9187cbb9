"""A transport that delivers the lines of independent channels in another lawful order.

Stands between a connection of the mock and its client: takes whole lines, keeps those of each channel in their order, and lets an `Order`
say which channel comes next. It holds lines only as long as anybody in the event loop can run, so nothing waits for it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from meerkat_mock.delivery.lines import channel_and_name

if TYPE_CHECKING:
    from meerkat.transports import Transport
    from meerkat_mock.delivery.lines import Channel
    from meerkat_mock.delivery.order import Order

QUIET_PASSES = 12
"""Passes of the event loop without a new line after which what has come is all there is to choose from."""
HELD_BYTES = 1024 * 1024
"""Lines kept before whoever writes has to wait."""


class InterleavedTransport:
    """The mock's end of a transport, its lines in the order that `order` chooses."""

    def __init__(self, inner: Transport, order: Order) -> None:
        self._inner = inner
        self._order = order
        self._queues: dict[Channel, deque[tuple[int, str, bytes]]] = {}
        self._arrived = 0
        self._held = 0
        self._rest = b""
        self._ended = False
        self._failure: ConnectionError | None = None
        self._wake = asyncio.Event()
        self._room = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None
        self.receive = inner.receive
        self.farewell = inner.farewell

    async def send(self, data: bytes) -> None:
        """Take lines to be delivered; waits while too much is held. Raises `ConnectionError` once the client has gone."""
        if self._pump is None:
            self._pump = asyncio.ensure_future(self._deliver())
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            channel, name = channel_and_name(line)
            self._arrived += 1
            self._held += len(line) + 1
            self._queues.setdefault(channel, deque()).append((self._arrived, name, line + b"\n"))
        self._wake.set()
        while self._held > HELD_BYTES and self._failure is None:
            self._room.clear()
            await self._room.wait()
        if self._failure is not None:
            raise self._failure

    async def close(self) -> None:
        """Deliver what is held, then end the stream."""
        self._ended = True
        self._wake.set()
        if self._pump is not None:
            await asyncio.gather(self._pump, return_exceptions=True)
        await self._inner.close()

    async def _deliver(self) -> None:
        try:
            while not (self._ended and not self._queues):
                if not self._queues:
                    await self._wake.wait()
                    self._wake.clear()
                    continue
                await self._settled()
                await self._inner.send(self._next())
                self._room.set()
            if self._rest:
                await self._inner.send(self._rest)
        except ConnectionError as error:
            self._failure = error
            self._queues.clear()
            self._room.set()

    async def _settled(self) -> None:
        """Wait until nobody adds a line any more, unless the end has come."""
        seen, quiet = self._arrived, 0
        while quiet < QUIET_PASSES and not self._ended:
            await asyncio.sleep(0)
            seen, quiet = self._arrived, quiet + 1 if seen == self._arrived else 0

    def _next(self) -> bytes:
        heads = sorted((queue[0][0], queue[0][1], channel) for channel, queue in self._queues.items())
        choice = self._order.choose([name for _, name, _ in heads]) if len(heads) > 1 else 0
        channel = heads[choice][2]
        queue = self._queues[channel]
        line = queue.popleft()[2]
        if not queue:
            del self._queues[channel]
        self._held -= len(line)
        return line
