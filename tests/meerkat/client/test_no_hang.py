"""An application never hangs unnoticed: one that uses all of a session, against every hazard and every fault, each call in bounded time.

What may be refused is refused by an error of the SDK. Only a connection that falls silent can keep a turn waiting, as turns have no
deadline of their own; there the caller's `asyncio.timeout` takes part, and nothing is left behind.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import MeerkatClient, MeerkatError
from meerkat.client import Limits
from meerkat.events import RunCompleted, RunFailed
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.quirks import QUIRKS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from meerkat import Session
    from tests.meerkat.client.peer import Delivery

RUNS = 3
"""Orders of delivery per test: each is a long conversation, and there are many."""
PATIENCE_S = 5.0
QUICK = Limits(stall_after_s=0.05)
BY_TIMING = [row.name for row in QUIRKS.values() if row.by_timing]
ABOUT_TURNS = [
    "null_id_on_bad_params",
    "reads_wait_for_turns",
    "failed_prompt_returns",
    "turn_stalls_behind_rerun",
    "interrupt_loses_waiting_turn",
    "cancel_of_waiting_turn_hits_running",
    "seq_restarts",
    "deltas_lost_after_override",
    "second_interrupt_fails",
    "unreadable_call_vanishes",
]


def script(*rounds: dict[str, Any]) -> str:
    return f"go @script{json.dumps(rounds)}"


TALK = script({"say": ["a", "b", "c"]})
SLOW = script({"say": ["a", "b"], "pace": "1s"})
FAIL = script({"fail": {"status": 400}})
ADD = script({"call": [{"tool": "add", "args": {}}]}, {"say": ["5"]})
BURST = script({"say": ["w"] * 300})
GARBLED = script({"call": [{"tool": "add", "args": "{no json"}]}, {"say": ["5"]})


class Application:
    """Uses a session as applications do; every step ends, well or with an error of the SDK."""

    def __init__(self, client: MeerkatClient) -> None:
        self.client = client
        self.outcomes: dict[str, str] = {}
        self.session: Session | None = None

        @client.tool("add", input_schema={"type": "object"})
        async def add(arguments: dict[str, Any]) -> str:
            with contextlib.suppress(MeerkatError):
                await client.list_sessions()
            return "5"

    async def step(self, name: str, work: Callable[[], Awaitable[object]]) -> None:
        try:
            await asyncio.wait_for(work(), PATIENCE_S)
        except MeerkatError as error:
            self.outcomes[name] = str(error.code)
        except asyncio.TimeoutError:
            self.outcomes[name] = "hangs"
        else:
            self.outcomes[name] = "ok"

    async def run(self) -> dict[str, str]:
        await self.step("create", self.create)
        await self.step("create again", self.create)
        if self.session is not None:
            await self.use(self.session)
        return self.outcomes

    async def create(self) -> None:
        self.session = await self.client.create_session(ADD, labels={"app": "desk"}) if self.session is None else self.session

    async def use(self, session: Session) -> None:
        await self.step("turn", lambda: session.turn(TALK))
        await self.step("stream", lambda: session.stream(TALK).collect())
        await self.step("leave early", lambda: self.leave_early(session))
        await self.step("two at once", lambda: asyncio.gather(session.turn(TALK), session.turn(TALK), return_exceptions=True))
        await self.step("fail", lambda: session.turn(FAIL))
        for number in range(3):
            await self.step(f"after the failure {number}", lambda: session.turn(TALK))
        await self.step("bad params", lambda: session.send_external_event(5, {}))  # type: ignore[arg-type]
        await self.step("another model", lambda: session.stream(TALK, model="gpt-5.5", provider="openai").collect_text())
        await self.step("interrupt", lambda: self.interrupt(session))
        await self.step("cancel", lambda: self.cancel(session))
        await self.step("tool", lambda: session.turn(ADD))
        await self.step("unreadable call", lambda: session.turn(GARBLED))
        await self.step("subscribe", lambda: self.subscribe(session))
        await self.step("burst", lambda: session.stream(BURST).collect())
        await self.step("history", session.history)
        await self.step("list", self.client.list_sessions)
        await self.step("inject", lambda: session.inject_context("note"))
        await self.step("archive", session.archive)

    async def leave_early(self, session: Session) -> None:
        async with session.stream(SLOW) as stream:
            async for _ in stream:
                break

    async def interrupt(self, session: Session) -> None:
        turn = asyncio.ensure_future(session.turn(SLOW))
        await asyncio.sleep(0)
        try:
            await session.interrupt()
            await session.interrupt()
        finally:
            await asyncio.wait([turn])
            turn.exception()

    async def cancel(self, session: Session) -> None:
        turn = asyncio.ensure_future(session.turn(ADD))
        await asyncio.sleep(0)
        turn.cancel()
        await asyncio.wait([turn])

    async def subscribe(self, session: Session) -> None:
        async with await session.subscribe_events() as events:
            turn = asyncio.ensure_future(session.turn(TALK))
            try:
                async for event in events:
                    if isinstance(event.payload, (RunCompleted, RunFailed)):
                        break
            finally:
                await asyncio.wait([turn])
                turn.exception()


async def used(mock: MeerkatMock) -> dict[str, str]:
    """Return how each step of an application ended; closing may not hang either, and no task is left."""
    client = MeerkatClient(limits=QUICK)
    before = asyncio.all_tasks()
    with mock.intercepting():
        try:
            await asyncio.wait_for(client.connect(), PATIENCE_S)
            outcomes = await Application(client).run()
        except MeerkatError as error:
            outcomes = {"connect": str(error.code)}
        finally:
            await asyncio.wait_for(client.close(), PATIENCE_S)
            mock.stop()
    for _ in range(20):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() <= before
    return outcomes


@pytest.mark.parametrize("quirk", [*ABOUT_TURNS, *BY_TIMING])
async def test_no_hazard_makes_it_hang(delivery: Delivery, quirk: str) -> None:
    outcomes = await used(MeerkatMock(delivery=delivery, fidelity="contract", quirks={quirk: True}, strict=False))
    assert "hangs" not in outcomes.values(), outcomes
    assert outcomes["archive"] == "ok"


@pytest.mark.parametrize("quirk", [None, *BY_TIMING])
async def test_nor_does_one_beside_all_that_the_server_always_does(delivery: Delivery, quirk: str | None) -> None:
    outcomes = await used(MeerkatMock(delivery=delivery, quirks={} if quirk is None else {quirk: True}, strict=False))
    assert "hangs" not in outcomes.values(), outcomes
    assert outcomes["archive"] == "ok"


async def test_nor_do_all_hazards_together(delivery: Delivery) -> None:
    outcomes = await used(MeerkatMock(delivery=delivery, quirks=dict.fromkeys(QUIRKS, True), strict=False))
    assert "hangs" not in outcomes.values(), outcomes


PLACES: dict[str, dict[str, Any]] = {
    "initialize": {"request": "initialize"},
    "create": {"turn": 1, "after": {"run_started": 1}},
    "stream": {"turn": 3, "after": {"text_delta": 1}},
    "answer": {"request": "turn/start"},
}
WIRE = [{"wire": {"close": close}} for close in ("mid_line", "reset", "split", "coalesce", "duplicate", "junk")]
OTHERS: list[dict[str, Any]] = [{"crash": {}}, {"crash": {"restart": True}}, {"error": {"code": -32000, "message": "no"}}]
ENDS = ("mid_line", "reset", "crash")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", [*WIRE, *OTHERS, {"slow_reader": "10ms"}, {"overflow": 2}], ids=str)
async def test_no_fault_makes_it_hang(delivery: Delivery, place: str, fault: dict[str, Any]) -> None:
    mock = MeerkatMock(delivery=delivery, strict=False)
    mock.script.set(defaults={"inline": True})
    mock.fault("it", when=PLACES[place], **fault)
    outcomes = await used(mock)
    assert "hangs" not in outcomes.values(), outcomes
    if any(end in str(fault) for end in ENDS):
        assert list(outcomes.values())[-1] == "CONNECTION_CLOSED"


async def test_on_a_connection_that_fell_silent_the_callers_own_limit_ends_the_wait(delivery: Delivery) -> None:
    mock = MeerkatMock(delivery=delivery, strict=False)
    mock.session(reuse=True).turn(say=["a", "b"])
    mock.fault("silence", when={"turn": 1, "after": {"text_delta": 1}}, wire={"close": "stall"})
    with mock.intercepting():
        async with MeerkatClient() as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.create_session("go"), 0.02)
            assert client.connected
    mock.stop()
