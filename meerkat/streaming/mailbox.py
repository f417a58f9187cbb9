"""A bounded queue with an end: what one side puts in, any number of readers take out, and all of them hear of the end."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Items in order, then the end: clean, or with an error that every reader raises once the items are taken."""

    __slots__ = ("ended", "error", "items", "limit", "waiters")

    def __init__(self, limit: int) -> None:
        self.items: deque[T] = deque()
        self.limit = limit
        self.ended = False
        self.error: Exception | None = None
        self.waiters: list[asyncio.Future[None]] = []

    def put(self, item: T) -> bool:
        """Append an item; False, and nothing appended, when the box is full or at its end."""
        if self.ended or len(self.items) >= self.limit:
            return False
        self.items.append(item)
        if self.waiters:
            self.wake()
        return True

    def end(self, error: Exception | None = None) -> None:
        """Take no more items; the first end counts."""
        if not self.ended:
            self.ended = True
            self.error = error
            self.wake()

    def wake(self) -> None:
        """Let everybody who waits look again."""
        waiters, self.waiters = self.waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def changed(self) -> None:
        """Wait until there is an item or the end; returns at once when there is."""
        while not self.items and not self.ended:
            waiter = asyncio.get_running_loop().create_future()
            self.waiters.append(waiter)
            try:
                await waiter
            finally:
                if waiter in self.waiters:
                    self.waiters.remove(waiter)
