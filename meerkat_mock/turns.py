"""Which turns run now, in the whole process: what held-back reads wait for (spec 01, section 5.5)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable


class RunningTurns:
    """Counts runs from their start to the moment their outcome is committed or dropped."""

    def __init__(self) -> None:
        self._running: dict[int, tuple[str, list[asyncio.Future[None]]]] = {}
        self._next = 0

    def __bool__(self) -> bool:
        return bool(self._running)

    def started(self, session_id: str) -> int:
        """Note a run; return the ticket to hand back when it is over."""
        self._next += 1
        self._running[self._next] = (session_id, [])
        return self._next

    def over(self, ticket: int) -> None:
        """Note the end of a run and let go of whoever waited for it."""
        _, waiters = self._running.pop(ticket)
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def sessions(self) -> set[str]:
        """Return the ids of the sessions that run a turn."""
        return {session_id for session_id, _ in self._running.values()}

    def all_over(self) -> Awaitable[object]:
        """Return what ends when every run has ended that is under way at the moment of the call."""
        return self._over(self._running.values())

    def session_over(self, session_id: str) -> Awaitable[object]:
        """Return what ends when those runs of one session have ended that are under way at the moment of the call."""
        return self._over(running for running in self._running.values() if running[0] == session_id)

    @staticmethod
    def _over(running: Iterable[tuple[str, list[asyncio.Future[None]]]]) -> Awaitable[object]:
        loop = asyncio.get_running_loop()
        waiters: list[asyncio.Future[None]] = []
        for _, waiting in running:
            waiters.append(loop.create_future())
            waiting.append(waiters[-1])
        return asyncio.gather(*waiters)
