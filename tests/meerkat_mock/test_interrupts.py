"""Ctrl-C on every Python: what runs is cancelled, and nothing else in the loop is torn."""

from __future__ import annotations

import asyncio
import signal
import threading

import pytest

from meerkat_mock import interrupts


async def test_the_result_is_returned() -> None:
    async def seven() -> int:
        return 7

    assert await asyncio.to_thread(interrupts.run, seven()) == 7


def test_an_interrupt_cancels_what_runs_and_not_the_task_that_it_meets() -> None:
    seen: list[str] = []

    async def pressing() -> None:
        signal.raise_signal(signal.SIGINT)
        seen.append("the task goes on")

    async def whole() -> None:
        pressed = asyncio.create_task(pressing())
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise
        finally:
            await pressed

    with pytest.raises(KeyboardInterrupt):
        interrupts.run(whole())
    assert seen == ["the task goes on", "cancelled"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_who_is_cancelled_without_an_interrupt_is_cancelled() -> None:
    async def whole() -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        interrupts.run(whole())


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL])
def test_an_interrupt_that_is_somebody_elses_stays_theirs(handler: signal.Handlers) -> None:
    async def whole() -> object:
        return signal.getsignal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, handler)
    try:
        assert interrupts.run(whole()) is handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_thread_than_the_first_can_run_too() -> None:
    ran: list[bool] = []

    async def whole() -> None:
        ran.append(True)

    thread = threading.Thread(target=lambda: interrupts.run(whole()))
    thread.start()
    thread.join()
    assert ran == [True]
