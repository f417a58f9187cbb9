"""What one turn's stream is fed with: the events of its run in order, holes in their numbering, and the reason why it is over.

A stream ends with its run, not with its answer, since the two reach the client in either order (spec 03, section 4.2):

    the run's terminal event and the answer   a clean end
    an error answer, nothing of the run       the error, at once (refused, interrupted, not built)
    a failure answer in the middle of a run   the error, once the run's terminal event came or nothing more does
    an answer, but no terminal event          `EventsLostError`, once nothing has come for `tail_wait_s`
    a terminal event, but no answer           `TurnStalledError`, once nothing has come for `tail_wait_s`

Owns these rules and the clock for the last three; knows nothing of sessions, requests or who reads.
"""

from __future__ import annotations

import asyncio
import logging
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meerkat.errors import EventsLostError, TurnFailedError, TurnStalledError
from meerkat.streaming.mailbox import Mailbox

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject

log = logging.getLogger("meerkat")

CURRENT_FEED: ContextVar[TurnFeed | None] = ContextVar("meerkat_turn_feed", default=None)
"""The feed of the stream on whose behalf a request is made; a context variable, so that `_request` keeps its two parameters."""

BOUNDARY_NOTICE = "tool_config_changed"
"""Notices of this type may be numbered by another counter (spec 03, section 2.2)."""


@dataclass(frozen=True)
class Hole:
    """Events that are missing between two that arrived: their numbers, and the events on either side."""

    first: int
    last: int
    run_started_at: int
    before: JsonObject
    after: JsonObject


class TurnFeed:
    """Collects the events of one turn; `mailbox` is what its stream reads."""

    def __init__(self, *, events_held: int, tail_wait_s: float) -> None:
        self.mailbox: Mailbox[JsonObject | Hole] = Mailbox(events_held)
        self.session_id = ""
        self.attached = False
        """Whether a connection delivers to this feed; without one, the answer is the end."""
        self.started = False
        self.at_end = False
        self.answered = False
        self.patient = True
        """False when the answer may come long before the run: a session that is kept alive (spec 02, section 2.5)."""
        self._error: Exception | None = None
        self._lost: Exception | None = None
        self._tail_wait_s = tail_wait_s
        self._timer: asyncio.TimerHandle | None = None
        self._first_seq = 0
        self._seq = 0
        self._last: JsonObject = {}

    # From the connection

    def event(self, envelope: JsonObject, payload: JsonObject) -> None:
        """Take the next event of the run."""
        seq = envelope.get("seq")
        if seq != self._seq + 1:
            self._check_number(seq, payload)
        elif self._seq:
            self._seq += 1
        else:
            self._seq = self._first_seq = 1
        self._last = payload
        if not self.mailbox.put(payload) and not self.mailbox.ended:
            self._overflow()
        if self._timer is not None:
            self._restart_timer()

    def _check_number(self, seq: object, payload: JsonObject) -> None:
        if type(seq) is not int or payload.get("type") == BOUNDARY_NOTICE:
            return
        if self._first_seq and seq > self._seq + 1:
            hole = Hole(self._seq + 1, seq - 1, self._first_seq, self._last, payload)
            log.warning("events %d to %d of session %s did not arrive", hole.first, hole.last, self.session_id)
            self.mailbox.put(hole)
        if not self._first_seq:
            self._first_seq = seq
        self._seq = max(seq, self._seq)

    def _overflow(self) -> None:
        self.mailbox.end(
            EventsLostError(
                f"{self.mailbox.limit} events waited for their consumer, and more came: read the stream faster, or raise `events_held`"
            )
        )

    def run_ended(self) -> None:
        """Note that the run's last event has been taken."""
        self.at_end = True
        self._judge()

    def run_was_lost(self) -> None:
        """Note that the run is over and that its events, from the first on, did not arrive."""
        self._lost = EventsLostError("the beginning of the turn's events did not arrive, and so none is shown; `result` is available")
        self.run_ended()

    # From the request

    def succeed(self) -> None:
        """Note a result."""
        self.answered = True
        self._judge()

    def fail(self, error: Exception) -> None:
        """Note an error answer, or another end of the request."""
        self.answered = True
        self._error = error
        self._judge()

    # The rules

    def _judge(self) -> None:
        if self.mailbox.ended:
            return
        if self.answered and (self.at_end or not self._waits_for_the_run()):
            self._finish(self._error or self._lost)
        elif self.answered or self.at_end:
            self._restart_timer()

    def _waits_for_the_run(self) -> bool:
        if not self.attached:
            return False
        if self._error is None:
            return True
        return self.started and isinstance(self._error, TurnFailedError)

    def _restart_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(self._tail_wait_s, self._give_up)

    def _give_up(self) -> None:
        if self._error is not None or (self.answered and not self.patient):
            self._finish(self._error)
        elif self.answered:
            self._finish(
                EventsLostError(
                    f"the turn was answered, but the end of its events did not come within {self._tail_wait_s:g} s; `result` is available"
                )
            )
        else:
            self._finish(
                TurnStalledError(
                    f"the run ended, but the turn was not answered within {self._tail_wait_s:g} s; its effect shows in the history",
                    session_id=self.session_id,
                )
            )

    def discard(self, error: Exception) -> None:
        """Take no more: the consumer has left, and `error` tells it so should it come back."""
        self._finish(error)
        self.mailbox.items.clear()

    def _finish(self, error: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.mailbox.end(error)
