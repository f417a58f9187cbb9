"""Plays a recorded conversation against a server and judges what came back.

A client line goes out when every channel has got as many messages as the recording had before that line, and after the recorded pause.
"""

from __future__ import annotations

import asyncio
import dataclasses
import difflib
import json
import os
import re
import tempfile
import time
from collections import Counter, defaultdict

from meerkat_mock.conform.comparing import MISSING, Comparison, Pairs
from meerkat_mock.conform.golden import Golden, Line, channel_of, channel_of_frame, prepared
from meerkat_mock.conform.roads import Connect, Road, Start
from meerkat_mock.conform.volatile import DEAD_PORTS, PLACES, Channel, Json, shape
from meerkat_mock.conform.websocket import Socket
from meerkat_mock.conform.wording import abridged, gist, label

PATIENCE_SECONDS = 10.0
"""How long an expected message may take, beyond twice what it took in the recording."""
IMPATIENCE_SECONDS = 0.3
"""The same once something did not come at all: the conversation has failed then, and the rest is played to tell more about it."""


@dataclasses.dataclass
class Difference:
    channel: str
    index: int
    path: str
    expected: str
    actual: str


class Player:
    """Plays one golden against one server and judges what it received."""

    def __init__(self, golden: Golden, connect: Connect, patience: float = PATIENCE_SECONDS) -> None:
        self.golden, self.connect, self.patience, self.expected = golden, connect, patience, golden.expected
        self.pairs = Pairs()  # as learned while playing, to fill in the client's lines
        self.got: dict[Channel, list[Json]] = defaultdict(list)  # by the golden's channel; surplus channels by their own
        self.open: dict[Channel, Channel] = {}  # actual notification channel -> the golden's
        self.requests: dict[str, Json] = {
            json.dumps(x.message["id"]): MISSING for c, xs in self.expected.items() if c[0] == "request" for x in xs
        }
        self.places: dict[str, str] = dict(DEAD_PORTS)  # the texts of the placeholders
        self.sockets: dict[int, Socket] = {}
        self.merged: dict[str, int] = {}
        self.lacking: Counter[Channel] = Counter()  # messages that a wait has given up on
        self.changed, self.ended, self.running = asyncio.Event(), False, False
        self.notes: list[str] = []
        self.complaints: list[str] = []  # what the server says against itself

    # receiving
    def take(self, text: str) -> None:
        """Receive a line of the server."""
        text = text.replace(self.places["root"], "<root>")
        for name, pattern in [*((name, rf"(?<=127\.0\.0\.1:){self.places[name]}(?!\d)") for name in DEAD_PORTS), *PLACES]:
            if m := re.search(pattern, text):
                self.places[name] = m.group()
                text = re.sub(pattern, f"<{name}>", text)
        try:
            message = prepared(json.loads(text), self.merged)
        except ValueError:
            message = text.rstrip("\n")
        self.put(channel_of(message), message)

    def put(self, channel: Channel, message: Json) -> None:
        """Put a message into its channel and learn from it what the golden's values stand for."""
        if channel[0] == "notification":
            channel = self.open.get(channel) or self.open.setdefault(channel, self.twin_channel(channel, message))
        index, lines = len(self.got[channel]), self.expected.get(channel, [])
        self.got[channel].append(message)
        if index < len(lines):
            twin = self.twin_request(lines, message) if channel[0] == "request" else lines[index].message
            Comparison(self.pairs).compare(channel, twin, message)
        self.changed.set()

    def twin_channel(self, channel: Channel, message: Json) -> Channel:
        """The golden's channel for a new actual one: one whose ids may be the same, if possible with the same first message."""
        taken = set(self.open.values())
        free = [
            c
            for c in self.expected
            if c[:2] == channel[:2] and c not in taken and all(self.pairs.agree(str(g), str(a)) for g, a in zip(c[2:], channel[2:]))
        ]
        return next(
            (c for c in free if shape(self.expected[c][0].message) == shape(message)), free[0] if free else ("surplus", *channel[1:])
        )

    def twin_request(self, lines: list[Line], message: Json) -> Json:
        """The recorded request that this one repeats: the first open one with the same params, else the first open one."""
        free = [x.message for x in lines if self.requests[json.dumps(x.message["id"])] is MISSING]
        twin = next((g for g in free if shape(g.get("params")) == shape(message.get("params"))), free[0])
        self.requests[json.dumps(twin["id"])] = message["id"]
        return twin

    # sending
    async def until(self, needed: Counter[Channel], limit: float) -> None:
        """Wait until that many messages have come in every channel; what does not come in time is not waited for again."""
        deadline = time.monotonic() + limit
        while missing := [c for c, n in needed.items() if len(self.got.get(c, ())) + self.lacking[c] < n]:
            self.changed.clear()
            try:
                if self.ended:
                    raise asyncio.TimeoutError
                await asyncio.wait_for(self.changed.wait(), deadline - time.monotonic())
            except asyncio.TimeoutError:
                self.patience = min(self.patience, IMPATIENCE_SECONDS)
                for c in missing:
                    self.notes.append(
                        f"{'the server ended without' if self.ended else f'waited {limit:.0f} s in vain for'} {label(c)} [{needed[c] - 1}]"
                    )
                    self.lacking[c] = needed[c] - len(self.got.get(c, ()))

    async def pause(self, milliseconds: float) -> None:
        if milliseconds > 20 and not self.ended:
            await asyncio.sleep(milliseconds / 1000)

    def real(self, text: str) -> str:
        """A text of the golden with its placeholders filled."""
        for name, value in self.places.items():
            text = text.replace(f"<{name}>", value)
        return text

    async def play(self) -> None:
        """Play the whole conversation against a fresh server."""
        await asyncio.sleep(self.golden.quiet())
        with tempfile.TemporaryDirectory(prefix="conform-", ignore_cleanup_errors=True) as home:
            self.places["root"] = root = os.path.realpath(home)  # noqa: ASYNC240 -- a few microseconds, before anything else runs
            road = await self.connect(Start(root, [self.real(arg) for arg in self.golden.header.get("args", [])], self.environment()))
            reader = asyncio.create_task(self.read(road))
            try:
                await self.converse(road)
                await road.end_input()
                await asyncio.wait_for(asyncio.shield(reader), self.patience)
                await asyncio.wait([s.task for s in self.sockets.values() if s.task] or [reader], timeout=1)
            except asyncio.TimeoutError:
                self.running = True
            finally:
                reader.cancel()
                await asyncio.gather(reader, return_exceptions=True)
                await asyncio.gather(*(s.abandon() for s in self.sockets.values()))
                self.complaints = await road.close()

    def environment(self) -> dict[str, str]:
        """What the server finds in its environment; the login script of the header among it."""
        header = self.golden.header
        return {
            "RUST_LOG": "off",
            "HOME": self.places["root"],
            **({"MEERKAT_MOCK_OAUTH": json.dumps(header["oauth"])} if "oauth" in header else {}),
            **{k: self.real(v) for k, v in header.get("env", {}).items()},
        }

    async def converse(self, road: Road) -> None:
        """Send all client lines at their time and wait for what the recording had got by its end."""
        begin, needed = self.golden.start(), Counter[Channel]()
        shift, before, last = (
            round(time.time() - begin) if begin else 0,
            0.0,
            0.0,
        )  # `before`, `last`: the line before, the last client line
        for line in self.golden.lines:
            if line.sent:
                await self.until(needed, self.patience + 2 * (line.t - last) / 1000)
                await self.pause(line.t - before)
                await self.say(road, line, shift)
                last = line.t
            else:
                needed[line.channel] += 1
            before = line.t
        end = self.golden.eof or before
        await self.until(needed, self.patience / 2 + 2 * (end - last) / 1000)
        await self.pause(end - before)

    async def say(self, road: Road, line: Line, shift: int) -> None:
        """Send one recorded line, on its socket if it is a frame."""
        if line.socket:
            await self.send_frame(line.socket, json.loads(self.real(json.dumps(self.pairs.substitute(line.message, shift)))))
        elif (text := self.filled(line, shift)) is not None:
            try:
                await road.send(self.real(text).encode() + b"\n")
            except ConnectionError:
                self.ended = True

    async def read(self, road: Road) -> None:
        while line := await road.receive():
            self.take(line.decode(errors="replace"))
        self.ended = True
        self.changed.set()

    async def send_frame(self, number: int, frame: dict[str, Json]) -> None:
        try:
            if "open" in frame:
                self.sockets[number] = Socket(lambda got: self.put(channel_of_frame(number, got), got))
                await asyncio.wait_for(self.sockets[number].open(frame["open"]), self.patience)
            elif number in self.sockets:
                await self.sockets[number].send(frame)
        except (OSError, ValueError, asyncio.TimeoutError, asyncio.IncompleteReadError) as e:
            self.notes.append(f"socket {number}: {type(e).__name__} {e}")

    def filled(self, line: Line, shift: int) -> str | None:
        """A client line with the actual values in it; None for the answer to a request that never came."""
        message = self.pairs.substitute(line.message, shift)
        if line.raw:
            return str(message)
        if "method" not in message and (key := json.dumps(line.message.get("id"))) in self.requests:
            if self.requests[key] is MISSING:
                self.notes.append(f"no request {key} came that could be answered")
                return None
            message["id"] = self.requests[key]
        return json.dumps(message)

    # judging
    def judge(self) -> list[Difference]:
        """All differences: every recorded message against its counterpart, in the recorded order, then what is missing or surplus."""
        partner: dict[int, Json] = {}
        surplus: list[Difference] = []
        for channel in [*self.expected, *(c for c in self.got if c not in self.expected)]:
            lines, messages = self.expected.get(channel, []), self.got.get(channel, [])
            alike = difflib.SequenceMatcher(None, [signature(x.message) for x in lines], [signature(m) for m in messages], autojunk=False)
            for _, i, j, k, m in alike.get_opcodes():
                partner.update((id(line), message) for line, message in zip(lines[i:j], messages[k:m]))
                surplus += [Difference(label(channel), x, "$", "no message", gist(messages[x])) for x in range(k + min(j - i, m - k), m)]
        pairs, differences = Pairs(), []
        pairs.sent = self.pairs.sent
        for g, a in self.pairs.actual.items():  # what the client chose itself stands for itself
            if g == a:
                pairs.bind(g, a)
        comparison = Comparison(pairs)
        for line in self.golden.received:
            if id(line) in partner:
                found = comparison.compare(line.channel, line.message, partner[id(line)])
                differences += [Difference(label(line.channel), line.index, path, *abridged(g, a)) for path, g, a in found]
            else:
                differences.append(Difference(label(line.channel), line.index, "$", gist(line.message), "no message"))
        if self.running and self.golden.eof:
            differences.append(Difference("process", 0, "$", "to end when its input is closed", "it runs on"))
        return differences + surplus


def signature(message: Json) -> str:
    """A text that is equal for messages which can be counterparts."""
    own_id = {"id": None} if isinstance(message, dict) and "method" in message and "id" in message else {}
    return json.dumps(shape({**message, **own_id} if own_id else message), sort_keys=True)
