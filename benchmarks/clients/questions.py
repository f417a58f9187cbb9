"""Asks one question after the other with whichever SDK is installed; prints the seconds that took. Argument: how many."""

import asyncio
import sys
import time

from meerkat import MeerkatClient


async def main(count: int) -> None:
    client = await MeerkatClient().connect()
    start = time.perf_counter()
    for _ in range(count):
        await client.get_runtime_host_health()
    print(time.perf_counter() - start)
    await client.close()


asyncio.run(main(int(sys.argv[1])))
