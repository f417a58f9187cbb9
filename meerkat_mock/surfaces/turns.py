"""`turn/start` and `turn/interrupt` (spec 02, sections 3 and 4)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from meerkat_mock.session.intake import turn_request
from meerkat_mock.session.queue import TurnInput
from meerkat_mock.session.state import Loss
from meerkat_mock.surfaces.registry import Fault, handles

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from meerkat.wire.base import JsonObject
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.options import TurnRequest
    from meerkat_mock.session.state import Session
    from meerkat_mock.surfaces.registry import Call, Params


class Turns:
    """Asks sessions to run, and to stop."""

    def __init__(self, book: SessionBook) -> None:
        self._book = book

    @handles("turn/start")
    def start(self, params: Params, call: Call) -> Awaitable[JsonObject]:
        """Check a turn and put it into the session's line; the answer comes when it has run."""
        book = self._book
        session_id = book.id_of(params["session_id"])
        session = book.get(session_id)
        if session is None or session.archived:
            raise Fault(-32001, f"session not found: {session_id}")
        request = turn_request(params, session, book.surroundings)
        if not session.staged and not book.running(session):
            book.check_capacity()
        self._check_keep_alive(session, request)
        turn = TurnInput(request, answer=asyncio.get_running_loop().create_future())
        queue = book.queue(session)
        call.on_cancel.append(lambda: queue.cancel(turn))
        queue.submit(turn)
        assert turn.answer is not None
        return turn.answer

    def _check_keep_alive(self, session: Session, request: TurnRequest) -> None:
        if session.staged and request.changes.keep_alive and session.options.comms_name is None:
            raise Fault(-32602, "keep_alive requires a session created with comms_name")

    @handles("turn/interrupt")
    def interrupt(self, params: Params) -> JsonObject:
        """Drop the running turn, if there is one."""
        book = self._book
        session_id = book.id_of(params["session_id"])
        session = book.get(session_id)
        if session is None or session.archived:
            raise Fault(-32001, f"Session not found: {session_id}")
        if book.queue(session).stopped:
            raise Fault(-32600, "Session is not interruptible while runtime is stopped")
        if not book.queue(session).interrupt() and self._has_nothing_to_stop(session):
            raise Fault(
                -32603,
                f"Failed to interrupt session: Internal error: failed to hard cancel run: Control failed: session not found: {session_id}",
            )
        return {"interrupted": True}

    def _has_nothing_to_stop(self, session: Session) -> bool:
        """Tell whether the agent was thrown away in a way that an interrupt stumbles over (spec 02, section 4)."""
        return session.lost in (Loss.INTERRUPTED, Loss.DROPPED) and self._book.runtime.quirks.on("second_interrupt_fails")
