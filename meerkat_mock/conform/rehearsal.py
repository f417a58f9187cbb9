"""A conversation played with the mock first, in memory and in no time: what comes of it is a golden that another server is held against."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import os
import re
import tempfile
import time
from types import MappingProxyType
from typing import TYPE_CHECKING

from meerkat_mock.clock import VirtualClock, settle
from meerkat_mock.conform.golden import Golden
from meerkat_mock.conform.roads import InMemory, Start, world_of
from meerkat_mock.conform.steps import AnswerTools, Ask
from meerkat_mock.conform.volatile import DEAD_PORTS
from meerkat_mock.server import Server

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.conform.roads import Connect, Road
    from meerkat_mock.conform.steps import Step
    from meerkat_mock.quirks import Quirks

TOOL_ANSWER: JsonObject = {"content": "found"}
"""What every tool of a generated conversation answers."""
NOTHING: Mapping[str, str] = MappingProxyType({})
BEHIND_S: Mapping[str, float] = MappingProxyType({"mob/flow_run": 0.3})
"""Methods whose work goes on behind their answer without a line that says so, and the time that a server gets for it."""
_QUIET_ROUNDS = 3
"""Rounds of everybody's running that must bring no line before time goes on, and then the next step comes."""
_END_S = 10.0
"""How long the mock may take to end: with a turn running it takes five seconds (spec 01, section 13.4)."""
_SOON_S = 1.0
"""A limit of the mock on somebody else that is at most so far away is waited for."""
_MAX_ROUNDS = 500
"""Rounds after which a step is over even if lines still come."""


def simulated(quirks: Quirks | None = None) -> Connect:
    """Return a way to a mock in memory whose time is virtual and begins now; `quirks` are its own unless given."""

    async def connect(start: Start) -> Road:
        return Simulated(start, VirtualClock(time.time()), quirks)

    return connect


def mock_with(quirks: Quirks) -> Connect:
    """Return a way to a mock in memory that lives in real time, as recordings with pauses need it."""

    async def connect(start: Start) -> Road:
        return InMemory(Server(dataclasses.replace(world_of(start), quirks=quirks)))

    return connect


class Simulated(InMemory):
    """A mock in memory whose time is virtual: what it does at its end is over at once as well."""

    def __init__(self, start: Start, clock: VirtualClock, quirks: Quirks | None = None) -> None:
        world = dataclasses.replace(world_of(start), clock=clock)
        super().__init__(Server(world if quirks is None else dataclasses.replace(world, quirks=quirks)))
        self._clock = clock

    async def end_input(self) -> None:
        """Let the mock read the end of its input, and all time pass that it gives what still runs."""
        await super().end_input()
        await settle()
        await self._clock.advance(_END_S)


async def rehearse(steps: Sequence[Step], name: str, like: Golden | None = None) -> Golden:
    """Play steps with the mock and return the recording; its times are those of the mock's virtual clock.

    The mock is started as it was for the golden `like`, if there is one.
    """
    args, env = (like.args, like.env) if like else ([], {})
    async with rehearsing(args, env) as rehearsal:
        for step in steps:
            await rehearsal.do(step)
        await rehearsal.do(AnswerTools(0))
        await rehearsal.end()
    header: JsonObject = {"golden": 1, "name": name, "about": "played by the mock", "args": [*args], "env": {**env}, "model": True}
    return Golden("\n".join(map(json.dumps, [header, *rehearsal.rows])), name)


@contextlib.asynccontextmanager
async def rehearsing(args: Sequence[str] = (), env: Mapping[str, str] = NOTHING) -> AsyncGenerator[Rehearsal, None]:
    """Start a mock in memory to which steps can be said one after the other."""
    with tempfile.TemporaryDirectory(prefix="conform-", ignore_cleanup_errors=True) as home:
        root = os.path.realpath(home)  # noqa: ASYNC240 -- a few microseconds, before anything else runs
        clock = VirtualClock(time.time())
        road = Simulated(Start(root, args, {"HOME": root, **env}), clock)
        rehearsal = Rehearsal(road, clock, root)
        try:
            yield rehearsal
        finally:
            rehearsal.listening.cancel()
            await asyncio.gather(rehearsal.listening, return_exceptions=True)
            await road.close()


class Rehearsal:
    """The client's side of it, writing down every line."""

    def __init__(self, road: Road, clock: VirtualClock, root: str) -> None:
        self.rows: list[JsonObject] = []
        self._road, self._clock, self._root, self._begin = road, clock, root, clock.now()
        self._results: dict[int, Json] = {}
        self._unanswered: list[Json] = []
        """Ids of the server's requests that wait for an answer."""
        self._holding = False
        self._paused = 0.0
        """Seconds in which the mock, whose time is virtual, needs not be waited for."""
        self._end: float | None = None
        self.listening = asyncio.ensure_future(self._listen())

    def result(self, number: int) -> Json:
        """Return the result of the request of this number; None if it failed or has no answer yet."""
        return self._results.get(number)

    async def do(self, step: Step) -> None:
        """Do one step and let everything happen that follows from it."""
        if isinstance(step, AnswerTools):
            self._holding = False
            await self._answer()
        else:
            self._holding = self._holding or (isinstance(step, Ask) and step.tools == "held")
            await self._say(step.message(self._results))
        quiet = 0
        for _ in range(_MAX_ROUNDS):
            before = len(self.rows)
            await settle()
            await self._answer()
            quiet = quiet + 1 if len(self.rows) == before else 0
            if quiet >= _QUIET_ROUNDS and not await self._time_passes():
                break
        if isinstance(step, Ask) and self.result(step.number) is not None:
            self._paused += BEHIND_S.get(step.method, 0.0)

    async def _time_passes(self) -> bool:
        """Let the next pause of the mock end, or a short wait for somebody else; tell whether there was one."""
        now = self._clock.now()
        soon = [wait for wait in self._clock.agenda() if wait.kind == "pause" or (wait.kind == "limit" and wait.due <= now + _SOON_S)]
        if soon:
            await self._clock.advance(soon[0].due - now)
        return bool(soon)

    async def end(self) -> None:
        """Close the mock's input and hear what it still has to say."""
        # whoever plays this need not wait as long as the mock did in its virtual time
        self._end = self._now()
        self.rows.append({"t": self._end, "dir": ">", "eof": True})
        await self._road.end_input()
        await asyncio.wait((self.listening,), timeout=_END_S)
        self.rows.append({"t": self._end, "dir": "<", "eof": True})

    async def _answer(self) -> None:
        while self._unanswered and not self._holding:
            await self._say({"jsonrpc": "2.0", "id": self._unanswered.pop(0), "result": TOOL_ANSWER})

    async def _say(self, message: JsonObject) -> None:
        self._note(">", message)
        text = json.dumps(message).replace("<root>", self._root)
        # a mock that has ended says no more: that, too, is what is to come
        with contextlib.suppress(ConnectionError):
            await self._road.send(_with_ports(text).encode() + b"\n")

    async def _listen(self) -> None:
        """Write down all that the mock says, until it ends."""
        while line := await self._road.receive():
            message: Json = json.loads(_without_ports(line.decode().replace(self._root, "<root>")))
            self._note("<", message)
            if isinstance(message, dict):
                self._take(message)

    def _take(self, message: Mapping[str, Json]) -> None:
        number = message.get("id")
        if "method" in message and "id" in message:
            self._unanswered.append(number)
        elif isinstance(number, int) and "result" in message:
            self._results[number] = message["result"]

    def _note(self, direction: str, message: Json) -> None:
        self.rows.append({"t": self._now(), "dir": direction, "msg": message})

    def _now(self) -> float:
        return self._end if self._end is not None else round((self._clock.now() - self._begin + self._paused) * 1000, 1)


def _with_ports(text: str) -> str:
    for name, port in DEAD_PORTS.items():
        text = text.replace(f"127.0.0.1:<{name}>", f"127.0.0.1:{port}")
    return text


def _without_ports(text: str) -> str:
    for name, port in DEAD_PORTS.items():
        text = re.sub(rf"(?<=127\.0\.0\.1:){port}(?!\d)", f"<{name}>", text)
    return text
