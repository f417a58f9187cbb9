"""What all agent events share: the root class, usage, scope, and the class for what is not understood (spec 03, section 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ContentBlock = dict[str, Any]
"""One block of text, image or video as it stood on the wire; `meerkat.types.ContentBlock` has the shapes."""

ContentInput = str | list[ContentBlock]
"""Plain text, or blocks when there is more than text."""


@dataclass(frozen=True, slots=True)
class Event:
    """The root of all agent events."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that were used; the cache counts are None when the provider does not tell them."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_creation_tokens: int | None = None
    cache_read_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ScopedEvent(Event):
    """An event with the path of the agent it belongs to; `scope_path` holds the frames as sent. Never on the wire in 0.6.5."""

    scope_id: str = ""
    scope_path: list[dict[str, Any]] = field(default_factory=lambda: [])
    event: Event = field(default_factory=Event)


@dataclass(frozen=True, slots=True)
class UnknownEvent(Event):
    """An event of a type this version does not know, or (`type` is `malformed_event`) one that lacks what its type promises.

    `data` is the whole event as sent; `reason` says what is wrong with a malformed one.
    """

    type: str = ""
    data: dict[str, Any] = field(default_factory=lambda: {})
    reason: str | None = None
