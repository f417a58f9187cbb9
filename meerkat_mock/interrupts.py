"""Runs a coroutine so that Ctrl-C cancels it, on every Python: `asyncio.run` does so from 3.11 on.

Before, the interrupt is raised wherever the event loop happens to be: in a callback, or in a task that nobody waits for.
"""

from __future__ import annotations

import sys

if sys.version_info >= (3, 11):
    from asyncio import run as run
else:
    import asyncio
    import signal
    import threading
    from typing import TYPE_CHECKING, TypeVar

    if TYPE_CHECKING:
        from collections.abc import Coroutine

    T = TypeVar("T")

    def run(work: Coroutine[None, None, T]) -> T:
        """Run a coroutine to its end and return its result. Raises `KeyboardInterrupt` when Ctrl-C has ended it."""
        pressed = threading.Event()

        async def cancellable() -> T:
            loop, task = asyncio.get_running_loop(), asyncio.current_task()
            assert task is not None

            def press() -> None:
                pressed.set()
                task.cancel()

            if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGINT) != signal.default_int_handler:
                return await work  # somebody else sees to interrupts
            try:
                loop.add_signal_handler(signal.SIGINT, press)
            except NotImplementedError:  # the event loops of Windows leave them to Python
                return await work
            try:
                return await work
            finally:
                loop.remove_signal_handler(signal.SIGINT)

        try:
            return asyncio.run(cancellable())
        except asyncio.CancelledError:
            if pressed.is_set():
                raise KeyboardInterrupt from None
            raise
