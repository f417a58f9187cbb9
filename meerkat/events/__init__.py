"""The events of agents, typed, and their parser: what a stream yields.

    async with session.stream("Hello") as stream:
        async for event in stream:
            match event:
                case TextDelta(delta=delta):
                    print(delta, end="")
                case ToolCallRequested(name=name):
                    print(f"[{name}]")

Every event of spec 03, section 3 has a class. Classes may gain fields at their end: match by keyword. They live in the
modules of this package by topic; this is the door.
"""

from __future__ import annotations

from meerkat.events.base import ContentBlock, ContentInput, Event, ScopedEvent, UnknownEvent, Usage
from meerkat.events.enveloped import parse_attributed, parse_envelope
from meerkat.events.envelopes import AttributedEvent, EventEnvelope, EventSourceIdentity
from meerkat.events.hooks import HookCompleted, HookDenied, HookFailed, HookId, HookStarted
from meerkat.events.parser import EVENT_TYPES, MALFORMED_EVENT, parse_event
from meerkat.events.runs import (
    AgentErrorClass,
    AgentErrorReason,
    AgentErrorReport,
    BudgetWarning,
    CompactionCompleted,
    CompactionFailed,
    CompactionStarted,
    ExtractionFailed,
    ExtractionSucceeded,
    ReasoningComplete,
    ReasoningDelta,
    Retrying,
    RunCompleted,
    RunFailed,
    RunStarted,
    TerminalEvent,
    TextComplete,
    TextDelta,
    TurnCompleted,
    TurnStarted,
    TurnTerminalCauseKind,
    TurnTerminalOutcome,
)
from meerkat.events.skills import (
    InteractionCallbackPending,
    InteractionComplete,
    InteractionFailed,
    SkillResolutionFailed,
    SkillResolutionFailureReason,
    SkillsResolved,
    StreamTruncated,
)
from meerkat.events.tools import (
    AssistantImageAppended,
    BackgroundJobCompleted,
    BackgroundJobTerminalStatus,
    BoundaryAppliedToolConfigChangeStatus,
    DeferredCatalogDeltaToolConfigChangeStatus,
    ExternalToolDeltaToolConfigChangeStatus,
    ExternalToolPhase,
    ServerToolContent,
    ToolCallRequested,
    ToolConfigChanged,
    ToolConfigChangedPayload,
    ToolConfigChangeStatus,
    ToolExecutionCompleted,
    ToolExecutionStarted,
    ToolExecutionTimedOut,
    ToolResultReceived,
    WarningFailedClosedToolConfigChangeStatus,
)

__all__ = [
    "EVENT_TYPES",
    "MALFORMED_EVENT",
    "AgentErrorClass",
    "AgentErrorReason",
    "AgentErrorReport",
    "AssistantImageAppended",
    "AttributedEvent",
    "BackgroundJobCompleted",
    "BackgroundJobTerminalStatus",
    "BoundaryAppliedToolConfigChangeStatus",
    "BudgetWarning",
    "CompactionCompleted",
    "CompactionFailed",
    "CompactionStarted",
    "ContentBlock",
    "ContentInput",
    "DeferredCatalogDeltaToolConfigChangeStatus",
    "Event",
    "EventEnvelope",
    "EventSourceIdentity",
    "ExternalToolDeltaToolConfigChangeStatus",
    "ExternalToolPhase",
    "ExtractionFailed",
    "ExtractionSucceeded",
    "HookCompleted",
    "HookDenied",
    "HookFailed",
    "HookId",
    "HookStarted",
    "InteractionCallbackPending",
    "InteractionComplete",
    "InteractionFailed",
    "ReasoningComplete",
    "ReasoningDelta",
    "Retrying",
    "RunCompleted",
    "RunFailed",
    "RunStarted",
    "ScopedEvent",
    "ServerToolContent",
    "SkillResolutionFailed",
    "SkillResolutionFailureReason",
    "SkillsResolved",
    "StreamTruncated",
    "TerminalEvent",
    "TextComplete",
    "TextDelta",
    "ToolCallRequested",
    "ToolConfigChangeStatus",
    "ToolConfigChanged",
    "ToolConfigChangedPayload",
    "ToolExecutionCompleted",
    "ToolExecutionStarted",
    "ToolExecutionTimedOut",
    "ToolResultReceived",
    "TurnCompleted",
    "TurnStarted",
    "TurnTerminalCauseKind",
    "TurnTerminalOutcome",
    "UnknownEvent",
    "Usage",
    "WarningFailedClosedToolConfigChangeStatus",
    "parse_attributed",
    "parse_envelope",
    "parse_event",
]
