"""The mock that a conversation is made with: it plays each step as soon as it is drawn, so that the next one builds on what came of it.

Hypothesis draws outside of any event loop, so this one brings its own.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from meerkat_mock.conform.rehearsal import rehearsing

if TYPE_CHECKING:
    from collections.abc import Generator

    from meerkat.wire.base import Json
    from meerkat_mock.conform.rehearsal import Rehearsal
    from meerkat_mock.conform.steps import Step


class Companion:
    """A fresh mock for one conversation; `companion()` makes one."""

    def __init__(self, loop: asyncio.AbstractEventLoop, rehearsal: Rehearsal) -> None:
        self._loop = loop
        self._rehearsal = rehearsal

    def play(self, step: Step) -> bool:
        """Play a step; return False if the mock refused it, that is, answered with an error and did nothing else."""
        rows = self._rehearsal.rows
        before = len(rows)
        self._loop.run_until_complete(self._rehearsal.do(step))
        said = [message for row in rows[before:] if row["dir"] == "<" and isinstance(message := row["msg"], dict)]
        return not (len(said) == 1 and "error" in said[0])

    def result(self, number: int) -> Json:
        """Return the result of the request of this number; None if it failed or has no answer yet."""
        return self._rehearsal.result(number)


@contextlib.contextmanager
def companion() -> Generator[Companion, None, None]:
    """Start a mock, and end it with the context. No event loop may run in the thread meanwhile."""
    loop = asyncio.new_event_loop()
    stack = contextlib.AsyncExitStack()
    try:
        yield Companion(loop, loop.run_until_complete(stack.enter_async_context(rehearsing())))
    finally:
        loop.run_until_complete(stack.aclose())
        loop.close()
