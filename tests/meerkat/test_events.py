"""Typed events: every documented type, what is tolerated, and what becomes of the rest."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from meerkat import events
from meerkat.errors import MeerkatError
from meerkat.events import (
    AgentErrorReason,
    AgentErrorReport,
    AttributedEvent,
    Event,
    EventEnvelope,
    EventSourceIdentity,
    RunFailed,
    ScopedEvent,
    TextDelta,
    ToolConfigChanged,
    ToolExecutionCompleted,
    UnknownEvent,
    Usage,
    parse_attributed,
    parse_envelope,
    parse_event,
)
from meerkat.types.skills import SkillKey

USAGE = {"input_tokens": 5, "output_tokens": 2, "cache_creation_tokens": None, "cache_read_tokens": 1}
KEY = {"source_uuid": "u", "skill_name": "s"}
IMAGE = {"image_id": "i", "blob_ref": {"blob_id": "b", "media_type": "image/png"}}
RETRY = {"failure": {"kind": "rate_limited"}, "plan": {"attempt": 1}}

BARE: list[dict[str, Any]] = [
    {"type": "run_started", "session_id": "s", "prompt": "hi"},
    {
        "type": "run_completed",
        "session_id": "s",
        "result": "ok",
        "usage": USAGE,
        "extraction_required": True,
        "terminal_cause_kind": "budget_exhausted",
        "structured_output": {"a": 1},
    },
    {"type": "run_failed", "session_id": "s", "error_class": "llm", "error": "no", "terminal_cause_kind": "llm_failure"},
    {"type": "extraction_succeeded", "session_id": "s", "structured_output": [1], "schema_warnings": [{"path": "/"}]},
    {"type": "extraction_failed", "session_id": "s", "last_output": "x", "attempts": 2, "reason": "r"},
    {"type": "turn_started", "turn_number": 3},
    {"type": "turn_completed", "stop_reason": "end_turn", "usage": USAGE},
    {"type": "text_delta", "delta": "d"},
    {"type": "text_complete", "content": "c"},
    {"type": "reasoning_delta", "delta": "d"},
    {"type": "reasoning_complete", "content": ""},
    {"type": "retrying", "attempt": 1, "max_attempts": 3, "error": "e", "delay_ms": 500, "retry": RETRY},
    {"type": "compaction_started", "input_tokens": 5000, "estimated_history_tokens": 2107, "message_count": 4},
    {"type": "compaction_completed", "summary_tokens": 9, "messages_before": 4, "messages_after": 5},
    {"type": "compaction_failed", "error": "e"},
    {"type": "budget_warning", "budget_type": "time", "used": 1, "limit": 1, "percent": 1.0},
    {"type": "tool_call_requested", "id": "t", "name": "n", "args": {"a": 1}},
    {"type": "tool_result_received", "id": "t", "name": "n", "is_error": False, "content": [{"type": "text", "text": "x"}]},
    {"type": "tool_execution_started", "id": "t", "name": "n"},
    {
        "type": "tool_execution_completed",
        "id": "t",
        "name": "n",
        "result": "x",
        "content": [{"type": "text", "text": "x"}],
        "is_error": True,
        "duration_ms": 7,
    },
    {"type": "tool_execution_timed_out", "id": "t", "name": "n", "timeout_ms": 30},
    {"type": "server_tool_content", "id": "w", "name": "web_search", "content": {"hits": 3}},
    {"type": "assistant_image_appended", "image": IMAGE},
    {"type": "hook_started", "hook_id": "h", "point": "run_started"},
    {"type": "hook_completed", "hook_id": "h", "point": "run_started", "duration_ms": 5},
    {"type": "hook_failed", "hook_id": "h", "point": "run_started", "error": "e"},
    {"type": "hook_denied", "hook_id": "h", "point": "p", "reason_code": "timeout", "message": "m", "payload": {"a": 1}},
    {"type": "interaction_complete", "interaction_id": "i", "result": "r", "structured_output": 1},
    {"type": "interaction_callback_pending", "interaction_id": "i", "tool_name": "t", "args": {"a": 1}},
    {"type": "interaction_failed", "interaction_id": "i", "error": "e"},
    {"type": "stream_truncated", "reason": "channel full"},
]
"""Each type whose fields carry the names and values of the wire, with every optional field set."""

SHAPED: list[dict[str, Any]] = [
    {"type": "skills_resolved", "skills": [KEY], "injection_bytes": 12},
    {
        "type": "skill_resolution_failed",
        "skill_key": KEY,
        "reason": {"reason_type": "capability_unavailable", "key": KEY, "capability": "shell"},
        "reference": "r",
        "error": "e",
    },
    {
        "type": "tool_config_changed",
        "payload": {
            "operation": "reload",
            "target": "tool_scope",
            "status": "s",
            "status_info": {"kind": "boundary_applied", "base_changed": True, "visible_changed": False, "revision": 7},
            "persisted": False,
            "applied_at_turn": 2,
            "domain": "tool_scope",
            "deferred_catalog_delta": {"added_hidden_names": ["x"]},
        },
    },
    {
        "type": "background_job_completed",
        "job_id": "j",
        "display_name": "shell:ls",
        "status": "completed",
        "terminal_status": "completed",
        "detail": "",
    },
]
"""The types whose fields are made of others."""

ENVELOPE: dict[str, Any] = {
    "event_id": "e",
    "source": {"type": "session", "session_id": "s"},
    "source_id": "session:s",
    "seq": 3,
    "timestamp_ms": 1767225600123,
    "payload": {"type": "text_delta", "delta": "Hi"},
}


def class_name(wire_type: str) -> str:
    return "".join(word.capitalize() for word in wire_type.split("_"))


def test_the_examples_here_are_all_types_there_are() -> None:
    assert {event["type"] for event in BARE + SHAPED} == events.EVENT_TYPES


@pytest.mark.parametrize("raw", BARE, ids=lambda raw: raw["type"])
def test_an_event_keeps_every_field_of_the_wire(raw: dict[str, Any]) -> None:
    event = parse_event(raw)
    assert type(event).__name__ == class_name(raw["type"])
    for name, value in raw.items():
        if name == "usage":
            assert event.usage == Usage(5, 2, None, 1)  # type: ignore[attr-defined]
        elif name != "type":
            assert getattr(event, name) == value


@pytest.mark.parametrize("raw", BARE + SHAPED, ids=lambda raw: raw["type"])
def test_fields_that_a_later_server_adds_are_passed_over(raw: dict[str, Any]) -> None:
    assert parse_event({**raw, "new_in_0_7": [1]}) == parse_event(raw)


@pytest.mark.parametrize("raw", BARE + SHAPED, ids=lambda raw: raw["type"])
def test_a_known_event_without_its_fields_is_malformed_and_says_why(raw: dict[str, Any]) -> None:
    event = parse_event({"type": raw["type"]})
    assert isinstance(event, UnknownEvent)
    assert event.type == "malformed_event"
    assert event.data == {"type": raw["type"]}
    assert str(event.reason).startswith(f"{raw['type']}: ")


@pytest.mark.parametrize("raw", BARE, ids=lambda raw: raw["type"])
def test_no_value_of_any_field_makes_parsing_raise(raw: dict[str, Any]) -> None:
    for name in raw:
        for value in (None, True, 1, 1.5, "x", [], [1], {}, {"a": 1}):
            assert isinstance(parse_event({**raw, name: value}), Event)


def test_shaped_events_hold_typed_parts() -> None:
    resolved, failed, changed, job = (parse_event(raw) for raw in SHAPED)
    assert resolved == events.SkillsResolved([SkillKey("u", "s")], 12)
    assert failed == events.SkillResolutionFailed(
        SkillKey("u", "s"),
        events.SkillResolutionFailureReason(
            "capability_unavailable", SkillKey("u", "s"), "shell", raw_reason_type="capability_unavailable"
        ),
        "r",
        "e",
    )
    assert isinstance(changed, ToolConfigChanged)
    assert changed.payload.status_info == events.BoundaryAppliedToolConfigChangeStatus("boundary_applied", True, False, 7)
    assert (changed.payload.domain, changed.payload.deferred_catalog_delta) == ("tool_scope", {"added_hidden_names": ["x"]})
    assert job == events.BackgroundJobCompleted("j", "shell:ls", "completed", "", "completed")


@pytest.mark.parametrize(
    ("status_info", "expected"),
    [
        (
            {"kind": "deferred_catalog_delta", "added_hidden_count": 1, "removed_hidden_count": 2, "pending_source_count": 3},
            events.DeferredCatalogDeltaToolConfigChangeStatus("deferred_catalog_delta", 1, 2, 3),
        ),
        ({"kind": "warning_failed_closed", "error": "e"}, events.WarningFailedClosedToolConfigChangeStatus("warning_failed_closed", "e")),
        (
            {"kind": "external_tool_delta", "phase": "failed", "detail": "d"},
            events.ExternalToolDeltaToolConfigChangeStatus("external_tool_delta", "failed", "d"),
        ),
        ({"kind": "legacy_status", "status": "x"}, None),
    ],
)
def test_the_status_of_a_tool_change_is_typed_by_its_kind(status_info: dict[str, Any], expected: object) -> None:
    payload = {"operation": "add", "target": "t", "status": "s", "persisted": True, "status_info": status_info}
    event = parse_event({"type": "tool_config_changed", "payload": payload})
    assert isinstance(event, ToolConfigChanged)
    assert event.payload.status_info == expected


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("turn_completed", {"stop_reason": "new_reason"}),
        ("budget_warning", {"budget_type": "new_budget"}),
        ("run_completed", {"terminal_cause_kind": "new_cause"}),
        ("run_failed", {"error_class": "new_class", "terminal_cause_kind": "new_cause"}),
        ("background_job_completed", {"terminal_status": "new_status"}),
    ],
)
def test_new_values_of_open_sets_pass(name: str, changes: dict[str, Any]) -> None:
    raw = next(raw for raw in BARE + SHAPED if raw["type"] == name)
    event = parse_event({**raw, **changes})
    assert not isinstance(event, UnknownEvent)
    for field, value in changes.items():
        assert getattr(event, field) == value


def test_a_run_without_optional_fields_has_their_defaults() -> None:
    event = parse_event({"type": "run_completed", "session_id": "s", "result": "", "usage": {"input_tokens": 1, "output_tokens": 1}})
    assert event == events.RunCompleted("s", "", Usage(1, 1))


def test_content_of_a_tool_that_was_left_out_is_its_text() -> None:
    raw = {"type": "tool_execution_completed", "id": "t", "name": "n", "result": "x", "is_error": "?", "duration_ms": "?"}
    assert parse_event(raw) == ToolExecutionCompleted("t", "n", "x", [{"type": "text", "text": "x"}], None, None)
    assert parse_event({**raw, "result": ""}) == ToolExecutionCompleted("t", "n", "", [], None, None)


def test_the_prompt_of_a_run_may_be_blocks() -> None:
    blocks = [{"type": "image", "source": "blob"}]
    assert parse_event({"type": "run_started", "session_id": "s", "prompt": blocks}) == events.RunStarted("s", blocks)


def failed_with(reason: dict[str, Any] | None) -> AgentErrorReport:
    report = {"class": "hook", "message": "no", **({} if reason is None else {"reason": reason})}
    event = parse_event({"type": "run_failed", "session_id": "s", "error_class": "hook", "error": "no", "error_report": report})
    assert isinstance(event, RunFailed)
    assert event.error_report is not None
    return event.error_report


def test_an_error_report_is_read_by_attribute_and_by_wire_name() -> None:
    report = failed_with({"reason_type": "turn_terminal_cause", "outcome": "failed", "cause_kind": "llm_failure"})
    assert report["class"] == report.class_ == "hook"
    assert "reason" in report
    assert report["reason"]["outcome"] == "failed"
    assert report.reason is not None
    assert (report.reason.outcome, report.reason.cause_kind) == ("failed", "llm_failure")


def test_a_report_without_a_reason_has_none() -> None:
    report = failed_with(None)
    assert "reason" not in report
    for key in ("reason", "class_"):
        with pytest.raises(KeyError):
            report[key]


def test_every_documented_reason_keeps_its_type_and_its_fields() -> None:
    reason = failed_with({"reason_type": "llm_rate_limited", "retry_after_ms": 5}).reason
    assert reason is not None
    assert reason.reason_type == "llm_rate_limited"
    assert reason["retry_after_ms"] == 5
    assert "max" not in reason


def test_a_reason_of_a_later_server_is_unknown_and_kept() -> None:
    reason = failed_with({"reason_type": "solar_flare", "kp": 9}).reason
    assert reason == AgentErrorReason("unknown", None, None, "solar_flare", {"reason_type": "solar_flare", "kp": 9})


def test_a_skill_failure_of_a_later_server_is_unknown_and_named() -> None:
    raw = {"type": "skill_resolution_failed", "reason": {"reason_type": "new", "message": "m"}, "reference": "r", "error": "e"}
    event = parse_event(raw)
    assert isinstance(event, events.SkillResolutionFailed)
    assert event.reason == events.SkillResolutionFailureReason("unknown", message="m", raw_reason_type="new")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"type": "teleported", "to": "x"}, UnknownEvent("teleported", {"type": "teleported", "to": "x"})),
        ({}, UnknownEvent("", {}, "an event must have a type")),
        ({"type": ["x"]}, UnknownEvent("", {"type": ["x"]}, "an event must have a type")),
        ([], UnknownEvent("malformed_event", {}, "an event must be an object, got []")),
        (None, UnknownEvent("malformed_event", {}, "an event must be an object, got None")),
    ],
)
def test_what_is_no_known_event_comes_out_unknown_with_all_it_had(raw: Any, expected: UnknownEvent) -> None:
    assert parse_event(raw) == expected


def test_an_envelope_is_unwrapped() -> None:
    assert parse_event(ENVELOPE) == TextDelta("Hi")


def test_an_event_that_has_a_payload_of_its_own_is_no_envelope() -> None:
    assert isinstance(parse_event(BARE[26]), events.HookDenied)


def test_a_scoped_event_keeps_its_frames() -> None:
    path = [{"scope": "mob_member", "flow_run_id": "f", "agent_identity": "a", "generation": 2}]
    raw = {"scope_id": "mob:a", "scope_path": path, "event": ENVELOPE}
    assert parse_event(raw) == ScopedEvent("mob:a", path, TextDelta("Hi"))
    malformed = parse_event({**raw, "scope_path": 5})
    assert isinstance(malformed, UnknownEvent)
    assert "scope_path" in str(malformed.reason)


def test_parse_envelope_keeps_everything() -> None:
    envelope = parse_envelope({**ENVELOPE, "mob_id": "m"})
    assert envelope == EventEnvelope("e", EventSourceIdentity("session", "s"), "session:s", 3, 1767225600123, TextDelta("Hi"), "m")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"type": "runtime", "runtime_id": "r"}, EventSourceIdentity("runtime", runtime_id="r")),
        ({"type": "interaction", "interaction_id": "i"}, EventSourceIdentity("interaction", interaction_id="i")),
        ({"type": "external", "source_id": "x"}, EventSourceIdentity("external", source_id="x")),
        ({"type": "callback"}, EventSourceIdentity("callback")),
        ({"type": "session"}, None),
        ({"type": "moon"}, None),
        ({"type": ["session"]}, None),
        ("session:s", None),
    ],
)
def test_the_source_of_an_envelope_is_typed_or_none(source: object, expected: EventSourceIdentity | None) -> None:
    assert parse_envelope({**ENVELOPE, "source": source}).source == expected


def test_what_an_envelope_may_lack_has_its_default() -> None:
    assert parse_envelope({"seq": 1, "payload": {}}) == EventEnvelope(seq=1, payload=UnknownEvent("", {}, "an event must have a type"))


@pytest.mark.parametrize(("field", "value"), [("seq", None), ("seq", True), ("payload", None), ("payload", "x")])
def test_an_envelope_without_place_or_content_is_an_error_that_names_it(field: str, value: object) -> None:
    with pytest.raises(MeerkatError, match=f"Invalid event envelope: {field} must be") as caught:
        parse_envelope({**ENVELOPE, field: value})
    assert caught.value.code == "INVALID_RESPONSE"


def test_an_attributed_event_names_the_member() -> None:
    raw = {"source": {"generation": 1, "identity": "w1"}, "source_fence_token": 4, "role": "worker", "envelope": ENVELOPE}
    assert parse_attributed(raw) == AttributedEvent("w1", "worker", parse_envelope(ENVELOPE), 1, 4)
    assert parse_attributed({"source": "w1", "envelope": ENVELOPE}) == AttributedEvent("w1", "", parse_envelope(ENVELOPE))


@pytest.mark.parametrize("raw", [{"envelope": ENVELOPE}, {"source": {}, "envelope": ENVELOPE}, {"source": "w1"}])
def test_an_attributed_event_without_member_or_envelope_is_an_error(raw: dict[str, Any]) -> None:
    with pytest.raises(MeerkatError, match="Invalid attributed event"):
        parse_attributed(raw)


def test_events_can_be_matched_by_their_documented_positions() -> None:
    match parse_event({"type": "retrying", "attempt": 1, "max_attempts": 3, "error": "e", "delay_ms": 5, "retry": RETRY}):
        case events.Retrying(attempt, max_attempts, error, delay_ms):
            assert (attempt, max_attempts, error, delay_ms) == (1, 3, "e", 5)
        case other:
            pytest.fail(f"not matched: {other}")


def test_the_door_offers_every_public_class_of_its_rooms() -> None:
    rooms = [events.base, events.runs, events.tools, events.hooks, events.skills, events.envelopes]  # type: ignore[attr-defined]
    classes = {name for room in rooms for name, thing in vars(room).items() if inspect.isclass(thing) and thing.__module__ == room.__name__}
    assert classes <= set(events.__all__)


RECORDED = sorted((Path(__file__).parents[2] / "meerkat_mock" / "conform" / "goldens").glob("*/*.jsonl"))


@pytest.mark.parametrize("recording", RECORDED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_recorded_event_is_understood(recording: Path) -> None:
    for line in recording.read_text(encoding="utf-8").splitlines():
        message = json.loads(line).get("msg")
        if isinstance(message, dict) and message.get("method") in ("session/event", "session/stream_event", "mob/stream_event"):
            raw = message["params"]["event"]
            envelope = parse_attributed(raw).envelope if "envelope" in raw else parse_envelope(raw)
            assert not isinstance(envelope.payload, UnknownEvent), envelope
