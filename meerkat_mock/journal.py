"""Every line that crossed, in order, for asserting, near misses, recording and reports.

Lines are kept as the bytes they were; what is asked about them is read out of them when it is asked, so that a test that never looks
pays for nothing but the keeping.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, cast

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

    __slots__ = ("_data", "_scrubbed", "at", "connection", "direction", "mark", "number")

    def __init__(self, number: int, at: float, connection: int, direction: Direction, data: bytes, mark: str = "") -> None:
        self.number = number
        self.at = at
        self.connection = connection
        self.direction = direction
        self.mark = mark
        self._data = data
        self._scrubbed = False

    @property
    def data(self) -> bytes:
        """Return the bytes without their secrets, which are looked for when somebody looks."""
        if not self._scrubbed:
            self._data = scrub(self._data)
            self._scrubbed = True
        return self._data

    def __reduce__(self) -> tuple[type[Line], tuple[object, ...]]:
        """Be copied and pickled without secrets, whether anybody has looked or not."""
        return Line, (self.number, self.at, self.connection, self.direction, self.data, self.mark)

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


class LiveFrame:
    """One frame on the socket of a live channel: when it crossed, which way, and what it was. Audio of the client is only counted."""

    __slots__ = ("after", "at", "channel", "data", "direction")

    def __init__(self, at: float, channel: str, direction: Direction, data: str | int, after: int) -> None:
        self.at = at
        self.channel = channel
        self.direction = direction
        self.data = data
        """The text of the frame, or the number of bytes of a binary one."""
        self.after = after
        """The number of the last line of the journal before it."""

    @property
    def message(self) -> JsonObject:
        """Return the frame as a JSON object; empty if it is none."""
        try:
            value = json.loads(self.data) if isinstance(self.data, str) else None
        except (ValueError, RecursionError):
            return {}
        return cast("JsonObject", value) if isinstance(value, dict) else {}

    def __repr__(self) -> str:
        shown = f"{self.data} bytes" if isinstance(self.data, int) else self.data
        return f"{'>' if self.direction == 'in' else '<'} {shown}"


@dataclass(frozen=True)
class Reason:
    """What led to an event: the request that began its run (None if that is not known) and the run's lines, the event's last."""

    line: Line
    request: Exchange | None
    run: tuple[Line, ...]

    def __str__(self) -> str:
        """Return the chain for a person, one step per line."""
        begun = f"line {self.request.line}: {self.request.method}" if self.request is not None else "a request that is not known"
        steps = [f"line {each.number}: {_type(each.message)}" for each in self.run]
        return "\n  then ".join([begun, *steps])


class Journal:
    """The lines of one mock, oldest first. With `keeps=False` lines are told and forgotten: for a server that runs for days."""

    witness: ClassVar[Callable[[Journal, Line], None] | None] = None
    """Told of every line of every journal in this process, while somebody counts what a whole test suite exercises."""

    def __init__(
        self,
        limit: int = DEFAULT_LIMIT,
        tell: Callable[[Line], None] | None = None,
        tell_frame: Callable[[LiveFrame], None] | None = None,
        *,
        keeps: bool = True,
    ) -> None:
        self._lines: list[Line] = []
        self._frames: list[LiveFrame] = []
        self._limit = limit
        self._keeps = keeps
        self._tell = tell
        self._tell_frame = tell_frame

    def record(self, at: float, connection: int, direction: Direction, data: bytes, mark: str = "") -> None:
        """Keep one line; nobody gets to see its secrets. Raises `JournalFull`."""
        if not self._keeps and self._tell is None and Journal.witness is None:
            return
        lines = self._lines
        if len(lines) >= self._limit:
            raise JournalFull(self._limit)
        line = Line(len(lines) + 1, at, connection, direction, data, mark)
        if self._keeps:
            lines.append(line)
        if Journal.witness is not None:
            Journal.witness(self, line)
        if self._tell is not None:
            self._tell(line)

    def record_frame(self, at: float, channel: str, direction: Direction, data: str | int) -> None:
        """Keep one frame of a live channel; its audio is not kept. Raises `JournalFull`."""
        if not self._keeps:
            return
        if len(self._frames) >= self._limit:
            raise JournalFull(self._limit)
        frame = LiveFrame(at, channel, direction, data, len(self._lines))
        self._frames.append(frame)
        if self._tell_frame is not None:
            self._tell_frame(frame)

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
        self._frames.clear()

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

    def why(self, event: EventEnvelope | Line | int) -> Reason:
        """Return what led to an event: the request that began its run, and the lines of the run up to it.

        The event is given as an envelope, as its line, or as the number of its line. Raises `LookupError` if no line shows it.
        """
        line = self._line_of(event)
        session = _session(line.message)
        run = [each for each in self._lines[: line.number] if each.connection == line.connection and _session(each.message) == session]
        starts = [number for number, each in enumerate(run) if _type(each.message) == "run_started"]
        run = run[starts[-1] :] if starts else run
        asked = [each for each in self.requests() if each.method in _STARTS and each.line < run[0].number and _about(each, session)]
        return Reason(line, asked[-1] if asked else None, tuple(run))

    def _line_of(self, event: EventEnvelope | Line | int) -> Line:
        if isinstance(event, Line):
            return event
        if isinstance(event, int):
            return self[event]
        wanted = event.event_id.encode()
        found = next((line for line in self._lines if wanted in line.data and _type(line.message)), None)
        if found is None:
            raise LookupError(f"no line of the journal shows event {event.event_id}")
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

    def frames(self, channel: str | None = None, direction: Direction | None = None) -> list[LiveFrame]:
        """Return the frames on the sockets of live channels, all or those of one channel or one way, in order."""
        return [each for each in self._frames if channel in (None, each.channel) and direction in (None, each.direction)]

    def crossings(self) -> Iterator[Line | LiveFrame]:
        """Return lines and frames of live channels as they crossed, in one order."""
        frames = iter(self._frames)
        frame = next(frames, None)
        for line in self._lines:
            while frame is not None and frame.after < line.number:
                yield frame
                frame = next(frames, None)
            yield line
        if frame is not None:
            yield frame
        yield from frames

    def observations(self, observation: str | None = None, channel: str | None = None) -> list[JsonObject]:
        """Return what clients of live channels were told, all or one kind of it, in order."""
        told = (each.message for each in self.frames(channel, "out"))
        return [each for each in told if "observation" in each and observation in (None, each["observation"])]

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


_STARTS = frozenset({"session/create", "turn/start"})


def _session(message: JsonObject) -> str | None:
    params = message.get("params")
    session = params.get("session_id") if message.get("method") == "session/event" and isinstance(params, dict) else None
    return session if isinstance(session, str) else None


def _type(message: JsonObject) -> str:
    params = message.get("params")
    event = params.get("event") if isinstance(params, dict) else None
    payload = event.get("payload") if isinstance(event, dict) else None
    kind = payload.get("type") if isinstance(payload, dict) else None
    return kind if isinstance(kind, str) else ""


def _about(exchange: Exchange, session: str | None) -> bool:
    """Tell whether a request is about a session, or made it as far as is known yet."""
    for value in (exchange.params, exchange.result):
        if isinstance(value, dict) and isinstance(value.get("session_id"), str):
            return value["session_id"] == session
    return exchange.method == "session/create"


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
