"""The moves of generated conversations: for every method of the contract what it may be given, what it needs and what it brings.

The table is all there is to know about the contract here. Texts may hold `{n}`, the number of the step, where something new is named.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from meerkat_mock.strategies.playing import TOOL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypothesis.strategies import SearchStrategy

    from meerkat.wire.base import JsonObject

    Values = Mapping[str, "SearchStrategy[Any]"]

STRANGER: Final = "0198c0de-1111-7aaa-8bbb-0123456789ab"
"""An id that nothing has."""
NOBODY: Final[Mapping[str, JsonObject]] = MappingProxyType(
    {
        "session": {"session_id": STRANGER},
        "stream": {"stream_id": STRANGER},
        "mob": {"mob_id": "nowhere"},
        "pair": {"mob_id": "nowhere", "member": "nobody", "peer": {"local": "no one"}},
        "source": {"mob_id": "nowhere", "source_member_id": "nobody"},
        "member": {"mob_id": "nowhere", "agent_identity": "nobody"},
        "work": {"member_ref": "eyJhIjoibm9ib2R5IiwibSI6Im5vd2hlcmUifQ"},
        "run": {"mob_id": "nowhere", "run_id": STRANGER},
        "mob stream": {"stream_id": STRANGER},
        "schedule": {"schedule_id": STRANGER},
        "approval": {"approval_id": STRANGER},
        "profile": {"name": "nothing"},
        "realm": {"realm_id": "nowhere"},
        "binding": {"realm_id": "nowhere", "binding_id": "api"},
        "mcp server": {"session_id": STRANGER, "server_name": "never"},
    }
)
"""What stands in for each kind of thing when there is none, or when the wrong one is wanted."""


@dataclass(frozen=True)
class Move:
    """One method: `about` names the kind of thing that it is about, `gives` what there is once it has succeeded, `ends` what no more.

    What is about something and ends the same kind ends that thing, and whatever else has all of its members.

    The values of `gives` are where the members come from: `$path` in the result, `=name` in the params, anything else is itself.
    """

    method: str
    about: str = ""
    given: Values = field(default_factory=lambda: {})
    more: Values = field(default_factory=lambda: {})
    """Members that may be left out."""
    gives: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: {})
    ends: str = ""
    scope: bool = False
    """Whether the session that it is about stands in the params as a scope."""


def _usually(*good: str) -> SearchStrategy[str]:
    """Generate what the contract knows, and now and then what it does not."""
    return st.sampled_from([*(good * (8 // len(good))), "odd"])


def _script(*rounds: JsonObject) -> str:
    return f"hi @script{json.dumps(rounds)}"


_CALL: JsonObject = {"call": [{"tool": TOOL, "args": {"a": 1}, "id": "call_a"}]}
CALLING: Final = _script(_CALL, {"say": ["done"]})
"""A prompt that makes the model call a tool of the client."""
_PROMPTS = st.sampled_from(
    [
        "hi",
        "hi",
        CALLING,
        CALLING,
        _script({"say": ["a", "b ", "é"], "usage": {"input": 7, "output": 3}}),
        _script({"think": ["hm"], "say": ["so"]}),
        _script({"say": ["half"], "stop": "max_tokens"}),
        _script({"call": [{"tool": TOOL, "args": {}, "id": "call_b"}, {"tool": "missing", "args": {}, "id": "call_c"}]}, {"say": ["both"]}),
        _script({"fail": {"status": 400}}),
        _script({"say": []}),
        _script({"attempts": [{"fail": {"status": 429}}, {"say": ["at last"]}]}),
        _script({"say": ["long"], "usage": {"input": 5000, "output": 7}}),
        [{"type": "text", "text": "look"}, {"type": "image", "media_type": "image/png", "source": "inline", "data": "aGVsbG8="}],
    ]
)
_WORDS = st.sampled_from(["a", "b c", "é", "d", "e\nf", ""])
COMPACTION: Final[JsonObject] = {
    "compaction": {"auto_compact_threshold": 1000, "recent_turn_budget": 1, "min_turns_between_compactions": 1}
}
"""Configuration with which a long talk is summed up."""
_REVISIONS = st.sampled_from([1, 1, 1, 2])
_LABELS = st.dictionaries(st.sampled_from("ab"), st.sampled_from("xy"), max_size=2)
_PAGES: Values = {"limit": st.sampled_from([9, 9, 2, 1, 0]), "offset": st.sampled_from([0, 0, 0, 1, 2])}
_MODEL: Values = {"model": st.just("scripted"), **{f"enable_{name}": st.just(False) for name in ("builtins", "shell", "memory")}}
_SCHEMA: JsonObject = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
_REPLACEMENT: Sequence[JsonObject] = [
    {"type": "message", "message": {"role": "user", "content": "instead"}},
    {"type": "message", "message": {"role": "user", "content": "instead"}},
    {"type": "user_content_block", "block_index": 0, "block": {"type": "text", "text": "edited"}},
]
_DAYS: Sequence[JsonObject] = [
    {"type": "once", "due_at_utc": "2999-01-01T00:00:00Z"},
    {"type": "once", "due_at_utc": "2999-01-01T00:00:00.25+02:00"},
    {"type": "interval", "start_at_utc": "2999-01-01T00:00:00Z", "every_seconds": 3600},
    {"type": "interval", "start_at_utc": "2999-01-01T00:00:00Z", "every_seconds": 60, "end_at_utc": "2999-01-01T00:01:00Z"},
    {"type": "interval", "start_at_utc": "2999-01-01T00:00:00Z", "every_seconds": 0},
]
_SESSION_TARGET: JsonObject = {
    "target_kind": "session", "type": "resumable_session", "session_id": STRANGER, "action": {"type": "prompt", "prompt": "tick"}
}  # fmt: skip
_SCHEDULE: Values = {
    "name": _WORDS,
    "description": _WORDS,
    "labels": _LABELS,
    "misfire_policy": st.sampled_from([{"type": "skip"}, {"type": "skip"}, {"type": "odd"}]),
    "overlap_policy": _usually("skip_if_running"),
    "planning_horizon_occurrences": st.integers(1, 3),
}
_PROFILES: JsonObject = {
    "worker": {"model": "scripted", "runtime_mode": "turn_driven", "external_addressable": True, "tools": {"comms": True}}
}
_FLOW: JsonObject = {"f": {"steps": {"s": {"role": "worker", "message": "flow", "output_format": "text"}}}}
_SPEC = st.fixed_dictionaries({"profile": _usually("worker"), "agent_identity": st.sampled_from(["w{n}", "w{n}", "w{n}", "w1"])})
_SPECS = st.lists(_SPEC, max_size=2, unique_by=lambda spec: spec["agent_identity"])


def _member(identity: str, **more: Mapping[str, str]) -> Mapping[str, Mapping[str, str]]:
    """Return what there is once a member was made whose identity stands at this place."""
    return {"member": {"mob_id": "=mob_id", "agent_identity": identity}, **more}


SESSIONS: Final[Sequence[Move]] = (
    Move("session/create", given={**_MODEL, "prompt": _PROMPTS}, gives={"session": {"session_id": "$session_id"}}, more={
        "initial_turn": _usually("deferred", "run_immediately"), "labels": _LABELS, "system_prompt": st.just("Be brief."),
        "output_schema": st.just(_SCHEMA), "max_tokens": st.integers(1, 9), "keep_alive": st.booleans(), "comms_name": st.just("name{n}"),
        "budget_limits": st.fixed_dictionaries({}, optional={"max_tool_calls": st.integers(0, 2), "max_tokens": st.integers(0, 99)}),
    }),
    Move("turn/start", "session", {"prompt": _PROMPTS}, more={
        "additional_instructions": st.lists(_WORDS, max_size=2), "output_schema": st.just(_SCHEMA), "keep_alive": st.booleans(),
        "flow_tool_overlay": st.sampled_from([{"allowed_tools": []}, {"blocked_tools": [TOOL]}]),
    }),
    Move("session/read", "session"),
    Move("session/history", "session", more=_PAGES),
    Move("session/list", more={**_PAGES, "labels": st.sampled_from([{}, {}, {"a": "x"}])}),
    Move("session/fork_at", "session", {"message_index": st.integers(0, 4)}, gives={"session": {"session_id": "$session_id"}}),
    Move("session/fork_replace", "session", {"message_index": st.integers(0, 2), "replacement": st.sampled_from(_REPLACEMENT)},
         gives={"session": {"session_id": "$session_id"}}),
    Move("session/archive", "session", ends="session"),
    Move("turn/interrupt", "session"),
    Move("session/inject_context", "session", {"text": _WORDS}, more={"source": _WORDS, "idempotency_key": st.sampled_from(["k", "l"])}),
    Move("session/external_event", "session", {"kind": st.just("generic_json"), "event_type": _WORDS, "payload": st.just({"a": 1})}),
    Move("session/peer_response_terminal", "session", {
        "peer_id": st.just(STRANGER), "request_id": st.just(STRANGER), "status": _usually("completed", "failed"),
        "result": st.just({})}),
    Move("session/stream_open", "session", gives={"stream": {"stream_id": "$stream_id"}}),
    Move("session/stream_close", "stream"),
    Move("events/latest_cursor", "session", scope=True),
    Move("events/list_since", "session", scope=True, more={"limit": st.integers(0, 4)}),
    Move("events/snapshot", "session", scope=True),
    Move("tools/register", given={"tools": st.sampled_from([
        [{"name": "other{n}", "description": "", "input_schema": {"type": "object"}}], [], [{"name": TOOL}]])}),
)  # fmt: skip
_MOBS: Sequence[Move] = (
    Move("mob/create", given={"definition": st.sampled_from([
        *[{"id": "mob-{n}", "profiles": _PROFILES, "flows": _FLOW}] * 6, {"id": "mob-{n}", "profiles": _PROFILES},
        {"id": "", "profiles": {}}])},
        gives={"mob": {"mob_id": "$mob_id"}}),
    Move("mob/list"),
    Move("mob/status", "mob"),
    Move("mob/lifecycle", "mob", {"action": _usually("resume", "stop", "resume", "reset", "resume", "complete")}),
    Move("mob/spawn", "mob", {"profile": _usually("worker"), "agent_identity": st.sampled_from(["w{n}", "w{n}", "w{n}", "w1"])},
         gives=_member("=agent_identity", work={"member_ref": "$member_ref"}),
         more={"labels": _LABELS, "additional_instructions": st.lists(_WORDS, max_size=1)}),
    Move("mob/spawn_many", "mob", {"specs": _SPECS}, gives=_member("=specs.0.agent_identity")),
    Move("mob/ensure_member", "mob", {"spec": _SPEC}, gives=_member("=spec.agent_identity")),
    Move("mob/reconcile", "mob", more={"desired": _SPECS}, gives=_member("=desired.0.agent_identity")),
    Move("mob/list_members_matching", "mob", more={"filter": st.sampled_from([{"role": "worker"}, {"state": "active"}, {}])}),
    Move("mob/retire", "member", ends="member"),
    Move("mob/respawn", "member", more={"initial_message": _PROMPTS}),
    Move("mob/wire", "pair"),
    Move("mob/unwire", "pair"),
    Move("mob/members", "mob"),
    Move("mob/events", "mob", more={"limit": st.integers(0, 9), "after_cursor": st.integers(0, 3)}),
    Move("mob/member_send", "member", {"content": _PROMPTS}),
    Move("mob/ingress_interaction", "mob", {"spec": _SPEC, "content": _PROMPTS}),
    Move("mob/append_system_context", "member", {"text": _WORDS}, more={"idempotency_key": st.sampled_from(["k", "l"])}),
    Move("mob/flows", "mob"),
    Move("mob/flow_run", "mob", {"flow_id": _usually("f")}, gives={"run": {"mob_id": "=mob_id", "run_id": "$run_id"}}),
    Move("mob/flow_status", "run"),
    Move("mob/flow_cancel", "run"),
    Move("mob/spawn_helper", "mob", {"prompt": _PROMPTS}, more={"role_name": _usually("worker")}),
    Move("mob/fork_helper", "source", {"prompt": _PROMPTS}, more={"role_name": _usually("worker")}),
    Move("mob/force_cancel", "member"),
    Move("mob/turn_start", "member", {"prompt": _PROMPTS}),
    Move("mob/member_status", "member"),
    Move("mob/snapshot", "mob"),
    Move("mob/destroy", "mob", ends="mob"),
    Move("mob/rotate_supervisor", "mob"),
    Move("mob/submit_work", "work", {"content": _PROMPTS}),
    Move("mob/cancel_work", "mob", {"work_ref": st.just(STRANGER)}),
    Move("mob/cancel_all_work", "work"),
    Move("mob/wait_kickoff", "mob", {"timeout_ms": st.just(50)}),
    Move("mob/wait_ready", "mob", {"timeout_ms": st.just(50)}),
    Move("mob/stream_open", "member", gives={"mob stream": {"stream_id": "$stream_id"}}),
    Move("mob/stream_close", "mob stream"),
    Move("mob/profile/create", given={"name": st.just("p{n}"), "profile": st.sampled_from([*[{"model": "m"}] * 6, {"model": 5}])},
         gives={"profile": {"name": "=name"}}),
    Move("mob/profile/get", "profile"),
    Move("mob/profile/list"),
    Move("mob/profile/update", "profile", {"profile": st.just({"model": "two"}), "expected_revision": _REVISIONS}),
    Move("mob/profile/delete", "profile", {"expected_revision": _REVISIONS}),
)  # fmt: skip
_SCHEDULES: Sequence[Move] = (
    Move("schedule/create", given={"trigger": st.sampled_from(_DAYS), "target": st.just(_SESSION_TARGET)}, more=_SCHEDULE,
         gives={"schedule": {"schedule_id": "$schedule_id"}}),
    Move("schedule/get", "schedule"),
    Move("schedule/list", more={**_PAGES, "labels": _LABELS}),
    Move("schedule/update", "schedule", more={**_SCHEDULE, "trigger": st.sampled_from(_DAYS), "expected_revision": _REVISIONS}),
    Move("schedule/pause", "schedule"),
    Move("schedule/resume", "schedule"),
    Move("schedule/delete", "schedule"),
    Move("schedule/occurrences", "schedule", more={"include_terminal": st.booleans()}),
    Move("schedule/tools"),
    Move("schedule/call", given={"name": st.sampled_from(["meerkat_schedule_list", "meerkat_schedule_get", "odd"]),
                                 "arguments": st.sampled_from([{}, {"schedule_id": "nope"}])}),
)  # fmt: skip
_APPROVAL: Values = {
    "requester": st.just("agent"), "owner": st.just({"owner_type": "runtime"}), "resource": st.just({"kind": "file", "id": "/etc/x"}),
    "proposed_action": st.just({"kind": "file_write", "summary": "write x"}), "risk": _usually("low", "high"),
    "allowed_decisions": st.sampled_from([["approve", "deny"], ["approve", "deny"], ["deny"], []]),
}  # fmt: skip
_APPROVALS: Sequence[Move] = (
    Move("approval/request", given=_APPROVAL, gives={"approval": {"approval_id": "$approval_id"}}, more={"metadata": st.just({})}),
    Move("approval/list", more={"filter": st.sampled_from([{"status": "pending"}, {"status": "odd"}, {}])}),
    Move("approval/get", "approval"),
    Move("approval/decide", "approval", {"decision": _usually("approve", "deny"), "actor": st.just("ann")}),
)  # fmt: skip
_OTHERS: Sequence[Move] = (
    Move("initialize"),
    Move("capabilities/get"),
    Move("config/get"),
    Move("config/set", given={"config": st.sampled_from([3, {"max_tokens": "x"}]), "expected_generation": st.just(99)}),
    Move("config/patch", given={"patch": st.sampled_from([COMPACTION, {"agent": {"max_turns": 5}}, {"max_tokens": 0}, {"unknown": 1}, 3])},
         more={"expected_generation": st.integers(0, 2)}),
    Move("runtime/host_info"),
    Move("runtime/capabilities"),
    Move("runtime/health"),
    Move("models/catalog"),
    Move("realm/list"),
    Move("realm/get", "realm"),
    Move("auth/profile/list", "realm"),
    Move("auth/profile/get", "binding"),
    Move("auth/profile/create", "binding", {"auth_method": _usually("api_key"), "secret": _WORDS}),
    Move("auth/profile/delete", "binding"),
    Move("auth/status/get", "binding"),
    Move("auth/logout", "binding"),
    Move("blob/get", given={"blob_id": st.sampled_from(["nope", "sha256:" + "0" * 64])}),
    Move("artifact/list", more={"label_equals": _LABELS}),
    Move("artifact/get", given={"artifact_id": st.just("nope")}),
    Move("artifact/download", given={"artifact_id": st.just("nope")}),
    Move("skills/list"),
    Move("live/open", "session"),
    Move("live/status", given={"channel_id": st.just(STRANGER)}),
    Move("mcp/add", "session", {"server_config": st.just({"name": "mcp-{n}", "command": "no-such-program"})},
         gives={"mcp server": {"session_id": "=session_id", "server_name": "=server_config.name"}}),
    Move("mcp/remove", "mcp server"),
    Move("mcp/reload", "mcp server"),
    Move("comms/peers", "session"),
    Move("comms/send", "session", {"kind": st.sampled_from(["input", "peer_message", "odd"]), "body": _WORDS, "to": st.just(STRANGER)}),
)  # fmt: skip
MOVES: Final[Sequence[Move]] = (*SESSIONS, *_MOBS, *_SCHEDULES, *_APPROVALS, *_OTHERS)
AREAS: Final[Sequence[Sequence[Move]]] = (SESSIONS, _MOBS, _SCHEDULES, SESSIONS, _MOBS, _APPROVALS, SESSIONS, _MOBS, _OTHERS)
"""What conversations are about, in turn: most of the contract is sessions and mobs."""
LEFT_OUT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "help/ask": "asks a model of the server's own catalogue",
        **dict.fromkeys(("auth/login/start", "auth/login/complete"), "asks a provider; recorded conversations do it"),
        **dict.fromkeys(("auth/login/device_start", "auth/login/device_complete"), "asks a provider; recorded conversations do it"),
        "auth/login/provision_api_key": "asks a provider; recorded conversations do it",
        **{
            f"live/{name}": "needs a socket beside the lines; recorded conversations have it"
            for name in ("close", "send_input", "commit_input", "interrupt", "truncate", "refresh")
        },
    }
)
"""Methods without a move, and why."""
