"""The transcript of a session: its messages and their parts, and what a fork can replace (spec 02, sections 10 and 11)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

from meerkat.types.content import ContentBlock, ContentInput


@dataclass(frozen=True, slots=True)
class SessionToolCall:
    """A call that the model asked for, in a message of the old `assistant` role."""

    id: str = ""
    name: str = ""
    args: Any = None


@dataclass(frozen=True, slots=True)
class SessionToolResult:
    """What a tool answered."""

    tool_use_id: str = ""
    content: ContentInput = ""
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class SessionAssistantBlock:
    """One block of an answer; which fields are set depends on `block_type`.

    `source` is the kind of a transcript's source, such as `spoken`. `content` is that of a provider's own tool; `data` is the payload of
    the block as sent, so that a block of a type this version does not know keeps what it said.
    """

    block_type: str = ""
    text: str | None = None
    id: str | None = None
    name: str | None = None
    args: Any = None
    image_id: str | None = None
    blob_id: str | None = None
    media_type: str | None = None
    width: int | None = None
    height: int | None = None
    revised_prompt: dict[str, Any] | None = None
    meta: dict[str, Any] | None = None
    source: str | None = None
    content: Any = None
    data: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class SessionMessage:
    """One message; which fields are set depends on `role`. A `system_notice` has `kind` and `body`."""

    role: str = ""
    created_at: str = ""
    content: ContentInput | None = None
    tool_calls: list[SessionToolCall] = field(default_factory=lambda: [])
    stop_reason: str | None = None
    blocks: list[SessionAssistantBlock] = field(default_factory=lambda: [])
    results: list[SessionToolResult] = field(default_factory=lambda: [])
    kind: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class SessionHistory:
    """A page of the transcript, oldest first; `message_count` counts the whole of it."""

    session_id: str = ""
    session_ref: str | None = None
    message_count: int = 0
    offset: int = 0
    limit: int | None = None
    has_more: bool = False
    messages: list[SessionMessage] = field(default_factory=lambda: [])


TranscriptEditRunningBehavior = Literal["reject"]
"""What a fork does while a turn runs: it is refused."""


class TranscriptMessageReplacement(TypedDict):
    """A whole message in place of another."""

    type: Literal["message"]
    message: dict[str, Any]


class TranscriptUserContentBlockReplacement(TypedDict):
    """One block of a user message in place of another."""

    type: Literal["user_content_block"]
    block_index: int
    block: ContentBlock


class TranscriptAssistantBlockReplacement(TypedDict):
    """One block of an answer in place of another."""

    type: Literal["assistant_block"]
    block_index: int
    block: dict[str, Any]


class TranscriptToolResultContentBlockReplacement(TypedDict):
    """One block of a tool's result in place of another."""

    type: Literal["tool_result_content_block"]
    result_index: int
    block_index: int
    block: ContentBlock


TranscriptReplacement = (
    TranscriptMessageReplacement
    | TranscriptUserContentBlockReplacement
    | TranscriptAssistantBlockReplacement
    | TranscriptToolResultContentBlockReplacement
)
"""What `fork_replace` puts in place of a part of the transcript."""
