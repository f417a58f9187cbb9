"""What one lawful order of delivery costs to try: a fresh world, and every line when the order wants it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from benchmarks.measuring import Figure, medians
from meerkat.client.options import ConnectOptions
from meerkat_mock.delivery import explore
from meerkat_mock.strategies.playing import LineClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.streaming import EventStream
    from meerkat_mock.mock import MeerkatMock

PROMPT = 'Hello @script[{"say": ["Hel", "lo"]}]'
TIMES = 60


async def lines(mock: MeerkatMock) -> None:
    """Follow one turn on `session/event` and on a stream, with a client that does nothing but speak lines."""
    transport = mock._transport(ConnectOptions())  # noqa: SLF001 - below the SDK there is no public way in
    client = LineClient(transport)
    try:
        created = await client.ask("session/create", {"prompt": "", "initial_turn": "deferred"})
        assert isinstance(created, dict)
        await client.ask("session/stream_open", {"session_id": created["session_id"]})
        await client.ask("turn/start", {"session_id": created["session_id"], "prompt": PROMPT})
    finally:
        await transport.close()


async def _read(stream: EventStream) -> None:
    async with stream:
        async for _ in stream:
            pass


async def sessions(mock: MeerkatMock) -> None:
    """Follow the first turns of two sessions at a time with the SDK."""
    async with mock.client() as client:
        await asyncio.gather(*(_read(client.create_session_streaming(PROMPT)) for _ in range(2)))


def per_second(seconds: float) -> float:
    """Return the orders in a second."""
    return TIMES / seconds


def figures() -> Iterator[Figure]:
    """Measure both in orders per second."""

    def timed(case: object) -> float:
        began = time.perf_counter()
        explore(lines if case is lines else sessions, runs=TIMES)
        return time.perf_counter() - began

    found = medians(lines=lambda: timed(lines), sessions=lambda: timed(sessions))
    yield Figure("lawful orders of a turn that two streams follow", per_second(found["lines"]), "≥", 300, "/s")
    yield Figure("lawful orders of two sessions that stream through the SDK", per_second(found["sessions"]), "≥", 300, "/s")
