"""Plays all selected goldens at the same time, in one event loop of its own: most of a recording is waiting."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

import pytest

from meerkat_mock.conform import GOLDENS
from meerkat_mock.conform.golden import Golden
from meerkat_mock.conform.player import Outcome, play
from meerkat_mock.conform.roads import InMemory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

AT_ONCE = 20
"""Conversations under way at a time: enough to hide their pauses, few enough that none is late for want of a processor."""


async def play_one(path: Path, gate: asyncio.Semaphore) -> Outcome:
    """Play one golden once it is its turn."""
    async with gate:
        return await play(Golden.read(path), InMemory.connect)


async def play_all(wanted: dict[str, Future[Outcome]]) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(name: str, outcome: Future[Outcome]) -> None:
        try:
            outcome.set_result(await play_one(GOLDENS / f"{name}.jsonl", gate))
        except BaseException as error:  # whatever it is belongs to that test
            outcome.set_exception(error)

    lasting = sorted(wanted, key=lambda name: Golden.read(GOLDENS / f"{name}.jsonl").eof or 0, reverse=True)
    await asyncio.gather(*(one(name, wanted[name]) for name in lasting))  # the longest first, or they would end alone


@pytest.fixture(scope="session")
def outcomes(request: pytest.FixtureRequest) -> Iterator[dict[str, Future[Outcome]]]:
    """Return what becomes of each golden that this run selected, by name."""
    names = (item.callspec.params["golden"] for item in request.session.items if "golden" in getattr(item, "fixturenames", ()))
    wanted = {name: Future[Outcome]() for name in names}
    loop = asyncio.new_event_loop()
    playing = loop.create_task(play_all(wanted))
    thread = threading.Thread(target=run_to_the_end, args=(loop, playing))
    thread.start()
    yield wanted
    loop.call_soon_threadsafe(playing.cancel)  # what nobody waited for, after `-x` say
    thread.join()
    loop.close()


def run_to_the_end(loop: asyncio.AbstractEventLoop, playing: asyncio.Task[None]) -> None:
    asyncio.set_event_loop(loop)
    with contextlib.suppress(asyncio.CancelledError):
        loop.run_until_complete(playing)
    loop.run_until_complete(loop.shutdown_asyncgens())
