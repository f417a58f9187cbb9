"""A server that knows three answers and pours events: fast enough never to be what is measured.

Started in the place of rkat-rpc with the number of events in TAPE_EVENTS. `session/stream_open` is answered with that many text deltas
behind it, written in large pieces that were made before; every other request gets a small answer at once.
"""

import json
import os
import sys

SESSION = "01a204a8-61d4-7020-bdea-63de433b0729"
STREAM = "5877b444-b3e8-4871-8ee5-c1d255d26322"
PIECE_LINES = 500
ANSWERS = {
    "initialize": {"server_info": {"name": "meerkat-rpc", "version": "0.6.5"}, "contract_version": "0.6.5", "methods": []},
    "capabilities/get": {"contract_version": {"major": 0, "minor": 6, "patch": 5}, "capabilities": []},
    "session/stream_open": {"opened": True, "session_id": SESSION, "stream_id": STREAM},
    "session/stream_close": {"closed": True, "stream_id": STREAM, "already_closed": True},
    "runtime/health": {"contract_version": {"major": 0, "minor": 6, "patch": 5}, "status": "ok"},
}


def delta(n: int) -> bytes:
    """Return the line of the n-th text delta."""
    source = {"session_id": SESSION, "type": "session"}
    payload = {"delta": f"word{n} ", "type": "text_delta"}
    event_id = f"01a204a8-6713-7c00-9ef9-{n:012x}"
    event = {
        "event_id": event_id,
        "payload": payload,
        "seq": n,
        "source": source,
        "source_id": f"session:{SESSION}",
        "timestamp_ms": 1795374475027 + n,
    }
    return line({"method": "session/stream_event", "params": {"event": event, "sequence": n, "session_id": SESSION, "stream_id": STREAM}})


def line(message: dict) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")).encode() + b"\n"


def main() -> None:
    count = int(os.environ.get("TAPE_EVENTS", "0"))
    end = {"ended": True, "outcome": "explicit_close", "session_id": SESSION, "stream_id": STREAM}
    lines = [*(delta(n) for n in range(1, count + 1)), line({"method": "session/stream_end", "params": end})]
    pieces = [b"".join(lines[i : i + PIECE_LINES]) for i in range(0, len(lines), PIECE_LINES)]
    out = sys.stdout.buffer
    for text in sys.stdin.buffer:
        request = json.loads(text)
        if "id" not in request:
            continue
        out.write(line({"id": request["id"], "result": ANSWERS.get(request["method"], {})}))
        out.flush()
        if request["method"] == "session/stream_open":
            for piece in pieces:
                out.write(piece)
            out.flush()


if __name__ == "__main__":
    main()
