"""The flat contract names of what a live channel reports: transcripts, states, errors, observations."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from meerkat.generated.models import WireProvider
from meerkat.generated.sessions import WireStopReason

RealtimeTranscriptRole = Literal["user", "assistant"]
"""Who spoke."""


class _RealtimeTranscriptEventItemObservedRequired(TypedDict):
    type: Literal["item_observed"]
    item_id: str
    role: RealtimeTranscriptRole


class RealtimeTranscriptEventItemObserved(_RealtimeTranscriptEventItemObservedRequired, total=False):
    """The transcript event `item_observed`."""

    previous_item_id: str
    response_id: str


class _RealtimeTranscriptEventItemSkippedRequired(TypedDict):
    type: Literal["item_skipped"]
    item_id: str


class RealtimeTranscriptEventItemSkipped(_RealtimeTranscriptEventItemSkippedRequired, total=False):
    """The transcript event `item_skipped`."""

    previous_item_id: str


class _RealtimeTranscriptEventUserTranscriptFinalRequired(TypedDict):
    type: Literal["user_transcript_final"]
    content_index: int
    item_id: str
    text: str


class RealtimeTranscriptEventUserTranscriptFinal(_RealtimeTranscriptEventUserTranscriptFinalRequired, total=False):
    """The transcript event `user_transcript_final`."""

    previous_item_id: str


class _RealtimeTranscriptEventAssistantTextDeltaRequired(TypedDict):
    type: Literal["assistant_text_delta"]
    content_index: int
    delta: str
    delta_id: str
    item_id: str
    response_id: str


class RealtimeTranscriptEventAssistantTextDelta(_RealtimeTranscriptEventAssistantTextDeltaRequired, total=False):
    """The transcript event `assistant_text_delta`."""

    previous_item_id: str


class _RealtimeTranscriptEventAssistantTranscriptDeltaRequired(TypedDict):
    type: Literal["assistant_transcript_delta"]
    content_index: int
    delta: str
    delta_id: str
    item_id: str
    response_id: str


class RealtimeTranscriptEventAssistantTranscriptDelta(_RealtimeTranscriptEventAssistantTranscriptDeltaRequired, total=False):
    """The transcript event `assistant_transcript_delta`."""

    previous_item_id: str


class RealtimeTranscriptEventAssistantTranscriptTruncated(TypedDict):
    """The transcript event `assistant_transcript_truncated`."""

    type: Literal["assistant_transcript_truncated"]
    content_index: int
    item_id: str
    response_id: str
    text: str


class RealtimeTranscriptEventAssistantTranscriptFinalText(TypedDict):
    """The transcript event `assistant_transcript_final_text`."""

    type: Literal["assistant_transcript_final_text"]
    content_index: int
    item_id: str
    response_id: str
    text: str


class RealtimeTranscriptEventAssistantTurnCompleted(TypedDict):
    """The transcript event `assistant_turn_completed`."""

    type: Literal["assistant_turn_completed"]
    response_id: str
    stop_reason: Any
    usage: Any


class RealtimeTranscriptEventAssistantTurnInterrupted(TypedDict):
    """The transcript event `assistant_turn_interrupted`."""

    type: Literal["assistant_turn_interrupted"]
    response_id: str


RealtimeTranscriptEvent = (
    RealtimeTranscriptEventItemObserved
    | RealtimeTranscriptEventItemSkipped
    | RealtimeTranscriptEventUserTranscriptFinal
    | RealtimeTranscriptEventAssistantTextDelta
    | RealtimeTranscriptEventAssistantTranscriptDelta
    | RealtimeTranscriptEventAssistantTranscriptTruncated
    | RealtimeTranscriptEventAssistantTranscriptFinalText
    | RealtimeTranscriptEventAssistantTurnCompleted
    | RealtimeTranscriptEventAssistantTurnInterrupted
)
"""One change of the transcript."""


class WireLiveDegradationReasonRateLimited(TypedDict):
    """The degradation `rate_limited`."""

    kind: Literal["rate_limited"]


class WireLiveDegradationReasonProviderThrottled(TypedDict):
    """The degradation `provider_throttled`."""

    kind: Literal["provider_throttled"]


class WireLiveDegradationReasonNetworkUnstable(TypedDict):
    """The degradation `network_unstable`."""

    kind: Literal["network_unstable"]


class WireLiveDegradationReasonOther(TypedDict):
    """The degradation `other`."""

    kind: Literal["other"]
    detail: str


class WireLiveDegradationReasonUnknown(TypedDict):
    """The degradation `unknown`."""

    kind: Literal["unknown"]
    debug: str


WireLiveDegradationReason = (
    WireLiveDegradationReasonRateLimited
    | WireLiveDegradationReasonProviderThrottled
    | WireLiveDegradationReasonNetworkUnstable
    | WireLiveDegradationReasonOther
    | WireLiveDegradationReasonUnknown
)
"""Why a channel is degraded."""


class WireLiveAdapterStatusIdle(TypedDict):
    """The status `idle`."""

    status: Literal["idle"]


class WireLiveAdapterStatusOpening(TypedDict):
    """The status `opening`."""

    status: Literal["opening"]


class WireLiveAdapterStatusReady(TypedDict):
    """The status `ready`."""

    status: Literal["ready"]


class WireLiveAdapterStatusDegraded(TypedDict):
    """The status `degraded`."""

    status: Literal["degraded"]
    reason: WireLiveDegradationReason


class WireLiveAdapterStatusClosing(TypedDict):
    """The status `closing`."""

    status: Literal["closing"]


class WireLiveAdapterStatusClosed(TypedDict):
    """The status `closed`."""

    status: Literal["closed"]


class WireLiveAdapterStatusUnknown(TypedDict):
    """The status `unknown`."""

    status: Literal["unknown"]
    debug: str


WireLiveAdapterStatus = (
    WireLiveAdapterStatusIdle
    | WireLiveAdapterStatusOpening
    | WireLiveAdapterStatusReady
    | WireLiveAdapterStatusDegraded
    | WireLiveAdapterStatusClosing
    | WireLiveAdapterStatusClosed
    | WireLiveAdapterStatusUnknown
)
"""The state of a channel."""


class WireLiveConfigRejectionReasonChannelIdentitySwap(TypedDict):
    """The rejection `channel_identity_swap`."""

    kind: Literal["channel_identity_swap"]
    from_model: str
    from_provider: WireProvider
    to_model: str
    to_provider: WireProvider


class WireLiveConfigRejectionReasonNonRealtimeResolution(TypedDict):
    """The rejection `non_realtime_resolution`."""

    kind: Literal["non_realtime_resolution"]
    detail: str


class WireLiveConfigRejectionReasonImageInputNotImplemented(TypedDict):
    """The rejection `image_input_not_implemented`."""

    kind: Literal["image_input_not_implemented"]


class WireLiveConfigRejectionReasonVideoFrameInputNotImplemented(TypedDict):
    """The rejection `video_frame_input_not_implemented`."""

    kind: Literal["video_frame_input_not_implemented"]


class WireLiveConfigRejectionReasonUnsupportedInputChunkVariant(TypedDict):
    """The rejection `unsupported_input_chunk_variant`."""

    kind: Literal["unsupported_input_chunk_variant"]


class WireLiveConfigRejectionReasonRefreshModelSwap(TypedDict):
    """The rejection `refresh_model_swap`."""

    kind: Literal["refresh_model_swap"]
    from_model: str
    to_model: str


class WireLiveConfigRejectionReasonRefreshProviderSwap(TypedDict):
    """The rejection `refresh_provider_swap`."""

    kind: Literal["refresh_provider_swap"]
    from_provider: str
    to_provider: str


class WireLiveConfigRejectionReasonRefreshAudioConfigMismatch(TypedDict):
    """The rejection `refresh_audio_config_mismatch`."""

    kind: Literal["refresh_audio_config_mismatch"]
    detail: str


class WireLiveConfigRejectionReasonAudioInputFormatMismatch(TypedDict):
    """The rejection `audio_input_format_mismatch`."""

    kind: Literal["audio_input_format_mismatch"]
    actual_channels: int
    actual_sample_rate_hz: int
    expected_channels: int
    expected_sample_rate_hz: int


class WireLiveConfigRejectionReasonOther(TypedDict):
    """The rejection `other`."""

    kind: Literal["other"]
    detail: str


class WireLiveConfigRejectionReasonUnknown(TypedDict):
    """The rejection `unknown`."""

    kind: Literal["unknown"]
    debug: str


WireLiveConfigRejectionReason = (
    WireLiveConfigRejectionReasonChannelIdentitySwap
    | WireLiveConfigRejectionReasonNonRealtimeResolution
    | WireLiveConfigRejectionReasonImageInputNotImplemented
    | WireLiveConfigRejectionReasonVideoFrameInputNotImplemented
    | WireLiveConfigRejectionReasonUnsupportedInputChunkVariant
    | WireLiveConfigRejectionReasonRefreshModelSwap
    | WireLiveConfigRejectionReasonRefreshProviderSwap
    | WireLiveConfigRejectionReasonRefreshAudioConfigMismatch
    | WireLiveConfigRejectionReasonAudioInputFormatMismatch
    | WireLiveConfigRejectionReasonOther
    | WireLiveConfigRejectionReasonUnknown
)
"""Why a configuration was refused."""


class WireLiveAdapterErrorCodeConnectionFailed(TypedDict):
    """The error code `connection_failed`."""

    code: Literal["connection_failed"]


class WireLiveAdapterErrorCodeConnectionLost(TypedDict):
    """The error code `connection_lost`."""

    code: Literal["connection_lost"]


class WireLiveAdapterErrorCodeConfigRejected(TypedDict):
    """The error code `config_rejected`."""

    code: Literal["config_rejected"]
    reason: WireLiveConfigRejectionReason


class WireLiveAdapterErrorCodeProviderError(TypedDict):
    """The error code `provider_error`."""

    code: Literal["provider_error"]


class WireLiveAdapterErrorCodeAuthenticationFailed(TypedDict):
    """The error code `authentication_failed`."""

    code: Literal["authentication_failed"]


class WireLiveAdapterErrorCodeInternalError(TypedDict):
    """The error code `internal_error`."""

    code: Literal["internal_error"]


class WireLiveAdapterErrorCodeOther(TypedDict):
    """The error code `other`."""

    code: Literal["other"]
    raw: str


class WireLiveAdapterErrorCodeUnknown(TypedDict):
    """The error code `unknown`."""

    code: Literal["unknown"]
    debug: str


WireLiveAdapterErrorCode = (
    WireLiveAdapterErrorCodeConnectionFailed
    | WireLiveAdapterErrorCodeConnectionLost
    | WireLiveAdapterErrorCodeConfigRejected
    | WireLiveAdapterErrorCodeProviderError
    | WireLiveAdapterErrorCodeAuthenticationFailed
    | WireLiveAdapterErrorCodeInternalError
    | WireLiveAdapterErrorCodeOther
    | WireLiveAdapterErrorCodeUnknown
)
"""What went wrong on a channel."""


class WireLiveAdapterObservationReady(TypedDict):
    """The observation `ready`."""

    observation: Literal["ready"]


class _WireLiveAdapterObservationUserTranscriptFinalRequired(TypedDict):
    observation: Literal["user_transcript_final"]
    text: str


class WireLiveAdapterObservationUserTranscriptFinal(_WireLiveAdapterObservationUserTranscriptFinalRequired, total=False):
    """The observation `user_transcript_final`."""

    content_index: int
    previous_item_id: str
    provider_item_id: str


class _WireLiveAdapterObservationAssistantTextDeltaRequired(TypedDict):
    observation: Literal["assistant_text_delta"]
    delta: str


class WireLiveAdapterObservationAssistantTextDelta(_WireLiveAdapterObservationAssistantTextDeltaRequired, total=False):
    """The observation `assistant_text_delta`."""

    content_index: int
    delta_id: str
    previous_item_id: str
    provider_item_id: str
    response_id: str


class _WireLiveAdapterObservationAssistantTranscriptDeltaRequired(TypedDict):
    observation: Literal["assistant_transcript_delta"]
    delta: str


class WireLiveAdapterObservationAssistantTranscriptDelta(_WireLiveAdapterObservationAssistantTranscriptDeltaRequired, total=False):
    """The observation `assistant_transcript_delta`."""

    content_index: int
    delta_id: str
    previous_item_id: str
    provider_item_id: str
    response_id: str


class _WireLiveAdapterObservationAssistantAudioChunkRequired(TypedDict):
    observation: Literal["assistant_audio_chunk"]
    channels: int
    data: str
    sample_rate_hz: int


class WireLiveAdapterObservationAssistantAudioChunk(_WireLiveAdapterObservationAssistantAudioChunkRequired, total=False):
    """The observation `assistant_audio_chunk`."""

    content_index: int
    item_id: str
    response_id: str


class _WireLiveAdapterObservationAssistantTranscriptFinalRequired(TypedDict):
    observation: Literal["assistant_transcript_final"]
    provider_item_id: str
    stop_reason: WireStopReason
    text: str
    usage: dict[str, Any]


class WireLiveAdapterObservationAssistantTranscriptFinal(_WireLiveAdapterObservationAssistantTranscriptFinalRequired, total=False):
    """The observation `assistant_transcript_final`."""

    content_index: int
    previous_item_id: str
    response_id: str


class _WireLiveAdapterObservationAssistantTranscriptTruncatedRequired(TypedDict):
    observation: Literal["assistant_transcript_truncated"]


class WireLiveAdapterObservationAssistantTranscriptTruncated(_WireLiveAdapterObservationAssistantTranscriptTruncatedRequired, total=False):
    """The observation `assistant_transcript_truncated`."""

    content_index: int
    previous_item_id: str
    provider_item_id: str
    response_id: str
    text: str


class WireLiveAdapterObservationRealtimeTranscript(TypedDict):
    """The observation `realtime_transcript`."""

    observation: Literal["realtime_transcript"]
    event: RealtimeTranscriptEvent


class WireLiveAdapterObservationToolCallRequested(TypedDict):
    """The observation `tool_call_requested`."""

    observation: Literal["tool_call_requested"]
    arguments: Any
    provider_call_id: str
    tool_name: str


class _WireLiveAdapterObservationTurnInterruptedRequired(TypedDict):
    observation: Literal["turn_interrupted"]


class WireLiveAdapterObservationTurnInterrupted(_WireLiveAdapterObservationTurnInterruptedRequired, total=False):
    """The observation `turn_interrupted`."""

    response_id: str


class _WireLiveAdapterObservationTurnCompletedRequired(TypedDict):
    observation: Literal["turn_completed"]
    stop_reason: WireStopReason
    usage: dict[str, Any]


class WireLiveAdapterObservationTurnCompleted(_WireLiveAdapterObservationTurnCompletedRequired, total=False):
    """The observation `turn_completed`."""

    response_id: str


class WireLiveAdapterObservationStatusChanged(TypedDict):
    """The observation `status_changed`."""

    observation: Literal["status_changed"]
    status: WireLiveAdapterStatus


class WireLiveAdapterObservationError(TypedDict):
    """The observation `error`."""

    observation: Literal["error"]
    code: WireLiveAdapterErrorCode
    message: str


class WireLiveAdapterObservationCommandRejected(TypedDict):
    """The observation `command_rejected`."""

    observation: Literal["command_rejected"]
    code: WireLiveAdapterErrorCode
    message: str


class WireLiveAdapterObservationUnknown(TypedDict):
    """The observation `unknown`."""

    observation: Literal["unknown"]
    debug: str


WireLiveAdapterObservation = (
    WireLiveAdapterObservationReady
    | WireLiveAdapterObservationUserTranscriptFinal
    | WireLiveAdapterObservationAssistantTextDelta
    | WireLiveAdapterObservationAssistantTranscriptDelta
    | WireLiveAdapterObservationAssistantAudioChunk
    | WireLiveAdapterObservationAssistantTranscriptFinal
    | WireLiveAdapterObservationAssistantTranscriptTruncated
    | WireLiveAdapterObservationRealtimeTranscript
    | WireLiveAdapterObservationToolCallRequested
    | WireLiveAdapterObservationTurnInterrupted
    | WireLiveAdapterObservationTurnCompleted
    | WireLiveAdapterObservationStatusChanged
    | WireLiveAdapterObservationError
    | WireLiveAdapterObservationCommandRejected
    | WireLiveAdapterObservationUnknown
)
"""What a channel reports."""
