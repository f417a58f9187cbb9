"""Words that several surfaces share: content blocks, token counts, keys of skills and credentials, versions, and the handshake.

Owns what has no surface of its own; imports no other surface.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import I64, U32, U64, Json, NotRequired, Retired, SkillName, SkillSourceUuid, Slug, Tag, Untagged

Provider: TypeAlias = Literal["anthropic", "open_a_i", "gemini", "self_hosted", "other"]
"""Where a model lives, in the spelling of the enumeration itself: the odd `open_a_i` is real (spec 02, section 6)."""

WireHandlingMode: TypeAlias = Literal["queue", "steer"]
"""Whether an input waits for its turn or steers the running one (spec 05, section 7.3)."""

HookPoint: TypeAlias = Literal[
    "run_started",
    "run_completed",
    "run_failed",
    "pre_llm_request",
    "post_llm_response",
    "pre_tool_execution",
    "post_tool_execution",
    "turn_boundary",
]
"""Where in a run a hook is asked (spec 03, section 3.4)."""

WireRenderClass: TypeAlias = Literal[
    "user_prompt",
    "peer_message",
    "peer_request",
    "peer_response",
    "external_event",
    "flow_step",
    "continuation",
    "system_notice",
    "tool_scope_notice",
    "ops_progress",
]
"""What kind of input is shown."""

WireRenderSalience: TypeAlias = Literal["background", "normal", "important", "urgent"]
"""How much an input stands out."""

TurnTerminalCauseKind: TypeAlias = Literal[
    "unknown",
    "hook_denied",
    "hook_failure",
    "llm_failure",
    "tool_failure",
    "structured_output_validation_failed",
    "budget_exhausted",
    "time_budget_exceeded",
    "retry_exhausted",
    "turn_limit_reached",
    "runtime_apply_failure",
    "fatal_failure",
]
"""What ended a turn early; a result carries only `budget_exhausted` (spec 02, section 6)."""

WireStopReason: TypeAlias = Literal["end_turn", "tool_use", "max_tokens", "stop_sequence", "content_filter", "cancelled"]
"""Why the model stopped (spec 02, section 10.2)."""

RevisedPromptSource: TypeAlias = Literal["provider", "meerkat_projection"]
"""Who revised an image prompt."""


class SkillKey(TypedDict):
    """What names a skill: its source and its slug (spec 02, section 16.4)."""

    source_uuid: SkillSourceUuid
    skill_name: SkillName


class AuthBindingRef(TypedDict):
    """Which credentials to use, each part a slug (spec 02, section 16.7)."""

    realm: Slug
    binding: Slug
    profile: NotRequired[Slug | None]


class TextBlock(TypedDict):
    """A block of a prompt: text (spec 02, section 16.1)."""

    type: Literal["text"]
    text: str


class InlineImageBlock(TypedDict):
    """A picture, inline (spec 02, section 16.1)."""

    type: Literal["image"]
    media_type: str
    source: Literal["inline"]
    data: str


class BlobImageBlock(TypedDict):
    """A picture, blob (spec 02, section 16.1)."""

    type: Literal["image"]
    media_type: str
    source: Literal["blob"]
    blob_id: str


class VideoBlock(TypedDict):
    """A block of a prompt: video (spec 02, section 16.1)."""

    type: Literal["video"]
    media_type: str
    duration_ms: U64
    source: Literal["inline"]
    data: str


class ContractVersion(TypedDict):
    """The version of the contract as an object; `initialize` alone gives it as text (spec 01, section 6.1)."""

    major: U32
    minor: U32
    patch: U32


class Usage(TypedDict):
    """Tokens as events count them: the cache counts are always there, null when unknown, and there is no total (spec 03, section 3.1)."""

    input_tokens: U64
    output_tokens: U64
    cache_creation_tokens: U64 | None
    cache_read_tokens: U64 | None


class WireUsage(TypedDict):
    """Tokens as results count them: with a total, the cache counts left out when unknown (spec 02, section 6)."""

    input_tokens: U64
    output_tokens: U64
    total_tokens: U64
    cache_creation_tokens: NotRequired[U64]
    cache_read_tokens: NotRequired[U64]


class BlobRef(TypedDict):
    """Where the bytes of an image are kept (spec 02, section 15)."""

    blob_id: str
    media_type: str


class ProviderImageMetadataNotEmitted(TypedDict):
    """Data of an image, provider `not_emitted` (spec 02, section 15.4)."""

    provider: Literal["not_emitted"]


class ProviderImageMetadataOpenAi(TypedDict):
    """Data of an image, provider `open_ai` (spec 02, section 15.4)."""

    provider: Literal["open_ai"]


class ProviderImageMetadataGemini(TypedDict):
    """Data of an image, provider `gemini` (spec 02, section 15.4)."""

    provider: Literal["gemini"]


class RevisedPromptDispositionNotRequested(TypedDict):
    """A prompt that was not_requested (spec 02, section 15.4)."""

    disposition: Literal["not_requested"]


class RevisedPromptDispositionUnsupportedByBackend(TypedDict):
    """A prompt that was unsupported_by_backend (spec 02, section 15.4)."""

    disposition: Literal["unsupported_by_backend"]


class RevisedPromptDispositionUnchanged(TypedDict):
    """A prompt that was unchanged (spec 02, section 15.4)."""

    disposition: Literal["unchanged"]


class RevisedPromptDispositionRevised(TypedDict):
    """A prompt that was revised (spec 02, section 15.4)."""

    disposition: Literal["revised"]
    text: PromptText
    source: RevisedPromptSource


class SchemaWarning(TypedDict):
    """A part of an output schema that a provider cannot express (spec 02, section 6)."""

    provider: Provider
    path: str
    message: str


class PromptText(TypedDict):
    """A text of an image prompt (spec 02, section 15.3)."""

    content: str


WireRenderMetadata = TypedDict(
    "WireRenderMetadata",
    {
        "class": "WireRenderClass",
        "salience": "NotRequired[WireRenderSalience | None]",
    },
)
"""How an input is shown to the model (spec 04)."""


ImageBlock: TypeAlias = Annotated[
    InlineImageBlock | BlobImageBlock,
    Tag("source", "ImageBlock"),
]
"""A picture, inline or in the blob store; history always shows the latter (spec 02, section 10.3)."""

ContentBlock: TypeAlias = Annotated[
    TextBlock | ImageBlock | VideoBlock,
    Tag("type", "ContentBlock"),
]
"""One block of a prompt or of a tool result (spec 02, section 16.1)."""

ContentInput: TypeAlias = Annotated[str | list[ContentBlock], Untagged("ContentInput")]
"""A prompt: text, or blocks (spec 02, section 16.1)."""

ProviderImageMetadata: TypeAlias = Annotated[
    ProviderImageMetadataNotEmitted | ProviderImageMetadataOpenAi | ProviderImageMetadataGemini,
    Tag("provider", "ProviderImageMetadata"),
]
"""A provider's own data of a generated image (spec 02, section 15.4)."""

RevisedPromptDisposition: TypeAlias = Annotated[
    RevisedPromptDispositionNotRequested
    | RevisedPromptDispositionUnsupportedByBackend
    | RevisedPromptDispositionUnchanged
    | RevisedPromptDispositionRevised,
    Tag("disposition", "RevisedPromptDisposition"),
]
"""What became of the prompt of a generated image (spec 02, section 15.4)."""


class ServerInfo(TypedDict):
    """Who serves: `meerkat-rpc`, not the name of the executable (spec 01, section 6.1)."""

    name: str
    version: str


class InitializeResult(TypedDict):
    """The result of `initialize`; the contract's version is text here alone (spec 01, section 6.1)."""

    server_info: ServerInfo
    contract_version: str
    methods: list[str]


class SkillRefStructured(TypedDict):
    """A skill by its key (spec 02, section 16.4)."""

    kind: Literal["structured"]
    source_uuid: SkillSourceUuid
    skill_name: SkillName


SkillRef: TypeAlias = Annotated[SkillRefStructured, Tag("kind", "SkillRef")]
"""A reference to a skill in params; there is one kind (spec 02, section 16.4)."""


class CancelParams(TypedDict):
    """Params of the notification `cancel`; the id must equal the request's in type and value (spec 01, section 7)."""

    request_id: I64 | str


WireProvider: TypeAlias = Literal["anthropic", "openai", "gemini", "self_hosted", "other", "unknown"]
"""Where a model lives, in the spelling of nearly everything."""


class UnknownBlock(TypedDict):
    """A block of a transcript that this server does not know (spec 02, section 10.3)."""

    type: Literal["unknown"]


WireContentBlock: TypeAlias = Annotated[TextBlock | ImageBlock | VideoBlock | UnknownBlock, Tag("type", fallback="unknown")]
"""One block of a transcript (spec 02, section 10.3)."""

WireContentInput: TypeAlias = Annotated[str | list[WireContentBlock], Untagged("WireContentInput")]
"""Text, or blocks of a transcript; exactly one text block is collapsed to text (spec 02, section 10.2)."""


RetiredSkillReferences: TypeAlias = Annotated[Json, Retired("skill_references is retired; use structured skill_refs")]
"""A field of old: any value is refused (spec 02, section 2.1)."""
