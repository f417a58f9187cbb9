"""Two ends of a stream inside one event loop: the same bytes a pipe would carry, without the pipe.

Each direction holds at most `LIMIT_BYTES` that nobody has read (a single larger write is let in when the direction is empty, as a line
may be longer than the limit); a writer beyond that waits, as it would for a full pipe.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT_BYTES = 1024 * 1024
"""Unread bytes per direction before a writer waits: sixteen times a Linux pipe, so that bursts of events do not switch tasks."""


class _Direction:
    """One way: chunks, whether the writer is done, and who waits."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.size = 0
        self.ended = False
        self.reset = False
        self.last_words = ""
        self.reader: asyncio.Future[None] | None = None
        self.writers: list[asyncio.Future[None]] = []

    def wake_reader(self) -> None:
        if self.reader is not None and not self.reader.done():
            self.reader.set_result(None)

    def wake_writers(self) -> None:
        for writer in self.writers:
            if not writer.done():
                writer.set_result(None)
        self.writers.clear()

    def end(self) -> None:
        self.ended = True
        self.wake_reader()
        self.wake_writers()


class MemoryTransport:
    """One end; make both with `memory_pair`."""

    def __init__(self, incoming: _Direction, outgoing: _Direction) -> None:
        self._in = incoming
        self._out = outgoing

    async def send(self, data: bytes) -> None:
        """Hand `data` to the other end; waits while it holds too much unread. Raises `ConnectionResetError` once either end is closed."""
        out = self._out
        while out.size and out.size + len(data) > LIMIT_BYTES and not out.ended:
            waiter = asyncio.get_running_loop().create_future()
            out.writers.append(waiter)
            await waiter
        self.hand_over(data)

    @property
    def closed(self) -> bool:
        """Whether either end has closed, so that nothing can be sent any more."""
        return self._out.ended

    @property
    def has_room(self) -> bool:
        """Whether the other end has read enough not to let a writer wait, or can be told to have gone."""
        return self._out.size < LIMIT_BYTES or self._out.ended

    def when_room(self, wake: Callable[[], None]) -> None:
        """Call `wake` once the other end has read something, or has gone."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiter.add_done_callback(lambda _: wake())
        self._out.writers.append(waiter)

    def hand_over(self, data: bytes) -> None:
        """Hand `data` to the other end at once, room or not. Raises `ConnectionResetError` once either end is closed."""
        out = self._out
        if out.ended:
            raise ConnectionResetError("the other end of the memory transport is closed")
        out.chunks.append(data)
        out.size += len(data)
        out.wake_reader()

    async def receive(self) -> bytes:
        """Return all that has arrived, waiting for at least one byte; `b""` at the end."""
        incoming = self._in
        while not incoming.chunks:
            if incoming.reset:
                raise ConnectionResetError("the memory transport was reset")
            if incoming.ended:
                return b""
            incoming.reader = asyncio.get_running_loop().create_future()
            try:
                await incoming.reader
            finally:
                incoming.reader = None
        chunks, incoming.chunks = incoming.chunks, []
        incoming.size = 0
        incoming.wake_writers()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def end_sending(self) -> None:
        """Send no more, but go on receiving: what closing stdin is to a pipe."""
        self._out.end()

    async def close(self) -> None:
        """End both directions; unread bytes stay readable at the other end."""
        self._out.end()
        self._in.end()

    def reset(self) -> None:
        """Break both directions: unread bytes are gone, and the other end learns it by `ConnectionResetError`."""
        self._out.chunks.clear()
        self._out.reset = True
        self._out.end()
        self._in.end()

    def leave(self, why: str) -> None:
        """Say why this end will close: the `farewell` of the other one."""
        self._out.last_words = why

    def farewell(self) -> str:
        """Return what the other end left behind, normally nothing."""
        return self._in.last_words


def memory_pair() -> tuple[MemoryTransport, MemoryTransport]:
    """Return the two connected ends."""
    there, back = _Direction(), _Direction()
    return MemoryTransport(back, there), MemoryTransport(there, back)
