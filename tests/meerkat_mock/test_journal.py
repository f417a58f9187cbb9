"""The journal: every line, and what can be asked of it."""

from __future__ import annotations

from typing import Any

import pytest

from meerkat.events import TextComplete
from meerkat_mock.journal import Journal, JournalFull
from meerkat_mock.mock import MeerkatMock


def test_lines_are_numbered_from_one_and_know_when_where_and_which_way() -> None:
    journal = Journal()
    journal.record(5.0, 2, "in", b'{"id":1,"method":"a"}\n')
    (line,) = journal
    assert (line.number, line.at, line.connection, line.direction, line.text) == (1, 5.0, 2, "in", '{"id":1,"method":"a"}')
    assert journal[1] is journal[-1] is line
    assert repr(line) == '1 > {"id":1,"method":"a"}'


def test_a_full_journal_says_so_and_what_to_do() -> None:
    journal = Journal(1)
    journal.record(0, 1, "in", b"{}")
    with pytest.raises(JournalFull, match="journal_limit"):
        journal.record(0, 1, "in", b"{}")
    journal.clear()
    assert len(journal) == 0


def test_a_journal_that_keeps_nothing_tells_every_line() -> None:
    told: list[str] = []
    journal = Journal(tell=lambda line: told.append(line.text), keeps=False)
    journal.record(0, 1, "in", b"a")
    assert (told, len(journal)) == (["a"], 0)


def test_a_line_that_is_no_object_has_no_message() -> None:
    journal = Journal()
    journal.record(0, 1, "in", b"[1]")
    journal.record(0, 1, "in", b"junk")
    assert [line.message for line in journal] == [{}, {}]


async def test_exchanges_callbacks_and_events_are_found_and_typed() -> None:
    mock = MeerkatMock()
    mock.session().turn(call={"look": {"at": 1}}).then(say="Seen.")
    async with mock.client() as client:

        @client.tool("look", description="", input_schema={"type": "object"})
        async def look(arguments: dict[str, Any]) -> str:
            return "it"

        session = await client.create_session("go")
    (created,) = mock.journal.requests("session/create")
    assert created.answered
    assert isinstance(created.result, dict)
    assert created.result["session_id"] == session.id
    (call,) = mock.journal.callbacks("look")
    assert isinstance(call.params, dict)
    assert (call.asker, call.params["arguments"]) == ("server", {"at": 1})
    assert mock.journal.callbacks("other") == []
    (complete,) = mock.journal.events(session=session.id, type="text_complete")
    assert complete == TextComplete("Seen.")
    assert mock.journal.events(session="other") == []


async def test_why_goes_back_from_an_event_to_the_request_that_began_its_run() -> None:
    mock = MeerkatMock()
    async with mock.client() as client:
        session = await client.create_session("first")
        await session.turn("second")
    for number, method in ((0, "session/create"), (1, "turn/start")):
        reason = mock.journal.why(mock.journal.envelopes(type="text_complete")[number])
        assert reason.request is not None
        assert reason.request.method == method
        assert reason.run[-1] is reason.line
        assert str(reason).startswith(f"line {reason.request.line}: {method}\n  then line")
        assert mock.journal.why(reason.line.number).line is reason.line
    other = Journal()
    with pytest.raises(LookupError, match="no line of the journal"):
        other.why(mock.journal.envelopes()[0])


async def test_secrets_are_not_kept() -> None:
    journal = Journal()
    journal.record(0, 1, "in", b'{"params":{"api_key": "sk-1", "refresh_token":"r\\"x", "name":"password"}}')
    assert journal[1].text == '{"params":{"api_key": "<secret>", "refresh_token":"<secret>", "name":"password"}}'
