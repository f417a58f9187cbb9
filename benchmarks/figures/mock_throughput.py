"""The mock itself: a long answer in memory, scripted, checked against the contract, parsed, typed and consumed in one process."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

from benchmarks.measuring import Figure, medians
from meerkat import MeerkatClient, TextDelta
from meerkat_mock.mock import MeerkatMock

if TYPE_CHECKING:
    from collections.abc import Iterator

DELTAS = 100_000
CHUNKS = [f"word{n} " for n in range(DELTAS)]


async def consume() -> tuple[float, list[bytes]]:
    """Stream one answer to its end; return the seconds that took, and the lines that crossed."""
    async with MeerkatMock() as mock:
        mock.session().turn(say=CHUNKS)
        async with MeerkatClient() as client:
            seen, start = 0, time.perf_counter()
            async with client.create_session_streaming("go") as stream:
                async for event in stream:
                    seen += isinstance(event, TextDelta)
            passed = time.perf_counter() - start
        if seen != DELTAS:
            raise RuntimeError(f"{seen} of {DELTAS} deltas arrived")
        return passed, [line.data for line in mock.journal if line.direction == "out"]


def figures() -> Iterator[Figure]:
    """Measure it beside a bare loop of `json.dumps` and `json.loads` over the same lines."""
    messages = [json.loads(line) for line in asyncio.run(consume())[1]]

    def bare() -> float:
        start = time.perf_counter()
        for message in messages:
            json.loads(json.dumps(message).encode())
        return time.perf_counter() - start

    found = medians(rounds=3, mock=lambda: asyncio.run(consume())[0], bare=bare)
    detail = f"mock {DELTAS / found['mock']:,.0f} deltas/s, bare {DELTAS / found['bare']:,.0f}/s"
    yield Figure(
        "a long answer in memory, beside a bare loop of `dumps` and `loads`", found["bare"] / found["mock"], "≥", 0.5, detail=detail
    )
