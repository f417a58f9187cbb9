"""Which channel a line of the server belongs to, and how it is called for people."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject

Channel: TypeAlias = tuple[str, str]
"""A kind and an id: `("session/event", session)`, `("stream", stream)`, `("answer", request)`, `("callbacks", "")`."""

_HEAD = re.compile(
    rb'\{"jsonrpc":"2\.0",(?:"id":(?P<answer>\d+|"[ !#-\[\]-~]*"),"result":'
    rb'|"method":"session/event","params":\{"session_id":"(?P<session>[ !#-\[\]-~]*)"'
    rb'|"method":"(?:session|mob)/stream_event","params":\{"stream_id":"(?P<stream>[ !#-\[\]-~]*)")'
)
"""The beginning of most lines of rkat-rpc, which says it all: such a line need not be read as a whole."""
_KINDS = {"answer": "answer", "session": "session/event", "stream": "stream"}


def channel_of(line: bytes) -> Channel:
    """Return the channel of one line. What is no message goes its own way, in order with its like."""
    head = _HEAD.match(line)
    if head is None:
        return _read(line)[0]
    group = head.lastgroup or ""
    return _KINDS[group], head[group].decode("ascii")


def name_of(line: bytes) -> str:
    """Return what to call one line."""
    return _read(line)[1]


def _read(line: bytes) -> tuple[Channel, str]:
    try:
        message: Json = json.loads(line)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        return ("junk", ""), "a line that is no message"
    method, params = message.get("method"), message.get("params")
    if method is None:
        return ("answer", json.dumps(message.get("id"))), f"the answer to request {json.dumps(message.get('id'))}"
    return _of_method(str(method), params if isinstance(params, dict) else {})


def _of_method(method: str, params: JsonObject) -> tuple[Channel, str]:
    if method == "session/event":
        return (method, str(params.get("session_id"))), f"{_kind(params)} of session {params.get('session_id')}"
    if method in ("session/stream_event", "mob/stream_event"):
        return ("stream", str(params.get("stream_id"))), f"{_kind(params)} of stream {params.get('stream_id')}"
    if method in ("session/stream_end", "mob/stream_end"):
        return ("stream", str(params.get("stream_id"))), f"the end of stream {params.get('stream_id')}"
    if method == "tool/execute":
        return ("callbacks", ""), f"the call of tool {params.get('name')}"
    return ("other", ""), method


def _kind(params: JsonObject) -> str:
    """Return the type of the event in a notification, however deep its envelope lies."""
    event: Json = params.get("event")
    for name in ("envelope", "payload"):
        inner = event.get(name) if isinstance(event, dict) else None
        event = inner if isinstance(inner, dict) else event
    return str(event.get("type")) if isinstance(event, dict) else "an event"
