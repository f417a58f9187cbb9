"""The table of `wrong_states`, continued: schedules, approvals, streams, stored things, realms, their profiles, and live channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.meerkat_mock.surfaces.wrong_states import CHUNK, NOBODY, Row

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEDULE = {"schedule_id": "{schedule}"}
GONE = "-32023 schedule not found"
TOOL_GONE = "-32004 schedule not found"
DELETED = "-32602 invalid schedule: schedule is deleted"

_UNKNOWN_SCHEDULE = (
    *(Row(f"schedule/{name}", GONE, SCHEDULE, times=2) for name in ("get", "update", "pause", "resume", "delete")),
    Row("schedule/occurrences", {"occurrences": []}, SCHEDULE),
    *(
        Row("schedule/call", TOOL_GONE, {"name": f"meerkat_schedule_{name}", "arguments": SCHEDULE})
        for name in ("get", "update", "pause", "resume", "delete")
    ),
    Row("schedule/call", {"occurrences": []}, {"name": "meerkat_schedule_occurrences", "arguments": SCHEDULE}),
    Row("schedule/call", "-32602 unknown schedule tool: schedule_get", {"name": "schedule_get", "arguments": SCHEDULE}),
)
_LIVING_SCHEDULE = (
    Row("schedule/pause", {"phase": "paused", "revision": 1}, SCHEDULE, times=2),
    Row("schedule/update", {"phase": "paused", "revision": 1, "name": "n"}, {**SCHEDULE, "name": "n"}, times=2),
    Row("schedule/resume", {"phase": "active", "revision": 1}, SCHEDULE, times=2),
    Row(
        "schedule/update",
        "-32602 invalid schedule: schedule revision mismatch: expected 7, found 1",
        {**SCHEDULE, "expected_revision": 7},
        times=2,
    ),
    Row("schedule/delete", {"phase": "deleted", "revision": 2}, SCHEDULE, times=2),
    Row("schedule/get", {"phase": "deleted", "revision": 2}, SCHEDULE),
    *(Row(f"schedule/{name}", DELETED, SCHEDULE, times=2) for name in ("update", "pause", "resume")),
    Row("schedule/update", DELETED, {**SCHEDULE, "expected_revision": 7}),
    Row("schedule/call", DELETED, {"name": "meerkat_schedule_pause", "arguments": SCHEDULE}),
    Row("schedule/list", {"schedules": []}),
)

APPROVAL = {"approval_id": "{approval}"}
DECISION = {**APPROVAL, "decision": "approve", "actor": "me"}
_UNKNOWN_APPROVAL = (
    Row("approval/get", "-32602 approval not found: {approval}", APPROVAL, times=2),
    Row("approval/decide", "-32602 approval not found: {approval}", DECISION, times=2),
    Row("approval/decide", "-32602 approval principal id must not be empty", {**DECISION, "actor": " "}),
)
_DECIDED_APPROVAL = (
    Row("approval/decide", "-32602 decision is not allowed for approval: Deny", {**DECISION, "decision": "deny"}, times=2),
    Row("approval/get", {"status": "pending"}, APPROVAL),
    Row("approval/decide", {"status": "approved"}, DECISION),
    Row("approval/decide", "-32602 approval has already been decided: {approval}", DECISION, times=2),
    Row("approval/decide", "-32602 approval has already been decided: {approval}", {**DECISION, "decision": "deny"}),
    Row("approval/decide", "-32602 approval principal id must not be empty", {**DECISION, "actor": ""}),
    Row("approval/get", {"status": "approved"}, APPROVAL),
)
_EXPIRED_APPROVAL = (
    Row("approval/decide", "-32602 approval is expired: {approval}", DECISION, times=2),
    Row("approval/get", {"status": "expired"}, APPROVAL),
    Row("approval/decide", "-32602 approval is expired: {approval}", {**DECISION, "decision": "deny"}),
)

STREAM = {"stream_id": "{stream}"}


def _closing(method: str, other: str) -> tuple[Row, ...]:
    """Return the rows of a stream that is open: the memory of a closed one is used up by one answer (spec 03, section 5.2)."""
    return (
        Row(other, {"closed": True, "already_closed": False}, STREAM, times=2),
        Row(method, {"closed": True, "already_closed": False}, STREAM),
        Row(method, {"closed": True, "already_closed": True}, STREAM),
        Row(method, {"closed": True, "already_closed": False}, STREAM, times=2),
    )


_ENDED_STREAM = (
    Row("session/stream_close", {"closed": True, "already_closed": True}, STREAM),
    Row("session/stream_close", {"closed": True, "already_closed": False}, STREAM, times=2),
)
_UNKNOWN_STREAM = (
    Row("session/stream_close", {"stream_id": NOBODY, "closed": True, "already_closed": False}, {"stream_id": NOBODY.upper()}, times=2),
    Row("mob/stream_close", {"stream_id": NOBODY, "closed": True, "already_closed": False}, {"stream_id": NOBODY.upper()}, times=2),
    Row("session/stream_close", "-32602 Invalid stream_id: nope", {"stream_id": "nope"}),
    Row("mob/stream_close", "-32602 Invalid stream_id: nope", {"stream_id": "nope"}),
)

BLOB = "sha256:" + "0" * 64
_STORED = (
    Row("blob/get", f"-32602 blob not found: {BLOB}", {"blob_id": BLOB}, times=2),
    Row("blob/get", "-32602 blob not found: nope", {"blob_id": "nope"}),
    Row("artifact/get", "-32602 artifact not found: a-1", {"artifact_id": "a-1"}, times=2),
    Row("artifact/download", "-32602 artifact not found: a-1", {"artifact_id": "a-1", "expected_media_type": "text/plain"}),
    Row("artifact/list", {"artifacts": []}, {"session_id": NOBODY}),
    Row("skills/inspect", "-32601 skills/inspect is no longer served; resolve skills through the typed registry surface", times=2),
)
NO_PROFILE = "-32602 internal error: Not found: realm profile not found: p"
_REALM_PROFILES = (
    Row("mob/profile/get", {"not_found": True, "name": "p"}, {"name": "p"}, times=2),
    *(
        Row(f"mob/profile/{name}", NO_PROFILE, params)
        for name, params in (
            ("update", {"name": "p", "profile": {"model": "m"}, "expected_revision": 1}),
            ("delete", {"name": "p", "expected_revision": 1}),
        )
    ),
    Row("mob/profile/create", {"name": "p", "revision": 1}, {"name": "p", "profile": {"model": "m"}}),
    Row(
        "mob/profile/create",
        "-32602 internal error: CAS conflict: realm profile already exists: p",
        {"name": "p", "profile": {"model": "m"}},
        times=2,
    ),
    Row("mob/profile/update", {"revision": 2}, {"name": "p", "profile": {"model": "n"}, "expected_revision": 1}),
    *(
        Row(
            f"mob/profile/{name}",
            "-32602 internal error: CAS conflict: realm profile 'p' revision conflict: expected 1, actual 2",
            {"name": "p", "profile": {"model": "n"}, "expected_revision": 1},
            times=2,
        )
        for name in ("update", "delete")
    ),
    Row("mob/profile/delete", {"name": "p", "deleted_revision": 2}, {"name": "p", "expected_revision": 2}),
    Row("mob/profile/delete", NO_PROFILE, {"name": "p", "expected_revision": 2}, times=2),
    Row("mob/profile/get", {"not_found": True, "name": "p"}, {"name": "p"}),
    Row("mob/profile/create", {"name": "p", "revision": 1}, {"name": "p", "profile": {"model": "m"}}),
)  # fmt: skip

_IDENTITY = ("auth/profile/get", "auth/profile/delete", "auth/logout", "auth/status/get")
_SECRET = {"auth_method": "api_key", "secret": "s"}
_LOGIN = {"provider": "google", "redirect_uri": "u", "code": "c", "state": "st-x", "device_code": "d", "access_token": "t"}
_STRANGER = {**_LOGIN, "provider": "x"}
_LOGINS = ("start", "complete", "device_start", "device_complete")


def _bound(realm: str, binding: str, known: str, target: str) -> tuple[Row, ...]:
    """Return the rows of a realm or binding that is not there: both wordings of spec 06 (sections 5 and 6.2)."""
    params = {"realm_id": realm, "binding_id": binding}
    return (
        *(Row(name, known, params, times=2) for name in _IDENTITY),
        Row("auth/profile/create", known, {**params, **_SECRET}, times=2),
        *(Row(f"auth/login/{name}", target, {**params, **_LOGIN}) for name in _LOGINS),
        Row("auth/login/provision_api_key", target, {**params, **_LOGIN}),
        Row("auth/login/start", "-32602 Unknown provider 'x'. Supported: anthropic, openai, google.", {**params, **_STRANGER}),
    )  # fmt: skip


STRAY = (
    "-32602 oauth state verification failed: oauth flow lifecycle transition rejected during verify_oauth_browser_flow: "
    "DSL transition rejected in verify_oauth_browser_flow: no auth machine registered for lease_key `lab:code`"
)
STRAY_DEVICE = (
    "-32602 oauth device state verification failed: oauth flow lifecycle transition rejected during begin_oauth_device_poll: "
    "DSL transition rejected in begin_oauth_device_poll: no auth machine registered for lease_key `lab:code`"
)
_UNKNOWN_REALM = (
    Row("realm/get", "-32602 Unknown realm: none", {"realm_id": "none"}),
    Row("auth/profile/list", "-32602 Unknown realm: none", {"realm_id": "none"}),
    *_bound("none", "b", "-32602 Unknown realm: none", "-32602 realm 'none' not found in config.realm"),
)
_UNKNOWN_BINDING = _bound(
    "lab", "none", "-32602 Unknown auth identity lab:none: unknown binding: none",
    "-32602 binding 'lab:none' is invalid: unknown binding: none",
)  # fmt: skip
_BINDING = {"realm_id": "lab", "binding_id": "code"}
_KNOWN_BINDING = (
    Row("auth/status/get", {"state": "unknown", "has_refresh_token": False}, _BINDING),
    Row("auth/logout", {"cleared": True}, _BINDING, times=2),
    Row("auth/profile/delete", {"cleared": True}, _BINDING, times=2),
    Row("auth/login/complete", STRAY, {**_BINDING, **_LOGIN}, times=2),
    Row("auth/login/device_complete", STRAY_DEVICE, {**_BINDING, **_LOGIN}, times=2),
    Row("auth/profile/create", {"stored": True}, {"realm_id": "lab", "binding_id": "key", **_SECRET}, times=2),
    Row("auth/status/get", {"state": "valid"}, {"realm_id": "lab", "binding_id": "key"}),
    Row("auth/profile/delete", {"cleared": True}, {"realm_id": "lab", "binding_id": "key"}, times=2),
    Row("auth/status/get", {"state": "unknown"}, {"realm_id": "lab", "binding_id": "key"}),
)

THINGS: Mapping[str, tuple[Row, ...]] = {
    "an unknown schedule": _UNKNOWN_SCHEDULE,
    "a schedule up to its end": _LIVING_SCHEDULE,
    "an unknown approval": _UNKNOWN_APPROVAL,
    "an approval up to its decision": _DECIDED_APPROVAL,
    "an expired approval": _EXPIRED_APPROVAL,
    "a stream of a session": _closing("session/stream_close", "mob/stream_close"),
    "a stream of a mob": _closing("mob/stream_close", "session/stream_close"),
    "a stream that ended by itself": _ENDED_STREAM,
    "an unknown stream": _UNKNOWN_STREAM,
    "nothing stored": _STORED,
    "profiles of the realm": _REALM_PROFILES,
    "an unknown realm": _UNKNOWN_REALM,
    "an unknown binding": _UNKNOWN_BINDING,
    "a binding without a login": _KNOWN_BINDING,
}

CHANNEL = {"channel_id": "{channel}"}
_ON_CHANNEL = {"commit_input": {}, "interrupt": {}, "truncate": {"item_id": "i", "content_index": 0, "audio_played_ms": 0}, "refresh": {}}
ABSENT = "-32602 channel {channel} not found"
SHUT = "-32603 channel {channel} is not ready (status: Closed)"

CHANNELS: Mapping[str, tuple[Row, ...]] = {
    "an unknown channel": (
        *(Row(f"live/{name}", ABSENT, CHANNEL, times=2) for name in ("status", "close")),
        *(Row(f"live/{name}", ABSENT, {**CHANNEL, **more}) for name, more in _ON_CHANNEL.items()),
        Row("live/send_input", ABSENT, {**CHANNEL, "chunk": CHUNK}),
    ),
    "a channel that nobody joined": (
        Row("live/status", {"status": {"status": "opening"}}, CHANNEL),
        Row("live/send_input", "-32603 channel {channel} is not ready (status: Opening)", {**CHANNEL, "chunk": CHUNK}, times=2),
        Row("live/interrupt", {"interrupted": True}, CHANNEL, times=2),
        Row("live/refresh", {"status": "queued", "refresh_enqueued": True}, CHANNEL, times=2),
        Row("live/open", "-32602 session {session} already has an active live channel", {"session_id": "{session}"}, times=2),
    ),
    "a closed channel": (
        Row("live/close", {"closed": True}, CHANNEL, times=2),
        Row("live/status", {"status": {"status": "closed"}}, CHANNEL, times=2),
        *(Row(f"live/{name}", SHUT, {**CHANNEL, **more}) for name, more in _ON_CHANNEL.items()),
        Row("live/send_input", SHUT, {**CHANNEL, "chunk": CHUNK}),
        Row("live/close", {"closed": True}, CHANNEL),
        Row("live/open", {"continuity": {"mode": "transcript_only"}}, {"session_id": "{session}"}),
    ),
}
