"""The flat contract names of what a live channel reports: transcripts, states, errors, observations."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from meerkat.wire.core import WireStopReason
from meerkat.wire.live_observations import (
    RealtimeTranscriptEventAssistantTranscriptFinalText,
    RealtimeTranscriptEventAssistantTranscriptTruncated,
    RealtimeTranscriptEventAssistantTurnCompleted,
    RealtimeTranscriptEventAssistantTurnInterrupted,
    RealtimeTranscriptRole,
    WireLiveAdapterErrorCodeAuthenticationFailed,
    WireLiveAdapterErrorCodeConfigRejected,
    WireLiveAdapterErrorCodeConnectionFailed,
    WireLiveAdapterErrorCodeConnectionLost,
    WireLiveAdapterErrorCodeInternalError,
    WireLiveAdapterErrorCodeOther,
    WireLiveAdapterErrorCodeProviderError,
    WireLiveAdapterErrorCodeUnknown,
    WireLiveAdapterObservationCommandRejected,
    WireLiveAdapterObservationError,
    WireLiveAdapterObservationReady,
    WireLiveAdapterObservationRealtimeTranscript,
    WireLiveAdapterObservationStatusChanged,
    WireLiveAdapterObservationToolCallRequested,
    WireLiveAdapterObservationUnknown,
    WireLiveAdapterStatusClosed,
    WireLiveAdapterStatusClosing,
    WireLiveAdapterStatusDegraded,
    WireLiveAdapterStatusIdle,
    WireLiveAdapterStatusOpening,
    WireLiveAdapterStatusReady,
    WireLiveAdapterStatusUnknown,
    WireLiveConfigRejectionReasonAudioInputFormatMismatch,
    WireLiveConfigRejectionReasonChannelIdentitySwap,
    WireLiveConfigRejectionReasonImageInputNotImplemented,
    WireLiveConfigRejectionReasonNonRealtimeResolution,
    WireLiveConfigRejectionReasonOther,
    WireLiveConfigRejectionReasonRefreshAudioConfigMismatch,
    WireLiveConfigRejectionReasonRefreshModelSwap,
    WireLiveConfigRejectionReasonRefreshProviderSwap,
    WireLiveConfigRejectionReasonUnknown,
    WireLiveConfigRejectionReasonUnsupportedInputChunkVariant,
    WireLiveConfigRejectionReasonVideoFrameInputNotImplemented,
    WireLiveDegradationReasonNetworkUnstable,
    WireLiveDegradationReasonOther,
    WireLiveDegradationReasonProviderThrottled,
    WireLiveDegradationReasonRateLimited,
    WireLiveDegradationReasonUnknown,
)


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

WireLiveDegradationReason = (
    WireLiveDegradationReasonRateLimited
    | WireLiveDegradationReasonProviderThrottled
    | WireLiveDegradationReasonNetworkUnstable
    | WireLiveDegradationReasonOther
    | WireLiveDegradationReasonUnknown
)
"""Why a channel is degraded."""

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
