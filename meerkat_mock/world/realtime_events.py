"""What a realtime provider tells the server on its connection: the events, as plain values.

Only what the server looks at is here. Items are the entries of the provider's conversation, each linked to the one before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

ItemKind = Literal["user", "assistant", "tool"]
"""`tool` stands for function calls and their outputs."""
EndStatus = Literal["completed", "incomplete", "failed", "cancelled"]

NO_ACTIVE_RESPONSE = "response_cancel_not_active"
"""Code of the error that answers a cancellation of nothing."""


@dataclass(frozen=True)
class Tokens:
    """What a response cost."""

    input: int = 0
    output: int = 0
    cached: int | None = None


@dataclass(frozen=True)
class SpeechStarted:
    """Voice detection heard the user begin."""


@dataclass(frozen=True)
class SpeechCommitted:
    """The audio so far has become an item."""


@dataclass(frozen=True)
class PartialTranscript:
    """A piece of the transcript of the user's speech."""


@dataclass(frozen=True)
class UserTranscript:
    """What the user said in a spoken turn."""

    item_id: str
    previous: str | None
    text: str


@dataclass(frozen=True)
class ItemSeen:
    """`conversation.item.added` and `conversation.item.done`: an item has its place in the conversation."""

    item_id: str
    previous: str | None
    kind: ItemKind


@dataclass(frozen=True)
class OutputSeen:
    """`response.output_item.added` and `.done`: an item belongs to a response."""

    response_id: str
    item_id: str
    kind: ItemKind


@dataclass(frozen=True)
class ResponseStarted:
    """A response has begun."""

    response_id: str


@dataclass(frozen=True)
class AudioDelta:
    """A piece of spoken answer, base64 of PCM16 at 24 kHz; not decoded yet, and perhaps not decodable."""

    response_id: str
    item_id: str
    data: str


@dataclass(frozen=True)
class AnswerDelta:
    """A piece of the words of an answer: of its transcript when spoken, of the answer itself when written."""

    response_id: str
    item_id: str
    previous: str | None
    event_id: str
    text: str
    spoken: bool


@dataclass(frozen=True)
class AnswerDone:
    """All words of an item have come. The runtime makes something of it only for spoken answers."""

    response_id: str
    item_id: str
    previous: str | None
    event_id: str
    text: str
    spoken: bool


@dataclass(frozen=True)
class CallDone:
    """The model calls a tool; `arguments` is the text it wrote."""

    call_id: str
    name: str
    arguments: str


@dataclass(frozen=True)
class ResponseDone:
    """A response has ended."""

    response_id: str
    status: EndStatus
    reason: str | None
    tokens: Tokens
    calls: bool
    """True when a tool was called in it."""


@dataclass(frozen=True)
class ItemTruncated:
    """The provider has cut an item to what was heard."""

    item_id: str


@dataclass(frozen=True)
class ProviderError:
    """An error event; `type` decides what the server makes of it."""

    type: str
    message: str
    code: str | None = None


@dataclass(frozen=True)
class Ended:
    """The connection is over; `lost` when it broke instead of being closed."""

    lost: bool


@dataclass(frozen=True)
class Housekeeping:
    """An event that the server does not look at (`response.output_audio.done`, `input_audio_buffer.speech_stopped`)."""


ProviderEvent: TypeAlias = (
    SpeechStarted
    | SpeechCommitted
    | PartialTranscript
    | UserTranscript
    | ItemSeen
    | OutputSeen
    | ResponseStarted
    | AudioDelta
    | AnswerDelta
    | AnswerDone
    | CallDone
    | ResponseDone
    | ItemTruncated
    | ProviderError
    | Ended
    | Housekeeping
)
