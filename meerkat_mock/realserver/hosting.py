"""A thread with an event loop of its own, on which servers are driven.

So a test can be shown what a server knows (`mock.history()`) while its own loop is busy asking, whatever loop, or none, that is.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

T = TypeVar("T")

STOP_WAIT_S = 10.0
"""How long `stop` waits for what still runs to be cancelled."""


class Host:
    """The thread; it starts with the first use."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._stopped = False

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="meerkat-server-host", daemon=True)
            self._thread.start()
        return self._loop

    async def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the thread and wait for it in the caller's loop; cancelling the wait cancels the work.

        Raises `ConnectionError` once the thread has ended.
        """
        if self._stopped:
            work.close()
            raise ConnectionResetError("the test that this server belongs to is over")
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._running()))

    def wait(self, work: Coroutine[Any, Any, T], timeout_s: float) -> T:
        """Run `work` on the thread and block until it is done. Raises `TimeoutError`."""
        future = asyncio.run_coroutine_threadsafe(work, self._running())
        try:
            return future.result(timeout_s)
        except BaseException:
            future.cancel()
            raise

    def stop(self) -> None:
        """End the thread with everything that runs on it. May be called any number of times."""
        loop, thread, self._stopped = self._loop, self._thread, True
        if loop is None or thread is None:
            return
        self._loop = None
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).result(STOP_WAIT_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(STOP_WAIT_S)
        loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
