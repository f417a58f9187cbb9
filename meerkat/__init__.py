"""The Meerkat SDK: sessions, turns, events, tools, mobs and live channels of an rkat-rpc server, from Python.

    async with MeerkatClient() as client:
        session = await client.create_session("What is the capital of Italy?")
        print(session.text)

Everything an application needs is offered here. Importing this package loads none of it: each name is fetched when it is first used.
"""

from __future__ import annotations

from meerkat._doors import TYPE_CHECKING, door

if TYPE_CHECKING:
    from meerkat.client import MeerkatClient as MeerkatClient
    from meerkat.errors import CapabilityUnavailableError as CapabilityUnavailableError
    from meerkat.errors import ConnectionLostError as ConnectionLostError
    from meerkat.errors import DeadlockError as DeadlockError
    from meerkat.errors import DuplicateInputError as DuplicateInputError
    from meerkat.errors import EventsLostError as EventsLostError
    from meerkat.errors import InvalidParamsError as InvalidParamsError
    from meerkat.errors import MeerkatError as MeerkatError
    from meerkat.errors import MethodNotFoundError as MethodNotFoundError
    from meerkat.errors import NotConnectedError as NotConnectedError
    from meerkat.errors import ProtocolError as ProtocolError
    from meerkat.errors import RequestCancelledError as RequestCancelledError
    from meerkat.errors import RequestTimeoutError as RequestTimeoutError
    from meerkat.errors import ScheduleNotFoundError as ScheduleNotFoundError
    from meerkat.errors import ServerStartError as ServerStartError
    from meerkat.errors import SessionBusyError as SessionBusyError
    from meerkat.errors import SessionNotFoundError as SessionNotFoundError
    from meerkat.errors import SkillNotFoundError as SkillNotFoundError
    from meerkat.errors import StreamNotConsumedError as StreamNotConsumedError
    from meerkat.errors import StreamNotOpenError as StreamNotOpenError
    from meerkat.errors import SupervisorRotationIncompleteError as SupervisorRotationIncompleteError
    from meerkat.errors import ToolRegistrationError as ToolRegistrationError
    from meerkat.errors import TurnFailedError as TurnFailedError
    from meerkat.errors import TurnStalledError as TurnStalledError
    from meerkat.events import AgentErrorClass as AgentErrorClass
    from meerkat.events import AgentErrorReason as AgentErrorReason
    from meerkat.events import AgentErrorReport as AgentErrorReport
    from meerkat.events import AssistantImageAppended as AssistantImageAppended
    from meerkat.events import BackgroundJobCompleted as BackgroundJobCompleted
    from meerkat.events import BackgroundJobTerminalStatus as BackgroundJobTerminalStatus
    from meerkat.events import BoundaryAppliedToolConfigChangeStatus as BoundaryAppliedToolConfigChangeStatus
    from meerkat.events import BudgetWarning as BudgetWarning
    from meerkat.events import CompactionCompleted as CompactionCompleted
    from meerkat.events import CompactionFailed as CompactionFailed
    from meerkat.events import CompactionStarted as CompactionStarted
    from meerkat.events import DeferredCatalogDeltaToolConfigChangeStatus as DeferredCatalogDeltaToolConfigChangeStatus
    from meerkat.events import Event as Event
    from meerkat.events import ExternalToolDeltaToolConfigChangeStatus as ExternalToolDeltaToolConfigChangeStatus
    from meerkat.events import ExtractionFailed as ExtractionFailed
    from meerkat.events import ExtractionSucceeded as ExtractionSucceeded
    from meerkat.events import HookCompleted as HookCompleted
    from meerkat.events import HookDenied as HookDenied
    from meerkat.events import HookFailed as HookFailed
    from meerkat.events import HookId as HookId
    from meerkat.events import HookStarted as HookStarted
    from meerkat.events import InteractionCallbackPending as InteractionCallbackPending
    from meerkat.events import InteractionComplete as InteractionComplete
    from meerkat.events import InteractionFailed as InteractionFailed
    from meerkat.events import ReasoningComplete as ReasoningComplete
    from meerkat.events import ReasoningDelta as ReasoningDelta
    from meerkat.events import Retrying as Retrying
    from meerkat.events import RunCompleted as RunCompleted
    from meerkat.events import RunFailed as RunFailed
    from meerkat.events import RunStarted as RunStarted
    from meerkat.events import ScopedEvent as ScopedEvent
    from meerkat.events import ServerToolContent as ServerToolContent
    from meerkat.events import SkillResolutionFailed as SkillResolutionFailed
    from meerkat.events import SkillResolutionFailureReason as SkillResolutionFailureReason
    from meerkat.events import SkillsResolved as SkillsResolved
    from meerkat.events import StreamTruncated as StreamTruncated
    from meerkat.events import TextComplete as TextComplete
    from meerkat.events import TextDelta as TextDelta
    from meerkat.events import ToolCallRequested as ToolCallRequested
    from meerkat.events import ToolConfigChanged as ToolConfigChanged
    from meerkat.events import ToolConfigChangedPayload as ToolConfigChangedPayload
    from meerkat.events import ToolConfigChangeStatus as ToolConfigChangeStatus
    from meerkat.events import ToolExecutionCompleted as ToolExecutionCompleted
    from meerkat.events import ToolExecutionStarted as ToolExecutionStarted
    from meerkat.events import ToolExecutionTimedOut as ToolExecutionTimedOut
    from meerkat.events import ToolResultReceived as ToolResultReceived
    from meerkat.events import TurnCompleted as TurnCompleted
    from meerkat.events import TurnStarted as TurnStarted
    from meerkat.events import TurnTerminalCauseKind as TurnTerminalCauseKind
    from meerkat.events import TurnTerminalOutcome as TurnTerminalOutcome
    from meerkat.events import UnknownEvent as UnknownEvent
    from meerkat.events import Usage as Usage
    from meerkat.events import WarningFailedClosedToolConfigChangeStatus as WarningFailedClosedToolConfigChangeStatus
    from meerkat.events import parse_attributed as parse_attributed
    from meerkat.events import parse_envelope as parse_envelope
    from meerkat.events import parse_event as parse_event
    from meerkat.events.envelopes import AttributedEvent as AttributedEvent
    from meerkat.events.envelopes import EventEnvelope as EventEnvelope
    from meerkat.events.envelopes import EventSourceIdentity as EventSourceIdentity
    from meerkat.generated.auth import WireAuthBindingRef as WireAuthBindingRef
    from meerkat.generated.core import RuntimeAcceptResult as RuntimeAcceptResult
    from meerkat.generated.core import RuntimeStateResult as RuntimeStateResult
    from meerkat.generated.core import WireInputState as WireInputState
    from meerkat.generated.images import WireAssistantImageRef as WireAssistantImageRef
    from meerkat.generated.images import WireGenerateImageExecutionPlan as WireGenerateImageExecutionPlan
    from meerkat.generated.images import WireGenerateImageRequest as WireGenerateImageRequest
    from meerkat.generated.images import WireImageGenerationToolResult as WireImageGenerationToolResult
    from meerkat.generated.images import WireImageOperationPhase as WireImageOperationPhase
    from meerkat.generated.live import LiveChannelParams as LiveChannelParams
    from meerkat.generated.live import LiveCommitInputParams as LiveCommitInputParams
    from meerkat.generated.live import LiveInputChunkWire as LiveInputChunkWire
    from meerkat.generated.live import LiveOpenParams as LiveOpenParams
    from meerkat.generated.live import LiveOpenResult as LiveOpenResult
    from meerkat.generated.live import LiveSendInputParams as LiveSendInputParams
    from meerkat.generated.live import LiveStatusResult as LiveStatusResult
    from meerkat.generated.live import LiveTruncateParams as LiveTruncateParams
    from meerkat.generated.live import RealtimeAudioChunk as RealtimeAudioChunk
    from meerkat.generated.live import RealtimeCapabilities as RealtimeCapabilities
    from meerkat.generated.live import RealtimeTextChunk as RealtimeTextChunk
    from meerkat.generated.live import RealtimeVideoChunk as RealtimeVideoChunk
    from meerkat.generated.mcp import McpAddParams as McpAddParams
    from meerkat.generated.mcp import McpHttpConfig as McpHttpConfig
    from meerkat.generated.mcp import McpHttpServerConfig as McpHttpServerConfig
    from meerkat.generated.mcp import McpHttpTransport as McpHttpTransport
    from meerkat.generated.mcp import McpLiveOpResponse as McpLiveOpResponse
    from meerkat.generated.mcp import McpReloadParams as McpReloadParams
    from meerkat.generated.mcp import McpRemoveParams as McpRemoveParams
    from meerkat.generated.mcp import McpServerConfig as McpServerConfig
    from meerkat.generated.mcp import McpStdioConfig as McpStdioConfig
    from meerkat.generated.mcp import McpStdioServerConfig as McpStdioServerConfig
    from meerkat.generated.mob_definitions import MobBackendConfigInput as MobBackendConfigInput
    from meerkat.generated.mob_definitions import MobDefinitionInput as MobDefinitionInput
    from meerkat.generated.mob_definitions import MobEventRouterConfigInput as MobEventRouterConfigInput
    from meerkat.generated.mob_definitions import MobExternalBackendConfigInput as MobExternalBackendConfigInput
    from meerkat.generated.mob_definitions import MobFlowNodeInput as MobFlowNodeInput
    from meerkat.generated.mob_definitions import MobFlowSpecInput as MobFlowSpecInput
    from meerkat.generated.mob_definitions import MobFlowStepInput as MobFlowStepInput
    from meerkat.generated.mob_definitions import MobFrameSpecInput as MobFrameSpecInput
    from meerkat.generated.mob_definitions import MobLimitsSpecInput as MobLimitsSpecInput
    from meerkat.generated.mob_definitions import MobOrchestratorInput as MobOrchestratorInput
    from meerkat.generated.mob_definitions import MobProfileBindingInput as MobProfileBindingInput
    from meerkat.generated.mob_definitions import MobProfileInput as MobProfileInput
    from meerkat.generated.mob_definitions import MobSpawnPolicyInput as MobSpawnPolicyInput
    from meerkat.generated.mob_definitions import MobSupervisorSpecInput as MobSupervisorSpecInput
    from meerkat.generated.mob_definitions import MobToolConfigInput as MobToolConfigInput
    from meerkat.generated.mob_definitions import MobTopologySpecInput as MobTopologySpecInput
    from meerkat.generated.mob_definitions import MobWiringRulesInput as MobWiringRulesInput
    from meerkat.generated.mob_launch import WireBudgetSplitPolicy as WireBudgetSplitPolicy
    from meerkat.generated.mob_launch import WireMemberLaunchMode as WireMemberLaunchMode
    from meerkat.generated.mob_launch import WireMemberRef as WireMemberRef
    from meerkat.generated.mob_launch import WireMobProfile as WireMobProfile
    from meerkat.generated.mob_launch import WireMobToolConfig as WireMobToolConfig
    from meerkat.generated.mob_launch import WireRuntimeBinding as WireRuntimeBinding
    from meerkat.generated.mob_launch import WireToolAccessPolicy as WireToolAccessPolicy
    from meerkat.generated.mob_launch import WireToolFilter as WireToolFilter
    from meerkat.generated.mob_members import MobEnsureMemberParams as MobEnsureMemberParams
    from meerkat.generated.mob_members import MobEnsureMemberResult as MobEnsureMemberResult
    from meerkat.generated.mob_members import MobMemberListEntryWire as MobMemberListEntryWire
    from meerkat.generated.mob_members import MobMemberSpecWire as MobMemberSpecWire
    from meerkat.generated.mob_members import MobReconcileParams as MobReconcileParams
    from meerkat.generated.mob_members import MobReconcileReportWire as MobReconcileReportWire
    from meerkat.generated.mob_members import MobReconcileResult as MobReconcileResult
    from meerkat.generated.mob_members import MobSpawnManyFailedResult as MobSpawnManyFailedResult
    from meerkat.generated.mob_members import MobSpawnManyParams as MobSpawnManyParams
    from meerkat.generated.mob_members import MobSpawnManyResult as MobSpawnManyResult
    from meerkat.generated.mob_members import MobSpawnManyResultEntry as MobSpawnManyResultEntry
    from meerkat.generated.mob_members import MobSpawnManyResultPayload as MobSpawnManyResultPayload
    from meerkat.generated.mob_members import MobSpawnManySpawnedResult as MobSpawnManySpawnedResult
    from meerkat.generated.mob_members import MobSpawnParams as MobSpawnParams
    from meerkat.generated.mob_members import MobSpawnReceiptWire as MobSpawnReceiptWire
    from meerkat.generated.mob_members import MobSpawnSpecParams as MobSpawnSpecParams
    from meerkat.generated.mob_members import MobTurnStartParams as MobTurnStartParams
    from meerkat.generated.mobs import MobCreateParams as MobCreateParams
    from meerkat.generated.mobs import MobCreateResult as MobCreateResult
    from meerkat.live import LiveChannel as LiveChannel
    from meerkat.mob import Mob as Mob
    from meerkat.mob_types import MemberDeliveryReceipt as MemberDeliveryReceipt
    from meerkat.mob_types import MemberRespawnReceipt as MemberRespawnReceipt
    from meerkat.mob_types import MobHelperResult as MobHelperResult
    from meerkat.mob_types import MobKickoffMemberSnapshot as MobKickoffMemberSnapshot
    from meerkat.mob_types import MobMemberSnapshot as MobMemberSnapshot
    from meerkat.mob_types import MobPeerConnectivitySnapshot as MobPeerConnectivitySnapshot
    from meerkat.mob_types import MobReadyMemberSnapshot as MobReadyMemberSnapshot
    from meerkat.mob_types import MobRespawnResult as MobRespawnResult
    from meerkat.mob_types import MobSpawnSpec as MobSpawnSpec
    from meerkat.mob_types import MobUnreachablePeer as MobUnreachablePeer
    from meerkat.session import DeferredSession as DeferredSession
    from meerkat.session import Session as Session
    from meerkat.streaming import EventStream as EventStream
    from meerkat.streaming import EventSubscription as EventSubscription
    from meerkat.tools import ToolCall as ToolCall
    from meerkat.tools import ToolRegistration as ToolRegistration
    from meerkat.tools import ToolRegistry as ToolRegistry
    from meerkat.types.config import Capability as Capability
    from meerkat.types.config import ConfigEnvelope as ConfigEnvelope
    from meerkat.types.content import BlobImageBlock as BlobImageBlock
    from meerkat.types.content import BlobPayload as BlobPayload
    from meerkat.types.content import ContentBlock as ContentBlock
    from meerkat.types.content import ContentInput as ContentInput
    from meerkat.types.content import InlineImageBlock as InlineImageBlock
    from meerkat.types.content import InlineVideoBlock as InlineVideoBlock
    from meerkat.types.content import TextBlock as TextBlock
    from meerkat.types.history import SessionAssistantBlock as SessionAssistantBlock
    from meerkat.types.history import SessionHistory as SessionHistory
    from meerkat.types.history import SessionMessage as SessionMessage
    from meerkat.types.history import SessionToolCall as SessionToolCall
    from meerkat.types.history import SessionToolResult as SessionToolResult
    from meerkat.types.history import TranscriptAssistantBlockReplacement as TranscriptAssistantBlockReplacement
    from meerkat.types.history import TranscriptEditRunningBehavior as TranscriptEditRunningBehavior
    from meerkat.types.history import TranscriptMessageReplacement as TranscriptMessageReplacement
    from meerkat.types.history import TranscriptReplacement as TranscriptReplacement
    from meerkat.types.history import TranscriptToolResultContentBlockReplacement as TranscriptToolResultContentBlockReplacement
    from meerkat.types.history import TranscriptUserContentBlockReplacement as TranscriptUserContentBlockReplacement
    from meerkat.types.mobs import DeletedMobProfile as DeletedMobProfile
    from meerkat.types.mobs import MobEventCursorEntry as MobEventCursorEntry
    from meerkat.types.mobs import MobEventsResult as MobEventsResult
    from meerkat.types.mobs import MobProfile as MobProfile
    from meerkat.types.mobs import MobProfileTools as MobProfileTools
    from meerkat.types.mobs import StoredMobProfile as StoredMobProfile
    from meerkat.types.models import CatalogModelEntry as CatalogModelEntry
    from meerkat.types.models import ContractVersion as ContractVersion
    from meerkat.types.models import ModelProfile as ModelProfile
    from meerkat.types.models import ModelsCatalogResponse as ModelsCatalogResponse
    from meerkat.types.runs import ExtractionError as ExtractionError
    from meerkat.types.runs import HelpExecutionMode as HelpExecutionMode
    from meerkat.types.runs import HelpRequest as HelpRequest
    from meerkat.types.runs import RunResult as RunResult
    from meerkat.types.runs import SchemaWarning as SchemaWarning
    from meerkat.types.schedules import ScheduleListResult as ScheduleListResult
    from meerkat.types.schedules import ScheduleOccurrenceRecord as ScheduleOccurrenceRecord
    from meerkat.types.schedules import ScheduleOccurrencesResult as ScheduleOccurrencesResult
    from meerkat.types.schedules import ScheduleRecord as ScheduleRecord
    from meerkat.types.schedules import ScheduleToolCall as ScheduleToolCall
    from meerkat.types.schedules import ScheduleToolsResult as ScheduleToolsResult
    from meerkat.types.sessions import ExternalEventOutcome as ExternalEventOutcome
    from meerkat.types.sessions import PeerCorrelationId as PeerCorrelationId
    from meerkat.types.sessions import PeerId as PeerId
    from meerkat.types.sessions import SessionDetails as SessionDetails
    from meerkat.types.sessions import SessionForkResult as SessionForkResult
    from meerkat.types.sessions import SessionInfo as SessionInfo
    from meerkat.types.sessions import SessionSummary as SessionSummary
    from meerkat.types.skills import SkillKey as SkillKey
    from meerkat.types.skills import SkillQuarantineDiagnostic as SkillQuarantineDiagnostic
    from meerkat.types.skills import SkillRef as SkillRef
    from meerkat.types.skills import SkillRuntimeDiagnostics as SkillRuntimeDiagnostics
    from meerkat.types.skills import SourceHealthSnapshot as SourceHealthSnapshot
    from meerkat.wire.live import RealtimeTurningMode as RealtimeTurningMode
    from meerkat.wire.methods import CONTRACT_VERSION as CONTRACT_VERSION
    from meerkat.wire.mob_definitions import WireMobBackendKind as WireMobBackendKind
    from meerkat.wire.mob_definitions import WireMobRuntimeMode as WireMobRuntimeMode
    from meerkat.wire.mobs_members import MobSpawnManyFailureCause as MobSpawnManyFailureCause
    from meerkat.wire.mobs_members import MobSpawnManyResultStatus as MobSpawnManyResultStatus
    from meerkat.wire.mobs_members import WireMemberState as WireMemberState
    from meerkat.wire.mobs_members import WireMobMemberStatus as WireMobMemberStatus
else:
    __all__, __getattr__, __dir__ = door(
        __name__,
        {
            "meerkat.client": "MeerkatClient",
            "meerkat.errors": (
                "CapabilityUnavailableError ConnectionLostError DeadlockError DuplicateInputError EventsLostError "
                "InvalidParamsError MeerkatError MethodNotFoundError NotConnectedError ProtocolError RequestCancelledError "
                "RequestTimeoutError ScheduleNotFoundError ServerStartError SessionBusyError SessionNotFoundError "
                "SkillNotFoundError StreamNotConsumedError StreamNotOpenError SupervisorRotationIncompleteError "
                "ToolRegistrationError TurnFailedError TurnStalledError"
            ),
            "meerkat.events": (
                "AgentErrorClass AgentErrorReason AgentErrorReport AssistantImageAppended BackgroundJobCompleted "
                "BackgroundJobTerminalStatus BoundaryAppliedToolConfigChangeStatus BudgetWarning CompactionCompleted "
                "CompactionFailed CompactionStarted DeferredCatalogDeltaToolConfigChangeStatus Event "
                "ExternalToolDeltaToolConfigChangeStatus ExtractionFailed ExtractionSucceeded HookCompleted HookDenied HookFailed "
                "HookId HookStarted InteractionCallbackPending InteractionComplete InteractionFailed ReasoningComplete "
                "ReasoningDelta Retrying RunCompleted RunFailed RunStarted ScopedEvent ServerToolContent SkillResolutionFailed "
                "SkillResolutionFailureReason SkillsResolved StreamTruncated TextComplete TextDelta ToolCallRequested "
                "ToolConfigChangeStatus ToolConfigChanged ToolConfigChangedPayload ToolExecutionCompleted ToolExecutionStarted "
                "ToolExecutionTimedOut ToolResultReceived TurnCompleted TurnStarted TurnTerminalCauseKind TurnTerminalOutcome "
                "UnknownEvent Usage WarningFailedClosedToolConfigChangeStatus parse_attributed parse_envelope parse_event"
            ),
            "meerkat.events.envelopes": "AttributedEvent EventEnvelope EventSourceIdentity",
            "meerkat.generated.auth": "WireAuthBindingRef",
            "meerkat.generated.core": "RuntimeAcceptResult RuntimeStateResult WireInputState",
            "meerkat.generated.images": (
                "WireAssistantImageRef WireGenerateImageExecutionPlan WireGenerateImageRequest WireImageGenerationToolResult "
                "WireImageOperationPhase"
            ),
            "meerkat.generated.live": (
                "LiveChannelParams LiveCommitInputParams LiveInputChunkWire LiveOpenParams LiveOpenResult LiveSendInputParams "
                "LiveStatusResult LiveTruncateParams RealtimeAudioChunk RealtimeCapabilities RealtimeTextChunk RealtimeVideoChunk"
            ),
            "meerkat.generated.mcp": (
                "McpAddParams McpHttpConfig McpHttpServerConfig McpHttpTransport McpLiveOpResponse McpReloadParams "
                "McpRemoveParams McpServerConfig McpStdioConfig McpStdioServerConfig"
            ),
            "meerkat.generated.mob_definitions": (
                "MobBackendConfigInput MobDefinitionInput MobEventRouterConfigInput MobExternalBackendConfigInput "
                "MobFlowNodeInput MobFlowSpecInput MobFlowStepInput MobFrameSpecInput MobLimitsSpecInput MobOrchestratorInput "
                "MobProfileBindingInput MobProfileInput MobSpawnPolicyInput MobSupervisorSpecInput MobToolConfigInput "
                "MobTopologySpecInput MobWiringRulesInput"
            ),
            "meerkat.generated.mob_launch": (
                "WireBudgetSplitPolicy WireMemberLaunchMode WireMemberRef WireMobProfile WireMobToolConfig WireRuntimeBinding "
                "WireToolAccessPolicy WireToolFilter"
            ),
            "meerkat.generated.mob_members": (
                "MobEnsureMemberParams MobEnsureMemberResult MobMemberListEntryWire MobMemberSpecWire MobReconcileParams "
                "MobReconcileReportWire MobReconcileResult MobSpawnManyFailedResult MobSpawnManyParams MobSpawnManyResult "
                "MobSpawnManyResultEntry MobSpawnManyResultPayload MobSpawnManySpawnedResult MobSpawnParams MobSpawnReceiptWire "
                "MobSpawnSpecParams MobTurnStartParams"
            ),
            "meerkat.generated.mobs": "MobCreateParams MobCreateResult",
            "meerkat.live": "LiveChannel",
            "meerkat.mob": "Mob",
            "meerkat.mob_types": (
                "MemberDeliveryReceipt MemberRespawnReceipt MobHelperResult MobKickoffMemberSnapshot MobMemberSnapshot "
                "MobPeerConnectivitySnapshot MobReadyMemberSnapshot MobRespawnResult MobSpawnSpec MobUnreachablePeer"
            ),
            "meerkat.session": "DeferredSession Session",
            "meerkat.streaming": "EventStream EventSubscription",
            "meerkat.tools": "ToolCall ToolRegistration ToolRegistry",
            "meerkat.types.config": "Capability ConfigEnvelope",
            "meerkat.types.content": ("BlobImageBlock BlobPayload ContentBlock ContentInput InlineImageBlock InlineVideoBlock TextBlock"),
            "meerkat.types.history": (
                "SessionAssistantBlock SessionHistory SessionMessage SessionToolCall SessionToolResult "
                "TranscriptAssistantBlockReplacement TranscriptEditRunningBehavior TranscriptMessageReplacement "
                "TranscriptReplacement TranscriptToolResultContentBlockReplacement TranscriptUserContentBlockReplacement"
            ),
            "meerkat.types.mobs": ("DeletedMobProfile MobEventCursorEntry MobEventsResult MobProfile MobProfileTools StoredMobProfile"),
            "meerkat.types.models": "CatalogModelEntry ContractVersion ModelProfile ModelsCatalogResponse",
            "meerkat.types.runs": "ExtractionError HelpExecutionMode HelpRequest RunResult SchemaWarning",
            "meerkat.types.schedules": (
                "ScheduleListResult ScheduleOccurrenceRecord ScheduleOccurrencesResult ScheduleRecord ScheduleToolCall ScheduleToolsResult"
            ),
            "meerkat.types.sessions": (
                "ExternalEventOutcome PeerCorrelationId PeerId SessionDetails SessionForkResult SessionInfo SessionSummary"
            ),
            "meerkat.types.skills": "SkillKey SkillQuarantineDiagnostic SkillRef SkillRuntimeDiagnostics SourceHealthSnapshot",
            "meerkat.wire.live": "RealtimeTurningMode",
            "meerkat.wire.methods": "CONTRACT_VERSION",
            "meerkat.wire.mob_definitions": "WireMobBackendKind WireMobRuntimeMode",
            "meerkat.wire.mobs_members": "MobSpawnManyFailureCause MobSpawnManyResultStatus WireMemberState WireMobMemberStatus",
        },
    )
