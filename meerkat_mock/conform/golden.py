"""Recorded conversations as they are read from their files; `goldens/README.md` describes the format."""

from __future__ import annotations

import dataclasses
import json
import re
import statistics
import time
from collections import defaultdict
from typing import TYPE_CHECKING

from meerkat_mock.conform.volatile import CHANNEL_KEYS, MERGED_STREAMS, RFC3339, dig, instant, unpack

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Iterator

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.conform.volatile import Channel

_UUID7 = re.compile(r"\b([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-")


class NoGolden(ValueError):
    """A text that holds no recorded conversation; the message says where and why."""


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
    socket: int = 0
    """The number of the WebSocket, if it is one of its frames."""
    late: bool = False
    """Whether it came after the client had closed the server's input."""

    @property
    def request_id(self) -> str:
        """The id of a request or an answer, as JSON."""
        return json.dumps(dig(self.message, ("id",)))


class Golden:
    """A recorded conversation. `name` tells it from others. Raises `NoGolden` for a text that holds none."""

    def __init__(self, text: str, name: str) -> None:
        self.name, self.text = name, text
        self.eof: float | None = None
        """When the server's output ended, in milliseconds."""
        self.header, *rows = _rows(text, name)
        if self.header.get("golden") != 1:
            raise NoGolden(f'{name}, line 1: this is no header of a recorded conversation; expected {{"golden": 1, ...}}')
        self.lines: list[Line] = []
        self.expected: dict[Channel, list[Line]] = defaultdict(list)
        self._merged: dict[str, int] = {}
        self._closed = False
        for row in rows:
            if row.get("eof") and row.get("dir") == ">":
                self._closed = True
            elif row.get("eof"):
                self.eof = _time(row)
            elif row.get("dir") in (">", "<", "ws>", "ws<"):
                self._take(row)
        self.received = [line for line in self.lines if not line.sent]
        self.bare_http = any("request" in row for row in rows)
        """True if it holds plain HTTP exchanges, which nobody here plays."""

    @classmethod
    def read(cls, path: pathlib.Path, name: str = "") -> Golden:
        """Read one from its file. Raises `OSError`, and `NoGolden`."""
        try:
            return cls(path.read_text(encoding="utf-8"), name or path.stem)
        except UnicodeDecodeError as error:
            raise NoGolden(f"{path}: no UTF-8: {error}") from error

    def _take(self, row: JsonObject) -> None:
        direction = str(row["dir"])
        frame: Json = {k: v for k, v in row.items() if k not in ("t", "dir", "channel")} if direction[0] == "w" else None
        socket = row.get("channel", 0)
        message = row.get("msg", row.get("raw")) if frame is None else frame
        line = Line(_time(row), direction[-1] == ">", message, "raw" in row, socket=socket if isinstance(socket, int) else 0)
        self.lines.append(line)
        if not line.sent:
            line.late = self._closed
            line.message = prepared(line.message, self._merged)
            line.channel = channel_of(line.message) if frame is None else channel_of_frame(line.socket, line.message)
            line.index = len(self.expected[line.channel])
            self.expected[line.channel].append(line)

    @property
    def args(self) -> list[str]:
        """Arguments of the server beside those that every one gets."""
        args = self.header.get("args")
        return [str(arg) for arg in args] if isinstance(args, list) else []

    @property
    def env(self) -> dict[str, str]:
        """Environment variables of the server beside those that every one gets."""
        env = self.header.get("env")
        return {name: str(value) for name, value in env.items()} if isinstance(env, dict) else {}

    def start(self) -> float:
        """Epoch seconds at which the recording began, from the time-ordered UUIDs in it; 0 if there are none."""
        begins = [
            int(m[1] + m[2], 16) / 1000 - line.t / 1000 for line in self.received[:50] for m in _UUID7.finditer(json.dumps(line.message))
        ]
        return statistics.median(begins) if begins else 0.0

    def length(self) -> float:
        """Seconds from its beginning to its end."""
        return max(self.eof or 0.0, self.lines[-1].t if self.lines else 0.0) / 1000

    def quiet(self) -> float:
        """Seconds to wait before the start, so that no point of an interval grid that the client sends falls into the play."""
        now, length, wait = time.time(), (self.eof or 0.0) / 1000 + 5, 0.0
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


def _rows(text: str, name: str) -> list[JsonObject]:
    rows: list[JsonObject] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row: Json = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise NoGolden(f"{name}, line {number}: no JSON: {error}") from error
        if not isinstance(row, dict):
            raise NoGolden(f"{name}, line {number}: expected an object, found {line[:40]}")
        rows.append(row)
    if not rows:
        raise NoGolden(f"{name}: empty")
    return rows


def _time(row: JsonObject) -> float:
    t = row.get("t")
    return float(t) if isinstance(t, (int, float)) else 0.0


def objects(value: Json) -> Iterator[JsonObject]:
    """All objects within a value."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(inner)
