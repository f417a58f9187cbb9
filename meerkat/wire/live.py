"""Live channels: opening them and steering them from the RPC side (spec 07, section 3)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U16, U32, U64, NotRequired, Tag, Untagged
from meerkat.wire.live_observations import WireLiveAdapterObservation, WireLiveAdapterStatus

RealtimeTurningMode: TypeAlias = Literal["provider_managed", "explicit_commit"]
"""Who decides when a spoken turn ends (spec 07, section 7)."""

LiveRefreshStatus: TypeAlias = Literal["queued"]
"""What became of a refresh (spec 07, section 3.8)."""


class LiveOpenParams(TypedDict):
    """Params of `live/open` (spec 07, section 3.1)."""

    session_id: str
    turning_mode: NotRequired[RealtimeTurningMode | None]


class LiveChannelParams(TypedDict):
    """Which channel is meant (spec 07, section 3)."""

    channel_id: str


class LiveSendInputParams(TypedDict):
    """Params of `live/send_input` (spec 07, section 3.4)."""

    channel_id: str
    chunk: LiveInputChunkWire


class LiveCommitInputParams(TypedDict):
    """Params of `live/commit_input` (spec 07, section 3.5)."""

    channel_id: str
    response_modality: NotRequired[WireLiveResponseModality | None]


class LiveTruncateParams(TypedDict):
    """Params of `live/truncate` (spec 07, section 3.7)."""

    channel_id: str
    item_id: str
    content_index: U32
    audio_played_ms: U64


class LiveInputChunkWireAudio(TypedDict):
    """Input of kind `audio` (spec 07, section 3.4)."""

    kind: Literal["audio"]
    data: str
    sample_rate_hz: U32
    channels: U16


class LiveInputChunkWireText(TypedDict):
    """Input of kind `text` (spec 07, section 3.4)."""

    kind: Literal["text"]
    text: str


class LiveInputChunkWireImage(TypedDict):
    """Input of kind `image` (spec 07, section 3.4)."""

    kind: Literal["image"]
    mime: str
    data: str


class LiveInputChunkWireVideoFrame(TypedDict):
    """Input of kind `video_frame` (spec 07, section 3.4)."""

    kind: Literal["video_frame"]
    codec: str
    data: str
    timestamp_ms: U64


class WireLiveResponseModalityAudio(TypedDict):
    """An answer as `audio` (spec 07, section 7)."""

    modality: Literal["audio"]


class WireLiveResponseModalityText(TypedDict):
    """An answer as `text` (spec 07, section 7)."""

    modality: Literal["text"]


class WireLiveResponseModalityUnknown(TypedDict):
    """An answer as `unknown` (spec 07, section 7)."""

    modality: Literal["unknown"]
    debug: str


class LiveOpenResult(TypedDict):
    """Result of `live/open` (spec 07, section 3.1)."""

    channel_id: str
    transport: WireLiveTransportBootstrap
    capabilities: WireLiveChannelCapabilities
    continuity: WireLiveContinuityMode


class LiveStatusResult(TypedDict):
    """Result of `live/status` (spec 07, section 3.2)."""

    channel_id: str
    status: WireLiveAdapterStatus


class LiveRefreshResult(TypedDict):
    """Result of `live/refresh` (spec 07, section 3.8)."""

    status: LiveRefreshStatus
    refresh_enqueued: bool


class WireLiveTransportBootstrapWebsocket(TypedDict):
    """Frames over `websocket` (spec 07, section 3.1)."""

    transport: Literal["websocket"]
    url: str
    token: str


class WireLiveTransportBootstrapUnknown(TypedDict):
    """Frames over `unknown` (spec 07, section 3.1)."""

    transport: Literal["unknown"]
    debug: str


class WireLiveChannelCapabilities(TypedDict):
    """What a channel can carry (spec 07, section 3.1)."""

    audio_in: bool
    audio_out: bool
    text_in: bool
    text_out: bool
    image_in: bool
    video_in: bool
    transcript_supported: bool
    barge_in_supported: bool
    provider_native_resume: bool


class WireLiveContinuityModeFresh(TypedDict):
    """Continuity `fresh` (spec 07, section 3.1)."""

    mode: Literal["fresh"]


class WireLiveContinuityModeTranscriptOnly(TypedDict):
    """Continuity `transcript_only` (spec 07, section 3.1)."""

    mode: Literal["transcript_only"]


class WireLiveContinuityModeDegraded(TypedDict):
    """Continuity `degraded` (spec 07, section 3.1)."""

    mode: Literal["degraded"]


class WireLiveContinuityModeProviderNativeResume(TypedDict):
    """Continuity `provider_native_resume` (spec 07, section 3.1)."""

    mode: Literal["provider_native_resume"]
    provider_session_id: str


class WireLiveContinuityModeUnknown(TypedDict):
    """Continuity `unknown` (spec 07, section 3.1)."""

    mode: Literal["unknown"]
    debug: str


LiveInputChunkWire: TypeAlias = Annotated[
    LiveInputChunkWireAudio | LiveInputChunkWireText | LiveInputChunkWireImage | LiveInputChunkWireVideoFrame,
    Tag("kind", "LiveInputChunkWire"),
]
"""A piece of input (spec 07, section 3.4)."""

WireLiveResponseModality: TypeAlias = Annotated[
    WireLiveResponseModalityAudio | WireLiveResponseModalityText | WireLiveResponseModalityUnknown,
    Tag("modality", "WireLiveResponseModality"),
]
"""How the answer shall be given (spec 07, section 7)."""

WireLiveTransportBootstrap: TypeAlias = Annotated[
    WireLiveTransportBootstrapWebsocket | WireLiveTransportBootstrapUnknown,
    Tag("transport", "WireLiveTransportBootstrap"),
]
"""Where the frames go, with the token (spec 07, section 3.1)."""

WireLiveContinuityMode: TypeAlias = Annotated[
    WireLiveContinuityModeFresh
    | WireLiveContinuityModeTranscriptOnly
    | WireLiveContinuityModeDegraded
    | WireLiveContinuityModeProviderNativeResume
    | WireLiveContinuityModeUnknown,
    Tag("mode", "WireLiveContinuityMode"),
]
"""What the provider knows of the past (spec 07, section 3.1)."""


class LiveCloseResult(TypedDict):
    """Result of `live/close` (spec 07, section 3.3)."""

    closed: bool


class LiveSendInputResult(TypedDict):
    """Result of `live/send_input` (spec 07, section 3.4)."""

    sent: bool


class LiveCommitInputResult(TypedDict):
    """Result of `live/commit_input` (spec 07, section 3.5)."""

    committed: bool


class LiveInterruptResult(TypedDict):
    """Result of `live/interrupt` (spec 07, section 3.6)."""

    interrupted: bool


class LiveTruncateResult(TypedDict):
    """Result of `live/truncate` (spec 07, section 3.7)."""

    truncated: bool


class LiveErrorFrame(TypedDict):
    """A frame of the WebSocket that tells an error; the reason comes only with `invalid_token` (spec 07, section 4.5)."""

    error: str
    reason: NotRequired[str]


LiveServerFrame: TypeAlias = Annotated[WireLiveAdapterObservation | LiveErrorFrame, Untagged("LiveServerFrame")]
"""A frame from the server: an observation, or an error (spec 07, section 4.5)."""

LiveClientFrame: TypeAlias = LiveInputChunkWire
"""A text frame from the client: a bare piece of input (spec 07, section 4.4)."""
