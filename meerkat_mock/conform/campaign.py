"""A server held against recorded and generated conversations: each one agreed, or shows what is known, or something new.

What is new is played again and again, cut down each time, until the shortest conversation is found that shows it.
"""

from __future__ import annotations

import asyncio
import dataclasses
import re
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from meerkat_mock.conform.explaining import Explained, Explainer
from meerkat_mock.conform.judging import Difference
from meerkat_mock.conform.player import PATIENCE_SECONDS, Outcome, play
from meerkat_mock.conform.rehearsal import mock_with, rehearse, simulated
from meerkat_mock.conform.reporting import NOT_JUDGED
from meerkat_mock.conform.roads import ServerFailed
from meerkat_mock.conform.shrinking import shrink
from meerkat_mock.conform.steps import Ask, steps_of
from meerkat_mock.conform.volatile import DEAD_PORTS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from meerkat_mock.conform.golden import Golden
    from meerkat_mock.conform.roads import Connect
    from meerkat_mock.conform.steps import Step

SHORTENED = 20
"""New differences that are cut down at most unless somebody says so; the rest is told as it stands."""
_TRIAL_S = 1.0
"""How long what is tried waits at least for a message."""

State: TypeAlias = Literal["agreed", "known difference", "new difference", "not played"]


@dataclass(frozen=True)
class Verdict:
    """What came of one conversation."""

    name: str
    state: State
    seconds: float = 0.0
    quirks: tuple[str, ...] = ()
    """The rows of the quirk table that explain what is known."""
    differences: tuple[Difference, ...] = ()
    """What is new; for a known difference, what is known."""
    notes: tuple[str, ...] = ()
    shortest: tuple[str, ...] = ()
    """The steps of the shortest conversation that shows the first of what is new; empty if none but the whole does."""
    length: int = 0
    """Steps of the whole conversation."""


@dataclass(frozen=True)
class Recorded:
    """A conversation with the real server."""

    golden: Golden


@dataclass(frozen=True)
class Generated:
    """A conversation that a state machine made; the mock says what is to come of it."""

    name: str
    steps: Sequence[Step]


class Campaign:
    """Plays conversations against the server that `connect` starts, `jobs` at a time."""

    def __init__(
        self, connect: Connect, *, jobs: int = 4, patience: float = PATIENCE_SECONDS, shorten: int = SHORTENED, endpoint: bool = True
    ) -> None:
        self._connect = connect
        self._gate = asyncio.Semaphore(jobs)
        self._patience = patience
        self._endpoint = endpoint
        """Whether the model that a server is told to ask is really there: a mock does without."""
        self._rehearsing = asyncio.Lock()
        """Two mocks that wait until nobody is busy any more would keep each other waiting."""
        self._impatience = patience
        self._starting = 0.0
        """How long a server may take to start, beyond what a message may take."""
        self._seen: dict[str, str] = {}
        """Of each kind of new difference the conversation that showed it first."""
        self._to_shorten = shorten

    async def greet(self) -> None:
        """Start the server once and ask who it is. Raises `ServerFailed` with its last words if it does not answer."""
        began = time.monotonic()
        outcome = await self._play(await self._rehearsed([Ask(1, "initialize", {})], "greeting"), self._patience)
        if outcome.notes:
            raise ServerFailed("\n".join(("the server does not answer initialize", *outcome.notes, outcome.last_words)))
        # several that start at the same time take longer; what is tried again and again must not wait long each time
        self._starting = 3 * (time.monotonic() - began)
        self._impatience = min(self._patience, _TRIAL_S + self._starting)

    async def judge(self, conversations: Sequence[Recorded | Generated], tell: Callable[[Verdict], None]) -> list[Verdict]:
        """Return a verdict for each conversation, in their order; `tell` hears of each as soon as it is known."""

        async def one(conversation: Recorded | Generated) -> Verdict:
            async with self._gate:
                verdict = await self._judge(conversation)
            tell(verdict)
            return verdict

        playing = [asyncio.ensure_future(one(conversation)) for conversation in conversations]
        try:
            return await asyncio.gather(*playing)
        except asyncio.CancelledError:
            # all of them know; each has a server to end first
            await asyncio.gather(*playing, return_exceptions=True)
            raise

    async def _judge(self, conversation: Recorded | Generated) -> Verdict:
        if isinstance(conversation, Recorded):
            golden, steps = conversation.golden, steps_of(conversation.golden)
            explainer = Explainer(golden, mock_with, at_once=8)
        else:
            golden, steps = await self._rehearsed(conversation.steps, conversation.name), [*conversation.steps]
            explainer = Explainer(golden, simulated)
        if golden.bare_http:
            return Verdict(golden.name, "not played", notes=("it holds plain HTTP exchanges, which are not lines of a server",))
        began = time.monotonic()
        outcome = await self._play(golden, self._patience)
        verdict = Verdict(golden.name, "agreed")
        if outcome.differences:
            verdict = await self._different(golden, steps, outcome, await explainer.explain(outcome.differences))
        return dataclasses.replace(verdict, seconds=round(time.monotonic() - began, 3))

    async def _different(self, golden: Golden, steps: Sequence[Step], outcome: Outcome, explained: Explained) -> Verdict:
        notes = (*outcome.notes, *([outcome.last_words] if outcome.last_words else []))
        if explained.timing:
            what = f"{len(explained.timing)} of {len(outcome.differences)} differences"
            notes += (f"{NOT_JUDGED} {what}, which the mock shows by itself now and then",)
        if not explained.new:
            return Verdict(golden.name, "known difference", 0.0, explained.quirks, tuple(outcome.differences), notes)
        kinds = {kind(difference) for difference in explained.new}
        again = sorted({self._seen[one] for one in kinds if one in self._seen})
        fresh = kinds - self._seen.keys()
        self._seen.update(dict.fromkeys(fresh, golden.name))
        shortest: list[Step] = []
        if fresh and self._to_shorten:
            self._to_shorten -= 1
            shortest = await self._shortest(golden, steps, fresh)
        else:
            notes += (f"not cut down: of the same kind as in {', '.join(again)}" if not fresh else "not cut down: enough others were",)
        shown = tuple(map(str, shortest))
        return Verdict(golden.name, "new difference", 0.0, explained.quirks, explained.new, notes, shown, len(steps))

    async def _shortest(self, like: Golden, steps: Sequence[Step], kinds: set[str]) -> list[Step]:
        """Return the shortest steps that show a difference of these kinds; none if the steps as a whole do not."""

        async def shows(candidate: Sequence[Step]) -> bool:
            outcome = await self._play(await self._rehearsed(candidate, like.name, like), self._impatience)
            return any(kind(difference) in kinds for difference in outcome.differences)

        return await shrink(steps, shows) if await shows(steps) else []

    async def _rehearsed(self, steps: Sequence[Step], name: str, like: Golden | None = None) -> Golden:
        async with self._rehearsing:
            return await rehearse(steps, name, like)

    async def _play(self, golden: Golden, patience: float) -> Outcome:
        async with self._model() as port:
            try:
                return await play(golden, self._connect, patience, {**DEAD_PORTS, "llm": port}, starting=self._starting)
            except ServerFailed as error:
                return Outcome([Difference("process", 0, "$", "a server", "none", "process")], [str(error)])

    @asynccontextmanager
    async def _model(self) -> AsyncGenerator[str, None]:
        """Yield the port of a model that obeys the scripts in prompts, for servers that really ask one."""
        if not self._endpoint:
            yield DEAD_PORTS["llm"]
            return
        from meerkat_mock.scenario.player import Player
        from meerkat_mock.world.http import ModelEndpoint

        endpoint = ModelEndpoint(Player())
        with endpoint as url:
            try:
                yield url.rpartition(":")[2]
            finally:
                await asyncio.to_thread(endpoint.close)


def kind(difference: Difference) -> str:
    """What a difference is about, wherever in a conversation it is."""
    lack = "missing" if difference.actual == "no message" else "surplus" if difference.expected == "no message" else "other"
    return f"{lack} {difference.channel.split()[0]} {re.sub(r'[0-9]+', '', difference.path)}"
