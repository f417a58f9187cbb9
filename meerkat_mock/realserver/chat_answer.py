"""What a server hears in the stream of a chat-completions endpoint: deltas one by one, and the whole answer at the end (spec 03, 6.3)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from meerkat_mock.scenario.inline import stop_seen
from meerkat_mock.world.model import CleanCut, Complete, ModelAnswer, ModelCall, ModelUsage, ProviderFailure, Reset

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.world.model import Chunk, Ending, StopReason

SOURCE = "endpoint"
"""Where such an answer comes from."""
_FINISH = {"stop": "end_turn", "tool_calls": "tool_use", "length": "max_tokens", "content_filter": "content_filter"}


IN_STREAM_STATUS = 500
"""What an error in the middle of a stream counts as when it names no status of its own."""


@dataclass
class _CallHeard:
    """A call as far as it was heard: it comes in pieces, by its index."""

    id: list[str] = field(default_factory=lambda: [])
    name: list[str] = field(default_factory=lambda: [])
    arguments: list[str] = field(default_factory=lambda: [])


class Heard:
    """A stream as far as it was heard."""

    def __init__(self) -> None:
        self.refusal: ProviderFailure | None = None
        """Set by an error that the endpoint sends in the middle of its stream."""
        self._think: list[str] = []
        self._say: list[str] = []
        self._calls: dict[int, _CallHeard] = {}
        self._finish: str | None = None
        self._usage: JsonObject = {}

    def take(self, event: JsonObject) -> list[Chunk]:
        """Take one event of the stream and return what it shows."""
        if self.refusal is None and event.get("error") is not None:
            self.refusal = _refusal(event)
        if self.refusal is not None:
            return []
        usage = event.get("usage")
        if isinstance(usage, dict):
            self._usage = usage
        shown: list[Chunk] = []
        for choice in _objects(event.get("choices"))[:1]:
            delta = choice.get("delta")
            if isinstance(delta, dict):
                shown += self._take_delta(delta)
            if isinstance(choice.get("finish_reason"), str):
                self._finish = str(choice["finish_reason"])
        return shown

    def _take_delta(self, delta: JsonObject) -> Iterator[Chunk]:
        if isinstance(text := delta.get("reasoning_content"), str) and text:
            self._think.append(text)
            yield "reasoning_delta", text
        if isinstance(text := delta.get("content"), str) and text:
            self._say.append(text)
            yield "text_delta", text
        for call in _objects(delta.get("tool_calls")):
            index, function = call.get("index"), call.get("function")
            found = self._calls.setdefault(index if isinstance(index, int) else 0, _CallHeard())
            named: JsonObject = function if isinstance(function, dict) else {}
            for pieces, piece in ((found.id, call.get("id")), (found.name, named.get("name")), (found.arguments, named.get("arguments"))):
                pieces.append(piece if isinstance(piece, str) else "")

    def answer(self, ending: Ending | None = None, *, whole: bool = False) -> ModelAnswer:
        """Return the answer that was heard; without an `ending`, `whole` tells whether the stream ended or broke."""
        complete = ending is None and self.refusal is None and whole and self._finish is not None
        return ModelAnswer(
            think=tuple(self._think),
            say=tuple(self._say),
            calls=tuple(_call(call) for call in self._calls.values()),
            stop=self._stop() if complete else "end_turn",
            usage=self._reported() if complete else ModelUsage(0, 0),
            ending=ending or self.refusal or (Complete() if complete else CleanCut() if whole else Reset()),
            source=SOURCE,
        )

    def _stop(self) -> StopReason:
        return stop_seen(_FINISH.get(self._finish or "", ""))

    def _reported(self) -> ModelUsage:
        details = self._usage.get("prompt_tokens_details")
        cached = details.get("cached_tokens") if isinstance(details, dict) else None
        return ModelUsage(
            _count(self._usage.get("prompt_tokens")),
            _count(self._usage.get("completion_tokens")),
            cached if isinstance(cached, int) else None,
        )


def _count(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _call(heard: _CallHeard) -> ModelCall:
    own_id, name, text = ("".join(pieces) for pieces in (heard.id, heard.name, heard.arguments))
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ModelCall(own_id, name, text)
    return ModelCall(own_id, name, cast("JsonObject", value) if isinstance(value, dict) else text)


def _refusal(event: JsonObject) -> ProviderFailure:
    """Return what an error event means. Assumption: what it would have meant as the status of the answer."""
    error = event["error"]
    code = error.get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code < 600 else IN_STREAM_STATUS
    text = json.dumps(event, ensure_ascii=False)
    return ProviderFailure(status, text, text)


def _objects(value: Json) -> list[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
