"""Plays a recorded conversation against a server, and keeps what came back.

A client line goes out when every channel has got as many messages as the recording had before that line, and after the recorded pause.
Whatever the server does, a conversation ends: what does not come in time is noted, and the whole has a limit.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from meerkat_mock.conform.comparing import Comparison, Pairs
from meerkat_mock.conform.golden import channel_of, channel_of_frame, prepared
from meerkat_mock.conform.judging import Difference, differences
from meerkat_mock.conform.roads import ServerFailed, Start
from meerkat_mock.conform.volatile import DEAD_PORTS, PLACES, dig, shape
from meerkat_mock.conform.websocket import Socket
from meerkat_mock.conform.wording import label

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.conform.golden import Golden, Line
    from meerkat_mock.conform.roads import Connect, Road
    from meerkat_mock.conform.volatile import Channel

PATIENCE_SECONDS = 10.0
"""How long an expected message may take, beyond twice what it took in the recording."""
IMPATIENCE_SECONDS = 0.3
"""The same once something did not come at all: the conversation has failed then, and the rest is played to tell more about it."""
LEAST_PATIENCE_SECONDS = 0.05
"""The same when one thing after the other does not come."""
MESSAGES_LIMIT = 100_000
"""Messages that are taken beyond the recorded ones; a server that writes more is not listened to any longer."""


@dataclass
class Outcome:
    """What playing one golden came to: nothing but an empty list of differences, if all is well."""

    differences: list[Difference]
    notes: list[str] = field(default_factory=lambda: [])
    """Remarks of the player: what it waited for in vain, what it could not send."""
    complaints: list[str] = field(default_factory=lambda: [])
    """What the server says against itself."""
    last_words: str = ""
    """How the server ended, if it ended before its time or had to be ended."""


async def play(
    golden: Golden,
    connect: Connect,
    patience: float = PATIENCE_SECONDS,
    places: Mapping[str, str] = DEAD_PORTS,
    *,
    starting: float = 0.0,
) -> Outcome:
    """Play a golden against a fresh server; `places` are the ports of its placeholders, `starting` the seconds that it needs to start.

    Raises `ServerFailed` if it cannot be started.
    """
    player = Player(golden, connect, patience, places)
    player.starting = starting
    await player.play()
    return player.outcome()


class Player:
    """Plays one golden against one server."""

    def __init__(
        self, golden: Golden, connect: Connect, patience: float = PATIENCE_SECONDS, places: Mapping[str, str] = DEAD_PORTS
    ) -> None:
        self.golden, self.connect, self.patience, self.expected = golden, connect, patience, golden.expected
        self.impatience = IMPATIENCE_SECONDS
        self.starting = 0.0
        """Seconds by which the first message may be later than any other."""
        self.pairs = Pairs()
        """As learned while playing, to fill in the client's lines."""
        self.got: dict[Channel, list[Json]] = defaultdict(list)
        """By the golden's channel; surplus channels by their own."""
        self.open: dict[Channel, Channel] = {}
        """Of an actual notification channel the golden's."""
        self.unasked = {x.request_id for c, xs in self.expected.items() if c[0] == "request" for x in xs}
        """The golden's requests of the server that have not come."""
        self.asked: dict[str, Json] = {}
        """Of the golden's request of the server the actual id."""
        self.ports = tuple(places)
        self.places: dict[str, str] = dict(places)
        self.sockets: dict[int, Socket] = {}
        self.merged: dict[str, int] = {}
        self.lacking: Counter[Channel] = Counter()
        """Messages that a wait has given up on."""
        self.changed, self.ended, self.running = asyncio.Event(), False, False
        self.notes: list[str] = []
        self.complaints: list[str] = []
        self.last_words = ""
        self.taken = 0

    # receiving
    def take(self, text: str) -> None:
        """Receive a line of the server. Raises `ServerFailed` for one too many."""
        self.taken += 1
        if self.taken > len(self.golden.received) + MESSAGES_LIMIT:
            raise ServerFailed(f"the server wrote {MESSAGES_LIMIT} messages more than expected")
        text = text.replace(self.places["root"], "<root>")
        for name, pattern in [*((name, rf"(?<=127\.0\.0\.1:){self.places[name]}(?!\d)") for name in self.ports), *PLACES]:
            if m := re.search(pattern, text):
                self.places[name] = m.group()
                text = re.sub(pattern, f"<{name}>", text)
        try:
            message = prepared(json.loads(text), self.merged)
        except (ValueError, RecursionError):
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
            if c[:2] == channel[:2] and c not in taken and all(self.pairs.agree(g, a) for g, a in zip(c[2:], channel[2:], strict=False))
        ]
        return next(
            (c for c in free if shape(self.expected[c][0].message) == shape(message)), free[0] if free else ("surplus", *channel[1:])
        )

    def twin_request(self, lines: list[Line], message: Json) -> Json:
        """The recorded request that this one repeats: the first open one with the same params, else the first open one."""
        free = [x for x in lines if x.request_id in self.unasked]
        params = shape(dig(message, ("params",)))
        twin = next((x for x in free if shape(dig(x.message, ("params",))) == params), free[0])
        self.unasked.discard(twin.request_id)
        self.asked[twin.request_id] = dig(message, ("id",))
        return twin.message

    # sending
    async def until(self, needed: Counter[Channel], limit: float) -> None:
        """Wait until that many messages have come in every channel; what does not come in time is not waited for again."""
        limit += 0.0 if self.taken else self.starting
        deadline = time.monotonic() + limit
        while missing := [c for c, n in needed.items() if len(self.got.get(c, ())) + self.lacking[c] < n]:
            self.changed.clear()
            try:
                if self.ended:
                    raise asyncio.TimeoutError
                await asyncio.wait_for(self.changed.wait(), deadline - time.monotonic())
            except asyncio.TimeoutError:
                self.give_up(missing, needed, limit)

    def give_up(self, missing: list[Channel], needed: Counter[Channel], limit: float) -> None:
        """Note what did not come, and wait for none of it again."""
        self.patience = min(self.patience, self.impatience)
        self.impatience = max(self.impatience / 2, LEAST_PATIENCE_SECONDS)
        for c in missing:
            in_vain = "the server ended without" if self.ended else f"waited {limit:.1f} s in vain for"
            self.notes.append(f"{in_vain} {label(c)} [{needed[c] - 1}]")
            self.lacking[c] = needed[c] - len(self.got.get(c, ()))

    async def pause(self, milliseconds: float) -> None:
        """Wait as long as the recording did, unless nobody is there any more."""
        if milliseconds > 20 and not self.ended:
            await asyncio.sleep(milliseconds / 1000)

    def real(self, text: str) -> str:
        """A text of the golden with its placeholders filled."""
        for name, value in self.places.items():
            text = text.replace(f"<{name}>", value)
        return text

    async def play(self) -> None:
        """Play the whole conversation against a fresh server. Raises `ServerFailed` if there is none."""
        await asyncio.sleep(self.golden.quiet())
        with tempfile.TemporaryDirectory(prefix="conform-", ignore_cleanup_errors=True) as home:
            self.places["root"] = root = os.path.realpath(home)  # noqa: ASYNC240 -- a few microseconds, before anything else runs
            road = await self.connect(Start(root, [self.real(arg) for arg in self.golden.args], self.environment()))
            reader = asyncio.create_task(self.read(road))
            try:
                await self.converse_within_limit(road)
                await self.end(road, reader)
            finally:
                reader.cancel()
                await asyncio.gather(reader, return_exceptions=True)
                await asyncio.gather(*(s.abandon() for s in self.sockets.values()))
                self.complaints = await road.close()
                self.last_words = road.last_words() if self.running or self.notes else ""

    async def converse_within_limit(self, road: Road) -> None:
        """Converse, but not for ever: a server that does not read must not hold anybody up."""
        try:
            await asyncio.wait_for(self.converse(road), self.limit())
        except asyncio.TimeoutError:
            self.notes.append(f"gave the conversation up after {self.limit():.0f} s")

    def limit(self) -> float:
        """Seconds that the whole may take: thrice as long as it took, and some for what does not come."""
        return 3 * self.golden.length() + self.starting + 4 * self.patience + IMPATIENCE_SECONDS * len(self.golden.lines)

    async def end(self, road: Road, reader: asyncio.Task[None]) -> None:
        """Close the server's input and read what it still says; note if it does not end."""
        await road.end_input()
        try:
            await asyncio.wait_for(asyncio.shield(reader), self.patience)
            await asyncio.wait([s.task for s in self.sockets.values() if s.task] or [reader], timeout=1)
        except asyncio.TimeoutError:
            self.running = True

    def environment(self) -> dict[str, str]:
        """What the server finds in its environment; the login script of the header among it."""
        header = self.golden.header
        return {
            "RUST_LOG": "off",
            "HOME": self.places["root"],
            **({"MEERKAT_MOCK_OAUTH": json.dumps(header["oauth"])} if "oauth" in header else {}),
            **{k: self.real(v) for k, v in self.golden.env.items()},
        }

    async def converse(self, road: Road) -> None:
        """Send all client lines at their time and wait for what the recording had got by its end."""
        begin = self.golden.start()
        needed: Counter[Channel] = Counter()
        shift = round(time.time() - begin) if begin else 0
        before = last = 0.0  # the line before, the last client line
        for line in self.golden.lines:
            if line.sent:
                await self.until(needed, self.patience + 2 * (line.t - last) / 1000)
                await self.pause(line.t - before)
                await self.say(road, line, shift)
                last = line.t
            elif not line.late:
                needed[line.channel] += 1
            before = line.t
        end = before if self.golden.eof is None else self.golden.eof
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
        """Take every line of the server until it ends."""
        try:
            while line := await road.receive():
                self.take(line.decode(errors="replace"))
        except ServerFailed as error:
            self.notes.append(str(error))
        self.ended = True
        self.changed.set()

    async def send_frame(self, number: int, frame: JsonObject) -> None:
        """Send a frame on the socket of this number, or open it."""
        try:
            if "open" in frame:
                self.sockets[number] = Socket(lambda got: self.put(channel_of_frame(number, got), got))
                await asyncio.wait_for(self.sockets[number].open(str(frame["open"])), self.patience)
            elif number in self.sockets:
                await self.sockets[number].send(frame)
        except (OSError, ValueError, asyncio.TimeoutError, asyncio.IncompleteReadError) as e:
            self.notes.append(f"socket {number}: {type(e).__name__} {e}")

    def filled(self, line: Line, shift: int) -> str | None:
        """A client line with the actual values in it; None for the answer to a request that never came."""
        message = self.pairs.substitute(line.message, shift)
        if line.raw:
            return str(message)
        if isinstance(message, dict) and "method" not in message:
            if line.request_id in self.unasked:
                self.notes.append(f"no request {line.request_id} came that could be answered")
                return None
            message["id"] = self.asked.get(line.request_id, message.get("id"))
        return json.dumps(message)

    def outcome(self) -> Outcome:
        """Judge what came: every difference, and the remarks."""
        found = differences(self.golden, self.got, self.pairs)
        if self.running and self.golden.eof is not None:
            found.append(Difference("process", 0, "$", "to end when its input is closed", "it runs on", "process"))
        return Outcome(found, self.notes, self.complaints, self.last_words)
