"""The events of the agent loop, one function per shape that has more than one field to get right (spec 03, section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.agent.ports import text_of

if TYPE_CHECKING:
    from meerkat.wire.base import Json
    from meerkat_mock.agent.budget import Exhausted
    from meerkat_mock.agent.ports import Event, RunInput, RunRecord, ToolOutcome, Usage


def run_started(session_id: str, given: RunInput) -> Event:
    """Open the run; text-only block lists have been flattened by the session."""
    prompt: Json = given.prompt if isinstance(given.prompt, str) else [*given.prompt]
    return {"type": "run_started", "session_id": session_id, "prompt": prompt}


def run_completed(session_id: str, record: RunRecord, *, extraction_required: bool) -> Event:
    """Close the run; `usage` is that of the whole session."""
    event: Event = {
        "type": "run_completed",
        "session_id": session_id,
        "result": record.text,
        "extraction_required": extraction_required,
        "usage": record.usage.event(),
    }
    if record.terminal_cause_kind is not None:
        event["terminal_cause_kind"] = record.terminal_cause_kind
    return event


def turn_completed(stop_reason: str, usage: Usage) -> Event:
    """Close the last round; `usage` is that of its one model call."""
    return {"type": "turn_completed", "stop_reason": stop_reason, "usage": usage.event()}


def budget_warning(exhausted: Exhausted) -> Event:
    """Say which limit is reached."""
    return {
        "type": "budget_warning",
        "budget_type": exhausted.kind,
        "used": exhausted.used,
        "limit": exhausted.limit,
        "percent": 1.0,
    }


def tool_execution_completed(call_id: str, name: str, outcome: ToolOutcome, duration_ms: int) -> Event:
    """Report what a call came to; `content` is left out when there is none."""
    event: Event = {
        "type": "tool_execution_completed",
        "id": call_id,
        "name": name,
        "result": text_of(outcome.content),
        "is_error": outcome.is_error,
        "duration_ms": duration_ms,
    }
    return _with_content(event, outcome)


def tool_result_received(call_id: str, name: str, outcome: ToolOutcome) -> Event:
    """Say that the result stands in the transcript."""
    event: Event = {"type": "tool_result_received", "id": call_id, "name": name, "is_error": outcome.is_error}
    return _with_content(event, outcome)


def _with_content(event: Event, outcome: ToolOutcome) -> Event:
    if outcome.content:
        event["content"] = [*outcome.content]
    return event


def extraction_failed(session_id: str, record: RunRecord) -> Event:
    """Close a run whose structured output could not be had."""
    return {"type": "extraction_failed", "session_id": session_id, **(record.extraction_error or {})}


def extraction_succeeded(session_id: str, record: RunRecord) -> Event:
    """Close a run whose structured output is there."""
    event: Event = {"type": "extraction_succeeded", "session_id": session_id, "structured_output": record.structured_output}
    if record.schema_warnings:
        event["schema_warnings"] = [*record.schema_warnings]
    return event
