"""All live channels of a process: opened, found, attached to their sockets, forgotten (spec 07, sections 2 to 4).

Channels belong to the process, not to an RPC connection. Owns the tokens and the provider; who carries the sockets does not matter here.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from meerkat_mock.contract.lines import check_frame
from meerkat_mock.live.adapter import Adapter, TurningMode, refusal_text
from meerkat_mock.live.channel import Channel
from meerkat_mock.live.duplex import MemorySocket
from meerkat_mock.live.handshake import PATH
from meerkat_mock.live.materialise import materialise
from meerkat_mock.live.outbox import Outbox
from meerkat_mock.live.tokens import Tokens
from meerkat_mock.live.tools import run_tool
from meerkat_mock.live.writer import SessionWriter
from meerkat_mock.surfaces.registry import Fault
from meerkat_mock.violations import Violation
from meerkat_mock.world.realtime import RealtimeConnection
from meerkat_mock.world.realtime_words import Occasion, ProviderRefused

if TYPE_CHECKING:
    from meerkat_mock.journal import Direction
    from meerkat_mock.live.sockets import ServerSocket
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.state import Session
    from meerkat_mock.world.realtime_answers import Words

RETENTION_SECONDS = 60.0
"""How long a closed channel is still known."""
AUDIO_FORMAT = "pcm_24k_mono"


class ChannelBook:
    """The channels of one runtime."""

    def __init__(self, runtime: Runtime, sessions: SessionBook) -> None:
        self._runtime = runtime
        self._sessions = sessions
        self._channels: dict[str, Channel] = {}
        self._active: dict[str, Channel] = {}
        self._forget_at: dict[str, float] = {}
        self._writers: dict[str, SessionWriter] = {}
        self._serving: set[asyncio.Task[None]] = set()
        """Sockets in memory."""
        self._tokens = Tokens(runtime.clock, runtime.ids)
        runtime.at_close(self.close_all)

    # ---- finding ---------------------------------------------------------------------------------------------------------------------

    def find(self, channel_id: str) -> Channel:
        """Return a channel. Raises `Fault` -32602 for one that is unknown, or forgotten by now."""
        channel = self._channels.get(channel_id)
        if channel is None:
            raise Fault(-32602, f"channel {channel_id} not found")
        return channel

    def session_of(self, channel_id: str) -> str | None:
        """Return the session of a channel, None for one that is unknown."""
        channel = self._channels.get(channel_id)
        return None if channel is None else channel.session_id

    def sweep(self) -> None:
        """Forget the channels that were closed long enough ago; only `live/open`, `live/status` and `live/close` look."""
        now = self._runtime.clock.now()
        for channel_id in [each for each, due in self._forget_at.items() if due <= now]:
            del self._forget_at[channel_id], self._channels[channel_id]

    def of_session(self, session_id: str) -> Channel | None:
        """Return the active channel of a session."""
        return self._active.get(session_id)

    def active(self) -> list[Channel]:
        """Return every active channel."""
        return list(self._active.values())

    # ---- opening and closing ---------------------------------------------------------------------------------------------------------

    def open(self, session: Session, model: tuple[str, str], mode: TurningMode) -> tuple[Channel, str]:
        """Connect a session to the provider; return the channel and its token. Raises `Fault` -32603."""
        materialise(self._sessions, session)
        runtime = self._runtime
        outbox = Outbox(audio_waits=runtime.quirks.on("live_audio_comes_late"))
        adapter = Adapter(mode, outbox, runtime.ids, runtime.clock, latches=runtime.quirks.on("live_interrupt_latch"))
        words = self._words(session, model[0])
        adapter.provider = RealtimeConnection(
            words,
            runtime.world.realtime.ids,
            runtime.clock,
            adapter.hear,
            outbox.room,
            detects_speech=mode == "provider_managed",
        )
        writer = self._writers.setdefault(session.id, SessionWriter(self._sessions, session))
        channel = Channel(
            runtime.ids.uuid4(), session.id, model, adapter, outbox, writer, partial(run_tool, runtime), self._crossed, self._closed
        )
        self._channels[channel.id] = self._active[session.id] = channel
        return channel, self._tokens.mint(channel.id)

    def _words(self, session: Session, model: str) -> Words:
        """Return who speaks on a new connection. Raises `Fault` -32603 when the provider refuses it (section 3.1, row 8)."""
        occasion = Occasion(session.id, model, str(session.messages[0].get("content", "")))
        try:
            return self._runtime.world.realtime.words(occasion)
        except ProviderRefused as refused:
            raise Fault(-32603, f"failed to open provider session: {refusal_text(refused.why)}") from refused

    def _closed(self, channel: Channel) -> None:
        """Take note that a channel has ended, once more if it is closed again."""
        self._forget_at[channel.id] = self._runtime.clock.now() + RETENTION_SECONDS
        if self._active.get(channel.session_id) is channel:
            del self._active[channel.session_id]

    def abandon(self) -> None:
        """Let go of every socket in memory without waiting, in or outside of an event loop."""
        for task in tuple(self._serving):
            if not task.get_loop().is_closed():
                task.cancel()

    async def close_all(self) -> None:
        """End every channel: the process goes down."""
        await asyncio.gather(*(channel.close() for channel in self._channels.values()))
        for task in tuple(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    # ---- sockets ---------------------------------------------------------------------------------------------------------------------

    async def attach(self, socket: ServerSocket, token: str, channel_id: str, audio_format: str | None) -> None:
        """Serve a socket that was upgraded, to its end (sections 4.1 and 4.2)."""
        refusal = self._tokens.spend(token, channel_id)
        if refusal is not None:
            frame = f'{{"error":"invalid_token","reason":"{refusal}"}}'
            self._check(frame)
            await socket.send(frame)
            await socket.close(1008, "invalid_token")
            return
        channel = self._channels.get(channel_id)
        if channel is None:
            await socket.drop()
            return
        await channel.serve(socket, binary=audio_format == AUDIO_FORMAT)

    def connect(self, url: str) -> MemorySocket:
        """Open a socket in memory at an address of `live/open`, for a client in the same process. Raises `ValueError` for a bad address."""
        asked = urlsplit(url)
        query = dict(parse_qsl(asked.query, keep_blank_values=True))
        if asked.path != PATH or not {"token", "channel"} <= query.keys():
            raise ValueError(f"{url!r} is no address of a live socket; it must be the `transport.url` of a `live/open` result")
        socket = MemorySocket()
        task = asyncio.ensure_future(self.attach(socket.server, query["token"], query["channel"], query.get("format")))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        return socket

    def _crossed(self, channel: Channel, direction: Direction, data: str | int) -> None:
        """Put a frame into the journal, and check one of ours against the contract."""
        self._runtime.journal.record_frame(self._runtime.clock.now(), channel.id, direction, data)
        if direction == "out" and isinstance(data, str):
            self._check(data)

    def _check(self, frame: str) -> None:
        breach = check_frame(json.loads(frame))
        if breach is not None:
            self._runtime.violations.append(Violation("contract", "", f"the mock's own frame breaks the contract: {breach}"))
