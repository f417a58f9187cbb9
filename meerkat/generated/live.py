"""The flat contract names of live channels: opening, input, commit, truncation, refresh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from meerkat.generated.live_observations import WireLiveAdapterStatus

LiveRefreshStatus = Literal["queued"]
"""How far a refresh has come."""

RealtimeTurningMode = Literal["provider_managed", "explicit_commit"]
"""Who ends the turn of the user."""

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


class WireLiveContinuityModeFresh(TypedDict):
    """The continuity `fresh`."""

    mode: Literal["fresh"]


class WireLiveContinuityModeTranscriptOnly(TypedDict):
    """The continuity `transcript_only`."""

    mode: Literal["transcript_only"]


class WireLiveContinuityModeDegraded(TypedDict):
    """The continuity `degraded`."""

    mode: Literal["degraded"]


class WireLiveContinuityModeProviderNativeResume(TypedDict):
    """The continuity `provider_native_resume`."""

    mode: Literal["provider_native_resume"]
    provider_session_id: str


class WireLiveContinuityModeUnknown(TypedDict):
    """The continuity `unknown`."""

    mode: Literal["unknown"]
    debug: str


WireLiveContinuityMode = (
    WireLiveContinuityModeFresh
    | WireLiveContinuityModeTranscriptOnly
    | WireLiveContinuityModeDegraded
    | WireLiveContinuityModeProviderNativeResume
    | WireLiveContinuityModeUnknown
)
"""What a channel knows of what was said before it was opened."""


class WireLiveTransportBootstrapWebsocket(TypedDict):
    """The transport `websocket`."""

    transport: Literal["websocket"]
    token: str
    url: str


class WireLiveTransportBootstrapUnknown(TypedDict):
    """The transport `unknown`."""

    transport: Literal["unknown"]
    debug: str


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


class WireLiveResponseModalityAudio(TypedDict):
    """The modality `audio`."""

    modality: Literal["audio"]


class WireLiveResponseModalityText(TypedDict):
    """The modality `text`."""

    modality: Literal["text"]


class WireLiveResponseModalityUnknown(TypedDict):
    """The modality `unknown`."""

    modality: Literal["unknown"]
    debug: str


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


class LiveInputChunkWireAudio(TypedDict):
    """Input of kind `audio`."""

    kind: Literal["audio"]
    channels: int
    data: str
    sample_rate_hz: int


class LiveInputChunkWireText(TypedDict):
    """Input of kind `text`."""

    kind: Literal["text"]
    text: str


class LiveInputChunkWireImage(TypedDict):
    """Input of kind `image`."""

    kind: Literal["image"]
    data: str
    mime: str


class LiveInputChunkWireVideoFrame(TypedDict):
    """Input of kind `video_frame`."""

    kind: Literal["video_frame"]
    codec: str
    data: str
    timestamp_ms: int


LiveInputChunkWire = LiveInputChunkWireAudio | LiveInputChunkWireText | LiveInputChunkWireImage | LiveInputChunkWireVideoFrame
"""Input for a live channel; data is base64, times are in milliseconds, rates in hertz."""
