"""What every method that addresses a thing answers when the thing is unknown, gone, in the wrong state, or asked for twice.

A table, taken from the contract: per situation one row per method. `{name}` in params and answers stands for an id that the situation
brought about; an answer is an error (code and message) or, where the server succeeds all the same, members of the result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Answer: TypeAlias = "str | Mapping[str, Any]"


class Row(NamedTuple):
    """One call and its answer."""

    method: str
    answer: Answer
    params: Mapping[str, Any] = {}
    times: int = 1
    """How often the same answer comes."""


NOBODY = "00000000-0000-4000-8000-00000000beef"
CHUNK = {"kind": "text", "text": "hi"}
BLOCK = {"type": "user_content_block", "block_index": 0, "block": {"type": "text", "text": "new"}}
EVENT = {"kind": "generic_json", "event_type": "ping", "payload": {}}
RESPONSE = {"peer_id": NOBODY, "request_id": NOBODY, "status": "completed", "result": None}
SERVER = {"name": "tools", "command": "true"}
SESSION = {"session_id": "{session}"}
SCOPE = {"scope": {"type": "session", "session_id": "{session}"}}

UPPER = "-32001 Session not found: {session}"
LOWER = "-32001 session not found: {session}"
NO_STREAM = "-32602 Failed to subscribe to session events: stream not found: session {session}"
NO_COMMS = "-32602 Session not found or comms not enabled: {session}"
ARCHIVED = "-32602 Session is archived: {session}"
STAGED = "-32002 session {session} is not materialized; transcript fork is available only for idle materialized sessions"
NOT_LISTED = "-32602 session {session} not found"
NO_MCP = "-32602 session does not support live MCP operations"
NO_SERVER = "-32602 MCP server 'tools' is not registered on this session"


def _session(
    read: Answer,
    history: Answer,
    change: Answer,
    run: Answer,
    interrupt: Answer,
    stream: Answer,
    comms: Answer,
    mcp: Answer,
    archive: Answer,
    *,
    events: Answer,
    inject: Answer | None = None,
    snapshot: Answer | None = None,
    live: Answer = NOT_LISTED,
    reload: Answer | None = None,
) -> tuple[Row, ...]:
    """Return the rows of a session (spec 02, section 18; 03, section 8; 05, sections 6.3 and 7.1; 07, section 3.1)."""
    return (
        Row("session/read", read, SESSION),
        Row("session/history", history, SESSION),
        Row("session/fork_at", change, {**SESSION, "message_index": 0}),
        Row("session/fork_replace", change, {**SESSION, "message_index": 1, "replacement": BLOCK}),
        Row("session/stream_open", stream, SESSION),
        Row("session/inject_context", change if inject is None else inject, {**SESSION, "text": "t", "idempotency_key": "k"}),
        Row("turn/interrupt", interrupt, SESSION, times=2),
        Row("events/latest_cursor", events, SCOPE),
        Row("events/list_since", events, SCOPE),
        Row("events/snapshot", read if snapshot is None else snapshot, SCOPE),
        Row("comms/peers", comms, SESSION),
        Row("comms/send", comms, {**SESSION, "kind": "input", "body": "b", "allow_self_session": True}),
        Row("mcp/reload", mcp if reload is None else reload, {**SESSION, "server_name": "tools"}),
        Row("mcp/add", mcp, {**SESSION, "server_config": SERVER}),
        Row("mcp/remove", mcp, {**SESSION, "server_name": "tools"}),
        Row("live/open", live, SESSION),
        Row("session/external_event", run, {**SESSION, **EVENT}),
        Row("session/peer_response_terminal", run, {**SESSION, **RESPONSE}),
        Row("turn/start", run, {**SESSION, "prompt": "go"}),
        Row("session/archive", archive, SESSION, times=2),
    )


_UNKNOWN_SESSION = _session(UPPER, UPPER, UPPER, LOWER, UPPER, UPPER, NO_COMMS, UPPER, UPPER, events=UPPER)
_CLOSED_WHILE_LIVE = _session(
    {"message_count": 3, "is_active": False}, {"message_count": 3}, LOWER, LOWER, UPPER, NO_STREAM, ARCHIVED, UPPER, LOWER,
    events={"contract_version": {"major": 0, "minor": 6, "patch": 5}}, snapshot={},
)  # fmt: skip
_CLOSED_WHILE_NOT_LIVE = _session(UPPER, {"message_count": 3}, UPPER, LOWER, UPPER, UPPER, ARCHIVED, UPPER, UPPER, events={})
_CLOSED_UNSAVED = _session(UPPER, {"message_count": 1}, UPPER, LOWER, UPPER, UPPER, ARCHIVED, UPPER, UPPER, events={})
_DEFERRED = (
    Row("session/read", {"message_count": 0, "is_active": False}, SESSION),
    Row("session/history", {"message_count": 0, "messages": [], "has_more": False}, SESSION),
    Row("session/fork_at", STAGED, {**SESSION, "message_index": 0}),
    Row("session/fork_replace", STAGED, {**SESSION, "message_index": 1, "replacement": BLOCK}),
    Row("session/stream_open", {"opened": True}, SESSION, times=2),
    Row("turn/interrupt", {"interrupted": True}, SESSION, times=2),
    Row("session/inject_context", {"status": "staged"}, {**SESSION, "text": "t", "idempotency_key": "k"}),
    Row("session/inject_context", {"status": "duplicate"}, {**SESSION, "text": " t ", "idempotency_key": "k"}, times=2),
    Row(
        "session/inject_context", "-32602 system-context idempotency conflict for key 'k'", {**SESSION, "text": "u", "idempotency_key": "k"}
    ),
    Row("events/latest_cursor", {"cursor": {"scope": SCOPE["scope"], "sequence": 0}}, SCOPE),
    Row("events/snapshot", {"scope": SCOPE["scope"]}, SCOPE),
    Row("comms/peers", NO_COMMS, SESSION),
    Row("mcp/reload", NO_SERVER, {**SESSION, "server_name": "tools"}),
    Row("mcp/add", {"status": "staged"}, {**SESSION, "server_config": SERVER}, times=2),
    Row("mcp/reload", NO_SERVER, {**SESSION, "server_name": "tools"}),
    Row("mcp/remove", {"status": "staged"}, {**SESSION, "server_name": "tools"}, times=2),
    Row("session/archive", {"archived": True}, SESSION),
)
_DEFERRED_AND_CLOSED = _session(UPPER, UPPER, UPPER, LOWER, UPPER, UPPER, NO_COMMS, UPPER, UPPER, events=UPPER)
_FORK_THAT_NEVER_RAN = (
    Row("session/stream_open", NO_STREAM, SESSION),
    Row("turn/interrupt", {"interrupted": True}, SESSION, times=2),
    Row("mcp/add", NO_MCP, {**SESSION, "server_config": SERVER}),
    Row("mcp/remove", NO_MCP, {**SESSION, "server_name": "tools"}),
    Row("mcp/reload", NO_MCP, SESSION),
    Row("session/fork_at", {"message_count": 1}, {**SESSION, "message_index": 1}),
    Row("session/archive", {"archived": True}, SESSION),
    Row("session/archive", UPPER, SESSION, times=2),
)
_FAILED_TURN = (
    Row("session/stream_open", NO_STREAM, SESSION),
    Row("session/read", {"message_count": 3, "is_active": False}, SESSION),
    Row("turn/interrupt", {"interrupted": True}, SESSION, times=2),
    Row("session/fork_at", {"message_count": 3}, {**SESSION, "message_index": 3}),
    Row("session/archive", {"archived": True}, SESSION),
    Row("session/archive", UPPER, SESSION, times=2),
)
HARD = "-32603 Failed to interrupt session: Internal error: failed to hard cancel run: Control failed: session not found: {session}"
_INTERRUPTED_TURN = (
    Row("session/stream_open", NO_STREAM, SESSION),
    Row("turn/interrupt", HARD, SESSION, times=2),
    Row("turn/start", {"text": "OK"}, {**SESSION, "prompt": "again"}),
    Row("turn/interrupt", {"interrupted": True}, SESSION, times=2),
)

SESSIONS: Mapping[str, tuple[Row, ...]] = {
    "unknown": _UNKNOWN_SESSION,
    "archived": _CLOSED_WHILE_LIVE,
    "archived after a failed turn": _CLOSED_WHILE_NOT_LIVE,
    "left by a failed create": _CLOSED_UNSAVED,
    "deferred": _DEFERRED,
    "archived while deferred": _DEFERRED_AND_CLOSED,
    "a fork that never ran": _FORK_THAT_NEVER_RAN,
    "after a failed turn": _FAILED_TURN,
    "after an interrupted turn": _INTERRUPTED_TURN,
}

MOB = {"mob_id": "{mob}"}
MEMBER = {**MOB, "agent_identity": "{member}"}
REF = {"member_ref": "{ref}"}
SPEC = {"profile": "w", "agent_identity": "new"}
SELF = {**MOB, "member": "{member}", "peer": {"local": "{member}"}}
AGAIN = {"definition": {"id": "{mob}", "profiles": {"w": {"model": "m"}}}}
EXISTED = {
    "agent_identity": "other", "member_ref": "{other_ref}", "role": "w", "runtime_mode": "turn_driven", "state": "active",
    "status": "active", "is_final": False,
}  # fmt: skip
NO_MOB = "-32602 internal error: mob not found: {mob}"
NO_MEMBER = "-32602 mob member not found: {member}"
NOT_IN_MOB = "-32602 member {member} not found in mob {mob}"
UNKNOWN_MEMBER = {"status": "unknown", "output_preview": None, "error": None, "tokens_used": 0, "is_final": True}

_UNKNOWN_MOB = (
    *(
        Row(f"mob/{name}", NO_MOB, MOB)
        for name in ("status", "members", "snapshot", "events", "flows", "list_members_matching", "reconcile", "rotate_supervisor")
    ),
    *(Row(f"mob/{name}", NO_MOB, {**MOB, "timeout_ms": 0}) for name in ("wait_kickoff", "wait_ready")),
    *(Row(f"mob/{name}", NO_MOB, MEMBER) for name in ("retire", "respawn", "force_cancel", "member_status")),
    *(Row("mob/lifecycle", NO_MOB, {**MOB, "action": action}) for action in ("stop", "resume", "complete", "reset", "destroy")),
    Row("mob/destroy", NO_MOB, MOB, times=2),
    Row("mob/spawn", NO_MOB, {**MOB, **SPEC}),
    Row("mob/spawn_many", NO_MOB, {**MOB, "specs": []}),
    Row("mob/ensure_member", NO_MOB, {**MOB, "spec": SPEC}),
    Row("mob/ingress_interaction", NO_MOB, {**MOB, "spec": SPEC, "content": "x"}),
    Row("mob/wire", NO_MOB, {**MOB, "member": "a", "peer": {"local": "b"}}),
    Row("mob/unwire", NO_MOB, {**MOB, "member": "a", "peer": {"local": "b"}}),
    Row("mob/member_send", NO_MOB, {**MEMBER, "content": "x"}),
    Row("mob/turn_start", NO_MOB, {**MEMBER, "prompt": "x"}),
    Row(
        "mob/append_system_context", "-32602 invalid system-context request: internal error: mob not found: {mob}", {**MEMBER, "text": "x"}
    ),
    Row("mob/stream_open", "-32602 Mob not found: internal error: mob not found: {mob}", MOB),
    Row("mob/stream_open", "-32602 Mob not found: internal error: mob not found: {mob}", MEMBER),
    Row("mob/flow_run", NO_MOB, {**MOB, "flow_id": "f"}),
    Row("mob/flow_status", NO_MOB, {**MOB, "run_id": NOBODY}),
    Row("mob/flow_cancel", NO_MOB, {**MOB, "run_id": NOBODY}),
    Row("mob/spawn_helper", NO_MOB, {**MOB, "prompt": "x"}),
    Row("mob/fork_helper", NO_MOB, {**MOB, "prompt": "x", "source_member_id": "a"}),
    Row("mob/submit_work", NO_MOB, {**REF, "content": "x"}),
    Row("mob/cancel_all_work", NO_MOB, REF),
    Row("mob/cancel_work", NO_MOB, {**MOB, "work_ref": NOBODY}),
)
_UNKNOWN_MEMBER = (
    Row("mob/member_status", UNKNOWN_MEMBER, MEMBER, times=2),
    Row("mob/retire", {"retired": True}, MEMBER, times=2),
    Row("mob/respawn", NO_MEMBER, MEMBER),
    Row("mob/force_cancel", NO_MEMBER, MEMBER),
    Row("mob/member_send", NO_MEMBER, {**MEMBER, "content": "x"}),
    Row("mob/turn_start", "-32602 member '{member}' has no active bridge session in mob '{mob}'", {**MEMBER, "prompt": "x"}),
    Row("mob/append_system_context", "-32602 invalid system-context request: member has no session: {member}", {**MEMBER, "text": "x"}),
    Row("mob/stream_open", "-32602 Failed to subscribe to member events: mob member not found: {member}", MEMBER),
    Row("mob/wire", NO_MEMBER, {**MOB, "member": "{member}", "peer": {"local": "other"}}),
    Row("mob/wire", NO_MEMBER, {**MOB, "member": "other", "peer": {"local": "{member}"}}),
    Row("mob/wire", "-32602 wiring error: wire requires distinct members (got '{member}')", SELF),
    Row("mob/unwire", NO_MEMBER, {**MOB, "member": "{member}", "peer": {"local": "other"}}),
    Row("mob/unwire", "-32602 wiring error: unwire requires distinct peers (got '{member}')", SELF),
    Row("mob/submit_work", NOT_IN_MOB, {**REF, "content": "x"}),
    Row("mob/cancel_all_work", NOT_IN_MOB, REF),
    Row("mob/fork_helper", NO_MEMBER, {**MOB, "prompt": "x", "source_member_id": "{member}"}),
    Row("mob/wait_ready", {"members": [{"agent_identity": "{member}", **UNKNOWN_MEMBER}]}, {**MOB, "member_ids": ["{member}"]}),
    Row("mob/wait_kickoff", {"members": [{"agent_identity": "{member}", **UNKNOWN_MEMBER}]}, {**MOB, "member_ids": ["{member}"]}),
)  # fmt: skip
_MOB_TWICE = (
    Row("mob/create", "-32602 internal error: mob already exists: {mob}", AGAIN, times=2),
    Row("mob/spawn", "-32602 mob member already exists: other", {**MOB, "profile": "w", "agent_identity": "other"}, times=2),
    Row("mob/spawn", "-32602 mob member already exists: other", {**MOB, "profile": "nobody", "agent_identity": "other"}),
    Row("mob/spawn", "-32602 profile not found: nobody", {**MOB, "profile": "nobody", "agent_identity": "new"}),
    Row("mob/ensure_member", {"outcome": {"existed": EXISTED}}, {**MOB, "spec": {"profile": "nobody", "agent_identity": "other"}}, times=2),
    Row("mob/flow_run", "-32602 flow not found: none", {**MOB, "flow_id": "none"}),
    Row("mob/flow_status", {"run": None}, {**MOB, "run_id": NOBODY}),
    Row("mob/flow_cancel", "-32602 invalid state transition: Running -> Running", {**MOB, "run_id": NOBODY}, times=2),
    Row("mob/cancel_work", f"-32602 work not found: {NOBODY}", {**MOB, "work_ref": NOBODY}, times=2),
    Row("mob/lifecycle", "-32602 invalid state transition: Running -> Running", {**MOB, "action": "resume"}, times=2),
    Row("mob/lifecycle", {"ok": True}, {**MOB, "action": "stop"}),
    Row("mob/lifecycle", "-32602 invalid state transition: Stopped -> Stopped", {**MOB, "action": "stop"}, times=2),
    Row("mob/lifecycle", "-32602 invalid state transition: Stopped -> Completed", {**MOB, "action": "complete"}),
    Row("mob/member_send", "-32602 invalid state transition: Stopped -> Running", {**MOB, "agent_identity": "other", "content": "x"}),
    Row("mob/lifecycle", {"ok": True}, {**MOB, "action": "resume"}),
    Row("mob/lifecycle", {"ok": True}, {**MOB, "action": "complete"}),
    Row("mob/lifecycle", "-32602 invalid state transition: Completed -> Completed", {**MOB, "action": "complete"}, times=2),
    Row("mob/retire", "-32602 invalid state transition: Completed -> Running", {**MOB, "agent_identity": "other"}),
    Row("mob/lifecycle", {"ok": True}, {**MOB, "action": "reset"}, times=2),
    Row("mob/destroy", {"ok": True}, MOB),
    Row("mob/destroy", NO_MOB, MOB, times=2),
    Row("mob/create", {"mob_id": "{mob}"}, AGAIN),
)  # fmt: skip

MOBS: Mapping[str, tuple[Row, ...]] = {
    "an unknown mob": _UNKNOWN_MOB,
    "a destroyed mob": _UNKNOWN_MOB,
    "an unknown member": _UNKNOWN_MEMBER,
    "a retired member": _UNKNOWN_MEMBER,
    "a mob asked twice": _MOB_TWICE,
}
