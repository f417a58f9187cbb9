"""A hang fails at once and says who waits for what; the application's own slow work is no hang."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import MeerkatClient, MeerkatError
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.violations import MockViolations

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

AT_ONCE_SECONDS = 2


async def with_tool(client: MeerkatClient, handler: Callable[[], Awaitable[str]]) -> str:
    @client.tool("work", description="", input_schema={"type": "object"})
    async def work(arguments: dict[str, Any]) -> str:
        return await handler()

    return (await client.create_session("go")).text


def working() -> MeerkatMock:
    mock = MeerkatMock()
    mock.session().turn(call={"work": {}}).then(say="Done.")
    return mock


def hang_of(mock: MeerkatMock) -> str:
    with pytest.raises(MockViolations) as failure:
        mock.assert_clean()
    return next(str(violation) for violation in failure.value.violations if violation.code == "hang")


async def test_a_handler_that_waits_for_ever_fails_its_turn_at_once() -> None:
    mock, began = working(), time.monotonic()
    async with mock.client() as client:
        with pytest.raises(MeerkatError, match="meerkat_mock ended a hang"):
            await with_tool(client, lambda: asyncio.get_running_loop().create_future())
    assert time.monotonic() - began < AT_ONCE_SECONDS
    text = hang_of(mock)
    assert "the client waits for the answer to session/create #" in text
    assert "the client answers tool/execute srv-" in text
    assert "fix 1:" in text


async def test_the_lines_that_wait_are_named_with_the_task_that_has_a_name() -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    mock, worker = working(), asyncio.create_task(never(), name="worker")
    async with mock.client() as client:
        with pytest.raises(MeerkatError, match="ended a hang") as failure:
            await with_tool(client, never)  # type: ignore[arg-type]
    worker.cancel()
    assert re.search(r"  - never waits \(\S*test_hang.py:\d+\), task 'worker'\n", hang_of(mock))
    assert re.search(r"  - with_tool waits \(\S*test_hang.py:\d+\)\n", hang_of(mock))
    assert "test_hang.py" not in str(failure.value), "what goes over the wire is the same on every machine"


async def test_a_handler_that_sleeps_past_the_limit_of_its_answer_fails_its_turn_at_once() -> None:
    mock, began = working(), time.monotonic()
    async with mock.client() as client:
        with pytest.raises(MeerkatError, match="meerkat_mock ended a hang") as failure:
            await with_tool(client, lambda: asyncio.sleep(3600, "late"))
    assert time.monotonic() - began < AT_ONCE_SECONDS
    assert hang_of(mock).count("a timer of the application in 3599.") == 1
    assert "which is later than the limit" in str(failure.value)


async def test_a_heartbeat_of_the_application_that_beats_after_the_limit_is_no_hope() -> None:
    mock = working()
    heartbeat = asyncio.ensure_future(asyncio.sleep(60))
    async with mock.client() as client:
        with pytest.raises(MeerkatError, match="meerkat_mock ended a hang"):
            await with_tool(client, lambda: asyncio.get_running_loop().create_future())
    heartbeat.cancel()


async def test_the_limit_that_the_test_advances_to_is_no_hang() -> None:
    mock, began = working(), asyncio.Event()

    async def sleep_on() -> str:
        began.set()
        return await asyncio.sleep(3600, "late")

    async with mock.client() as client:
        turn = asyncio.ensure_future(with_tool(client, sleep_on))
        await began.wait()
        await mock.clock.advance("30s")
        assert await turn == "Done."
    assert not mock.violations


async def test_a_stream_on_which_nothing_comes_is_ended_and_its_reader_is_told_why() -> None:
    mock = MeerkatMock()
    async with mock.client() as client:
        session = await client.create_session("go")
        async with await session.subscribe_events() as events:
            with pytest.raises(
                MeerkatError, match="meerkat_mock ended a hang: nobody can go on, for ever:\n  - the client waits for an event"
            ):
                await anext(aiter(events))
    assert "the client waits for an event" in hang_of(mock)


async def test_a_stalled_connection_is_named() -> None:
    mock = MeerkatMock()
    mock.session().turn(say=["a", "b"])
    mock.fault("stall", when={"turn": 1, "after": {"text_delta": 1}}, wire={"close": "stall"})
    client = mock.client()
    opened = await client.__aenter__()
    with pytest.raises(MeerkatError):
        await opened.create_session("go")
    await client.__aexit__(None, None, None)
    assert "a fault keeps everything back" in hang_of(mock)


async def test_with_a_manual_clock_the_pause_that_nobody_ends_is_on_the_agenda() -> None:
    mock = MeerkatMock(clock="manual")
    mock.session().turn(say="late", pace={"first": "10s"})
    async with mock.client() as client:
        with pytest.raises(MeerkatError, match="ended a hang"):
            await client.create_session("go")
    assert "at +10.000 s of the clock: the model answers session" in hang_of(mock)


async def a_timer() -> str:
    await asyncio.sleep(0.15)
    return "slept"


async def a_thread() -> str:
    await asyncio.to_thread(time.sleep, 0.15)
    return "worked"


async def a_process() -> str:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "print('hi')", stdout=subprocess.PIPE)
    return (await process.communicate())[0].decode()


async def a_socket() -> str:
    ready = asyncio.get_running_loop().create_future()
    server = await asyncio.start_server(lambda reader, writer: ready.set_result(writer), "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        _, writer = await asyncio.open_connection(host, port)
        (await ready).close()
        writer.close()
    return "connected"


@pytest.mark.parametrize("handler", [a_timer, a_thread, a_process, a_socket])
async def test_slow_work_of_the_application_is_no_hang(handler: Callable[[], Awaitable[str]]) -> None:
    mock = working()
    async with mock.client() as client:
        assert await with_tool(client, handler) == "Done."
    mock.assert_clean()


async def test_an_idle_thread_pool_is_no_hope() -> None:
    await asyncio.to_thread(int)
    mock = working()
    async with mock.client() as client:
        with pytest.raises(MeerkatError, match="ended a hang"):
            await with_tool(client, lambda: asyncio.get_running_loop().create_future())


async def test_a_client_with_a_timeout_of_its_own_is_left_to_it() -> None:
    mock = working()
    async with mock.client() as client:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(with_tool(client, lambda: asyncio.get_running_loop().create_future()), 0.2)
    assert not mock.violations


async def two_locks() -> None:
    first, second = asyncio.Lock(), asyncio.Lock()

    async def hold(mine: asyncio.Lock, other: asyncio.Lock) -> None:
        async with mine:
            await client.create_session("go")
            async with other:
                pass

    async with MeerkatClient() as client:
        await asyncio.gather(hold(first, second), hold(second, first))


async def an_event_that_nobody_sets() -> None:
    async with MeerkatClient() as client:
        await client.create_session("go")
        await asyncio.Event().wait()


async def an_event_after_the_end() -> None:
    async with MeerkatClient() as client:
        await client.create_session("go")
    await asyncio.Event().wait()


@pytest.mark.parametrize("application", [two_locks, an_event_that_nobody_sets, an_event_after_the_end])
def test_an_application_that_waits_for_itself_is_cancelled_and_the_line_is_named(application: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        with pytest.raises(asyncio.CancelledError):  # an application that swallows it is no reason to pass
            await application()

    began = time.monotonic()
    with pytest.raises(MockViolations) as failure, MeerkatMock():
        asyncio.run(run())
    assert time.monotonic() - began < AT_ONCE_SECONDS + 1
    assert failure.value.violations[0].code == "hang"
    assert re.search(rf"{application.__name__} waits \(\S*test_hang.py:\d+\)", str(failure.value))


def test_what_leaves_the_block_of_a_cancelled_application_is_the_violation() -> None:
    with pytest.raises(MockViolations, match="nobody can go on"), MeerkatMock():
        asyncio.run(an_event_after_the_end())


async def test_the_block_of_a_mock_that_was_cancelled_by_somebody_else_stays_cancelled() -> None:
    mock = MeerkatMock()
    mock.session(prompt="never").turn(say="never")
    with pytest.raises(asyncio.CancelledError):
        async with mock:
            raise asyncio.CancelledError


async def poll_the_server(client: MeerkatClient) -> None:
    while len(await client.list_sessions()) < 5:
        pass


async def poll_itself(_: MeerkatClient) -> None:
    for _zero in iter(int, 1):
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("application", [poll_the_server, poll_itself])
def test_who_polls_for_ever_is_ended_when_the_patience_of_the_mock_is(application: Callable[[MeerkatClient], Awaitable[None]]) -> None:
    async def run() -> None:
        async with MeerkatClient() as client:
            await application(client)

    mock = MeerkatMock(patience="100ms")
    with pytest.raises((MeerkatError, MockViolations)), mock:
        asyncio.run(run())
    assert "the test has not ended after 0.1 s of its event loop" in hang_of(mock)
    assert f"{application.__name__} waits (" in hang_of(mock)


def test_without_patience_an_application_takes_its_time() -> None:
    async def run() -> None:
        async with MeerkatClient() as client:
            for _ in range(8):
                await client.list_sessions()
                await asyncio.sleep(0.03)

    with MeerkatMock():
        asyncio.run(run())
