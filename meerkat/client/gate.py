"""How much may be on its way to the server unread: the bound on requests in flight.

The server reads 8 KiB at a time and loses what it holds of an unfinished line whenever it has something to write (spec 01, section 2).
So lines are let out while all that may still be unread fits into one read. A line counts as read once it, or any later one, is
answered, or when some time has passed: a request that is worked on for long was read long ago.
"""

from __future__ import annotations

import asyncio
from collections import deque

UNREAD_BYTES = 8192
"""What the server takes in one read; a single longer line is let out when nothing else is on its way."""

UNREAD_REQUESTS = 16
"""Requests on their way at once, however short."""

ASSUMED_READ_S = 0.05
"""After this time a line counts as read, answered or not: reading a line takes microseconds, a turn may take minutes."""


class Gate:
    """Counts what is on its way, in the order of the request ids."""

    def __init__(self) -> None:
        self._lines: deque[tuple[int, int]] = deque()
        self._bytes = 0
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self.read_up_to = 0
        """The newest id that is known, not assumed, to have been read."""

    def has_room(self, size: int) -> bool:
        """Return whether a line of `size` bytes may go out now, ahead of nobody."""
        return not self._waiters and self._fits(size)

    def _fits(self, size: int) -> bool:
        return not self._lines or (len(self._lines) < UNREAD_REQUESTS and self._bytes + size <= UNREAD_BYTES)

    async def wait(self, size: int) -> None:
        """Wait until a line of `size` bytes may go out; first come, first served."""
        turn = asyncio.get_running_loop().create_future()
        self._waiters.append(turn)
        try:
            while self._waiters[0] is not turn or not self._fits(size):
                self._start_timer()
                await turn
                if self._waiters[0] is turn and self._fits(size):
                    break
                replacement = asyncio.get_running_loop().create_future()
                self._waiters[self._waiters.index(turn)] = replacement
                turn = replacement
        finally:
            self._waiters.remove(turn)
            self._wake()

    def sent(self, request_id: int, size: int) -> None:
        """Count a line that goes out."""
        self._lines.append((request_id, size))
        self._bytes += size

    def read(self, request_id: int) -> None:
        """Count the line `request_id`, and all before it, as read."""
        if request_id > self.read_up_to:
            self.read_up_to = request_id
        lines = self._lines
        while lines and lines[0][0] <= request_id:
            self._bytes -= lines.popleft()[1]
        if self._waiters:
            self._wake()

    def _wake(self) -> None:
        if self._waiters and not self._waiters[0].done():
            self._waiters[0].set_result(None)

    def _start_timer(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(ASSUMED_READ_S, self._assume_read)

    def _assume_read(self) -> None:
        self._timer = None
        self._lines.clear()
        self._bytes = 0
        self._wake()
        if len(self._waiters) > 1:
            self._start_timer()

    def close(self) -> None:
        """Let everybody through; what they then write fails on its own."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._lines.clear()
        self._bytes = 0
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)
