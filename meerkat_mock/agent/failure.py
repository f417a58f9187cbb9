"""Why a run fails: the rows of spec 03, section 6.6, as values that a production raises.

Owns the texts and the report; knows nothing of when they are due.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import Event, JsonObject


class Failure(Exception):
    """Raised inside a run to end it with `run_failed`; `str()` is the error text of the agent."""

    def __init__(self, error_class: str, message: str, *, cause: str | None = None, reason: JsonObject | None = None) -> None:
        super().__init__(message)
        self.error_class = error_class
        self.message = message
        self.cause = cause
        self.reason = reason

    def report(self) -> JsonObject:
        """Return the `error_report` (spec 03, 3.11)."""
        report: JsonObject = {"class": self.error_class, "message": self.message}
        if self.reason is not None:
            report["reason"] = self.reason
        return report

    def event(self, session_id: str) -> Event:
        """Return the `run_failed` event."""
        event: Event = {
            "type": "run_failed",
            "session_id": session_id,
            "error_class": self.error_class,
            "error": self.message,
            "error_report": self.report(),
        }
        if self.cause is not None:
            event["terminal_cause_kind"] = self.cause
        return event


def _terminal(error_class: str, outcome: str, cause: str, text: str) -> Failure:
    reason: JsonObject = {"reason_type": "turn_terminal_cause", "outcome": outcome, "cause_kind": cause}
    names = f"{camel_case(outcome)} ({camel_case(cause)})"
    return Failure(error_class, f"Terminal failure: {names}: {text}", cause=cause, reason=reason)


def camel_case(name: str) -> str:
    """Return a snake-case name as the server writes it in error texts: `pre_tool_execution` as `PreToolExecution`."""
    return "".join(part.capitalize() for part in name.split("_"))


class ModelFailure(Failure):
    """A model call that came to nothing. `provider_text` is what `extraction_error` and `compaction_failed` show instead of the cause."""

    def __init__(self, core: Failure, provider_text: str) -> None:
        super().__init__(core.error_class, core.message, cause=core.cause, reason=core.reason)
        self.provider_text = provider_text


def llm_failure(provider_text: str) -> ModelFailure:
    """The provider refused for good."""
    return ModelFailure(_terminal("llm", "failed", "llm_failure", "LLM failure terminal turn"), provider_text)


def retry_exhausted(provider_text: str) -> ModelFailure:
    """The runtime's own retries are used up."""
    return ModelFailure(_terminal("llm", "failed", "retry_exhausted", "retry exhausted"), provider_text)


def time_budget_exceeded() -> Failure:
    """The time budget is used up."""
    outcome = "time_budget_exceeded"
    return _terminal("budget", outcome, outcome, "time budget exceeded")


def turn_limit_reached() -> Failure:
    """The run had its last round and wants another."""
    return _terminal("max_turns", "failed", "turn_limit_reached", "turn limit reached")


def tool_failure(text: str) -> Failure:
    """The model made a call that cannot be carried out."""
    return Failure("tool", f"Tool error: {text}", cause="tool_failure")


def unsupported_result(media_type: str) -> Failure:
    """A tool answered with video. Assumption: only the class is known (spec 03, 6.3), the text is ours."""
    return Failure("config", f"Configuration error: tool results cannot contain video ({media_type})")
