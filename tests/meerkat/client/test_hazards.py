"""The hazards of the shipped server, played by the mock: an application on this client does not hang on any of them unnoticed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import (
    DeadlockError,
    EventsLostError,
    InvalidParamsError,
    MeerkatClient,
    MeerkatError,
    ProtocolError,
    RequestCancelledError,
    TurnFailedError,
    TurnStalledError,
)
from meerkat.client import Limits
from meerkat.events import RunCompleted, RunStarted
from meerkat_mock.mock import MeerkatMock

if TYPE_CHECKING:
    from meerkat.transports.memory import MemoryTransport
    from tests.meerkat.client.peer import Delivery

PATIENCE_S = 10.0
QUICK = Limits(stall_after_s=0.2)
REFUSED = {"fail": {"status": 401, "message": "no"}}


async def soon(work: Any) -> Any:
    return await asyncio.wait_for(work, PATIENCE_S)


async def test_a_stream_yields_the_whole_run(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery) as mock:
        mock.session().turn(say="Hello there, you")
        async with MeerkatClient() as client:
            text, result = await soon(client.create_session_streaming("Hi").collect_text())
            assert text == result.text == "Hello there, you"


async def test_a_failed_prompt_that_comes_back_is_not_taken_for_the_next_turn(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery) as mock:
        mock.session().turn(say="made").turn(attempts=[REFUSED, REFUSED, REFUSED]).turn(say="good")
        async with MeerkatClient(limits=QUICK) as client:
            session = await soon(client.create_session("Hi"))
            with pytest.raises(TurnFailedError):
                await soon(session.turn("bad"))
            stream = session.stream("good")
            async with stream:
                events = [event async for event in stream]
            started = [event for event in events if isinstance(event, RunStarted)]
            assert [event.prompt for event in started] == ["good"]
            assert isinstance(events[-1], RunCompleted)


async def test_a_turn_left_lying_behind_a_rerun_is_raised(delivery: Delivery) -> None:
    mock = MeerkatMock(delivery=delivery, strict=False)
    async with mock:
        mock.session().turn(say="made").turn(attempts=[REFUSED, {"say": "late but good"}]).turn(say="good")
        async with MeerkatClient(limits=QUICK) as client:
            session = await soon(client.create_session("Hi"))
            with pytest.raises(TurnFailedError):
                await soon(session.turn("bad"))
            with pytest.raises(TurnStalledError):
                await soon(session.turn("good"))


async def test_an_error_without_id_reaches_its_caller(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery) as mock:
        mock.session().turn(say="made")
        async with MeerkatClient() as client:
            session = await soon(client.create_session("Hi"))
            with pytest.raises(InvalidParamsError):
                await soon(session.send_external_event(5, {}))  # type: ignore[arg-type]


async def test_a_handler_that_reads_is_told_at_once(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery) as mock:
        mock.session().turn(call={"look": {}}).then(say="done")
        client = MeerkatClient()

        @client.tool("look")
        async def look(arguments: dict[str, Any]) -> str:
            with pytest.raises(DeadlockError):
                await client.list_sessions()
            return "looked"

        async with client:
            session = await soon(client.create_session("Hi"))
            assert session.text == "done"


async def test_an_interrupted_stream_ends(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery) as mock:
        mock.session().turn(say="made").turn(call={"wait": {}})
        client = MeerkatClient()
        called = asyncio.Event()

        @client.tool("wait")
        async def wait(arguments: dict[str, Any]) -> str:
            called.set()
            await asyncio.Event().wait()
            return ""

        async with client:
            session = await soon(client.create_session("Hi"))
            stream = session.stream("Go")
            reading = asyncio.ensure_future(stream.collect())
            await soon(called.wait())
            await session.interrupt()
            with pytest.raises(RequestCancelledError):
                await soon(reading)


async def test_text_is_whole_after_a_change_of_model_took_the_deltas_away(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery) as mock:
        mock.session().turn(say="made").turn(say="no deltas here")
        async with MeerkatClient() as client:
            session = await soon(client.create_session("Hi"))
            text, _ = await soon(session.stream("Go", model="gpt-5.5", provider="openai").collect_text())
            assert text == "no deltas here"


async def test_a_failed_prompt_sent_again_yields_its_own_run_only(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery) as mock:
        mock.session().turn(say="made").turn(attempts=[REFUSED, REFUSED, REFUSED]).turn(say="good")
        async with MeerkatClient(limits=QUICK) as client:
            session = await soon(client.create_session("Hi"))
            with pytest.raises(TurnFailedError):
                await soon(session.turn("again"))
            async with session.stream("again") as stream:
                events = [event async for event in stream]
            assert [type(event) for event in events if isinstance(event, (RunStarted, RunCompleted))] == [RunStarted, RunCompleted]


async def test_two_turns_at_once_are_both_answered(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery, quirks={"queued_turn_stalls": True}) as mock:
        mock.session().turn(say="made").turn(say="one").turn(say="two")
        async with MeerkatClient() as client:
            session = await soon(client.create_session("Hi"))
            both = await soon(asyncio.gather(session.turn("1"), session.turn("2")))
            assert [turn.text for turn in both] == ["one", "two"]


async def test_injected_context_reaches_the_model(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery) as mock:
        mock.session().turn(say="made").turn(say="ok")
        async with MeerkatClient() as client:
            session = await soon(client.create_session("Hi"))
            assert (await soon(session.inject_context("remember")))["status"] == "staged"
            assert (await soon(session.turn("Go"))).text == "ok"
            (request,) = mock.journal.requests("session/inject_context")
            assert request.params["idempotency_key"]


async def test_a_second_interrupt_is_no_error(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery) as mock:
        mock.session().turn(say="made").turn(call={"wait": {}})
        client = MeerkatClient()
        called = asyncio.Event()

        @client.tool("wait")
        async def wait(arguments: dict[str, Any]) -> str:
            called.set()
            await asyncio.Event().wait()
            return ""

        async with client:
            session = await soon(client.create_session("Hi"))
            turning = asyncio.ensure_future(session.turn("Go"))
            await soon(called.wait())
            await soon(session.interrupt())
            with pytest.raises(RequestCancelledError):
                await soon(turning)
            await soon(session.interrupt())


async def test_an_answer_that_overtakes_its_events_costs_none_of_them(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery, quirks={"response_overtakes_events": True}) as mock:
        mock.session().turn(say="made").turn(say=[str(number) for number in range(300)])
        async with MeerkatClient() as client:
            session = await soon(client.create_session("Hi"))
            text, result = await soon(session.stream("Go").collect_text())
            assert text == result.text == "".join(map(str, range(300)))


async def test_a_stream_that_lost_the_beginning_of_its_run_says_so_at_once(delivery: Delivery) -> None:
    mock = MeerkatMock(delivery=delivery)
    mock.session().turn(say="made").turn(say="first").turn(say="second")
    mock.fault("overflow", when={"turn": 1, "after": {"run_completed": 1}}, overflow=1)
    async with mock, MeerkatClient() as client:
        session = await soon(client.create_session("Hi"))
        with pytest.raises(EventsLostError, match="the beginning of the turn's events did not arrive"):
            await soon(anext(aiter(session.stream("Go"))))
        text, _ = await soon(session.stream("Go").collect_text())
        assert text == "second"


@pytest.mark.parametrize("log_loses_too", [False, True])
async def test_events_that_a_burst_loses_come_from_the_log_or_are_reported(delivery: Delivery, log_loses_too: bool) -> None:
    words = [f"{number} " for number in range(370)]
    mock = MeerkatMock(delivery=delivery, quirks={"bursts_lose_events": log_loses_too})
    mock.session().turn(say="made").turn(say=words)
    mock.fault("burst", when={"turn": 2, "after": {"text_delta": 20}}, overflow=5)
    async with mock, MeerkatClient() as client:
        session = await soon(client.create_session("Hi"))
        async with session.stream("Go") as stream:
            await soon(anext(aiter(stream)))
            await soon(session.history())  # which is answered when the run is over, and the log has lost what it will lose
            if log_loses_too:
                with pytest.raises(EventsLostError, match="the server's log does not have them"):
                    await soon(stream.collect_text())
            else:
                assert (await soon(stream.collect_text()))[0] == "".join(words)
        assert stream.result.text == "".join(words)


class InPieces:
    """A road on which every line reaches the server in two reads, the server writing between them."""

    def __init__(self, road: MemoryTransport) -> None:
        self._road = road
        self.receive, self.close, self.farewell = road.receive, road.close, road.farewell

    async def send(self, data: bytes) -> None:
        await self._road.send(data[:10])
        for _ in range(10):
            await asyncio.sleep(0)
        await self._road.send(data[10:])


async def test_a_request_that_reached_the_server_in_pieces_fails_and_not_the_turn_that_is_under_way(delivery: Delivery) -> None:
    mock = MeerkatMock(delivery=delivery, quirks={"pieces_lose_lines": True})
    mock.session().turn(say=["word "] * 1000)
    road = mock.start().connect()
    async with MeerkatClient(transport=road) as client:
        link = client._link
        assert link is not None
        async with client.create_session_streaming("go") as stream:
            await soon(anext(aiter(stream)))
            link.connection.transport = InPieces(road)
            with pytest.raises(ProtocolError, match="the server could not read this request; it was probably not carried out"):
                await soon(client.get_config())
            link.connection.transport = road
            assert (await soon(stream.collect())).text == "word " * 1000
        assert await soon(client.get_config())
    mock.assert_clean()


async def test_lines_of_this_client_are_never_in_pieces(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery, quirks={"pieces_lose_lines": True}) as mock:
        mock.session(reuse=True).turn(say=["a", "b"] * 50)
        async with MeerkatClient() as client:
            big = "x" * 50_000
            turns = [client.create_session(f"{number} {big}") for number in range(5)]
            made = await soon(asyncio.gather(*turns, *(client.get_config() for _ in range(20))))
            assert [session.text for session in made[:5]] == ["ab" * 50] * 5


async def test_a_call_of_a_tool_that_overtakes_its_events_is_answered(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery, quirks={"tool_execute_overtakes_events": True}) as mock:
        mock.session().turn(call={"add": {}}).then(say="5")
        client = MeerkatClient()

        @client.tool("add")
        async def add(arguments: dict[str, Any]) -> str:
            return "5"

        async with client:
            text, _ = await soon(client.create_session_streaming("Hi").collect_text())
            assert text == "5"


async def test_an_archive_that_loses_the_running_turn_leaves_nobody_waiting(delivery: Delivery) -> None:
    async with MeerkatMock(delivery=delivery, quirks={"archive_loses_running_turn": True}, strict=False) as mock:
        mock.session().turn(say="made").turn(say=["a", "b"], pace={"first": "1s", "each": "1s"})
        async with MeerkatClient(limits=QUICK) as client:
            session = await soon(client.create_session("Hi"))
            turn = asyncio.ensure_future(session.turn("Go"))
            await asyncio.sleep(0)
            await soon(session.archive())
            await soon(asyncio.wait([turn]))
            assert turn.exception() is None or isinstance(turn.exception(), MeerkatError)
