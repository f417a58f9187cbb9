"""What a turn results in, and what can be asked of the help agent (spec 02, section 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

from meerkat.events.base import Usage
from meerkat.types.skills import SkillRuntimeDiagnostics

HelpExecutionMode = Literal["explain_only", "plan_execution"]
"""Whether help explains or also plans what to do."""


class _HelpRequestRequired(TypedDict):
    question: str


class HelpRequest(_HelpRequestRequired, total=False):
    """What `ask_help` sends."""

    prompt: str
    execution_mode: HelpExecutionMode
    model: str
    provider: str
    max_tokens: int


@dataclass(frozen=True, slots=True)
class SchemaWarning:
    """What a provider cannot do of an output schema, and where in the schema it stands."""

    provider: str = ""
    path: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class ExtractionError:
    """Why a run has no structured output; `last_output` is the text of its main answer."""

    last_output: str = ""
    attempts: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a turn resulted in: `turns` and `tool_calls` count this run, `usage` the whole session."""

    session_id: str = ""
    text: str = ""
    turns: int = 0
    tool_calls: int = 0
    usage: Usage = field(default_factory=Usage)
    terminal_cause_kind: str | None = None
    session_ref: str | None = None
    structured_output: Any = None
    extraction_error: ExtractionError | None = None
    schema_warnings: list[SchemaWarning] | None = None
    skill_diagnostics: SkillRuntimeDiagnostics | None = None
