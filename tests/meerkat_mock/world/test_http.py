"""The chat-completions endpoint as a real server would use it: over HTTP, streamed and whole, failures included."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.scenario.player import Player
from meerkat_mock.scenario.reader import read_text
from meerkat_mock.world.http import ModelEndpoint

if TYPE_CHECKING:
    from collections.abc import Iterator


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
    lines = ask(port, [{"role": "user", "content": prompt}], stream=True)[1].decode().split("\n\n")
    events = [json.loads(line.removeprefix("data: ")) for line in lines if line and "[DONE]" not in line]
    assert [event["choices"][0]["delta"]["content"] for event in events[:2]] == ["He", "llo"]
    assert events[2]["choices"][0]["finish_reason"] == "stop"
    assert events[3]["usage"]["total_tokens"] == 5


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
