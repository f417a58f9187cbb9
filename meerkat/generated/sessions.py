"""The flat contract names of sessions: run results, messages and their blocks, summaries, streams."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypedDict

from meerkat.generated.content import WireContentInput, WireToolResultContent
from meerkat.generated.models import WireResolvedModelCapabilities
from meerkat.wire.core import WireStopReason
from meerkat.wire.messages import (
    WireAssistantBlockImage,
    WireAssistantBlockReasoning,
    WireAssistantBlockServerToolContent,
    WireAssistantBlockText,
    WireAssistantBlockToolUse,
    WireAssistantBlockTranscript,
    WireAssistantBlockUnknown,
    WireTranscriptSourceSpoken,
    WireTranscriptSourceUnknown,
)


@dataclass
class WireUsage:
    """Tokens that were used; the cache counts are None when the provider does not tell them."""

    input_tokens: int = 0
    output_tokens: int = 0
    total_tokens: int = 0
    cache_creation_tokens: int | None = None
    cache_read_tokens: int | None = None


@dataclass
class WireRunResult:
    """Result of a turn."""

    session_id: str = ""
    session_ref: str | None = None
    text: str = ""
    turns: int = 0
    tool_calls: int = 0
    usage: WireUsage | None = None
    terminal_cause_kind: str | None = None
    structured_output: Any = None
    extraction_error: dict[str, Any] | None = None
    schema_warnings: list[Any] | None = None
    skill_diagnostics: dict[str, Any] | None = None


@dataclass
class WireProviderMeta:
    """Which provider made a block."""

    provider: str = ""


@dataclass
class WireToolCall:
    """A call that the model asked for."""

    id: str = ""
    name: str = ""
    args: Any = None


@dataclass
class WireToolResult:
    """The result of a tool call as the model sees it."""

    tool_use_id: str = ""
    content: WireToolResultContent | None = None
    is_error: bool | None = None


@dataclass
class WireSessionMessage:
    """One message of a session; which fields are set depends on its role."""

    role: str = ""
    created_at: str = ""
    content: WireContentInput | None = None
    tool_calls: list[WireToolCall] | None = None
    stop_reason: WireStopReason | None = None
    blocks: list[WireAssistantBlock] | None = None
    results: list[WireToolResult] | None = None


@dataclass
class WireSessionHistory:
    """Result of `session/history`."""

    session_id: str = ""
    session_ref: str | None = None
    message_count: int = 0
    offset: int = 0
    limit: int | None = None
    has_more: bool = False
    messages: list[WireSessionMessage] = field(default_factory=lambda: [])


@dataclass
class CommsParams:
    """The part of a create that joins a session to comms."""

    keep_alive: bool | None = None
    comms_name: str | None = None
    peer_meta: dict[str, Any] | None = None


@dataclass
class SkillsParams:
    """The part of a create that selects skills."""

    skills_enabled: bool = False
    skill_refs: list[dict[str, str]] = field(default_factory=lambda: [])


@dataclass
class SessionStreamOpenParams:
    """Params of `session/stream_open`."""

    session_id: str


@dataclass
class SessionStreamOpenResult:
    """Result of `session/stream_open`."""

    opened: bool
    session_id: str
    stream_id: str


@dataclass
class SessionStreamCloseParams:
    """Params of `session/stream_close`."""

    stream_id: str


@dataclass
class SessionStreamCloseResult:
    """Result of `session/stream_close`."""

    already_closed: bool
    closed: bool
    stream_id: str


@dataclass
class WireSessionInfo:
    """Result of `session/read`."""

    created_at: int
    is_active: bool
    message_count: int
    model: str
    provider: str
    session_id: str
    updated_at: int
    labels: dict[str, str] | None = None
    last_assistant_text: str | None = None
    resolved_capabilities: WireResolvedModelCapabilities | None = None
    session_ref: str | None = None


@dataclass
class WireSessionSummary:
    """One session in a list; times are Unix seconds."""

    created_at: int
    is_active: bool
    message_count: int
    session_id: str
    total_tokens: int
    updated_at: int
    labels: dict[str, str] | None = None
    session_ref: str | None = None


WireTranscriptSource = WireTranscriptSourceSpoken | WireTranscriptSourceUnknown
"""Where the text of a block comes from."""


class _WireAssistantBlockTextDataRequired(TypedDict):
    text: str


class WireAssistantBlockTextData(_WireAssistantBlockTextDataRequired, total=False):
    """Text that the model wrote."""

    meta: dict[str, Any]


class _WireAssistantBlockTranscriptDataRequired(TypedDict):
    source: WireTranscriptSource
    text: str


class WireAssistantBlockTranscriptData(_WireAssistantBlockTranscriptDataRequired, total=False):
    """Text that the model spoke."""

    meta: dict[str, Any]


class WireAssistantBlockReasoningData(TypedDict, total=False):
    """Reasoning of the model."""

    meta: dict[str, Any]
    text: str


class _WireAssistantBlockToolUseDataRequired(TypedDict):
    args: Any
    id: str
    name: str


class WireAssistantBlockToolUseData(_WireAssistantBlockToolUseDataRequired, total=False):
    """A call that the model asked for."""

    meta: dict[str, Any]


class _WireAssistantBlockServerToolContentDataRequired(TypedDict):
    content: Any
    name: str


class WireAssistantBlockServerToolContentData(_WireAssistantBlockServerToolContentDataRequired, total=False):
    """What a tool of the provider put into the answer."""

    id: str
    meta: dict[str, Any]


WireAssistantBlock = (
    WireAssistantBlockText
    | WireAssistantBlockTranscript
    | WireAssistantBlockReasoning
    | WireAssistantBlockToolUse
    | WireAssistantBlockServerToolContent
    | WireAssistantBlockImage
    | WireAssistantBlockUnknown
)
"""One block of an answer."""
