"""Live channels: speech in and out beside a session (spec 07). The handle is `LiveChannel`; audio itself goes over a WebSocket."""

from __future__ import annotations

from typing import Any, Literal

from meerkat.client.base import Surface, given
from meerkat.generated import types as generated
from meerkat.parsing.live import parse_live_observation, parse_live_refresh
from meerkat.wire.base import JsonObject


class Live(Surface):
    """The methods about live channels."""

    async def live_open(
        self, session_id: str, turning_mode: Literal["provider_managed", "explicit_commit"] | None = None
    ) -> dict[str, Any]:
        """Open a channel (`live/open`); returns its id, and address and token of its WebSocket."""
        return await self._request("live/open", {"session_id": session_id, **given(turning_mode=turning_mode)})

    async def live_status(self, channel_id: str) -> dict[str, Any]:
        """Return the state of a channel (`live/status`)."""
        return await self._request("live/status", {"channel_id": channel_id})

    async def live_close(self, channel_id: str) -> dict[str, Any]:
        """Close a channel (`live/close`)."""
        return await self._request("live/close", {"channel_id": channel_id})

    async def live_send_input_text(self, channel_id: str, text: str) -> dict[str, Any]:
        """Send text as input (`live/send_input`)."""
        return await self._send_input(channel_id, {"kind": "text", "text": text})

    async def live_send_input_audio(self, channel_id: str, data_base64: str, sample_rate_hz: int, channels: int) -> dict[str, Any]:
        """Send a piece of audio as input (`live/send_input`)."""
        chunk: JsonObject = {"kind": "audio", "data": data_base64, "sample_rate_hz": sample_rate_hz, "channels": channels}
        return await self._send_input(channel_id, chunk)

    async def live_send_input_image(self, channel_id: str, mime: str, data_base64: str) -> dict[str, Any]:
        """Send an image as input (`live/send_input`)."""
        return await self._send_input(channel_id, {"kind": "image", "mime": mime, "data": data_base64})

    async def live_send_input_video_frame(self, channel_id: str, codec: str, data_base64: str, timestamp_ms: int) -> dict[str, Any]:
        """Send a video frame as input (`live/send_input`)."""
        chunk: JsonObject = {"kind": "video_frame", "codec": codec, "data": data_base64, "timestamp_ms": timestamp_ms}
        return await self._send_input(channel_id, chunk)

    async def _send_input(self, channel_id: str, chunk: JsonObject) -> dict[str, Any]:
        return await self._request("live/send_input", {"channel_id": channel_id, "chunk": chunk})

    async def live_commit_input(self, channel_id: str, response_modality: str | None = None) -> dict[str, Any]:
        """Say that the input is complete (`live/commit_input`), where the turning mode asks for it."""
        modality = given(response_modality=None if response_modality is None else {"modality": response_modality})
        return await self._request("live/commit_input", {"channel_id": channel_id, **modality})

    async def live_interrupt(self, channel_id: str) -> dict[str, Any]:
        """Stop the answer that is being spoken (`live/interrupt`)."""
        return await self._request("live/interrupt", {"channel_id": channel_id})

    async def live_truncate(self, channel_id: str, item_id: str, content_index: int, audio_played_ms: int) -> dict[str, Any]:
        """Say how much of an answer was heard (`live/truncate`)."""
        heard: JsonObject = {"item_id": item_id, "content_index": content_index, "audio_played_ms": audio_played_ms}
        return await self._request("live/truncate", {"channel_id": channel_id, **heard})

    async def live_refresh(self, channel_id: str) -> generated.LiveRefreshResult:
        """Have the channel take in what changed in its session (`live/refresh`)."""
        return parse_live_refresh(await self._request("live/refresh", {"channel_id": channel_id}))

    @staticmethod
    def parse_live_observation(raw: dict[str, Any]) -> dict[str, Any]:
        """Return an observation from the WebSocket. Raises `ValueError` for what is none."""
        return parse_live_observation(raw)
