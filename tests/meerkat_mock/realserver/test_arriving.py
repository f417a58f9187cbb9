"""An answer that arrives over HTTP is heard piece by piece, and every way in which it can end has its own outcome."""

from __future__ import annotations

import json
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from meerkat_mock.quirks import Quirks
from meerkat_mock.realserver import event_stream, http_post
from meerkat_mock.realserver.event_stream import EventStream
from meerkat_mock.realserver.http_answer import HttpAnswer
from meerkat_mock.runtime import World
from meerkat_mock.world.model import Arriving, CallFailed, CleanCut, Complete, ModelAnswer, ProviderFailure, Reset
from tests.meerkat_mock.realserver.peer import CHUNKED, DONE, HEAD, STOP, STREAM, arriving, chunk, endpoint, event, heard, model_of, says
from tests.meerkat_mock.talk import Refused, talking

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from meerkat_mock.world.model import Chunk
    from tests.meerkat_mock.realserver.peer import Peer
    from tests.meerkat_mock.talk import Talk


async def outcome(*said: bytes | None) -> tuple[ModelAnswer, list[str]]:
    """Return what an answer of these bytes comes to, and what was complained of."""
    complaints: list[str] = []
    async with endpoint(*said, None) as peer:
        return await heard(await arriving(model_of(peer.configuration(), complaints))), complaints


# ---- while it comes ------------------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def talking_to(*said: bytes | None, silence_s: float = 10.0) -> AsyncGenerator[tuple[Peer, Talk]]:
    """Talk to a server whose model is an endpoint that begins with these bytes."""
    async with endpoint(*said) as peer:
        model = model_of(peer.configuration(), silence_s=silence_s)
        async with talking(World(quirks=Quirks("server"), model=model)) as talk:
            yield peer, talk


def opened(answer: ModelAnswer | Arriving) -> AsyncGenerator[list[Chunk], None]:
    assert isinstance(answer, Arriving)
    return answer.chunks()


async def test_each_delta_is_heard_while_the_endpoint_still_streams() -> None:
    async with endpoint(CHUNKED, chunk(says("Hel"))) as peer:
        answer = await arriving(model_of(peer.configuration()))
        async with aclosing(opened(answer)) as chunks:
            assert await chunks.__anext__() == [("text_delta", "Hel")]
            peer.say.put_nowait(chunk(says("lo")[:30]))
            peer.say.put_nowait(chunk(says("lo")[30:]))
            assert await chunks.__anext__() == [("text_delta", "lo")]
            peer.say.put_nowait(chunk(event(STOP) + DONE))
            assert [burst async for burst in chunks] == []
        assert isinstance(answer, Arriving)
        assert (answer.heard().text, answer.heard().ending) == ("Hello", Complete())


async def test_giving_an_answer_up_closes_the_connection() -> None:
    async with endpoint(CHUNKED, chunk(says("Hel"))) as peer:
        async with aclosing(opened(await arriving(model_of(peer.configuration())))) as chunks:
            await chunks.__anext__()
            assert not peer.left.is_set()
        await peer.left.wait()


async def test_nothing_is_read_behind_the_end_of_the_stream_even_if_the_connection_stays() -> None:
    async with endpoint(STREAM, says("a") + event(STOP) + DONE + b"data: {nonsense\n\n") as peer:
        complaints: list[str] = []
        answer = await heard(await arriving(model_of(peer.configuration(), complaints)))
        await peer.left.wait()
    assert (answer.text, answer.ending, complaints) == ("a", Complete(), [])


async def test_a_turn_shows_its_deltas_while_the_endpoint_still_streams() -> None:
    async with talking_to(CHUNKED, chunk(says("Hel"))) as (peer, talk):
        session = await talk.create("hi", initial_turn="deferred")
        _id, turn = await talk.ask("turn/start", {"session_id": session, "prompt": "hi"})
        await talk.hear("text_delta", session_id=session)
        assert not turn.done()
        peer.say.put_nowait(chunk(says("lo") + event(STOP) + DONE))
        assert (await turn)["text"] == "Hello"
        assert [each["payload"]["delta"] for each in talk.events(session, "text_delta")] == ["Hel", "lo"]


async def test_an_interrupt_in_the_middle_of_an_answer_closes_the_connection() -> None:
    async with talking_to(CHUNKED, chunk(says("Hel"))) as (peer, talk):
        session = await talk.create("hi", initial_turn="deferred")
        _id, turn = await talk.ask("turn/start", {"session_id": session, "prompt": "hi"})
        await talk.hear("text_delta", session_id=session)
        await talk.call("turn/interrupt", session_id=session)
        await peer.left.wait()
        with pytest.raises(Refused, match="-32005"):
            await turn
        assert talk.events(session)[-1]["payload"]["type"] == "text_delta"


async def test_reasoning_is_complete_behind_the_deltas_that_came() -> None:
    thought = event({"choices": [{"index": 0, "delta": {"reasoning_content": "Hm"}, "finish_reason": None}]})
    async with talking_to(STREAM, thought, says("a") + event(STOP) + DONE) as (_peer, talk):
        session = await talk.create("hi")
        types = [each["payload"]["type"] for each in talk.events(session)]
    assert types[2:6] == ["reasoning_delta", "text_delta", "reasoning_complete", "text_complete"]


async def test_an_answer_that_breaks_is_shown_as_far_as_it_came_and_asked_for_again() -> None:
    cut = HEAD + b"content-length: 5000\r\n\r\n" + says("Hel")
    whole = STREAM + says("Hello") + event(STOP) + DONE
    async with talking_to(cut, None, whole, None) as (_peer, talk):
        session = await talk.create("hi")
        shown = [each["payload"].get("delta", each["payload"]["type"]) for each in talk.events(session)]
    assert shown[2:5] == ["Hel", "retrying", "Hello"]


# ---- how it ends ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(HEAD + b"content-length: 5000\r\n\r\n" + says("a"), id="shorter than its length"),
        pytest.param(CHUNKED + chunk(says("a")), id="no last chunk"),
        pytest.param(CHUNKED + chunk(says("a")) + b"20\r\ndata: {", id="half a chunk"),
        pytest.param(CHUNKED + chunk(says("a") + event(STOP)), id="broken behind the finish reason"),
    ],
)
async def test_a_body_that_is_cut_in_the_middle_is_a_broken_connection(said: bytes) -> None:
    answer, complaints = await outcome(said)
    assert (answer.say, answer.ending) == (("a",), Reset())
    assert "broke in the middle" in complaints[0]


async def test_without_the_end_mark_a_finish_reason_is_an_end() -> None:
    answer, complaints = await outcome(STREAM, says("a") + event(STOP))
    assert (answer.text, answer.ending, complaints) == ("a", Complete(), [])


async def test_without_a_finish_reason_an_orderly_end_is_a_clean_cut() -> None:
    for said in (STREAM + says("a") + DONE, STREAM + says("a"), CHUNKED + chunk(says("a")) + b"0\r\n\r\n", STREAM + says("a").rstrip()):
        answer, _complaints = await outcome(said)
        assert (answer.text, answer.ending) == ("a", CleanCut())


async def test_an_event_that_is_no_json_is_passed_over_and_told() -> None:
    answer, complaints = await outcome(STREAM, b": ping\r\n\r\ndata: {\x1b[2J\n\ndata: 7\n\n" + says("a") + event(STOP) + DONE)
    assert (answer.text, answer.ending) == ("a", Complete())
    assert "is no JSON and is passed over: '{\\x1b[2J'" in complaints[0]
    assert "is no object and is passed over: '7'" in complaints[1]


@pytest.mark.parametrize(("code", "status"), [(429, 429), ("overloaded", 500), (True, 500)])
async def test_an_error_in_the_middle_of_a_stream_counts_as_its_status(code: object, status: int) -> None:
    answer, complaints = await outcome(STREAM, says("a"), event({"error": {"message": "busy", "code": code}}), says("b"))
    assert isinstance(answer.ending, ProviderFailure)
    assert (answer.say, answer.ending.status) == (("a",), status)
    assert "an error came in the middle of the stream" in complaints[0]


async def test_silence_ends_a_call_that_is_worth_another_try() -> None:
    complaints: list[str] = []
    async with endpoint(CHUNKED, chunk(says("a"))) as peer:
        answer = await heard(await arriving(model_of(peer.configuration(), complaints, silence_s=0.05)))
        await peer.left.wait()
    assert (answer.say, answer.ending) == (("a",), CallFailed("no answer for 0.05 s", "network_timeout", 50))
    assert "no answer for 0.05 s" in complaints[0]


async def test_a_call_may_take_as_long_as_its_model_is_given() -> None:
    async with endpoint(CHUNKED, chunk(says("a"))) as peer:
        configuration = peer.configuration(model={"call_timeout_secs": 0.05})
        answer = await heard(await arriving(model_of(configuration)))
    assert (answer.say, answer.ending) == (("a",), CallFailed("the call took more than 0.05 s", "call_timeout", 50))


async def test_a_call_that_took_too_long_is_retried_and_says_how_long_it_took() -> None:
    async with talking_to(STREAM, silence_s=0.02) as (_peer, talk):
        session = await talk.create("hi", initial_turn="deferred")
        with pytest.raises(Refused, match="retry exhausted"):
            await talk.turn(session, "hi")
        failures = [each["payload"]["retry"]["failure"] for each in talk.events(session, "retrying")]
    assert failures == [{"provider": "self_hosted", "kind": "network_timeout", "message": "no answer for 0.02 s", "duration_ms": 20}] * 3


async def test_a_line_without_end_is_refused_by_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_stream, "LINE_LIMIT_BYTES", 4000)
    answer, complaints = await outcome(STREAM, says("a"), b"data: " + b"x" * 5000)
    assert isinstance(answer.ending, CallFailed)
    assert answer.ending.kind is None
    assert answer.ending.message.startswith("a line of the stream is longer than 4000 bytes; it begins with 'data: xxx")
    assert answer.ending.message in complaints[0]


async def test_an_answer_without_end_is_refused_by_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_post, "ANSWER_LIMIT_BYTES", 4000)
    answer, _complaints = await outcome(STREAM, says("a"), says("b") * 200)
    assert answer.ending == CallFailed("the answer is longer than 4000 bytes")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", "this is no HTTP/1.1: 'SSH-2.0-OpenSSH'"),
        (b"HTTP/1.1 two hundred\r\n\r\n", "this is no HTTP/1.1"),
        (b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000, "the head of the answer is longer than 65536 bytes"),
        (HEAD + b"content-length: many\r\n\r\n", "content-length is no number: 'many'"),
        (CHUNKED + b"zz\r\n", "the size of a chunk is no number: 'zz'"),
        (CHUNKED + b"5" * 5000, "the line before a chunk of the answer is longer than 4096 bytes"),
        (CHUNKED + b"2\r\nabcd", "a chunk of the answer is longer than its size says"),
        (b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{}", "one JSON object although a stream of events"),
    ],
)
async def test_what_is_no_answer_is_refused_for_good_with_the_reason(said: bytes, reason: str) -> None:
    answer, complaints = await outcome(said)
    assert isinstance(answer.ending, CallFailed)
    assert (answer.ending.kind, reason in answer.ending.message) == (None, True)
    assert reason in complaints[0]


async def test_an_answer_before_the_answer_is_passed_over() -> None:
    answer, _complaints = await outcome(b"HTTP/1.1 100 Continue\r\n\r\n" + STREAM + says("a") + event(STOP) + DONE)
    assert (answer.text, answer.ending) == ("a", Complete())


async def test_a_connection_that_ends_before_an_answer_begins_is_a_broken_one() -> None:
    answer, complaints = await outcome()
    assert answer.ending == Reset()
    assert "the connection ended before an answer began" in complaints[0]


async def test_a_refusal_is_told_with_its_status() -> None:
    answer, complaints = await outcome(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 4\r\n\r\nkeys")
    assert answer.ending == ProviderFailure(401, "keys", "keys")
    assert complaints[0].endswith("status 401: 'keys'")


@pytest.mark.parametrize("cuts", [1, 2, 3, 7, 64])
def test_where_the_bytes_are_cut_changes_nothing(cuts: int) -> None:
    body = says("Grüße") + says("\r\n") + b"data: [DONE]\r\n\r\n"
    sent = CHUNKED + chunk(body[:40]) + chunk(body[40:41]) + chunk(body[41:]) + b"0;x=y\r\n\r\n"
    answer, stream = HttpAnswer(), EventStream(lambda text: pytest.fail(text))
    found = [each for at in range(0, len(sent), cuts) for each in stream.feed(answer.feed(sent[at : at + cuts]))]
    assert [each["choices"][0]["delta"]["content"] for each in found] == ["Grüße", "\r\n"]  # type: ignore[index,call-overload]
    assert (answer.whole, stream.done) == (True, True)


# ---- where it is asked ---------------------------------------------------------------------------------------------------------------


async def test_the_token_of_the_server_goes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_TOKEN", "s3cret")
    async with endpoint(STREAM + DONE, None) as peer:
        await heard(await arriving(model_of(peer.configuration({"bearer_token_env": "DESK_TOKEN"}))))
        head, _, body = peer.asked.get_nowait().partition(b"\r\n\r\n")
    assert b"\r\nauthorization: Bearer s3cret" in head
    assert json.loads(body)["stream_options"] == {"include_usage": True}


async def test_a_host_with_several_addresses_is_reached_at_the_one_that_answers() -> None:
    async with endpoint(STREAM + says("a") + event(STOP) + DONE, None) as peer:
        answer = await heard(await arriving(model_of(peer.configuration({"base_url": f"http://localhost:{peer.port}/v1/"}))))
    assert answer.text == "a"


@pytest.mark.parametrize(
    ("server", "reason"),
    [
        ({"base_url": "https://127.0.0.1:1"}, "is no address of the form http://HOST:PORT/PATH"),
        ({"api_style": "responses"}, "`self_hosted.servers.local.api_style` is 'responses'; only 'chat_completions' is spoken here"),
    ],
)
async def test_a_server_that_cannot_be_asked_is_refused_with_the_reason(server: dict[str, str], reason: str) -> None:
    complaints: list[str] = []
    async with endpoint() as peer:
        answer = await heard(await arriving(model_of(peer.configuration(dict(server)), complaints)))
    assert isinstance(answer.ending, ProviderFailure)
    assert (answer.ending.status, reason in complaints[0]) == (404, True)
