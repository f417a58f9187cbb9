"""A conversation as text: one line per message, who said what to whom, deltas gathered, long values cut in their middle."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meerkat_mock.journal import LiveFrame

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.journal import Journal, Line

WIDTH = 160
TAIL = 80
"""Lines shown: the end of a conversation is what a failure is about."""


def render_conversation(journal: Journal, tail: int = TAIL) -> str:
    """Return the last `tail` lines of a conversation, and say how many came before."""
    lines = list(_gathered(journal.crossings()))
    left_out = len(lines) - tail
    shown = lines[-tail:] if left_out > 0 else lines
    return "\n".join([f"... {left_out} lines before", *shown] if left_out > 0 else shown)


@dataclass(frozen=True)
class _Piece:
    """What is shown together with the pieces of the same `group` around it: text that streams, or so many bytes of audio."""

    group: tuple[str, str, str]
    """Direction, kind, and whose it is."""
    text: str = ""
    size: int = 0


def _gathered(crossings: Iterable[Line | LiveFrame]) -> Iterator[str]:
    """Yield a line per message and frame; pieces of one text, or of audio, that follow each other are one line."""
    pieces: list[_Piece] = []
    for crossing in crossings:
        piece = _of_frame(crossing) if isinstance(crossing, LiveFrame) else _of_line(crossing)
        if pieces and (piece is None or piece.group != pieces[0].group):
            yield _joined(pieces)
            pieces = []
        if piece is not None:
            pieces.append(piece)
        else:
            yield _frame(crossing) if isinstance(crossing, LiveFrame) else _described(crossing)
    if pieces:
        yield _joined(pieces)


def _of_line(line: Line) -> _Piece | None:
    message = line.message
    payload, params = _payload(message), message.get("params")
    if payload.get("type") != "text_delta" or not isinstance(params, dict):
        return None
    return _Piece(("<", "  text_delta", str(params.get("session_id"))), str(payload.get("delta")))


def _of_frame(frame: LiveFrame) -> _Piece | None:
    if isinstance(frame.data, int):
        return _Piece((">", "live audio", frame.channel), size=frame.data)
    message = frame.message
    kind = str(message.get("observation"))
    if kind in ("assistant_transcript_delta", "assistant_text_delta"):
        return _Piece(("<", f"live {kind}", frame.channel), str(message.get("delta")))
    if kind == "assistant_audio_chunk":
        return _Piece(("<", "live audio", frame.channel), size=len(str(message.get("data"))) * 3 // 4)
    return None


def _joined(pieces: list[_Piece]) -> str:
    arrow, kind, _ = pieces[0].group
    size = sum(piece.size for piece in pieces)
    shown = f"{size} bytes" if size else json.dumps("".join(piece.text for piece in pieces), ensure_ascii=False)
    return _cut(f"      {arrow} {kind} x{len(pieces)}: {shown}")


def _frame(frame: LiveFrame) -> str:
    message = frame.message
    kind = message.get("observation") or message.get("type") or ""
    rest = {key: value for key, value in message.items() if key not in ("observation", "type")}
    return _cut(f"      {'>' if frame.direction == 'in' else '<'} live {kind} {_json(rest) if message else frame.data}")


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
