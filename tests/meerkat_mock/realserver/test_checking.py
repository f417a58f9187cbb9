"""What another server says is held against the contract, line by line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from meerkat_mock.journal import Journal
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.realserver.checking import breaches_in

if TYPE_CHECKING:
    from meerkat_mock.violations import Violation


def found(*lines: tuple[str, dict[str, Any]]) -> list[Violation]:
    journal = Journal()
    for direction, message in lines:
        journal.record(0.0, 1, "in" if direction == ">" else "out", json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    return list(breaches_in(journal))


async def test_nothing_is_held_against_what_the_contract_allows() -> None:
    async with MeerkatMock() as mock, mock.client() as client:
        await (await client.create_session("hi")).archive()
    assert list(breaches_in(mock.journal)) == []


def test_a_result_an_error_and_a_notification_are_each_told_with_their_line() -> None:
    asked = (">", {"id": 1, "method": "session/list", "params": {}})
    (result,) = found(asked, ("<", {"id": 1, "result": {"sessions": "none"}}))
    assert (result.code, result.where) == ("contract", "line 2 of the journal")
    assert "session/list" in result.message
    (error,) = found(asked, ("<", {"id": 1, "error": {"code": -32023, "message": "odd"}}))
    assert "error.code" in error.message
    (news,) = found(("<", {"method": "session/event", "params": {"session_id": 7}}))
    assert news.where == "line 1 of the journal"


def test_a_request_without_an_answer_is_no_breach() -> None:
    assert found((">", {"id": 1, "method": "session/list", "params": {}})) == []
