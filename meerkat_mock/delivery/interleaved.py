"""A transport that delivers the lines of independent channels in another lawful order.

Stands between a connection of the mock and its client: takes whole lines, says to which channel each belongs, and hands them over when the
sorter calls. What the journal is to hold of a line it is told then, so that the journal shows what the client saw.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from meerkat_mock.delivery.lines import channel_of, name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.transports.memory import MemoryTransport
    from meerkat_mock.delivery.sorter import Sorter

    Note = Callable[[], None]

HELD_BYTES = 1024 * 1024
"""Bytes kept before whoever writes has to wait."""


class InterleavedTransport:
    """The mock's end of a transport in memory, its lines in the order that `sorter` lets them come."""

    def __init__(self, inner: MemoryTransport, sorter: Sorter) -> None:
        self._inner = inner
        self._sorter = sorter
        self._notes: deque[tuple[int, Note]] = deque()
        self._announced = self._taken = self._held = 0
        self._rest = b""
        self._failure: ConnectionError | None = None
        self._room = asyncio.Event()
        self.receive = inner.receive
        self.farewell = inner.farewell
        self.leave = inner.leave
        self.when_room = inner.when_room

    @property
    def has_room(self) -> bool:
        """Whether the client has read enough to be handed another line."""
        return self._inner.has_room

    def announce(self, size: int, note: Note) -> None:
        """Call `note` when the next `size` bytes, which are about to be sent, reach the client."""
        self._announced += size
        self._notes.append((self._announced, note))

    async def send(self, data: bytes) -> None:
        """Take bytes whose lines are to be delivered; waits while too much is held. Raises `ConnectionError` once the client has gone."""
        *lines, self._rest = (self._rest + data).split(b"\n") if self._rest else data.split(b"\n")
        for line in lines:
            self._hold(line + b"\n")
        while self._held > HELD_BYTES and self._failure is None:
            self._room.clear()
            await self._room.wait()
        if self._failure is not None:
            raise self._failure

    def _hold(self, line: bytes) -> None:
        self._held += len(line)
        self._sorter.hold(
            (id(self), channel_of(line)), partial(name_of, line), self, partial(self._deliver, line, self._notes_of(len(line)))
        )

    def _notes_of(self, size: int) -> list[Note]:
        """Return the notes about what ends within the next `size` bytes."""
        self._taken += size
        notes: list[Note] = []
        while self._notes and self._notes[0][0] <= self._taken:
            notes.append(self._notes.popleft()[1])
        return notes

    def _deliver(self, data: bytes, notes: list[Note]) -> None:
        self._held -= len(data)
        self._room.set()
        for note in notes:
            note()
        if self._failure is not None:
            return
        try:
            self._inner.hand_over(data)
        except ConnectionError as error:
            self._lose(error)

    def _lose(self, failure: ConnectionError) -> None:
        """Tell the journal what is held, as of every line that was written, and deliver none of it."""
        self._failure = failure
        for held in self._sorter.forget(self):
            held.deliver()

    async def delivered(self) -> None:
        """Wait until all that was sent has been handed to the client, or is lost; what is sent later cannot overtake it."""
        while self._held:
            self._room.clear()
            await self._room.wait()

    async def close(self) -> None:
        """Deliver what is held, then end the stream."""
        self._sorter.flush(self)
        rest, self._rest = self._rest, b""
        if rest:
            self._deliver(rest, self._notes_of(len(rest)))
        await self._inner.close()

    def reset(self) -> None:
        """Break the stream: what is held is lost."""
        self._lose(ConnectionResetError("the transport was reset"))
        self._inner.reset()
