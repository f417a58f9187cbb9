"""What happens in a run: the agent events and the envelope they are delivered in (spec 03, sections 2 and 3)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U32, U64, EpochMs, Json, JsonObject, NotRequired, Tag, Usize, Uuid
from meerkat.wire.core import (
    BlobRef,
    ContentBlock,
    ContentInput,
    HookPoint,
    ProviderImageMetadata,
    RevisedPromptDisposition,
    SchemaWarning,
    SkillKey,
    TurnTerminalCauseKind,
    Usage,
)
from meerkat.wire.events_errors import AgentErrorClass, AgentErrorReport, HookReasonCode, LlmRetrySchedule
from meerkat.wire.events_tools import BackgroundJobTerminalStatus, ToolConfigChangedPayload

StopReason: TypeAlias = Literal["end_turn", "tool_use", "max_tokens", "stop_sequence", "content_filter", "cancelled"]
"""Why the model stopped (spec 03, section 3.2)."""

BudgetType: TypeAlias = Literal["tokens", "time", "tool_calls"]
"""Which budget is meant (spec 03, section 3.5)."""


class AgentEventRunStarted(TypedDict):
    """The event `run_started` (spec 03, section 3)."""

    type: Literal["run_started"]
    session_id: Uuid
    # Text is flattened to one string; blocks appear only with an image or a video.
    prompt: ContentInput


class AgentEventRunCompleted(TypedDict):
    """The event `run_completed` (spec 03, section 3)."""

    type: Literal["run_completed"]
    session_id: Uuid
    result: str
    # Of the whole session, not of this run.
    usage: Usage
    extraction_required: bool
    # Never there: the event precedes the extraction.
    structured_output: NotRequired[Json]
    terminal_cause_kind: NotRequired[TurnTerminalCauseKind]


class AgentEventExtractionSucceeded(TypedDict):
    """The event `extraction_succeeded` (spec 03, section 3)."""

    type: Literal["extraction_succeeded"]
    session_id: Uuid
    structured_output: Json
    schema_warnings: NotRequired[list[SchemaWarning]]


class AgentEventExtractionFailed(TypedDict):
    """The event `extraction_failed` (spec 03, section 3)."""

    type: Literal["extraction_failed"]
    session_id: Uuid
    # The text of the main run, not the invalid JSON.
    last_output: str
    attempts: U32
    reason: str


class AgentEventRunFailed(TypedDict):
    """The event `run_failed` (spec 03, section 3)."""

    type: Literal["run_failed"]
    session_id: Uuid
    error_class: AgentErrorClass
    error: str
    error_report: NotRequired[AgentErrorReport]
    terminal_cause_kind: NotRequired[TurnTerminalCauseKind]


class AgentEventHookStarted(TypedDict):
    """The event `hook_started` (spec 03, section 3)."""

    type: Literal["hook_started"]
    hook_id: str
    point: HookPoint


class AgentEventHookCompleted(TypedDict):
    """The event `hook_completed` (spec 03, section 3)."""

    type: Literal["hook_completed"]
    hook_id: str
    point: HookPoint
    duration_ms: U64


class AgentEventHookFailed(TypedDict):
    """The event `hook_failed` (spec 03, section 3)."""

    type: Literal["hook_failed"]
    hook_id: str
    point: HookPoint
    error: str


class AgentEventHookDenied(TypedDict):
    """The event `hook_denied` (spec 03, section 3)."""

    type: Literal["hook_denied"]
    hook_id: str
    point: HookPoint
    reason_code: HookReasonCode
    message: str
    payload: NotRequired[Json]


class AgentEventTurnStarted(TypedDict):
    """The event `turn_started` (spec 03, section 3)."""

    type: Literal["turn_started"]
    # From 0 in each run.
    turn_number: U32


class AgentEventReasoningDelta(TypedDict):
    """The event `reasoning_delta` (spec 03, section 3)."""

    type: Literal["reasoning_delta"]
    delta: str


class AgentEventReasoningComplete(TypedDict):
    """The event `reasoning_complete` (spec 03, section 3)."""

    type: Literal["reasoning_complete"]
    content: str


class AgentEventTextDelta(TypedDict):
    """The event `text_delta` (spec 03, section 3)."""

    type: Literal["text_delta"]
    delta: str


class AgentEventTextComplete(TypedDict):
    """The event `text_complete` (spec 03, section 3)."""

    type: Literal["text_complete"]
    content: str


class AgentEventServerToolContent(TypedDict):
    """The event `server_tool_content` (spec 03, section 3)."""

    type: Literal["server_tool_content"]
    name: str
    content: Json
    id: NotRequired[str]


class AgentEventAssistantImageAppended(TypedDict):
    """The event `assistant_image_appended` (spec 03, section 3)."""

    type: Literal["assistant_image_appended"]
    image: AssistantImageEvent


class AgentEventToolCallRequested(TypedDict):
    """The event `tool_call_requested` (spec 03, section 3)."""

    type: Literal["tool_call_requested"]
    id: str
    name: str
    args: JsonObject


class AgentEventToolResultReceived(TypedDict):
    """The event `tool_result_received` (spec 03, section 3)."""

    type: Literal["tool_result_received"]
    id: str
    name: str
    is_error: bool
    content: NotRequired[list[ContentBlock]]


class AgentEventTurnCompleted(TypedDict):
    """The event `turn_completed` (spec 03, section 3)."""

    type: Literal["turn_completed"]
    stop_reason: StopReason
    # Of this one call of the model.
    usage: Usage


class AgentEventToolExecutionStarted(TypedDict):
    """The event `tool_execution_started` (spec 03, section 3)."""

    type: Literal["tool_execution_started"]
    id: str
    name: str


class AgentEventToolExecutionCompleted(TypedDict):
    """The event `tool_execution_completed` (spec 03, section 3)."""

    type: Literal["tool_execution_completed"]
    id: str
    name: str
    # The blocks of `content` as text, joined with line breaks.
    result: str
    is_error: bool
    duration_ms: U64
    content: NotRequired[list[ContentBlock]]


class AgentEventToolExecutionTimedOut(TypedDict):
    """The event `tool_execution_timed_out` (spec 03, section 3)."""

    type: Literal["tool_execution_timed_out"]
    id: str
    name: str
    timeout_ms: U64


class AgentEventCompactionStarted(TypedDict):
    """The event `compaction_started` (spec 03, section 3)."""

    type: Literal["compaction_started"]
    input_tokens: U64
    estimated_history_tokens: U64
    message_count: Usize


class AgentEventCompactionCompleted(TypedDict):
    """The event `compaction_completed` (spec 03, section 3)."""

    type: Literal["compaction_completed"]
    summary_tokens: U64
    messages_before: Usize
    messages_after: Usize


class AgentEventCompactionFailed(TypedDict):
    """The event `compaction_failed` (spec 03, section 3)."""

    type: Literal["compaction_failed"]
    error: str


class AgentEventBudgetWarning(TypedDict):
    """The event `budget_warning` (spec 03, section 3)."""

    type: Literal["budget_warning"]
    budget_type: BudgetType
    used: U64
    limit: U64
    # Always 1.0: it is sent when the limit is reached.
    percent: float


class AgentEventRetrying(TypedDict):
    """The event `retrying` (spec 03, section 3)."""

    type: Literal["retrying"]
    attempt: U32
    max_attempts: U32
    error: str
    delay_ms: U64
    retry: NotRequired[LlmRetrySchedule]


class AgentEventSkillsResolved(TypedDict):
    """The event `skills_resolved` (spec 03, section 3)."""

    type: Literal["skills_resolved"]
    skills: list[SkillKey]
    injection_bytes: Usize


class AgentEventSkillResolutionFailed(TypedDict):
    """The event `skill_resolution_failed` (spec 03, section 3)."""

    type: Literal["skill_resolution_failed"]
    error: str
    reason: NotRequired[SkillResolutionFailureReason]
    reference: str
    skill_key: NotRequired[SkillKey]


class AgentEventInteractionComplete(TypedDict):
    """The event `interaction_complete` (spec 03, section 3)."""

    type: Literal["interaction_complete"]
    interaction_id: Uuid
    result: str
    structured_output: NotRequired[Json]


class AgentEventInteractionCallbackPending(TypedDict):
    """The event `interaction_callback_pending` (spec 03, section 3)."""

    type: Literal["interaction_callback_pending"]
    interaction_id: Uuid
    tool_name: str
    args: Json


class AgentEventInteractionFailed(TypedDict):
    """The event `interaction_failed` (spec 03, section 3)."""

    type: Literal["interaction_failed"]
    interaction_id: Uuid
    error: str


class AgentEventStreamTruncated(TypedDict):
    """The event `stream_truncated` (spec 03, section 3)."""

    type: Literal["stream_truncated"]
    reason: str


class AgentEventToolConfigChanged(TypedDict):
    """The event `tool_config_changed` (spec 03, section 3)."""

    type: Literal["tool_config_changed"]
    payload: ToolConfigChangedPayload


class AgentEventBackgroundJobCompleted(TypedDict):
    """The event `background_job_completed` (spec 03, section 3)."""

    type: Literal["background_job_completed"]
    job_id: str
    display_name: str
    terminal_status: BackgroundJobTerminalStatus
    detail: str
    status: NotRequired[str]


class AgentEventEnvelope(TypedDict):
    """An event as it is stamped and delivered live (spec 03, section 2.1)."""

    # The same on every channel that carries the event.
    event_id: Uuid
    source: EventSourceIdentity
    source_id: str
    # Counts in one life of the session and begins again at 1 after a failed or interrupted turn.
    seq: U64
    timestamp_ms: EpochMs
    payload: AgentEvent
    # Never there.
    mob_id: NotRequired[str]


class AssistantImageEvent(TypedDict):
    """A generated image (spec 03, section 3.2)."""

    image_id: Uuid
    blob_ref: BlobRef
    media_type: str
    width: U32
    height: U32
    revised_prompt: RevisedPromptDisposition
    meta: ProviderImageMetadata


class SkillResolutionFailureReasonNotFound(TypedDict):
    """Why: `not_found` (spec 03, section 3.8)."""

    reason_type: Literal["not_found"]
    key: SkillKey


class SkillResolutionFailureReasonCapabilityUnavailable(TypedDict):
    """Why: `capability_unavailable` (spec 03, section 3.8)."""

    reason_type: Literal["capability_unavailable"]
    key: SkillKey
    capability: str


class SkillResolutionFailureReasonLoad(TypedDict):
    """Why: `load` (spec 03, section 3.8)."""

    reason_type: Literal["load"]
    message: str


class SkillResolutionFailureReasonParse(TypedDict):
    """Why: `parse` (spec 03, section 3.8)."""

    reason_type: Literal["parse"]
    message: str


class SkillResolutionFailureReasonSourceUuidCollision(TypedDict):
    """Why: `source_uuid_collision` (spec 03, section 3.8)."""

    reason_type: Literal["source_uuid_collision"]
    source_uuid: str
    existing_fingerprint: str
    new_fingerprint: str


class SkillResolutionFailureReasonSourceUuidMutationWithoutLineage(TypedDict):
    """Why: `source_uuid_mutation_without_lineage` (spec 03, section 3.8)."""

    reason_type: Literal["source_uuid_mutation_without_lineage"]
    fingerprint: str
    existing_source_uuid: str
    mutated_source_uuid: str


class SkillResolutionFailureReasonMissingSkillRemaps(TypedDict):
    """Why: `missing_skill_remaps` (spec 03, section 3.8)."""

    reason_type: Literal["missing_skill_remaps"]
    event_id: str
    event_kind: str


class SkillResolutionFailureReasonRemapWithoutLineage(TypedDict):
    """Why: `remap_without_lineage` (spec 03, section 3.8)."""

    reason_type: Literal["remap_without_lineage"]
    from_source_uuid: str
    from_skill_name: str
    to_source_uuid: str
    to_skill_name: str


class SkillResolutionFailureReasonUnknownSkillAlias(TypedDict):
    """Why: `unknown_skill_alias` (spec 03, section 3.8)."""

    reason_type: Literal["unknown_skill_alias"]
    alias: str


class SkillResolutionFailureReasonRemapCycle(TypedDict):
    """Why: `remap_cycle` (spec 03, section 3.8)."""

    reason_type: Literal["remap_cycle"]
    source_uuid: str
    skill_name: str


class SkillResolutionFailureReasonUnknown(TypedDict):
    """Why: `unknown` (spec 03, section 3.8)."""

    reason_type: Literal["unknown"]
    message: str


class EventSourceIdentitySession(TypedDict):
    """An event of a source of type `session` (spec 03, section 2.1)."""

    type: Literal["session"]
    session_id: Uuid


class EventSourceIdentityRuntime(TypedDict):
    """An event of a source of type `runtime` (spec 03, section 2.1)."""

    type: Literal["runtime"]
    runtime_id: str


class EventSourceIdentityInteraction(TypedDict):
    """An event of a source of type `interaction` (spec 03, section 2.1)."""

    type: Literal["interaction"]
    interaction_id: Uuid


class EventSourceIdentityCallback(TypedDict):
    """An event of a source of type `callback` (spec 03, section 2.1)."""

    type: Literal["callback"]


class EventSourceIdentityExternal(TypedDict):
    """An event of a source of type `external` (spec 03, section 2.1)."""

    type: Literal["external"]
    source_id: str


AgentEvent: TypeAlias = Annotated[
    AgentEventRunStarted
    | AgentEventRunCompleted
    | AgentEventExtractionSucceeded
    | AgentEventExtractionFailed
    | AgentEventRunFailed
    | AgentEventHookStarted
    | AgentEventHookCompleted
    | AgentEventHookFailed
    | AgentEventHookDenied
    | AgentEventTurnStarted
    | AgentEventReasoningDelta
    | AgentEventReasoningComplete
    | AgentEventTextDelta
    | AgentEventTextComplete
    | AgentEventServerToolContent
    | AgentEventAssistantImageAppended
    | AgentEventToolCallRequested
    | AgentEventToolResultReceived
    | AgentEventTurnCompleted
    | AgentEventToolExecutionStarted
    | AgentEventToolExecutionCompleted
    | AgentEventToolExecutionTimedOut
    | AgentEventCompactionStarted
    | AgentEventCompactionCompleted
    | AgentEventCompactionFailed
    | AgentEventBudgetWarning
    | AgentEventRetrying
    | AgentEventSkillsResolved
    | AgentEventSkillResolutionFailed
    | AgentEventInteractionComplete
    | AgentEventInteractionCallbackPending
    | AgentEventInteractionFailed
    | AgentEventStreamTruncated
    | AgentEventToolConfigChanged
    | AgentEventBackgroundJobCompleted,
    Tag("type", "AgentEvent"),
]
"""What happens in a run, told apart by `type` (spec 03, section 3)."""

SkillResolutionFailureReason: TypeAlias = Annotated[
    SkillResolutionFailureReasonNotFound
    | SkillResolutionFailureReasonCapabilityUnavailable
    | SkillResolutionFailureReasonLoad
    | SkillResolutionFailureReasonParse
    | SkillResolutionFailureReasonSourceUuidCollision
    | SkillResolutionFailureReasonSourceUuidMutationWithoutLineage
    | SkillResolutionFailureReasonMissingSkillRemaps
    | SkillResolutionFailureReasonRemapWithoutLineage
    | SkillResolutionFailureReasonUnknownSkillAlias
    | SkillResolutionFailureReasonRemapCycle
    | SkillResolutionFailureReasonUnknown,
    Tag("reason_type", "SkillResolutionFailureReason"),
]
"""Why a skill could not be resolved (spec 03, section 3.8)."""

EventSourceIdentity: TypeAlias = Annotated[
    EventSourceIdentitySession
    | EventSourceIdentityRuntime
    | EventSourceIdentityInteraction
    | EventSourceIdentityCallback
    | EventSourceIdentityExternal,
    Tag("type", "EventSourceIdentity"),
]
"""Where an event comes from; this server always says `session` (spec 03, section 2.1)."""
