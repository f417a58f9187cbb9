"""Schedules under any order of changes, pauses, deletions and the passing of time, against a model that fits on a page.

The model knows nothing of cursors, heaps or looks: it keeps which slots of an interval are due between the time a schedule was last
revised and now, and demands that each was worked on exactly once while the schedule ran, and on time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from meerkat_mock.clock import VirtualClock
from meerkat_mock.instants import NANO, read_instant, write_instant
from meerkat_mock.server import Server, World
from tests.meerkat_mock.schedule.plans import every, to
from tests.meerkat_mock.talk import Talk

if TYPE_CHECKING:
    from collections.abc import Awaitable

T = TypeVar("T")
MINUTE = 60 * NANO
TERMINAL = {"misfired", "superseded"}


@dataclass
class Expected:
    """What the model knows of a schedule."""

    id: str
    seconds: int
    horizon: int
    phase: str = "active"
    revision: int = 1
    revised_at: int = 0
    settled: int = 0
    """Occurrences that had ended when the schedule was last looked at: endings are final."""
    labels: dict[str, str] = field(default_factory=dict)


class SchedulesMachine(RuleBasedStateMachine):
    """One client of one server, whose schedules prompt a session that is not there."""

    schedules = Bundle("schedules")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = VirtualClock()
        self.book: dict[str, Expected] = {}

    def run(self, work: Awaitable[T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(work, 30))

    @property
    def now(self) -> int:
        return round(self.clock.now() * NANO)

    @initialize()
    def connect(self) -> None:
        async def start() -> Talk:
            self.server = Server(World(clock=self.clock))
            return Talk(self.server.connect())

        self.talk = self.run(start())

    def teardown(self) -> None:
        async def stop() -> None:
            if hasattr(self, "talk"):
                await self.talk.hang_up()
                await self.server.close()

        self.run(stop())
        assert asyncio.all_tasks(self.loop) == set(), "a task outlived the server"
        self.loop.close()
        if hasattr(self, "server"):
            assert self.server.runtime.violations == []

    # ---- what a client does ----------------------------------------------------------------------------------------------------------

    @rule(target=schedules, seconds=st.sampled_from([60, 900, 3600]), horizon=st.integers(1, 5), label=st.sampled_from("xy"))
    def create(self, seconds: int, horizon: int, label: str) -> str:
        params = {"trigger": every(seconds, "2026-03-02T00:00:00Z"), "planning_horizon_occurrences": horizon, "labels": {"k": label}}
        made = self.run(self.talk.call("schedule/create", target=to(), **params))
        self.book[made["schedule_id"]] = Expected(made["schedule_id"], seconds, horizon, revised_at=self.now, labels={"k": label})
        return str(made["schedule_id"])

    @rule(name=schedules, seconds=st.sampled_from([60, 900, 3600]), stale=st.booleans())
    def revise(self, name: str, seconds: int, stale: bool) -> None:
        expected = self.book[name]
        trigger = every(seconds, "2026-03-02T00:00:00Z")
        params: dict[str, Any] = {"schedule_id": name, "trigger": trigger, "expected_revision": expected.revision + stale}
        if expected.phase == "deleted" or stale:
            assert "-32602 invalid schedule: " in self.run(self.talk.refusal("schedule/update", **params))
            return
        if seconds != expected.seconds:
            expected.seconds, expected.revised_at = seconds, self.now
            expected.revision += 1
        assert self.run(self.talk.call("schedule/update", **params))["revision"] == expected.revision

    @rule(name=schedules, verb=st.sampled_from(["pause", "resume", "delete"]))
    def change(self, name: str, verb: str) -> None:
        expected = self.book[name]
        if expected.phase == "deleted" and verb != "delete":
            assert "schedule is deleted" in self.run(self.talk.refusal(f"schedule/{verb}", schedule_id=name))
            return
        if verb == "delete":
            expected.revision += expected.phase != "deleted"
        expected.phase = {"pause": "paused", "resume": "active", "delete": "deleted"}[verb]
        record = self.run(self.talk.call(f"schedule/{verb}", schedule_id=name))
        assert (record["phase"], record["revision"]) == (expected.phase, expected.revision)

    @rule(seconds=st.sampled_from([0.25, 1, 59, 60, 600, 7200]))
    def wait(self, seconds: float) -> None:
        self.run(self.clock.advance(seconds))

    # ---- what must hold --------------------------------------------------------------------------------------------------------------

    @rule()
    def listing_shows_what_is_not_deleted(self) -> None:
        for label in "xy":
            listed = self.run(self.talk.call("schedule/list", labels={"k": label}))["schedules"]
            expected = [each.id for each in self.book.values() if each.phase != "deleted" and each.labels == {"k": label}]
            assert [each["schedule_id"] for each in listed] == expected

    @invariant()
    def occurrences_are_in_order_and_count_up(self) -> None:
        for expected in self.book.values():
            found = self._occurrences(expected)
            order = [(each["due_at_utc"], each["schedule_revision"], each["occurrence_ordinal"]) for each in found]
            assert order == sorted(order)
            assert sorted(each["occurrence_ordinal"] for each in found) == list(range(len(found)))
            ended = [each for each in found if each["phase"] in TERMINAL]
            assert len(ended) >= expected.settled
            expected.settled = len(ended)

    @invariant()
    def every_due_time_of_a_revision_comes_once_and_on_the_grid(self) -> None:
        for expected in self.book.values():
            for revision in range(1, expected.revision + 1):
                dues = [each["due_at_utc"] for each in self._occurrences(expected) if each["schedule_revision"] == revision]
                assert len(dues) == len(set(dues))
            current = [each for each in self._occurrences(expected) if each["schedule_revision"] == expected.revision]
            start = read_instant("2026-03-02T00:00:00Z")
            assert all((read_instant(each["due_at_utc"]) - start) % (expected.seconds * NANO) == 0 for each in current)

    @invariant()
    def a_running_schedule_has_missed_nothing_and_is_planned_ahead(self) -> None:
        for expected in self.book.values():
            if expected.phase != "active":
                continue
            current = [each for each in self._occurrences(expected) if each["schedule_revision"] == expected.revision]
            dues = {each["due_at_utc"] for each in current}
            step = expected.seconds * NANO
            first = (expected.revised_at - MINUTE) // step * step + step
            last = min(self.now, max((read_instant(due) for due in dues), default=0))
            assert dues >= {write_instant(due) for due in range(first, last + 1, step)}
            assert sum(each["phase"] == "pending" for each in current) <= expected.horizon

    @invariant()
    def nothing_pending_belongs_to_an_old_revision_or_a_deleted_schedule(self) -> None:
        for expected in self.book.values():
            for each in self._occurrences(expected):
                if each["phase"] == "pending":
                    assert (each["schedule_revision"], expected.phase != "deleted") == (expected.revision, True)
                assert each["attempt_count"] == (each["phase"] == "misfired")

    def _occurrences(self, expected: Expected) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.run(self.talk.call("schedule/occurrences", schedule_id=expected.id))["occurrences"]
        return found


TestSchedulesMachine = SchedulesMachine.TestCase
TestSchedulesMachine.settings = settings(
    max_examples=25, stateful_step_count=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
