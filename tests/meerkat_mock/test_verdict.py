"""Findings about the client, each from lines that show it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from meerkat_mock.journal import Journal
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.verdict import verdict

SESSION = "01999999-0000-7000-8000-000000000001"


def journal(*lines: tuple[str, dict[str, Any]]) -> Journal:
    found = Journal()
    for direction, message in lines:
        found.record(0, 1, "in" if direction == ">" else "out", json.dumps({"jsonrpc": "2.0", **message}).encode())
    return found


def asked(number: int, method: str, answer: dict[str, Any], **params: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(">", {"id": number, "method": method, "params": params}), ("<", {"id": number, **answer})]


def event(seq: int) -> tuple[str, dict[str, Any]]:
    payload = {"type": "text_delta", "delta": "x"}
    return "<", {"method": "session/event", "params": {"session_id": SESSION, "event": {"seq": seq, "payload": payload}}}


GONE = {"error": {"code": -32001, "message": "session not found"}}
CALL = ("<", {"id": "srv-1", "method": "tool/execute", "params": {"name": "t", "arguments": {}, "tool_use_id": "a"}})
ANSWER = (">", {"id": "srv-1", "result": {"content": "x"}})
STREAM = asked(1, "session/stream_open", {"result": {"stream_id": "s"}})
LISTS = [line for number in range(5) for line in asked(number, "session/list", {"result": {"sessions": []}})]


@pytest.mark.parametrize(
    ("lines", "code", "places"),
    [
        ([CALL, ANSWER, ANSWER], "answered_twice", (1, 3)),
        ([*asked(1, "session/read", GONE, session_id="a"), *asked(2, "session/read", GONE, session_id="a")], "ignored_error", (2, 3)),
        ([event(1), event(4)], "missed_hole", (2,)),
        (LISTS, "polled", (1, 9)),
        (asked(1, "session/stream_open", {"result": {"stream_id": "s"}}), "open_stream", (1,)),
        (asked(1, "session/create", {"result": {"session_id": "s"}}), "open_session", (1,)),
    ],
)
def test_each_fault_of_a_client_has_its_finding(lines: list[tuple[str, dict[str, Any]]], code: str, places: tuple[int, ...]) -> None:
    (finding,) = verdict(journal(*lines))
    assert (finding.code, finding.lines) == (code, places)
    assert finding.fix in str(finding)


@pytest.mark.parametrize(
    "lines",
    [
        [CALL, ANSWER],
        [*asked(1, "session/read", GONE, session_id="a"), *asked(2, "session/read", GONE, session_id="b")],
        [event(1), event(2), event(1)],
        [event(1), event(4), *asked(1, "session/history", {"result": {}}, session_id=SESSION)],
        LISTS[:8],
        [*LISTS[:8], event(1), *LISTS[8:]],
        [
            *asked(1, "session/stream_open", {"result": {"stream_id": "s"}}),
            *asked(2, "session/stream_close", {"result": {}}, stream_id="s"),
        ],
        [*STREAM, ("<", {"method": "session/stream_end", "params": {"stream_id": "s"}})],
        [*asked(1, "session/create", {"result": {"session_id": "s"}}), *asked(2, "session/archive", {"result": {}}, session_id="s")],
    ],
)
def test_what_is_right_has_none(lines: list[tuple[str, dict[str, Any]]]) -> None:
    assert verdict(journal(*lines)) == []


async def test_an_orderly_client_of_the_sdk_has_no_finding() -> None:
    mock = MeerkatMock()
    async with mock.client() as client:
        session = await client.create_session("Hi")
        async with await session.subscribe_events():
            await session.turn("again")
        await session.archive()
    assert mock.verdict == []
