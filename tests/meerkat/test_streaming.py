"""Turn streams: typed, live, whole, and over when their run is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from meerkat import (
    ConnectionLostError,
    EventsLostError,
    MeerkatClient,
    RequestCancelledError,
    Session,
    StreamNotConsumedError,
    StreamNotOpenError,
    TurnFailedError,
    TurnStalledError,
)
from meerkat.client import Limits
from meerkat.events import ExtractionSucceeded, RunCompleted, RunStarted
from tests.meerkat.client.peer import FAILURE, OTHER, SESSION, ScriptedServer, connected, created, result
from tests.meerkat.client.reading import read, texts


async def test_a_stream_yields_typed_events_and_then_has_the_result(server: ScriptedServer, session: Session) -> None:
    events: list[Any] = []
    stream = session.stream("Go")
    reading = asyncio.ensure_future(read(stream, events))
    request = await server.next("turn/start")
    assert request["params"] == {"session_id": SESSION, "prompt": "Go"}
    await server.send(*server.run(SESSION, "Go", "a", "b"))
    await server.answer(request, result(SESSION, "ab"))
    await reading
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunCompleted)
    assert texts(events) == "ab"
    assert stream.result.text == session.text == "ab"


async def test_events_after_the_answer_are_yielded(server: ScriptedServer, session: Session) -> None:
    events: list[Any] = []
    reading = asyncio.ensure_future(read(session.stream("Go"), events))
    request = await server.next("turn/start")
    await server.answer(request, result(SESSION, "ab"))
    await server.arrived("the answer comes before every event")
    await server.send(*server.run(SESSION, "Go", "a", "b"))
    await reading
    assert texts(events) == "ab"
    assert isinstance(events[-1], RunCompleted)


async def test_a_tail_that_never_comes_is_an_error_and_the_result_is_there(server: ScriptedServer, session: Session) -> None:
    stream = session.stream("Go")
    reading = asyncio.ensure_future(read(stream, []))
    request = await server.next("turn/start")
    await server.send(*server.run(SESSION, "Go", "a")[:-1])
    await server.answer(request, result(SESSION, "a"))
    with pytest.raises(EventsLostError):
        await reading
    assert stream.result.text == "a"


async def test_with_a_schema_the_stream_ends_at_the_extraction(server: ScriptedServer, session: Session) -> None:
    events: list[Any] = []
    reading = asyncio.ensure_future(read(session.stream("Go"), events))
    request = await server.next("turn/start")
    run = server.run(SESSION, "Go", "a")
    run[-1]["params"]["event"]["payload"]["extraction_required"] = True
    await server.send(*run)
    await server.answer(request, result(SESSION, "a"))
    await server.send(
        server.event(SESSION, "text_delta", delta="{}"),
        server.event(SESSION, "extraction_succeeded", session_id=SESSION, structured_output={}),
    )
    await reading
    assert isinstance(events[-1], ExtractionSucceeded)


async def test_a_turn_that_fails_before_its_run_raises_at_once(server: ScriptedServer, session: Session) -> None:
    reading = asyncio.ensure_future(read(session.stream("Go"), []))
    request = await server.next("turn/start")
    await server.refuse(request["id"], *FAILURE)
    with pytest.raises(TurnFailedError):
        await reading


async def test_the_end_of_a_failed_run_is_awaited_when_the_answer_overtakes_it(server: ScriptedServer, session: Session) -> None:
    events: list[Any] = []
    reading = asyncio.ensure_future(read(session.stream("Go"), events))
    request = await server.next("turn/start")
    started, failed = server.failed_run(SESSION, "Go")
    await server.send(started)
    await server.arrived("the answer comes in the middle of the run")
    await server.refuse(request["id"], *FAILURE)
    await server.arrived("the answer comes in the middle of the run")
    await server.send(failed)
    with pytest.raises(TurnFailedError):
        await reading
    assert len(events) == 2


async def test_an_interrupted_turn_ends_its_stream_without_a_terminal_event(server: ScriptedServer, session: Session) -> None:
    reading = asyncio.ensure_future(read(session.stream("Go"), []))
    request = await server.next("turn/start")
    await server.send(*server.run(SESSION, "Go", "a")[:3])
    await server.refuse(request["id"], -32005, "request cancelled")
    with pytest.raises(RequestCancelledError):
        await reading


async def test_nothing_of_a_turn_is_left_over_for_the_next(server: ScriptedServer, session: Session) -> None:
    first: list[Any] = []
    second: list[Any] = []
    stream = session.stream("One")
    reading = asyncio.ensure_future(read(stream, first))
    request = await server.next("turn/start")
    run = server.run(SESSION, "One", "1")
    await server.send(*run[:3])
    await server.refuse(request["id"], -32005, "request cancelled")
    with pytest.raises(RequestCancelledError):
        await reading
    reading = asyncio.ensure_future(read(session.stream("Two"), second))
    request = await server.next("turn/start")
    server.seq.clear()
    await server.send(*run[3:], *server.run(SESSION, "Two", "2"))
    await server.answer(request, result(SESSION, "2"))
    await reading
    assert texts(second) == "2"
    assert isinstance(second[0], RunStarted)


async def test_the_rest_of_an_interrupted_run_is_not_taken_for_the_end_of_the_next_turn(server: ScriptedServer, session: Session) -> None:
    run = server.run(SESSION, "One", "1")
    turning = asyncio.ensure_future(session.turn("One"))
    request = await server.next("turn/start")
    await server.send(*run[:3])
    await server.arrived("the turn is interrupted in the middle of its run")
    await server.refuse(request["id"], -32005, "request cancelled")
    with pytest.raises(RequestCancelledError):
        await turning
    events: list[Any] = []
    reading = asyncio.ensure_future(read(session.stream("Two"), events))
    await server.answer(await server.next("turn/start"), result(SESSION, "2"))
    await server.arrived("the answer overtakes what is left of both runs")
    await server.send(*run[3:])
    server.seq.clear()
    await server.send(*server.run(SESSION, "Two", "2"))
    await reading
    assert texts(events) == "2"


async def test_leaving_early_lets_the_turn_run_on_and_keeps_the_last_result(server: ScriptedServer, session: Session) -> None:
    async with session.stream("Go") as stream:
        request = await server.next("turn/start")
        await server.send(*server.run(SESSION, "Go", "a", "b")[:3])
        async for _ in stream:
            break
    with pytest.raises(StreamNotConsumedError):
        _ = stream.result
    with pytest.raises(StreamNotOpenError):
        await stream.collect()
    await server.answer(request, result(SESSION, "ab"))
    assert await server.quiet()
    assert session.text == "Hi"
    turning = asyncio.ensure_future(session.turn("Next"))
    await server.answer(await server.next("turn/start"), result(SESSION, "n"))
    assert (await turning).text == "n"


async def test_an_error_after_leaving_early_is_not_left_unretrieved(
    server: ScriptedServer, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    async with session.stream("Go"):
        request = await server.next("turn/start")
    await server.refuse(request["id"], *FAILURE)
    assert await server.quiet()
    assert "left early" in caplog.text


async def test_a_stream_cut_off_by_its_task_cancels_the_turn(server: ScriptedServer, session: Session) -> None:
    reading = asyncio.ensure_future(read(session.stream("Go"), []))
    request = await server.next("turn/start")
    await server.quiet()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert (await server.next("cancel"))["params"] == {"request_id": request["id"]}


async def test_iterating_without_entering_sends_the_turn(server: ScriptedServer, session: Session) -> None:
    async def iterate() -> list[Any]:
        return [event async for event in session.stream("Go")]

    reading = asyncio.ensure_future(iterate())
    request = await server.next("turn/start")
    await server.send(*server.run(SESSION, "Go", "a"))
    await server.answer(request, result(SESSION, "a"))
    assert texts(await reading) == "a"


async def test_a_stream_that_is_never_entered_sends_and_keeps_nothing(server: ScriptedServer, session: Session) -> None:
    session.stream("Never")
    turning = asyncio.ensure_future(session.turn("Go"))
    request = await server.next("turn/start")
    assert request["params"]["prompt"] == "Go"
    await server.answer(request, result(SESSION, "x"))
    await turning


async def test_two_streams_on_one_session_run_one_after_the_other(server: ScriptedServer, session: Session) -> None:
    first: list[Any] = []
    second: list[Any] = []
    both = asyncio.gather(read(session.stream("One"), first), read(session.stream("Two"), second))
    for prompt in ("One", "Two"):
        request = await server.next("turn/start")
        assert request["params"]["prompt"] == prompt
        assert await server.quiet()
        await server.send(*server.run(SESSION, prompt, prompt))
        await server.answer(request, result(SESSION, prompt))
    await both
    assert (texts(first), texts(second)) == ("One", "Two")


async def test_overlapping_turns_can_be_asked_for(server: ScriptedServer) -> None:
    client = await connected(server, serialize_turns=False)
    session = await created(server, client)
    turns = asyncio.gather(session.turn("One"), session.turn("Two"))
    one, two = await server.next("turn/start"), await server.next("turn/start")
    await server.answer(two, result(SESSION, "2"))
    await server.answer(one, result(SESSION, "1"))
    assert [turn.text for turn in await turns] == ["1", "2"]
    await client.close()


async def test_a_streamed_create_is_live(server: ScriptedServer, client: MeerkatClient) -> None:
    stream = client.create_session_streaming("Hello")
    async with stream:
        request = await server.next("session/create")
        events = server.run(SESSION, "Hello", "a", "b")
        await server.send(*events[:3])
        iterator = aiter_of(stream)
        seen = [await asyncio.wait_for(iterator.__anext__(), 1) for _ in range(3)]
        assert stream.session_id == SESSION
        await server.send(*events[3:])
        await server.answer(request, result(SESSION, "ab"))
        seen += [event async for event in iterator]
    assert texts(seen) == "ab"


def aiter_of(stream: Any) -> Any:
    return stream.__aiter__()


async def test_several_streamed_creates_do_not_mix(server: ScriptedServer, client: MeerkatClient) -> None:
    first: list[Any] = []
    second: list[Any] = []
    both = asyncio.gather(read(client.create_session_streaming("One"), first), read(client.create_session_streaming("Two"), second))
    one, two = await server.next("session/create"), await server.next("session/create")
    ones, twos = server.run(OTHER, "One", "1"), server.run(SESSION, "Two", "2")
    for event in (item for pair in zip(twos, ones, strict=True) for item in pair):
        await server.send(event)
    await server.answer(two, result(SESSION, "2"))
    await server.answer(one, result(OTHER, "1"))
    await both
    assert (texts(first), texts(second)) == ("1", "2")


async def test_streamed_creates_with_one_prompt_get_their_own_events(server: ScriptedServer, client: MeerkatClient) -> None:
    streams = [client.create_session_streaming("Same") for _ in range(2)]
    seen: list[list[Any]] = [[], []]
    both = asyncio.gather(*(read(stream, events) for stream, events in zip(streams, seen, strict=True)))
    one, two = await server.next("session/create"), await server.next("session/create")
    await server.send(*server.run(OTHER, "Same", "other"), *server.run(SESSION, "Same", "session"))
    await server.answer(two, result(OTHER, "other"))
    await server.answer(one, result(SESSION, "session"))
    await both
    assert [texts(events) for events in seen] == ["session", "other"]
    assert [stream.result.session_id for stream in streams] == [SESSION, OTHER]


async def test_leaving_one_streamed_create_does_not_disturb_another(server: ScriptedServer, client: MeerkatClient) -> None:
    events: list[Any] = []
    async with client.create_session_streaming("One"):
        one = await server.next("session/create")
    reading = asyncio.ensure_future(read(client.create_session_streaming("Two"), events))
    two = await server.next("session/create")
    await server.send(*server.run(OTHER, "One", "1"), *server.run(SESSION, "Two", "2"))
    await server.answer(one, result(OTHER, "1"))
    await server.answer(two, result(SESSION, "2"))
    await reading
    assert texts(events) == "2"


async def test_too_many_unread_events_raise_in_the_stream(server: ScriptedServer) -> None:
    client = await connected(server, limits=Limits(events_held=10))
    session = await created(server, client)
    async with session.stream("Go") as stream:
        request = await server.next("turn/start")
        await server.send(*server.run(SESSION, "Go", *("x" * 50)))
        await server.answer(request, result(SESSION, "x" * 50))
        await server.quiet()
        with pytest.raises(EventsLostError, match="10 events"):
            async for _ in stream:
                pass
    await client.close()


async def test_a_hole_is_filled_from_the_log(server: ScriptedServer, session: Session) -> None:
    events: list[Any] = []
    reading = asyncio.ensure_future(read(session.stream("Go"), events))
    request = await server.next("turn/start")
    run = server.run(SESSION, "Go", "a", "b", "c", "d")
    await server.send(*run[:3], *run[5:])
    await server.answer(request, result(SESSION, "abcd"))
    await server.answer(await server.next("events/latest_cursor"), {"cursor": {"sequence": 40}})
    asked = await server.next("events/list_since")
    log = [{"event": event["params"]["event"]["payload"]} for event in run]
    await server.answer(asked, {"events": log, "has_more": False})
    await reading
    assert texts(events) == "abcd"


async def test_a_hole_that_stays_is_raised_at_the_end(server: ScriptedServer, session: Session) -> None:
    events: list[Any] = []
    stream = session.stream("Go")
    reading = asyncio.ensure_future(read(stream, events))
    request = await server.next("turn/start")
    run = server.run(SESSION, "Go", "a", "b", "c", "d")
    first = run[0]["params"]["event"]["seq"]
    await server.send(*run[:3], *run[5:])
    await server.answer(request, result(SESSION, "abcd"))
    await server.answer(await server.next("events/latest_cursor"), {"cursor": {"sequence": 0}})
    await server.answer(await server.next("events/list_since"), {"has_more": False})
    with pytest.raises(EventsLostError) as caught:
        await reading
    assert caught.value.missing == ((first + 3, first + 4),)
    assert texts(events) == "ad"
    assert stream.result.text == "abcd"


async def test_a_notification_without_an_event_does_not_end_the_stream(
    server: ScriptedServer, session: Session, client: MeerkatClient
) -> None:
    events: list[Any] = []
    reading = asyncio.ensure_future(read(session.stream("Go"), events))
    request = await server.next("turn/start")
    run = server.run(SESSION, "Go", "a", "b")
    await server.send(*run[:3], {"jsonrpc": "2.0", "method": "session/event", "params": {"session_id": SESSION}}, *run[3:])
    await server.answer(request, result(SESSION, "ab"))
    await reading
    assert texts(events) == "ab"
    assert client.oddities is not None
    assert client.oddities.malformed_notifications == 1


async def test_collect_text_joins_the_deltas(server: ScriptedServer, session: Session) -> None:
    collecting = asyncio.ensure_future(session.stream("Go").collect_text())
    request = await server.next("turn/start")
    await server.send(*server.run(SESSION, "Go", "a", "b"))
    await server.answer(request, result(SESSION, "ab"))
    text, run_result = await collecting
    assert (text, run_result.text) == ("ab", "ab")


async def test_the_result_is_not_there_before_the_end(session: Session) -> None:
    with pytest.raises(StreamNotConsumedError):
        _ = session.stream("Go").result


async def test_an_answer_that_stays_away_after_the_run_is_raised(server: ScriptedServer, session: Session) -> None:
    reading = asyncio.ensure_future(read(session.stream("Go"), []))
    await server.next("turn/start")
    await server.send(*server.run(SESSION, "Go", "a"))
    with pytest.raises(TurnStalledError):
        await asyncio.wait_for(reading, 20)
    following = asyncio.ensure_future(session.turn("Next"))
    cancel = await server.next("cancel")
    await server.refuse(cancel["params"]["request_id"], -32005, "request cancelled before response publish")
    await server.answer(await server.next("turn/start"), result(SESSION, "n"))
    assert (await following).text == "n"


async def test_a_turn_whose_run_ended_is_not_waited_for_for_ever(server: ScriptedServer) -> None:
    client = await connected(server, limits=Limits(request_deadline_s=0.05))
    creating = asyncio.ensure_future(client.create_session("Hello"))
    await server.next("session/create")
    await server.send(*server.run(SESSION, "Hello", "Hi"))
    with pytest.raises(TurnStalledError, match="history"):
        await asyncio.wait_for(creating, 20)
    await client.close()


@pytest.mark.parametrize("trouble", ["refused", "no cursor", "other neighbours", "no run"])
async def test_a_hole_is_not_filled_by_a_guess(server: ScriptedServer, session: Session, trouble: str) -> None:
    stream = session.stream("Go")
    reading = asyncio.ensure_future(read(stream, []))
    request = await server.next("turn/start")
    run = server.run(SESSION, "Go", "a", "b", "c", "d")
    await server.send(*run[:3], *run[5:])
    await server.answer(request, result(SESSION, "abcd"))
    cursor = await server.next("events/latest_cursor")
    if trouble == "refused":
        await server.refuse(cursor["id"], -32600, "event replay is not enabled for this runtime host")
    elif trouble == "no cursor":
        await server.answer(cursor, {})
    else:
        await server.answer(cursor, {"cursor": {"sequence": 9}})
        log = [{"event": event["params"]["event"]["payload"]} for event in run]
        log[0 if trouble == "no run" else 2] = {"event": {"type": "text_delta", "delta": "other"}}
        await server.answer(await server.next("events/list_since"), {"events": [*log, "odd"]})
    with pytest.raises(EventsLostError):
        await reading
    assert stream.missing


async def test_a_notice_with_a_number_of_its_own_is_no_hole(server: ScriptedServer, session: Session) -> None:
    events: list[Any] = []
    reading = asyncio.ensure_future(read(session.stream("Go"), events))
    request = await server.next("turn/start")
    run = server.run(SESSION, "Go", "a", "b")
    notice = server.event(SESSION, "tool_config_changed", seq=99, payload={})
    await server.send(*run[:3], notice, *run[3:])
    await server.answer(request, result(SESSION, "ab"))
    await reading
    assert texts(events) == "ab"


async def test_collect_returns_the_result_when_only_events_are_lost(server: ScriptedServer, session: Session) -> None:
    collecting = asyncio.ensure_future(session.stream("Go").collect())
    request = await server.next("turn/start")
    await server.send(*server.run(SESSION, "Go", "a")[:-1])
    await server.answer(request, result(SESSION, "a"))
    assert (await collecting).text == "a"


async def test_a_stream_without_result_cannot_be_collected(server: ScriptedServer) -> None:
    client = await connected(server, limits=Limits(events_held=2))
    session = await created(server, client)
    async with session.stream("Go") as stream:
        await server.next("turn/start")
        await server.send(*server.run(SESSION, "Go", "a", "b", "c"))
        await server.quiet()
        with pytest.raises(EventsLostError):
            await stream.collect()
    await client.close()


async def test_a_kept_alive_session_may_be_answered_long_before_its_run(server: ScriptedServer, client: MeerkatClient) -> None:
    stream = client.create_session_streaming("Hello", keep_alive=True, comms_name="x")
    collecting = asyncio.ensure_future(stream.collect())
    await server.answer(await server.next("session/create"), {**result(SESSION), "turns": 0})
    assert (await asyncio.wait_for(collecting, 20)).turns == 0


async def test_the_end_of_the_server_ends_the_stream(server: ScriptedServer, session: Session) -> None:
    stream = session.stream("Go")
    assert stream.session is session
    reading = asyncio.ensure_future(read(stream, []))
    await server.next("turn/start")
    await server.send(*server.run(SESSION, "Go", "a")[:3])
    await server.far.close()
    with pytest.raises(ConnectionLostError):
        await asyncio.wait_for(reading, 20)


async def test_text_takes_part_where_a_round_had_no_deltas(server: ScriptedServer, session: Session) -> None:
    collecting = asyncio.ensure_future(session.stream("Go").collect_text())
    request = await server.next("turn/start")
    run = server.run(SESSION, "Go")
    run[2]["params"]["event"]["payload"]["content"] = "whole"
    await server.send(*run)
    await server.answer(request, result(SESSION, "whole"))
    assert (await collecting)[0] == "whole"
