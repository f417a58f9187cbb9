"""The flat contract names of live channels: opening, input, commit, truncation, refresh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from meerkat.generated.live_observations import WireLiveAdapterStatus
from meerkat.wire.live import (
    LiveInputChunkWireAudio,
    LiveInputChunkWireImage,
    LiveInputChunkWireText,
    LiveInputChunkWireVideoFrame,
    RealtimeTurningMode,
    WireLiveContinuityModeDegraded,
    WireLiveContinuityModeFresh,
    WireLiveContinuityModeProviderNativeResume,
    WireLiveContinuityModeTranscriptOnly,
    WireLiveContinuityModeUnknown,
    WireLiveResponseModalityAudio,
    WireLiveResponseModalityText,
    WireLiveResponseModalityUnknown,
    WireLiveTransportBootstrapUnknown,
    WireLiveTransportBootstrapWebsocket,
)

RealtimeInputKind = Literal["text", "audio", "video"]
"""What can be put in."""

RealtimeOutputKind = Literal["text", "audio", "video"]
"""What can come out."""


@dataclass
class RealtimeAudioFormat:
    """An audio format; the rate is in hertz."""

    channels: int
    mime_type: str
    sample_rate_hz: int


@dataclass
class RealtimeCapabilities:
    """What a realtime provider offers."""

    interrupt_supported: bool
    tool_lifecycle_events_supported: bool
    transcript_supported: bool
    video_supported: bool
    audio_input_format: RealtimeAudioFormat | None = None
    audio_output_format: RealtimeAudioFormat | None = None
    input_kinds: list[RealtimeInputKind] | None = None
    output_kinds: list[RealtimeOutputKind] | None = None
    turning_modes: list[RealtimeTurningMode] | None = None


@dataclass
class RealtimeTextChunk:
    """A piece of text."""

    text: str


@dataclass
class RealtimeAudioChunk:
    """A piece of audio, base64; the rate is in hertz."""

    channels: int
    data: str
    mime_type: str
    sample_rate_hz: int


@dataclass
class RealtimeVideoChunk:
    """A piece of video, base64."""

    data: str
    mime_type: str


@dataclass
class LiveOpenParams:
    """Params of `live/open`."""

    session_id: str
    turning_mode: RealtimeTurningMode | None = None


@dataclass
class WireLiveChannelCapabilities:
    """What a live channel offers."""

    audio_in: bool
    audio_out: bool
    barge_in_supported: bool
    image_in: bool
    provider_native_resume: bool
    text_in: bool
    text_out: bool
    transcript_supported: bool
    video_in: bool


WireLiveContinuityMode = (
    WireLiveContinuityModeFresh
    | WireLiveContinuityModeTranscriptOnly
    | WireLiveContinuityModeDegraded
    | WireLiveContinuityModeProviderNativeResume
    | WireLiveContinuityModeUnknown
)
"""What a channel knows of what was said before it was opened."""

WireLiveTransportBootstrap = WireLiveTransportBootstrapWebsocket | WireLiveTransportBootstrapUnknown
"""How to reach the channel that was opened."""


@dataclass
class LiveOpenResult:
    """Result of `live/open`."""

    capabilities: WireLiveChannelCapabilities
    channel_id: str
    continuity: WireLiveContinuityMode
    transport: WireLiveTransportBootstrap


@dataclass
class LiveChannelParams:
    """Params of the calls that need only a channel."""

    channel_id: str


@dataclass
class LiveStatusResult:
    """Result of `live/status`."""

    channel_id: str
    status: WireLiveAdapterStatus


@dataclass
class LiveSendInputParams:
    """Params of `live/send_input`."""

    channel_id: str
    chunk: LiveInputChunkWire


@dataclass
class LiveTruncateParams:
    """Params of `live/truncate`."""

    audio_played_ms: int
    channel_id: str
    content_index: int
    item_id: str


WireLiveResponseModality = WireLiveResponseModalityAudio | WireLiveResponseModalityText | WireLiveResponseModalityUnknown
"""What the answer should be made of."""


@dataclass
class LiveCommitInputParams:
    """Params of `live/commit_input`."""

    channel_id: str
    response_modality: WireLiveResponseModality | None = None


@dataclass
class LiveRefreshResult:
    """Result of `live/refresh`."""

    refresh_enqueued: bool
    status: Literal["queued"]


class RealtimeInputChunkTextChunk(TypedDict):
    """The chunk `text_chunk`."""

    kind: Literal["text_chunk"]
    text: str


class RealtimeInputChunkAudioChunk(TypedDict):
    """The chunk `audio_chunk`."""

    kind: Literal["audio_chunk"]
    channels: int
    data: str
    mime_type: str
    sample_rate_hz: int


class RealtimeInputChunkVideoChunk(TypedDict):
    """The chunk `video_chunk`."""

    kind: Literal["video_chunk"]
    data: str
    mime_type: str


RealtimeInputChunk = RealtimeInputChunkTextChunk | RealtimeInputChunkAudioChunk | RealtimeInputChunkVideoChunk
"""A piece of input."""

LiveInputChunkWire = LiveInputChunkWireAudio | LiveInputChunkWireText | LiveInputChunkWireImage | LiveInputChunkWireVideoFrame
"""Input for a live channel; data is base64, times are in milliseconds, rates in hertz."""
