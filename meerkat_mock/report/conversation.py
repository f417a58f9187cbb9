"""A conversation as text: one line per message, who said what to whom, deltas gathered, long values cut in their middle."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.journal import Journal, Line

WIDTH = 160
TAIL = 80
"""Lines shown: the end of a conversation is what a failure is about."""


def render_conversation(journal: Journal, tail: int = TAIL) -> str:
    """Return the last `tail` lines of a conversation, and say how many came before."""
    lines = list(_gathered(journal))
    left_out = len(lines) - tail
    shown = lines[-tail:] if left_out > 0 else lines
    return "\n".join([f"... {left_out} lines before", *shown] if left_out > 0 else shown)


def _gathered(lines: Iterable[Line]) -> Iterator[str]:
    """Yield a line per message, with the text deltas of one session that follow each other as one line."""
    deltas: list[str] = []
    speaker = ""
    for line in lines:
        message = line.message
        payload = _payload(message)
        if payload.get("type") == "text_delta":
            if speaker != (speaker := _speaker(message)):
                yield from _flushed(deltas)
            deltas.append(str(payload.get("delta")))
            continue
        yield from _flushed(deltas)
        yield _described(line)
    yield from _flushed(deltas)


def _speaker(message: JsonObject) -> str:
    params = message.get("params")
    return str(params.get("session_id")) if isinstance(params, dict) else ""


def _flushed(deltas: list[str]) -> Iterator[str]:
    if deltas:
        yield _cut(f"      <   text_delta x{len(deltas)}: {json.dumps(''.join(deltas), ensure_ascii=False)}")
        deltas.clear()


def _payload(message: JsonObject) -> JsonObject:
    params = message.get("params")
    event = params.get("event") if isinstance(params, dict) else None
    payload = event.get("payload") if isinstance(event, dict) else None
    return payload if isinstance(payload, dict) else {}


def _described(line: Line) -> str:
    message = line.message
    arrow = ">" if line.direction == "in" else "<"
    head = f"{line.number:5} {arrow} " + (f"[{line.mark}] " if line.mark else "")
    if not message:
        return _cut(f"{head}{line.text}")
    payload = _payload(message)
    if payload:
        rest = {key: value for key, value in payload.items() if key not in ("type", "session_id")}
        return _cut(f"{head}  {payload.get('type')} {_json(rest)}")
    if "method" in message:
        return _cut(f"{head}{message['method']} {_id(message)}{_json(message.get('params', {}))}")
    kind = "error" if "error" in message else "result"
    return _cut(f"{head}{kind} {_id(message)}{_json(message.get(kind))}")


def _id(message: JsonObject) -> str:
    return f"#{json.dumps(message['id'])} " if "id" in message else ""


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cut(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 50]} ... {text[-45:]}"
