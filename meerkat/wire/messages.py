"""What a session remembers: the messages of a transcript and their blocks (spec 02, section 10)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U32, Json, NotRequired, Rfc3339, Tag, Untagged, Uuid
from meerkat.wire.core import BlobRef, ProviderImageMetadata, RevisedPromptDisposition, WireContentBlock, WireContentInput, WireStopReason

SystemNoticeKind: TypeAlias = Literal[
    "generic", "mcp_pending", "background_job", "tool_scope", "tool_scope_warning", "auth_reauth_required"
]
"""What a notice in the transcript is about (spec 02, section 10.2)."""


class WireSessionMessageSystem(TypedDict):
    """A message of role `system` (spec 02, section 10.2)."""

    role: Literal["system"]
    content: str
    created_at: Rfc3339


class WireSessionMessageSystemNotice(TypedDict):
    """A message of role `system_notice` (spec 02, section 10.2)."""

    role: Literal["system_notice"]
    kind: SystemNoticeKind
    body: str
    created_at: Rfc3339


class WireSessionMessageUser(TypedDict):
    """A message of role `user` (spec 02, section 10.2)."""

    role: Literal["user"]
    content: WireContentInput
    created_at: Rfc3339


class WireSessionMessageAssistant(TypedDict):
    """A message of role `assistant` (spec 02, section 10.2)."""

    role: Literal["assistant"]
    content: str
    stop_reason: WireStopReason
    created_at: Rfc3339
    tool_calls: NotRequired[list[WireToolCall]]


class WireSessionMessageBlockAssistant(TypedDict):
    """A message of role `block_assistant` (spec 02, section 10.2)."""

    role: Literal["block_assistant"]
    blocks: list[WireAssistantBlock]
    stop_reason: WireStopReason
    created_at: Rfc3339


class WireSessionMessageToolResults(TypedDict):
    """A message of role `tool_results` (spec 02, section 10.2)."""

    role: Literal["tool_results"]
    results: list[WireToolResult]
    created_at: Rfc3339


class WireToolCall(TypedDict):
    """A tool call of a legacy assistant message (spec 02, section 10.2)."""

    id: str
    name: str
    args: Json


class WireAssistantBlockTextData(TypedDict):
    """What the model said (spec 02, section 10.4)."""

    text: str
    meta: NotRequired[WireProviderMeta]


class WireAssistantBlockText(TypedDict):
    """A block of type `text` (spec 02, section 10.4)."""

    block_type: Literal["text"]
    data: WireAssistantBlockTextData


class WireAssistantBlockTranscriptData(TypedDict):
    """What the model spoke, as text (spec 02, section 10.4)."""

    text: str
    source: WireTranscriptSource
    meta: NotRequired[WireProviderMeta]


class WireAssistantBlockTranscript(TypedDict):
    """A block of type `transcript` (spec 02, section 10.4)."""

    block_type: Literal["transcript"]
    data: WireAssistantBlockTranscriptData


class WireAssistantBlockReasoningData(TypedDict):
    """What the model thought; may be empty (spec 02, section 10.4)."""

    meta: NotRequired[WireProviderMeta]
    text: str


class WireAssistantBlockReasoning(TypedDict):
    """A block of type `reasoning` (spec 02, section 10.4)."""

    block_type: Literal["reasoning"]
    data: WireAssistantBlockReasoningData


class WireAssistantBlockToolUseData(TypedDict):
    """What the model asked a tool to do; `args` pass through untouched (spec 02, section 10.4)."""

    id: str
    name: str
    args: Json
    meta: NotRequired[WireProviderMeta]


class WireAssistantBlockToolUse(TypedDict):
    """A block of type `tool_use` (spec 02, section 10.4)."""

    block_type: Literal["tool_use"]
    data: WireAssistantBlockToolUseData


class WireAssistantBlockServerToolContentData(TypedDict):
    """Content of a provider's own tool (spec 02, section 10.4)."""

    name: str
    content: Json
    id: NotRequired[str]
    meta: NotRequired[WireProviderMeta]


class WireAssistantBlockServerToolContent(TypedDict):
    """A block of type `server_tool_content` (spec 02, section 10.4)."""

    block_type: Literal["server_tool_content"]
    data: WireAssistantBlockServerToolContentData


class WireAssistantBlockImageData(TypedDict):
    """An image the model made (spec 02, section 10.4)."""

    image_id: Uuid
    blob_ref: BlobRef
    media_type: str
    width: U32
    height: U32
    revised_prompt: RevisedPromptDisposition
    meta: ProviderImageMetadata


class WireAssistantBlockImage(TypedDict):
    """A block of type `image` (spec 02, section 10.4)."""

    block_type: Literal["image"]
    data: WireAssistantBlockImageData


class WireAssistantBlockUnknown(TypedDict):
    """A block of type `unknown` (spec 02, section 10.4)."""

    block_type: Literal["unknown"]


class WireToolResult(TypedDict):
    """What one tool call gave (spec 02, section 10.2)."""

    tool_use_id: str
    content: WireToolResultContent
    is_error: bool


class WireProviderMetaAnthropic(TypedDict):
    """Data of a block, provider `anthropic` (spec 02, section 10.4)."""

    provider: Literal["anthropic"]
    signature: str


class WireProviderMetaAnthropicRedacted(TypedDict):
    """Data of a block, provider `anthropic_redacted` (spec 02, section 10.4)."""

    provider: Literal["anthropic_redacted"]
    data: str


class WireProviderMetaAnthropicCompaction(TypedDict):
    """Data of a block, provider `anthropic_compaction` (spec 02, section 10.4)."""

    provider: Literal["anthropic_compaction"]
    content: str


class WireProviderMetaGemini(TypedDict):
    """Data of a block, provider `gemini` (spec 02, section 10.4)."""

    provider: Literal["gemini"]
    thoughtSignature: str


class WireProviderMetaOpenAi(TypedDict):
    """Data of a block, provider `open_ai` (spec 02, section 10.4)."""

    provider: Literal["open_ai"]
    id: str
    encrypted_content: NotRequired[str]
    phase: NotRequired[str]


class WireProviderMetaUnknown(TypedDict):
    """Data of a block, provider `unknown` (spec 02, section 10.4)."""

    provider: Literal["unknown"]


class WireTranscriptSourceSpoken(TypedDict):
    """Text that was spoken (spec 02, section 10.4)."""

    kind: Literal["spoken"]


class WireTranscriptSourceUnknown(TypedDict):
    """Text that was unknown (spec 02, section 10.4)."""

    kind: Literal["unknown"]
    debug: str


WireSessionMessage: TypeAlias = Annotated[
    WireSessionMessageSystem
    | WireSessionMessageSystemNotice
    | WireSessionMessageUser
    | WireSessionMessageAssistant
    | WireSessionMessageBlockAssistant
    | WireSessionMessageToolResults,
    Tag("role", "WireSessionMessage"),
]
"""One message of a transcript, told apart by `role` (spec 02, section 10.2)."""

WireAssistantBlock: TypeAlias = Annotated[
    WireAssistantBlockText
    | WireAssistantBlockTranscript
    | WireAssistantBlockReasoning
    | WireAssistantBlockToolUse
    | WireAssistantBlockServerToolContent
    | WireAssistantBlockImage
    | WireAssistantBlockUnknown,
    Tag("block_type", "WireAssistantBlock"),
]
"""One block of an assistant message (spec 02, section 10.4)."""

WireProviderMeta: TypeAlias = Annotated[
    WireProviderMetaAnthropic
    | WireProviderMetaAnthropicRedacted
    | WireProviderMetaAnthropicCompaction
    | WireProviderMetaGemini
    | WireProviderMetaOpenAi
    | WireProviderMetaUnknown,
    Tag("provider", "WireProviderMeta"),
]
"""A provider's own data of a block; opaque to clients (spec 02, section 10.4)."""

WireTranscriptSource: TypeAlias = Annotated[
    WireTranscriptSourceSpoken | WireTranscriptSourceUnknown,
    Tag("kind", "WireTranscriptSource"),
]
"""Where spoken text comes from (spec 02, section 10.4)."""

WireToolResultContent: TypeAlias = Annotated[str | list[WireContentBlock], Untagged("WireToolResultContent")]
"""Text, or blocks; exactly one text block is collapsed to text (spec 02, section 10.2)."""
