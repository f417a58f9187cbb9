"""Any connection of a client, its lines coming in another lawful order: to a server scripted by hand, or to a real one.

    client = MeerkatClient(transport=reordered(transport, order))

Stands at the client's end, so it can only sort what has arrived and was not read yet. Owns the task that reads ahead.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from meerkat.transports.memory import memory_pair
from meerkat_mock.delivery.interleaved import InterleavedTransport
from meerkat_mock.delivery.sorter import Sorter

if TYPE_CHECKING:
    from meerkat.transports.base import Transport
    from meerkat_mock.delivery.order import Order


def reordered(transport: Transport, order: Order) -> Transport:
    """Return a transport that is `transport` but for the order in which lines of independent channels come, which `order` decides."""
    return _Reordered(transport, order)


class _Reordered:
    def __init__(self, inner: Transport, order: Order) -> None:
        self._inner = inner
        self._end, ours = memory_pair()
        self._sorted = InterleavedTransport(ours, Sorter(order))
        self._reading: asyncio.Task[None] | None = None
        self._failure: ConnectionError | None = None
        self.send = inner.send
        self.farewell = inner.farewell

    async def receive(self) -> bytes:
        """Return the next lines, `b""` at the end of the inner transport. Raises `ConnectionError` as that did, after what came before."""
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._read_ahead())
        data = await self._end.receive()
        if not data and self._failure is not None:
            raise self._failure
        return data

    async def _read_ahead(self) -> None:
        try:
            while data := await self._inner.receive():
                await self._sorted.send(data)
        except ConnectionError as error:
            self._failure = error
        await self._sorted.close()

    async def close(self) -> None:
        """Close the inner transport; what is held is lost."""
        await self._end.close()
        if self._reading is not None:
            self._reading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reading
        await self._inner.close()
