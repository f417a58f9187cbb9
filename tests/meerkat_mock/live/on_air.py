"""A client on a live channel: what tests of live channels say and hear, on a socket in memory."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from meerkat.live_connection import LiveSocketClosed
from meerkat_mock.clock import VirtualClock
from meerkat_mock.flags import Flags
from meerkat_mock.quirks import Quirks
from meerkat_mock.runtime import World
from meerkat_mock.server import Server
from meerkat_mock.world.realtime_words import InlineRealtime
from tests.meerkat_mock.talk import ALIAS, Talk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meerkat_mock.live.duplex import MemorySocket
    from meerkat_mock.world.realtime_words import Realtime

MODEL = "gpt-realtime-2"
NEWS = {"status_changed", "realtime_transcript", "assistant_audio_chunk"}
"""Observations that most tests pass over."""


class OnAir:
    """One channel and its socket."""

    def __init__(self, studio: Studio, opened: dict[str, Any], session_id: str) -> None:
        self.studio = studio
        self.talk = studio.talk
        self.id = str(opened["channel_id"])
        self.url = str(opened["transport"]["url"])
        self.session_id = session_id
        self.socket: MemorySocket | None = None
        self.heard: list[dict[str, Any]] = []

    def connect(self, **altered: str) -> OnAir:
        """Open the socket, perhaps at an altered address."""
        url = self.url
        for name, value in altered.items():
            url = re.sub(rf"(?<=[?&]{name}=)[^&]*", value, url)
        self.socket = self.studio.server.runtime.surfaces.live.channels.connect(url)
        return self

    @property
    def _socket(self) -> MemorySocket:
        assert self.socket is not None, "connect first"
        return self.socket

    async def say(self, text: str, *rounds: dict[str, Any]) -> None:
        """Send typed text that carries these rounds."""
        await self._socket.send_json({"kind": "text", "text": f"{text} @script{json.dumps(rounds)}" if rounds else text})

    async def send(self, data: str | bytes) -> None:
        await self._socket.send(data)

    async def frame(self) -> dict[str, Any]:
        """Return the next frame."""
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(self._socket.recv(), 10))
        self.heard.append(frame)
        return frame

    async def until(self, observation: str) -> list[dict[str, Any]]:
        """Return the frames up to the first of this kind, without the news that most tests pass over."""
        found: list[dict[str, Any]] = []
        while True:
            frame = await self.frame()
            if frame.get("observation") not in NEWS - {observation}:
                found.append(frame)
            if frame.get("observation") == observation:
                return found

    async def ended(self) -> tuple[int, str]:
        """Read to the end; return code and reason."""
        try:
            while True:
                await self.frame()
        except LiveSocketClosed as closed:
            return closed.close_code, closed.reason

    async def call(self, method: str, **params: Any) -> Any:
        """Call a method about this channel."""
        return await self.talk.call(f"live/{method}", channel_id=self.id, **params)

    async def refusal(self, method: str, **params: Any) -> str:
        return (await self.talk.refusal(f"live/{method}", channel_id=self.id, **params)).replace(self.id, "CHANNEL")

    async def status(self) -> str:
        return str((await self.call("status"))["status"]["status"])

    async def history(self) -> list[tuple[str, str]]:
        """Return what the session holds beside its system message: role and words."""
        page = await self.talk.call("session/history", session_id=self.session_id)
        return [_spoken(message) for message in page["messages"][1:]]


def _spoken(message: dict[str, Any]) -> tuple[str, str]:
    if message["role"] == "block_assistant":
        return message["stop_reason"], "|".join(block["data"]["text"] for block in message["blocks"])
    return message["role"], str(message["content"]).partition(" @script")[0]


class Studio:
    """A server with live channels switched on."""

    def __init__(self, server: Server, talk: Talk) -> None:
        self.server = server
        self.talk = talk

    @property
    def clock(self) -> VirtualClock:
        clock = self.server.runtime.clock
        assert isinstance(clock, VirtualClock)
        return clock

    async def session(self, prompt: str = "You may talk now.", **options: Any) -> str:
        made = await self.talk.call("session/create", prompt=prompt, initial_turn="deferred", model=MODEL, **options)
        return str(made["session_id"])

    async def open(self, session_id: str = "", *, mode: str | None = None, connect: bool = True, **options: Any) -> OnAir:
        """Open a channel, on a new session unless one is given, and its socket; `ready` has been read then."""
        session_id = session_id or await self.session(**options)
        opened = await self.talk.call("live/open", session_id=session_id, turning_mode=mode)
        channel = OnAir(self, opened, session_id)
        if connect:
            assert await channel.connect().frame() == {"observation": "ready"}
        return channel


@asynccontextmanager
async def studio(
    *, contract: bool = False, realtime: Realtime | None = None, positions: Quirks | None = None, **quirks: bool
) -> AsyncIterator[Studio]:
    """Start a server with live channels; the mock must hold nothing against itself."""
    world = World(
        quirks=positions or Quirks("contract" if contract else "server", quirks),
        flags=Flags(live_ws="127.0.0.1:0"),
        realtime=realtime or InlineRealtime(),
    )
    server = Server(world)
    talk = Talk(server.connect())
    await talk.call("config/patch", patch=ALIAS)
    try:
        yield Studio(server, talk)
    finally:
        await talk.hang_up()
        await server.close()
    assert server.runtime.violations == []
