"""The turns of one session, one after another, and what becomes of those that fail (spec 02, sections 3.5, 4 and 5.4; spec 03, 6.8, 6.11).

Why a list and not an asyncio queue: what waits is looked at, reordered and taken back. A failed prompt returns; a queued event stands in
front of whichever prompt comes next; a waiting turn can be cancelled, stranded, or refused with the running one.

The life of a prompt, as the server was seen to treat it:

* it waits in the line, runs, is answered; most prompts do just that;
* when its run fails it stays in the line (attempt 1). Nothing happens until the next input arrives;
* then it runs first (attempt 2), answered by nobody. If that succeeds, whatever stands behind it is stranded until yet another input
  arrives. If it fails, it goes behind the others;
* after the next answered turn it runs a last time (attempt 3) in the background, a moment later. A turn that arrives in between is
  stranded, and refused by name once another one frees it, although its prompt still runs;
* a prompt whose first failure came while another failed prompt stood in the line has its later attempts only in front of later turns.

Every fork of behaviour asks the table of quirks; with all of them off this is a plain line.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from meerkat_mock.session.notes import EventNote
from meerkat_mock.session.options import TurnRequest
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from meerkat_mock.agent.ports import JsonObject
    from meerkat_mock.clock import Clock
    from meerkat_mock.quirks import Quirks

Origin = Literal["create", "turn", "peer", "comms", "schedule", "mob"]
"""Who asked for a run: a failed prompt returns for `turn`, `schedule` and `mob` (spec 02, section 5.4)."""

MAX_ATTEMPTS = 3
LAST_ATTEMPT_DELAY_SECONDS = 0.03
"""How long after the answered turn the last attempt begins; about 30 ms on the real server (golden events/failure_aftermath)."""

HEARING_PASSES = 4
"""Passes of the event loop between an answer and the next run: what hears the answer (the client, a flow) has acted on it by then."""
STOPPING_SECONDS = 1.0
"""How soon after the second failure in a row a further turn stops the runtime, where that is asked for (spec 01, section 10.3 c)."""
STOPPED = "runtime terminated: runtime stopped"
NOT_READY = "runtime accept failed: Runtime not ready: stopped"
UNREGISTERED = "runtime terminated: runtime session unregistered"

Answer = asyncio.Future["JsonObject"]

_INPUTS = itertools.count(1)


@dataclass(eq=False)
class TurnInput:
    """One prompt in the line. `answer` is None when nobody waits for it."""

    request: TurnRequest
    origin: Origin = "turn"
    answer: Answer | None = None
    quiet: bool = False
    """True: its events are not shown on `session/event` (runs that a mob drives; spec 03, section 1)."""
    notice: str | None = None
    """A context block that becomes a lasting part of the system message with this run (spec 02, section 14.2)."""
    attempts: int = 0
    crowded: bool = False
    """Its first failure came while another failed prompt stood in the line."""
    refused: str | None = None
    """The error its caller will get when the prompt is freed."""
    waits_for_another: bool = False
    start_by: float | None = None
    """A moment from which on the end of the turn before it does not start it any more: it waits for another input then."""
    key: str = field(default_factory=lambda: f"input-{next(_INPUTS)}")
    """Tells this prompt from every other of the process, also when it is run again."""

    @property
    def returns(self) -> bool:
        """Tell whether a failure puts it back into the line."""
        return self.origin in ("turn", "schedule", "mob")

    def settle(self, result: JsonObject) -> None:
        """Answer with a result."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(result)

    def refuse(self, code: int, message: str) -> None:
        """Answer with an error."""
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(Fault(code, message))
            self.answer.exception()  # whoever waited may have gone; then nobody else reads it


class TurnFailed(Exception):
    """A run that failed; `str()` is what follows `Apply failed: `, which `applied` leaves out. One that never began does not return."""

    def __init__(self, text: str, *, applied: bool = False, returns: bool = True) -> None:
        super().__init__(text)
        self.returns = returns
        self.told = f"apply failed: {text}" if applied else f"apply failed: Apply failed: {text}"


class _Stopped(Exception):
    """A run that was told to stop has ended."""


class RunsTurns(Protocol):
    """Carries out one run of the session that a queue belongs to."""

    async def run(self, turn: TurnInput, events: Sequence[EventNote]) -> JsonObject:
        """Run, commit and return the wire result. Raises `TurnFailed`, `Fault`; cancelling it is an interrupt."""
        ...


@dataclass
class _Running:
    turn: TurnInput
    events: list[EventNote]
    stopped: bool = False
    """True once it was told to stop: its cancellation ends it alone, not the line."""


@dataclass
class _Pass:
    """One waking of the line."""

    fresh_failures: set[int] = field(default_factory=set[int])


class TurnQueue:
    """The line of one session. Idle, it holds no task."""

    def __init__(self, session_id: str, runner: RunsTurns, quirks: Quirks, clock: Clock, changed: Callable[[], None]) -> None:
        self._session_id = session_id
        self._runner = runner
        self._quirks = quirks
        self._clock = clock
        self._changed = changed
        self._line: list[TurnInput | EventNote] = []
        self._running: _Running | None = None
        self._worker: asyncio.Task[None] | None = None
        self._last_attempt = False
        """True from the answer before the last attempt of a failed prompt until that attempt has ended."""
        self._closed = False
        self._ending = False
        self._failed_twice_at = -STOPPING_SECONDS
        self.stopped = False
        """True once a turn came too soon after two failures: no further one is taken."""

    # ---- what can be asked -----------------------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Tell whether a run is under way."""
        return self._running is not None

    @property
    def busy(self) -> bool:
        """Tell whether the line is being worked on."""
        return self._worker is not None

    @property
    def holds_events(self) -> bool:
        """Tell whether an external event waits for the next prompt."""
        return any(isinstance(item, EventNote) for item in self._line)

    @property
    def holds_failed_prompt(self) -> bool:
        """Tell whether a failed prompt waits to be run again."""
        return any(isinstance(item, TurnInput) and item.attempts for item in self._line)

    def durable(self) -> list[TurnInput | EventNote]:
        """Return what a later process would have to run: events, failed prompts, and the prompt that runs now (spec 02, section 17.3)."""
        running = self._running
        now: list[TurnInput | EventNote] = []
        if running is not None and running.turn.returns:
            now = [*running.events, running.turn]
        return [*now, *(item for item in self._line if isinstance(item, EventNote) or item.attempts)]

    def restore(self, items: Sequence[TurnInput | EventNote]) -> None:
        """Take up what an earlier process has left; it runs when the next input arrives."""
        self._line.extend(items)

    # ---- what can be put in and taken out --------------------------------------------------------------------------------------------

    def submit(self, turn: TurnInput) -> None:
        """Put a prompt at the end of the line and see to it that the line moves; a stopped runtime takes none."""
        if self.stopped:
            turn.refuse(-32603, NOT_READY)
            return
        if self._clock.now() < self._failed_twice_at + STOPPING_SECONDS and self._quirks.on("hasty_turn_stops_runtime"):
            self.stopped = True
            self._refuse_waiting(-32603, STOPPED)
            self._line.clear()
            turn.refuse(-32603, STOPPED)
            return
        freed = self._free_stranded()
        if turn.start_by is None:
            self._start_without_haste()
        if self._last_attempt and not freed and self._quirks.on("turn_stalls_behind_rerun"):
            turn.waits_for_another = True
            turn.refused = UNREGISTERED
        elif self.running and self._quirks.on("queued_turn_stalls"):
            turn.waits_for_another = True
        self._line.append(turn)
        self._wake()

    def _free_stranded(self) -> bool:
        """Let prompts run that waited for another input; return whether there were any."""
        stranded = [item for item in self._line if isinstance(item, TurnInput) and self._is_stranded(item)]
        for item in stranded:
            item.waits_for_another, item.start_by = False, None
            if item.refused is not None:
                item.refuse(-32603, item.refused)
        return bool(stranded)

    def _start_without_haste(self) -> None:
        """Let whatever stands in the line start whenever it is its turn: what comes behind it wakes it."""
        for item in self._line:
            if isinstance(item, TurnInput):
                item.start_by = None

    def _is_stranded(self, item: TurnInput) -> bool:
        return item.waits_for_another or (item.start_by is not None and self._clock.now() > item.start_by)

    def lay(self, turn: TurnInput) -> None:
        """Put a prompt at the end of the line and let it lie there until another input arrives (spec 05, "Seen live", 1)."""
        turn.waits_for_another = True
        self._line.append(turn)

    def note(self, event: EventNote) -> None:
        """Queue an external event; it wakes the line only when a failed prompt waits in it (spec 02, section 14.1)."""
        self._line.append(event)
        if self.holds_failed_prompt:
            self._wake()

    def interrupt(self) -> bool:
        """Drop the running turn; a waiting one is refused with it (spec 02, section 3.5). Returns whether anything ran."""
        running = self._running
        if running is None:
            return False
        if self._quirks.on("interrupt_loses_waiting_turn"):
            self._refuse_waiting(-32001, f"session not found: {self._session_id}")
        self._stop_running()
        return True

    def cancel(self, turn: TurnInput) -> None:
        """Take one prompt back because its client cancelled it; if it waits, the running turn dies too (spec 01, section 7)."""
        running = self._running
        if running is not None and running.turn is turn:
            self._stop_running()
        elif turn in self._line:
            self._line.remove(turn)
            turn.refuse(-32005, "request cancelled")
            if running is not None and self._quirks.on("cancel_of_waiting_turn_hits_running"):
                self._stop_running()

    def _stop_running(self) -> None:
        if self._running is not None and self._worker is not None:
            self._running.stopped = True
            self._worker.cancel()

    def close(self) -> None:
        """Refuse everything that waits: the session is archived. A running turn goes on to its end."""
        self._closed = True
        self._refuse_waiting(-32603, UNREGISTERED)
        self._line.clear()

    async def stop(self) -> None:
        """End whatever runs: the process goes down. What an interrupt would drop is dropped."""
        worker = self._worker
        if worker is not None:
            self._ending = True
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)

    def _refuse_waiting(self, code: int, message: str) -> None:
        for item in tuple(self._line):
            if isinstance(item, TurnInput) and not item.attempts:
                self._line.remove(item)
                item.refuse(code, message)

    # ---- moving ----------------------------------------------------------------------------------------------------------------------

    def _wake(self) -> None:
        if self._worker is None and not self._closed:
            self._worker = asyncio.ensure_future(self._work())

    async def _work(self) -> None:
        now = _Pass()
        try:
            while (batch := self._next(now)) is not None:
                events, turn = batch
                if not await self._run(events, turn, now):
                    break
        finally:
            self._worker = None
            self._last_attempt = False

    def _next(self, now: _Pass) -> tuple[list[EventNote], TurnInput] | None:
        """Take the next prompt and the events in front of it, unless it has to wait for another input."""
        for index, item in enumerate(self._line):
            if isinstance(item, TurnInput):
                if self._is_stranded(item) or id(item) in now.fresh_failures:
                    return None
                events = [event for event in self._line[:index] if isinstance(event, EventNote)]
                del self._line[: index + 1]
                return events, item
        return None

    async def _run(self, events: list[EventNote], turn: TurnInput, now: _Pass) -> bool:
        """Run one prompt; return whether the line goes on."""
        try:
            return await self._run_one(events, turn, now)
        finally:
            self._changed()

    async def _run_one(self, events: list[EventNote], turn: TurnInput, now: _Pass) -> bool:
        try:
            result = await self._result_of(turn, events)
        except _Stopped:
            turn.refuse(-32005, "request cancelled")
            following = self._following()
            return following is not None and not following.attempts
        except TurnFailed as error:
            return self._failed(events, turn, error, now)
        except Fault as fault:
            turn.refuse(fault.error.code, fault.error.message)
            return True
        except Exception as error:
            if turn.answer is not None and not turn.answer.done():
                turn.answer.set_exception(error)
            return True
        return await self._succeeded(turn, result)

    async def _result_of(self, turn: TurnInput, events: list[EventNote]) -> JsonObject:
        """Run one prompt. Raises what the runner does, and `_Stopped` when the prompt was told to stop."""
        running = self._running = _Running(turn, events)
        self._changed()
        try:
            result = await self._runner.run(turn, events)
            if running.stopped:
                await asyncio.sleep(0)  # told by itself, in its last step: the cancellation is still to come
            return result
        except asyncio.CancelledError:
            if not running.stopped or self._ending:
                raise
            _take_back_cancellations()
            raise _Stopped from None
        finally:
            self._running = None

    async def _succeeded(self, turn: TurnInput, result: JsonObject) -> bool:
        if turn.attempts:
            self._strand_all()
            return True
        turn.settle(result)
        following = self._following()
        if following is None:
            return True
        if following.attempts:
            if following.crowded:
                return False
            await self._before_last_attempt()
            return True
        for _ in range(HEARING_PASSES):
            await asyncio.sleep(0)
        return True

    def _strand_all(self) -> None:
        """Let whatever stands behind a re-run that succeeded wait for another input (spec 02, section 5.4, point 3)."""
        self._last_attempt = False
        if self._quirks.on("turn_stalls_behind_rerun"):
            for item in self._line:
                if isinstance(item, TurnInput):
                    item.waits_for_another = True

    def _following(self) -> TurnInput | None:
        return next((item for item in self._line if isinstance(item, TurnInput)), None)

    async def _before_last_attempt(self) -> None:
        self._last_attempt = True
        await self._clock.pause(LAST_ATTEMPT_DELAY_SECONDS, f"session {self._session_id} runs a failed prompt for the last time")

    def _failed(self, events: list[EventNote], turn: TurnInput, error: TurnFailed, now: _Pass) -> bool:
        turn.refuse(-32603, f"turn abandoned: {error.told}")
        self._line[:0] = events
        self._last_attempt = False
        if not turn.returns or not error.returns or not self._quirks.on("failed_prompt_returns"):
            return True
        turn.attempts += 1
        if turn.attempts == 1:
            turn.crowded = self.holds_failed_prompt
            if turn.crowded:
                self._failed_twice_at = self._clock.now()
            now.fresh_failures.add(id(turn))
        if turn.attempts < MAX_ATTEMPTS:
            self._line.append(turn)
        return True


def _take_back_cancellations() -> None:
    """Let the present task go on as if nobody had cancelled it (Python 3.10 does not keep count)."""
    task = asyncio.current_task()
    if sys.version_info >= (3, 11) and task is not None:
        while task.cancelling():
            task.uncancel()
