"""What `session/fork_replace` puts in the place of a message: the stored form, not the one that is shown (spec 02, section 11.2)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import JsonObject, NotRequired, Rfc3339, Tag, Usize
from meerkat.wire.core import ContentBlock, ContentInput, Usage, WireRenderMetadata, WireStopReason
from meerkat.wire.messages import SystemNoticeKind, WireToolCall


class StoredSystemMessage(TypedDict):
    """A stored message of role `system` (spec 02, section 11.2)."""

    role: Literal["system"]
    content: str
    created_at: NotRequired[Rfc3339]


class StoredSystemNotice(TypedDict):
    """A stored message of role `system_notice` (spec 02, section 11.2)."""

    role: Literal["system_notice"]
    kind: SystemNoticeKind
    body: str
    created_at: NotRequired[Rfc3339]


class StoredUserMessage(TypedDict):
    """A stored message of role `user` (spec 02, section 11.2)."""

    role: Literal["user"]
    content: ContentInput
    render_metadata: NotRequired[WireRenderMetadata | None]
    created_at: NotRequired[Rfc3339]


class StoredAssistantMessage(TypedDict):
    """A stored message of the legacy role `assistant`, which needs its usage (spec 02, section 11.2)."""

    role: Literal["assistant"]
    content: str
    tool_calls: NotRequired[list[WireToolCall]]
    stop_reason: WireStopReason
    usage: Usage
    created_at: NotRequired[Rfc3339]


class StoredBlock(TypedDict):
    """A stored block of an assistant message; unknown types are refused (spec 02, section 11.2)."""

    block_type: Literal["text", "transcript", "reasoning", "tool_use", "server_tool_content", "image"]
    data: JsonObject


class StoredBlockAssistantMessage(TypedDict):
    """A stored message of role `block_assistant` (spec 02, section 11.2)."""

    role: Literal["block_assistant"]
    blocks: list[StoredBlock]
    stop_reason: WireStopReason
    created_at: NotRequired[Rfc3339]


class StoredToolResult(TypedDict):
    """What one tool call gave, as it is stored (spec 02, section 11.2)."""

    tool_use_id: str
    content: ContentInput
    is_error: NotRequired[bool]


class StoredToolResults(TypedDict):
    """A stored message of role `tool_results` (spec 02, section 11.2)."""

    role: Literal["tool_results"]
    results: list[StoredToolResult]
    created_at: NotRequired[Rfc3339]


StoredMessage: TypeAlias = Annotated[
    StoredSystemMessage | StoredSystemNotice | StoredUserMessage | StoredAssistantMessage | StoredBlockAssistantMessage | StoredToolResults,
    Tag("role", "StoredMessage"),
]
"""A message in its stored form (spec 02, section 11.2)."""


class MessageReplacement(TypedDict):
    """A whole message in place of another; their roles are not compared (spec 02, section 11.1)."""

    type: Literal["message"]
    message: StoredMessage


class UserBlockReplacement(TypedDict):
    """A block in place of one of a user message (spec 02, section 11.1)."""

    type: Literal["user_content_block"]
    block_index: Usize
    block: ContentBlock


class AssistantBlockReplacement(TypedDict):
    """A block in place of one of an assistant message (spec 02, section 11.1)."""

    type: Literal["assistant_block"]
    block_index: Usize
    block: StoredBlock


class ToolResultBlockReplacement(TypedDict):
    """A block in place of one of a tool result (spec 02, section 11.1)."""

    type: Literal["tool_result_content_block"]
    result_index: Usize
    block_index: Usize
    block: ContentBlock


Replacement: TypeAlias = Annotated[
    MessageReplacement | UserBlockReplacement | AssistantBlockReplacement | ToolResultBlockReplacement,
    Tag("type", "Replacement"),
]
"""What `session/fork_replace` puts in (spec 02, section 11.1)."""
