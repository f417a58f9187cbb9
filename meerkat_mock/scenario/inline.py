"""Inline scripts: a prompt that carries its own rounds after `@script`, and the sister marks `@realtime` and `@oauth`.

Owns the lenient reading of them: what is not valid is passed over, never an error, for a prompt is the application's text.
Which round is due is a pure function of the conversation (`governing`); nothing is remembered here.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, cast

from meerkat_mock.scenario.kinds import is_list, is_object
from meerkat_mock.scenario.models.rounds import Call, Fail, Pace, Round, Stop, Usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from meerkat.wire.base import Json

    JsonObject = Mapping[str, Json]

SCRIPT_OVER = "(script over)"
"""What the model says once a script has no round left."""
NO_SCRIPT = "OK"
"""What the model says where no message carries a script."""
MAX_DEPTH = 64
"""Deeper JSON after a mark is passed over, like JSON that does not parse."""

_DECODER = json.JSONDecoder()
_STOPS = {"end_turn": "end_turn", "tool_use": "tool_use", "max_tokens": "max_tokens", "content_filter": "content_filter"}


class Said(NamedTuple):
    """One message of a conversation, as far as inline scripts look: role, text, and how many tool calls it makes."""

    role: str
    text: str
    calls: int = 0

    @property
    def is_answer(self) -> bool:
        """Tell whether a model request shows it as an answer: messages without text and call are omitted there."""
        return self.role in ("assistant", "block_assistant") and bool(self.text or self.calls)


@dataclass(frozen=True)
class InlineScript:
    """The script that governs a conversation, and how many answers the model has given since its message."""

    rounds: tuple[Round, ...]
    answered: int
    message: str
    """The whole text of the message that carries the script: what tells one script from another."""

    @property
    def due(self) -> Round | None:
        """Return the round that is due, None past the end."""
        return self.rounds[self.answered] if self.answered < len(self.rounds) else None


def governing(messages: Sequence[Said | tuple[str, str]]) -> InlineScript | None:
    """Return the script of the newest user message that carries one, None where none does."""
    answered = 0
    for message in reversed(messages):
        said = message if isinstance(message, Said) else Said(*message)
        if said.is_answer:
            answered += 1
        elif said.role == "user":
            rounds = script_in(said.text)
            if rounds is not None:
                return InlineScript(rounds, answered, said.text)
    return None


def governing_realtime(messages: Sequence[Said | tuple[str, str]]) -> InlineScript | None:
    """Return the script of the newest user message, None where that carries none: a realtime provider looks at no other.

    It also reports cached tokens, as `cached` in the `usage` of a round.
    """
    newest = next((index for index in reversed(range(len(messages))) if messages[index][0] == "user"), len(messages))
    script = governing(messages[newest:])
    if script is None:
        return None
    raw = raw_script_in(script.message) or []
    return replace(script, rounds=tuple(_with_cached(round_, given) for round_, given in zip(script.rounds, raw, strict=True)))


def _with_cached(given: Round, raw: JsonObject) -> Round:
    usage = raw.get("usage")
    cached = usage.get("cached") if isinstance(usage, dict) else None
    if given.usage is None or not isinstance(cached, int) or isinstance(cached, bool) or cached < 0:
        return given
    return given.model_copy(update={"usage": given.usage.model_copy(update={"cache_read": cached})})


def since_script(messages: Sequence[JsonObject]) -> Sequence[JsonObject]:
    """Return the history from the newest user message on that carries a script, nothing where none does: the rest governs nothing."""
    for index in reversed(range(len(messages))):
        message = messages[index]
        if message.get("role") == "user" and script_in(text_of(message.get("content"))) is not None:
            return messages[index:]
    return ()


def conversation(messages: Sequence[JsonObject]) -> list[Said]:
    """Return messages in the shape of `session/history` (spec 02, section 10.2) as inline scripts see them."""
    return [said_in(message) for message in messages]


def said_in(message: JsonObject) -> Said:
    """Return one message of the history as inline scripts see it."""
    role = str(message.get("role"))
    if role != "block_assistant":
        calls = message.get("tool_calls")
        return Said(role, text_of(message.get("content")), len(calls) if isinstance(calls, list) else 0)
    texts: list[str] = []
    count = 0
    for block in _objects(message.get("blocks")):
        data = block.get("data")
        if block.get("block_type") in ("text", "transcript") and isinstance(data, dict):
            texts.append(str(data.get("text", "")))
        count += block.get("block_type") == "tool_use"
    return Said(role, "".join(texts), count)


def text_of(content: Json) -> str:
    """Return the text of a message's content: a text, or the text blocks joined by newlines."""
    if isinstance(content, str):
        return content
    return "\n".join(str(block.get("text", "")) for block in _objects(content) if block.get("type") == "text")


def _objects(value: Json) -> Iterator[JsonObject]:
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def script_in(text: str) -> tuple[Round, ...] | None:
    """Return the rounds of the first `@script` in `text` that a JSON list of rounds follows, None if there is none."""
    return _script_in(text) if "@script" in text else None


@lru_cache(maxsize=256)
def _script_in(text: str) -> tuple[Round, ...] | None:
    rounds = raw_script_in(text)
    return None if rounds is None else tuple(lenient_round(item) for item in rounds)


def raw_script_in(text: str) -> list[JsonObject] | None:
    """Return the rounds as the plain data that was written; live channels know more keys than `Round`."""
    for value in _values_after(text, "@script"):
        if isinstance(value, list) and all(isinstance(item, dict) for item in value):
            return cast("list[JsonObject]", value)
    return None


def realtime_in(system_prompt: str) -> JsonObject | None:
    """Return the object after the first `@realtime` of a system prompt that one follows: `heard`, `vad_bytes`."""
    return _object_after(system_prompt, "@realtime")


def oauth_in(code: str) -> JsonObject | None:
    """Return the object after the first `@oauth` of a login code that one follows: `json`, or `status` and `body`."""
    return _object_after(code, "@oauth")


def _object_after(text: str, mark: str) -> JsonObject | None:
    return next((value for value in _values_after(text, mark) if isinstance(value, dict)), None)


def _values_after(text: str, mark: str) -> Iterator[Json]:
    """Yield the JSON values that stand directly behind each `mark`; a mark inside such a value belongs to the value."""
    start = text.find(mark)
    while start >= 0:
        end = start + len(mark)
        try:
            value, end = _DECODER.raw_decode(text, end)
        except (ValueError, RecursionError):
            pass
        else:
            if _depth_within(value, MAX_DEPTH):
                yield cast("Json", value)
        start = text.find(mark, end)


def _depth_within(value: object, limit: int) -> bool:
    if limit == 0:
        return not isinstance(value, (list, dict))
    inner = value.values() if is_object(value) else value if is_list(value) else ()
    return all(_depth_within(item, limit - 1) for item in inner)


def lenient_round(raw: JsonObject) -> Round:
    """Return a round of plain data; keys that are unknown there or hold no usable value are passed over."""
    attempts = [lenient_round(item) for item in _objects(raw.get("attempts"))]
    if attempts:
        return Round(attempts=tuple(item.attempts[-1] if item.attempts else item for item in attempts))
    fail = raw.get("fail")
    if fail is not None:
        return _with_pace(raw, {"fail": _fail(fail)})
    fields: dict[str, object] = {"say": _chunks(raw.get("say")), "think": _chunks(raw.get("think"))}
    calls = tuple(_calls(raw.get("call")))
    if calls:
        fields["call"] = calls
    if isinstance(raw.get("stop"), str):
        fields["stop"] = stop_seen(str(raw["stop"]))
    if isinstance(raw.get("usage"), dict):
        fields["usage"] = _usage(cast("JsonObject", raw["usage"]))
    cut = raw.get("cut")
    if isinstance(cut, int) and not isinstance(cut, bool):
        fields["cut"] = max(cut, 0)
    return _with_pace(raw, fields)


def stop_seen(stop: str) -> Stop:
    """Return the stop reason that the runtime makes of what a chat-completions provider sends (spec 03, 3.2)."""
    return cast("Stop", _STOPS.get(stop, "end_turn"))


def _with_pace(raw: JsonObject, fields: dict[str, object]) -> Round:
    pace = raw.get("pace")
    if isinstance(pace, dict):
        fields["pace"] = Pace(first=_seconds(pace.get("first")), each=_seconds(pace.get("each")))
    return Round.model_validate(fields)


def _seconds(value: Json) -> float | str:
    try:
        return Pace.model_validate({"first": value}).first
    except ValueError:
        return 0


def _chunks(value: Json) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(item if isinstance(item, str) else json.dumps(item) for item in value)
    return (value,) if isinstance(value, str) else ()


def _calls(value: Json) -> Iterator[Call]:
    for item in _objects(value):
        if not isinstance(item.get("tool"), str) or not item["tool"]:
            continue
        args = item.get("args", {})
        fields: dict[str, object] = {"tool": item["tool"], "args": args if isinstance(args, (dict, str)) else json.dumps(args)}
        if isinstance(item.get("id"), str) and item["id"]:
            fields["id"] = item["id"]
        yield Call.model_validate(fields)


def _usage(raw: JsonObject) -> Usage:
    known = {key: raw[key] for key in ("input", "output") if isinstance(raw.get(key), int) and not isinstance(raw[key], bool)}
    return Usage.model_validate({key: max(cast("int", value), 0) for key, value in known.items()})


def _fail(raw: Json) -> Fail:
    given = raw if isinstance(raw, dict) else {}
    fields = {key: given[key] for key in ("status", "message") if key in given}
    try:
        return Fail.model_validate({"status": 500, **fields})
    except ValueError:
        return Fail(status=500)


def failure_body(message: str) -> str:
    """Return the HTTP body of a scripted failure, spaces included: it is quoted in `retrying` and `extraction_error`."""
    return json.dumps({"error": {"message": message, "type": "scripted", "code": "scripted"}})
