"""Recorded conversations as they are read from their files; `goldens/README.md` describes the format."""

from __future__ import annotations

import dataclasses
import json
import re
import statistics
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from meerkat_mock.conform.volatile import CHANNEL_KEYS, MERGED_STREAMS, RFC3339, Channel, Json, dig, instant, unpack

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator


def channel_of(message: Json) -> Channel:
    """The channel of a message that a server sent: its order counts within it, and only there."""
    if not isinstance(message, dict):
        return ("raw",)
    if "method" not in message:
        return ("response", json.dumps(message.get("id")))
    if "id" in message:
        return ("request", str(message["method"]))
    found = (dig(message.get("params"), k) for k in CHANNEL_KEYS)
    return ("notification", str(message["method"]), *(v if isinstance(v, str) else "" for v in found))


def channel_of_frame(socket: int, frame: Json) -> Channel:
    """The channel of a WebSocket frame: per socket, audio apart from the rest."""
    return ("ws", str(socket), "audio" if dig(frame, ("frame", "observation")) == "assistant_audio_chunk" else "")


def prepared(message: Json, merged: dict[str, int]) -> Json:
    """A server's message as it is compared: packed texts opened, running numbers of merged streams turned into steps."""
    message = unpack(message)
    if isinstance(message, dict) and (key := MERGED_STREAMS.get(str(message.get("method")))):
        params = message.get("params")
        if isinstance(params, dict) and isinstance(n := params.get(key), int):
            stream = str(params.get("stream_id"))
            params[key], merged[stream] = n - merged.get(stream, 0), n
    return message


@dataclasses.dataclass
class Line:
    """One line of a golden: from the client (`sent`), or from the server with its channel and its index therein."""

    t: float
    sent: bool
    message: Json
    raw: bool
    channel: Channel = ()
    index: int = 0
    socket: int = 0  # the number of the WebSocket, if it is one of its frames


class Golden:
    """A recorded conversation, read from its file."""

    def __init__(self, path: pathlib.Path) -> None:
        text = path.read_text(encoding="utf-8")
        self.header, *rows = [json.loads(line) for line in text.splitlines() if line.strip()]
        if self.header.get("golden") != 1:
            raise ValueError("line 1 is no header of a golden")
        self.text, self.eof = text, 0.0
        self.lines: list[Line] = []
        self.expected: dict[Channel, list[Line]] = defaultdict(list)
        merged: dict[str, int] = {}
        for row in rows:
            if row.get("eof"):
                self.eof = row["t"]
            elif row.get("dir") in (">", "<", "ws>", "ws<"):
                frame = {k: v for k, v in row.items() if k not in ("t", "dir", "channel")} if row["dir"][0] == "w" else None
                line = Line(
                    row["t"], row["dir"][-1] == ">", frame or row.get("msg", row.get("raw")), "raw" in row, socket=row.get("channel", 0)
                )
                self.lines.append(line)
                if not line.sent:
                    line.message = prepared(line.message, merged)
                    line.channel = channel_of_frame(line.socket, line.message) if frame else channel_of(line.message)
                    line.index = len(self.expected[line.channel])
                    self.expected[line.channel].append(line)
        self.received = [line for line in self.lines if not line.sent]
        self.bare_http = any("request" in row for row in rows)

    def start(self) -> float:
        """Epoch seconds at which the recording began, from the time-ordered UUIDs in it; 0 if there are none."""
        uuid7 = re.compile(r"\b([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-")
        begins = [
            int(m[1] + m[2], 16) / 1000 - line.t / 1000 for line in self.received[:50] for m in uuid7.finditer(json.dumps(line.message))
        ]
        return statistics.median(begins) if begins else 0.0

    def quiet(self) -> float:
        """Seconds to wait before the start, so that no point of an interval grid that the client sends falls into the play."""
        now, length, wait = time.time(), self.eof / 1000 + 5, 0.0
        for grid in (d for line in self.lines if line.sent for d in objects(line.message) if "every_seconds" in d):
            start, every = grid.get("start_at_utc"), grid["every_seconds"]
            if (
                isinstance(every, int)
                and length < every
                and isinstance(start, str)
                and RFC3339.fullmatch(start)
                and instant(start) < now * 10**9
            ):
                left = every - (now - instant(start) / 10**9) % every
                wait = max(wait, left + 0.2 if left < length else 0.0)
        return wait


def objects(value: Json) -> Iterator[dict[str, Json]]:
    """All objects within a value."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)
