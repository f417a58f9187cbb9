"""What `session/fork_replace` puts in the place of a message: the stored form, not the one that is shown (spec 02, section 11.2)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U32, U64, DateTimeText, Json, NotRequired, Tag, Usize, UuidText
from meerkat.wire.core import (
    BlobRef,
    ContentBlock,
    ContentInput,
    ProviderImageMetadata,
    RevisedPromptDisposition,
    WireRenderMetadata,
    WireStopReason,
)
from meerkat.wire.messages import (
    SystemNoticeKind,
    WireProviderMetaAnthropic,
    WireProviderMetaAnthropicCompaction,
    WireProviderMetaAnthropicRedacted,
    WireProviderMetaGemini,
    WireProviderMetaOpenAi,
    WireToolCall,
)


class StoredSystemMessage(TypedDict):
    """A stored message of role `system` (spec 02, section 11.2)."""

    role: Literal["system"]
    content: str
    created_at: NotRequired[DateTimeText]


class StoredSystemNotice(TypedDict):
    """A stored message of role `system_notice` (spec 02, section 11.2)."""

    role: Literal["system_notice"]
    kind: SystemNoticeKind
    body: str
    created_at: NotRequired[DateTimeText]


class StoredUserMessage(TypedDict):
    """A stored message of role `user` (spec 02, section 11.2)."""

    role: Literal["user"]
    content: ContentInput
    render_metadata: NotRequired[WireRenderMetadata | None]
    created_at: NotRequired[DateTimeText]


class StoredUsage(TypedDict):
    """The usage of a stored message; unlike events it may leave out the cache counts (spec 02, section 11.2)."""

    input_tokens: U64
    output_tokens: U64
    cache_creation_tokens: NotRequired[U64 | None]
    cache_read_tokens: NotRequired[U64 | None]


class StoredAssistantMessage(TypedDict):
    """A stored message of the legacy role `assistant`, which needs its usage (spec 02, section 11.2)."""

    role: Literal["assistant"]
    content: str
    tool_calls: NotRequired[list[WireToolCall]]
    stop_reason: WireStopReason
    usage: StoredUsage
    created_at: NotRequired[DateTimeText]


StoredProviderMeta: TypeAlias = Annotated[
    WireProviderMetaAnthropic
    | WireProviderMetaAnthropicRedacted
    | WireProviderMetaAnthropicCompaction
    | WireProviderMetaGemini
    | WireProviderMetaOpenAi,
    Tag("provider", "ProviderMeta"),
]
"""A provider's own data of a stored block (spec 02, section 10.4)."""


class StoredTextData(TypedDict):
    """What the model said, or thought (spec 02, section 10.4)."""

    text: str
    meta: NotRequired[StoredProviderMeta | None]


class StoredText(TypedDict):
    """A stored block of type `text` (spec 02, section 11.2)."""

    block_type: Literal["text"]
    data: StoredTextData


class StoredReasoning(TypedDict):
    """A stored block of type `reasoning` (spec 02, section 11.2)."""

    block_type: Literal["reasoning"]
    data: StoredTextData


class StoredTranscriptData(TypedDict):
    """What the model spoke, as text; its source is a plain string here (spec 02, section 11.2)."""

    text: str
    source: Literal["spoken"]
    meta: NotRequired[StoredProviderMeta | None]


class StoredTranscript(TypedDict):
    """A stored block of type `transcript` (spec 02, section 11.2)."""

    block_type: Literal["transcript"]
    data: StoredTranscriptData


class StoredToolUseData(TypedDict):
    """What the model asked a tool to do (spec 02, section 10.4)."""

    id: str
    name: str
    args: Json
    meta: NotRequired[StoredProviderMeta | None]


class StoredToolUse(TypedDict):
    """A stored block of type `tool_use` (spec 02, section 11.2)."""

    block_type: Literal["tool_use"]
    data: StoredToolUseData


class StoredServerToolContentData(TypedDict):
    """Content of a provider's own tool (spec 02, section 10.4)."""

    id: NotRequired[str | None]
    name: str
    content: Json
    meta: NotRequired[StoredProviderMeta | None]


class StoredServerToolContent(TypedDict):
    """A stored block of type `server_tool_content` (spec 02, section 11.2)."""

    block_type: Literal["server_tool_content"]
    data: StoredServerToolContentData


class StoredImageData(TypedDict):
    """An image the model made (spec 02, section 10.4)."""

    image_id: UuidText
    blob_ref: BlobRef
    media_type: str
    width: U32
    height: U32
    revised_prompt: RevisedPromptDisposition
    meta: ProviderImageMetadata


class StoredImage(TypedDict):
    """A stored block of type `image` (spec 02, section 11.2)."""

    block_type: Literal["image"]
    data: StoredImageData


StoredBlock: TypeAlias = Annotated[
    StoredText | StoredTranscript | StoredReasoning | StoredToolUse | StoredServerToolContent | StoredImage,
    Tag("block_type", "AssistantBlock"),
]
"""A stored block of an assistant message; unknown types are refused (spec 02, section 11.2)."""


class StoredBlockAssistantMessage(TypedDict):
    """A stored message of role `block_assistant` (spec 02, section 11.2)."""

    role: Literal["block_assistant"]
    blocks: list[StoredBlock]
    stop_reason: WireStopReason
    created_at: NotRequired[DateTimeText]


class StoredToolResult(TypedDict):
    """What one tool call gave, as it is stored (spec 02, section 11.2)."""

    tool_use_id: str
    content: ContentInput
    is_error: NotRequired[bool]


class StoredToolResults(TypedDict):
    """A stored message of role `tool_results` (spec 02, section 11.2)."""

    role: Literal["tool_results"]
    results: list[StoredToolResult]
    created_at: NotRequired[DateTimeText]


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
