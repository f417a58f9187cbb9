"""Many sessions in one mock: the time of a turn, and the memory of a session that rests."""

from __future__ import annotations

import asyncio
import gc
import time
import tracemalloc
from typing import TYPE_CHECKING

from benchmarks.measuring import Figure, medians
from meerkat import MeerkatClient
from meerkat_mock.mock import MeerkatMock

if TYPE_CHECKING:
    from collections.abc import Iterator

FEW, MANY, TURNS = 10, 1_000, 10


async def seconds_per_turn(sessions: int) -> float:
    """Return the time of one turn while there are so many sessions, each of which takes turns."""
    async with MeerkatMock() as mock, mock.client() as client:
        made = [await client.create_session("hello") for _ in range(sessions)]
        start = time.perf_counter()
        for _ in range(TURNS):
            for session in made:
                await session.turn("again")
        return (time.perf_counter() - start) / (sessions * TURNS)


async def idle_kilobytes() -> float:
    """Return what a session that has had one turn keeps, without what the journal keeps of its lines."""
    async with MeerkatMock() as mock:
        client = await MeerkatClient().connect()
        await client.create_session("hello")
        gc.collect()
        tracemalloc.start()
        for _ in range(MANY):
            await client.create_session("hello")
        mock.journal.clear()
        gc.collect()
        kept, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(mock.sessions) == MANY + 1
        await client.close()
        return kept / MANY / 1000


def figures() -> Iterator[Figure]:
    """Measure a turn among many sessions beside a turn among few, and the memory of one."""
    found = medians(rounds=3, few=lambda: asyncio.run(seconds_per_turn(FEW)), many=lambda: asyncio.run(seconds_per_turn(MANY)))
    detail = f"{found['few'] * 1000:.2f} ms among {FEW}, {found['many'] * 1000:.2f} ms among {MANY}"
    yield Figure(f"a turn among {MANY} sessions, beside one among {FEW}", found["many"] / found["few"], "≤", 1.3, detail=detail)
    yield Figure("memory of an idle session", asyncio.run(idle_kilobytes()), "≤", 20, "kB")
