"""A schedule and its occurrences as they are held, and how the wire shows them (spec 05, sections 1.2 and 1.3).

Owns fields and their spelling; what may follow on what is the business of the book and the driver. Times are nanoseconds since the
Unix epoch; those that the server cuts to milliseconds are cut when they are set.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from meerkat_mock.instants import read_instant, write_instant

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject
    from meerkat.wire.schedules import (
        DeliveryReceipt,
        DeliveryReceiptStage,
        MisfirePolicy,
        MissingTargetPolicy,
        OccurrenceFailureClass,
        OccurrencePhase,
        OverlapPolicy,
        SchedulePhase,
        TriggerSpec,
    )
    from meerkat.wire.schedules import Occurrence as WireOccurrence
    from meerkat.wire.schedules import Schedule as WireSchedule
    from meerkat.wire.schedules_targets import ScheduleTarget

MILLI: Final = 1_000_000
DEFAULT_HORIZON_DAYS: Final = 30
DEFAULT_HORIZON_OCCURRENCES: Final = 64

TERMINAL: Final = frozenset({"completed", "skipped", "misfired", "superseded", "delivery_failed"})
IN_FLIGHT: Final = frozenset({"claimed", "dispatching", "awaiting_completion"})


def to_milliseconds(moment: int) -> int:
    """Return a moment cut to whole milliseconds."""
    return moment // MILLI * MILLI


@dataclass(frozen=True)
class Plan:
    """What a schedule does and when: a change of any of these starts a new revision (spec 05, section 1.6)."""

    trigger: TriggerSpec
    target: ScheduleTarget
    misfire_policy: MisfirePolicy
    overlap_policy: OverlapPolicy
    missing_target_policy: MissingTargetPolicy


@dataclass(frozen=True)
class Settings:
    """What may change without a new revision."""

    name: str | None = None
    description: str | None = None
    horizon_days: int = DEFAULT_HORIZON_DAYS
    horizon_occurrences: int = DEFAULT_HORIZON_OCCURRENCES
    labels: dict[str, str] = field(default_factory=lambda: {})


@dataclass(eq=False)
class Schedule:
    """One schedule."""

    id: str
    plan: Plan
    settings: Settings
    created_at: int
    updated_at: int
    phase: SchedulePhase = "active"
    revision: int = 1
    next_ordinal: int = 0
    cursor: int | None = None
    """The last planned due time, cut to milliseconds."""
    last_planned: int | None = None
    """The same, uncut."""
    deleted_at: int | None = None
    occurrences: list[Occurrence] = field(default_factory=lambda: [])
    pending: deque[Occurrence] = field(default_factory=deque["Occurrence"])
    """The pending ones of this revision by due time."""
    repeats: int = 0
    """How often one and the same due time was planned again."""

    def wire(self) -> WireSchedule:
        """Return the record as clients see it."""
        plan, settings = self.plan, self.settings
        shown: WireSchedule = {
            "schedule_id": self.id,
            "phase": self.phase,
            "revision": self.revision,
            "trigger": plan.trigger,
            "target": plan.target,
            "misfire_policy": plan.misfire_policy,
            "overlap_policy": plan.overlap_policy,
            "missing_target_policy": plan.missing_target_policy,
            "next_occurrence_ordinal": self.next_ordinal,
            "planning_horizon_days": settings.horizon_days,
            "planning_horizon_occurrences": settings.horizon_occurrences,
            "created_at_utc": write_instant(self.created_at),
            "updated_at_utc": write_instant(self.updated_at),
        }
        if self.cursor is not None:
            shown["planning_cursor_utc"] = write_instant(self.cursor)
        if settings.name is not None:
            shown["name"] = settings.name
        if settings.description is not None:
            shown["description"] = settings.description
        if settings.labels:
            shown["labels"] = settings.labels
        if self.deleted_at is not None:
            shown["deleted_at_utc"] = write_instant(self.deleted_at)
        return shown


@dataclass(frozen=True)
class Failure:
    """Why an occurrence did not do its work; what came too late is of no class."""

    kind: OccurrenceFailureClass | None
    detail: str


@dataclass(frozen=True)
class Claim:
    """Who works on an occurrence, since when and until when."""

    by: str
    at: int
    token: str
    lease_expires_at: int


@dataclass(eq=False)
class Occurrence:
    """One firing of a schedule."""

    id: str
    schedule: Schedule
    revision: int
    ordinal: int
    due: int
    plan: Plan
    created_at: int
    phase: OccurrencePhase = "pending"
    attempts: int = 0
    claim: Claim | None = None
    claimed_at: int | None = None
    dispatched_at: int | None = None
    completed_at: int | None = None
    correlation: str | None = None
    receipt: DeliveryReceipt | None = None
    failure: Failure | None = None
    superseded_by: int | None = None
    listed: bool = False
    """True while the driver looks after it."""

    def __lt__(self, other: Occurrence) -> bool:
        return (self.due, self.revision, self.ordinal, self.id) < (other.due, other.revision, other.ordinal, other.id)

    def wire(self) -> WireOccurrence:
        """Return the record as clients see it."""
        plan = self.plan
        shown: WireOccurrence = {
            "occurrence_id": self.id,
            "schedule_id": self.schedule.id,
            "schedule_revision": self.revision,
            "occurrence_ordinal": self.ordinal,
            "phase": self.phase,
            "due_at_utc": write_instant(self.due),
            "trigger_snapshot": plan.trigger,
            "target_snapshot": plan.target,
            "misfire_policy": plan.misfire_policy,
            "overlap_policy": plan.overlap_policy,
            "missing_target_policy": plan.missing_target_policy,
            "attempt_count": self.attempts,
            "created_at_utc": write_instant(self.created_at),
        }
        self._show_work(shown)
        return shown

    def _show_work(self, shown: WireOccurrence) -> None:
        if self.claim is not None:
            shown["claimed_by"] = self.claim.by
            shown["lease_expires_at_utc"] = write_instant(self.claim.lease_expires_at)
            shown["claim_token"] = self.claim.token
        if self.correlation is not None:
            shown["delivery_correlation_id"] = self.correlation
        if self.receipt is not None:
            shown["last_receipt"] = self.receipt
        if self.failure is not None:
            shown["failure_detail"] = self.failure.detail
            if self.failure.kind is not None:
                shown["failure_class"] = self.failure.kind
        if self.claimed_at is not None:
            shown["claimed_at_utc"] = write_instant(self.claimed_at)
        if self.dispatched_at is not None:
            shown["dispatched_at_utc"] = write_instant(self.dispatched_at)
        if self.completed_at is not None:
            shown["completed_at_utc"] = write_instant(self.completed_at)
        if self.superseded_by is not None:
            shown["superseded_by_revision"] = self.superseded_by

    # ---- its steps (spec 05, section 1.8) --------------------------------------------------------------------------------------------

    def claimed(self, claim: Claim) -> None:
        """Begin a new attempt; what an earlier one has left is forgotten."""
        self.phase = "claimed"
        self.attempts += 1
        self.claim = claim
        self.claimed_at = claim.at
        self.correlation = self.receipt = self.failure = self.dispatched_at = self.completed_at = None

    def dispatched(self, at: int, correlation: str | None) -> None:
        """Note that the delivery was handed over."""
        self.phase = "awaiting_completion"
        self.dispatched_at = at
        self.correlation = correlation

    def ended(self, phase: OccurrencePhase, at: int, failure: Failure | None = None) -> None:
        """Note the end."""
        self.phase = phase
        self.completed_at = to_milliseconds(at)
        self.failure = failure

    def let_go(self) -> None:
        """Forget the claim, not its time: nothing was delivered."""
        self.claim = None
        self.correlation = None

    def superseded(self, at: int, by: int) -> None:
        """Note that a later revision has taken its place."""
        self.ended("superseded", at)
        self.superseded_by = by

    def released(self) -> None:
        """Wait again as if never claimed, but for the count of attempts."""
        self.phase = "pending"
        self.claim = self.claimed_at = self.dispatched_at = None

    def receipted(self, stage: DeliveryReceiptStage, receipt_id: str, at: int, materialized: str | None = None) -> None:
        """Leave a receipt in the place of the last one."""
        receipt: DeliveryReceipt = {
            "receipt_id": receipt_id,
            "occurrence_id": self.id,
            "attempt": self.attempts,
            "stage": stage,
            "recorded_at_utc": write_instant(at),
        }
        if self.correlation is not None:
            receipt["correlation_id"] = self.correlation
        if self.failure is not None:
            receipt["detail"] = self.failure.detail
            if self.failure.kind is not None:
                receipt["failure_class"] = self.failure.kind
        if materialized is not None:
            receipt["materialized_session_id"] = materialized
        self.receipt = receipt


# ---- back from the wire: what an earlier process has kept ------------------------------------------------------------------------------


def schedule_of(kept: JsonObject) -> Schedule:
    """Return the schedule that `Schedule.wire` has shown, without its occurrences."""
    shown = cast("WireSchedule", kept)
    settings = Settings(
        shown.get("name"),
        shown.get("description"),
        shown["planning_horizon_days"],
        shown["planning_horizon_occurrences"],
        shown.get("labels", {}),
    )
    plan = _plan(shown["trigger"], shown["target"], shown)
    created, updated = read_instant(shown["created_at_utc"]), read_instant(shown["updated_at_utc"])
    schedule = Schedule(shown["schedule_id"], plan, settings, created, updated, shown["phase"], shown["revision"])
    schedule.next_ordinal = shown["next_occurrence_ordinal"]
    schedule.cursor = schedule.last_planned = _instant(shown.get("planning_cursor_utc"))
    schedule.deleted_at = _instant(shown.get("deleted_at_utc"))
    return schedule


def occurrence_of(kept: JsonObject, schedule: Schedule) -> Occurrence:
    """Return the occurrence that `Occurrence.wire` has shown."""
    shown = cast("WireOccurrence", kept)
    occurrence = Occurrence(
        shown["occurrence_id"],
        schedule,
        shown["schedule_revision"],
        shown["occurrence_ordinal"],
        read_instant(shown["due_at_utc"]),
        _plan(shown["trigger_snapshot"], shown["target_snapshot"], shown),
        read_instant(shown["created_at_utc"]),
        shown["phase"],
        shown["attempt_count"],
    )
    occurrence.claimed_at = _instant(shown.get("claimed_at_utc"))
    token, expires = shown.get("claim_token"), _instant(shown.get("lease_expires_at_utc"))
    if token is not None and expires is not None:
        occurrence.claim = Claim(shown.get("claimed_by", ""), occurrence.claimed_at or 0, token, expires)
    occurrence.dispatched_at = _instant(shown.get("dispatched_at_utc"))
    occurrence.completed_at = _instant(shown.get("completed_at_utc"))
    occurrence.correlation = shown.get("delivery_correlation_id")
    occurrence.receipt = shown.get("last_receipt")
    if (detail := shown.get("failure_detail")) is not None:
        occurrence.failure = Failure(shown.get("failure_class"), detail)
    occurrence.superseded_by = shown.get("superseded_by_revision")
    return occurrence


def _plan(trigger: TriggerSpec, target: ScheduleTarget, shown: WireSchedule | WireOccurrence) -> Plan:
    return Plan(trigger, target, shown["misfire_policy"], shown["overlap_policy"], shown["missing_target_policy"])


def _instant(text: str | None) -> int | None:
    return None if text is None else read_instant(text)
