"""What every transport offers. A transport moves bytes and knows nothing of lines, messages or methods."""

from __future__ import annotations

from typing import Protocol


class Transport(Protocol):
    """A connected, ordered, reliable byte stream in both directions, owned by one event loop."""

    async def send(self, data: bytes) -> None:
        """Write all of `data`, in one piece where the system allows it; wait while the other side is slow. Raises `ConnectionError`."""

    async def receive(self) -> bytes:
        """Return the next bytes, `b""` once the other side will send no more. Raises `ConnectionError`."""
        ...

    async def close(self) -> None:
        """End the stream in an orderly way and free what it holds. May be called any number of times; never raises.

        What takes time goes on when its caller is cancelled.
        """

    def farewell(self) -> str:
        """Say in a few words how the stream ended, with whatever the other side left behind (exit status, tail of stderr)."""
        ...
