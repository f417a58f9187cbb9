"""The one driver of a process: it tops plans up, claims what is due, and delivers it, one after the other (spec 05, sections 1.1 and 1.8).

The server looks every 250 ms. Here a look is an appointment of the clock, made only for a moment at which there is something to do and
never sooner than 250 ms after the last look, so that nothing ticks in vain; it is as if one of the server's looks fell on every due time.
"""

from __future__ import annotations

import asyncio
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from meerkat_mock.instants import NANO
from meerkat_mock.schedule.agenda import Agenda
from meerkat_mock.schedule.book import MAX_REPEATS
from meerkat_mock.schedule.records import MILLI, Claim, Failure, to_milliseconds
from meerkat_mock.violations import Violation

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from meerkat.wire.schedules import DeliveryReceiptStage
    from meerkat_mock.clock import Wait
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.schedule.book import ScheduleBook
    from meerkat_mock.schedule.delivery import Deliveries
    from meerkat_mock.schedule.outcomes import Delivered, Obstacle
    from meerkat_mock.schedule.records import Occurrence, Schedule

TICK: Final = 250 * MILLI
BATCH: Final = 32
"""Occurrences that are claimed in one look."""
LEASE: Final = 60 * NANO
SKIP_TOLERANCE_SECONDS: Final = 30
"""How late an occurrence may be when its policy is to skip what is late."""
_TOLERANCE: Final = 1_000
"""The clock counts in floats, which miss a nanosecond by some hundreds: what is due within a microsecond is due."""

_PAUSED = Failure("lease_lost", "lease released because schedule was paused before dispatch")


class Driver:
    """Makes planned things happen. Idle, it holds no task."""

    def __init__(self, runtime: Runtime, book: ScheduleBook, deliveries: Deliveries) -> None:
        self._runtime = runtime
        self._book = book
        self._deliveries = deliveries
        self._by = f"rpc-scheduler:{runtime.realm.id}:{runtime.flags.instance or 'rpc'}"
        self._agenda = Agenda()
        self._wait: Wait | None = None
        self._look: asyncio.Task[None] | None = None
        self._completions: set[asyncio.Task[None]] = set()
        self._last_look = book.now() - TICK
        self._started = False
        self._closed = False
        book.on_change = self._take_note
        runtime.at_close(self._close)

    def start(self) -> None:
        """Take up what an earlier process has left: from the first connection on, as there is nobody to tell of it before."""
        if self._started:
            self._arm_anew()
            return
        self._started = True
        for schedule in self._book:
            self._take_note(schedule)
        for occurrence in self._book.in_flight():
            self._watch_lease(occurrence)

    async def _close(self) -> None:
        """Stop: the process goes down. What is claimed stays claimed for the next one."""
        self._closed = True
        if self._wait is not None:
            self._wait.cancel()
        running = [*self._completions, *([self._look] if self._look is not None else [])]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    # ---- waiting ---------------------------------------------------------------------------------------------------------------------

    def _take_note(self, schedule: Schedule) -> None:
        """Look after a schedule that was made or changed; nothing of it happens before the answer to that call is out."""
        if schedule.phase == "active":
            self._agenda.add(schedule.pending)
            self._plan_later(schedule, self._book.now())
            self._arm(self._book.now() + TICK)

    def _plan_later(self, schedule: Schedule, now: int) -> None:
        at = self._book.next_planning(schedule, now)
        self._agenda.plan(schedule.id, None if at is None else max(at, now + TICK))

    def _watch_lease(self, occurrence: Occurrence) -> None:
        assert occurrence.claim is not None
        self._agenda.watch(occurrence, occurrence.claim.lease_expires_at)
        self._arm(self._last_look + TICK)

    def _arm_anew(self) -> None:
        """Make the next appointment again, in the event loop that runs now: the one in which it was made may be gone."""
        if self._wait is not None:
            self._wait.cancel()
        self._arm(self._last_look + TICK)

    def _arm(self, soonest: int) -> None:
        """Make an appointment for the next thing to do, not before `soonest`; an earlier one stands."""
        due = self._agenda.next()
        if due is None or self._closed:
            return
        at = max(due, soonest) / NANO
        if self._wait is not None and not self._wait.over:
            if self._wait.due <= at:
                return
            self._wait.cancel()
        self._wait = self._runtime.clock.at(at, "appointment", "a schedule is due", self._wake)

    def _wake(self) -> None:
        stopped = self._look is None or self._look.done() or self._look.get_loop().is_closed()
        if stopped and not self._closed:
            self._look = asyncio.ensure_future(self._look_around())

    # ---- one look --------------------------------------------------------------------------------------------------------------------

    async def _look_around(self) -> None:
        try:
            now = self._last_look = self._book.now()
            self._plan(now)
            for occurrence in self._claim_due(now):
                await self._serve(occurrence, now)
        except Exception as error:
            text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
            self._runtime.violations.append(Violation("crash", "", f"the driver of schedules failed inside the mock:\n{text}"))
        finally:
            self._look = None
            self._arm(self._last_look + TICK)

    def _plan(self, now: int) -> None:
        for schedule_id in self._agenda.plannings(now + _TOLERANCE):
            schedule = self._book.get(schedule_id)
            if schedule.phase == "active":
                self._top_up(schedule, now)

    def _top_up(self, schedule: Schedule, now: int) -> None:
        repeats = schedule.repeats
        self._agenda.add(self._book.top_up(schedule, now + _TOLERANCE))
        if repeats < schedule.repeats == MAX_REPEATS:
            self._runtime.violations.append(_runaway(schedule))
        self._plan_later(schedule, now)

    def _claim_due(self, now: int) -> list[Occurrence]:
        """Claim what is due, in the order of due times; what was claimed too long ago is claimed anew."""
        for occurrence in self._agenda.expired(now + _TOLERANCE):
            occurrence.released()
            self._agenda.add([occurrence])
        claimed: list[Occurrence] = []
        while len(claimed) < BATCH and (due := self._agenda.due(now + _TOLERANCE)) is not None:
            if (late := self._too_late(due, now)) is not None:
                self._misfire(due, late, now)
            else:
                self._claim(due, now)
                claimed.append(due)
        for schedule in {occurrence.schedule: None for occurrence in claimed}:
            self._plan_later(schedule, now)
        return claimed

    def _too_late(self, occurrence: Occurrence, now: int) -> Failure | None:
        """Return why an occurrence is not worth doing any more; the shipped store never asks (spec 05, section 1.8)."""
        if self._runtime.quirks.on("misfire_policy_ignored"):
            return None
        policy, late = occurrence.plan.misfire_policy, (now - occurrence.due) // NANO
        missed = f"missed scheduled time by {late}s"
        if policy["type"] == "skip":
            why = f"{missed}; skip policy does not catch up materially late pending occurrences"
            return Failure(None, why) if late > SKIP_TOLERANCE_SECONDS else None
        window = policy["window_seconds"]
        return Failure(None, f"{missed}, exceeding catch-up window of {window}s") if late > window else None

    def _misfire(self, occurrence: Occurrence, failure: Failure, now: int) -> None:
        self._book.unqueue(occurrence)
        occurrence.ended("misfired", now, failure)
        self._receipt(occurrence, "misfired")
        self._book.keep_occurrence(occurrence)
        self._plan_later(occurrence.schedule, now)

    def _claim(self, occurrence: Occurrence, now: int) -> None:
        at = to_milliseconds(now)
        self._book.unqueue(occurrence)
        if occurrence.revision == occurrence.schedule.revision:
            occurrence.plan = replace(occurrence.plan, target=occurrence.schedule.plan.target)
        occurrence.claimed(Claim(self._by, at, self._runtime.ids.uuid7(), at + LEASE))
        self._book.keep_occurrence(occurrence)

    # ---- one occurrence --------------------------------------------------------------------------------------------------------------

    async def _serve(self, occurrence: Occurrence, now: int) -> None:
        """Bring a claimed occurrence to its target, unless something has come between."""
        if self._runtime.world.timelines is not None:
            self._runtime.world.timelines.claimed(occurrence, "running" if self._deliveries.busy(occurrence) else "idle")
        behind_a_turn = await self._deliveries.turn_over(occurrence)
        if not self._still_wanted(occurrence):
            return
        obstacle = self._deliveries.obstacle(occurrence)
        if obstacle is not None and (obstacle.kind == "missing" or occurrence.plan.overlap_policy == "skip_if_running"):
            self._not_delivered(occurrence, obstacle, now)
        else:
            self._deliver(occurrence, now, behind_a_turn=behind_a_turn)
        self._book.keep_occurrence(occurrence)

    def _still_wanted(self, occurrence: Occurrence) -> bool:
        """Tell whether the schedule stands as it did when the occurrence was claimed; if not, take the claim back."""
        schedule = occurrence.schedule
        if schedule.phase == "deleted" or schedule.revision > occurrence.revision:
            occurrence.superseded(self._book.now(), schedule.revision)
            self._receipt(occurrence, "superseded")
            self._book.keep_occurrence(occurrence)
            return False
        if schedule.phase == "paused":
            occurrence.released()
            occurrence.failure = _PAUSED
            self._receipt(occurrence, "lease_expired")
            self._book.requeue(occurrence)
            self._book.keep_occurrence(occurrence)
            return False
        return True

    def _not_delivered(self, occurrence: Occurrence, obstacle: Obstacle, now: int) -> None:
        failure = Failure("target_busy" if obstacle.kind == "busy" else "target_missing", obstacle.detail)
        misfired = obstacle.kind == "missing" and occurrence.plan.missing_target_policy == "mark_misfired"
        phase: Literal["misfired", "skipped"] = "misfired" if misfired else "skipped"
        occurrence.ended(phase, now, failure)
        occurrence.let_go()
        self._receipt(occurrence, phase)

    def _deliver(self, occurrence: Occurrence, now: int, *, behind_a_turn: bool) -> None:
        delivered = self._deliveries.deliver(occurrence, behind_a_turn=behind_a_turn)
        if delivered.materialized is not None:
            self._book.bind(occurrence.schedule, delivered.materialized)
            occurrence.plan = replace(occurrence.plan, target=occurrence.schedule.plan.target)
        occurrence.dispatched(to_milliseconds(now), delivered.correlation)
        if delivered.completion is None:
            self._end(occurrence, delivered.failure, delivered)
            return
        self._receipt(occurrence, "dispatch_accepted")
        self._watch_lease(occurrence)
        task = asyncio.ensure_future(self._complete(occurrence, delivered.completion))
        self._completions.add(task)
        task.add_done_callback(self._completions.discard)

    async def _complete(self, occurrence: Occurrence, completion: Awaitable[Failure | None]) -> None:
        """Wait for the work; a completion that comes after its lease has run out is dropped."""
        attempt = occurrence.attempts
        failure = await completion
        if occurrence.phase == "awaiting_completion" and occurrence.attempts == attempt:
            self._end(occurrence, failure, None)
            self._book.keep_occurrence(occurrence)

    def _end(self, occurrence: Occurrence, failure: Failure | None, delivered: Delivered | None) -> None:
        schedule = occurrence.schedule
        if schedule.phase == "deleted" or schedule.revision > occurrence.revision:
            occurrence.superseded(self._book.now(), schedule.revision)
            self._receipt(occurrence, "superseded")
            return
        phase: Literal["completed", "delivery_failed"] = "completed" if failure is None else "delivery_failed"
        occurrence.ended(phase, self._book.now(), failure)
        self._receipt(occurrence, phase, None if delivered is None else delivered.materialized)

    def _receipt(self, occurrence: Occurrence, stage: DeliveryReceiptStage, materialized: str | None = None) -> None:
        occurrence.receipted(stage, self._runtime.ids.uuid7(), self._book.now(), materialized)


def _runaway(schedule: Schedule) -> Violation:
    return Violation(
        "runaway",
        f"schedule {schedule.id}",
        f"a due time with a fraction of a millisecond was planned again {MAX_REPEATS} times; the server would never stop",
        fixes=("send due times in whole milliseconds", "turn the quirk `fine_due_time_fires_again` off"),
    )
