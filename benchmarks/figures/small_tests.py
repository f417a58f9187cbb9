"""What one small test costs: a whole conversation in memory, and the fixture around it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from benchmarks.measuring import Figure, medians
from meerkat import MeerkatClient
from meerkat_mock.mock import MeerkatMock

if TYPE_CHECKING:
    from collections.abc import Iterator

PROMPT = 'Hello @script[{"say": ["Hel", "lo"]}]'
TIMES = 100
ROUNDS = 15
"""They are short, and what else the machine does should not decide them."""


async def conversations() -> float:
    """Return the seconds of one connect, create with a turn, archive and close; each in a mock of its own, as in a test."""
    passed = 0.0
    for _ in range(TIMES):
        async with MeerkatMock():
            start = time.perf_counter()
            client = await MeerkatClient().connect()
            session = await client.create_session(PROMPT)
            await session.archive()
            await client.close()
            passed += time.perf_counter() - start
    return passed / TIMES


def fixtures() -> float:
    """Return the seconds that the fixture takes around a test that does nothing."""
    start = time.perf_counter()
    for _ in range(TIMES):
        with MeerkatMock(look_in=["."]) as mock:
            pass
        mock.assert_clean()
    return (time.perf_counter() - start) / TIMES


def figures() -> Iterator[Figure]:
    """Measure both in milliseconds."""
    found = medians(ROUNDS, conversation=lambda: asyncio.run(conversations()), fixture=fixtures)
    yield Figure("in memory: connect, create with a turn of 8 events, archive, close", found["conversation"] * 1000, "≤", 1.5, "ms")
    yield Figure("the fixture's own share", found["fixture"] * 1000, "≤", 1.0, "ms")
