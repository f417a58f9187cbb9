"""Turns: their params, their result, interrupting them (spec 02, sections 3, 4 and 6)."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from meerkat.wire.base import U32, U64, Json, NotRequired, Uuid
from meerkat.wire.core import (
    AuthBindingRef,
    ContentInput,
    RetiredSkillReferences,
    SchemaWarning,
    SkillKey,
    SkillRef,
    TurnTerminalCauseKind,
    WireUsage,
)

SourceHealthState: TypeAlias = Literal["healthy", "degraded", "unhealthy"]
"""The health of the skill sources in a word (spec 05, section 5.4)."""


class TurnToolOverlay(TypedDict):
    """Tools allowed or blocked for one turn; null changes nothing (spec 02, section 16.9)."""

    allowed_tools: NotRequired[list[str] | None]
    blocked_tools: NotRequired[list[str] | None]


class WireRunResult(TypedDict):
    """The result of a run (spec 02, section 6)."""

    session_id: Uuid
    text: str
    turns: U32
    tool_calls: U32
    usage: WireUsage
    extraction_error: NotRequired[ExtractionError]
    schema_warnings: NotRequired[list[SchemaWarning]]
    session_ref: NotRequired[str]
    skill_diagnostics: NotRequired[SkillRuntimeDiagnostics]
    structured_output: NotRequired[Json]
    terminal_cause_kind: NotRequired[TurnTerminalCauseKind]


class ExtractionError(TypedDict):
    """Why no structured output could be extracted (spec 02, section 7)."""

    last_output: str
    attempts: U32
    reason: str


class SkillRuntimeDiagnostics(TypedDict):
    """The health of the skill sources; present by default (spec 02, section 6)."""

    source_health: SourceHealthSnapshot
    quarantined: list[SkillQuarantineDiagnostic]


class SourceHealthSnapshot(TypedDict):
    """The health of the skill sources, counted (spec 05, section 5.4)."""

    state: SourceHealthState
    invalid_ratio: float
    invalid_count: U32
    total_count: U32
    failure_streak: U32
    handshake_failed: bool


class SkillQuarantineDiagnostic(TypedDict):
    """A skill that could not be read (spec 05, section 5.4)."""

    key: SkillKey
    location: str
    error_code: str
    error_class: str
    message: str
    first_seen_unix_secs: U64
    last_seen_unix_secs: U64


class StartTurnParams(TypedDict):
    """Params of `turn/start` (spec 02, section 3.1)."""

    session_id: str
    prompt: ContentInput
    skill_refs: NotRequired[list[SkillRef] | None]
    skill_references: NotRequired[RetiredSkillReferences]
    flow_tool_overlay: NotRequired[TurnToolOverlay | None]
    # Accepted, and read by nothing.
    additional_instructions: NotRequired[list[str] | None]
    keep_alive: NotRequired[bool | None]
    model: NotRequired[str | None]
    provider: NotRequired[str | None]
    # The four fields that belong to the building of a session are always refused here.
    max_tokens: NotRequired[U32 | None]
    system_prompt: NotRequired[str | None]
    output_schema: NotRequired[Json]
    structured_output_retries: NotRequired[U32]
    provider_params: NotRequired[Json]
    clear_provider_params: NotRequired[bool]
    auth_binding: NotRequired[AuthBindingRef | None]
    clear_auth_binding: NotRequired[bool]


class InterruptParams(TypedDict):
    """Params of `turn/interrupt` (spec 02, section 4)."""

    session_id: str


class InterruptResult(TypedDict):
    """The result of `turn/interrupt`, the same when nothing ran (spec 02, section 4)."""

    interrupted: bool
