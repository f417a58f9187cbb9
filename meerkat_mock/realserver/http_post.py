"""One POST over plain HTTP/1.1 on a socket of its own, whose answer is handed on piece by piece while it comes.

Owns the socket and the time: how long it may stay silent, and how long the whole exchange may take. Giving it up closes the socket. What
the bytes mean is read by `http_answer`. Knows nothing of models.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import closing
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import urlsplit

from meerkat_mock.realserver.http_answer import HttpAnswer

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Mapping

T = TypeVar("T")

ANSWER_LIMIT_BYTES = 64 * 1024 * 1024
"""The longest answer that is read: as long as a line may be."""
SILENCE_LIMIT_S = 120.0
"""How long the other end may send nothing at all; a model may think for long before its first word."""
_READ_BYTES = 65536


class AnswerTooLong(ValueError):
    """The answer goes on past `ANSWER_LIMIT_BYTES`."""


class TookTooLong(Exception):
    """The other end was silent for too long (`network_timeout`), or the whole exchange took too long (`call_timeout`)."""

    def __init__(self, kind: Literal["network_timeout", "call_timeout"], limit_s: float) -> None:
        super().__init__(f"no answer for {limit_s:g} s" if kind == "network_timeout" else f"the call took more than {limit_s:g} s")
        self.kind: Literal["network_timeout", "call_timeout"] = kind
        self.limit_s = limit_s


class Post:
    """One exchange. `answer` tells status, headers and whether the body was whole, as far as it has come."""

    def __init__(
        self,
        url: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        silence_s: float = SILENCE_LIMIT_S,
        whole_s: float | None = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"{url!r} is no address of the form http://HOST:PORT/PATH")
        self.answer = HttpAnswer()
        self._address = parts.hostname, parts.port or 80
        self._request = _request(parts.netloc.rpartition("@")[2], parts.path or "/", body, headers or {})
        self._silence_s = silence_s
        self._whole_s = whole_s
        self._deadline: float | None = None

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Send, and yield the body as it comes; closing the generator closes the socket.

        Raises `OSError` when no answer begins, `ValueError` for what is no HTTP or too long, `TookTooLong`. A body that breaks off ends
        like any other: `answer.whole` tells.
        """
        loop = asyncio.get_running_loop()
        self._deadline = None if self._whole_s is None else loop.time() + self._whole_s
        with closing(await self._connected()) as connection:
            await self._timed(loop.sock_sendall(connection, self._request))
            count, broke = 0, False
            while not self.answer.whole:
                try:
                    data = await self._timed(loop.sock_recv(connection, _READ_BYTES))
                except ConnectionError:
                    # A stream of the event loop would lose at a break what it still holds; so this reads the socket itself.
                    data, broke = b"", True
                if not data:
                    self.answer.end(broke=broke)
                    return
                count += len(data)
                if count > ANSWER_LIMIT_BYTES:
                    raise AnswerTooLong(f"the answer is longer than {ANSWER_LIMIT_BYTES} bytes")
                if piece := self.answer.feed(data):
                    yield piece

    async def _connected(self) -> socket.socket:
        """Return a connection to the first address of the host that takes one."""
        loop = asyncio.get_running_loop()
        refused: OSError = OSError(f"there is no host {self._address[0]!r}")
        for family, kind, _protocol, _name, address in await self._timed(loop.getaddrinfo(*self._address, type=socket.SOCK_STREAM)):
            connection = socket.socket(family, kind)
            try:
                connection.setblocking(False)
                await self._timed(loop.sock_connect(connection, address))
            except OSError as error:
                connection.close()
                refused = error
            except BaseException:
                connection.close()
                raise
            else:
                return connection
        raise refused

    async def _timed(self, step: Awaitable[T]) -> T:
        """Wait for one step, as long as silence and the whole exchange allow."""
        limit = TookTooLong("network_timeout", self._silence_s)
        left = self._silence_s
        if self._whole_s is not None and self._deadline is not None:
            until = self._deadline - asyncio.get_running_loop().time()
            if until < left:
                limit, left = TookTooLong("call_timeout", self._whole_s), max(until, 0.0)
        try:
            return await asyncio.wait_for(step, left)
        except asyncio.TimeoutError as error:
            raise limit from error


def _request(host: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    own = {"host": host, "content-type": "application/json", "content-length": str(len(body)), "connection": "close"}
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in {**own, **headers}.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
