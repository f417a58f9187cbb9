"""The same pipe without an SDK: read a line, `json.loads`, count; prints the seconds that took. Argument: events to expect."""

import json
import os
import subprocess
import sys
import time

server = subprocess.Popen([os.environ["MEERKAT_BIN_PATH"]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
server.stdin.write(b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}\n')
server.stdin.flush()
server.stdout.readline()
start = time.perf_counter()
server.stdin.write(b'{"jsonrpc":"2.0","id":2,"method":"session/stream_open","params":{}}\n')
server.stdin.flush()
seen = 0
for line in server.stdout:
    method = json.loads(line).get("method")
    seen += method == "session/stream_event"
    if method == "session/stream_end":
        break
print(time.perf_counter() - start)
server.stdin.close()
server.wait()
assert seen == int(sys.argv[1]), f"{seen} events arrived"
