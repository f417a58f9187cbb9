"""From the wire to typed events: a table with one function per event type, and the three shapes an event can come in.

Unknown types, unknown fields and unknown values of open sets pass: a later server may send them (spec 03, section 3). What a known type
promises is checked, and an event that breaks the promise becomes `UnknownEvent("malformed_event")` with the reason, never an exception: one
odd event must not cost a consumer the rest of its stream.

The table is looked up once per event, the classes are filled by position, and the most frequent type is read inline: tens of thousands of
`text_delta` pass here in a second.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

from meerkat.events import hooks, runs, skills, tools
from meerkat.events.base import Event, ScopedEvent, UnknownEvent
from meerkat.events.reading import (
    Malformed,
    Raw,
    flag,
    number,
    optional_number,
    optional_record,
    optional_text,
    present,
    record,
    records,
    skill_key,
    text,
    usage,
    wrong,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MALFORMED_EVENT: Final = "malformed_event"
"""The `type` of an `UnknownEvent` whose own type is known and whose content is not what that type promises."""


def parse_event(raw: dict[str, Any]) -> Event:
    """Return the typed event for a bare event, an envelope (its payload) or a scoped event; raises nothing for any JSON object."""
    try:
        kind = raw.get("type")
        parse = _PARSERS.get(kind)
    except (AttributeError, TypeError):  # no object, or a type that cannot be a key
        return _without_type(raw)
    if parse is None:
        return _without_type(raw) if kind is None else UnknownEvent(str(kind), raw)
    try:
        return parse(raw)
    except Malformed as error:
        return UnknownEvent(MALFORMED_EVENT, raw, f"{kind}: {error}")


def _without_type(raw: object) -> Event:
    """Read what has no usable `type` of its own: an envelope, a scoped event, or something else."""
    if type(raw) is not dict:
        return UnknownEvent(MALFORMED_EVENT, {}, f"an event must be an object, got {raw!r}")
    event = cast("Raw", raw)
    if type(payload := event.get("payload")) is dict:
        return parse_event(cast("Raw", payload))
    if type(inner := event.get("event")) is dict and ("scope_id" in event or "scope_path" in event):
        return _scoped_event(event, cast("Raw", inner))
    return UnknownEvent("", event, "an event must have a type")


def _scoped_event(raw: Raw, inner: Raw) -> Event:
    try:
        return ScopedEvent(optional_text(raw, "scope_id") or "", records(raw, "scope_path"), parse_event(inner))
    except Malformed as error:
        return UnknownEvent(MALFORMED_EVENT, raw, f"scoped event: {error}")


# Runs and model rounds


def _run_started(raw: Raw) -> Event:
    prompt = present(raw, "prompt")
    return runs.RunStarted(text(raw, "session_id"), prompt if type(prompt) is str else records(raw, "prompt"))


def _run_completed(raw: Raw) -> Event:
    return runs.RunCompleted(
        text(raw, "session_id"),
        text(raw, "result"),
        usage(raw),
        optional_text(raw, "terminal_cause_kind"),
        raw.get("structured_output"),
        raw.get("extraction_required") is True,
    )


def _run_failed(raw: Raw) -> Event:
    report = optional_record(raw, "error_report")
    return runs.RunFailed(
        text(raw, "session_id"),
        text(raw, "error_class"),
        text(raw, "error"),
        optional_text(raw, "terminal_cause_kind"),
        None if report is None else _error_report(report),
    )


def _error_report(raw: Raw) -> runs.AgentErrorReport:
    reason = optional_record(raw, "reason")
    return runs.AgentErrorReport(text(raw, "class"), text(raw, "message"), None if reason is None else _error_reason(reason))


_ERROR_REASONS: Final = frozenset(
    {
        "auth_reauth_required",
        "callback_pending",
        "hook_config_invalid",
        "hook_denied",
        "hook_execution_failed",
        "hook_timeout",
        "invalid_output_schema",
        "llm_auth_error",
        "llm_call_timeout",
        "llm_context_exceeded",
        "llm_invalid_model",
        "llm_network_timeout",
        "llm_provider_error",
        "llm_rate_limited",
        "structured_output_validation_failed",
        "turn_terminal_cause",
    }
)
"""The reasons of spec 03, 3.11."""


def _error_reason(raw: Raw) -> runs.AgentErrorReason:
    sent = text(raw, "reason_type")
    known = sent if sent in _ERROR_REASONS else "unknown"
    return runs.AgentErrorReason(known, optional_text(raw, "outcome"), optional_text(raw, "cause_kind"), sent, raw)


def _extraction_succeeded(raw: Raw) -> Event:
    warnings = raw.get("schema_warnings")
    return runs.ExtractionSucceeded(
        text(raw, "session_id"), raw.get("structured_output"), cast("list[object]", warnings) if type(warnings) is list else None
    )


def _extraction_failed(raw: Raw) -> Event:
    return runs.ExtractionFailed(
        text(raw, "session_id"), optional_text(raw, "last_output") or "", number(raw, "attempts"), text(raw, "reason")
    )


def _turn_started(raw: Raw) -> Event:
    return runs.TurnStarted(number(raw, "turn_number"))


def _turn_completed(raw: Raw) -> Event:
    return runs.TurnCompleted(text(raw, "stop_reason"), usage(raw))


def _text_delta(raw: Raw) -> Event:
    delta = raw.get("delta")
    if type(delta) is not str:
        raise wrong("delta", "text", raw)
    event = _new(runs.TextDelta)
    _put_delta(event, delta)
    return event


# the constructor of a frozen class takes three times as long, and nearly all events are of this type
_new = object.__new__
_put_delta = vars(runs.TextDelta)["delta"].__set__


def _text_complete(raw: Raw) -> Event:
    return runs.TextComplete(text(raw, "content"))


def _reasoning_delta(raw: Raw) -> Event:
    return runs.ReasoningDelta(text(raw, "delta"))


def _reasoning_complete(raw: Raw) -> Event:
    return runs.ReasoningComplete(text(raw, "content"))


def _retrying(raw: Raw) -> Event:
    return runs.Retrying(
        number(raw, "attempt"),
        number(raw, "max_attempts"),
        text(raw, "error"),
        number(raw, "delay_ms"),
        optional_record(raw, "retry"),
    )


def _compaction_started(raw: Raw) -> Event:
    return runs.CompactionStarted(number(raw, "input_tokens"), number(raw, "estimated_history_tokens"), number(raw, "message_count"))


def _compaction_completed(raw: Raw) -> Event:
    return runs.CompactionCompleted(number(raw, "summary_tokens"), number(raw, "messages_before"), number(raw, "messages_after"))


def _compaction_failed(raw: Raw) -> Event:
    return runs.CompactionFailed(text(raw, "error"))


def _budget_warning(raw: Raw) -> Event:
    return runs.BudgetWarning(text(raw, "budget_type"), number(raw, "used"), number(raw, "limit"), number(raw, "percent"))


# Tools


def _tool_call_requested(raw: Raw) -> Event:
    return tools.ToolCallRequested(text(raw, "id"), text(raw, "name"), raw.get("args"))


def _tool_result_received(raw: Raw) -> Event:
    return tools.ToolResultReceived(text(raw, "id"), text(raw, "name"), records(raw, "content"), flag(raw, "is_error"))


def _tool_execution_started(raw: Raw) -> Event:
    return tools.ToolExecutionStarted(text(raw, "id"), text(raw, "name"))


def _tool_execution_completed(raw: Raw) -> Event:
    result = text(raw, "result")
    content = records(raw, "content")
    if not content and result:
        content = [{"type": "text", "text": result}]
    is_error = raw.get("is_error")
    duration = raw.get("duration_ms")
    return tools.ToolExecutionCompleted(
        text(raw, "id"),
        text(raw, "name"),
        result,
        content,
        is_error if type(is_error) is bool else None,
        duration if type(duration) is int else None,
    )


def _tool_execution_timed_out(raw: Raw) -> Event:
    return tools.ToolExecutionTimedOut(text(raw, "id"), text(raw, "name"), number(raw, "timeout_ms"))


def _server_tool_content(raw: Raw) -> Event:
    return tools.ServerToolContent(optional_text(raw, "id"), text(raw, "name"), raw.get("content"))


def _assistant_image_appended(raw: Raw) -> Event:
    return tools.AssistantImageAppended(record(raw, "image"))


def _background_job_completed(raw: Raw) -> Event:
    return tools.BackgroundJobCompleted(
        text(raw, "job_id"),
        text(raw, "display_name"),
        text(raw, "terminal_status"),
        text(raw, "detail"),
        optional_text(raw, "status"),
    )


def _tool_config_changed(raw: Raw) -> Event:
    payload = record(raw, "payload")
    status_info = optional_record(payload, "status_info")
    return tools.ToolConfigChanged(
        tools.ToolConfigChangedPayload(
            text(payload, "operation"),
            text(payload, "target"),
            text(payload, "status"),
            None if status_info is None else _status_info(status_info),
            flag(payload, "persisted"),
            optional_number(payload, "applied_at_turn"),
            optional_text(payload, "domain"),
            optional_record(payload, "deferred_catalog_delta"),
        )
    )


def _status_info(raw: Raw) -> tools.ToolConfigChangeStatus | None:
    kind = text(raw, "kind")
    if kind == "boundary_applied":
        return tools.BoundaryAppliedToolConfigChangeStatus(
            "boundary_applied", flag(raw, "base_changed"), flag(raw, "visible_changed"), number(raw, "revision")
        )
    if kind == "deferred_catalog_delta":
        return tools.DeferredCatalogDeltaToolConfigChangeStatus(
            "deferred_catalog_delta",
            number(raw, "added_hidden_count"),
            number(raw, "removed_hidden_count"),
            number(raw, "pending_source_count"),
        )
    if kind == "warning_failed_closed":
        return tools.WarningFailedClosedToolConfigChangeStatus("warning_failed_closed", text(raw, "error"))
    if kind == "external_tool_delta":
        return tools.ExternalToolDeltaToolConfigChangeStatus("external_tool_delta", text(raw, "phase"), optional_text(raw, "detail"))
    return None


# Hooks


def _hook_started(raw: Raw) -> Event:
    return hooks.HookStarted(text(raw, "hook_id"), text(raw, "point"))


def _hook_completed(raw: Raw) -> Event:
    return hooks.HookCompleted(text(raw, "hook_id"), text(raw, "point"), number(raw, "duration_ms"))


def _hook_failed(raw: Raw) -> Event:
    return hooks.HookFailed(text(raw, "hook_id"), text(raw, "point"), text(raw, "error"))


def _hook_denied(raw: Raw) -> Event:
    return hooks.HookDenied(text(raw, "hook_id"), text(raw, "point"), text(raw, "reason_code"), text(raw, "message"), raw.get("payload"))


# Skills, interactions, truncation


def _skills_resolved(raw: Raw) -> Event:
    keys = [skill_key(key) for key in records(raw, "skills")]
    return skills.SkillsResolved(keys, number(raw, "injection_bytes"))


def _skill_resolution_failed(raw: Raw) -> Event:
    key = raw.get("skill_key")
    reason = optional_record(raw, "reason")
    return skills.SkillResolutionFailed(
        None if key is None else skill_key(key),
        None if reason is None else _skill_failure_reason(reason),
        text(raw, "reference"),
        text(raw, "error"),
    )


_SKILL_FAILURE_REASONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "not_found": (),
        "capability_unavailable": ("capability",),
        "load": ("message",),
        "parse": ("message",),
        "source_uuid_collision": ("source_uuid", "existing_fingerprint", "new_fingerprint"),
        "source_uuid_mutation_without_lineage": ("fingerprint", "existing_source_uuid", "mutated_source_uuid"),
        "missing_skill_remaps": ("event_id", "event_kind"),
        "remap_without_lineage": ("from_source_uuid", "from_skill_name", "to_source_uuid", "to_skill_name"),
        "unknown_skill_alias": ("alias",),
        "remap_cycle": ("source_uuid", "skill_name"),
        "unknown": ("message",),
    }
)
"""The text fields of each reason (spec 03, 3.8)."""


def _skill_failure_reason(raw: Raw) -> skills.SkillResolutionFailureReason:
    sent = text(raw, "reason_type")
    known = sent if sent in _SKILL_FAILURE_REASONS else "unknown"
    fields = {name: text(raw, name) for name in _SKILL_FAILURE_REASONS[known] if name in raw}
    key = raw.get("key")
    return skills.SkillResolutionFailureReason(
        reason_type=known, key=None if key is None else skill_key(key), raw_reason_type=sent, **fields
    )


def _interaction_complete(raw: Raw) -> Event:
    return skills.InteractionComplete(text(raw, "interaction_id"), text(raw, "result"), raw.get("structured_output"))


def _interaction_callback_pending(raw: Raw) -> Event:
    return skills.InteractionCallbackPending(text(raw, "interaction_id"), text(raw, "tool_name"), raw.get("args"))


def _interaction_failed(raw: Raw) -> Event:
    return skills.InteractionFailed(text(raw, "interaction_id"), text(raw, "error"))


def _stream_truncated(raw: Raw) -> Event:
    return skills.StreamTruncated(text(raw, "reason"))


_PARSERS: Final[dict[object, Callable[[Raw], Event]]] = {
    "run_started": _run_started,
    "run_completed": _run_completed,
    "run_failed": _run_failed,
    "extraction_succeeded": _extraction_succeeded,
    "extraction_failed": _extraction_failed,
    "turn_started": _turn_started,
    "turn_completed": _turn_completed,
    "text_delta": _text_delta,
    "text_complete": _text_complete,
    "reasoning_delta": _reasoning_delta,
    "reasoning_complete": _reasoning_complete,
    "retrying": _retrying,
    "compaction_started": _compaction_started,
    "compaction_completed": _compaction_completed,
    "compaction_failed": _compaction_failed,
    "budget_warning": _budget_warning,
    "tool_call_requested": _tool_call_requested,
    "tool_result_received": _tool_result_received,
    "tool_execution_started": _tool_execution_started,
    "tool_execution_completed": _tool_execution_completed,
    "tool_execution_timed_out": _tool_execution_timed_out,
    "server_tool_content": _server_tool_content,
    "assistant_image_appended": _assistant_image_appended,
    "background_job_completed": _background_job_completed,
    "tool_config_changed": _tool_config_changed,
    "hook_started": _hook_started,
    "hook_completed": _hook_completed,
    "hook_failed": _hook_failed,
    "hook_denied": _hook_denied,
    "skills_resolved": _skills_resolved,
    "skill_resolution_failed": _skill_resolution_failed,
    "interaction_complete": _interaction_complete,
    "interaction_callback_pending": _interaction_callback_pending,
    "interaction_failed": _interaction_failed,
    "stream_truncated": _stream_truncated,
}

EVENT_TYPES: Final = frozenset(str(name) for name in _PARSERS)
"""The event types of 0.6.5."""
