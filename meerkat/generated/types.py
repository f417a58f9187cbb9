"""The definitions of the published contract under their flat names, for applications that import them from here.

They live in one module per surface beside this one; this is a thin door to all of them. They are what the reference SDK publishes: plain
dataclasses and dictionaries, shaped as documented. The true shapes of the wire, with every field the server sends, are in `meerkat.wire`.
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
    from meerkat.wire.methods import CONTRACT_VERSION as CONTRACT_VERSION
else:
    __all__, __getattr__, __dir__ = door(
        __name__,
        {
            "meerkat.wire.methods": "CONTRACT_VERSION",
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
                "BridgeCommandDestroyMember BridgeCommandWireMember BridgeCommandUnwireMember BridgeCommand "
                "BridgeDeliveryOutcomeAccepted BridgeDeliveryOutcomeDeduplicated BridgeDeliveryOutcomeRejected "
                "BridgeDeliveryOutcome BridgeDeliveryRejectionCauseNotReady BridgeDeliveryRejectionCauseDurabilityViolation "
                "BridgeDeliveryRejectionCausePeerHandlingModeInvalid BridgeDeliveryRejectionCauseInternal "
                "BridgeDeliveryRejectionCause BridgeMemberRuntimeState BridgePeerConnectivity BridgeProtocolVersion "
                "BridgeRejectionCause BridgeReplyBindMember BridgeReplyAck BridgeReplyObservation BridgeReplyDelivery "
                "BridgeReplyRetire BridgeReplyDestroy BridgeReplyRejected BridgeReply"
            ),
            "meerkat.generated.comms": (
                "CommsChecksumTokenParams CommsChecksumTokenResult CommsPeerLifecycleParams CommsPeersParams PeerAddress "
                "PeerCapabilitySet PeerDirectoryEntry CommsPeersResult WireTrustedPeerIdentityEd25519PublicKey "
                "WireTrustedPeerIdentity WireTrustedPeerSpec CommsCommandInput CommsCommandPeerMessage CommsCommandPeerLifecycle "
                "CommsCommandPeerRequest CommsCommandPeerResponse CommsCommandRequest CommsSendParamsInput "
                "CommsSendParamsPeerMessage CommsSendParamsPeerLifecycle CommsSendParamsPeerRequest CommsSendParamsPeerResponse "
                "CommsSendParams CommsSendResultInputAccepted CommsSendResultPeerMessageSent CommsSendResultPeerLifecycleSent "
                "CommsSendResultPeerRequestSent CommsSendResultPeerResponseSent CommsSendResult CommsChecksumTokenResultIntent "
                "CommsPeerRequestIntent CommsPeerRequestParams CommsPeerResponseResult PeerId PeerName PeerTransport "
                "PeerDirectorySource PeerSendability PeerReachability PeerReachabilityReason"
            ),
            "meerkat.generated.content": (
                "WireRenderMetadata WireContentBlockText WireContentBlockImage WireContentBlockVideo WireContentBlockUnknown "
                "WireContentBlock WireContentInput WireHandlingMode WireRenderClass WireRenderSalience WireToolResultContent "
                "BlobId ContentBlockText ContentBlockImage ContentBlockVideo ContentBlock ContentInput HandlingMode"
            ),
            "meerkat.generated.core": (
                "WireEvent CapabilityEntry CapabilitiesResponse RuntimeStateResult RuntimeAcceptResult WireInputStateHistoryEntry "
                "WireInputState ContractVersion WireRuntimeState RuntimeAcceptOutcomeType WireInputLifecycleState"
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
                "WireLiveChannelCapabilities WireLiveContinuityModeFresh WireLiveContinuityModeTranscriptOnly "
                "WireLiveContinuityModeDegraded WireLiveContinuityModeProviderNativeResume WireLiveContinuityModeUnknown "
                "WireLiveContinuityMode WireLiveTransportBootstrapWebsocket WireLiveTransportBootstrapUnknown "
                "WireLiveTransportBootstrap LiveOpenResult LiveChannelParams LiveStatusResult LiveSendInputParams "
                "LiveTruncateParams WireLiveResponseModalityAudio WireLiveResponseModalityText WireLiveResponseModalityUnknown "
                "WireLiveResponseModality LiveCommitInputParams LiveRefreshStatus LiveRefreshResult RealtimeTurningMode "
                "RealtimeInputKind RealtimeOutputKind RealtimeInputChunkTextChunk RealtimeInputChunkAudioChunk "
                "RealtimeInputChunkVideoChunk RealtimeInputChunk LiveInputChunkWireAudio LiveInputChunkWireText "
                "LiveInputChunkWireImage LiveInputChunkWireVideoFrame LiveInputChunkWire"
            ),
            "meerkat.generated.live_observations": (
                "RealtimeTranscriptEventItemObserved RealtimeTranscriptEventItemSkipped "
                "RealtimeTranscriptEventUserTranscriptFinal RealtimeTranscriptEventAssistantTextDelta "
                "RealtimeTranscriptEventAssistantTranscriptDelta RealtimeTranscriptEventAssistantTranscriptTruncated "
                "RealtimeTranscriptEventAssistantTranscriptFinalText RealtimeTranscriptEventAssistantTurnCompleted "
                "RealtimeTranscriptEventAssistantTurnInterrupted RealtimeTranscriptEvent RealtimeTranscriptRole "
                "WireLiveDegradationReasonRateLimited WireLiveDegradationReasonProviderThrottled "
                "WireLiveDegradationReasonNetworkUnstable WireLiveDegradationReasonOther WireLiveDegradationReasonUnknown "
                "WireLiveDegradationReason WireLiveAdapterStatusIdle WireLiveAdapterStatusOpening WireLiveAdapterStatusReady "
                "WireLiveAdapterStatusDegraded WireLiveAdapterStatusClosing WireLiveAdapterStatusClosed "
                "WireLiveAdapterStatusUnknown WireLiveAdapterStatus WireLiveConfigRejectionReasonChannelIdentitySwap "
                "WireLiveConfigRejectionReasonNonRealtimeResolution WireLiveConfigRejectionReasonImageInputNotImplemented "
                "WireLiveConfigRejectionReasonVideoFrameInputNotImplemented "
                "WireLiveConfigRejectionReasonUnsupportedInputChunkVariant WireLiveConfigRejectionReasonRefreshModelSwap "
                "WireLiveConfigRejectionReasonRefreshProviderSwap WireLiveConfigRejectionReasonRefreshAudioConfigMismatch "
                "WireLiveConfigRejectionReasonAudioInputFormatMismatch WireLiveConfigRejectionReasonOther "
                "WireLiveConfigRejectionReasonUnknown WireLiveConfigRejectionReason WireLiveAdapterErrorCodeConnectionFailed "
                "WireLiveAdapterErrorCodeConnectionLost WireLiveAdapterErrorCodeConfigRejected "
                "WireLiveAdapterErrorCodeProviderError WireLiveAdapterErrorCodeAuthenticationFailed "
                "WireLiveAdapterErrorCodeInternalError WireLiveAdapterErrorCodeOther WireLiveAdapterErrorCodeUnknown "
                "WireLiveAdapterErrorCode WireLiveAdapterObservationReady WireLiveAdapterObservationUserTranscriptFinal "
                "WireLiveAdapterObservationAssistantTextDelta WireLiveAdapterObservationAssistantTranscriptDelta "
                "WireLiveAdapterObservationAssistantAudioChunk WireLiveAdapterObservationAssistantTranscriptFinal "
                "WireLiveAdapterObservationAssistantTranscriptTruncated WireLiveAdapterObservationRealtimeTranscript "
                "WireLiveAdapterObservationToolCallRequested WireLiveAdapterObservationTurnInterrupted "
                "WireLiveAdapterObservationTurnCompleted WireLiveAdapterObservationStatusChanged WireLiveAdapterObservationError "
                "WireLiveAdapterObservationCommandRejected WireLiveAdapterObservationUnknown WireLiveAdapterObservation"
            ),
            "meerkat.generated.mcp": (
                "McpStdioConfig McpHttpConfig McpStdioServerConfig McpHttpServerConfig McpServerConfig McpAddParams "
                "McpRemoveParams McpReloadParams McpLiveOpResponse McpLiveOperation McpLiveOpStatus McpHttpTransport"
            ),
            "meerkat.generated.mob_definitions": (
                "MobDefinitionInput MobBackendConfigInput MobEventRouterConfigInput MobExternalBackendConfigInput "
                "MobFlowSpecInput MobFlowStepInput MobFrameSpecInput MobLimitsSpecInput MobOrchestratorInput MobProfileInput "
                "MobRoleWiringRuleInput MobSupervisorSpecInput MobToolConfigInput MobTopologyRuleInput MobTopologySpecInput "
                "MobWiringRulesInput MobCollectionPolicyInputAll MobCollectionPolicyInputAny MobCollectionPolicyInputQuorum "
                "MobCollectionPolicyInput MobConditionExprInputEq MobConditionExprInputIn MobConditionExprInputGt "
                "MobConditionExprInputLt MobConditionExprInputAnd MobConditionExprInputOr MobConditionExprInputNot "
                "MobConditionExprInput MobDependencyModeInput MobDispatchModeInput MobFlowNodeInputStep "
                "MobFlowNodeInputRepeatUntil MobFlowNodeInput MobPolicyModeInput MobProfileBindingInput MobSkillSourceInputInline "
                "MobSkillSourceInputPath MobSkillSourceInput MobSpawnPolicyInputNone MobSpawnPolicyInputAuto MobSpawnPolicyInput "
                "MobStepOutputFormatInput"
            ),
            "meerkat.generated.mob_launch": (
                "WireMobToolConfig WireMobProfile WireMemberRef WireMobBackendKind WireRuntimeBindingSession "
                "WireRuntimeBindingExternal WireRuntimeBinding WireMemberLaunchModeFresh WireMemberLaunchModeResume "
                "WireMemberLaunchModeFork WireMemberLaunchMode WireForkContextFullHistory WireForkContextLastMessages "
                "WireForkContext WireToolAccessPolicyInherit WireToolAccessPolicyAllowList WireToolAccessPolicyDenyList "
                "WireToolAccessPolicy WireBudgetSplitPolicyEqual WireBudgetSplitPolicyProportional WireBudgetSplitPolicyRemaining "
                "WireBudgetSplitPolicyFixed WireBudgetSplitPolicy WireToolFilter WireMobRuntimeMode"
            ),
            "meerkat.generated.mob_members": (
                "MobSpawnParams MobSpawnResult MobSpawnSpecParams MobSpawnManyParams MobSpawnManyResult MobSpawnManyResultEntry "
                "MobSpawnManySpawnedResult MobSpawnManyFailedResult MobSpawnReceiptWire MobMemberListEntryWire "
                "MobEnsureMemberParams MobEnsureMemberResult MobReconcileParams MobReconcileResult MobListMembersMatchingParams "
                "MobListMembersMatchingResult MobRetireResult MobRespawnParams MobRespawnResult MobMembersResult "
                "MobMemberSendParams MobMemberSendResult MobIngressInteractionParams MobIngressInteractionResult "
                "MobSpawnHelperParams MobForkHelperParams MobHelperResult MobForceCancelResult MobTurnStartParams "
                "MobMemberStatusResult MobWaitParams MobWaitMembersResult MobMemberSpecWire MobReconcileOptionsWire "
                "MobReconcileReportWire MobReconcileFailureWire WireMemberState WireMobMemberStatus MobSpawnManyFailureCause "
                "MobSpawnManyResultStatus MobSpawnManyResultPayload WireMobReconcileStage"
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
                "WireResolvedModelCapabilities CatalogModelEntry ProviderCatalog ModelsCatalogResponse WireModelProfile "
                "WireProvider WireModelTier"
            ),
            "meerkat.generated.schedules": (
                "ScheduleIdParams ListSchedulesParams ScheduleOccurrencesParams UpdateScheduleParams ScheduleListResult "
                "ScheduleOccurrencesResult"
            ),
            "meerkat.generated.sessions": (
                "WireUsage WireRunResult WireProviderMeta WireToolCall WireToolResult WireSessionMessage WireSessionHistory "
                "CommsParams SkillsParams SessionStreamOpenParams SessionStreamOpenResult SessionStreamCloseParams "
                "SessionStreamCloseResult WireSessionInfo WireSessionSummary WireStopReason WireTranscriptSourceSpoken "
                "WireTranscriptSourceUnknown WireTranscriptSource WireAssistantBlockTextData WireAssistantBlockText "
                "WireAssistantBlockTranscriptData WireAssistantBlockTranscript WireAssistantBlockReasoningData "
                "WireAssistantBlockReasoning WireAssistantBlockToolUseData WireAssistantBlockToolUse "
                "WireAssistantBlockServerToolContentData WireAssistantBlockServerToolContent WireAssistantBlockImageData "
                "WireAssistantBlockImage WireAssistantBlockUnknown WireAssistantBlock"
            ),
        },
    )
