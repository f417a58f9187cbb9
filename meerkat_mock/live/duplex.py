"""A live socket in memory: the same frames and close codes as over TCP, without a port, for tests in one process."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from functools import partial
from typing import TYPE_CHECKING

from meerkat.live_connection import LiveSocketClosed
from meerkat_mock.live.sockets import DROPPED, BinaryFrame, Gone, PongFrame, TextFrame

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.wire.base import Json
    from meerkat_mock.delivery.sorter import Sorter
    from meerkat_mock.live.sockets import Frame

UNREAD_LIMIT = 1024
"""Frames that either side may leave unread before the other has to wait."""


class _Lane:
    """One direction: bounded, waited for on both ends."""

    def __init__(self) -> None:
        self.frames: deque[object] = deque()
        self._changed = asyncio.Event()

    async def put(self, frame: object) -> None:
        while len(self.frames) >= UNREAD_LIMIT:
            await self._change()
        self.frames.append(frame)
        self.wake()

    async def next(self) -> object:
        while not self.frames:
            await self._change()
        frame = self.frames[0]
        if not isinstance(frame, (Gone, LiveSocketClosed)):
            self.frames.popleft()
            self.wake()
        return frame

    def end(self, frame: Gone | LiveSocketClosed) -> None:
        """Put the last frame, which can be read any number of times."""
        self.frames.append(frame)
        self.wake()

    @property
    def told(self) -> bool:
        """Whether all that was put is there to be read."""
        return True

    def wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _change(self) -> None:
        await self._changed.wait()


class _SortedLane(_Lane):
    """A direction whose frames may be overtaken by what comes on other channels, and the other way round."""

    def __init__(self, sorter: Sorter) -> None:
        super().__init__()
        self._sorter = sorter
        self._held = 0
        self._waiting: list[Callable[[], None]] = []

    @property
    def has_room(self) -> bool:
        """Whether the client has read enough to be handed another frame."""
        return len(self.frames) < UNREAD_LIMIT

    @property
    def told(self) -> bool:
        return not self._held

    def when_room(self, wake: Callable[[], None]) -> None:
        """Call `wake` once the client has read a frame."""
        self._waiting.append(wake)

    async def put(self, frame: object) -> None:
        while self._held >= UNREAD_LIMIT:
            await self._change()
        self._hold(frame, partial(_named, str(frame)))

    def end(self, frame: Gone | LiveSocketClosed) -> None:
        self._hold(frame, lambda: "the end of a live socket")

    def _hold(self, frame: object, name: Callable[[], str]) -> None:
        self._held += 1
        self._sorter.hold((id(self), "live"), name, self, lambda: self._deliver(frame))

    def _deliver(self, frame: object) -> None:
        self._held -= 1
        self.frames.append(frame)
        self.wake()

    def wake(self) -> None:
        super().wake()
        waiting, self._waiting = self._waiting, []
        for wake in waiting:
            wake()


def _named(text: str) -> str:
    """Return how people call a frame: by its observation."""
    value: Json = json.loads(text)
    return f"live frame {value.get('observation', 'error')}" if isinstance(value, dict) else "a live frame"


class MemorySocket:
    """Both ends of one connection. The client's end is `send`, `recv` and `close`, as libraries for WebSockets have them."""

    def __init__(self) -> None:
        self._in, self._out = _Lane(), _Lane()
        self._over = False
        self.server = _ServerEnd(self)

    def interleave(self, sorter: Sorter) -> None:
        """Let `sorter` say when each frame of the server reaches the client; for before the first."""
        self._out = _SortedLane(sorter)

    # ---- the client's end ------------------------------------------------------------------------------------------------------------

    async def send(self, data: str | bytes) -> None:
        """Send a text frame, or a binary one. Raises `LiveSocketClosed`."""
        await self._sent(TextFrame(data) if isinstance(data, str) else BinaryFrame(len(data)))

    async def send_json(self, value: Json) -> None:
        """Send a text frame with this JSON. Raises `LiveSocketClosed`."""
        await self.send(json.dumps(value))

    async def pong(self) -> None:
        """Send an unsolicited pong. Raises `LiveSocketClosed`."""
        await self._sent(PongFrame())

    async def _sent(self, frame: Frame) -> None:
        if self._over and self._out.told:
            end = self._out.frames[-1] if self._out.frames else None
            raise end if isinstance(end, LiveSocketClosed) else LiveSocketClosed(DROPPED, "")
        await self._in.put(frame)

    async def recv(self) -> str:
        """Return the next text frame of the server. Raises `LiveSocketClosed` at the end, as often as it is asked."""
        frame = await self._out.next()
        if isinstance(frame, LiveSocketClosed):
            raise frame
        return str(frame)

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Close from the client's side; the server does not acknowledge it, so the connection ends with 1006."""
        if not self._over:
            await self._in.put(Gone())

    # ---- the server's end ------------------------------------------------------------------------------------------------------------

    def ended(self, code: int, reason: str) -> None:
        """End the connection; the first end counts."""
        if not self._over:
            self._over = True
            self._out.end(LiveSocketClosed(code, reason))
            self._in.end(Gone())

    async def taken(self) -> Frame:
        """Return the next frame of the client."""
        frame = await self._in.next()
        return frame if isinstance(frame, (TextFrame, BinaryFrame, PongFrame)) else Gone()

    async def told(self, text: str) -> None:
        """Send a text frame to the client."""
        if not self._over:
            await self._out.put(text)


class _ServerEnd:
    """Implements `ServerSocket`."""

    def __init__(self, socket: MemorySocket) -> None:
        self._socket = socket

    async def receive(self) -> Frame:
        return await self._socket.taken()

    async def send(self, text: str) -> None:
        await self._socket.told(text)

    async def close(self, code: int, reason: str) -> None:
        self._socket.ended(code, reason)

    async def drop(self) -> None:
        self._socket.ended(DROPPED, "")
