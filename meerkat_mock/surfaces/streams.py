"""Streams of a session's events, and the durable log: `session/stream_*`, `events/*` (spec 03, sections 5 and 8)."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, cast

from meerkat_mock.session.channels import OVERFLOW
from meerkat_mock.session.locators import parsed_uuid
from meerkat_mock.session.log import cursor_at, replay_item, scope_of
from meerkat_mock.surfaces.registry import Fault, handles

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.connection import Connection
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.channels import Readers
    from meerkat_mock.session.state import Session
    from meerkat_mock.surfaces.registry import Call, Params

CONTRACT_NUMBERS: JsonObject = {"major": 0, "minor": 6, "patch": 5}
ENDED_IDS_KEPT = 1024
"""Ids of ended streams that a connection remembers (spec 03, section 5.2)."""


class SessionStream:
    """One open stream: it belongs to the connection that opened it."""

    def __init__(self, table: StreamTable, connection: Connection, stream_id: str, session_id: str) -> None:
        self._table = table
        self._connection = connection
        self._stream_id = stream_id
        self._session_id = session_id
        self._sequence = 0
        self._head = f'{{"jsonrpc":"2.0","method":"session/stream_event","params":{{"stream_id":"{stream_id}","sequence":'
        self._middle = f',"session_id":"{session_id}","event":'

    def deliver(self, envelope: str) -> None:
        """Send one event on; the stream ends in its place if the queue of the connection is full."""
        if self._connection.full:
            self._table.give_up(self._stream_id)
            return
        self._sequence += 1
        line = f"{self._head}{self._sequence}{self._middle}{envelope}}}}}\n"
        self._connection.say(line.encode("utf-8", "surrogatepass"))

    def end(self, outcome: str, **more: Json) -> None:
        """Say that nothing follows."""
        self._table.ended(self._stream_id)
        params: JsonObject = {"stream_id": self._stream_id, "session_id": self._session_id, "ended": True, "outcome": outcome, **more}
        self._connection.notify("session/stream_end", params)


class StreamTable:
    """The streams of one connection: open ones, and ids that ended lately."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[SessionStream, Readers]] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()

    def opened(self, stream_id: str, stream: SessionStream, readers: Readers) -> None:
        """Take up a stream."""
        self._open[stream_id] = (stream, readers)
        readers.add(stream)

    def ended(self, stream_id: str) -> None:
        """Remember that a stream has ended."""
        self._open.pop(stream_id, None)
        self._ended[stream_id] = None
        while len(self._ended) > ENDED_IDS_KEPT:
            self._ended.popitem(last=False)

    def give_up(self, stream_id: str) -> None:
        """End a stream that nobody reads (spec 03, section 4.1)."""
        stream, readers = self._open[stream_id]
        readers.remove(stream)
        stream.end("terminal_error", error=dict(OVERFLOW))

    def close(self, stream_id: str) -> bool:
        """Close a stream; return whether it had ended before. That memory is used up by the answer (spec 03, section 5.2)."""
        entry = self._open.get(stream_id)
        if entry is not None:
            stream, readers = entry
            readers.remove(stream)
            stream.end("explicit_close")
            return False
        if stream_id in self._ended:
            del self._ended[stream_id]
            return True
        return False

    def drop_all(self) -> None:
        """Let go of every stream without a word: the connection has ended."""
        for stream, readers in self._open.values():
            readers.remove(stream)
        self._open.clear()


class Streams:
    """Opens and closes streams, and replays logs."""

    def __init__(self, book: SessionBook) -> None:
        self._book = book
        self._tables: dict[int, StreamTable] = {}
        book.runtime.at_connection_end(self._forget)

    def _table(self, connection: Connection) -> StreamTable:
        return self._tables.setdefault(connection.number, StreamTable())

    def _forget(self, connection: Connection) -> None:
        if (table := self._tables.pop(connection.number, None)) is not None:
            table.drop_all()

    # ---- live ------------------------------------------------------------------------------------------------------------------------

    def _held_open(self, params: Params) -> bool:
        return self._book.waits(params["session_id"])

    @handles("session/stream_open", held=_held_open)
    def open(self, params: Params, call: Call) -> JsonObject:
        """Open a stream of what happens in a session from now on."""
        session_id = self._book.id_of(params["session_id"])
        session = self._book.get(session_id)
        if session is None or not session.readable:
            raise Fault(-32001, f"Session not found: {session_id}")
        if session.archived or (not session.staged and session.live is None):
            raise Fault(-32602, f"Failed to subscribe to session events: stream not found: session {session_id}")
        stream_id = self._book.runtime.ids.uuid4()
        table = self._table(call.connection)
        table.opened(stream_id, SessionStream(table, call.connection, stream_id, session_id), session.readers)
        return {"stream_id": stream_id, "session_id": session_id, "opened": True}

    @handles("session/stream_close")
    def close(self, params: Params, call: Call) -> JsonObject:
        """Close a stream of this connection; an unknown id is no error."""
        stream_id = parsed_uuid(params["stream_id"])
        if stream_id is None:
            raise Fault(-32602, f"Invalid stream_id: {params['stream_id']}")
        already_closed = self._table(call.connection).close(stream_id)
        return {"stream_id": stream_id, "closed": True, "already_closed": already_closed}

    # ---- replay ----------------------------------------------------------------------------------------------------------------------

    def _logged(self, params: Params) -> Session:
        session_id = cast("str", parsed_uuid(params["scope"]["session_id"]))
        session = self._book.get(session_id)
        if session is None or (not session.log.latest and not session.readable):
            raise Fault(-32001, f"Session not found: {session_id}")
        return session

    @handles("events/latest_cursor")
    def latest_cursor(self, params: Params) -> JsonObject:
        """Return the number of the newest event."""
        session = self._logged(params)
        return {"contract_version": CONTRACT_NUMBERS, "cursor": cursor_at(session.id, session.log.latest)}

    @handles("events/list_since")
    def list_since(self, params: Params) -> JsonObject:
        """Return a page of logged events, oldest first."""
        session = self._logged(params)
        log, start = session.log, self._start(session, params.get("cursor"))
        limit = params.get("limit")
        page = list(log.since(start, None if limit is None else max(1, limit)))
        result: JsonObject = {
            "contract_version": CONTRACT_NUMBERS,
            "scope": scope_of(session.id),
            "from_cursor": cursor_at(session.id, start),
            "latest_cursor": cursor_at(session.id, log.latest),
        }
        if page:
            result["events"] = cast("list[Json]", [replay_item(session.id, *item) for item in page])
        result["has_more"] = start + len(page) < log.latest
        return result

    def _start(self, session: Session, cursor: JsonObject | None) -> int:
        """Return the sequence of a cursor. Raises `Fault` -32602 when it belongs elsewhere or lies ahead."""
        if cursor is None:
            return 0
        scope, sequence = cast("JsonObject", cursor["scope"]), cast("int", cursor["sequence"])
        if parsed_uuid(str(scope["session_id"])) != session.id:
            raise Fault(-32602, "event replay cursor scope does not match requested scope")
        if sequence > session.log.latest:
            raise Fault(-32602, f"event replay cursor sequence {sequence} is ahead of latest sequence {session.log.latest}")
        return sequence

    def _held_snapshot(self, params: Params) -> bool:
        return self._book.waits(params["scope"]["session_id"])

    @handles("events/snapshot", held=_held_snapshot)
    def snapshot(self, params: Params) -> JsonObject:
        """Return a session and the place of its log."""
        session = self._logged(params)
        if not session.readable:
            raise Fault(-32001, f"Session not found: {session.id}")
        info = {key: value for key, value in self._book.info(session).items() if key != "session_ref"}
        return {
            "contract_version": CONTRACT_NUMBERS,
            "scope": scope_of(session.id),
            "cursor": cursor_at(session.id, session.log.latest),
            "snapshot": {"type": "session", "session": info},
        }
