"""All schedules of a runtime: made, revised, paused, resumed, deleted, and planned (spec 05, sections 1.6 and 1.7).

Owns the records and their durable copies. Whoever is told of changes (`on_change`) sees to it that what is planned happens.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast
from uuid import UUID

from meerkat_mock.contract.texts import uuid_fault
from meerkat_mock.instants import nanoseconds
from meerkat_mock.schedule.planning import Horizon, cursor_of, dues, next_planning, wanted
from meerkat_mock.schedule.records import (
    IN_FLIGHT,
    TERMINAL,
    Occurrence,
    Schedule,
    occurrence_of,
    schedule_of,
    to_milliseconds,
)
from meerkat_mock.schedule.refusals import ScheduleRefused, invalid_schedule
from meerkat_mock.schedule.triggers import trigger_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from meerkat.wire.base import JsonObject
    from meerkat.wire.schedules import TriggerSpec
    from meerkat.wire.schedules_targets import ScheduleTarget
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.schedule.records import Plan, Settings
    from meerkat_mock.schedule.triggers import Trigger

SCHEDULES = "schedules"
OCCURRENCES = "schedule_occurrences"
MAX_REPEATS = 1_000
"""How often one due time may be planned again before the mock holds it against the test and stops."""


@dataclass(frozen=True)
class Change:
    """What an update asks for: the plan and the settings as they would be, and the revision they were meant for."""

    plan: Callable[[Plan], Plan]
    settings: Callable[[Settings], Settings]
    expected_revision: int | None = None


class ScheduleBook:
    """The schedules of one runtime, by id."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._schedules: dict[str, Schedule] = {}
        self._triggers: dict[str, tuple[TriggerSpec, Trigger]] = {}
        """The last trigger that was read per schedule, and what it was read from."""
        self.on_change: Callable[[Schedule], None] = lambda schedule: None
        """Called with every schedule that a client has changed."""
        self._timelines = runtime.world.timelines
        if self._timelines is not None:
            self._timelines.follow(self.now)
        self._restore()

    # ---- asking ----------------------------------------------------------------------------------------------------------------------

    def now(self) -> int:
        """Return the time of the mock's clock in nanoseconds."""
        return nanoseconds(self._runtime.clock.now())

    def __iter__(self) -> Iterator[Schedule]:
        return iter(self._schedules.values())

    def get(self, schedule_id: str) -> Schedule:
        """Return a schedule in any phase. Raises `ScheduleRefused`."""
        self.check_store()
        schedule = self._schedules.get(schedule_id)
        if schedule is None:
            raise ScheduleRefused("unknown", "schedule not found")
        return schedule

    def listed(self, labels: Mapping[str, str]) -> list[Schedule]:
        """Return the schedules that have all these labels by the time of their making, deleted ones left out."""
        self.check_store()
        found = [each for each in self if each.phase != "deleted" and labels.items() <= each.settings.labels.items()]
        return sorted(found, key=lambda each: (each.created_at, each.id))

    def occurrences(self, schedule_id: str, *, terminal: bool) -> list[Occurrence]:
        """Return the occurrences of a schedule by due time; none for one that does not exist."""
        self.check_store()
        schedule = self._schedules.get(schedule_id)
        found = [] if schedule is None else schedule.occurrences
        return sorted(each for each in found if terminal or each.phase not in TERMINAL)

    def check_store(self) -> None:
        """Refuse a realm that keeps no schedules. Raises `ScheduleRefused`."""
        if self._runtime.realm.backend == "jsonl":
            raise ScheduleRefused("disabled", "schedule store is unsupported for backend disabled")

    # ---- changing --------------------------------------------------------------------------------------------------------------------

    def create(self, plan: Plan, settings: Settings) -> Schedule:
        """Make a schedule and plan it; one that cannot be planned leaves nothing behind. Raises `ScheduleRefused`, `DatesExhausted`."""
        self.check_store()
        now = self.now()
        schedule = Schedule(self._runtime.ids.uuid7(), plan, settings, now, now)
        planned = self._wanted(schedule, now)
        self._schedules[schedule.id] = schedule
        self._add(schedule, planned, now)
        self._changed(schedule)
        return schedule

    def update(self, schedule_id: str, change: Change) -> Schedule:
        """Change a schedule; a change of its plan starts a new revision. Raises `ScheduleRefused`, `DatesExhausted`."""
        schedule = self._alive(schedule_id)
        expected = change.expected_revision
        if expected is not None and expected != schedule.revision:
            raise invalid_schedule(f"schedule revision mismatch: expected {expected}, found {schedule.revision}")
        now = self.now()
        changed = replace(schedule, plan=change.plan(schedule.plan), settings=change.settings(schedule.settings), updated_at=now)
        revised = changed.plan != schedule.plan
        if revised:
            changed.revision += 1
            changed.cursor = changed.last_planned = None
            changed.pending = type(changed.pending)()
        planned = self._wanted(changed, now) if changed.phase == "active" else []
        self._take_over(schedule, changed)
        self._add(schedule, planned, now)
        if revised:
            self._supersede_older(schedule, now)
        self._changed(schedule)
        return schedule

    @staticmethod
    def _take_over(schedule: Schedule, changed: Schedule) -> None:
        schedule.plan, schedule.settings = changed.plan, changed.settings
        schedule.revision, schedule.updated_at = changed.revision, changed.updated_at
        schedule.cursor, schedule.last_planned, schedule.pending = changed.cursor, changed.last_planned, changed.pending

    def pause(self, schedule_id: str) -> Schedule:
        """Plan and claim nothing until resumed. Raises `ScheduleRefused`."""
        schedule = self._alive(schedule_id)
        schedule.phase = "paused"
        schedule.updated_at = to_milliseconds(self.now())
        self._changed(schedule)
        return schedule

    def resume(self, schedule_id: str) -> Schedule:
        """Plan again; what has fallen due meanwhile can be claimed at once. Raises `ScheduleRefused`, `DatesExhausted`."""
        schedule = self._alive(schedule_id)
        now = self.now()
        resumed = replace(schedule, phase="active", updated_at=to_milliseconds(now))
        planned = self._wanted(resumed, now)
        schedule.phase, schedule.updated_at = "active", resumed.updated_at
        self._add(schedule, planned, now)
        self._changed(schedule)
        return schedule

    def delete(self, schedule_id: str) -> Schedule:
        """Delete a schedule; it can still be read, and deleted again. Raises `ScheduleRefused`."""
        schedule = self.get(schedule_id)
        now = self.now()
        if schedule.phase != "deleted":
            schedule.phase = "deleted"
            schedule.revision += 1
            schedule.cursor = schedule.last_planned = None
            schedule.pending.clear()
            self._supersede_older(schedule, now)
        schedule.updated_at = schedule.deleted_at = to_milliseconds(now)
        self._changed(schedule)
        return schedule

    def _alive(self, schedule_id: str) -> Schedule:
        schedule = self.get(schedule_id)
        if schedule.phase == "deleted":
            raise invalid_schedule("schedule is deleted")
        return schedule

    def _changed(self, schedule: Schedule) -> None:
        self.keep(schedule)
        self.on_change(schedule)

    def _supersede_older(self, schedule: Schedule, now: int) -> None:
        for each in schedule.occurrences:
            if each.phase == "pending" and each.revision < schedule.revision:
                each.superseded(now, schedule.revision)
                self.keep_occurrence(each)

    # ---- planning --------------------------------------------------------------------------------------------------------------------

    def top_up(self, schedule: Schedule, now: int) -> list[Occurrence]:
        """Plan what has become wanted since the last time, and return it."""
        planned = self._wanted(schedule, now)
        if planned and schedule.last_planned is not None and planned[0] <= schedule.last_planned:
            schedule.repeats += 1
        if not planned:
            return []
        self._add(schedule, planned, now)
        self.keep(schedule)
        return schedule.occurrences[-len(planned) :]

    def next_planning(self, schedule: Schedule, now: int) -> int | None:
        """Return when a schedule will want to be planned again, None if nothing can come of it as it stands."""
        horizon = self._horizon(schedule)
        if schedule.phase != "active" or horizon.occurrences <= 0 or schedule.repeats >= MAX_REPEATS:
            return None
        if wanted(horizon, schedule.pending, horizon.end(now)) <= 0:
            return None
        return next_planning(horizon, self._trigger(schedule), self._cursor(schedule), now)

    def _wanted(self, schedule: Schedule, now: int) -> list[int]:
        horizon = self._horizon(schedule)
        if horizon.occurrences <= 0:
            return []
        end = horizon.end(now)
        count = wanted(horizon, schedule.pending, end)
        return dues(self._trigger(schedule), self._cursor(schedule), end, count) if count > 0 else []

    def _cursor(self, schedule: Schedule) -> int:
        return cursor_of(schedule, schedule.pending, exact=not self._runtime.quirks.on("fine_due_time_fires_again"))

    @staticmethod
    def _horizon(schedule: Schedule) -> Horizon:
        return Horizon(schedule.settings.horizon_days, schedule.settings.horizon_occurrences)

    def _trigger(self, schedule: Schedule) -> Trigger:
        spec = schedule.plan.trigger
        known = self._triggers.get(schedule.id)
        if known is None or known[0] is not spec:
            known = self._triggers[schedule.id] = (spec, trigger_of(spec))
        return known[1]

    def _add(self, schedule: Schedule, planned: list[int], now: int) -> None:
        for due in planned:
            occurrence_id = self._runtime.ids.uuid7()
            occurrence = Occurrence(occurrence_id, schedule, schedule.revision, schedule.next_ordinal, due, schedule.plan, now)
            schedule.next_ordinal += 1
            schedule.occurrences.append(occurrence)
            schedule.pending.append(occurrence)
            self.keep_occurrence(occurrence)
        if planned:
            schedule.last_planned = planned[-1]
            schedule.cursor = to_milliseconds(planned[-1])
            schedule.updated_at = now

    # ---- what happens to occurrences -------------------------------------------------------------------------------------------------

    def unqueue(self, occurrence: Occurrence) -> None:
        """Take an occurrence that is claimed out of the pending ones."""
        pending = occurrence.schedule.pending
        if pending and pending[0] is occurrence:
            pending.popleft()
        elif occurrence in pending:
            pending.remove(occurrence)

    def requeue(self, occurrence: Occurrence) -> None:
        """Put an occurrence that is pending again among the others of its revision."""
        schedule = occurrence.schedule
        if occurrence.revision == schedule.revision and occurrence not in schedule.pending:
            schedule.pending = type(schedule.pending)(sorted([*schedule.pending, occurrence]))

    def bind(self, schedule: Schedule, session_id: str) -> None:
        """Remember the session that a delivery has made, here and in what is planned; no new revision."""
        target = cast("ScheduleTarget", {**schedule.plan.target, "bound_session_id": session_id})
        schedule.plan = replace(schedule.plan, target=target)
        schedule.updated_at = self.now()
        for each in schedule.pending:
            each.plan = replace(each.plan, target=target)
            self.keep_occurrence(each)
        self.keep(schedule)

    # ---- keeping ---------------------------------------------------------------------------------------------------------------------

    def keep(self, schedule: Schedule) -> None:
        """Keep a schedule for the next process."""
        if self._timelines is not None:
            self._timelines.made(schedule)
        if self._runtime.store.keeps:
            self._runtime.store.put(SCHEDULES, schedule.id, cast("JsonObject", schedule.wire()))

    def keep_occurrence(self, occurrence: Occurrence) -> None:
        """Keep an occurrence for the next process."""
        if self._timelines is not None:
            self._timelines.passed(occurrence)
        if self._runtime.store.keeps:
            self._runtime.store.put(OCCURRENCES, occurrence.id, cast("JsonObject", occurrence.wire()))

    def _restore(self) -> None:
        store = self._runtime.store
        for schedule_id, kept in store.values(SCHEDULES):
            self._schedules[schedule_id] = schedule_of(cast("JsonObject", kept))
        for _, kept in store.values(OCCURRENCES):
            schedule = self._schedules[str(cast("JsonObject", kept)["schedule_id"])]
            schedule.occurrences.append(occurrence_of(cast("JsonObject", kept), schedule))
        for schedule in self:
            now = [each for each in schedule.occurrences if each.revision == schedule.revision]
            schedule.pending.extend(sorted(each for each in now if each.phase == "pending"))
            if now:
                schedule.last_planned = max(each.due for each in now)

    def in_flight(self) -> list[Occurrence]:
        """Return what an earlier process had claimed and not ended."""
        return [each for schedule in self for each in schedule.occurrences if each.phase in IN_FLIGHT]


def schedule_id_of(text: str) -> str:
    """Return a schedule id in its usual spelling. Raises `ValueError` with the server's words."""
    fault = uuid_fault(text)
    if fault is not None:
        raise ValueError(fault)
    return str(UUID(text))
