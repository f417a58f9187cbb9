"""Every method says what the contract names: its method, and the params that were given."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import CapabilityUnavailableError, MeerkatClient, MethodNotFoundError, ProtocolError, SkillKey
from meerkat.client import Limits
from meerkat.wire.methods import METHODS
from tests.meerkat.client.peer import OTHER, SESSION, result

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = SkillKey("6f0d3b1e-0c5e-4b7c-9f36-5f1f3a0c2a11", "pdf-tools")
WIRE_KEY = {"source_uuid": KEY.source_uuid, "skill_name": KEY.skill_name}
RECEIPT = {"mob_id": "m", "agent_identity": "w", "member_ref": "ref"}
STATUS = {"status": "active", "tokens_used": 1, "is_final": False}
SCHEDULE: dict[str, Any] = {"schedule_id": "s", "revision": 1, "phase": "active"}
PROFILE = {"name": "p", "profile": {"model": "x"}, "revision": 1}
MCP = {"session_id": SESSION, "operation": "add", "server_name": "x", "status": "staged", "persisted": False}
FORK = {"source_session_id": SESSION, "session_id": OTHER, "message_count": 1}
HISTORY = {"session_id": SESSION, "message_count": 0, "offset": 0, "has_more": False, "messages": []}
DETAILS = {
    "session_id": SESSION,
    "created_at": 1,
    "updated_at": 2,
    "message_count": 3,
    "is_active": False,
    "model": "m",
    "provider": "openai",
}
EVENT = {"outcome_type": "accepted", "input_id": "i"}

Call = tuple[str, "Callable[[MeerkatClient], Any]", str, dict[str, Any], dict[str, Any]]


def where(**more: Any) -> dict[str, Any]:
    return {"realm_id": "r", "binding_id": "b", **more}


CALLS: list[Call] = [
    ("list_realms", lambda c: c.list_realms(), "realm/list", {}, {"realms": []}),
    ("get_realm", lambda c: c.get_realm("r"), "realm/get", {"realm_id": "r"}, {}),
    ("list_auth_profiles", lambda c: c.list_auth_profiles("r"), "auth/profile/list", {"realm_id": "r"}, {}),
    ("get_auth_profile", lambda c: c.get_auth_profile("r", "b", "p"), "auth/profile/get", where(profile_id="p"), {}),
    ("create_auth_profile", lambda c: c.create_auth_profile({"x": 1}), "auth/profile/create", {"x": 1}, {}),
    ("delete_auth_profile", lambda c: c.delete_auth_profile("r", "b"), "auth/profile/delete", where(), {}),
    (
        "auth_login_start",
        lambda c: c.auth_login_start("openai", realm_id="r", binding_id="b"),
        "auth/login/start",
        where(provider="openai", redirect_uri="http://127.0.0.1:0/callback"),
        {},
    ),
    (
        "auth_login_complete",
        lambda c: c.auth_login_complete("openai", "c", "s", realm_id="r", binding_id="b"),
        "auth/login/complete",
        where(provider="openai", code="c", state="s", redirect_uri="http://127.0.0.1:0/callback"),
        {},
    ),
    (
        "auth_login_device_start",
        lambda c: c.auth_login_device_start("openai", realm_id="r", binding_id="b"),
        "auth/login/device_start",
        where(provider="openai"),
        {},
    ),
    (
        "auth_login_device_complete",
        lambda c: c.auth_login_device_complete("openai", "d", realm_id="r", binding_id="b"),
        "auth/login/device_complete",
        where(provider="openai", device_code="d"),
        {},
    ),
    (
        "auth_provision_api_key",
        lambda c: c.auth_provision_api_key("t", realm_id="r", binding_id="b"),
        "auth/login/provision_api_key",
        where(access_token="t"),
        {},
    ),
    ("auth_status", lambda c: c.auth_status("r", "b"), "auth/status/get", where(), {}),
    ("auth_logout", lambda c: c.auth_logout("r", "b"), "auth/logout", where(), {}),
    (
        "create_session",
        lambda c: c.create_session("", max_tokens=0, system_prompt="", preload_skills=[KEY], skill_refs=[KEY]),
        "session/create",
        {
            "prompt": "",
            "system_prompt": "",
            "max_tokens": 0,
            "preload_skills": [WIRE_KEY],
            "skill_refs": [{"kind": "structured", **WIRE_KEY}],
        },
        result(SESSION),
    ),
    ("ask_help", lambda c: c.ask_help("how?"), "help/ask", {"question": "how?", "execution_mode": "explain_only"}, result(SESSION)),
    ("list_sessions", lambda c: c.list_sessions(limit=0), "session/list", {"limit": 0}, {"sessions": []}),
    ("read_session", lambda c: c.read_session(SESSION), "session/read", {"session_id": SESSION}, DETAILS),
    ("read_session_history", lambda c: c.read_session_history(SESSION), "session/history", {"session_id": SESSION, "offset": 0}, HISTORY),
    ("archive_session", lambda c: c.archive_session(SESSION), "session/archive", {"session_id": SESSION}, {"archived": True}),
    ("interrupt_turn", lambda c: c.interrupt_turn(SESSION), "turn/interrupt", {"session_id": SESSION}, {"interrupted": True}),
    (
        "start_turn",
        lambda c: c.start_turn({"session_id": SESSION, "prompt": "x"}),
        "turn/start",
        {"session_id": SESSION, "prompt": "x"},
        result(SESSION),
    ),
    ("fork_session_at", lambda c: c.fork_session_at(SESSION, 1), "session/fork_at", {"session_id": SESSION, "message_index": 1}, FORK),
    (
        "fork_session_replace",
        lambda c: c.fork_session_replace(SESSION, 1, {"type": "message", "message": {}}, running_behavior="reject"),  # type: ignore[arg-type]
        "session/fork_replace",
        {"session_id": SESSION, "message_index": 1, "replacement": {"type": "message", "message": {}}, "running_behavior": "reject"},
        FORK,
    ),
    (
        "inject_context",
        lambda c: c.inject_context(SESSION, "t", source="s", idempotency_key="k"),
        "session/inject_context",
        {"session_id": SESSION, "text": "t", "source": "s", "idempotency_key": "k"},
        {"status": "staged"},
    ),
    (
        "send_external_event",
        lambda c: c.send_external_event(SESSION, "ping", None),
        "session/external_event",
        {"session_id": SESSION, "kind": "generic_json", "event_type": "ping", "payload": None},
        EVENT,
    ),
    (
        "send_peer_response_terminal",
        lambda c: c.send_peer_response_terminal(SESSION, "p", "q", "completed", {"a": 1}),  # type: ignore[arg-type]
        "session/peer_response_terminal",
        {"session_id": SESSION, "peer_id": "p", "request_id": "q", "status": "completed", "result": {"a": 1}},
        EVENT,
    ),
    (
        "get_blob",
        lambda c: c.get_blob("sha256:x"),
        "blob/get",
        {"blob_id": "sha256:x"},
        {"blob_id": "sha256:x", "media_type": "image/png", "data": ""},
    ),
    ("get_runtime_host_info", lambda c: c.get_runtime_host_info(), "runtime/host_info", {}, {}),
    ("get_runtime_host_capabilities", lambda c: c.get_runtime_host_capabilities(), "runtime/capabilities", {}, {}),
    ("get_runtime_host_health", lambda c: c.get_runtime_host_health(), "runtime/health", {}, {}),
    ("request_approval", lambda c: c.request_approval({"a": 1}), "approval/request", {"a": 1}, {}),
    ("list_approvals", lambda c: c.list_approvals(), "approval/list", {}, {}),
    ("get_approval", lambda c: c.get_approval({"a": 1}), "approval/get", {"a": 1}, {}),
    ("decide_approval", lambda c: c.decide_approval({"a": 1}), "approval/decide", {"a": 1}, {}),
    ("list_artifacts", lambda c: c.list_artifacts({"a": 1}), "artifact/list", {"a": 1}, {}),
    ("get_artifact", lambda c: c.get_artifact({"a": 1}), "artifact/get", {"a": 1}, {}),
    ("download_artifact", lambda c: c.download_artifact({"a": 1}), "artifact/download", {"a": 1}, {}),
    ("latest_event_cursor", lambda c: c.latest_event_cursor({"a": 1}), "events/latest_cursor", {"a": 1}, {}),
    ("list_events_since", lambda c: c.list_events_since({"a": 1}), "events/list_since", {"a": 1}, {}),
    ("event_snapshot", lambda c: c.event_snapshot({"a": 1}), "events/snapshot", {"a": 1}, {}),
    ("get_config", lambda c: c.get_config(), "config/get", {}, {}),
    (
        "set_config",
        lambda c: c.set_config({"a": 1}, expected_generation=0),
        "config/set",
        {"config": {"a": 1}, "expected_generation": 0},
        {},
    ),
    ("patch_config", lambda c: c.patch_config({"a": None}), "config/patch", {"patch": {"a": None}}, {}),
    ("list_skills", lambda c: c.list_skills(), "skills/list", {}, {"skills": []}),
    (
        "mcp_add",
        lambda c: c.mcp_add(SESSION, {"name": "x"}),  # type: ignore[arg-type]
        "mcp/add",
        {"session_id": SESSION, "server_config": {"name": "x"}, "persisted": False},
        MCP,
    ),
    (
        "mcp_remove",
        lambda c: c.mcp_remove(SESSION, "x"),
        "mcp/remove",
        {"session_id": SESSION, "server_name": "x", "persisted": False},
        {**MCP, "operation": "remove"},
    ),
    (
        "mcp_reload",
        lambda c: c.mcp_reload(SESSION),
        "mcp/reload",
        {"session_id": SESSION, "persisted": False},
        {**MCP, "operation": "reload"},
    ),
    ("create_schedule", lambda c: c.create_schedule({"a": 1}), "schedule/create", {"a": 1}, SCHEDULE),
    ("get_schedule", lambda c: c.get_schedule("s"), "schedule/get", {"schedule_id": "s"}, SCHEDULE),
    ("list_schedules", lambda c: c.list_schedules(offset=0), "schedule/list", {"offset": 0}, {"schedules": [SCHEDULE]}),
    ("update_schedule", lambda c: c.update_schedule({"a": 1}), "schedule/update", {"a": 1}, SCHEDULE),
    ("pause_schedule", lambda c: c.pause_schedule("s"), "schedule/pause", {"schedule_id": "s"}, SCHEDULE),
    ("resume_schedule", lambda c: c.resume_schedule("s"), "schedule/resume", {"schedule_id": "s"}, SCHEDULE),
    ("delete_schedule", lambda c: c.delete_schedule("s"), "schedule/delete", {"schedule_id": "s"}, SCHEDULE),
    (
        "list_schedule_occurrences",
        lambda c: c.list_schedule_occurrences("s", include_terminal=False),
        "schedule/occurrences",
        {"schedule_id": "s", "include_terminal": False},
        {"occurrences": []},
    ),
    ("list_schedule_tools", lambda c: c.list_schedule_tools(), "schedule/tools", {}, {"tools": []}),
    (
        "call_schedule_tool",
        lambda c: c.call_schedule_tool({"name": "x", "arguments": {}}),
        "schedule/call",
        {"name": "x", "arguments": {}},
        {},
    ),
    (
        "get_models_catalog",
        lambda c: c.get_models_catalog(),
        "models/catalog",
        {},
        {"contract_version": {"major": 0, "minor": 6, "patch": 5}, "providers": []},
    ),
    ("list_mobs", lambda c: c.list_mobs(), "mob/list", {}, {"mobs": []}),
    ("mob_status", lambda c: c.mob("m").status(), "mob/status", {"mob_id": "m"}, {"mob_id": "m", "status": "Running"}),
    ("mob_lifecycle", lambda c: c.mob("m").lifecycle("stop"), "mob/lifecycle", {"mob_id": "m", "action": "stop"}, {}),
    ("mob_snapshot", lambda c: c.mob_snapshot("m"), "mob/snapshot", {"mob_id": "m"}, {}),
    ("mob_destroy", lambda c: c.mob_destroy("m"), "mob/destroy", {"mob_id": "m"}, {}),
    ("mob_rotate_supervisor", lambda c: c.mob_rotate_supervisor("m"), "mob/rotate_supervisor", {"mob_id": "m"}, {}),
    ("read_mob_events", lambda c: c.mob("m").read_events(), "mob/events", {"mob_id": "m", "after_cursor": 0, "limit": 100}, {"events": []}),
    ("list_mob_flows", lambda c: c.mob("m").flows(), "mob/flows", {"mob_id": "m"}, {"flows": ["f"]}),
    ("run_mob_flow", lambda c: c.mob("m").run_flow("f"), "mob/flow_run", {"mob_id": "m", "flow_id": "f", "params": {}}, {"run_id": "r"}),
    ("get_mob_flow_status", lambda c: c.mob("m").flow_status("r"), "mob/flow_status", {"mob_id": "m", "run_id": "r"}, {"run": None}),
    ("cancel_mob_flow", lambda c: c.mob("m").cancel_flow("r"), "mob/flow_cancel", {"mob_id": "m", "run_id": "r"}, {}),
    (
        "mob_submit_work",
        lambda c: c.mob_submit_work("ref", "do"),
        "mob/submit_work",
        {"member_ref": "ref", "content": "do", "origin": "external"},
        {},
    ),
    ("mob_cancel_work", lambda c: c.mob_cancel_work("m", "w"), "mob/cancel_work", {"mob_id": "m", "work_ref": "w"}, {}),
    ("mob_cancel_all_work", lambda c: c.mob_cancel_all_work("ref"), "mob/cancel_all_work", {"member_ref": "ref"}, {}),
    ("mob_ingress_interaction", lambda c: c.mob_ingress_interaction({"a": 1}), "mob/ingress_interaction", {"a": 1}, {}),
    ("list_mob_members", lambda c: c.mob("m").members(), "mob/members", {"mob_id": "m"}, {"mob_id": "m", "members": []}),
    (
        "mob_list_members_matching",
        lambda c: c.mob_list_members_matching("m", {}),
        "mob/list_members_matching",
        {"mob_id": "m", "filter": {}},
        {"members": []},
    ),
    (
        "spawn_mob_member",
        lambda c: c.mob("m").spawn(profile="p", agent_identity="w", labels={}, auto_wire_parent=False),
        "mob/spawn",
        {
            "mob_id": "m",
            "profile": "p",
            "agent_identity": "w",
            "initial_message": None,
            "runtime_mode": None,
            "backend": None,
            "labels": {},
            "context": None,
            "additional_instructions": None,
            "auto_wire_parent": False,
        },
        RECEIPT,
    ),
    (
        "spawn_mob_members",
        lambda c: c.mob("m").spawn_many([{"profile": "p", "agent_identity": "w"}]),
        "mob/spawn_many",
        {"mob_id": "m", "specs": [{"profile": "p", "agent_identity": "w"}]},
        {"results": []},
    ),
    ("mob_ensure_member", lambda c: c.mob_ensure_member("m", {}), "mob/ensure_member", {"mob_id": "m", "spec": {}}, {}),
    ("mob_reconcile", lambda c: c.mob_reconcile("m", []), "mob/reconcile", {"mob_id": "m", "desired": []}, {}),
    (
        "spawn_mob_helper",
        lambda c: c.mob("m").spawn_helper("go"),
        "mob/spawn_helper",
        {"mob_id": "m", "prompt": "go", "agent_identity": None, "role_name": None, "runtime_mode": None, "backend": None},
        {**RECEIPT, "tokens_used": 1, "output": "x"},
    ),
    (
        "fork_mob_helper",
        lambda c: c.mob("m").fork_helper("w", "go"),
        "mob/fork_helper",
        {
            "mob_id": "m",
            "prompt": "go",
            "source_member_id": "w",
            "fork_context": None,
            "agent_identity": None,
            "role_name": None,
            "runtime_mode": None,
            "backend": None,
        },
        {**RECEIPT, "tokens_used": 1, "output": None},
    ),
    (
        "send_mob_member_content",
        lambda c: c.mob("m").member("w").send("hi"),
        "mob/member_send",
        {"mob_id": "m", "agent_identity": "w", "content": "hi", "handling_mode": "queue", "render_metadata": None},
        {**RECEIPT, "handling_mode": "queue"},
    ),
    (
        "mob_turn_start",
        lambda c: c.mob_turn_start("m", "w", "go", clear_auth_binding=True),
        "mob/turn_start",
        {"mob_id": "m", "agent_identity": "w", "prompt": "go", "clear_auth_binding": True},
        {},
    ),
    (
        "append_mob_system_context",
        lambda c: c.mob("m").append_system_context("w", "t"),
        "mob/append_system_context",
        {"mob_id": "m", "agent_identity": "w", "text": "t", "source": None, "idempotency_key": None},
        {"mob_id": "m", "agent_identity": "w", "status": "staged"},
    ),
    ("mob_member_status", lambda c: c.mob("m").member_status("w"), "mob/member_status", {"mob_id": "m", "agent_identity": "w"}, STATUS),
    ("wait_mob_kickoff", lambda c: c.mob("m").wait_for_kickoff_complete(), "mob/wait_kickoff", {"mob_id": "m"}, {"members": []}),
    (
        "wait_mob_ready",
        lambda c: c.mob("m").wait_for_ready(timeout_ms=1),
        "mob/wait_ready",
        {"mob_id": "m", "timeout_ms": 1},
        {"members": []},
    ),
    ("wire_mob_members", lambda c: c.mob("m").wire("a", "b"), "mob/wire", {"mob_id": "m", "member": "a", "peer": {"local": "b"}}, {}),
    ("unwire_mob_members", lambda c: c.mob("m").unwire("a", {"x": 1}), "mob/unwire", {"mob_id": "m", "member": "a", "peer": {"x": 1}}, {}),
    ("retire_mob_member", lambda c: c.mob("m").retire("w"), "mob/retire", {"mob_id": "m", "agent_identity": "w"}, {}),
    (
        "respawn_mob_member",
        lambda c: c.mob("m").respawn("w"),
        "mob/respawn",
        {"mob_id": "m", "agent_identity": "w", "initial_message": None},
        {"status": "completed", "receipt": {"identity": "w", "member_ref": "ref"}},
    ),
    ("force_cancel_mob_member", lambda c: c.mob("m").force_cancel("w"), "mob/force_cancel", {"mob_id": "m", "agent_identity": "w"}, {}),
    ("create_mob", lambda c: c.create_mob(definition={"id": "m"}), "mob/create", {"definition": {"id": "m"}}, {"mob_id": "m"}),
    ("create_mob_profile", lambda c: c.create_mob_profile("p", {}), "mob/profile/create", {"name": "p", "profile": {}}, PROFILE),  # type: ignore[arg-type,typeddict-item]
    ("get_mob_profile", lambda c: c.get_mob_profile("p"), "mob/profile/get", {"name": "p"}, {"not_found": True}),
    ("list_mob_profiles", lambda c: c.list_mob_profiles(), "mob/profile/list", {}, {"profiles": [PROFILE]}),
    (
        "update_mob_profile",
        lambda c: c.update_mob_profile("p", {}, 1),
        "mob/profile/update",
        {"name": "p", "profile": {}, "expected_revision": 1},
        PROFILE,
    ),  # type: ignore[arg-type,typeddict-item]
    ("delete_mob_profile", lambda c: c.delete_mob_profile("p", 1), "mob/profile/delete", {"name": "p", "expected_revision": 1}, {}),
    (
        "send",
        lambda c: c.session(SESSION) and c.send(SESSION, kind="peer_message", to="bob", body="hi", allow_self_session=False),
        "comms/send",
        {"session_id": SESSION, "kind": "peer_message", "to": "bob", "body": "hi", "allow_self_session": False},
        {},
    ),
    ("peers", lambda c: c.peers(SESSION), "comms/peers", {"session_id": SESSION}, {"peers": []}),
    (
        "live_open",
        lambda c: c.live_open(SESSION, "explicit_commit"),
        "live/open",
        {"session_id": SESSION, "turning_mode": "explicit_commit"},
        {},
    ),
    ("live_status", lambda c: c.live_status("ch"), "live/status", {"channel_id": "ch"}, {}),
    ("live_close", lambda c: c.live_close("ch"), "live/close", {"channel_id": "ch"}, {}),
    (
        "live_send_input_text",
        lambda c: c.live_send_input_text("ch", "t"),
        "live/send_input",
        {"channel_id": "ch", "chunk": {"kind": "text", "text": "t"}},
        {},
    ),
    (
        "live_commit_input",
        lambda c: c.live_commit_input("ch", "audio"),
        "live/commit_input",
        {"channel_id": "ch", "response_modality": {"modality": "audio"}},
        {},
    ),
    ("live_interrupt", lambda c: c.live_interrupt("ch"), "live/interrupt", {"channel_id": "ch"}, {}),
    (
        "live_truncate",
        lambda c: c.live_truncate("ch", "i", 0, 5),
        "live/truncate",
        {"channel_id": "ch", "item_id": "i", "content_index": 0, "audio_played_ms": 5},
        {},
    ),
    ("live_refresh", lambda c: c.live_refresh("ch"), "live/refresh", {"channel_id": "ch"}, {"refresh_enqueued": True, "status": "queued"}),
]


class Recorder(MeerkatClient):
    """A client whose one seam is a table."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__(limits=Limits())
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answer = answer
        self._methods = frozenset({"mob/create"})

    async def _request(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((method, params))
        return self.answer


@pytest.mark.parametrize(("call", "method", "params", "answer"), [one[1:] for one in CALLS], ids=[one[0] for one in CALLS])
async def test_a_method_sends_what_it_was_given(call: Any, method: str, params: dict[str, Any], answer: dict[str, Any]) -> None:
    client = Recorder(answer)
    await call(client)
    assert client.asked == [(method, params)]
    assert method in METHODS


BESIDE = {
    "initialize",
    "capabilities/get",
    "tools/register",
    "session/stream_open",
    "session/stream_close",
    "mob/stream_open",
    "mob/stream_close",
}


def test_every_method_of_the_contract_has_a_call_here() -> None:
    assert set(METHODS) - {one[2] for one in CALLS} - {"skills/inspect"} == BESIDE


@pytest.mark.parametrize("retired", ["status", "submissions", "retire", "reset"])
async def test_a_retired_method_warns_and_raises_without_asking(retired: str) -> None:
    client = Recorder({})
    with pytest.warns(DeprecationWarning, match="Retired"), pytest.raises(MethodNotFoundError):
        await getattr(client, f"runtime_{retired}")(SESSION)
    with pytest.warns(DeprecationWarning, match="Retired"), pytest.raises(MethodNotFoundError):
        await client.runtime_submit(SESSION, "x")
    with pytest.warns(DeprecationWarning, match="Retired"), pytest.raises(MethodNotFoundError):
        await client.runtime_submission(SESSION, "x")
    assert client.asked == []


async def test_a_skill_must_be_a_skill_key() -> None:
    with pytest.raises(TypeError, match="SkillKey"):
        await Recorder({}).create_session("x", skill_refs=["pdf"])  # type: ignore[list-item]


async def test_context_without_a_key_gets_one_since_the_server_loses_it_otherwise() -> None:
    client = Recorder({"status": "staged"})
    await client.inject_context(SESSION, "a")
    await client.inject_context(SESSION, "a")
    keys = [params["idempotency_key"] for _, params in client.asked]
    assert len(set(keys)) == 2
    assert all(keys)


async def test_mobs_need_the_capability() -> None:
    client = Recorder({})
    client._methods = frozenset()
    for call in (client.list_mobs, lambda: client.create_mob(definition={})):
        with pytest.raises(CapabilityUnavailableError):
            await call()


async def test_typed_definitions_go_out_without_what_is_none() -> None:
    from meerkat.generated.types import WireMobProfile

    client = Recorder(RECEIPT)
    await client.spawn_mob_member("m", profile="p", agent_identity="w", override_profile=WireMobProfile(model="x"))  # type: ignore[call-arg]
    assert None not in client.asked[0][1]["override_profile"].values()
    assert client.asked[0][1]["override_profile"]["model"] == "x"


async def test_success_is_never_made_up() -> None:
    for call in (
        lambda c: c.create_mob(definition={}),
        lambda c: c.run_mob_flow("m", "f"),
        lambda c: c.create_session("x"),
        lambda c: c.create_deferred_session("x"),
        lambda c: c.read_session(SESSION),
        lambda c: c.live_refresh("ch"),
        lambda c: c.respawn_mob_member("m", "w"),
    ):
        with pytest.raises(ProtocolError):
            await call(Recorder({}))


async def test_nothing_is_sent_without_a_connection() -> None:
    client = MeerkatClient()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(Exception, match="Client not connected"):
            await client.get_config()
        with pytest.raises(Exception, match="Client not connected"):
            client.create_session_streaming("x")
    await client.close()
