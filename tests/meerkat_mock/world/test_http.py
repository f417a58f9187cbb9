"""The chat-completions endpoint as a real server would use it: over HTTP, streamed and whole, failures included."""

from __future__ import annotations

import http.client
import json
import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.scenario.player import Player
from meerkat_mock.scenario.reader import read_text
from meerkat_mock.world import http as serving
from meerkat_mock.world.http import ModelEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat_mock.world.model import ModelAnswer, ModelRequest

SLOW = {"say": ["x" * 1000] * 40, "pace": {"each": "5ms"}}


def wait_for_the_threads() -> None:
    """Wait until nobody serves a request any more."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(10)


@pytest.fixture
def port() -> Iterator[int]:
    scenario = "sessions: [{match: {prompt: weather}, turns: [{rounds: [{call: [{forecast: {city: Oslo}}]}, {say: [Ra, in], think: Hm}]}]}]"
    with ModelEndpoint(Player(read_text(scenario + "\ndefaults: {inline: true, unmatched: auto}"))) as url:
        yield int(url.rsplit(":", 1)[1])


def ask(port: int, messages: list[dict[str, Any]], **more: Any) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", "/v1/chat/completions", json.dumps({"model": "scripted", "messages": messages, **more}))
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def streamed(port: int, prompt: str, **more: Any) -> list[dict[str, Any]]:
    """Return the events of a stream; it must end with its mark."""
    lines = ask(port, [{"role": "user", "content": prompt}], stream=True, **more)[1].decode().split("\n\n")
    assert lines[-2:] == ["data: [DONE]", ""]
    return [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]


def raw(port: int, *requests: bytes) -> bytes:
    """Return everything that comes back for these bytes, up to the end of the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for each in requests:
            connection.sendall(each)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def post(body: bytes, path: str = "/v1/chat/completions") -> bytes:
    return f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def refusal(answer: bytes) -> tuple[int, dict[str, Any]]:
    """Return the status and the error of a refusal, which has every key that such an error has."""
    head, _, body = answer.partition(b"\r\n\r\n")
    error = json.loads(body)["error"]
    assert list(error) == ["message", "type", "param", "code"]
    return int(head.split()[1]), error


def test_a_script_is_played_across_tool_rounds(port: int) -> None:
    messages: list[dict[str, Any]] = [{"role": "user", "content": "weather"}]
    status, body = ask(port, messages)
    message = json.loads(body)["choices"][0]["message"]
    assert status == 200
    assert json.loads(message["tool_calls"][0]["function"]["arguments"]) == {"city": "Oslo"}
    messages += [message, {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "rain"}]
    assert json.loads(ask(port, messages)[1])["choices"][0]["message"]["content"] == "Rain"


def test_a_stream_holds_every_chunk_the_finish_reason_and_the_usage(port: int) -> None:
    prompt = '@script[{"say": ["He", "llo"], "usage": {"input": 3, "output": 2}}]'
    events = streamed(port, prompt, stream_options={"include_usage": True})
    choices = [event["choices"][0] for event in events[:-1]]
    assert [choice["delta"] for choice in choices] == [{"role": "assistant", "content": ""}, {"content": "He"}, {"content": "llo"}, {}]
    assert [choice["finish_reason"] for choice in choices] == [None, None, None, "stop"]
    assert [event["usage"] for event in events[:-1]] == [None] * 4
    assert (events[-1]["choices"], events[-1]["usage"]["total_tokens"]) == ([], 5)
    assert len({(event["id"], event["created"], event["object"], event["model"]) for event in events}) == 1
    assert (events[0]["object"], events[0]["model"]) == ("chat.completion.chunk", "scripted")


def test_a_stream_has_no_usage_unless_it_is_asked_for(port: int) -> None:
    for options in ({}, {"stream_options": {"include_usage": False}}, {"stream_options": None}):
        assert not any("usage" in event for event in streamed(port, "hi", **options))


def test_every_completion_has_an_id_of_its_own(port: int) -> None:
    assert streamed(port, "hi")[0]["id"] != streamed(port, "hi")[0]["id"]


def test_the_arguments_of_a_call_come_in_pieces_behind_its_name(port: int) -> None:
    prompt = '@script[{"call": [{"tool": "look", "args": {"at": 1}, "id": "c1"}, {"tool": "go", "args": "", "id": "c2"}]}]'
    events = streamed(port, prompt)
    pieces = [call for event in events for call in event["choices"][0]["delta"].get("tool_calls", ())]
    assert pieces[0] == {"index": 0, "id": "c1", "type": "function", "function": {"name": "look", "arguments": ""}}
    assert pieces[1:3] == [{"index": 0, "function": {"arguments": '{"at"'}}, {"index": 0, "function": {"arguments": ": 1}"}}]
    assert pieces[3] == {"index": 1, "id": "c2", "type": "function", "function": {"name": "go", "arguments": ""}}
    assert (len(pieces), events[-1]["choices"][0]["finish_reason"]) == (4, "tool_calls")


def test_a_scripted_failure_is_its_status_and_body(port: int) -> None:
    status, body = ask(port, [{"role": "user", "content": '@script[{"fail": {"status": 503, "message": "busy"}}]'}])
    assert (status, json.loads(body)["error"]["message"]) == (503, "busy")


def test_a_reset_breaks_the_connection(port: int) -> None:
    status, body = ask(port, [{"role": "user", "content": '@script[{"say": ["a", "b"], "cut": 1}]'}], stream=True)
    assert status == 200
    assert b'"finish_reason": "stop"' not in body


def test_nonsense_is_refused_with_what_was_expected(port: int) -> None:
    status, body = ask(port, 3)  # type: ignore[arg-type]
    assert status == 400
    assert "messages" in json.loads(body)["error"]["message"]


def test_an_answer_that_is_cut_short_never_comes_whole(port: int) -> None:
    with pytest.raises(ConnectionResetError):
        ask(port, [{"role": "user", "content": '@script[{"say": ["a", "b"], "cut": 1}]'}])


def test_a_length_that_is_no_number_is_refused(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("POST", "/v1/chat/completions")
    connection.putheader("content-length", "many")
    connection.endheaders()
    response = connection.getresponse()
    assert (response.status, "not 'many'" in response.read().decode()) == (400, True)
    connection.close()


@pytest.mark.parametrize(
    ("body", "param", "why"),
    [
        (b"{", None, "the body is no JSON that can be read"),
        (b"\xff\xfe{", None, "the body is no JSON that can be read"),
        (b"[" * 100_000, None, "the body is no JSON that can be read"),
        (b"", None, "the body is no JSON that can be read"),
        (b"[]", None, "expected an object"),
        (b'{"messages": [{"role": "user"}]}', "model", "expected a text `model`"),
        (b'{"model": "m", "messages": []}', "messages", "a list `messages` that is not empty"),
        (b'{"model": "m", "messages": [{"role": "user"}, 7]}', "messages.[1]", "expected an object with a `role`"),
        (b'{"model": "m", "messages": [{"role": "king"}]}', "messages.[0]", "expected an object with a `role`"),
        (b'{"model": "m", "messages": [{"role": "user"}], "stream": "yes"}', "stream", "true or false"),
    ],
)
def test_a_body_that_is_no_request_is_refused_with_the_place(port: int, body: bytes, param: str | None, why: str) -> None:
    status, error = refusal(raw(port, post(body)))
    assert (status, error["type"], error["param"]) == (400, "invalid_request_error", param)
    assert why in error["message"]


@pytest.mark.parametrize(
    ("first", "status", "why"),
    [
        (b"GET /v2/models", 404, "no resource /v2/models; this endpoint serves"),
        (b"POST /v1/embeddings", 404, "no resource /v1/embeddings"),
        (b"GET /v1/chat/completions", 405, "takes POST, not GET"),
        (b"POST /v1/models?x=1", 405, "takes GET, not POST"),
        (b"DELETE /v1/models", 405, "DELETE"),
    ],
)
def test_what_no_route_takes_is_refused_as_such(port: int, first: bytes, status: int, why: str) -> None:
    found, error = refusal(raw(port, first + b" HTTP/1.1\r\nhost: x\r\n\r\n"))
    assert (found, why in error["message"]) == (status, True)


def test_the_models_are_listed(port: int) -> None:
    for path in (b"/v1/models", b"/models", b"/v1/models?limit=3"):
        _head, _, body = raw(port, b"GET " + path + b" HTTP/1.1\r\nhost: x\r\n\r\n").partition(b"\r\n\r\n")
        listed = json.loads(body)
        assert (listed["object"], [sorted(model) for model in listed["data"]]) == ("list", [["created", "id", "object", "owned_by"]])


def test_what_a_refused_request_still_holds_is_never_taken_for_another_one(port: int) -> None:
    inner = post(b"{}", "/v1/inner")
    assert raw(port, post(inner, "/v1/outer"), post(b"{}", "/v1/next")).count(b"HTTP/1.1 404") == 2
    chunked = b"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    status, error = refusal(raw(port, chunked + f"{len(inner):x}\r\n".encode() + inner + b"\r\n0\r\n\r\n"))
    assert (status, "must tell its content-length" in error["message"]) == (411, True)


def test_a_body_beyond_the_limit_is_refused_and_ends_the_connection(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "BODY_LIMIT_BYTES", 1000)
    status, error = refusal(raw(port, post(b"{" * 100_000)))
    assert (status, error["message"]) == (413, "a request may hold 1000 bytes, not 100000")


def test_a_client_that_leaves_in_the_middle_is_nobodys_fault(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    body = json.dumps({"model": "m", "stream": True, "messages": [{"role": "user", "content": f"@script{json.dumps([SLOW])}"}]})
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(post(body.encode()))
        assert b"assistant" in connection.recv(65536) + connection.recv(65536)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wait_for_the_threads()
    assert capfd.readouterr().err == ""


def test_a_player_that_fails_is_told_to_the_client_and_on_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    class Broken:
        def answer(self, _request: ModelRequest) -> ModelAnswer:
            raise LookupError("no such image")

    with ModelEndpoint(Broken()) as url:
        status, error = refusal(raw(int(url.rsplit(":", 1)[1]), post(b'{"model": "m", "messages": [{"role": "user", "content": "hi"}]}')))
    assert (status, error["message"]) == (500, "the scenario could not be played: LookupError: no such image")
    assert "the scenario could not be played: LookupError: no such image" in capfd.readouterr().err


def test_an_endpoint_that_never_served_closes_at_once() -> None:
    endpoint = ModelEndpoint(Player())
    endpoint.close()
    endpoint.close()
