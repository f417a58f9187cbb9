"""Turn streams after a failed turn, whose prompt the server runs again: nothing of that run is taken for the next turn."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from meerkat import Session, TurnFailedError, TurnStalledError
from meerkat.events import RunCompleted, RunStarted
from tests.meerkat.client.peer import FAILURE, QUICK, SESSION, ScriptedServer, result
from tests.meerkat.client.reading import read, texts


async def test_the_second_attempt_of_a_failed_prompt_is_not_taken_for_the_new_turn(server: ScriptedServer, session: Session) -> None:
    await fail(server, session, "bad")
    events: list[Any] = []
    reading = asyncio.ensure_future(read(session.stream("good"), events))
    request = await server.next("turn/start")
    server.seq.clear()
    await server.send(*server.failed_run(SESSION, "bad"))
    server.seq.clear()
    await server.send(*server.run(SESSION, "good", "g"))
    await server.answer(request, result(SESSION, "g"))
    await reading
    assert [type(event).__name__ for event in events[:1]] == ["RunStarted"]
    assert events[0].prompt == "good"
    assert texts(events) == "g"


async def test_the_same_prompt_again_after_a_failure_yields_the_new_run_only(server: ScriptedServer, session: Session) -> None:
    await fail(server, session, "again")
    events: list[Any] = []
    reading = asyncio.ensure_future(read(session.stream("again"), events))
    request = await server.next("turn/start")
    server.seq.clear()
    await server.send(*server.failed_run(SESSION, "again"))
    server.seq.clear()
    await server.send(*server.run(SESSION, "again", "g"))
    await server.answer(request, result(SESSION, "g"))
    await reading
    assert texts(events) == "g"
    assert len([event for event in events if isinstance(event, RunStarted)]) == 1


@pytest.mark.parametrize("second_attempt", [True, False])
@pytest.mark.parametrize("answer_first", [True, False])
async def test_a_failed_run_that_its_answer_overtook_is_not_taken_for_the_same_prompt_sent_again(
    server: ScriptedServer, session: Session, second_attempt: bool, answer_first: bool
) -> None:
    turning = asyncio.ensure_future(session.turn("again"))
    await server.refuse((await server.next("turn/start"))["id"], *FAILURE)
    with pytest.raises(TurnFailedError):
        await turning
    events: list[Any] = []
    stream = session.stream("again")
    reading = asyncio.ensure_future(read(stream, events))
    request = await server.next("turn/start")
    if answer_first:
        await server.answer(request, result(SESSION, "g"))
        await server.arrived("the answer has overtaken everything")
    for _ in range(1 + second_attempt):
        server.seq.clear()
        await server.send(*server.failed_run(SESSION, "again"))
    server.seq.clear()
    await server.send(*server.run(SESSION, "again", "g"))
    if not answer_first:
        await server.answer(request, result(SESSION, "g"))
    await reading
    assert texts(events) == "g"
    assert [type(event) for event in events if isinstance(event, (RunStarted, RunCompleted))] == [RunStarted, RunCompleted]


async def test_a_failed_run_that_its_answer_overtook_starts_no_clock_for_the_next_turn(server: ScriptedServer, session: Session) -> None:
    turning = asyncio.ensure_future(session.turn("bad"))
    await server.refuse((await server.next("turn/start"))["id"], *FAILURE)
    with pytest.raises(TurnFailedError):
        await turning
    turning = asyncio.ensure_future(session.turn("good"))
    request = await server.next("turn/start")
    server.seq.clear()
    await server.send(*server.failed_run(SESSION, "bad"))
    await asyncio.sleep(2 * QUICK.stall_after_s)
    assert not turning.done()
    await server.send(*server.run(SESSION, "good", "g"))
    await server.answer(request, result(SESSION, "g"))
    assert (await turning).text == "g"


async def test_the_same_prompt_again_yields_its_run_when_the_failed_one_does_not_come_back(
    server: ScriptedServer, session: Session
) -> None:
    await fail(server, session, "again")
    events: list[Any] = []
    reading = asyncio.ensure_future(read(session.stream("again"), events))
    request = await server.next("turn/start")
    server.seq.clear()
    await server.send(*server.run(SESSION, "again", "g"))
    await server.answer(request, result(SESSION, "g"))
    await reading
    assert texts(events) == "g"


async def test_a_turn_that_stays_lying_after_a_rerun_is_raised(server: ScriptedServer, session: Session) -> None:
    await fail(server, session, "bad")
    turning = asyncio.ensure_future(session.turn("good"))
    await server.next("turn/start")
    server.seq.clear()
    await server.send(*server.run(SESSION, "bad", "now it works"))
    with pytest.raises(TurnStalledError) as caught:
        await asyncio.wait_for(turning, 20)
    assert caught.value.session_id == SESSION


async def test_a_turn_after_a_stalled_one_gets_its_own_run(server: ScriptedServer, session: Session) -> None:
    await fail(server, session, "bad")
    turning = asyncio.ensure_future(session.turn("good"))
    stalled = await server.next("turn/start")
    server.seq.clear()
    await server.send(*server.run(SESSION, "bad", "now it works"))
    with pytest.raises(TurnStalledError):
        await turning
    events: list[Any] = []
    reading = asyncio.ensure_future(read(session.stream("next"), events))
    request = await server.next("turn/start")
    await server.send(*server.run(SESSION, "good", "late"))
    await server.answer(stalled, result(SESSION, "late"))
    await server.send(*server.run(SESSION, "next", "n"))
    await server.answer(request, result(SESSION, "n"))
    await reading
    assert texts(events) == "n"


async def fail(server: ScriptedServer, session: Session, prompt: str) -> None:
    turning = asyncio.ensure_future(session.turn(prompt))
    request = await server.next("turn/start")
    await server.send(*server.failed_run(SESSION, prompt))
    await server.refuse(request["id"], *FAILURE)
    with pytest.raises(TurnFailedError):
        await turning
