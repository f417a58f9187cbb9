"""The WebSocket of a live channel on the client's side: speech and text out, observations in (spec 07, sections 4 and 5).

Owns one open socket. The library `websockets` is imported when the first one is opened; a mock in place of the server may hand over a
socket of its own. Frames are read when they are asked for, so a reader that is slow slows the sender and nothing piles up here.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, Protocol, cast

from meerkat.errors import MeerkatError, ProtocolError
from meerkat.transports.interception import intercept_live

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from websockets.exceptions import ConnectionClosed

DROPPED = 1006
"""Close code of a connection that ended without a close frame: after `live/close`, after our own close, or when it broke."""
INVALID_TOKEN = 1008
MAX_MESSAGE_BYTES = 64 * 1024 * 1024
OPEN_TIMEOUT_SECONDS = 10.0
CLOSE_TIMEOUT_SECONDS = 1.0


class LiveSocketClosed(MeerkatError):
    """A live socket has ended, or was never opened.

    `close_code` and `reason` are those of the server's close frame, 1006 and "" where there was none (spec 07, section 4.6).
    """

    def __init__(self, close_code: int = DROPPED, reason: str = "", message: str = "") -> None:
        super().__init__("LIVE_SOCKET_CLOSED", message or f"the live socket has ended: {close_code} {reason}".rstrip())
        self.close_code = close_code
        self.reason = reason


class LiveSocket(Protocol):
    """What carries the frames. `recv` and `send` raise `LiveSocketClosed` once the connection has ended."""

    async def send(self, data: str | bytes) -> None:
        """Send a text frame, or a binary one."""

    async def recv(self) -> str | bytes:
        """Return the next frame."""
        ...

    async def close(self) -> None:
        """End the connection."""


class LiveConnection:
    """An open live socket: iterate it for what happens on the channel, until the channel has ended.

    The first observation is `ready`. Audio comes late: treat `assistant_audio_chunk` and everything else as two ordered streams, and wait
    for `turn_completed` *and* the audio of an answer (spec 07, section 0). The end of the socket ends the channel.
    """

    def __init__(self, socket: LiveSocket) -> None:
        """Take over an open socket; nothing has been read from it."""
        self._socket = socket
        self._first: dict[str, Any] | None = None
        self._close_code: int | None = None
        self._close_reason = ""

    @property
    def close_code(self) -> int | None:
        """The code with which the socket ended, 1006 if it ended without a close frame; None while it is open."""
        return self._close_code

    @property
    def close_reason(self) -> str:
        """The reason of the server's close frame, like `terminal:provider_error`; "" without one."""
        return self._close_reason

    # ---- out -------------------------------------------------------------------------------------------------------------------------

    async def send_text(self, text: str) -> None:
        """Send typed text. Raises `LiveSocketClosed` when the socket has ended, as all below."""
        await self._send(json.dumps({"kind": "text", "text": text}, ensure_ascii=False))

    async def send_audio(self, pcm: bytes) -> None:
        """Send audio as PCM16 little-endian, 24 kHz, mono; at most 15 MiB at once (spec 07, section 5.4)."""
        await self._send(pcm)

    async def send_chunk(self, chunk: dict[str, Any]) -> None:
        """Send a piece of input as the contract writes it, like `{"kind": "image", "mime": ..., "data": ...}` (spec 07, section 3.4)."""
        await self._send(json.dumps(chunk, ensure_ascii=False, allow_nan=False))

    async def _send(self, data: str | bytes) -> None:
        try:
            await self._socket.send(data)
        except LiveSocketClosed as closed:
            self._ended(closed)
            raise

    # ---- in --------------------------------------------------------------------------------------------------------------------------

    async def receive(self) -> dict[str, Any]:
        """Return the next frame: an object with `observation`, or with `error` (spec 07, section 4.5).

        Raises `LiveSocketClosed` when the socket has ended, `ProtocolError` for a frame that is no such object.
        """
        if self._first is not None:
            first, self._first = self._first, None
            return first
        try:
            return frame_of(await self._socket.recv())
        except LiveSocketClosed as closed:
            self._ended(closed)
            raise

    async def __aiter__(self) -> AsyncIterator[dict[str, Any]]:
        """Yield every frame until the socket ends; `close_code` tells how."""
        while self._close_code is None:
            try:
                yield await self.receive()
            except LiveSocketClosed:
                return

    async def until_ready(self) -> None:
        """Wait for the first frame; it stays the first that is read. Raises `LiveSocketClosed` when the server refuses the token."""
        first = await self.receive()
        if first.get("error") == "invalid_token":
            text = f"the live socket was refused: {first.get('reason')}; a token is good once and for 60 seconds, so open the channel anew"
            raise LiveSocketClosed(INVALID_TOKEN, "invalid_token", text)
        self._first = first

    async def close(self) -> None:
        """Close the socket, and with it the channel. May be called any number of times."""
        if self._close_code is None:
            await self._socket.close()
            self._ended(LiveSocketClosed())

    def _ended(self, closed: LiveSocketClosed) -> None:
        if self._close_code is None:
            self._close_code, self._close_reason = closed.close_code, closed.reason


def frame_of(data: str | bytes) -> dict[str, Any]:
    """Return a frame of the server as an object. Raises `ProtocolError`."""
    try:
        value = json.loads(data)
    except ValueError as error:
        raise ProtocolError("INVALID_RESPONSE", f"a live frame is no JSON: {data[:120]!r}") from error
    if not isinstance(value, dict) or not ({"observation", "error"} & cast("dict[str, Any]", value).keys()):
        raise ProtocolError("INVALID_RESPONSE", f"a live frame is neither an observation nor an error: {data[:120]!r}")
    return cast("dict[str, Any]", value)


async def open_live(url: str) -> LiveConnection:
    """Open the socket at the address that `live/open` gave, and wait until the channel is ready. Raises `LiveSocketClosed`."""
    connection = LiveConnection(intercept_live(url) or await _websocket(url))
    try:
        await connection.until_ready()
    except BaseException:
        await connection.close()
        raise
    return connection


async def _websocket(url: str) -> LiveSocket:
    """Open a real WebSocket.

    Without keepalive pings: while a tool runs the server reads nothing for up to 30 s, and a ping would take that for a dead connection
    (spec 07, section 4.3).
    """
    import websockets

    try:
        socket = await websockets.connect(
            url,
            compression=None,
            max_size=MAX_MESSAGE_BYTES,
            ping_interval=None,
            open_timeout=OPEN_TIMEOUT_SECONDS,
            close_timeout=CLOSE_TIMEOUT_SECONDS,
        )
    except (OSError, asyncio.TimeoutError, websockets.exceptions.WebSocketException) as error:
        raise LiveSocketClosed(message=f"the live socket could not be opened: {error}") from error
    return _Carried(socket)


class _RawSocket(Protocol):
    """What is used of a connection of `websockets`, the same since version 12."""

    async def send(self, message: str | bytes) -> None: ...
    async def recv(self) -> str | bytes: ...
    async def close(self) -> None: ...


class _Carried:
    """A connection of `websockets` as a `LiveSocket`."""

    def __init__(self, socket: object) -> None:
        self._socket = cast("_RawSocket", socket)

    async def send(self, data: str | bytes) -> None:
        from websockets.exceptions import ConnectionClosed

        try:
            await self._socket.send(data)
        except ConnectionClosed as closed:
            raise _closed(closed) from closed

    async def recv(self) -> str | bytes:
        from websockets.exceptions import ConnectionClosed

        try:
            return await self._socket.recv()
        except ConnectionClosed as closed:
            raise _closed(closed) from closed

    async def close(self) -> None:
        await self._socket.close()


def _closed(closed: ConnectionClosed) -> LiveSocketClosed:
    received = closed.rcvd
    return LiveSocketClosed() if received is None else LiveSocketClosed(received.code, received.reason)
