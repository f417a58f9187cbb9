"""What a channel needs of a socket, whatever carries it: frames in, text out, and the three ways to end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

MAX_FRAME_BYTES = 16 * 1024 * 1024
"""A larger frame ends the socket without a close frame (spec 07, section 4.3)."""
DROPPED = 1006
"""What a client sees when the connection ends without a close frame."""


@dataclass(frozen=True)
class TextFrame:
    """Text of the client."""

    text: str


@dataclass(frozen=True)
class BinaryFrame:
    """Audio of the client."""

    size: int


@dataclass(frozen=True)
class PongFrame:
    """An answer to a ping that nobody sent."""


@dataclass(frozen=True)
class Gone:
    """The client has closed, or the connection is over."""


Frame: TypeAlias = TextFrame | BinaryFrame | PongFrame | Gone


class ServerSocket(Protocol):
    """The mock's end of one socket. Pings are answered below it."""

    async def receive(self) -> Frame:
        """Return the next frame; `Gone` from the end of the connection on."""
        ...

    async def send(self, text: str) -> None:
        """Write a text frame, waiting while the client does not read; nothing happens once the client has gone."""

    async def close(self, code: int, reason: str) -> None:
        """End the connection with a close frame."""

    async def drop(self) -> None:
        """End the connection without one."""
