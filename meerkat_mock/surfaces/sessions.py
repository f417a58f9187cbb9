"""Sessions: made, listed, read, forked, archived, and what is put into them without a turn (spec 02)."""

from __future__ import annotations

import asyncio
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, cast

from meerkat_mock.session.forks import forked, replaced
from meerkat_mock.session.ingress import event_of, peer_turn
from meerkat_mock.session.intake import create_request, options_of, tools_of
from meerkat_mock.session.media import check_videos
from meerkat_mock.session.notes import ContextNote
from meerkat_mock.session.queue import TurnInput
from meerkat_mock.session.results import accepted, background_result, history_page, identity
from meerkat_mock.surfaces.registry import Fault, handles

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.agent.ports import Message
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.options import TurnRequest
    from meerkat_mock.session.state import Session
    from meerkat_mock.surfaces.registry import Call, Params

KEEP_ALIVE_ANSWER_SECONDS = 0.25
"""How long the server waits before it answers a create whose turn runs in the background (spec 02, section 2.5)."""


class Sessions:
    """Answers from the book of sessions."""

    def __init__(self, book: SessionBook) -> None:
        self.book = book

    # ---- making ----------------------------------------------------------------------------------------------------------------------

    @handles("session/create")
    def create(self, params: Params, call: Call) -> JsonObject | Awaitable[JsonObject]:
        """Make a session and run its first turn, or let it wait for one."""
        book = self.book
        options = options_of(params, book.surroundings)
        check_videos(params["prompt"], options.model, book.surroundings)
        book.check_capacity()
        deferred = params.get("initial_turn") == "deferred"
        session = book.create(
            options,
            params.get("labels") or {},
            create_prompt=params["prompt"] if deferred else None,
            external_tools=tools_of(params.get("external_tools")),
        )
        if deferred:
            return identity(session.id, book.realm)
        request = create_request(params)
        return self._in_background(session, request, call) if options.keep_alive else self.first_turn(session, request, call)

    def first_turn(self, session: Session, request: TurnRequest, call: Call) -> Awaitable[JsonObject]:
        """Run the first turn of a new session; if its answer is never published, the session is archived (spec 02, section 2.6)."""
        turn = TurnInput(request, "create", asyncio.get_running_loop().create_future())
        self._submit(session, turn, call)
        return cast("Awaitable[JsonObject]", turn.answer)

    def _submit(self, session: Session, turn: TurnInput, call: Call) -> None:
        queue = self.book.queue(session)
        call.on_cancel.append(lambda: queue.cancel(turn))
        call.on_unpublished.append(lambda: self._unmake(session))
        queue.submit(turn)

    def _unmake(self, session: Session) -> None:
        if not session.archived:
            self.book.archive(session)

    def _in_background(self, session: Session, request: TurnRequest, call: Call) -> Awaitable[JsonObject]:
        self._submit(session, TurnInput(request, "create"), call)
        return self._answer_early(session)

    async def _answer_early(self, session: Session) -> JsonObject:
        await self.book.runtime.clock.pause(KEEP_ALIVE_ANSWER_SECONDS, f"session {session.id} keeps alive")
        return background_result(session, self.book.realm)

    # ---- looking ---------------------------------------------------------------------------------------------------------------------

    def _held_list(self, params: Params) -> bool:
        return True

    @handles("session/list", held=_held_list, early=True)
    def list_all(self, params: Params) -> JsonObject:
        """Return a page of the rows that have all the given labels."""
        rows = self.book.rows(params.get("labels") or {})
        start, limit = params.get("offset") or 0, params.get("limit")
        page = rows[start:] if limit is None else rows[start : start + limit]
        return {"sessions": cast("list[Json]", page)}

    def _held(self, params: Params) -> bool:
        return self.book.waits(params["session_id"])

    @handles("session/read", held=_held)
    def read(self, params: Params) -> JsonObject:
        """Return what there is to know of one session."""
        return self.book.info(self._readable(params))

    @handles("session/history", held=_held)
    def history(self, params: Params) -> JsonObject:
        """Return a page of the committed transcript, archived sessions included."""
        session_id = self.book.id_of(params["session_id"])
        session = self.book.get(session_id)
        if session is None:
            raise _unknown(session_id)
        return history_page(session, self.book.realm, params.get("offset") or 0, params.get("limit"))

    def _readable(self, params: Params) -> Session:
        """Return a session that was not archived, or was live then. Raises `Fault` -32001."""
        session_id = self.book.id_of(params["session_id"])
        session = self.book.get(session_id)
        if session is None or not session.readable:
            raise _unknown(session_id)
        return session

    def _unarchived(self, params: Params) -> Session:
        """Return a session that takes changes. Raises `Fault` -32001, spelled by how it was archived (spec 02, section 18)."""
        session = self._readable(params)
        if session.archived:
            raise Fault(-32001, f"session not found: {session.id}")
        return session

    # ---- forking and archiving -------------------------------------------------------------------------------------------------------

    @handles("session/fork_at", held=_held)
    def fork_at(self, params: Params) -> JsonObject:
        """Make a new session of the first messages of another."""
        source = self._forkable(params)
        return self._fork(source, forked(source.messages, params["message_index"]))

    @handles("session/fork_replace", held=_held)
    def fork_replace(self, params: Params) -> JsonObject:
        """Make a new session of the first messages of another, the last of them edited."""
        source = self._forkable(params)
        now, put_blob = self.book.runtime.clock.now(), self.book.surroundings.put_blob
        return self._fork(source, replaced(source.messages, params["message_index"], params["replacement"], now, put_blob))

    def _forkable(self, params: Params) -> Session:
        session = self._unarchived(params)
        if session.owner is not None:
            raise Fault(-32602, "mob-owned session transcripts cannot be edited through the generic session surface")
        if session.staged:
            raise Fault(
                -32002,
                f"session {session.id} is not materialized; transcript fork is available only for idle materialized sessions",
            )
        if self.book.queue(session).holds_events or self.book.running(session):
            raise Fault(-32002, f"session {session.id} is active; transcript fork uses running_behavior=reject")
        return session

    def _fork(self, source: Session, messages: list[Message]) -> JsonObject:
        fork = self.book.fork(source, messages)
        ids = identity(fork.id, self.book.realm)
        return {
            "source_session_id": source.id,
            "session_id": fork.id,
            "session_ref": ids["session_ref"],
            "message_count": len(fork.messages),
        }

    @handles("session/archive")
    def archive(self, params: Params) -> JsonObject | Awaitable[JsonObject]:
        """Archive a session, after its running turn if there is one."""
        session = self._unarchived(params)
        if self._archive_waits(session):
            return self._archive_later(session, self.book.runtime.turns.all_over())
        return self._archive_now(session)

    def _archive_waits(self, session: Session) -> bool:
        """Tell whether the answer has to wait for running turns: its own, or any if the session has no live agent (spec 02, 17.1)."""
        if self.book.running(session):
            return True
        held = bool(self.book.runtime.turns) and self.book.runtime.quirks.on("reads_wait_for_turns")
        return held and not session.staged and session.live is None

    async def _archive_later(self, session: Session, turns_over: Awaitable[object]) -> JsonObject:
        session.loses_run = self.book.running(session) and self.book.runtime.quirks.on("archive_loses_running_turn")
        await turns_over
        if session.archived:
            raise Fault(-32001, f"session not found: {session.id}")
        return self._archive_now(session)

    def _archive_now(self, session: Session) -> JsonObject:
        self.book.archive(session)
        return {"archived": True}

    # ---- what is put in without a turn -----------------------------------------------------------------------------------------------

    @handles("session/inject_context", held=_held)
    def inject_context(self, params: Params) -> JsonObject:
        """Keep a text for the system prompt of the next run."""
        session = self._unarchived(params)
        text = params["text"].strip()
        if not text:
            raise Fault(-32602, "system context text must not be empty")
        runtime = self.book.runtime
        if runtime.realm.backend == "jsonl" and session.live is None and not session.staged:
            projection = f"store-only compatibility projection for session {session.id}"
            raise Fault(-32603, f"unsupported: append_system_context cannot mutate {projection}")
        note = ContextNote(text, params.get("source"))
        status = session.notes.inject(note, params.get("idempotency_key"), keyless_lost=runtime.quirks.on("keyless_context_lost"))
        if status == "staged" and session.live is None:
            session.updated_at = runtime.clock.now()
        self.book.committed(session)
        return {"status": status}

    def _held_event(self, params: Params) -> bool:
        return self.book.waits(params["session_id"]) and self.book.running(cast("Session", self.book.named(params["session_id"])))

    @handles("session/external_event", held=_held_event)
    def external_event(self, params: Params) -> JsonObject:
        """Queue an event in front of the next prompt."""
        session_id = self.book.id_of(params["session_id"])
        session = self.book.get(session_id)
        if session is not None and session.archived:
            raise Fault(-32001, f"session not found: {session_id}")
        event = event_of(params, self.book.runtime.ids)
        if session is None:
            raise Fault(-32001, f"session not found: {session_id}")
        if self.book.queue(session).stopped:
            return dict(_REJECTED)
        self.book.queue(session).note(event)
        self.book.committed(session)
        return accepted(event.input_id, self.book.runtime.clock.now())

    @handles("session/peer_response_terminal")
    def peer_response_terminal(self, params: Params) -> JsonObject:
        """Take a peer's answer and let the session react to it in the background."""
        session_id = self.book.id_of(params["session_id"])
        session = self.book.get(session_id)
        if session is None or session.archived:
            raise Fault(-32001, f"session not found: {session_id}")
        turn = peer_turn(params)
        runtime = self.book.runtime
        if self.book.queue(session).stopped:
            return dict(_REJECTED)
        self.book.queue(session).submit(turn)
        return accepted(runtime.ids.uuid7(), runtime.clock.now())


_REJECTED: Final[Mapping[str, Json]] = MappingProxyType(
    {"outcome_type": "rejected", "reason": "runtime not accepting input while in state: stopped"}
)
"""What becomes of input for a session whose runtime has stopped (spec 05, section 8)."""


def _unknown(session_id: str) -> Fault:
    return Fault(-32001, f"Session not found: {session_id}")
