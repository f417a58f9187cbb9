"""Events of a run and of its model rounds: beginnings, ends, text, reasoning, retries, limits (spec 03, 3.1, 3.2, 3.5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from meerkat.events.base import ContentInput, Event, Usage

TurnTerminalOutcome = Literal[
    "none",
    "completed",
    "failed",
    "cancelled",
    "budget_exhausted",
    "time_budget_exceeded",
    "structured_output_validation_failed",
]
"""How a run ended, inside an error report."""

TurnTerminalCauseKind = Literal[
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
"""Why a run ended. The set is open: a later server may send another text, which arrives unchanged."""

AgentErrorClass = str
"""The class of an agent error, such as `llm`, `budget`, `hook` or `terminal`; an open set (spec 03, 3.10)."""


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """A run began with this prompt: text, or blocks when there is image or video in it."""

    session_id: str = ""
    prompt: ContentInput = ""


@dataclass(frozen=True, slots=True)
class RunCompleted(Event):
    """A run ended with an answer; `usage` counts the whole session. With `extraction_required` an extraction event follows."""

    session_id: str = ""
    result: str = ""
    usage: Usage = field(default_factory=Usage)
    terminal_cause_kind: TurnTerminalCauseKind | str | None = None
    structured_output: Any = None
    extraction_required: bool = False


@dataclass(frozen=True, slots=True)
class ExtractionSucceeded(Event):
    """The answer was brought into the asked-for schema."""

    session_id: str = ""
    structured_output: Any = None
    schema_warnings: list[Any] | None = None


@dataclass(frozen=True, slots=True)
class ExtractionFailed(Event):
    """No valid structured output after `attempts` tries; `last_output` is the text of the run's main answer."""

    session_id: str = ""
    last_output: str = ""
    attempts: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AgentErrorReason:
    """Why an agent failed: `reason_type`, the two fields of a terminal cause, and the whole reason in `raw`.

    Fields of the other reason types are read by name, as in `reason["hook_id"]`. A type this version does not know has
    `reason_type` `unknown`; `raw_reason_type` is the type as sent.
    """

    reason_type: str = "unknown"
    outcome: str | None = None
    cause_kind: str | None = None
    raw_reason_type: str | None = None
    raw: dict[str, Any] = field(default_factory=lambda: {})

    def __getitem__(self, key: str) -> Any:
        """Return a field of the reason as sent. Raises `KeyError` for one that was not."""
        return self.raw[key]

    def __contains__(self, key: object) -> bool:
        """Tell whether the reason was sent with that field."""
        return key in self.raw


@dataclass(frozen=True, slots=True)
class AgentErrorReport:
    """What a failed run says about its error; also read by wire name, as in `report["class"]`."""

    class_: AgentErrorClass = ""
    message: str = ""
    reason: AgentErrorReason | None = None

    def __getitem__(self, key: str) -> Any:
        """Return `class`, `message` or `reason`. Raises `KeyError` for another name, and for a reason that was not sent."""
        if key not in self:
            raise KeyError(key)
        return getattr(self, "class_" if key == "class" else key)

    def __contains__(self, key: object) -> bool:
        """Tell whether the report was sent with that field."""
        return key in ("class", "message") or (key == "reason" and self.reason is not None)


@dataclass(frozen=True, slots=True)
class RunFailed(Event):
    """A run ended without an answer. An interrupted run sends nothing at all."""

    session_id: str = ""
    error_class: AgentErrorClass = ""
    error: str = ""
    terminal_cause_kind: TurnTerminalCauseKind | str | None = None
    error_report: AgentErrorReport | None = None


@dataclass(frozen=True, slots=True)
class TurnStarted(Event):
    """A model round began; `turn_number` counts from 0 in each run."""

    turn_number: int = 0


@dataclass(frozen=True, slots=True)
class TurnCompleted(Event):
    """A model round ended; `usage` is that of this one model call."""

    stop_reason: str | None = None
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True, slots=True)
class TextDelta(Event):
    """A piece of the answer's text."""

    delta: str = ""


@dataclass(frozen=True, slots=True)
class TextComplete(Event):
    """All text of one model round."""

    content: str = ""


@dataclass(frozen=True, slots=True)
class ReasoningDelta(Event):
    """A piece of the model's reasoning."""

    delta: str = ""


@dataclass(frozen=True, slots=True)
class ReasoningComplete(Event):
    """The text of one reasoning block; may be empty."""

    content: str = ""


@dataclass(frozen=True, slots=True)
class Retrying(Event):
    """A model call failed and is made again after `delay_ms`; `retry` holds failure and plan as sent."""

    attempt: int = 0
    max_attempts: int = 0
    error: str = ""
    delay_ms: int = 0
    retry: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class CompactionStarted(Event):
    """The history is being summarised; `input_tokens` are those of the last model call."""

    input_tokens: int = 0
    estimated_history_tokens: int = 0
    message_count: int = 0


@dataclass(frozen=True, slots=True)
class CompactionCompleted(Event):
    """The history was summarised; `messages_after` may exceed `messages_before`."""

    summary_tokens: int = 0
    messages_before: int = 0
    messages_after: int = 0


@dataclass(frozen=True, slots=True)
class CompactionFailed(Event):
    """The history could not be summarised; the run goes on."""

    error: str = ""


@dataclass(frozen=True, slots=True)
class BudgetWarning(Event):
    """A limit is reached; for `time` both counts are whole seconds. `percent` is a share: 1.0 is all of it."""

    budget_type: str = ""
    used: int = 0
    limit: int = 0
    percent: float = 0.0


TerminalEvent = RunCompleted | RunFailed
"""The events that end a run."""
