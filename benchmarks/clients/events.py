"""Consumes a subscription to its end, typed, with whichever SDK is installed; prints the seconds that took. Argument: events to expect."""

import asyncio
import sys
import time

from meerkat import MeerkatClient, TextDelta


async def main(expected: int) -> None:
    client = await MeerkatClient().connect()
    start = time.perf_counter()
    seen = 0
    async for envelope in await client.subscribe_session_events("01a204a8-61d4-7020-bdea-63de433b0729"):
        if isinstance(envelope.payload, TextDelta) and envelope.payload.delta:
            seen += 1
    print(time.perf_counter() - start)
    await client.close()
    assert seen == expected, f"{seen} of {expected} events arrived"


asyncio.run(main(int(sys.argv[1])))
