"""Schedules: triggers, targets, policies, and the occurrences that come of them (spec 05, section 1)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U32, U64, DateTimeText, Json, JsonObject, NotRequired, Rfc3339, Tag, Untagged, Usize, Uuid
from meerkat.wire.schedules_targets import ScheduleTarget

SchedulePhase: TypeAlias = Literal["active", "paused", "deleted"]
"""Where a schedule stands (spec 05, section 1.6)."""

OverlapPolicy: TypeAlias = Literal["allow_concurrent", "skip_if_running"]
"""What happens when the target is busy (spec 05, section 1.2)."""

MissingTargetPolicy: TypeAlias = Literal["skip", "mark_misfired"]
"""What happens when the target is gone (spec 05, section 1.2)."""

OccurrencePhase: TypeAlias = Literal[
    "pending",
    "claimed",
    "dispatching",
    "awaiting_completion",
    "completed",
    "skipped",
    "misfired",
    "superseded",
    "delivery_failed",
]
"""Where an occurrence stands (spec 05, section 1.8)."""

OccurrenceFailureClass: TypeAlias = Literal[
    "target_materialization_failed",
    "target_missing",
    "target_busy",
    "runtime_rejected",
    "mob_rejected",
    "lease_lost",
    "transport_error",
    "internal_error",
]
"""Why an occurrence did not do its work (spec 05, section 1.3)."""

DeliveryReceiptStage: TypeAlias = Literal[
    "planned",
    "claimed",
    "dispatch_started",
    "dispatch_accepted",
    "awaiting_completion",
    "completed",
    "skipped",
    "misfired",
    "superseded",
    "delivery_failed",
    "lease_expired",
]
"""What a receipt is for (spec 05, section 1.3)."""


class AnyValueSpec(TypedDict):
    """A field of a calendar that matches always (spec 05, section 1.4)."""

    kind: Literal["any"]


class ValuesSpec(TypedDict):
    """A field of a calendar that matches its values; they are not checked (spec 05, section 1.4)."""

    kind: Literal["values"]
    values: list[U32]


CalendarFieldSpec: TypeAlias = Annotated[AnyValueSpec | ValuesSpec, Tag("kind", "CalendarFieldSpec")]
"""When a field of a calendar matches (spec 05, section 1.4)."""


class OnceTrigger(TypedDict):
    """A single point in time (spec 05, section 1.4)."""

    type: Literal["once"]
    due_at_utc: DateTimeText


class IntervalTrigger(TypedDict):
    """Every so many seconds, the end included (spec 05, section 1.4)."""

    type: Literal["interval"]
    start_at_utc: DateTimeText
    every_seconds: U64
    end_at_utc: NotRequired[DateTimeText | None]


class CalendarTrigger(TypedDict):
    """Minutes of a calendar in which all fields match; the answer echoes all but an absent year (spec 05, section 1.4)."""

    type: Literal["calendar"]
    timezone: str
    minute: NotRequired[CalendarFieldSpec]
    hour: NotRequired[CalendarFieldSpec]
    day_of_month: NotRequired[CalendarFieldSpec]
    month: NotRequired[CalendarFieldSpec]
    # 0 is Sunday.
    day_of_week: NotRequired[CalendarFieldSpec]
    year: NotRequired[CalendarFieldSpec | None]


TriggerSpec: TypeAlias = Annotated[OnceTrigger | IntervalTrigger | CalendarTrigger, Tag("type", "TriggerSpec")]
"""When a schedule fires; there is no cron text on the wire (spec 05, section 1.4)."""


class SkipMisfire(TypedDict):
    """Leave out what is late (spec 05, section 1.2)."""

    type: Literal["skip"]


class CatchUpMisfire(TypedDict):
    """Do what is not too late (spec 05, section 1.2)."""

    type: Literal["catch_up_within"]
    window_seconds: U64


MisfirePolicy: TypeAlias = Annotated[SkipMisfire | CatchUpMisfire, Tag("type", "MisfirePolicy")]
"""What happens to late occurrences; the shipped store never asks (spec 05, section 1.8)."""


class AdmissionRejected(TypedDict):
    """The runtime refused; never sent (spec 05, section 1.3)."""

    kind: Literal["admission_rejected"]
    detail: str


class CompletionAbandoned(TypedDict):
    """The runtime gave up; never sent (spec 05, section 1.3)."""

    kind: Literal["completion_abandoned"]
    detail: str


class CompletionCallbackPending(TypedDict):
    """The run waits for a tool; never sent (spec 05, section 1.3)."""

    kind: Literal["completion_callback_pending"]
    tool_name: str
    payload: Json


class CompletionRuntimeTerminated(TypedDict):
    """The runtime ended; never sent (spec 05, section 1.3)."""

    kind: Literal["completion_runtime_terminated"]
    detail: str


RuntimeDeliveryOutcome: TypeAlias = Annotated[
    AdmissionRejected | CompletionAbandoned | CompletionCallbackPending | CompletionRuntimeTerminated,
    Tag("kind", "RuntimeDeliveryOutcome"),
]
"""What the runtime said of a delivery; never sent (spec 05, section 1.3)."""


class Schedule(TypedDict):
    """A schedule (spec 05, section 1.2)."""

    schedule_id: Uuid
    phase: SchedulePhase
    revision: U64
    trigger: TriggerSpec
    target: ScheduleTarget
    misfire_policy: MisfirePolicy
    overlap_policy: OverlapPolicy
    missing_target_policy: MissingTargetPolicy
    # How many occurrences were planned so far, over all revisions.
    next_occurrence_ordinal: U64
    # Cut to milliseconds; absent until something is planned, and after a revision.
    planning_cursor_utc: NotRequired[Rfc3339]
    superseded_ack_ids: NotRequired[list[Uuid]]
    name: NotRequired[str]
    description: NotRequired[str]
    planning_horizon_days: U32
    planning_horizon_occurrences: U32
    labels: NotRequired[dict[str, str]]
    created_at_utc: Rfc3339
    updated_at_utc: Rfc3339
    deleted_at_utc: NotRequired[Rfc3339]


class DeliveryReceipt(TypedDict):
    """What is known of a delivery; only the last one can be seen (spec 05, section 1.3)."""

    receipt_id: Uuid
    occurrence_id: Uuid
    attempt: U32
    stage: DeliveryReceiptStage
    recorded_at_utc: Rfc3339
    correlation_id: NotRequired[str]
    detail: NotRequired[str]
    failure_class: NotRequired[OccurrenceFailureClass]
    runtime_outcome: NotRequired[RuntimeDeliveryOutcome]
    materialized_session_id: NotRequired[Uuid]


class Occurrence(TypedDict):
    """One firing of a schedule, from plan to end (spec 05, section 1.3)."""

    occurrence_id: Uuid
    schedule_id: Uuid
    schedule_revision: U64
    occurrence_ordinal: U64
    phase: OccurrencePhase
    due_at_utc: Rfc3339
    trigger_snapshot: TriggerSpec
    target_snapshot: ScheduleTarget
    misfire_policy: MisfirePolicy
    overlap_policy: OverlapPolicy
    missing_target_policy: MissingTargetPolicy
    claimed_by: NotRequired[str]
    lease_expires_at_utc: NotRequired[Rfc3339]
    # Sent while it is set, although the published schema leaves it out.
    claim_token: NotRequired[Uuid]
    delivery_correlation_id: NotRequired[str]
    last_receipt: NotRequired[DeliveryReceipt]
    failure_class: NotRequired[OccurrenceFailureClass]
    runtime_outcome: NotRequired[RuntimeDeliveryOutcome]
    failure_detail: NotRequired[str]
    attempt_count: U32
    created_at_utc: Rfc3339
    claimed_at_utc: NotRequired[Rfc3339]
    dispatched_at_utc: NotRequired[Rfc3339]
    completed_at_utc: NotRequired[Rfc3339]
    superseded_by_revision: NotRequired[U64]


class CreateScheduleRequest(TypedDict):
    """Params of `schedule/create`; policies and labels must not be null (spec 05, section 1.10)."""

    name: NotRequired[str | None]
    description: NotRequired[str | None]
    trigger: TriggerSpec
    target: ScheduleTarget
    misfire_policy: NotRequired[MisfirePolicy]
    overlap_policy: NotRequired[OverlapPolicy]
    missing_target_policy: NotRequired[MissingTargetPolicy]
    planning_horizon_days: NotRequired[U32 | None]
    planning_horizon_occurrences: NotRequired[U32 | None]
    labels: NotRequired[dict[str, str]]


class ScheduleIdParams(TypedDict):
    """Which schedule is meant (spec 05, section 1.10)."""

    schedule_id: str


class ListSchedulesParams(TypedDict):
    """Params of `schedule/list`: labels that all must match, and paging (spec 05, section 1.10)."""

    labels: NotRequired[dict[str, str] | None]
    limit: NotRequired[Usize | None]
    offset: NotRequired[Usize | None]


class ScheduleListResult(TypedDict):
    """Schedules by creation time, without deleted ones and without a total (spec 05, section 1.10)."""

    schedules: list[Schedule]


class UpdateScheduleParams(TypedDict):
    """Params of `schedule/update`; null counts as absent, so a name cannot be cleared (spec 05, section 1.10)."""

    schedule_id: str
    expected_revision: NotRequired[U64 | None]
    trigger: NotRequired[TriggerSpec | None]
    target: NotRequired[ScheduleTarget | None]
    name: NotRequired[str | None]
    description: NotRequired[str | None]
    misfire_policy: NotRequired[MisfirePolicy | None]
    overlap_policy: NotRequired[OverlapPolicy | None]
    missing_target_policy: NotRequired[MissingTargetPolicy | None]
    planning_horizon_days: NotRequired[U32 | None]
    planning_horizon_occurrences: NotRequired[U32 | None]
    labels: NotRequired[dict[str, str] | None]


class ScheduleOccurrencesParams(TypedDict):
    """Params of `schedule/occurrences`; terminal ones are included by default (spec 05, section 1.10)."""

    schedule_id: str
    include_terminal: NotRequired[bool | None]


class ScheduleOccurrencesResult(TypedDict):
    """Occurrences by due time, all of them; none for an unknown schedule (spec 05, section 1.10)."""

    occurrences: list[Occurrence]


class ScheduleToolDescriptor(TypedDict):
    """A scheduling tool as models see it (spec 05, section 1.11)."""

    name: str
    description: str
    inputSchema: JsonObject


class ScheduleToolsResult(TypedDict):
    """The eight scheduling tools (spec 05, section 1.11)."""

    tools: list[ScheduleToolDescriptor]


class ScheduleToolCallParams(TypedDict):
    """Params of `schedule/call` (spec 05, section 1.11)."""

    name: str
    arguments: NotRequired[Json]


ScheduleToolCallResult: TypeAlias = Annotated[
    Schedule | ScheduleListResult | ScheduleOccurrencesResult,
    Untagged("ScheduleToolCallResult"),
]
"""What a scheduling tool gives (spec 05, section 1.11)."""
