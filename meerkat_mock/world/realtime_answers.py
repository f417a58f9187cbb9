"""What the realtime model says: one value per response, and where it comes from when nobody wrote a scenario.

Inline scripts of live channels differ from those of ordinary turns: the newest user item alone governs, and the keys are their own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, cast

from meerkat_mock.scenario.inline import NO_SCRIPT, SCRIPT_OVER, raw_script_in, realtime_in
from meerkat_mock.world.realtime_events import EndStatus, ProviderError, Tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meerkat.wire.base import Json

DEFAULT_TOKENS = Tokens(10, 5)
DEFAULT_VAD_BYTES = 4800
"""How many bytes of audio make a spoken turn when nobody says: a tenth of a second."""
DEFAULT_HEARD = "(speech)"
_SAMPLES_PER_CHUNK = 4
_STATUSES: tuple[EndStatus, ...] = ("completed", "incomplete", "failed", "cancelled")


@dataclass(frozen=True)
class SpokenChunk:
    """A piece of an answer: its words, and its audio as PCM16 at 24 kHz when it is spoken."""

    text: str
    audio: bytes = b""
    pause: float = 0.0
    """Seconds before it, beside what the whole answer has before each chunk."""


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool; `arguments` is the text that goes out."""

    tool: str
    arguments: str
    id: str | None = None


@dataclass(frozen=True)
class BargeIn:
    """The user begins to speak when `played` seconds of this answer have been heard."""

    played: float


@dataclass(frozen=True)
class Answer:
    """One response of the model."""

    say: tuple[SpokenChunk, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    written: bool | None = None
    """None: as the server asks for it."""
    tokens: Tokens = DEFAULT_TOKENS
    first: float = 0.0
    """Seconds before anything comes."""
    each: float = 0.0
    """Seconds before each chunk."""
    last: float = 0.0
    """Seconds after everything was said, before the response ends."""
    silent: bool = False
    """True: the model does not respond at all."""
    paced_by_playing: bool = False
    """True: each chunk comes when the one before it has been played."""
    barge_in: BargeIn | None = None
    fails: ProviderError | None = None
    """The error that comes after the words, in place of the end."""
    cut: int | None = None
    """The connection breaks after so many events of the response."""
    bad_audio: bool = False
    status: EndStatus = "completed"
    reason: str | None = None
    then_closes: bool = False
    """True: the provider closes the connection after this answer."""


class Words(Protocol):
    """Decides what is heard and what is answered on one connection."""

    vad_bytes: int

    def heard(self) -> str:
        """Return the transcript of the next spoken turn."""
        ...

    def answer(self, text: str, number: int) -> Answer:
        """Return response `number` (from 0) to the newest user item, whose words are `text`."""
        ...


@dataclass
class InlineWords:
    """Obeys `@realtime{...}` in the system prompt and `@script[...]` in what the user says."""

    heard_texts: list[str] = field(default_factory=lambda: [])
    vad_bytes: int = DEFAULT_VAD_BYTES

    @classmethod
    def of_prompt(cls, system_prompt: str) -> InlineWords:
        """Return what a system prompt asks for; values of a wrong type are passed over."""
        given = realtime_in(system_prompt) or {}
        heard, vad = given.get("heard"), given.get("vad_bytes")
        texts = [text for text in heard if isinstance(text, str)] if isinstance(heard, list) else []
        return cls(texts, vad if isinstance(vad, int) and not isinstance(vad, bool) and vad > 0 else DEFAULT_VAD_BYTES)

    def heard(self) -> str:
        """Return the transcript of the next spoken turn."""
        return self.heard_texts.pop(0) if self.heard_texts else DEFAULT_HEARD

    def answer(self, text: str, number: int) -> Answer:
        """Return response `number` to an item with these words."""
        rounds = raw_script_in(text)
        if rounds is None:
            return Answer(say=spoken([NO_SCRIPT]))
        return answer_of(rounds[number]) if number < len(rounds) else Answer(say=spoken([SCRIPT_OVER]))


def spoken(texts: list[str]) -> tuple[SpokenChunk, ...]:
    """Return chunks with tiny audio that tells them apart: chunk n is the bytes n, 0 four times."""
    return tuple(SpokenChunk(text, bytes((number % 256, 0)) * _SAMPLES_PER_CHUNK) for number, text in enumerate(texts))


def answer_of(raw: Mapping[str, Json]) -> Answer:
    """Return an inline round as an answer; keys that hold no usable value are passed over."""
    fail, status, cut = raw.get("fail"), raw.get("status"), raw.get("cut")
    return Answer(
        say=spoken(_texts(raw.get("say"))),
        calls=tuple(_calls(raw.get("call"))),
        tokens=_tokens(raw.get("usage")),
        each=_each(raw.get("pace")),
        fails=_error(fail) if isinstance(fail, dict) else None,
        cut=cut if isinstance(cut, int) and not isinstance(cut, bool) and cut >= 0 else None,
        bad_audio=raw.get("bad_audio") is True,
        status=status if status in _STATUSES else "completed",
        reason=cast("str", raw["reason"]) if isinstance(raw.get("reason"), str) else None,
    )


def _texts(value: Json) -> list[str]:
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str)]
    return [value] if isinstance(value, str) else []


def _calls(value: Json) -> list[ToolCall]:
    calls: list[ToolCall] = []
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict) and isinstance(item.get("tool"), str):
            args, call_id = item.get("args", {}), item.get("id")
            written = args if isinstance(args, str) else json.dumps(args)
            calls.append(ToolCall(cast("str", item["tool"]), written, call_id if isinstance(call_id, str) and call_id else None))
    return calls


def _tokens(value: Json) -> Tokens:
    given = value if isinstance(value, dict) else {}
    counts = {key: count for key in ("input", "output", "cached") if isinstance(count := given.get(key), int)}
    return Tokens(counts.get("input", DEFAULT_TOKENS.input), counts.get("output", DEFAULT_TOKENS.output), counts.get("cached"))


def _each(value: Json) -> float:
    each = value.get("each") if isinstance(value, dict) else None
    return float(each) if isinstance(each, (int, float)) and each > 0 else 0.0


def _error(raw: Mapping[str, Json]) -> ProviderError:
    kind, message = raw.get("type"), raw.get("message")
    return ProviderError(kind if isinstance(kind, str) else "server_error", message if isinstance(message, str) else "scripted failure")
