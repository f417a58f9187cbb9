"""The values that calls take and return, behind one door; they live in the modules of this package by topic.

The names of the published contract that this module has always offered come from `meerkat.generated`.
"""

from __future__ import annotations

from meerkat._doors import TYPE_CHECKING, door

if TYPE_CHECKING:
    from meerkat.events.base import Event as Event
    from meerkat.events.base import Usage as Usage
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
    from meerkat.generated.live import RealtimeInputChunk as RealtimeInputChunk
    from meerkat.generated.live import RealtimeInputKind as RealtimeInputKind
    from meerkat.generated.live import RealtimeOutputKind as RealtimeOutputKind
    from meerkat.generated.live import RealtimeTextChunk as RealtimeTextChunk
    from meerkat.generated.live import RealtimeVideoChunk as RealtimeVideoChunk
    from meerkat.generated.live import WireLiveChannelCapabilities as WireLiveChannelCapabilities
    from meerkat.generated.live import WireLiveContinuityMode as WireLiveContinuityMode
    from meerkat.generated.live_observations import WireLiveAdapterErrorCode as WireLiveAdapterErrorCode
    from meerkat.generated.live_observations import WireLiveAdapterObservation as WireLiveAdapterObservation
    from meerkat.generated.live_observations import (
        WireLiveAdapterObservationAssistantAudioChunk as WireLiveAdapterObservationAssistantAudioChunk,
    )
    from meerkat.generated.live_observations import (
        WireLiveAdapterObservationAssistantTextDelta as WireLiveAdapterObservationAssistantTextDelta,
    )
    from meerkat.generated.live_observations import (
        WireLiveAdapterObservationAssistantTranscriptDelta as WireLiveAdapterObservationAssistantTranscriptDelta,
    )
    from meerkat.generated.live_observations import (
        WireLiveAdapterObservationAssistantTranscriptFinal as WireLiveAdapterObservationAssistantTranscriptFinal,
    )
    from meerkat.generated.live_observations import (
        WireLiveAdapterObservationAssistantTranscriptTruncated as WireLiveAdapterObservationAssistantTranscriptTruncated,
    )
    from meerkat.generated.live_observations import WireLiveAdapterObservationTurnCompleted as WireLiveAdapterObservationTurnCompleted
    from meerkat.generated.live_observations import WireLiveAdapterObservationTurnInterrupted as WireLiveAdapterObservationTurnInterrupted
    from meerkat.generated.live_observations import (
        WireLiveAdapterObservationUserTranscriptFinal as WireLiveAdapterObservationUserTranscriptFinal,
    )
    from meerkat.generated.live_observations import WireLiveAdapterStatus as WireLiveAdapterStatus
    from meerkat.generated.live_observations import WireLiveConfigRejectionReason as WireLiveConfigRejectionReason
    from meerkat.generated.live_observations import WireLiveDegradationReason as WireLiveDegradationReason
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
    from meerkat.generated.sessions import WireAssistantBlock as WireAssistantBlock
    from meerkat.generated.sessions import WireTranscriptSource as WireTranscriptSource
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
    from meerkat.types.models import ProviderCatalog as ProviderCatalog
    from meerkat.types.models import ResolvedModelCapabilities as ResolvedModelCapabilities
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
    from meerkat.wire.core import WireProvider as WireProvider
    from meerkat.wire.live import LiveInputChunkWireAudio as LiveInputChunkWireAudio
    from meerkat.wire.live import LiveInputChunkWireImage as LiveInputChunkWireImage
    from meerkat.wire.live import LiveInputChunkWireText as LiveInputChunkWireText
    from meerkat.wire.live import LiveInputChunkWireVideoFrame as LiveInputChunkWireVideoFrame
    from meerkat.wire.live import RealtimeTurningMode as RealtimeTurningMode
    from meerkat.wire.live import WireLiveContinuityModeDegraded as WireLiveContinuityModeDegraded
    from meerkat.wire.live import WireLiveContinuityModeFresh as WireLiveContinuityModeFresh
    from meerkat.wire.live import WireLiveContinuityModeProviderNativeResume as WireLiveContinuityModeProviderNativeResume
    from meerkat.wire.live import WireLiveContinuityModeTranscriptOnly as WireLiveContinuityModeTranscriptOnly
    from meerkat.wire.live_observations import WireLiveAdapterObservationCommandRejected as WireLiveAdapterObservationCommandRejected
    from meerkat.wire.live_observations import WireLiveAdapterObservationError as WireLiveAdapterObservationError
    from meerkat.wire.live_observations import WireLiveAdapterObservationReady as WireLiveAdapterObservationReady
    from meerkat.wire.live_observations import WireLiveAdapterObservationRealtimeTranscript as WireLiveAdapterObservationRealtimeTranscript
    from meerkat.wire.live_observations import WireLiveAdapterObservationStatusChanged as WireLiveAdapterObservationStatusChanged
    from meerkat.wire.live_observations import WireLiveAdapterObservationToolCallRequested as WireLiveAdapterObservationToolCallRequested
    from meerkat.wire.live_observations import (
        WireLiveConfigRejectionReasonAudioInputFormatMismatch as WireLiveConfigRejectionReasonAudioInputFormatMismatch,
    )
    from meerkat.wire.live_observations import (
        WireLiveConfigRejectionReasonChannelIdentitySwap as WireLiveConfigRejectionReasonChannelIdentitySwap,
    )
    from meerkat.wire.live_observations import (
        WireLiveConfigRejectionReasonImageInputNotImplemented as WireLiveConfigRejectionReasonImageInputNotImplemented,
    )
    from meerkat.wire.live_observations import (
        WireLiveConfigRejectionReasonNonRealtimeResolution as WireLiveConfigRejectionReasonNonRealtimeResolution,
    )
    from meerkat.wire.live_observations import WireLiveConfigRejectionReasonOther as WireLiveConfigRejectionReasonOther
    from meerkat.wire.live_observations import (
        WireLiveConfigRejectionReasonRefreshAudioConfigMismatch as WireLiveConfigRejectionReasonRefreshAudioConfigMismatch,
    )
    from meerkat.wire.live_observations import (
        WireLiveConfigRejectionReasonRefreshModelSwap as WireLiveConfigRejectionReasonRefreshModelSwap,
    )
    from meerkat.wire.live_observations import (
        WireLiveConfigRejectionReasonRefreshProviderSwap as WireLiveConfigRejectionReasonRefreshProviderSwap,
    )
    from meerkat.wire.live_observations import WireLiveConfigRejectionReasonUnknown as WireLiveConfigRejectionReasonUnknown
    from meerkat.wire.live_observations import (
        WireLiveConfigRejectionReasonUnsupportedInputChunkVariant as WireLiveConfigRejectionReasonUnsupportedInputChunkVariant,
    )
    from meerkat.wire.live_observations import (
        WireLiveConfigRejectionReasonVideoFrameInputNotImplemented as WireLiveConfigRejectionReasonVideoFrameInputNotImplemented,
    )
    from meerkat.wire.messages import WireAssistantBlockImage as WireAssistantBlockImage
    from meerkat.wire.messages import WireAssistantBlockReasoning as WireAssistantBlockReasoning
    from meerkat.wire.messages import WireAssistantBlockServerToolContent as WireAssistantBlockServerToolContent
    from meerkat.wire.messages import WireAssistantBlockText as WireAssistantBlockText
    from meerkat.wire.messages import WireAssistantBlockToolUse as WireAssistantBlockToolUse
    from meerkat.wire.messages import WireAssistantBlockTranscript as WireAssistantBlockTranscript
    from meerkat.wire.messages import WireAssistantBlockUnknown as WireAssistantBlockUnknown
    from meerkat.wire.messages import WireTranscriptSourceSpoken as WireTranscriptSourceSpoken
    from meerkat.wire.messages import WireTranscriptSourceUnknown as WireTranscriptSourceUnknown
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
            "meerkat.events.base": "Event Usage",
            "meerkat.events.envelopes": "AttributedEvent EventEnvelope EventSourceIdentity",
            "meerkat.generated.auth": "WireAuthBindingRef",
            "meerkat.generated.core": "RuntimeAcceptResult RuntimeStateResult WireInputState",
            "meerkat.generated.images": (
                "WireAssistantImageRef WireGenerateImageExecutionPlan WireGenerateImageRequest WireImageGenerationToolResult "
                "WireImageOperationPhase"
            ),
            "meerkat.generated.live": (
                "LiveChannelParams LiveCommitInputParams LiveInputChunkWire LiveOpenParams LiveOpenResult LiveSendInputParams "
                "LiveStatusResult LiveTruncateParams WireLiveChannelCapabilities WireLiveContinuityMode RealtimeAudioChunk "
                "RealtimeCapabilities RealtimeInputChunk RealtimeInputKind RealtimeOutputKind RealtimeTextChunk "
                "RealtimeVideoChunk"
            ),
            "meerkat.generated.live_observations": (
                "WireLiveAdapterObservation WireLiveAdapterObservationUserTranscriptFinal "
                "WireLiveAdapterObservationAssistantTextDelta WireLiveAdapterObservationAssistantTranscriptDelta "
                "WireLiveAdapterObservationAssistantAudioChunk WireLiveAdapterObservationAssistantTranscriptFinal "
                "WireLiveAdapterObservationAssistantTranscriptTruncated WireLiveAdapterObservationTurnInterrupted "
                "WireLiveAdapterObservationTurnCompleted WireLiveAdapterStatus WireLiveAdapterErrorCode "
                "WireLiveConfigRejectionReason WireLiveDegradationReason"
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
            "meerkat.generated.sessions": "WireAssistantBlock WireTranscriptSource",
            "meerkat.types.config": "ConfigEnvelope Capability",
            "meerkat.types.content": ("TextBlock InlineImageBlock BlobImageBlock InlineVideoBlock ContentBlock ContentInput BlobPayload"),
            "meerkat.types.history": (
                "SessionToolCall SessionToolResult SessionAssistantBlock SessionMessage SessionHistory "
                "TranscriptEditRunningBehavior TranscriptMessageReplacement TranscriptUserContentBlockReplacement "
                "TranscriptAssistantBlockReplacement TranscriptToolResultContentBlockReplacement TranscriptReplacement"
            ),
            "meerkat.types.mobs": ("MobEventCursorEntry MobEventsResult MobProfileTools MobProfile StoredMobProfile DeletedMobProfile"),
            "meerkat.types.models": (
                "ResolvedModelCapabilities ModelProfile CatalogModelEntry ProviderCatalog ContractVersion ModelsCatalogResponse"
            ),
            "meerkat.types.runs": "HelpExecutionMode HelpRequest SchemaWarning ExtractionError RunResult",
            "meerkat.types.schedules": (
                "ScheduleRecord ScheduleOccurrenceRecord ScheduleListResult ScheduleOccurrencesResult ScheduleToolsResult ScheduleToolCall"
            ),
            "meerkat.types.sessions": (
                "PeerId PeerCorrelationId SessionInfo SessionSummary SessionDetails SessionForkResult ExternalEventOutcome"
            ),
            "meerkat.types.skills": "SkillKey SkillRef SourceHealthSnapshot SkillQuarantineDiagnostic SkillRuntimeDiagnostics",
            "meerkat.wire.core": "WireProvider",
            "meerkat.wire.live": (
                "LiveInputChunkWireAudio LiveInputChunkWireText LiveInputChunkWireImage LiveInputChunkWireVideoFrame "
                "WireLiveContinuityModeFresh WireLiveContinuityModeTranscriptOnly WireLiveContinuityModeDegraded "
                "WireLiveContinuityModeProviderNativeResume RealtimeTurningMode"
            ),
            "meerkat.wire.live_observations": (
                "WireLiveAdapterObservationReady WireLiveAdapterObservationRealtimeTranscript "
                "WireLiveAdapterObservationToolCallRequested WireLiveAdapterObservationStatusChanged "
                "WireLiveAdapterObservationError WireLiveAdapterObservationCommandRejected "
                "WireLiveConfigRejectionReasonChannelIdentitySwap WireLiveConfigRejectionReasonNonRealtimeResolution "
                "WireLiveConfigRejectionReasonImageInputNotImplemented WireLiveConfigRejectionReasonVideoFrameInputNotImplemented "
                "WireLiveConfigRejectionReasonUnsupportedInputChunkVariant WireLiveConfigRejectionReasonRefreshModelSwap "
                "WireLiveConfigRejectionReasonRefreshProviderSwap WireLiveConfigRejectionReasonRefreshAudioConfigMismatch "
                "WireLiveConfigRejectionReasonAudioInputFormatMismatch WireLiveConfigRejectionReasonOther "
                "WireLiveConfigRejectionReasonUnknown"
            ),
            "meerkat.wire.messages": (
                "WireAssistantBlockText WireAssistantBlockTranscript WireAssistantBlockReasoning WireAssistantBlockToolUse "
                "WireAssistantBlockServerToolContent WireAssistantBlockImage WireAssistantBlockUnknown WireTranscriptSourceSpoken "
                "WireTranscriptSourceUnknown"
            ),
            "meerkat.wire.methods": "CONTRACT_VERSION",
            "meerkat.wire.mob_definitions": "WireMobBackendKind WireMobRuntimeMode",
            "meerkat.wire.mobs_members": "MobSpawnManyFailureCause MobSpawnManyResultStatus WireMemberState WireMobMemberStatus",
        },
    )
