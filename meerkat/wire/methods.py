"""The table of methods: one row per word that client and server say to each other, with the types that belong to it.

Owns names, order and properties of methods, and where their types live; knows nothing of what a method does. Types are
named here and looked up in `meerkat.wire.<surface>` when asked for, so that importing this table loads no surface.
"""

from __future__ import annotations

import importlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from meerkat.wire.errors import (
    CAPABILITY_UNAVAILABLE,
    DUPLICATE_INPUT,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    REQUEST_CANCELLED,
    SCHEDULE_NOT_FOUND,
    SCHEDULE_TOOL_FAILED,
    SESSION_BUSY,
    SESSION_NOT_FOUND,
    SUPERVISOR_ROTATION_INCOMPLETE,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CATALOGUE", "CONTRACT_VERSION", "METHODS", "NOTIFICATIONS", "SERVER_REQUESTS", "Method", "Notification", "wire_type"]

CONTRACT_VERSION: Final = "0.6.5"
"""The version of the contract whose words these are."""

ParamsPolicy: TypeAlias = Literal["required", "optional", "ignored"]
"""What absent or null params mean: an error, all defaults, or nothing because the method never looks at them (spec 01, section 4)."""


def wire_type(surface: str, name: str) -> object:
    """Look up a wire type by the module of its surface and its name; raises `LookupError` when there is no such type."""
    try:
        found: object = getattr(importlib.import_module(f"meerkat.wire.{surface}"), name)
    except (ModuleNotFoundError, AttributeError) as error:
        raise LookupError(f"no wire type {name!r} in meerkat.wire.{surface}") from error
    return found


class Method:
    """One request: its types by name, how its params are read, and what may come of it.

    A plain class, like all that a mock needs before its first answer: making a dataclass takes as long as making all the rows.
    """

    __slots__ = ("errors", "name", "notifications", "params_name", "params_policy", "result_name", "surface", "tracked")

    def __init__(
        self,
        name: str,
        surface: str,
        params_name: str | None,
        result_name: str,
        params_policy: ParamsPolicy = "required",
        *,
        tracked: bool = False,
        notifications: tuple[str, ...] = (),
        errors: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.surface = surface
        """The module of `meerkat.wire` that holds its types; the same name in the client and the mock holds its two ends."""
        self.params_name = params_name
        """None when the method takes no params."""
        self.result_name = result_name
        self.params_policy: ParamsPolicy = params_policy
        self.tracked = tracked
        """Whether `cancel` can reach it while it runs (spec 01, section 5.2); a `session/create` that defers its first turn is not."""
        self.notifications = notifications
        """What the server sends because of it, beside the answer."""
        self.errors = errors
        """The codes it may answer, beside those of the envelope itself."""

    @property
    def params(self) -> object:
        """The wire type of the params, None when it takes none."""
        return None if self.params_name is None else wire_type(self.surface, self.params_name)

    @property
    def result(self) -> object:
        """The wire type of the result."""
        return wire_type(self.surface, self.result_name)


class Notification:
    """One message without an answer, and the type of its params."""

    __slots__ = ("name", "params_name", "sender", "surface")

    def __init__(self, name: str, surface: str, params_name: str | None, sender: Literal["client", "server"]) -> None:
        self.name = name
        self.surface = surface
        self.params_name = params_name
        self.sender = sender

    @property
    def params(self) -> object:
        """The wire type of the params, None when they are ignored."""
        return None if self.params_name is None else wire_type(self.surface, self.params_name)


_USUAL = (INVALID_PARAMS, INTERNAL_ERROR)
_SESSION = (*_USUAL, SESSION_NOT_FOUND)
_BUSY = (*_SESSION, SESSION_BUSY)
_TURN = (*_BUSY, REQUEST_CANCELLED)
_SCHEDULE = (*_USUAL, CAPABILITY_UNAVAILABLE, SCHEDULE_NOT_FOUND)
# The tools of schedules answer an unknown schedule and a disabled store with codes that mean something else elsewhere.
_SCHEDULE_TOOL = (*_SCHEDULE, DUPLICATE_INPUT, SESSION_NOT_FOUND, SCHEDULE_TOOL_FAILED)
_RUN_EVENTS = ("session/event", "session/stream_event")

_CATALOGUE = (
    Method("initialize", "core", None, "InitializeResult", params_policy="ignored"),
    Method(
        "session/create", "sessions", "CreateSessionParams", "SessionCreateResult", tracked=True, notifications=_RUN_EVENTS, errors=_TURN
    ),
    Method("session/list", "sessions", "ListSessionsParams", "ListSessionsResult", params_policy="optional", errors=(INVALID_PARAMS,)),
    Method("session/read", "sessions", "ReadSessionParams", "WireSessionInfo", errors=_SESSION),
    Method("session/history", "sessions", "ReadSessionHistoryParams", "WireSessionHistory", errors=_SESSION),
    Method("session/fork_at", "sessions", "ForkSessionAtParams", "SessionForkResult", errors=_BUSY),
    Method("session/fork_replace", "sessions", "ForkSessionReplaceParams", "SessionForkResult", errors=_BUSY),
    Method(
        "session/archive", "sessions", "ArchiveSessionParams", "ArchiveSessionResult", notifications=("session/stream_end",), errors=_BUSY
    ),
    Method("turn/start", "turns", "StartTurnParams", "WireRunResult", tracked=True, notifications=_RUN_EVENTS, errors=_TURN),
    Method(
        "turn/interrupt",
        "turns",
        "InterruptParams",
        "InterruptResult",
        notifications=("session/stream_end",),
        errors=(*_BUSY, INVALID_REQUEST),
    ),
    Method("config/get", "config", None, "ConfigEnvelope", params_policy="ignored", errors=(INTERNAL_ERROR,)),
    Method("config/set", "config", "ConfigSetParams", "ConfigEnvelope", errors=_USUAL),
    Method("config/patch", "config", "ConfigPatchParams", "ConfigEnvelope", errors=_USUAL),
    Method("capabilities/get", "runtime", None, "CapabilitiesResponse", params_policy="ignored"),
    Method("runtime/host_info", "runtime", None, "RuntimeHostInfo", params_policy="ignored"),
    Method("runtime/capabilities", "runtime", None, "RuntimeHostCapabilities", params_policy="ignored"),
    Method("runtime/health", "runtime", None, "RuntimeHostHealth", params_policy="ignored"),
    Method("approval/request", "approvals", "ApprovalRequestParams", "ApprovalRecord", errors=_USUAL),
    Method("approval/list", "approvals", "ApprovalListParams", "ApprovalListResult", params_policy="optional", errors=_USUAL),
    Method("approval/get", "approvals", "ApprovalGetParams", "ApprovalRecord", errors=_USUAL),
    Method("approval/decide", "approvals", "ApprovalDecideParams", "ApprovalRecord", errors=_USUAL),
    Method("models/catalog", "models", None, "ModelsCatalogResponse", params_policy="ignored", errors=(INVALID_PARAMS,)),
    Method("auth/profile/list", "auth", "RealmIdParams", "WireAuthProfilesList", errors=_USUAL),
    Method("auth/profile/get", "auth", "BindingIdParams", "WireAuthProfileDetail", errors=_USUAL),
    Method("auth/profile/create", "auth", "CreateProfileParams", "WireAuthProfileCreated", errors=_USUAL),
    Method("auth/profile/delete", "auth", "BindingIdParams", "WireAuthProfileCleared", errors=_USUAL),
    Method("auth/login/start", "auth", "LoginStartParams", "WireLoginStart", errors=_USUAL),
    Method("auth/login/complete", "auth", "LoginCompleteParams", "WireLoginReady", errors=_USUAL),
    Method("auth/login/device_start", "auth", "DeviceStartParams", "WireDeviceStart", errors=_USUAL),
    Method("auth/login/device_complete", "auth", "DeviceCompleteParams", "WireDeviceCompleteResult", errors=_USUAL),
    Method("auth/login/provision_api_key", "auth", "ProvisionApiKeyParams", "WireProvisionApiKeyResult", errors=_USUAL),
    Method("auth/status/get", "auth", "BindingIdParams", "WireAuthStatusDetail", errors=_USUAL),
    Method("auth/logout", "auth", "BindingIdParams", "WireAuthProfileCleared", errors=_USUAL),
    Method("realm/list", "auth", None, "WireRealmList", params_policy="ignored", errors=(INTERNAL_ERROR,)),
    Method("realm/get", "auth", "RealmIdParams", "WireRealmConnectionSet", errors=_USUAL),
    Method("help/ask", "help", "HelpRequest", "HelpResponse", tracked=True, notifications=_RUN_EVENTS, errors=_TURN),
    Method("blob/get", "artifacts", "BlobGetParams", "BlobPayload", errors=_USUAL),
    Method("artifact/list", "artifacts", "ArtifactListParams", "ArtifactListResult", params_policy="optional", errors=_USUAL),
    Method("artifact/get", "artifacts", "ArtifactIdParams", "ArtifactRecord", errors=_USUAL),
    Method("artifact/download", "artifacts", "ArtifactDownloadParams", "ArtifactDownloadResult", errors=_USUAL),
    Method("session/external_event", "sessions", "ExternalEventParams", "RuntimeAcceptResult", errors=_SESSION),
    Method(
        "session/peer_response_terminal",
        "sessions",
        "SessionPeerResponseTerminalParams",
        "RuntimeAcceptResult",
        notifications=_RUN_EVENTS,
        errors=(*_SESSION, INVALID_REQUEST),
    ),
    Method("session/inject_context", "sessions", "InjectSystemContextParams", "InjectSystemContextResult", errors=_SESSION),
    Method("events/latest_cursor", "streams", "EventsLatestCursorParams", "EventsLatestCursorResult", errors=(*_SESSION, INVALID_REQUEST)),
    Method("events/list_since", "streams", "EventsListSinceParams", "EventsListSinceResult", errors=(*_SESSION, INVALID_REQUEST)),
    Method("events/snapshot", "streams", "EventsSnapshotParams", "EventsSnapshotResult", errors=(*_SESSION, INVALID_REQUEST)),
    Method(
        "session/stream_open",
        "streams",
        "SessionStreamOpenParams",
        "SessionStreamOpenResult",
        notifications=("session/stream_event", "session/stream_end"),
        errors=_SESSION,
    ),
    Method(
        "session/stream_close",
        "streams",
        "SessionStreamCloseParams",
        "SessionStreamCloseResult",
        notifications=("session/stream_end",),
        errors=_USUAL,
    ),
    Method(
        "schedule/create", "schedules", "CreateScheduleRequest", "Schedule", errors=(INVALID_PARAMS, INTERNAL_ERROR, CAPABILITY_UNAVAILABLE)
    ),
    Method("schedule/get", "schedules", "ScheduleIdParams", "Schedule", errors=_SCHEDULE),
    Method(
        "schedule/list",
        "schedules",
        "ListSchedulesParams",
        "ScheduleListResult",
        params_policy="optional",
        errors=(INVALID_PARAMS, INTERNAL_ERROR, CAPABILITY_UNAVAILABLE),
    ),
    Method("schedule/update", "schedules", "UpdateScheduleParams", "Schedule", errors=_SCHEDULE),
    Method("schedule/pause", "schedules", "ScheduleIdParams", "Schedule", errors=_SCHEDULE),
    Method("schedule/resume", "schedules", "ScheduleIdParams", "Schedule", errors=_SCHEDULE),
    Method("schedule/delete", "schedules", "ScheduleIdParams", "Schedule", errors=_SCHEDULE),
    Method("schedule/occurrences", "schedules", "ScheduleOccurrencesParams", "ScheduleOccurrencesResult", errors=_SCHEDULE),
    Method("schedule/tools", "schedules", None, "ScheduleToolsResult", params_policy="ignored"),
    Method(
        "schedule/call",
        "schedules",
        "ScheduleToolCallParams",
        "ScheduleToolCallResult",
        errors=_SCHEDULE_TOOL,
    ),
    Method("skills/list", "skills", None, "SkillListResponse", params_policy="ignored", errors=(INTERNAL_ERROR,)),
    Method("live/open", "live", "LiveOpenParams", "LiveOpenResult", errors=(METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR)),
    Method("live/status", "live", "LiveChannelParams", "LiveStatusResult", errors=(METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR)),
    Method("live/close", "live", "LiveChannelParams", "LiveCloseResult", errors=(METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR)),
    Method(
        "live/send_input", "live", "LiveSendInputParams", "LiveSendInputResult", errors=(METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR)
    ),
    Method(
        "live/commit_input",
        "live",
        "LiveCommitInputParams",
        "LiveCommitInputResult",
        errors=(METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR),
    ),
    Method("live/interrupt", "live", "LiveChannelParams", "LiveInterruptResult", errors=(METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR)),
    Method("live/truncate", "live", "LiveTruncateParams", "LiveTruncateResult", errors=(METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR)),
    Method("live/refresh", "live", "LiveChannelParams", "LiveRefreshResult", errors=(METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR)),
    Method("mob/create", "mobs", "MobCreateParams", "MobCreateResult", errors=_USUAL),
    Method("mob/list", "mobs", None, "MobListResult", params_policy="ignored", errors=(INTERNAL_ERROR,)),
    Method("mob/status", "mobs", "MobIdParams", "MobStatusResult", errors=_USUAL),
    Method("mob/lifecycle", "mobs", "MobLifecycleParams", "MobLifecycleResult", errors=_USUAL),
    Method("mob/spawn", "mobs", "MobSpawnParams", "MobSpawnResult", errors=_USUAL),
    Method("mob/spawn_many", "mobs", "MobSpawnManyParams", "MobSpawnManyResult", errors=_USUAL),
    Method("mob/ensure_member", "mobs", "MobEnsureMemberParams", "MobEnsureMemberResult", errors=_USUAL),
    Method("mob/reconcile", "mobs", "MobReconcileParams", "MobReconcileResult", errors=_USUAL),
    Method("mob/list_members_matching", "mobs", "MobListMembersMatchingParams", "MobListMembersMatchingResult", errors=_USUAL),
    Method("mob/retire", "mobs", "MobMemberParams", "MobRetireResult", errors=_USUAL),
    Method("mob/respawn", "mobs", "MobRespawnParams", "MobRespawnResult", errors=_USUAL),
    Method("mob/wire", "mobs", "MobWireParams", "MobWireResult", errors=_USUAL),
    Method("mob/unwire", "mobs", "MobUnwireParams", "MobUnwireResult", errors=_USUAL),
    Method("mob/members", "mobs", "MobMembersParams", "MobMembersResult", errors=_USUAL),
    Method("mob/events", "mobs", "MobEventsParams", "MobEventsResult", errors=_USUAL),
    Method("mob/member_send", "mobs", "MobMemberSendParams", "MobMemberSendResult", errors=_USUAL),
    Method("mob/ingress_interaction", "mobs", "MobIngressInteractionParams", "MobIngressInteractionResult", errors=_USUAL),
    Method("mob/append_system_context", "mobs", "MobAppendSystemContextParams", "MobAppendSystemContextResult", errors=_USUAL),
    Method("mob/flows", "mobs", "MobIdParams", "MobFlowsResult", errors=_USUAL),
    Method("mob/flow_run", "mobs", "MobFlowRunParams", "MobFlowRunResult", errors=_USUAL),
    Method("mob/flow_status", "mobs", "MobFlowStatusParams", "MobFlowStatusResult", errors=_USUAL),
    Method("mob/flow_cancel", "mobs", "MobFlowCancelParams", "MobFlowCancelResult", errors=_USUAL),
    Method("mob/spawn_helper", "mobs", "MobSpawnHelperParams", "MobHelperResult", errors=_USUAL),
    Method("mob/fork_helper", "mobs", "MobForkHelperParams", "MobHelperResult", errors=_USUAL),
    Method("mob/force_cancel", "mobs", "MobMemberParams", "MobForceCancelResult", errors=_USUAL),
    Method("mob/turn_start", "mobs", "MobTurnStartParams", "WireRunResult", tracked=True, notifications=_RUN_EVENTS, errors=_TURN),
    Method("mob/member_status", "mobs", "MobMemberParams", "MobMemberStatusResult", errors=_USUAL),
    Method("mob/snapshot", "mobs", "MobIdParams", "MobSnapshotResult", errors=_USUAL),
    Method("mob/destroy", "mobs", "MobIdParams", "MobDestroyResult", errors=_USUAL),
    Method(
        "mob/rotate_supervisor",
        "mobs",
        "MobIdParams",
        "MobRotateSupervisorResult",
        errors=(INVALID_PARAMS, INTERNAL_ERROR, SUPERVISOR_ROTATION_INCOMPLETE),
    ),
    Method("mob/submit_work", "mobs", "MobSubmitWorkParams", "MobSubmitWorkResult", errors=_USUAL),
    Method("mob/cancel_work", "mobs", "MobCancelWorkParams", "MobCancelWorkResult", errors=_USUAL),
    Method("mob/cancel_all_work", "mobs", "MobCancelAllWorkParams", "MobCancelAllWorkResult", errors=_USUAL),
    Method("mob/wait_kickoff", "mobs", "MobWaitParams", "MobWaitMembersResult", errors=_USUAL),
    Method("mob/wait_ready", "mobs", "MobWaitParams", "MobWaitMembersResult", errors=_USUAL),
    Method("mob/profile/create", "profiles", "MobProfileCreateParams", "MobProfileLookupResult", errors=_USUAL),
    Method("mob/profile/get", "profiles", "MobProfileNameParams", "MobProfileLookupResult", errors=_USUAL),
    Method("mob/profile/list", "profiles", None, "MobProfileListResult", params_policy="ignored", errors=(INTERNAL_ERROR,)),
    Method("mob/profile/update", "profiles", "MobProfileUpdateParams", "MobProfileLookupResult", errors=_USUAL),
    Method("mob/profile/delete", "profiles", "MobProfileDeleteParams", "MobProfileDeleteResult", errors=_USUAL),
    Method(
        "mob/stream_open",
        "mobs",
        "MobStreamOpenParams",
        "MobStreamOpenResult",
        notifications=("mob/stream_event", "mob/stream_end"),
        errors=_USUAL,
    ),
    Method("mob/stream_close", "mobs", "MobStreamCloseParams", "MobStreamCloseResult", notifications=("mob/stream_end",), errors=_USUAL),
    Method("mcp/add", "mcp", "McpAddParams", "McpLiveOpResponse", errors=_SESSION),
    Method("mcp/remove", "mcp", "McpRemoveParams", "McpLiveOpResponse", errors=_SESSION),
    Method("mcp/reload", "mcp", "McpReloadParams", "McpLiveOpResponse", errors=_SESSION),
    Method("comms/send", "comms", "CommsSendParams", "CommsSendResult", errors=_SESSION),
    Method("comms/peers", "comms", "CommsPeersParams", "CommsPeersResult", errors=_SESSION),
)
"""In the order of spec 01, section 8.1, in which `initialize` lists the names after "initialized"."""

_UNLISTED = (Method("tools/register", "tools", "RegisterToolsParams", "RegisterToolsResult", errors=_USUAL),)
"""Served, but in no list of names."""

METHODS: Final[Mapping[str, Method]] = MappingProxyType({row.name: row for row in (*_CATALOGUE, *_UNLISTED)})
"""Every request a client can make, in catalogue order, with what the catalogue leaves out at the end."""

CATALOGUE: Final[tuple[str, ...]] = tuple(row.name for row in _CATALOGUE)
"""The 114 names that `runtime/host_info` lists, in its order."""

SERVER_REQUESTS: Final[Mapping[str, Method]] = MappingProxyType(
    {"tool/execute": Method("tool/execute", "tools", "ToolExecuteParams", "ToolExecuteResult")}
)
"""The one request the server makes (spec 01, section 9.3)."""

_NOTIFICATIONS = (
    Notification("initialized", "core", None, "client"),
    Notification("cancel", "core", "CancelParams", "client"),
    Notification("session/event", "streams", "SessionEventParams", "server"),
    Notification("session/stream_event", "streams", "SessionStreamEventParams", "server"),
    Notification("session/stream_end", "streams", "SessionStreamEndParams", "server"),
    Notification("mob/stream_event", "streams", "MobStreamEventParams", "server"),
    Notification("mob/stream_end", "streams", "MobStreamEndParams", "server"),
)

NOTIFICATIONS: Final[Mapping[str, Notification]] = MappingProxyType({row.name: row for row in _NOTIFICATIONS})
"""Every notification, either way (spec 01, sections 6, 7 and 8.3)."""
