"""One POST over plain HTTP/1.1 on a socket of its own, with everything that arrived kept, however the answer ended.

Hand-made because what matters here is what ready-made clients hide: the bytes that came before a connection broke, and whether the answer
ended cleanly. Knows nothing of models.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

ANSWER_LIMIT_BYTES = 64 * 1024 * 1024
"""The longest answer that is read: as long as a line may be."""
_READ_BYTES = 65536
_HEAD_END = b"\r\n\r\n"


class AnswerTooLong(ValueError):
    """The answer goes on past `ANSWER_LIMIT_BYTES`."""


@dataclass(frozen=True)
class Answer:
    """What came back. `whole` is False when the connection broke before the end that the answer itself announced."""

    status: int
    body: bytes
    whole: bool
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


async def post(url: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    """Send `body` and return the answer. Raises `OSError` when no answer begins, `ValueError` for what is no HTTP."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"{url!r} is no address of the form http://HOST:PORT/PATH")
    address = parts.hostname, parts.port or 80
    loop = asyncio.get_running_loop()
    info = (await loop.getaddrinfo(*address, type=socket.SOCK_STREAM))[0]
    with socket.socket(info[0], socket.SOCK_STREAM) as connection:
        connection.setblocking(False)
        await loop.sock_connect(connection, info[4])
        await loop.sock_sendall(connection, _request(parts.netloc, parts.path or "/", body, headers or {}))
        data, broke = await _all(connection)
    return _answer(data, broke)


def _request(host: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    own = {"host": host, "content-type": "application/json", "content-length": str(len(body)), "connection": "close"}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**own, **headers}.items())]
    return "\r\n".join(lines).encode() + _HEAD_END + body


async def _all(connection: socket.socket) -> tuple[bytes, bool]:
    """Return every byte up to the end, and whether that end was a break. A stream of the event loop would lose what it holds at a break."""
    data = bytearray()
    loop = asyncio.get_running_loop()
    while True:
        try:
            chunk = await loop.sock_recv(connection, _READ_BYTES)
        except ConnectionError:
            return bytes(data), True
        if not chunk:
            return bytes(data), False
        data += chunk
        if len(data) > ANSWER_LIMIT_BYTES:
            raise AnswerTooLong(f"the answer is longer than {ANSWER_LIMIT_BYTES} bytes")


def _answer(data: bytes, broke: bool) -> Answer:
    head, found, rest = data.partition(_HEAD_END)
    if not found:
        raise ConnectionResetError("the connection ended before an answer began")
    first, *lines = head.decode("latin-1").split("\r\n")
    status = first.split(" ", 2)[1:2]
    if not first.startswith("HTTP/") or not status or not status[0].isdigit():
        raise ValueError(f"this is no HTTP: {first[:80]!r}")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body, whole = _dechunked(rest)
    elif "content-length" in headers:
        body, whole = rest, len(rest) >= int(headers["content-length"])
    else:
        body, whole = rest, not broke
    return Answer(int(status[0]), body, whole, headers)


def _dechunked(data: bytes) -> tuple[bytes, bool]:
    """Return the content of chunks, and whether the last of them came."""
    content = bytearray()
    while True:
        size, found, rest = data.partition(b"\r\n")
        if not found:
            return bytes(content), False
        count = int(size.split(b";")[0], 16)
        if count == 0:
            return bytes(content), True
        content += rest[:count]
        data = rest[count + 2 :]
