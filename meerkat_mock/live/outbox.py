"""What waits to be written to the socket of a channel: everything but audio in one line, audio in another.

The first line goes before the second, as on the real server: audio comes late, the rule rather than the exception (spec 07, sections 0
and 4.3). Both lines are bounded; the provider waits while one is full, nothing is lost.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject

CONTROL_LIMIT = 256
AUDIO_LIMIT = 64


class Outbox:
    """The two lines of one channel."""

    def __init__(self, *, audio_waits: bool) -> None:
        self._audio_waits = audio_waits
        self._control: deque[JsonObject] = deque()
        self._audio: deque[JsonObject] = deque()
        self.arrived = asyncio.Event()
        """Set when something was put in; whoever waits clears it."""
        self._taken = asyncio.Event()

    def __bool__(self) -> bool:
        return bool(self._control or self._audio)

    def put(self, observation: JsonObject) -> None:
        """Add an observation."""
        self._control.append(observation)
        self.arrived.set()

    def put_audio(self, chunk: JsonObject) -> None:
        """Add a piece of audio."""
        (self._audio if self._audio_waits else self._control).append(chunk)
        self.arrived.set()

    def take(self) -> JsonObject:
        """Return what is written next. Raises `IndexError` when nothing waits."""
        self._taken.set()
        return self._control.popleft() if self._control else self._audio.popleft()

    def clear(self) -> None:
        """Forget what waits: the channel has ended before anybody listened."""
        self._control.clear()
        self._audio.clear()
        self._taken.set()

    async def room(self) -> None:
        """Wait until neither line is full."""
        while len(self._control) >= CONTROL_LIMIT or len(self._audio) >= AUDIO_LIMIT:
            self._taken.clear()
            await self._taken.wait()
