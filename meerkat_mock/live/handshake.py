"""The HTTP side of a live socket: which upgrades are accepted, and the server's words for those that are not (spec 07, section 4.1)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH = "/live/ws"
MAX_HEAD_BYTES = 64 * 1024
_ACCEPT_SUFFIX = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_REASONS = {400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}
_NO_BODY = ""


@dataclass(frozen=True)
class Upgrade:
    """An accepted request: what it asked for, and the bytes of the answer."""

    token: str
    channel: str
    audio_format: str | None
    answer: bytes


@dataclass(frozen=True)
class Refusal:
    """A refused request: status, headers and body of the answer."""

    status: int
    body: str = _NO_BODY
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None

    def answer(self) -> bytes:
        """Return the bytes of the answer."""
        size = len(self.body.encode()) if self.length is None else self.length
        head = [f"HTTP/1.1 {self.status} {_REASONS[self.status]}", *(f"{name}: {value}" for name, value in self.headers)]
        return "\r\n".join([*head, f"content-length: {size}", "", self.body]).encode()


class _BadQuery(Exception):
    """A query string that does not hold what it must."""


def answer_to(head: bytes) -> Upgrade | Refusal | None:
    """Return what becomes of a request, given its head up to the empty line; None for what is no HTTP."""
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        return None
    headers = {name.strip().lower(): value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon}
    path, _, query = parts[1].partition("?")
    if path != PATH:
        return Refusal(404)
    if parts[0] not in ("GET", "HEAD"):
        return Refusal(405, headers=(("allow", "GET,HEAD"),))
    try:
        wanted = _query(query)
    except _BadQuery as bad:
        return _text(400, f"Failed to deserialize query string: {bad}")
    if parts[0] == "HEAD":
        return _text(405, "Request method must be `GET`", shown=False)
    fault = _fault(headers)
    if fault is not None:
        return _text(400, fault)
    answer = (
        "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        f"sec-websocket-accept: {_accepted(headers['sec-websocket-key'])}\r\n\r\n"
    )
    return Upgrade(wanted["token"], wanted["channel"], wanted.get("format"), answer.encode())


def _query(text: str) -> dict[str, str]:
    """Return the parameters that count. Raises `_BadQuery` for one that is there twice, then for a missing one."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in ("token", "channel", "format"):
            continue
        if name in found:
            raise _BadQuery(f"duplicate field `{name}`")
        found[name] = value
    for name in ("token", "channel"):
        if name not in found:
            raise _BadQuery(f"missing field `{name}`")
    return found


def _fault(headers: Mapping[str, str]) -> str | None:
    if "upgrade" not in headers.get("connection", "").lower():
        return "Connection header did not include 'upgrade'"
    if headers.get("upgrade", "").lower() != "websocket":
        return "`Upgrade` header did not include 'websocket'"
    if headers.get("sec-websocket-version") != "13":
        return "`Sec-WebSocket-Version` header did not include '13'"
    if "sec-websocket-key" not in headers:
        return "`Sec-WebSocket-Key` header missing"
    return None


def _text(status: int, body: str, *, shown: bool = True) -> Refusal:
    return Refusal(status, body if shown else _NO_BODY, (("content-type", "text/plain; charset=utf-8"),), len(body.encode()))


def _accepted(key: str) -> str:
    return base64.b64encode(hashlib.sha1(key.encode() + _ACCEPT_SUFFIX, usedforsecurity=False).digest()).decode()
