from __future__ import annotations

import asyncio
from typing import Any

import pytest

from meerkat_mock.server import Server
from tests.meerkat_mock.talk import ALIAS, Talk, moments, says, script, talking

UNKNOWN = "00000000-0000-7000-8000-000000000000"
FAILS = script({"fail": {"status": 400}}, say="bad")
SLOW = script({"say": ["late"], "pace": {"first": 60}}, say="slow")


def streamed(talk: Talk, stream_id: str) -> list[dict[str, Any]]:
    return [params for method, params in talk.heard if method == "session/stream_event" and params["stream_id"] == stream_id]


def ends(talk: Talk) -> list[tuple[str, str]]:
    return [(params["stream_id"], params["outcome"]) for method, params in talk.heard if method == "session/stream_end"]


async def opened(talk: Talk, session: str) -> str:
    return str((await talk.call("session/stream_open", session_id=session))["stream_id"])


def scope(session: str) -> dict[str, str]:
    return {"type": "session", "session_id": session}


async def test_every_stream_gets_every_event_with_the_envelope_that_session_event_has() -> None:
    async with talking() as talk:
        session = await talk.create()
        streams = [await opened(talk, session) for _ in range(2)]
        talk.heard.clear()
        await talk.turn(session, says("x"))
        live = talk.events(session)
        for stream in streams:
            seen = streamed(talk, stream)
            assert [params["sequence"] for params in seen] == list(range(1, len(live) + 1))
            assert [params["event"] for params in seen] == live
        assert len({event["event_id"] for event in live}) == len(live)


async def test_a_stream_of_a_deferred_session_sees_its_first_run_and_later_ones() -> None:
    async with talking() as talk:
        session = await talk.create(initial_turn="deferred")
        stream = await opened(talk, session)
        await talk.turn(session, "a")
        await talk.turn(session, "b")
        kinds = [params["event"]["payload"]["type"] for params in streamed(talk, stream)]
        assert kinds.count("run_started") == kinds.count("run_completed") == 2


@pytest.mark.parametrize("end", ["failure", "interrupt", "archive"])
async def test_a_stream_ends_when_its_live_session_does(end: str) -> None:
    async with talking() as talk:
        session = await talk.create()
        stream = await opened(talk, session)
        if end == "failure":
            await talk.refusal("turn/start", session_id=session, prompt=FAILS)
        elif end == "interrupt":
            await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
            await talk.hear("turn_started", session_id=session, count=2)
            await talk.call("turn/interrupt", session_id=session)
            await moments()
        else:
            await talk.call("session/archive", session_id=session)
        assert ends(talk) == [(stream, "remote_end")]
        if end == "failure":
            assert streamed(talk, stream)[-1]["event"]["payload"]["type"] == "run_failed"
        assert "stream not found" in await talk.refusal("session/stream_open", session_id=session)


async def test_closing_remembers_an_ended_stream_once() -> None:
    async with talking() as talk:
        session = await talk.create()
        stream = await opened(talk, session)
        answers = [await talk.call("session/stream_close", stream_id=stream.upper()) for _ in range(3)]
        assert [answer["already_closed"] for answer in answers] == [False, True, False]
        assert {answer["stream_id"] for answer in answers} == {stream}
        assert ends(talk) == [(stream, "explicit_close")]
        await talk.turn(session, "x")
        assert streamed(talk, stream) == []
        assert await talk.refusal("session/stream_close", stream_id="nope") == "-32602 Invalid stream_id: nope"


async def test_a_stream_belongs_to_the_connection_that_opened_it() -> None:
    server = Server()
    first = Talk(server.connect())
    await first.call("config/patch", patch=ALIAS)
    session = await first.create()
    stream = await opened(first, session)
    second = Talk(server.connect())
    assert (await second.call("session/stream_close", stream_id=stream))["already_closed"] is False
    await second.turn(session, "x")
    await moments()
    assert streamed(first, stream)
    assert not streamed(second, stream)
    await first.hang_up()
    await moments()
    assert (await second.turn(session, "y"))["text"] == "OK"
    await second.hang_up()
    await server.close()


async def test_the_log_replays_bare_events_of_all_incarnations_in_pages() -> None:
    async with talking() as talk:
        session = await talk.create()
        await talk.refusal("turn/start", session_id=session, prompt=FAILS)
        latest = (await talk.call("events/latest_cursor", scope=scope(session)))["cursor"]["sequence"]
        assert latest == len(talk.events(session)) == 9
        seen: list[Any] = []
        cursor: Any = None
        while True:
            page = await talk.call("events/list_since", scope=scope(session), cursor=cursor, limit=4)
            seen += page["events"]
            cursor = page["events"][-1]["cursor"]
            if not page["has_more"]:
                break
        assert [item["event"] for item in seen] == [event["payload"] for event in talk.events(session)]
        assert [item["event_id"]["sequence"] for item in seen] == list(range(1, 10))
        rest = await talk.call("events/list_since", scope=scope(session), cursor=cursor)
        assert "events" not in rest
        assert rest["has_more"] is False


async def test_a_cursor_must_be_of_the_same_log_and_not_ahead() -> None:
    async with talking() as talk:
        session, other = await talk.create(), await talk.create()
        ahead = {"scope": scope(session), "sequence": 99}
        refusal = await talk.refusal("events/list_since", scope=scope(session), cursor=ahead)
        assert refusal == "-32602 event replay cursor sequence 99 is ahead of latest sequence 6"
        elsewhere = {"scope": scope(other), "sequence": 1}
        refusal = await talk.refusal("events/list_since", scope=scope(session), cursor=elsewhere)
        assert refusal == "-32602 event replay cursor scope does not match requested scope"
        assert await talk.refusal("events/latest_cursor", scope=scope(UNKNOWN)) == f"-32001 Session not found: {UNKNOWN}"


async def test_a_limit_of_nothing_is_one() -> None:
    async with talking() as talk:
        session = await talk.create()
        assert len((await talk.call("events/list_since", scope=scope(session), limit=0))["events"]) == 1


async def test_a_snapshot_is_what_read_shows_at_a_place_of_the_log() -> None:
    async with talking() as talk:
        session = await talk.create()
        snapshot = await talk.call("events/snapshot", scope=scope(session))
        info = await talk.call("session/read", session_id=session)
        del info["session_ref"]
        assert snapshot["snapshot"] == {"type": "session", "session": info}
        assert snapshot["cursor"]["sequence"] == 6


async def test_the_log_answers_while_a_turn_runs() -> None:
    async with talking() as talk:
        session = await talk.create()
        await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await talk.hear("turn_started", session_id=session, count=2)
        _, answer = await talk.ask("events/latest_cursor", {"scope": scope(session)})
        await moments()
        assert answer.result()["cursor"]["sequence"] == 8


async def test_the_log_loses_the_middle_of_a_burst_when_that_is_asked_for() -> None:
    async with talking(bursts_lose_events=True) as talk:
        session = await talk.create(script({"say": ["x"] * 600}))
        latest = (await talk.call("events/latest_cursor", scope=scope(session)))["cursor"]["sequence"]
        assert latest == 8 + 256
        assert len(talk.events(session, "text_delta")) == 600
        page = await talk.call("events/list_since", scope=scope(session))
        assert page["events"][-1]["event"]["type"] == "run_completed"


async def test_a_client_that_does_not_read_loses_events_and_its_streams_when_that_is_asked_for() -> None:
    async with talking(bursts_lose_events=True) as talk:
        session = await talk.create()
        stream = await opened(talk, session)
        talk.reads.clear()
        _, answer = await talk.ask("turn/start", {"session_id": session, "prompt": script({"say": ["x"] * 6000})})
        await moments(2000)
        talk.reads.set()
        await answer
        assert len(talk.events(session, "text_delta")) < 6000
        end = next(params for method, params in talk.heard if method == "session/stream_end")
        error = {"code": "stream_queue_overflow", "message": "transport stream notification queue overflow"}
        assert (end["stream_id"], end["outcome"], end["error"]) == (stream, "terminal_error", error)
        closed = await talk.call("session/stream_close", stream_id=stream)
        assert closed["already_closed"]


async def test_streams_of_sessions_that_run_at_once_do_not_mix() -> None:
    async with talking() as talk:
        sessions = [await talk.create(initial_turn="deferred") for _ in range(20)]
        streams = {session: await opened(talk, session) for session in sessions}
        answers = [(await talk.ask("turn/start", {"session_id": session, "prompt": says(session)}))[1] for session in sessions]
        await asyncio.gather(*answers)
        for session, stream in streams.items():
            texts = [p["event"]["payload"]["delta"] for p in streamed(talk, stream) if p["event"]["payload"]["type"] == "text_delta"]
            assert texts == [session]


async def test_ids_that_stand_alone_may_be_urns() -> None:
    async with talking() as talk:
        session = await talk.create()
        stream = (await talk.call("session/stream_open", session_id=session))["stream_id"]
        urn = f"urn:uuid:{session.upper()}"
        listed = await talk.call("events/list_since", scope=scope(urn), cursor={"scope": scope(urn), "sequence": 5})
        assert (listed["scope"], len(listed["events"])) == (scope(session), 1)
        closed = await talk.call("session/stream_close", stream_id=f"urn:uuid:{stream}")
        assert closed == {"stream_id": stream, "closed": True, "already_closed": False}
        assert talk.heard[-1][0] == "session/stream_end"


async def test_the_empty_log_of_an_archived_fork_is_not_found() -> None:
    async with talking() as talk:
        session = await talk.create()
        fork = (await talk.call("session/fork_at", session_id=session, message_index=1))["session_id"]
        assert (await talk.call("events/latest_cursor", scope=scope(fork)))["cursor"]["sequence"] == 0
        await talk.call("session/archive", session_id=fork)
        for method in ("events/latest_cursor", "events/list_since", "events/snapshot"):
            assert await talk.refusal(method, scope=scope(fork)) == f"-32001 Session not found: {fork}"
