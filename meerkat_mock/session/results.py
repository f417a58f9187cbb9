"""What a client is told about sessions and runs, computed from their state (spec 02, sections 6, 9, 10 and 14.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.clock import rfc3339

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import JsonObject, RunRecord
    from meerkat_mock.session.state import Session

_CAPABILITIES = ("vision", "image_input", "image_tool_results", "inline_video", "realtime", "web_search", "image_generation")


def capabilities_of(profile: JsonObject) -> JsonObject:
    """Return `resolved_capabilities` of a model's catalogue profile (spec 02, section 9.2)."""
    return {name: bool(profile.get("supports_web_search" if name == "web_search" else name, False)) for name in _CAPABILITIES}


def identity(session_id: str, realm: str) -> JsonObject:
    """Return the two ids that results begin with."""
    return {"session_id": session_id, "session_ref": f"{realm}:{session_id}"}


def run_result(session: Session, realm: str, record: RunRecord, skill_diagnostics: JsonObject | None) -> JsonObject:
    """Return the answer to a turn, in the order of the wire."""
    result = identity(session.id, realm)
    result["text"] = record.text
    result["turns"] = record.turns
    result["tool_calls"] = record.tool_calls
    result["usage"] = record.usage.result()
    if record.terminal_cause_kind is not None:
        result["terminal_cause_kind"] = record.terminal_cause_kind
    if record.extracted:
        result["structured_output"] = record.structured_output
    if record.extraction_error is not None:
        result["extraction_error"] = record.extraction_error
    if record.schema_warnings:
        result["schema_warnings"] = list(record.schema_warnings)
    if skill_diagnostics is not None:
        result["skill_diagnostics"] = skill_diagnostics
    return result


def background_result(session: Session, realm: str) -> JsonObject:
    """Return the zero result of a create whose turn runs in the background (spec 02, section 2.5)."""
    usage: JsonObject = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    return {**identity(session.id, realm), "text": "", "turns": 0, "tool_calls": 0, "usage": usage}


def history_page(session: Session, realm: str, offset: int, limit: int | None) -> JsonObject:
    """Return one page of the committed transcript; a staged session echoes the offset unclamped."""
    count = len(session.messages)
    start = offset if session.staged else min(offset, count)
    end = count if limit is None else min(count, start + limit)
    page: JsonObject = {**identity(session.id, realm), "message_count": count, "offset": start}
    if limit is not None:
        page["limit"] = limit
    page["has_more"] = end < count and start <= count
    page["messages"] = list(session.messages[start:end])
    return page


def accepted(input_id: str, now: float) -> JsonObject:
    """Return the answer to an input that was queued."""
    at = rfc3339(now)
    state: JsonObject = {
        "input_id": input_id,
        "current_state": "queued",
        "attempt_count": 0,
        "recovery_count": 0,
        "history": [{"timestamp": at, "from": "accepted", "to": "queued", "reason": "QueueAccepted"}],
        "created_at": at,
        "updated_at": at,
    }
    return {"outcome_type": "accepted", "input_id": input_id, "state": state}
