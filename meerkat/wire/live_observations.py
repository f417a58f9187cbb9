"""What happens on a live channel, as the frames of its WebSocket tell it (spec 07, sections 5 and 6)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U16, U32, Json, NotRequired, Tag
from meerkat.wire.core import Usage, WireProvider, WireStopReason, WireUsage
from meerkat.wire.events import StopReason

RealtimeTranscriptRole: TypeAlias = Literal["user", "assistant"]
"""Who spoke."""


class WireLiveAdapterObservationReady(TypedDict):
    """The observation `ready` (spec 07, section 5.1)."""

    observation: Literal["ready"]


class WireLiveAdapterObservationUserTranscriptFinal(TypedDict):
    """The observation `user_transcript_final` (spec 07, section 5.1)."""

    observation: Literal["user_transcript_final"]
    text: str
    content_index: NotRequired[U32]
    previous_item_id: NotRequired[str]
    provider_item_id: NotRequired[str]


class WireLiveAdapterObservationAssistantTextDelta(TypedDict):
    """The observation `assistant_text_delta` (spec 07, section 5.1)."""

    observation: Literal["assistant_text_delta"]
    delta: str
    content_index: NotRequired[U32]
    delta_id: NotRequired[str]
    previous_item_id: NotRequired[str]
    provider_item_id: NotRequired[str]
    response_id: NotRequired[str]


class WireLiveAdapterObservationAssistantTranscriptDelta(TypedDict):
    """The observation `assistant_transcript_delta` (spec 07, section 5.1)."""

    observation: Literal["assistant_transcript_delta"]
    delta: str
    content_index: NotRequired[U32]
    delta_id: NotRequired[str]
    previous_item_id: NotRequired[str]
    provider_item_id: NotRequired[str]
    response_id: NotRequired[str]


class WireLiveAdapterObservationAssistantAudioChunk(TypedDict):
    """The observation `assistant_audio_chunk` (spec 07, section 5.1)."""

    observation: Literal["assistant_audio_chunk"]
    data: str
    sample_rate_hz: U32
    channels: U16
    content_index: NotRequired[U32]
    item_id: NotRequired[str]
    response_id: NotRequired[str]


class WireLiveAdapterObservationAssistantTranscriptFinal(TypedDict):
    """The observation `assistant_transcript_final` (spec 07, section 5.1)."""

    observation: Literal["assistant_transcript_final"]
    provider_item_id: str
    text: str
    stop_reason: WireStopReason
    usage: WireUsage
    content_index: NotRequired[U32]
    previous_item_id: NotRequired[str]
    response_id: NotRequired[str]


class WireLiveAdapterObservationAssistantTranscriptTruncated(TypedDict):
    """The observation `assistant_transcript_truncated` (spec 07, section 5.1)."""

    observation: Literal["assistant_transcript_truncated"]
    content_index: NotRequired[U32]
    previous_item_id: NotRequired[str]
    provider_item_id: NotRequired[str]
    response_id: NotRequired[str]
    text: NotRequired[str]


class WireLiveAdapterObservationRealtimeTranscript(TypedDict):
    """The observation `realtime_transcript` (spec 07, section 5.1)."""

    observation: Literal["realtime_transcript"]
    event: RealtimeTranscriptEvent


class WireLiveAdapterObservationToolCallRequested(TypedDict):
    """The observation `tool_call_requested` (spec 07, section 5.1)."""

    observation: Literal["tool_call_requested"]
    provider_call_id: str
    tool_name: str
    arguments: Json


class WireLiveAdapterObservationTurnInterrupted(TypedDict):
    """The observation `turn_interrupted` (spec 07, section 5.1)."""

    observation: Literal["turn_interrupted"]
    response_id: NotRequired[str]


class WireLiveAdapterObservationTurnCompleted(TypedDict):
    """The observation `turn_completed` (spec 07, section 5.1)."""

    observation: Literal["turn_completed"]
    stop_reason: WireStopReason
    usage: WireUsage
    response_id: NotRequired[str]


class WireLiveAdapterObservationStatusChanged(TypedDict):
    """The observation `status_changed` (spec 07, section 5.1)."""

    observation: Literal["status_changed"]
    status: WireLiveAdapterStatus


class WireLiveAdapterObservationError(TypedDict):
    """The observation `error` (spec 07, section 5.1)."""

    observation: Literal["error"]
    code: WireLiveAdapterErrorCode
    message: str


class WireLiveAdapterObservationCommandRejected(TypedDict):
    """The observation `command_rejected` (spec 07, section 5.1)."""

    observation: Literal["command_rejected"]
    code: WireLiveAdapterErrorCode
    message: str


class WireLiveAdapterObservationUnknown(TypedDict):
    """The observation `unknown` (spec 07, section 5.1)."""

    observation: Literal["unknown"]
    debug: str


class WireLiveAdapterStatusIdle(TypedDict):
    """A channel that is `idle` (spec 07, section 3.2)."""

    status: Literal["idle"]


class WireLiveAdapterStatusOpening(TypedDict):
    """A channel that is `opening` (spec 07, section 3.2)."""

    status: Literal["opening"]


class WireLiveAdapterStatusReady(TypedDict):
    """A channel that is `ready` (spec 07, section 3.2)."""

    status: Literal["ready"]


class WireLiveAdapterStatusDegraded(TypedDict):
    """A channel that is `degraded` (spec 07, section 3.2)."""

    status: Literal["degraded"]
    reason: WireLiveDegradationReason


class WireLiveAdapterStatusClosing(TypedDict):
    """A channel that is `closing` (spec 07, section 3.2)."""

    status: Literal["closing"]


class WireLiveAdapterStatusClosed(TypedDict):
    """A channel that is `closed` (spec 07, section 3.2)."""

    status: Literal["closed"]


class WireLiveAdapterStatusUnknown(TypedDict):
    """A channel that is `unknown` (spec 07, section 3.2)."""

    status: Literal["unknown"]
    debug: str


class RealtimeTranscriptEventItemObserved(TypedDict):
    """The transcript change `item_observed` (spec 07, section 5.2)."""

    type: Literal["item_observed"]
    item_id: str
    role: RealtimeTranscriptRole
    previous_item_id: str | None
    response_id: str | None


class RealtimeTranscriptEventItemSkipped(TypedDict):
    """The transcript change `item_skipped` (spec 07, section 5.2)."""

    type: Literal["item_skipped"]
    item_id: str
    previous_item_id: str | None


class RealtimeTranscriptEventUserTranscriptFinal(TypedDict):
    """The transcript change `user_transcript_final` (spec 07, section 5.2)."""

    type: Literal["user_transcript_final"]
    item_id: str
    content_index: U32
    text: str
    previous_item_id: str | None


class RealtimeTranscriptEventAssistantTextDelta(TypedDict):
    """The transcript change `assistant_text_delta` (spec 07, section 5.2)."""

    type: Literal["assistant_text_delta"]
    response_id: str
    delta_id: str
    item_id: str
    content_index: U32
    delta: str
    previous_item_id: str | None


class RealtimeTranscriptEventAssistantTranscriptDelta(TypedDict):
    """The transcript change `assistant_transcript_delta` (spec 07, section 5.2)."""

    type: Literal["assistant_transcript_delta"]
    response_id: str
    delta_id: str
    item_id: str
    content_index: U32
    delta: str
    previous_item_id: str | None


class RealtimeTranscriptEventAssistantTranscriptTruncated(TypedDict):
    """The transcript change `assistant_transcript_truncated` (spec 07, section 5.2)."""

    type: Literal["assistant_transcript_truncated"]
    response_id: str
    item_id: str
    content_index: U32
    text: str


class RealtimeTranscriptEventAssistantTranscriptFinalText(TypedDict):
    """The transcript change `assistant_transcript_final_text` (spec 07, section 5.2)."""

    type: Literal["assistant_transcript_final_text"]
    response_id: str
    item_id: str
    content_index: U32
    text: str


class RealtimeTranscriptEventAssistantTurnCompleted(TypedDict):
    """The transcript change `assistant_turn_completed` (spec 07, section 5.2)."""

    type: Literal["assistant_turn_completed"]
    response_id: str
    stop_reason: StopReason
    usage: Usage


class RealtimeTranscriptEventAssistantTurnInterrupted(TypedDict):
    """The transcript change `assistant_turn_interrupted` (spec 07, section 5.2)."""

    type: Literal["assistant_turn_interrupted"]
    response_id: str


class WireLiveAdapterErrorCodeConnectionFailed(TypedDict):
    """The error `connection_failed` (spec 07, section 6.1)."""

    code: Literal["connection_failed"]


class WireLiveAdapterErrorCodeConnectionLost(TypedDict):
    """The error `connection_lost` (spec 07, section 6.1)."""

    code: Literal["connection_lost"]


class WireLiveAdapterErrorCodeConfigRejected(TypedDict):
    """The error `config_rejected` (spec 07, section 6.1)."""

    code: Literal["config_rejected"]
    reason: WireLiveConfigRejectionReason


class WireLiveAdapterErrorCodeProviderError(TypedDict):
    """The error `provider_error` (spec 07, section 6.1)."""

    code: Literal["provider_error"]


class WireLiveAdapterErrorCodeAuthenticationFailed(TypedDict):
    """The error `authentication_failed` (spec 07, section 6.1)."""

    code: Literal["authentication_failed"]


class WireLiveAdapterErrorCodeInternalError(TypedDict):
    """The error `internal_error` (spec 07, section 6.1)."""

    code: Literal["internal_error"]


class WireLiveAdapterErrorCodeOther(TypedDict):
    """The error `other` (spec 07, section 6.1)."""

    code: Literal["other"]
    raw: str


class WireLiveAdapterErrorCodeUnknown(TypedDict):
    """The error `unknown` (spec 07, section 6.1)."""

    code: Literal["unknown"]
    debug: str


class WireLiveDegradationReasonRateLimited(TypedDict):
    """Degraded: `rate_limited` (spec 07, section 6.3)."""

    kind: Literal["rate_limited"]


class WireLiveDegradationReasonProviderThrottled(TypedDict):
    """Degraded: `provider_throttled` (spec 07, section 6.3)."""

    kind: Literal["provider_throttled"]


class WireLiveDegradationReasonNetworkUnstable(TypedDict):
    """Degraded: `network_unstable` (spec 07, section 6.3)."""

    kind: Literal["network_unstable"]


class WireLiveDegradationReasonOther(TypedDict):
    """Degraded: `other` (spec 07, section 6.3)."""

    kind: Literal["other"]
    detail: str


class WireLiveDegradationReasonUnknown(TypedDict):
    """Degraded: `unknown` (spec 07, section 6.3)."""

    kind: Literal["unknown"]
    debug: str


class WireLiveConfigRejectionReasonChannelIdentitySwap(TypedDict):
    """Refused: `channel_identity_swap` (spec 07, section 6.2)."""

    kind: Literal["channel_identity_swap"]
    from_model: str
    from_provider: WireProvider
    to_model: str
    to_provider: WireProvider


class WireLiveConfigRejectionReasonNonRealtimeResolution(TypedDict):
    """Refused: `non_realtime_resolution` (spec 07, section 6.2)."""

    kind: Literal["non_realtime_resolution"]
    detail: str


class WireLiveConfigRejectionReasonImageInputNotImplemented(TypedDict):
    """Refused: `image_input_not_implemented` (spec 07, section 6.2)."""

    kind: Literal["image_input_not_implemented"]


class WireLiveConfigRejectionReasonVideoFrameInputNotImplemented(TypedDict):
    """Refused: `video_frame_input_not_implemented` (spec 07, section 6.2)."""

    kind: Literal["video_frame_input_not_implemented"]


class WireLiveConfigRejectionReasonUnsupportedInputChunkVariant(TypedDict):
    """Refused: `unsupported_input_chunk_variant` (spec 07, section 6.2)."""

    kind: Literal["unsupported_input_chunk_variant"]


class WireLiveConfigRejectionReasonRefreshModelSwap(TypedDict):
    """Refused: `refresh_model_swap` (spec 07, section 6.2)."""

    kind: Literal["refresh_model_swap"]
    from_model: str
    to_model: str


class WireLiveConfigRejectionReasonRefreshProviderSwap(TypedDict):
    """Refused: `refresh_provider_swap` (spec 07, section 6.2)."""

    kind: Literal["refresh_provider_swap"]
    from_provider: str
    to_provider: str


class WireLiveConfigRejectionReasonRefreshAudioConfigMismatch(TypedDict):
    """Refused: `refresh_audio_config_mismatch` (spec 07, section 6.2)."""

    kind: Literal["refresh_audio_config_mismatch"]
    detail: str


class WireLiveConfigRejectionReasonAudioInputFormatMismatch(TypedDict):
    """Refused: `audio_input_format_mismatch` (spec 07, section 6.2)."""

    kind: Literal["audio_input_format_mismatch"]
    expected_sample_rate_hz: U32
    expected_channels: U16
    actual_sample_rate_hz: U32
    actual_channels: U16


class WireLiveConfigRejectionReasonOther(TypedDict):
    """Refused: `other` (spec 07, section 6.2)."""

    kind: Literal["other"]
    detail: str


class WireLiveConfigRejectionReasonUnknown(TypedDict):
    """Refused: `unknown` (spec 07, section 6.2)."""

    kind: Literal["unknown"]
    debug: str


WireLiveAdapterObservation: TypeAlias = Annotated[
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
    | WireLiveAdapterObservationUnknown,
    Tag("observation", "WireLiveAdapterObservation"),
]
"""What happens on a channel, as frames tell it (spec 07, section 5.1)."""

WireLiveAdapterStatus: TypeAlias = Annotated[
    WireLiveAdapterStatusIdle
    | WireLiveAdapterStatusOpening
    | WireLiveAdapterStatusReady
    | WireLiveAdapterStatusDegraded
    | WireLiveAdapterStatusClosing
    | WireLiveAdapterStatusClosed
    | WireLiveAdapterStatusUnknown,
    Tag("status", "WireLiveAdapterStatus"),
]
"""Where a channel stands (spec 07, section 3.2)."""

RealtimeTranscriptEvent: TypeAlias = Annotated[
    RealtimeTranscriptEventItemObserved
    | RealtimeTranscriptEventItemSkipped
    | RealtimeTranscriptEventUserTranscriptFinal
    | RealtimeTranscriptEventAssistantTextDelta
    | RealtimeTranscriptEventAssistantTranscriptDelta
    | RealtimeTranscriptEventAssistantTranscriptTruncated
    | RealtimeTranscriptEventAssistantTranscriptFinalText
    | RealtimeTranscriptEventAssistantTurnCompleted
    | RealtimeTranscriptEventAssistantTurnInterrupted,
    Tag("type", "RealtimeTranscriptEvent"),
]
"""A change of the transcript; absent options are null here (spec 07, section 5.2)."""

WireLiveAdapterErrorCode: TypeAlias = Annotated[
    WireLiveAdapterErrorCodeConnectionFailed
    | WireLiveAdapterErrorCodeConnectionLost
    | WireLiveAdapterErrorCodeConfigRejected
    | WireLiveAdapterErrorCodeProviderError
    | WireLiveAdapterErrorCodeAuthenticationFailed
    | WireLiveAdapterErrorCodeInternalError
    | WireLiveAdapterErrorCodeOther
    | WireLiveAdapterErrorCodeUnknown,
    Tag("code", "WireLiveAdapterErrorCode"),
]
"""What went wrong on a channel (spec 07, section 6.1)."""

WireLiveDegradationReason: TypeAlias = Annotated[
    WireLiveDegradationReasonRateLimited
    | WireLiveDegradationReasonProviderThrottled
    | WireLiveDegradationReasonNetworkUnstable
    | WireLiveDegradationReasonOther
    | WireLiveDegradationReasonUnknown,
    Tag("kind", "WireLiveDegradationReason"),
]
"""Why a channel is worse than asked for (spec 07, section 6.3)."""

WireLiveConfigRejectionReason: TypeAlias = Annotated[
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
    | WireLiveConfigRejectionReasonUnknown,
    Tag("kind", "WireLiveConfigRejectionReason"),
]
"""Why a change of configuration was refused (spec 07, section 6.2)."""
