"""Findings about the *client*: what a conversation shows that it did wrong, though nothing forbade it.

Each finding has a stable code, the lines of the journal that show it, and one sentence on the fix. They are advice: no test fails by them
unless it asks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.journal import Exchange, Journal, Line

POLLS: Final = 5
"""Equal reads in a row, with nothing else between them, that are called polling."""
_READS: Final = frozenset({"session/read", "session/list", "session/history", "mob/status", "mob/events", "schedule/occurrences"})
_TERMINAL: Final = frozenset({-32001, -32011})
"""Codes after which the same request can never succeed: there is no such session, or none any more."""
_OPENS: Final = {"session/stream_open": "session/stream_close", "mob/stream_open": "mob/stream_close"}


@dataclass(frozen=True)
class Finding:
    """One thing: `answered_twice`, `ignored_error`, `missed_hole`, `polled`, `open_stream` or `open_session`."""

    code: str
    lines: tuple[int, ...]
    message: str
    fix: str

    def __str__(self) -> str:
        where = ", ".join(map(str, self.lines))
        return f"[{self.code}] line{'s' if len(self.lines) != 1 else ''} {where}: {self.message}; {self.fix}"


def verdict(journal: Journal) -> list[Finding]:
    """Return what a journal shows of the client, in the order of the lines."""
    exchanges = journal.exchanges()
    found = [*_twice(exchanges), *_ignored(exchanges), *_holes(journal, exchanges), *_polls(journal), *_left_open(journal, exchanges)]
    return sorted(found, key=lambda finding: finding.lines)


def _twice(exchanges: list[Exchange]) -> Iterator[Finding]:
    for each in exchanges:
        if each.asker == "server" and each.answers > 1:
            lines = (each.line, each.answer_line or each.line)
            yield Finding("answered_twice", lines, f"{each.method} was answered {each.answers} times", "answer every request once")


def _ignored(exchanges: list[Exchange]) -> Iterator[Finding]:
    refused: dict[tuple[int, str, str], int] = {}
    for each in exchanges:
        if each.asker != "client":
            continue
        key = each.connection, each.method, json.dumps(each.params, sort_keys=True)
        if key in refused and each.error is not None:
            message = f"{each.method} was asked again although it had failed for good"
            yield Finding("ignored_error", (refused[key], each.line), message, "give up, or make a new session, when the error says so")
        elif each.error is not None and each.error.get("code") in _TERMINAL:
            refused[key] = each.answer_line or each.line


def _holes(journal: Journal, exchanges: list[Exchange]) -> Iterator[Finding]:
    """Holes in the numbers of a session's events after which the client never asked what it missed."""
    asked = [(each.line, _text(each.params, "session_id")) for each in exchanges if each.method in ("session/history", "session/read")]
    last: dict[tuple[int, str], int] = {}
    for line, session, number in _numbered(journal):
        before = last.get((line.connection, session))
        last[line.connection, session] = number
        if before is not None and number > before + 1 and not any(at > line.number and who == session for at, who in asked):
            message = f"events {before + 1} to {number - 1} of session {session} were lost and nobody asked for them"
            yield Finding("missed_hole", (line.number,), message, "when `seq` jumps, read the session's history")


def _numbered(journal: Journal) -> Iterator[tuple[Line, str, int]]:
    for line in journal:
        if b'"session/event"' not in line.data[:60]:
            continue
        params = line.message.get("params")
        event = params.get("event") if isinstance(params, dict) else None
        number = event.get("seq") if isinstance(event, dict) else None
        if isinstance(number, int):
            yield line, _text(params, "session_id"), number


def _polls(journal: Journal) -> Iterator[Finding]:
    row: list[int] = []
    asked = ""
    for line in journal:
        message = line.message
        if line.direction == "out" and "method" not in message:
            continue
        text = _read_text(message) if line.direction == "in" else ""
        if not text or text != asked:
            yield from _polled(row, asked)
            row, asked = [], text
        row.append(line.number)
    yield from _polled(row, asked)


def _read_text(message: JsonObject) -> str:
    method = message.get("method")
    return f"{method} {json.dumps(message.get('params'), sort_keys=True)}" if method in _READS else ""


def _polled(row: list[int], asked: str) -> Iterator[Finding]:
    if asked and len(row) >= POLLS:
        message = f"{asked.partition(' ')[0]} was asked {len(row)} times in a row"
        yield Finding("polled", (row[0], row[-1]), message, "subscribe to events instead of asking in a loop")


def _left_open(journal: Journal, exchanges: list[Exchange]) -> Iterator[Finding]:
    done = [each for each in exchanges if each.asker == "client" and each.error is None]
    for opens, closes in _OPENS.items():
        ended = {_text(each.params, "stream_id") for each in done if each.method == closes}
        ended |= {_text(params, "stream_id") for params in journal.notifications(opens.replace("_open", "_end"))}
        for each in done:
            if each.method == opens and each.answered and (stream := _text(each.result, "stream_id")) not in ended:
                fix = "leave the `async with` block, or call `close()`"
                yield Finding("open_stream", (each.line,), f"stream {stream} was left open", fix)
    archived = {_text(each.params, "session_id") for each in done if each.method == "session/archive"}
    for each in done:
        if each.method == "session/create" and each.answered and (session := _text(each.result, "session_id")) not in archived:
            yield Finding("open_session", (each.line,), f"session {session} was left open", "archive a session that is not needed any more")


def _text(value: Json, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""
