"""Results: what they become, and which place is named when they are not what the contract promises."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from meerkat.errors import ProtocolError
from meerkat.events import Usage
from meerkat.generated.live import LiveRefreshResult
from meerkat.generated.mcp import McpLiveOpResponse
from meerkat.generated.mob_members import MobSpawnManyFailedResult, MobSpawnManyResultEntry, MobSpawnManySpawnedResult
from meerkat.parsing import core, history, live, mcp, mob_members, mobs, models, runs, schedules, sessions
from meerkat.types.config import Capability
from meerkat.types.content import BlobPayload
from meerkat.types.history import SessionAssistantBlock, SessionMessage, SessionToolCall, SessionToolResult
from meerkat.types.runs import ExtractionError, RunResult, SchemaWarning
from meerkat.types.sessions import SessionDetails, SessionForkResult, SessionSummary
from meerkat.types.skills import SkillQuarantineDiagnostic, SkillRuntimeDiagnostics, SourceHealthSnapshot

if TYPE_CHECKING:
    from collections.abc import Callable

HEALTH = {
    "state": "healthy",
    "invalid_ratio": 0.5,
    "invalid_count": 1,
    "total_count": 2,
    "failure_streak": 0,
    "handshake_failed": False,
}
QUARANTINED = {
    "key": {"source_uuid": "u", "skill_name": "pdf"},
    "location": "/x",
    "error_code": "E1",
    "error_class": "parse",
    "message": "bad",
    "first_seen_unix_secs": 1,
    "last_seen_unix_secs": 2,
}
RUN: dict[str, Any] = {
    "session_id": "s",
    "session_ref": "r:s",
    "text": "Hi.",
    "turns": 1,
    "tool_calls": 2,
    "usage": {"input_tokens": 8, "output_tokens": 5, "total_tokens": 13, "cache_read_tokens": 3},
    "terminal_cause_kind": "budget_exhausted",
    "structured_output": {"a": 1},
    "extraction_error": {"last_output": "x", "attempts": 3, "reason": "no"},
    "schema_warnings": [{"provider": "open_a_i", "path": "/a", "message": "m"}],
    "skill_diagnostics": {"source_health": HEALTH, "quarantined": [QUARANTINED]},
}
SUMMARY: dict[str, Any] = {
    "session_id": "s",
    "session_ref": "r:s",
    "created_at": 1,
    "updated_at": 2,
    "message_count": 3,
    "labels": {"a": "b"},
    "is_active": True,
    "total_tokens": 9,
}
CAPABILITIES = {
    "vision": True,
    "image_input": True,
    "image_tool_results": False,
    "inline_video": False,
    "realtime": False,
    "web_search": True,
    "image_generation": False,
}
DETAILS: dict[str, Any] = {
    **{key: value for key, value in SUMMARY.items() if key != "total_tokens"},
    "model": "m",
    "provider": "openai",
    "last_assistant_text": "Hi.",
    "resolved_capabilities": CAPABILITIES,
}
HISTORY: dict[str, Any] = {"session_id": "s", "message_count": 1, "offset": 0, "has_more": False, "messages": []}
MEMBER: dict[str, Any] = {
    "agent_identity": "w1",
    "member_ref": "ref",
    "role": "worker",
    "runtime_mode": "turn_driven",
    "state": "active",
    "wired_to": ["w2"],
    "labels": {"a": "b"},
    "status": "active",
    "error": None,
    "is_final": False,
    "new_field": 1,
}
STATUS: dict[str, Any] = {
    "status": "active",
    "output_preview": None,
    "error": "no",
    "tokens_used": 12,
    "is_final": False,
    "current_session_id": "s",
    "peer_connectivity": {
        "reachable_peer_count": 1,
        "unknown_peer_count": 0,
        "unreachable_peers": [{"peer": "a", "reason": None}, {"peer": "b", "reason": "gone"}],
    },
    "kickoff": {"phase": "started"},
    "external_member": {"binding_mode": "peer_only"},
    "resolved_capabilities": CAPABILITIES,
}


def with_message(message: dict[str, Any]) -> SessionMessage:
    return history.parse_history({**HISTORY, "messages": [{"created_at": "t", **message}]}).messages[0]


def with_block(block: dict[str, Any]) -> SessionAssistantBlock:
    return with_message({"role": "block_assistant", "stop_reason": "end_turn", "blocks": [block]}).blocks[0]


# What results become


def test_a_run_result_keeps_everything() -> None:
    assert runs.parse_run_result(RUN) == RunResult(
        "s",
        "Hi.",
        1,
        2,
        Usage(8, 5, None, 3),
        "budget_exhausted",
        "r:s",
        {"a": 1},
        ExtractionError("x", 3, "no"),
        [SchemaWarning("open_a_i", "/a", "m")],
        SkillRuntimeDiagnostics(
            SourceHealthSnapshot("healthy", 0.5, 1, 2, 0, False),
            [SkillQuarantineDiagnostic("u", "pdf", "/x", "E1", "parse", "bad", 1, 2)],
        ),
    )


def test_a_run_result_without_optional_fields_has_their_defaults() -> None:
    raw: Any = {"session_id": "s", "text": "", "turns": 0.0, "tool_calls": 0, "usage": {"input_tokens": 0, "output_tokens": 0}}
    assert runs.parse_run_result(raw) == RunResult("s")


def test_sessions_in_a_list_and_one_by_one() -> None:
    assert sessions.parse_session_list({"sessions": [SUMMARY]}) == [SessionSummary("s", "r:s", 1, 2, 3, {"a": "b"}, True, 9)]
    assert sessions.parse_session_details(DETAILS) == SessionDetails(
        "s",
        "r:s",
        1,
        2,
        3,
        {"a": "b"},
        True,
        "m",
        "openai",
        "Hi.",
        CAPABILITIES,  # type: ignore[arg-type]
    )


def test_a_session_without_labels_and_capabilities_has_none() -> None:
    raw = {key: value for key, value in DETAILS.items() if key not in ("labels", "resolved_capabilities")}
    details = sessions.parse_session_details(raw)
    assert (details.labels, details.resolved_capabilities) == ({}, None)


def test_deferred_creates_forks_and_blobs() -> None:
    assert sessions.parse_deferred_create({"session_id": "s", "session_ref": "r:s"}) == ("s", "r:s")
    fork: Any = {"source_session_id": "s", "session_id": "f", "session_ref": "r:f", "message_count": 2}
    assert sessions.parse_fork_result(fork) == SessionForkResult("s", "f", "r:f", 2)
    assert sessions.parse_blob({"blob_id": "b", "media_type": "image/png", "data": "AA=="}) == BlobPayload("b", "image/png", "AA==")


def test_a_message_of_each_role_keeps_what_it_says() -> None:
    blocks = [{"type": "image", "media_type": "image/png", "source": "blob", "blob_id": "b"}, {"type": "unknown"}]
    assert with_message({"role": "system", "content": "You are terse."}).content == "You are terse."
    assert with_message({"role": "user", "content": blocks}).content == blocks
    assert with_message({"role": "user", "content": None}).content == ""
    notice = with_message({"role": "system_notice", "kind": "tool_scope", "body": "changed"})
    assert (notice.kind, notice.body, notice.content) == ("tool_scope", "changed", None)
    legacy = with_message({"role": "assistant", "content": "x", "stop_reason": "tool_use", "tool_calls": [{"id": "t", "name": "n"}]})
    assert (legacy.tool_calls, legacy.stop_reason) == ([SessionToolCall("t", "n", None)], "tool_use")
    results = [{"tool_use_id": "t", "content": "5", "is_error": False}, {"tool_use_id": "u", "content": blocks, "is_error": True}]
    assert with_message({"role": "tool_results", "results": results}).results == [
        SessionToolResult("t", "5", False),
        SessionToolResult("u", blocks, True),  # type: ignore[arg-type]
    ]


def test_a_block_of_each_type_keeps_what_it_says() -> None:
    meta = {"provider": "anthropic", "signature": "x"}
    assert with_block({"block_type": "text", "data": {"text": "a", "meta": meta}}).meta == meta
    spoken = with_block({"block_type": "transcript", "data": {"text": "a", "source": {"kind": "spoken"}}})
    assert (spoken.text, spoken.source) == ("a", "spoken")
    assert with_block({"block_type": "transcript", "data": {"text": "a", "source": "spoken"}}).source == "spoken"
    call = with_block({"block_type": "tool_use", "data": {"id": "t", "name": "n", "args": {"a": 1}}})
    assert (call.id, call.name, call.args) == ("t", "n", {"a": 1})
    assert with_block({"block_type": "server_tool_content", "data": {"name": "web_search", "content": {"hits": 3}}}).content == {"hits": 3}
    image_data = {
        "image_id": "i",
        "blob_ref": {"blob_id": "b", "media_type": "image/png"},
        "media_type": "image/png",
        "width": 4,
        "height": 5,
        "revised_prompt": {"disposition": "unchanged"},
        "meta": {"provider": "not_emitted"},
    }
    image = with_block({"block_type": "image", "data": image_data})
    assert (image.image_id, image.blob_id, image.width, image.height) == ("i", "b", 4, 5)
    assert image.revised_prompt == {"disposition": "unchanged"}
    assert with_block({"block_type": "hologram", "data": {"beams": 7}}).data == {"beams": 7}
    assert with_block({"block_type": "unknown"}) == SessionAssistantBlock("unknown")


def test_the_models_catalog_keeps_its_entries_and_reads_both_forms_of_version() -> None:
    providers: Any = [{"provider": "openai", "default_model_id": "m", "models": [{"id": "m", "tier": "recommended", "new": 1}]}]
    version = {"major": 0, "minor": 6, "patch": 5}
    for form in (version, "0.6.5"):
        assert models.parse_models_catalog({"contract_version": form, "providers": providers}) == {  # type: ignore[dict-item]
            "contract_version": version,
            "providers": providers,
        }


def test_what_is_not_said_of_a_model_it_cannot() -> None:
    details = sessions.parse_session_details({**DETAILS, "resolved_capabilities": {"vision": True}})
    assert details.resolved_capabilities is not None
    assert [name for name, can in details.resolved_capabilities.items() if can] == ["vision"]


def test_capabilities_are_named_by_their_status() -> None:
    raw: Any = [
        {"id": "sessions", "description": "d", "status": "Available"},
        {"id": "shell", "status": {"DisabledByPolicy": {"description": "x"}}},
        {"id": "odd", "status": {}},
    ]
    found = core.parse_capabilities({"capabilities": raw})
    assert found == [
        Capability("sessions", "d", "Available"),
        Capability("shell", "", "DisabledByPolicy"),
        Capability("odd", "", "Unknown"),
    ]
    assert [capability.available for capability in found] == [True, False, False]


def test_the_handshake_and_streams() -> None:
    assert core.parse_initialize({"contract_version": "0.6.5", "methods": ["a", "b"]}) == ("0.6.5", ["a", "b"])
    assert core.parse_initialize({"contract_version": "0.6.5"}) == ("0.6.5", [])
    assert core.parse_stream_open({"stream_id": "x", "opened": True}, "session/stream_open") == "x"


def test_a_change_of_mcp_servers_passes_unknown_fields_over() -> None:
    raw: Any = {"session_id": "s", "operation": "add", "server_name": "n", "status": "staged", "persisted": False, "new": 1}
    assert mcp.parse_mcp_response(raw) == McpLiveOpResponse("add", False, "s", "staged", None, "n")


def test_schedules_are_as_sent() -> None:
    schedule: Any = {"schedule_id": "x", "new": 1}
    assert schedules.parse_schedule(schedule) == schedule
    assert schedules.parse_schedule_list({"schedules": [schedule]}) == {"schedules": [schedule]}
    occurrence: Any = {"occurrence_id": "o", "phase": "pending"}
    assert schedules.parse_schedule_occurrences({"occurrences": [occurrence]}) == {"occurrences": [occurrence]}
    assert schedules.parse_schedule_tools({"tools": [{"name": "t"}]}) == {"tools": [{"name": "t"}]}


def test_mobs() -> None:
    assert mobs.parse_mob_create({"mob_id": "m"}) == "m"
    assert mobs.parse_mob_list({"mobs": [{"mob_id": "m", "status": "Running"}]}) == [{"mob_id": "m", "status": "Running"}]
    assert mobs.parse_mob_status({"mob_id": "m", "status": "Running"}) == {"mob_id": "m", "status": "Running"}
    assert mobs.parse_mob_status({"mob_id": "m", "status": {"Broken": {}}}) == {"mob_id": "m", "status": "Broken"}
    assert mobs.parse_mob_events({"events": [{"cursor": 1, "kind": {}}]}) == {"events": [{"cursor": 1, "kind": {}}]}
    assert mobs.parse_mob_flows({"mob_id": "m", "flows": ["a"]}) == ["a"]
    assert mobs.parse_mob_flow_run({"run_id": "r"}) == "r"
    assert mobs.parse_mob_flow_status({"run": {"status": "completed"}}) == {"status": "completed"}
    assert mobs.parse_mob_flow_status({"run": None}) is None
    context = {"mob_id": "m", "agent_identity": "w1", "status": "duplicate"}
    assert mobs.parse_append_system_context({**context, "new": 1}) == context


def test_stored_profiles() -> None:
    profile: Any = {"name": "p", "profile": {"model": "m"}, "revision": 1, "created_at": "t", "updated_at": "t"}
    assert mobs.parse_mob_profile(profile) == profile
    assert mobs.parse_mob_profile({"name": "p", "not_found": True}) is None
    assert mobs.parse_mob_profiles({"profiles": [profile]}) == [profile]


def test_members_keep_what_they_say_under_their_documented_names() -> None:
    assert mob_members.parse_mob_members({"members": [MEMBER]}) == [
        {
            "agent_identity": "w1",
            "member_ref": "ref",
            "profile": "worker",
            "runtime_mode": "turn_driven",
            "state": "active",
            "wired_to": ["w2"],
            "labels": {"a": "b"},
            "status": "active",
            "is_final": False,
        }
    ]


def test_the_status_of_a_member_drops_nothing_but_nulls() -> None:
    expected = {key: value for key, value in STATUS.items() if value is not None}
    expected["peer_connectivity"] = {
        "reachable_peer_count": 1,
        "unknown_peer_count": 0,
        "unreachable_peers": [{"peer": "a"}, {"peer": "b", "reason": "gone"}],
    }
    assert mob_members.parse_member_status(STATUS) == expected
    waited = mob_members.parse_waited_members({"members": [{"agent_identity": "w1", **STATUS}]}, "mob/wait_ready")
    assert waited == [{"agent_identity": "w1", **expected}]


def test_receipts_of_members() -> None:
    receipt: Any = {"mob_id": "m", "agent_identity": "w1", "member_ref": "ref"}
    assert mob_members.parse_mob_spawn(receipt) == receipt
    delivery: Any = {"agent_identity": "w1", "member_ref": "ref", "handling_mode": "queue"}
    assert mob_members.parse_member_send({**delivery, "mob_id": "m"}) == delivery
    helper: Any = {"output": None, "tokens_used": 0, "agent_identity": "h", "member_ref": "ref"}
    assert mob_members.parse_mob_helper(helper, "mob/spawn_helper") == helper
    matching: Any = {"members": [MEMBER]}
    assert mob_members.parse_matching_members(matching) == matching


def test_each_member_of_many_is_spawned_or_says_why_not() -> None:
    raw: Any = [
        {"status": "spawned", "result": {"agent_identity": "w1", "member_ref": "ref"}},
        {"status": "failed", "result": {"cause": "a_new_cause", "message": "no"}},
    ]
    assert mob_members.parse_mob_spawn_many({"results": raw}).results == [
        MobSpawnManyResultEntry(MobSpawnManySpawnedResult("w1", "ref"), "spawned"),
        MobSpawnManyResultEntry(MobSpawnManyFailedResult("a_new_cause", "no"), "failed"),  # type: ignore[arg-type]
    ]


def test_a_respawn_says_what_the_server_says() -> None:
    raw: Any = {"receipt": {"identity": "w1", "member_ref": "ref"}, "status": "topology_restore_failed", "failed_peer_ids": ["p"]}
    expected = {
        "status": "topology_restore_failed",
        "receipt": {"agent_identity": "w1", "member_ref": "ref"},
        "failed_peer_ids": ["p"],
    }
    assert mob_members.parse_mob_respawn(raw) == expected


def test_live_channels() -> None:
    assert live.parse_live_channel({"channel_id": "c"}) == "c"
    assert live.parse_live_refresh({"refresh_enqueued": True, "status": "queued"}) == LiveRefreshResult(True, "queued")
    observation = {"observation": "ready", "new": 1}
    assert live.parse_live_observation(observation) is observation
    for wrong in ("ready", {"type": "ready"}):
        with pytest.raises(ValueError, match="a live observation must"):
            live.parse_live_observation(wrong)


# What is wrong, and where

BREAKS: list[tuple[Callable[[Any], object], dict[str, Any], str, object]] = [
    (runs.parse_run_result, RUN, "usage", None),
    (runs.parse_run_result, RUN, "usage.input_tokens", True),
    (runs.parse_run_result, RUN, "usage.cache_read_tokens", 1.5),
    (runs.parse_run_result, RUN, "turns", "1"),
    (runs.parse_run_result, RUN, "session_id", ""),
    (runs.parse_run_result, RUN, "extraction_error.attempts", None),
    (runs.parse_run_result, RUN, "schema_warnings[0].path", 5),
    (runs.parse_run_result, RUN, "skill_diagnostics.source_health.invalid_ratio", "half"),
    (runs.parse_run_result, RUN, "skill_diagnostics.quarantined[0].key", "pdf"),
    (sessions.parse_session_list, {"sessions": [SUMMARY]}, "sessions", None),
    (sessions.parse_session_list, {"sessions": [SUMMARY]}, "sessions[0]", 5),
    (sessions.parse_session_list, {"sessions": [SUMMARY]}, "sessions[0].labels.a", 1),
    (sessions.parse_session_details, DETAILS, "is_active", "yes"),
    (sessions.parse_session_details, DETAILS, "resolved_capabilities.vision", "yes"),
    (history.parse_history, HISTORY, "messages", {}),
    (history.parse_history, {**HISTORY, "messages": [{"role": "user", "content": "x"}]}, "messages[0].content", 5),
    (history.parse_history, {**HISTORY, "messages": [{"role": "user", "content": [{}]}]}, "messages[0].content[0]", "x"),
    (models.parse_models_catalog, {"contract_version": "0.6.5", "providers": []}, "contract_version", "0.6"),
    (models.parse_models_catalog, {"contract_version": "0.6.5", "providers": []}, "contract_version", None),
    (core.parse_initialize, {"contract_version": "0.6.5", "methods": ["a"]}, "methods[0]", 1),
    (mcp.parse_mcp_response, {"operation": "add", "persisted": True, "session_id": "s", "status": "staged"}, "persisted", "yes"),
    (mobs.parse_mob_status, {"mob_id": "m", "status": "Running"}, "status", {}),
    (mob_members.parse_mob_members, {"members": [MEMBER]}, "members[0].member_ref", ""),
    (mob_members.parse_mob_members, {"members": [MEMBER]}, "members[0].role", None),
    (mob_members.parse_mob_spawn_many, {"results": [{"status": "spawned", "result": {}}]}, "results[0].status", "lost"),
    (mob_members.parse_mob_respawn, {"status": "completed", "receipt": {}}, "receipt", None),
]


def broken(raw: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return `raw` with the place `path` changed to `value`, or taken away for None."""
    result = copy.deepcopy(raw)
    *way, last = path.replace("[", ".").replace("]", "").split(".")
    place: Any = result
    for step in way:
        place = place[int(step) if step.isdecimal() else step]
    if value is None:
        del place[last]
    else:
        place[int(last) if last.isdecimal() else last] = value
    return result


@pytest.mark.parametrize(("parse", "raw", "path", "value"), BREAKS, ids=[f"{path}={value!r}" for _, _, path, value in BREAKS])
def test_the_place_that_is_wrong_is_named(parse: Callable[[Any], object], raw: dict[str, Any], path: str, value: object) -> None:
    with pytest.raises(ProtocolError) as caught:
        parse(broken(raw, path, value))
    assert caught.value.code == "INVALID_RESPONSE"
    assert caught.value.path == path
    assert path in str(caught.value)


@pytest.mark.parametrize("raw", [None, 5, "text", []])
def test_a_result_that_is_no_object_is_named_as_such(raw: Any) -> None:
    with pytest.raises(ProtocolError, match="Invalid run result: result must be an object"):
        runs.parse_run_result(raw)
