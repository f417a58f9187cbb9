"""The same questions without an SDK, on asyncio's own streams, since what a coroutine awaits needs an event loop; prints the seconds."""

import asyncio
import json
import os
import sys
import time


async def main(count: int) -> None:
    pipe = asyncio.subprocess.PIPE
    server = await asyncio.create_subprocess_exec(os.environ["MEERKAT_BIN_PATH"], stdin=pipe, stdout=pipe)
    start = time.perf_counter()
    for n in range(count):
        request = {"jsonrpc": "2.0", "id": n, "method": "runtime/health", "params": {}}
        server.stdin.write(json.dumps(request).encode() + b"\n")
        await server.stdin.drain()
        assert json.loads(await server.stdout.readline())["id"] == n
    print(time.perf_counter() - start)
    server.stdin.close()
    await server.wait()


asyncio.run(main(int(sys.argv[1])))
