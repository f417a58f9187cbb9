"""Turns on their way to the server: one at a time per session, told apart by their runs, cancelled and given up in an orderly way.

The server stalls turns that are sent while another one of the session runs (spec 02, section 3.5), so they wait here instead. A turn
that its caller gives up is cancelled on the server and keeps its place until the server has answered: a turn sent into a dying run is
refused with a misleading error (spec 01, section 5.6). A turn that the server leaves lying is recognised by its silence after another
run of the session has ended, and fails with `TurnStalledError` (spec 02, section 5.4).

Owns lanes, watches and their clocks; who belongs to which run is the business of `runs`.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from meerkat.client.runs import Runs, Turn
from meerkat.errors import MeerkatError, TurnFailedError, TurnStalledError
from meerkat.streaming.feed import CURRENT_FEED

if TYPE_CHECKING:
    from meerkat.client.calls import Call
    from meerkat.client.connection import Connection
    from meerkat.client.options import Limits
    from meerkat.wire.base import Json, JsonObject

log = logging.getLogger("meerkat")

CANCEL_SETTLE_S = 10.0
"""How long a cancelled turn keeps the next one of its session waiting; the server answers a cancel within 0.2 s (spec 01, section 7)."""

RETURNING_FAILURE = "turn abandoned: "
"""How the error of a turn begins whose prompt the server keeps for another attempt (spec 02, section 5.4)."""


class _Lane:
    """The turns of one session, in the order they were asked for."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0


class _Watch:
    """A turn that is sent and has not begun."""

    def __init__(self, turn: Turn, call: Call, lane: str | None) -> None:
        self.turn = turn
        self.lane = lane
        self.call = call
        self.timer: asyncio.TimerHandle | None = None

    def stop(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class TurnQueue:
    """The turns of one connection. `serialize=False` lets turns of one session overlap, with all that the server makes of it."""

    def __init__(self, limits: Limits, *, serialize: bool) -> None:
        self.runs = Runs(self)
        self._limits = limits
        self._serialize = serialize
        self._lanes: dict[str, _Lane] = {}
        self._watches: list[_Watch] = []
        self.under_way = 0
        """Turns sent and not answered."""

    async def run(self, connection: Connection, method: str, params: JsonObject) -> Json:
        """Send a turn when its session is free, and return its result."""
        feed = CURRENT_FEED.get()
        key = lane_of(method, params)
        lane = await self._enter(key) if key is not None and self._serialize else None
        turn = Turn(_session_of(method, params), params.get("prompt"), feed)
        follows = method in ("turn/start", "session/create")
        if follows:
            self.runs.expect(turn)
        try:
            call = await connection.begin(method, params, None)
        except BaseException:
            self.runs.failed(turn, will_return=False)
            self._leave(key, lane)
            raise
        watch = _Watch(turn, call, key)
        self._watches.append(watch)
        self.under_way += 1
        turn.on_started = lambda: self._started(connection, watch)
        turn.on_ended = lambda: self._ended(watch)
        call.on_over = lambda: self._over(watch, key, lane)
        try:
            result = await call.future
        except asyncio.CancelledError:
            self._cancel(connection, watch, follows)
            raise
        except MeerkatError as error:
            if follows and not isinstance(error, TurnStalledError):
                self.runs.failed(turn, will_return=_returns(error))
            raise
        if follows:
            session_id = result.get("session_id") if isinstance(result, dict) else None
            self.runs.answered(turn, session_id if isinstance(session_id, str) else None)
            if not turn.running:
                # the answer has overtaken the whole run (spec 03, section 4.2)
                asyncio.get_running_loop().call_later(self._limits.tail_wait_s, self.runs.expire, turn)
        return result

    def _cancel(self, connection: Connection, watch: _Watch, follows: bool) -> None:
        """Give up a turn for a caller that is gone; its place stays taken until the server has let go of it."""
        if watch.call.on_over is None:
            # answered in the very moment of the cancellation
            self.runs.failed(watch.turn, will_return=False)
            return
        watch.turn.on_started = watch.turn.on_ended = None
        over = watch.call.on_over
        timer = asyncio.get_running_loop().call_later(CANCEL_SETTLE_S, watch.call.over)

        def settled() -> None:
            timer.cancel()
            if follows:
                self.runs.failed(watch.turn, will_return=False)
            over()

        watch.call.on_over = settled
        connection.abandon(watch.call, tell_server=True)

    # Lanes

    def lanes_in_use(self) -> set[str | None]:
        """Return the sessions and members that have a turn under way."""
        return {watch.lane for watch in self._watches if watch.lane is not None}

    async def _enter(self, key: str) -> _Lane:
        lane = self._lanes.setdefault(key, _Lane())
        lane.users += 1
        try:
            await lane.lock.acquire()
        except BaseException:
            self._drop_user(key, lane)
            raise
        return lane

    def _leave(self, key: str | None, lane: _Lane | None) -> None:
        if lane is not None and key is not None:
            lane.lock.release()
            self._drop_user(key, lane)

    def _drop_user(self, key: str, lane: _Lane) -> None:
        lane.users -= 1
        if not lane.users:
            self._lanes.pop(key, None)

    def _over(self, watch: _Watch, key: str | None, lane: _Lane | None) -> None:
        watch.stop()
        watch.turn.on_started = watch.turn.on_ended = None
        self._watches.remove(watch)
        self.under_way -= 1
        self._leave(key, lane)

    # The watch for stalls

    def _started(self, connection: Connection, watch: _Watch) -> None:
        watch.stop()
        connection.mark_read(watch.call.id)

    def _ended(self, watch: _Watch) -> None:
        """Start the clock for the answer, which follows the end of its run."""
        if self._limits.request_deadline_s is not None:
            watch.timer = asyncio.get_running_loop().call_later(self._limits.request_deadline_s, self._unanswered, watch)

    def _unanswered(self, watch: _Watch) -> None:
        watch.timer = None
        session_id = watch.turn.session_id or ""
        self.runs.expire(watch.turn)
        watch.call.fail(
            TurnStalledError(
                f"the run of the turn ended, but the turn was not answered within {self._limits.request_deadline_s:g} s; "
                "its effect shows in the history",
                session_id=session_id,
                method=watch.call.method,
                request_id=watch.call.id,
            )
        )

    def other_run_started(self, session_id: str) -> None:
        """Stop the clocks: the server is busy, not stuck."""
        for watch in self._waiting_in(session_id):
            watch.stop()

    def other_run_ended(self, session_id: str) -> None:
        """Start the clocks: now it is the turn of those that wait."""
        for watch in self._waiting_in(session_id):
            watch.stop()
            watch.timer = asyncio.get_running_loop().call_later(self._limits.stall_after_s, self._stalled, watch)

    def _waiting_in(self, session_id: str) -> list[_Watch]:
        return [watch for watch in self._watches if watch.turn.session_id == session_id and not watch.turn.running]

    def _stalled(self, watch: _Watch) -> None:
        watch.timer = None
        session_id = watch.turn.session_id or ""
        self.runs.left_over(watch.turn)
        watch.call.fail(
            TurnStalledError(
                f"the server ran another prompt of session {session_id} first and has left this turn lying "
                f"({self._limits.stall_after_s:g} s without a sign). It will run, unasked, before the next turn of the session: "
                "send that turn, or archive the session (spec 02, section 5.4)",
                session_id=session_id,
                method=watch.call.method,
                request_id=watch.call.id,
            )
        )


def lane_of(method: str, params: JsonObject) -> str | None:
    """Return what a turn must have to itself: its session, or the member it is for; None for one that makes its own session."""
    if method == "turn/start":
        return _session_of(method, params)
    if method == "mob/turn_start":
        return f"{params.get('mob_id')} {params.get('agent_identity')}"
    return None


def _session_of(method: str, params: JsonObject) -> str | None:
    """Return the id as events show it: without the realm that a reference may have in front (spec 02, section 1.1)."""
    session_id = params.get("session_id")
    return session_id.rpartition(":")[2] if method == "turn/start" and isinstance(session_id, str) else None


def _returns(error: MeerkatError) -> bool:
    return isinstance(error, TurnFailedError) and error.message.startswith(RETURNING_FAILURE)
