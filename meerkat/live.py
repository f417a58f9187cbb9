"""The handle of a live channel: opened for a session, then spoken to by its id (spec 07)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Literal

import meerkat
from meerkat.generated import types as generated
from meerkat.live_connection import LiveConnection, open_live
from meerkat.parsing.live import parse_live_channel, parse_live_url


class LiveChannel:
    """One live channel; `open` it first. Opening again replaces the channel."""

    def __init__(
        self,
        client: meerkat.MeerkatClient,
        session_id: str,
        *,
        turning_mode: Literal["provider_managed", "explicit_commit"] | None = None,
    ) -> None:
        """Open nothing yet."""
        self._client = client
        self._session_id = session_id
        self._turning_mode: Literal["provider_managed", "explicit_commit"] | None = turning_mode
        self._channel_id: str | None = None

    @classmethod
    def session(
        cls,
        client: meerkat.MeerkatClient,
        session_id: str,
        *,
        turning_mode: Literal["provider_managed", "explicit_commit"] | None = None,
    ) -> LiveChannel:
        """Return a channel for a session, not opened yet."""
        return cls(client, session_id, turning_mode=turning_mode)

    @property
    def client(self) -> meerkat.MeerkatClient:
        """The client that the channel speaks through."""
        return self._client

    @property
    def session_id(self) -> str:
        """The session beside which the channel runs."""
        return self._session_id

    @property
    def channel_id(self) -> str | None:
        """The id of the channel; None until it is opened."""
        return self._channel_id

    def _opened(self) -> str:
        if self._channel_id is None:
            raise RuntimeError("LiveChannel has not been opened yet -- call open() first")
        return self._channel_id

    async def open(self) -> dict[str, Any]:
        """Open the channel (`live/open`); returns address and token of its WebSocket."""
        result = await self._client.live_open(self._session_id, self._turning_mode)
        self._channel_id = parse_live_channel(result)
        return result

    @asynccontextmanager
    async def connect(self) -> AsyncGenerator[LiveConnection]:
        """Open the channel and its WebSocket for the length of a block; it is ready when the block begins.

        Always opens a new channel, as a channel has one socket only and one token for it. Leaving the block closes the socket, which ends
        the channel. Raises `LiveSocketClosed` when the socket cannot be opened; an error inside the block is passed on.
        """
        url = parse_live_url(await self.open())
        connection = await open_live(url)
        try:
            yield connection
        finally:
            await connection.close()

    async def close(self) -> dict[str, Any]:
        """Close the channel (`live/close`); its id stays known. Raises `RuntimeError` before `open`, as all below."""
        return await self._client.live_close(self._opened())

    async def status(self) -> dict[str, Any]:
        """Return the state of the channel (`live/status`)."""
        return await self._client.live_status(self._opened())

    async def refresh(self) -> generated.LiveRefreshResult:
        """Have the channel take in what changed in its session (`live/refresh`)."""
        return await self._client.live_refresh(self._opened())

    async def send_input_text(self, text: str) -> dict[str, Any]:
        """Send text as input (`live/send_input`)."""
        return await self._client.live_send_input_text(self._opened(), text)

    async def send_input_audio(self, data_base64: str, sample_rate_hz: int, channels: int) -> dict[str, Any]:
        """Send a piece of audio as input (`live/send_input`)."""
        return await self._client.live_send_input_audio(self._opened(), data_base64, sample_rate_hz, channels)

    async def send_input_image(self, mime: str, data_base64: str) -> dict[str, Any]:
        """Send an image as input (`live/send_input`)."""
        return await self._client.live_send_input_image(self._opened(), mime, data_base64)

    async def send_input_video_frame(self, codec: str, data_base64: str, timestamp_ms: int) -> dict[str, Any]:
        """Send a video frame as input (`live/send_input`)."""
        return await self._client.live_send_input_video_frame(self._opened(), codec, data_base64, timestamp_ms)

    async def commit_input(self, response_modality: str | None = None) -> dict[str, Any]:
        """Say that the input is complete (`live/commit_input`)."""
        return await self._client.live_commit_input(self._opened(), response_modality)

    async def interrupt(self) -> dict[str, Any]:
        """Stop the answer that is being spoken (`live/interrupt`)."""
        return await self._client.live_interrupt(self._opened())

    async def truncate(self, item_id: str, content_index: int, audio_played_ms: int) -> dict[str, Any]:
        """Say how much of an answer was heard (`live/truncate`)."""
        return await self._client.live_truncate(self._opened(), item_id, content_index, audio_played_ms)
