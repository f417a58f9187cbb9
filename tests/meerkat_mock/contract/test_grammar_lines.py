"""Whole conversations are held against the grammar: a journal, a file of one, a live connection; each breach names its line."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, cast

import pytest

from meerkat import MeerkatClient
from meerkat.transports.memory import memory_pair
from meerkat_mock.conform import GOLDENS
from meerkat_mock.contract.grammar_lines import Checked, ConversationChecker, NoTape, check_journal, check_tape
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.runtime import World
from meerkat_mock.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from meerkat_mock.contract.grammar_lines import LineBreach
    from meerkat_mock.journal import Line

ID = "0198c0de-1111-7aaa-8bbb-0123456789ab"
Message = dict[str, Any]


async def _talk() -> list[Line]:
    """Return the journal of two turns with a stream."""
    async with MeerkatMock() as mock, mock.client() as client:
        session = await client.create_session("hi")
        await session.stream("again").collect()
        await client.archive_session(session.id)
        return [*mock.journal]


@pytest.fixture(scope="module")
def talk() -> list[tuple[str, Message]]:
    return [(line.direction, line.message) for line in asyncio.run(_talk())]


def judged(talk: list[tuple[str, Message]], change: Callable[[int, Message], list[Message]]) -> list[LineBreach]:
    """Return the breaches of a conversation whose lines from the server go through `change` with their numbers."""
    checker = ConversationChecker()
    found: list[LineBreach] = []
    for number, (direction, message) in enumerate(talk, 1):
        for each in [message] if direction == "in" else change(number, json.loads(json.dumps(message))):
            found += checker.feed("in" if direction == "in" else "out", json.dumps(each).encode(), number)
    return found + checker.finish()


def payload(message: Message) -> Message:
    return cast("Message", message.get("params", {}).get("event", {}).get("payload", {}))


def line_of(talk: list[tuple[str, Message]], kind: str) -> int:
    return next(number for number, (_, message) in enumerate(talk, 1) if payload(message).get("type") == kind)


async def test_what_the_mock_says_is_lawful() -> None:
    assert check_journal(await _talk()) == []


def test_a_breach_names_the_line_the_rule_and_what_would_have_been_lawful(talk: list[tuple[str, Message]]) -> None:
    at = line_of(talk, "text_complete")
    (breach,) = judged(talk, lambda number, message: [message, message] if number == at else [message])[:1]
    assert (breach.line, breach.channel.split()[0], breach.breach.rule) == (at, "session/event", "invariant 26")
    missing = judged(talk, lambda number, message: [] if number == line_of(talk, "turn_completed") else [message])
    assert missing == [], "a hole in `seq` excuses the run that it is in"
    late = line_of(talk, "turn_completed")

    def renamed(number: int, message: Message) -> list[Message]:
        if number == late:
            message["params"]["event"]["payload"] = {"type": "turn_started", "turn_number": 1}
        return [message]

    breach = judged(talk, renamed)[0]
    assert str(breach).startswith(f"line {late}: session/event ")
    assert "spec 03]; lawful here: assistant_image_appended, tool_call_requested, turn_completed" in str(breach)


def test_a_line_that_is_no_event_is_told_and_passed_over(talk: list[tuple[str, Message]]) -> None:
    at = line_of(talk, "text_delta")

    def spoilt(number: int, message: Message) -> list[Message]:
        if number == at:
            payload(message)["delta"] = 3
        return [message]

    (breach,) = judged(talk, spoilt)
    assert (breach.line, breach.breach.rule) == (at, "shape")
    assert "session/event" in str(breach)


@pytest.mark.parametrize("line", [b"", b"no JSON", b"3", b"[" * 100_000, b'{"method": 5}', b'{"method": "session/event"}'])
def test_whatever_a_server_writes_the_checker_goes_on(line: bytes) -> None:
    checker = ConversationChecker()
    checker.feed("out", line)
    checker.feed("in", line)
    assert checker.finish() == []


def test_a_run_that_the_client_stopped_needs_no_end(talk: list[tuple[str, Message]]) -> None:
    checker, stopped = ConversationChecker(), 0
    for number, (direction, message) in enumerate(talk, 1):
        if payload(message).get("type") == "turn_completed":
            stopped = number
            break
        checker.feed("in" if direction == "in" else "out", json.dumps(message))
    session_id = next(message["params"]["session_id"] for _, message in talk if payload(message))
    assert stopped
    open_ = [each.breach.rule for each in checker.finish(cut=False)]
    assert open_ == [], "its answer had not come"
    for _, message in talk[:stopped]:
        if "result" in message:
            checker.feed("out", json.dumps(message))
    answered: Message = {"jsonrpc": "2.0", "id": next(m["id"] for _, m in talk if m.get("method") == "session/create"), "result": {}}
    checker.feed("out", json.dumps(answered))
    assert [each.breach.rule for each in checker.finish()] == ["invariant 2"]
    checker.feed("in", json.dumps({"jsonrpc": "2.0", "method": "turn/interrupt", "params": {"session_id": f"realm:{session_id}"}}))
    assert checker.finish() == []


@pytest.mark.parametrize("method", ["cancel", "mob/force_cancel"])
def test_what_stops_some_run_excuses_any(method: str, talk: list[tuple[str, Message]]) -> None:
    checker = ConversationChecker()
    for direction, message in talk[: line_of(talk, "text_complete")]:
        if direction == "out" and "method" in message:
            checker.feed("out", json.dumps(message))
    assert [each.breach.rule for each in checker.finish()] == ["invariant 2"]
    checker.feed("in", json.dumps({"jsonrpc": "2.0", "method": method, "params": {}}))
    assert checker.finish() == []


# tapes


@pytest.mark.parametrize("path", sorted(GOLDENS.glob("events/*.jsonl")), ids=lambda path: path.stem)
def test_recordings_of_the_server_are_lawful(path: Path) -> None:
    assert check_tape(path) == []


def test_a_tape_is_told_by_file_and_line(tmp_path: Path, talk: list[tuple[str, Message]]) -> None:
    rows = [
        json.dumps({"process": 1, "at": 0.0, "connection": 1, "direction": direction, "line": json.dumps(message)})
        for direction, message in talk
    ]
    tape = tmp_path / "journal with ä.jsonl"
    tape.write_text("\n".join([*rows, json.dumps({"process": 1, "violations": [], "unused": []})]), encoding="utf-8")
    assert check_tape(tape) == []
    at = line_of(talk, "run_completed")
    tape.write_text("\n".join([*rows[:at], rows[at - 1], *rows[at:]]), encoding="utf-8")
    assert str(check_tape(tape)[0]).startswith(f"{tape}:{at + 1}: session/event ")


@pytest.mark.parametrize(("text", "what"), [("", ": no line"), ('{"a": 1}\n', ": no line"), ('{"line": "{}"}\nodd\n', ":2: no line")])
def test_a_file_that_is_no_tape_is_refused(text: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    with pytest.raises(NoTape, match=f"x.jsonl{what}"):
        check_tape(path)


# live connections


async def test_a_live_connection_is_checked_as_it_passes() -> None:
    server = Server(World())
    checked = Checked(server.connect())
    async with MeerkatClient(transport=checked) as client:
        session = await client.create_session("hi")
        assert (await session.turn("again")).text == "OK"
    assert checked.breaches == []
    assert checked.farewell() == ""
    await server.close()


async def test_a_live_connection_tells_what_broke_and_in_the_end_what_is_missing() -> None:
    near, far = memory_pair()
    checked = Checked(near)
    await checked.send(b'{"jsonrpc":"2.0","id":1,"method":"initialize"}\n')
    envelope = {
        "event_id": ID, "source": {"type": "session", "session_id": ID}, "source_id": f"session:{ID}", "seq": 1, "timestamp_ms": 1,
        "payload": {"type": "turn_started", "turn_number": 0},
    }  # fmt: skip
    event = {"jsonrpc": "2.0", "method": "session/event", "params": {"session_id": ID, "event": envelope}}
    line = json.dumps(event).encode() + b"\n"
    await far.send(line[:50])
    await checked.receive()
    assert checked.breaches == []
    await far.send(line[50:])
    await checked.receive()
    (breach,) = checked.breaches
    assert (breach.line, breach.breach.rule, breach.breach.lawful[0]) == (2, "invariant 1", "run_started")
    await checked.close()
    await checked.close()
    assert checked.breaches == [breach]
