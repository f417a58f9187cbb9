"""Every line that crossed, in order, for asserting, near misses, recording and reports.

Lines are kept as the bytes they were; what is asked about them is read out of them when it is asked, so that a test that never looks
pays for nothing but the keeping.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from meerkat_mock.scrub import scrub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from meerkat.events import Event, EventEnvelope
    from meerkat.rpc import RequestId
    from meerkat.wire.base import Json, JsonObject

Direction = Literal["in", "out"]
"""Seen from the mock: `in` is what the client sent."""

DEFAULT_LIMIT = 1_000_000
"""Lines kept per mock: some 400 MB of events, more than any test should need without noticing."""


class JournalFull(RuntimeError):
    """More lines crossed than the journal may keep; nothing is dropped silently."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the journal holds {limit} lines and may hold no more; raise `journal_limit`, or clear it with `journal.clear()`")


class Line:
    """One line: its number from 1, when it crossed (seconds of the mock's clock), on which connection, which way, and its bytes.

    `mark` says what is unusual about it: `stub`, or `fault NAME`.
    """

    __slots__ = ("at", "connection", "data", "direction", "mark", "number")

    def __init__(self, number: int, at: float, connection: int, direction: Direction, data: bytes, mark: str = "") -> None:
        self.number = number
        self.at = at
        self.connection = connection
        self.direction = direction
        self.data = data
        self.mark = mark

    @property
    def message(self) -> JsonObject:
        """Return the line as a JSON object; empty if it is none."""
        try:
            value = json.loads(self.data)
        except ValueError:
            return {}
        return cast("JsonObject", value) if isinstance(value, dict) else {}

    @property
    def text(self) -> str:
        """Return the line as text, without its line end."""
        return self.data.decode("utf-8", "replace").rstrip()

    def __repr__(self) -> str:
        return f"{self.number} {'>' if self.direction == 'in' else '<'} {self.text}"


@dataclass
class Exchange:
    """A request and what came back. `asker` says which side asked: `client`, or `server` for `tool/execute`."""

    method: str
    params: Json
    id: RequestId
    asker: Literal["client", "server"]
    connection: int
    line: int
    at: float
    result: Json = None
    error: JsonObject | None = None
    answer_line: int | None = None
    answers: int = field(default=0)
    """How many answers came; more than one is worth a look."""

    @property
    def answered(self) -> bool:
        """Tell whether any answer came."""
        return self.answers > 0


class Journal:
    """The lines of one mock, oldest first. With `keeps=False` lines are told and forgotten: for a server that runs for days."""

    def __init__(self, limit: int = DEFAULT_LIMIT, tell: Callable[[Line], None] | None = None, *, keeps: bool = True) -> None:
        self._lines: list[Line] = []
        self._limit = limit
        self._keeps = keeps
        self._tell = tell

    def record(self, at: float, connection: int, direction: Direction, data: bytes, mark: str = "") -> None:
        """Keep one line without its secrets. Raises `JournalFull`."""
        if not self._keeps and self._tell is None:
            return
        lines = self._lines
        if len(lines) >= self._limit:
            raise JournalFull(self._limit)
        line = Line(len(lines) + 1, at, connection, direction, scrub(data), mark)
        if self._keeps:
            lines.append(line)
        if self._tell is not None:
            self._tell(line)

    def __iter__(self) -> Iterator[Line]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, number: int) -> Line:
        """Return line `number`, counted from 1 (or from the end when negative)."""
        return self._lines[number - 1 if number > 0 else number]

    def clear(self) -> None:
        """Forget all lines."""
        self._lines.clear()

    # ---- questions -------------------------------------------------------------------------------------------------------------------

    def exchanges(self) -> list[Exchange]:
        """Return all requests of both sides, each with its answer if it has one, in the order they were asked."""
        found: list[Exchange] = []
        open_: dict[tuple[int, str, str], Exchange] = {}
        for line in self._lines:
            message = line.message
            if "method" in message and message.get("id") is not None:
                exchange = _asked(line, message)
                found.append(exchange)
                open_[_key(line.connection, exchange.asker, exchange.id)] = exchange
            elif "id" in message and "method" not in message:
                asker = "client" if line.direction == "out" else "server"
                answered = open_.get(_key(line.connection, asker, message["id"]))
                if answered is not None:
                    _answer(answered, line, message)
        return found

    def requests(self, method: str | None = None) -> list[Exchange]:
        """Return what the client asked, all or one method's."""
        return [each for each in self.exchanges() if each.asker == "client" and method in (None, each.method)]

    def callbacks(self, tool: str | None = None) -> list[Exchange]:
        """Return the `tool/execute` requests to the client, all or one tool's."""
        return [
            each
            for each in self.exchanges()
            if each.asker == "server" and isinstance(each.params, dict) and tool in (None, each.params.get("name"))
        ]

    def notifications(self, method: str | None = None) -> list[JsonObject]:
        """Return the params of what was sent without an id, by either side."""
        return [
            params
            for message in (line.message for line in self._lines)
            if "method" in message and message.get("id") is None and method in (None, message["method"])
            if isinstance(params := message.get("params"), dict)
        ]

    def envelopes(self, session: str | None = None, type: str | None = None) -> list[EventEnvelope]:
        """Return the typed envelopes of `session/event`, all or those of one session and one event type, in order."""
        from meerkat.events import parse_envelope

        return [
            parse_envelope(envelope)
            for params in self.notifications("session/event")
            if session in (None, params.get("session_id")) and isinstance(envelope := params.get("event"), dict)
            if type is None or (isinstance(payload := envelope.get("payload"), dict) and payload.get("type") == type)
        ]

    def events(self, session: str | None = None, type: str | None = None) -> list[Event]:
        """Return the typed events of `session/event`, all or those of one session and one event type, in order."""
        return [envelope.payload for envelope in self.envelopes(session, type) if envelope.payload is not None]


def _key(connection: int, asker: str, request_id: Json) -> tuple[int, str, str]:
    return connection, asker, json.dumps(request_id)


def _asked(line: Line, message: JsonObject) -> Exchange:
    request_id = message["id"]
    return Exchange(
        method=str(message["method"]),
        params=message.get("params"),
        id=request_id if isinstance(request_id, (int, str)) else None,
        asker="client" if line.direction == "in" else "server",
        connection=line.connection,
        line=line.number,
        at=line.at,
    )


def _answer(exchange: Exchange, line: Line, message: JsonObject) -> None:
    exchange.answers += 1
    exchange.answer_line = line.number
    error = message.get("error")
    exchange.error = error if isinstance(error, dict) else None
    exchange.result = message.get("result")
