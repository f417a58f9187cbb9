"""Every line that the mock sends on its own account is held against the contract."""

from __future__ import annotations

import json
import re

import pytest

from meerkat_mock.contract import outgoing
from meerkat_mock.contract.outgoing import check_line
from meerkat_mock.server import Server
from tests.meerkat_mock.talk import Talk, script, talking

SESSION = "01999999-0000-7000-8000-000000000001"


def delta(**changes: object) -> bytes:
    envelope = {
        "event_id": SESSION,
        "source": {"type": "session", "session_id": SESSION},
        "source_id": f"session:{SESSION}",
        "seq": 1,
        "timestamp_ms": 1,
        "payload": {"type": "text_delta", "delta": 'a "quoted" \\ word'},
        **changes,
    }
    message = {"jsonrpc": "2.0", "method": "session/event", "params": {"session_id": SESSION, "event": envelope}}
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def test_a_delta_as_the_mock_writes_it_is_known_by_its_text() -> None:
    assert outgoing._DELTA.fullmatch(delta())
    assert check_line(delta()) is None


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"seq": -1}, "event.seq"),
        ({"payload": {"type": "text_delta", "delta": 1}}, "event.payload"),
        ({"payload": {"type": "text_delta"}}, "event.payload"),
        ({"payload": {"type": "no_such_event"}}, "event.payload"),
        ({"more": 1}, "event.more"),
    ],
)
def test_an_event_that_breaks_the_contract_is_named_with_its_place(changes: dict[str, object], place: str) -> None:
    breach = check_line(delta(**changes))
    assert breach is not None
    assert f"session/event: {place}" in breach


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b'{"jsonrpc":"2.0","method":"session/evnt","params":{}}\n', "session/evnt"),
        (b'{"jsonrpc":"2.0","id":"srv-1","method":"tool/execute","params":{"name":"a"}}\n', "tool/execute"),
        (b'{"jsonrpc":"2.0","method":"session/event"\n', "no JSON"),
    ],
)
def test_unknown_notifications_bad_requests_and_broken_json_are_breaches(line: bytes, what: str) -> None:
    breach = check_line(line)
    assert breach is not None
    assert what in breach


def test_answers_are_judged_elsewhere() -> None:
    assert check_line(b'{"jsonrpc":"2.0","id":1,"result":{"any":"thing"}}\n') is None


async def test_what_a_session_with_tools_and_streams_says_keeps_the_contract() -> None:
    async with talking() as talk:
        talk.tools["look"] = lambda arguments: {"content": "seen", "is_error": False}
        await talk.call("tools/register", tools=[{"name": "look", "description": "", "input_schema": {"type": "object"}}])
        session = await talk.create(script({"call": [{"tool": "look", "args": {}}]}, {"think": ["hm"], "say": ['"', "b\n"]}))
        await talk.call("session/stream_open", session_id=session)
        await talk.turn(session, "again")
        await talk.call("session/archive", session_id=session)
    # `talking` asserts that the server has no violation


async def test_a_breach_of_the_mock_itself_is_one_violation_however_often_it_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "_DELTA", re.compile(rb"\b\B"))
    monkeypatch.setattr(outgoing, "keeps_contract", lambda name, line: False)
    monkeypatch.setattr(outgoing, "check_notification", lambda name, params: "something is wrong")
    server = Server()
    talk = Talk(server.connect())
    await talk.call("session/create", prompt="hello")
    await talk.hang_up()
    await server.close()
    assert [violation.code for violation in server.runtime.violations] == ["contract"]
    assert "something is wrong" in str(server.runtime.violations[0])
