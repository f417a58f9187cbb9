"""The definitions of the published contract under their flat names, for applications that import them from here.

They live in one module per surface beside this one; this is a thin door to all of them. They are what the published contract names: plain
dataclasses, dictionaries and unions, shaped as documented. Where that is the shape of the wire, it is the type of `meerkat.wire` itself.
"""

from __future__ import annotations

from meerkat._doors import TYPE_CHECKING, door

if TYPE_CHECKING:
    from meerkat.generated.auth import *  # noqa: F403
    from meerkat.generated.bridge import *  # noqa: F403
    from meerkat.generated.comms import *  # noqa: F403
    from meerkat.generated.content import *  # noqa: F403
    from meerkat.generated.core import *  # noqa: F403
    from meerkat.generated.images import *  # noqa: F403
    from meerkat.generated.live import *  # noqa: F403
    from meerkat.generated.live_observations import *  # noqa: F403
    from meerkat.generated.mcp import *  # noqa: F403
    from meerkat.generated.mob_definitions import *  # noqa: F403
    from meerkat.generated.mob_launch import *  # noqa: F403
    from meerkat.generated.mob_members import *  # noqa: F403
    from meerkat.generated.mobs import *  # noqa: F403
    from meerkat.generated.models import *  # noqa: F403
    from meerkat.generated.schedules import *  # noqa: F403
    from meerkat.generated.sessions import *  # noqa: F403
    from meerkat.wire.comms import CommsChecksumTokenResultIntent as CommsChecksumTokenResultIntent
    from meerkat.wire.comms import CommsPeerRequestIntent as CommsPeerRequestIntent
    from meerkat.wire.comms import CommsSendResultInputAccepted as CommsSendResultInputAccepted
    from meerkat.wire.comms import CommsSendResultPeerLifecycleSent as CommsSendResultPeerLifecycleSent
    from meerkat.wire.comms import CommsSendResultPeerMessageSent as CommsSendResultPeerMessageSent
    from meerkat.wire.comms import CommsSendResultPeerRequestSent as CommsSendResultPeerRequestSent
    from meerkat.wire.comms import CommsSendResultPeerResponseSent as CommsSendResultPeerResponseSent
    from meerkat.wire.comms import PeerDirectorySource as PeerDirectorySource
    from meerkat.wire.comms import PeerReachability as PeerReachability
    from meerkat.wire.comms import PeerReachabilityReason as PeerReachabilityReason
    from meerkat.wire.comms import PeerSendability as PeerSendability
    from meerkat.wire.comms import PeerTransport as PeerTransport
    from meerkat.wire.comms_bridge import BridgeDeliveryOutcomeAccepted as BridgeDeliveryOutcomeAccepted
    from meerkat.wire.comms_bridge import BridgeDeliveryOutcomeDeduplicated as BridgeDeliveryOutcomeDeduplicated
    from meerkat.wire.comms_bridge import BridgeDeliveryOutcomeRejected as BridgeDeliveryOutcomeRejected
    from meerkat.wire.comms_bridge import BridgeDeliveryRejectionCauseDurabilityViolation as BridgeDeliveryRejectionCauseDurabilityViolation
    from meerkat.wire.comms_bridge import BridgeDeliveryRejectionCauseInternal as BridgeDeliveryRejectionCauseInternal
    from meerkat.wire.comms_bridge import BridgeDeliveryRejectionCauseNotReady as BridgeDeliveryRejectionCauseNotReady
    from meerkat.wire.comms_bridge import (
        BridgeDeliveryRejectionCausePeerHandlingModeInvalid as BridgeDeliveryRejectionCausePeerHandlingModeInvalid,
    )
    from meerkat.wire.comms_bridge import BridgeMemberRuntimeState as BridgeMemberRuntimeState
    from meerkat.wire.comms_bridge import BridgePeerConnectivity as BridgePeerConnectivity
    from meerkat.wire.comms_bridge import BridgeRejectionCause as BridgeRejectionCause
    from meerkat.wire.comms_bridge import BridgeReplyAck as BridgeReplyAck
    from meerkat.wire.comms_bridge import BridgeReplyDestroy as BridgeReplyDestroy
    from meerkat.wire.comms_bridge import BridgeReplyRejected as BridgeReplyRejected
    from meerkat.wire.comms_bridge import BridgeReplyRetire as BridgeReplyRetire
    from meerkat.wire.comms_bridge import HandlingMode as HandlingMode
    from meerkat.wire.core import WireHandlingMode as WireHandlingMode
    from meerkat.wire.core import WireProvider as WireProvider
    from meerkat.wire.core import WireRenderClass as WireRenderClass
    from meerkat.wire.core import WireRenderSalience as WireRenderSalience
    from meerkat.wire.core import WireStopReason as WireStopReason
    from meerkat.wire.live import LiveInputChunkWireAudio as LiveInputChunkWireAudio
    from meerkat.wire.live import LiveInputChunkWireImage as LiveInputChunkWireImage
    from meerkat.wire.live import LiveInputChunkWireText as LiveInputChunkWireText
    from meerkat.wire.live import LiveInputChunkWireVideoFrame as LiveInputChunkWireVideoFrame
    from meerkat.wire.live import LiveRefreshStatus as LiveRefreshStatus
    from meerkat.wire.live import RealtimeTurningMode as RealtimeTurningMode
    from meerkat.wire.live import WireLiveContinuityModeDegraded as WireLiveContinuityModeDegraded
    from meerkat.wire.live import WireLiveContinuityModeFresh as WireLiveContinuityModeFresh
    from meerkat.wire.live import WireLiveContinuityModeProviderNativeResume as WireLiveContinuityModeProviderNativeResume
    from meerkat.wire.live import WireLiveContinuityModeTranscriptOnly as WireLiveContinuityModeTranscriptOnly
    from meerkat.wire.live import WireLiveContinuityModeUnknown as WireLiveContinuityModeUnknown
    from meerkat.wire.live import WireLiveResponseModalityAudio as WireLiveResponseModalityAudio
    from meerkat.wire.live import WireLiveResponseModalityText as WireLiveResponseModalityText
    from meerkat.wire.live import WireLiveResponseModalityUnknown as WireLiveResponseModalityUnknown
    from meerkat.wire.live import WireLiveTransportBootstrapUnknown as WireLiveTransportBootstrapUnknown
    from meerkat.wire.live import WireLiveTransportBootstrapWebsocket as WireLiveTransportBootstrapWebsocket
    from meerkat.wire.live_observations import (
        RealtimeTranscriptEventAssistantTranscriptFinalText as RealtimeTranscriptEventAssistantTranscriptFinalText,
    )
    from meerkat.wire.live_observations import (
        RealtimeTranscriptEventAssistantTranscriptTruncated as RealtimeTranscriptEventAssistantTranscriptTruncated,
    )
    from meerkat.wire.live_observations import (
        RealtimeTranscriptEventAssistantTurnCompleted as RealtimeTranscriptEventAssistantTurnCompleted,
    )
    from meerkat.wire.live_observations import (
        RealtimeTranscriptEventAssistantTurnInterrupted as RealtimeTranscriptEventAssistantTurnInterrupted,
    )
    from meerkat.wire.live_observations import RealtimeTranscriptRole as RealtimeTranscriptRole
    from meerkat.wire.live_observations import WireLiveAdapterErrorCodeAuthenticationFailed as WireLiveAdapterErrorCodeAuthenticationFailed
    from meerkat.wire.live_observations import WireLiveAdapterErrorCodeConfigRejected as WireLiveAdapterErrorCodeConfigRejected
    from meerkat.wire.live_observations import WireLiveAdapterErrorCodeConnectionFailed as WireLiveAdapterErrorCodeConnectionFailed
    from meerkat.wire.live_observations import WireLiveAdapterErrorCodeConnectionLost as WireLiveAdapterErrorCodeConnectionLost
    from meerkat.wire.live_observations import WireLiveAdapterErrorCodeInternalError as WireLiveAdapterErrorCodeInternalError
    from meerkat.wire.live_observations import WireLiveAdapterErrorCodeOther as WireLiveAdapterErrorCodeOther
    from meerkat.wire.live_observations import WireLiveAdapterErrorCodeProviderError as WireLiveAdapterErrorCodeProviderError
    from meerkat.wire.live_observations import WireLiveAdapterErrorCodeUnknown as WireLiveAdapterErrorCodeUnknown
    from meerkat.wire.live_observations import WireLiveAdapterObservationCommandRejected as WireLiveAdapterObservationCommandRejected
    from meerkat.wire.live_observations import WireLiveAdapterObservationError as WireLiveAdapterObservationError
    from meerkat.wire.live_observations import WireLiveAdapterObservationReady as WireLiveAdapterObservationReady
    from meerkat.wire.live_observations import WireLiveAdapterObservationRealtimeTranscript as WireLiveAdapterObservationRealtimeTranscript
    from meerkat.wire.live_observations import WireLiveAdapterObservationStatusChanged as WireLiveAdapterObservationStatusChanged
    from meerkat.wire.live_observations import WireLiveAdapterObservationToolCallRequested as WireLiveAdapterObservationToolCallRequested
    from meerkat.wire.live_observations import WireLiveAdapterObservationUnknown as WireLiveAdapterObservationUnknown
    from meerkat.wire.live_observations import WireLiveAdapterStatusClosed as WireLiveAdapterStatusClosed
    from meerkat.wire.live_observations import WireLiveAdapterStatusClosing as WireLiveAdapterStatusClosing
    from meerkat.wire.live_observations import WireLiveAdapterStatusDegraded as WireLiveAdapterStatusDegraded
    from meerkat.wire.live_observations import WireLiveAdapterStatusIdle as WireLiveAdapterStatusIdle
    from meerkat.wire.live_observations import WireLiveAdapterStatusOpening as WireLiveAdapterStatusOpening
    from meerkat.wire.live_observations import WireLiveAdapterStatusReady as WireLiveAdapterStatusReady
    from meerkat.wire.live_observations import WireLiveAdapterStatusUnknown as WireLiveAdapterStatusUnknown
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
    from meerkat.wire.live_observations import WireLiveDegradationReasonNetworkUnstable as WireLiveDegradationReasonNetworkUnstable
    from meerkat.wire.live_observations import WireLiveDegradationReasonOther as WireLiveDegradationReasonOther
    from meerkat.wire.live_observations import WireLiveDegradationReasonProviderThrottled as WireLiveDegradationReasonProviderThrottled
    from meerkat.wire.live_observations import WireLiveDegradationReasonRateLimited as WireLiveDegradationReasonRateLimited
    from meerkat.wire.live_observations import WireLiveDegradationReasonUnknown as WireLiveDegradationReasonUnknown
    from meerkat.wire.messages import WireAssistantBlockImage as WireAssistantBlockImage
    from meerkat.wire.messages import WireAssistantBlockImageData as WireAssistantBlockImageData
    from meerkat.wire.messages import WireAssistantBlockReasoning as WireAssistantBlockReasoning
    from meerkat.wire.messages import WireAssistantBlockServerToolContent as WireAssistantBlockServerToolContent
    from meerkat.wire.messages import WireAssistantBlockText as WireAssistantBlockText
    from meerkat.wire.messages import WireAssistantBlockToolUse as WireAssistantBlockToolUse
    from meerkat.wire.messages import WireAssistantBlockTranscript as WireAssistantBlockTranscript
    from meerkat.wire.messages import WireAssistantBlockUnknown as WireAssistantBlockUnknown
    from meerkat.wire.messages import WireTranscriptSourceSpoken as WireTranscriptSourceSpoken
    from meerkat.wire.messages import WireTranscriptSourceUnknown as WireTranscriptSourceUnknown
    from meerkat.wire.methods import CONTRACT_VERSION as CONTRACT_VERSION
    from meerkat.wire.mob_definitions import MobCollectionPolicyInputAll as MobCollectionPolicyInputAll
    from meerkat.wire.mob_definitions import MobCollectionPolicyInputAny as MobCollectionPolicyInputAny
    from meerkat.wire.mob_definitions import MobCollectionPolicyInputQuorum as MobCollectionPolicyInputQuorum
    from meerkat.wire.mob_definitions import MobConditionExprInputAnd as MobConditionExprInputAnd
    from meerkat.wire.mob_definitions import MobConditionExprInputEq as MobConditionExprInputEq
    from meerkat.wire.mob_definitions import MobConditionExprInputGt as MobConditionExprInputGt
    from meerkat.wire.mob_definitions import MobConditionExprInputIn as MobConditionExprInputIn
    from meerkat.wire.mob_definitions import MobConditionExprInputLt as MobConditionExprInputLt
    from meerkat.wire.mob_definitions import MobConditionExprInputNot as MobConditionExprInputNot
    from meerkat.wire.mob_definitions import MobConditionExprInputOr as MobConditionExprInputOr
    from meerkat.wire.mob_definitions import MobDependencyModeInput as MobDependencyModeInput
    from meerkat.wire.mob_definitions import MobDispatchModeInput as MobDispatchModeInput
    from meerkat.wire.mob_definitions import MobPolicyModeInput as MobPolicyModeInput
    from meerkat.wire.mob_definitions import MobSkillSourceInputInline as MobSkillSourceInputInline
    from meerkat.wire.mob_definitions import MobSkillSourceInputPath as MobSkillSourceInputPath
    from meerkat.wire.mob_definitions import MobSpawnPolicyInputAuto as MobSpawnPolicyInputAuto
    from meerkat.wire.mob_definitions import MobSpawnPolicyInputNone as MobSpawnPolicyInputNone
    from meerkat.wire.mob_definitions import MobStepOutputFormatInput as MobStepOutputFormatInput
    from meerkat.wire.mob_definitions import WireMobBackendKind as WireMobBackendKind
    from meerkat.wire.mob_definitions import WireMobRuntimeMode as WireMobRuntimeMode
    from meerkat.wire.mobs_members import MobSpawnManyFailureCause as MobSpawnManyFailureCause
    from meerkat.wire.mobs_members import MobSpawnManyResultStatus as MobSpawnManyResultStatus
    from meerkat.wire.mobs_members import WireMemberState as WireMemberState
    from meerkat.wire.mobs_members import WireMobMemberStatus as WireMobMemberStatus
    from meerkat.wire.mobs_members import WireMobReconcileStage as WireMobReconcileStage
    from meerkat.wire.mobs_peers import WireBudgetSplitPolicyEqual as WireBudgetSplitPolicyEqual
    from meerkat.wire.mobs_peers import WireBudgetSplitPolicyFixed as WireBudgetSplitPolicyFixed
    from meerkat.wire.mobs_peers import WireBudgetSplitPolicyProportional as WireBudgetSplitPolicyProportional
    from meerkat.wire.mobs_peers import WireBudgetSplitPolicyRemaining as WireBudgetSplitPolicyRemaining
    from meerkat.wire.mobs_peers import WireForkContextFullHistory as WireForkContextFullHistory
    from meerkat.wire.mobs_peers import WireForkContextLastMessages as WireForkContextLastMessages
    from meerkat.wire.mobs_peers import WireMemberLaunchModeFresh as WireMemberLaunchModeFresh
    from meerkat.wire.mobs_peers import WireMemberLaunchModeResume as WireMemberLaunchModeResume
    from meerkat.wire.mobs_peers import WireRuntimeBindingSession as WireRuntimeBindingSession
    from meerkat.wire.mobs_peers import WireToolAccessPolicyAllowList as WireToolAccessPolicyAllowList
    from meerkat.wire.mobs_peers import WireToolAccessPolicyDenyList as WireToolAccessPolicyDenyList
    from meerkat.wire.mobs_peers import WireToolAccessPolicyInherit as WireToolAccessPolicyInherit
    from meerkat.wire.mobs_peers import WireTrustedPeerIdentityEd25519PublicKey as WireTrustedPeerIdentityEd25519PublicKey
    from meerkat.wire.models import WireModelTier as WireModelTier
    from meerkat.wire.sessions import RuntimeAcceptOutcomeType as RuntimeAcceptOutcomeType
    from meerkat.wire.sessions import WireInputLifecycleState as WireInputLifecycleState
else:
    __all__, __getattr__, __dir__ = door(
        __name__,
        {
            "meerkat.wire.comms": (
                "CommsChecksumTokenResultIntent CommsPeerRequestIntent CommsSendResultInputAccepted "
                "CommsSendResultPeerLifecycleSent CommsSendResultPeerMessageSent CommsSendResultPeerRequestSent "
                "CommsSendResultPeerResponseSent PeerDirectorySource PeerReachability PeerReachabilityReason PeerSendability "
                "PeerTransport"
            ),
            "meerkat.wire.comms_bridge": (
                "BridgeDeliveryOutcomeAccepted BridgeDeliveryOutcomeDeduplicated BridgeDeliveryOutcomeRejected "
                "BridgeDeliveryRejectionCauseDurabilityViolation BridgeDeliveryRejectionCauseInternal "
                "BridgeDeliveryRejectionCauseNotReady BridgeDeliveryRejectionCausePeerHandlingModeInvalid "
                "BridgeMemberRuntimeState BridgePeerConnectivity BridgeRejectionCause BridgeReplyAck BridgeReplyDestroy "
                "BridgeReplyRejected BridgeReplyRetire HandlingMode"
            ),
            "meerkat.wire.core": "WireHandlingMode WireProvider WireRenderClass WireRenderSalience WireStopReason",
            "meerkat.wire.live": (
                "LiveInputChunkWireAudio LiveInputChunkWireImage LiveInputChunkWireText LiveInputChunkWireVideoFrame "
                "LiveRefreshStatus RealtimeTurningMode WireLiveContinuityModeDegraded WireLiveContinuityModeFresh "
                "WireLiveContinuityModeProviderNativeResume WireLiveContinuityModeTranscriptOnly WireLiveContinuityModeUnknown "
                "WireLiveResponseModalityAudio WireLiveResponseModalityText WireLiveResponseModalityUnknown "
                "WireLiveTransportBootstrapUnknown WireLiveTransportBootstrapWebsocket"
            ),
            "meerkat.wire.live_observations": (
                "RealtimeTranscriptEventAssistantTranscriptFinalText RealtimeTranscriptEventAssistantTranscriptTruncated "
                "RealtimeTranscriptEventAssistantTurnCompleted RealtimeTranscriptEventAssistantTurnInterrupted "
                "RealtimeTranscriptRole WireLiveAdapterErrorCodeAuthenticationFailed WireLiveAdapterErrorCodeConfigRejected "
                "WireLiveAdapterErrorCodeConnectionFailed WireLiveAdapterErrorCodeConnectionLost "
                "WireLiveAdapterErrorCodeInternalError WireLiveAdapterErrorCodeOther WireLiveAdapterErrorCodeProviderError "
                "WireLiveAdapterErrorCodeUnknown WireLiveAdapterObservationCommandRejected WireLiveAdapterObservationError "
                "WireLiveAdapterObservationReady WireLiveAdapterObservationRealtimeTranscript "
                "WireLiveAdapterObservationStatusChanged WireLiveAdapterObservationToolCallRequested "
                "WireLiveAdapterObservationUnknown WireLiveAdapterStatusClosed WireLiveAdapterStatusClosing "
                "WireLiveAdapterStatusDegraded WireLiveAdapterStatusIdle WireLiveAdapterStatusOpening WireLiveAdapterStatusReady "
                "WireLiveAdapterStatusUnknown WireLiveConfigRejectionReasonAudioInputFormatMismatch "
                "WireLiveConfigRejectionReasonChannelIdentitySwap WireLiveConfigRejectionReasonImageInputNotImplemented "
                "WireLiveConfigRejectionReasonNonRealtimeResolution WireLiveConfigRejectionReasonOther "
                "WireLiveConfigRejectionReasonRefreshAudioConfigMismatch WireLiveConfigRejectionReasonRefreshModelSwap "
                "WireLiveConfigRejectionReasonRefreshProviderSwap WireLiveConfigRejectionReasonUnknown "
                "WireLiveConfigRejectionReasonUnsupportedInputChunkVariant "
                "WireLiveConfigRejectionReasonVideoFrameInputNotImplemented WireLiveDegradationReasonNetworkUnstable "
                "WireLiveDegradationReasonOther WireLiveDegradationReasonProviderThrottled WireLiveDegradationReasonRateLimited "
                "WireLiveDegradationReasonUnknown"
            ),
            "meerkat.wire.messages": (
                "WireAssistantBlockImage WireAssistantBlockImageData WireAssistantBlockReasoning "
                "WireAssistantBlockServerToolContent WireAssistantBlockText WireAssistantBlockToolUse "
                "WireAssistantBlockTranscript WireAssistantBlockUnknown WireTranscriptSourceSpoken WireTranscriptSourceUnknown"
            ),
            "meerkat.wire.methods": "CONTRACT_VERSION",
            "meerkat.wire.mob_definitions": (
                "MobCollectionPolicyInputAll MobCollectionPolicyInputAny MobCollectionPolicyInputQuorum MobConditionExprInputAnd "
                "MobConditionExprInputEq MobConditionExprInputGt MobConditionExprInputIn MobConditionExprInputLt "
                "MobConditionExprInputNot MobConditionExprInputOr MobDependencyModeInput MobDispatchModeInput MobPolicyModeInput "
                "MobSkillSourceInputInline MobSkillSourceInputPath MobSpawnPolicyInputAuto MobSpawnPolicyInputNone "
                "MobStepOutputFormatInput WireMobBackendKind WireMobRuntimeMode"
            ),
            "meerkat.wire.mobs_members": (
                "MobSpawnManyFailureCause MobSpawnManyResultStatus WireMemberState WireMobMemberStatus WireMobReconcileStage"
            ),
            "meerkat.wire.mobs_peers": (
                "WireBudgetSplitPolicyEqual WireBudgetSplitPolicyFixed WireBudgetSplitPolicyProportional "
                "WireBudgetSplitPolicyRemaining WireForkContextFullHistory WireForkContextLastMessages WireMemberLaunchModeFresh "
                "WireMemberLaunchModeResume WireRuntimeBindingSession WireToolAccessPolicyAllowList WireToolAccessPolicyDenyList "
                "WireToolAccessPolicyInherit WireTrustedPeerIdentityEd25519PublicKey"
            ),
            "meerkat.wire.models": "WireModelTier",
            "meerkat.wire.sessions": "RuntimeAcceptOutcomeType WireInputLifecycleState",
            "meerkat.generated.auth": (
                "WireAuthBindingRef WireBackendProfile WireAuthProfile WireProviderBinding WireRealmConnectionSet "
                "WireBindingIdentity WireAuthProfileCreated WireAuthProfileDetail WireAuthProfileCleared WireLoginStart "
                "WireLoginReady WireDeviceStart WireRealmSummary WireRealmList WireAuthProfilesList WireAuthStatus "
                "WireAuthStatusDetail WireAuthErrorMissingSecret WireAuthErrorUnsupportedCombination "
                "WireAuthErrorMissingRequiredMetadata WireAuthErrorWorkspaceMismatch WireAuthErrorExpired "
                "WireAuthErrorStaleCredential WireAuthErrorRefreshRequired WireAuthErrorLeaseAbsent "
                "WireAuthErrorUserReauthRequired WireAuthErrorRefreshFailed WireAuthErrorInteractiveLoginRequired "
                "WireAuthErrorHostOwnedUnavailable WireAuthErrorIo WireAuthErrorOther WireAuthError"
            ),
            "meerkat.generated.bridge": (
                "BridgeAck BridgeBindPayload BridgeBindResponse BridgeCapabilities BridgeDeliveryPayload BridgeDeliveryResponse "
                "BridgeDestroyResponse BridgeHardCancelPayload BridgeObservationResponse BridgePeerSpec BridgePeerWiringPayload "
                "BridgeRetireResponse BridgeSupervisorPayload BridgeBootstrapToken BridgeCommandBindMember "
                "BridgeCommandAuthorizeSupervisor BridgeCommandRevokeSupervisor BridgeCommandDeliverMemberInput "
                "BridgeCommandObserveMember BridgeCommandInterruptMember BridgeCommandHardCancelMember BridgeCommandRetireMember "
                "BridgeCommandDestroyMember BridgeCommandWireMember BridgeCommandUnwireMember BridgeCommand BridgeDeliveryOutcome "
                "BridgeDeliveryRejectionCause BridgeProtocolVersion BridgeReplyBindMember BridgeReplyObservation "
                "BridgeReplyDelivery BridgeReply"
            ),
            "meerkat.generated.comms": (
                "CommsChecksumTokenParams CommsChecksumTokenResult CommsPeerLifecycleParams CommsPeersParams PeerAddress "
                "PeerCapabilitySet PeerDirectoryEntry CommsPeersResult WireTrustedPeerIdentity WireTrustedPeerSpec "
                "CommsCommandInput CommsCommandPeerMessage CommsCommandPeerLifecycle CommsCommandPeerRequest "
                "CommsCommandPeerResponse CommsCommandRequest CommsSendParamsInput CommsSendParamsPeerMessage "
                "CommsSendParamsPeerLifecycle CommsSendParamsPeerRequest CommsSendParamsPeerResponse CommsSendParams "
                "CommsSendResult CommsPeerRequestParams CommsPeerResponseResult PeerId PeerName"
            ),
            "meerkat.generated.content": (
                "WireRenderMetadata WireContentBlockText WireContentBlockImage WireContentBlockVideo WireContentBlockUnknown "
                "WireContentBlock WireContentInput WireToolResultContent BlobId ContentBlockText ContentBlockImage "
                "ContentBlockVideo ContentBlock ContentInput"
            ),
            "meerkat.generated.core": (
                "WireEvent CapabilityEntry CapabilitiesResponse RuntimeStateResult RuntimeAcceptResult WireInputStateHistoryEntry "
                "WireInputState ContractVersion WireRuntimeState"
            ),
            "meerkat.generated.images": (
                "WireAssistantImageRef WireGenerateImageRequest WireGenerateImageExecutionPlan WireImageGenerationToolResult "
                "WireImageOperationPhaseRequested WireImageOperationPhaseValidating WireImageOperationPhaseAwaitingApproval "
                "WireImageOperationPhasePlanResolved WireImageOperationPhaseProjectionSnapshotted "
                "WireImageOperationPhaseScopedOverrideActive WireImageOperationPhaseProviderCallInFlight "
                "WireImageOperationPhaseProviderResultCaptured WireImageOperationPhaseBlobCommitPending "
                "WireImageOperationPhaseResultCommitted WireImageOperationPhaseRestoringScopedOverride "
                "WireImageOperationPhaseTerminal WireImageOperationPhase"
            ),
            "meerkat.generated.live": (
                "RealtimeAudioFormat RealtimeCapabilities RealtimeTextChunk RealtimeAudioChunk RealtimeVideoChunk LiveOpenParams "
                "WireLiveChannelCapabilities WireLiveContinuityMode WireLiveTransportBootstrap LiveOpenResult LiveChannelParams "
                "LiveStatusResult LiveSendInputParams LiveTruncateParams WireLiveResponseModality LiveCommitInputParams "
                "LiveRefreshResult RealtimeInputKind RealtimeOutputKind RealtimeInputChunkTextChunk RealtimeInputChunkAudioChunk "
                "RealtimeInputChunkVideoChunk RealtimeInputChunk LiveInputChunkWire"
            ),
            "meerkat.generated.live_observations": (
                "RealtimeTranscriptEventItemObserved RealtimeTranscriptEventItemSkipped "
                "RealtimeTranscriptEventUserTranscriptFinal RealtimeTranscriptEventAssistantTextDelta "
                "RealtimeTranscriptEventAssistantTranscriptDelta RealtimeTranscriptEvent WireLiveDegradationReason "
                "WireLiveAdapterStatus WireLiveConfigRejectionReason WireLiveAdapterErrorCode "
                "WireLiveAdapterObservationUserTranscriptFinal WireLiveAdapterObservationAssistantTextDelta "
                "WireLiveAdapterObservationAssistantTranscriptDelta WireLiveAdapterObservationAssistantAudioChunk "
                "WireLiveAdapterObservationAssistantTranscriptFinal WireLiveAdapterObservationAssistantTranscriptTruncated "
                "WireLiveAdapterObservationTurnInterrupted WireLiveAdapterObservationTurnCompleted WireLiveAdapterObservation"
            ),
            "meerkat.generated.mcp": (
                "McpStdioConfig McpHttpConfig McpStdioServerConfig McpHttpServerConfig McpServerConfig McpAddParams "
                "McpRemoveParams McpReloadParams McpLiveOpResponse McpLiveOperation McpLiveOpStatus McpHttpTransport"
            ),
            "meerkat.generated.mob_definitions": (
                "MobDefinitionInput MobBackendConfigInput MobEventRouterConfigInput MobExternalBackendConfigInput "
                "MobFlowSpecInput MobFlowStepInput MobFrameSpecInput MobLimitsSpecInput MobOrchestratorInput MobProfileInput "
                "MobRoleWiringRuleInput MobSupervisorSpecInput MobToolConfigInput MobTopologyRuleInput MobTopologySpecInput "
                "MobWiringRulesInput MobCollectionPolicyInput MobConditionExprInput MobFlowNodeInputStep "
                "MobFlowNodeInputRepeatUntil MobFlowNodeInput MobProfileBindingInput MobSkillSourceInput MobSpawnPolicyInput"
            ),
            "meerkat.generated.mob_launch": (
                "WireMobToolConfig WireMobProfile WireMemberRef WireRuntimeBindingExternal WireRuntimeBinding "
                "WireMemberLaunchModeFork WireMemberLaunchMode WireForkContext WireToolAccessPolicy WireBudgetSplitPolicy "
                "WireToolFilter"
            ),
            "meerkat.generated.mob_members": (
                "MobSpawnParams MobSpawnResult MobSpawnSpecParams MobSpawnManyParams MobSpawnManyResult MobSpawnManyResultEntry "
                "MobSpawnManySpawnedResult MobSpawnManyFailedResult MobSpawnReceiptWire MobMemberListEntryWire "
                "MobEnsureMemberParams MobEnsureMemberResult MobReconcileParams MobReconcileResult MobListMembersMatchingParams "
                "MobListMembersMatchingResult MobRetireResult MobRespawnParams MobRespawnResult MobMembersResult "
                "MobMemberSendParams MobMemberSendResult MobIngressInteractionParams MobIngressInteractionResult "
                "MobSpawnHelperParams MobForkHelperParams MobHelperResult MobForceCancelResult MobTurnStartParams "
                "MobMemberStatusResult MobWaitParams MobWaitMembersResult MobMemberSpecWire MobReconcileOptionsWire "
                "MobReconcileReportWire MobReconcileFailureWire MobSpawnManyResultPayload"
            ),
            "meerkat.generated.mobs": (
                "MobWireParams MobUnwireParams MobIdParams MobMemberParams MobCreateParams MobCreateResult MobListResult "
                "MobStatusResult MobLifecycleParams MobLifecycleResult MobWireResult MobUnwireResult MobEventsParams "
                "MobEventsResult MobAppendSystemContextParams MobAppendSystemContextResult MobFlowsResult MobFlowRunParams "
                "MobFlowRunResult MobFlowStatusParams MobFlowStatusResult MobFlowCancelParams MobFlowCancelResult "
                "MobSnapshotResult MobDestroyResult SupervisorRotationReportWire MobRotateSupervisorResult MobSubmitWorkParams "
                "MobSubmitWorkResult MobCancelWorkParams MobCancelWorkResult MobCancelAllWorkParams MobCancelAllWorkResult "
                "MobProfileCreateParams MobProfileNameParams MobProfileLookupResult MobProfileListResult MobProfileUpdateParams "
                "MobProfileDeleteParams MobProfileDeleteResult MobStreamOpenParams MobStreamOpenResult MobStreamCloseParams "
                "MobStreamCloseResult MobPeerTarget"
            ),
            "meerkat.generated.models": (
                "WireResolvedModelCapabilities CatalogModelEntry ProviderCatalog ModelsCatalogResponse WireModelProfile"
            ),
            "meerkat.generated.schedules": (
                "ScheduleIdParams ListSchedulesParams ScheduleOccurrencesParams UpdateScheduleParams ScheduleListResult "
                "ScheduleOccurrencesResult"
            ),
            "meerkat.generated.sessions": (
                "WireUsage WireRunResult WireProviderMeta WireToolCall WireToolResult WireSessionMessage WireSessionHistory "
                "CommsParams SkillsParams SessionStreamOpenParams SessionStreamOpenResult SessionStreamCloseParams "
                "SessionStreamCloseResult WireSessionInfo WireSessionSummary WireTranscriptSource WireAssistantBlockTextData "
                "WireAssistantBlockTranscriptData WireAssistantBlockReasoningData WireAssistantBlockToolUseData "
                "WireAssistantBlockServerToolContentData WireAssistantBlock"
            ),
        },
    )
