"""Members of mobs: making, listing, wiring, removing them (spec 04, sections 3, 6 to 9, 11 and 12)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import I32, U64, Json, NotRequired, Untagged, closed
from meerkat.wire.core import AuthBindingRef, ContentInput, WireContentInput
from meerkat.wire.mob_definitions import WireMobBackendKind, WireMobRuntimeMode
from meerkat.wire.mobs_peers import (
    MobPeerTarget,
    WireBudgetSplitPolicy,
    WireMemberLaunchMode,
    WireRuntimeBinding,
    WireToolAccessPolicy,
    WireToolFilter,
)
from meerkat.wire.mobs_views import MobWaitedMember

WireMemberState: TypeAlias = Literal["active", "retiring"]
"""Whether a member is leaving (spec 04, section 3.2)."""

MobSpawnManyResultStatus: TypeAlias = Literal["spawned", "failed"]
"""Whether a member was made."""

WireMobMemberStatus: TypeAlias = Literal["active", "retiring", "broken", "completed", "unknown"]
"""How a member is (spec 04, section 3.2)."""

WireMobReconcileStage: TypeAlias = Literal["spawn", "retire"]
"""What failed."""

MobSpawnManyFailureCause: TypeAlias = Literal[
    "profile_not_found",
    "member_not_found",
    "member_already_exists",
    "not_externally_addressable",
    "invalid_transition",
    "wiring_error",
    "bridge_command_rejected",
    "member_restore_failed",
    "kickoff_wait_timed_out",
    "ready_wait_timed_out",
    "definition_error",
    "flow_not_found",
    "flow_failed",
    "run_not_found",
    "run_canceled",
    "flow_turn_timed_out",
    "frame_depth_limit_exceeded",
    "frame_atomic_persistence_unavailable",
    "spec_revision_conflict",
    "schema_validation",
    "insufficient_targets",
    "topology_violation",
    "bridge_delivery_rejected",
    "supervisor_escalation",
    "unsupported_for_mode",
    "reset_barrier",
    "storage_error",
    "session_error",
    "comms_error",
    "callback_pending",
    "stale_fence_token",
    "stale_event_cursor",
    "work_not_found",
    "internal",
]
"""Why a member was not made, as a word (spec 04, section 7.4)."""


@closed
class MobSpawnParams(TypedDict):
    """Params of `mob/spawn` (spec 04, section 7.1)."""

    mob_id: str
    profile: str
    agent_identity: str
    initial_message: NotRequired[ContentInput | None]
    runtime_mode: NotRequired[WireMobRuntimeMode | None]
    backend: NotRequired[WireMobBackendKind | None]
    labels: NotRequired[dict[str, str] | None]
    context: NotRequired[Json]
    additional_instructions: NotRequired[list[str] | None]
    binding: NotRequired[WireRuntimeBinding | None]
    shell_env: NotRequired[dict[str, str] | None]
    auto_wire_parent: NotRequired[bool | None]
    launch_mode: NotRequired[WireMemberLaunchMode | None]
    tool_access_policy: NotRequired[WireToolAccessPolicy | None]
    budget_split_policy: NotRequired[WireBudgetSplitPolicy | None]
    inherited_tool_filter: NotRequired[WireToolFilter | None]
    override_profile: NotRequired[WireMobProfile | None]
    auth_binding: NotRequired[AuthBindingRef | None]


@closed
class MobSpawnManyParams(TypedDict):
    """Params of `mob/spawn_many` (spec 04, section 7.4)."""

    mob_id: str
    specs: list[MobSpawnSpecParams]


@closed
class MobEnsureMemberParams(TypedDict):
    """Params of `mob/ensure_member` (spec 04, section 7.5)."""

    mob_id: str
    spec: MobMemberSpecWire


@closed
class MobReconcileParams(TypedDict):
    """Params of `mob/reconcile` (spec 04, section 7.6)."""

    mob_id: str
    desired: NotRequired[list[MobMemberSpecWire]]
    options: NotRequired[MobReconcileOptionsWire]


@closed
class MobListMembersMatchingParams(TypedDict):
    """Params of `mob/list_members_matching` (spec 04, section 7.7)."""

    mob_id: str
    filter: NotRequired[MobMemberFilterWire]


class MobMemberParams(TypedDict):
    """Params of `mob/retire`, `mob/force_cancel`, `mob/member_status` (spec 04, section 8.1)."""

    mob_id: str
    agent_identity: str


class MobRespawnParams(TypedDict):
    """Params of `mob/respawn` (spec 04, section 8.2)."""

    mob_id: str
    agent_identity: str
    initial_message: NotRequired[WireContentInput | None]


@closed
class MobWireParams(TypedDict):
    """Params of `mob/wire` (spec 04, section 9.1)."""

    mob_id: str
    member: str
    peer: MobPeerTarget


@closed
class MobUnwireParams(TypedDict):
    """Params of `mob/unwire` (spec 04, section 9.1)."""

    mob_id: str
    member: str
    peer: MobPeerTarget


class MobWaitParams(TypedDict):
    """Params of `mob/wait_kickoff`, `mob/wait_ready` (spec 04, section 12.2)."""

    mob_id: str
    member_ids: NotRequired[list[str] | None]
    timeout_ms: NotRequired[U64 | None]


class MobSpawnHelperParams(TypedDict):
    """Params of `mob/spawn_helper` (spec 04, section 11)."""

    mob_id: str
    prompt: str
    agent_identity: NotRequired[str | None]
    backend: NotRequired[WireMobBackendKind | None]
    role_name: NotRequired[str | None]
    runtime_mode: NotRequired[WireMobRuntimeMode | None]


class MobForkHelperParams(TypedDict):
    """Params of `mob/fork_helper` (spec 04, section 11)."""

    mob_id: str
    source_member_id: str
    prompt: str
    agent_identity: NotRequired[str | None]
    backend: NotRequired[WireMobBackendKind | None]
    fork_context: NotRequired[Json]
    role_name: NotRequired[str | None]
    runtime_mode: NotRequired[WireMobRuntimeMode | None]


@closed
class WireMobProfile(TypedDict):
    """A profile as it is stored (spec 04, section 4.3)."""

    model: str
    skills: NotRequired[list[str]]
    tools: NotRequired[WireMobToolConfig]
    peer_description: NotRequired[str]
    external_addressable: NotRequired[bool]
    backend: NotRequired[WireMobBackendKind | None]
    runtime_mode: NotRequired[WireMobRuntimeMode]
    max_inline_peer_notifications: NotRequired[I32 | None]
    output_schema: NotRequired[Json]
    provider_params: NotRequired[Json]


@closed
class MobSpawnSpecParams(TypedDict):
    """One member of `mob/spawn_many` (spec 04, section 7.4)."""

    profile: str
    agent_identity: str
    initial_message: NotRequired[WireContentInput | None]
    runtime_mode: NotRequired[WireMobRuntimeMode | None]
    backend: NotRequired[WireMobBackendKind | None]
    labels: NotRequired[dict[str, str] | None]
    context: NotRequired[Json]
    additional_instructions: NotRequired[list[str] | None]
    auth_binding: NotRequired[AuthBindingRef | None]


class MobMemberSpecWire(TypedDict):
    """A member that shall exist (spec 04, section 7.5)."""

    profile: str
    agent_identity: str
    additional_instructions: NotRequired[list[str] | None]
    auto_wire_parent: NotRequired[bool | None]
    backend: NotRequired[WireMobBackendKind | None]
    binding: NotRequired[WireRuntimeBinding | None]
    context: NotRequired[Json]
    initial_message: NotRequired[WireContentInput | None]
    labels: NotRequired[dict[str, str] | None]
    runtime_mode: NotRequired[WireMobRuntimeMode | None]


@closed
class MobReconcileOptionsWire(TypedDict):
    """Whether surplus members go (spec 04, section 7.6)."""

    retire_stale: NotRequired[bool]


@closed
class MobMemberFilterWire(TypedDict):
    """Which members are meant (spec 04, section 7.7)."""

    labels: NotRequired[dict[str, str]]
    role: NotRequired[str | None]
    state: NotRequired[WireMemberState | None]


@closed
class WireMobToolConfig(TypedDict):
    """Which tools a stored profile has (spec 04, section 4.3)."""

    builtins: NotRequired[bool]
    shell: NotRequired[bool]
    comms: NotRequired[bool]
    memory: NotRequired[bool]
    mob: NotRequired[bool]
    mob_tasks: NotRequired[bool]
    schedule: NotRequired[bool]
    image_generation: NotRequired[bool]
    mcp: NotRequired[list[str]]


class MobSpawnResult(TypedDict):
    """Result of `mob/spawn` (spec 04, section 7.1)."""

    mob_id: str
    agent_identity: str
    member_ref: str


class MobSpawnManyResult(TypedDict):
    """Result of `mob/spawn_many` (spec 04, section 7.4)."""

    results: list[MobSpawnManyResultEntry]


class MobEnsureMemberResult(TypedDict):
    """Result of `mob/ensure_member` (spec 04, section 7.5)."""

    outcome: MobEnsureMemberOutcomeWire


class MobReconcileResult(TypedDict):
    """Result of `mob/reconcile` (spec 04, section 7.6)."""

    report: MobReconcileReportWire


class MobListMembersMatchingResult(TypedDict):
    """Result of `mob/list_members_matching` (spec 04, section 7.7)."""

    members: NotRequired[list[Json]]


class MobRetireResult(TypedDict):
    """Result of `mob/retire` (spec 04, section 8.1)."""

    retired: bool


class MobRespawnResult(TypedDict):
    """Result of `mob/respawn` (spec 04, section 8.2)."""

    status: str
    receipt: MobRespawnReceipt
    failed_peer_ids: NotRequired[list[str]]


class MobWireResult(TypedDict):
    """Result of `mob/wire` (spec 04, section 9.1)."""

    wired: bool


class MobUnwireResult(TypedDict):
    """Result of `mob/unwire` (spec 04, section 9.1)."""

    unwired: bool


class MobMembersResult(TypedDict):
    """Result of `mob/members` (spec 04, section 7.7)."""

    mob_id: str
    members: list[MobMemberListEntryWire]


class MobHelperResult(TypedDict):
    """Result of `mob/spawn_helper`, `mob/fork_helper` (spec 04, section 11)."""

    tokens_used: U64
    agent_identity: str
    member_ref: str
    output: str | None


class MobForceCancelResult(TypedDict):
    """Result of `mob/force_cancel` (spec 04, section 8.3)."""

    cancelled: bool


class MobWaitMembersResult(TypedDict):
    """Result of `mob/wait_kickoff`, `mob/wait_ready` (spec 04, section 12.2)."""

    members: list[MobWaitedMember]


class MobSpawnManyResultEntry(TypedDict):
    """What became of one spec, in its place (spec 04, section 7.4)."""

    status: MobSpawnManyResultStatus
    result: MobSpawnManyResultPayload


class MobEnsureMemberOutcomeWireSpawned(TypedDict):
    """What became of a wanted member (spec 04, section 7.5)."""

    spawned: MobSpawnReceiptWire


class MobEnsureMemberOutcomeWireExisted(TypedDict):
    """What became of a wanted member (spec 04, section 7.5)."""

    existed: MobMemberListEntryWire


class MobReconcileReportWire(TypedDict):
    """What a reconciliation did (spec 04, section 7.6)."""

    desired: NotRequired[list[str]]
    failures: NotRequired[list[MobReconcileFailureWire]]
    retained: NotRequired[list[str]]
    retired: NotRequired[list[str]]
    spawned: NotRequired[list[MobSpawnReceiptWire]]


class MobRespawnReceipt(TypedDict):
    """The new incarnation of a member (spec 04, section 8.2)."""

    identity: str
    member_ref: str


class MobMemberListEntryWire(TypedDict):
    """One member of a list (spec 04, section 3.3)."""

    agent_identity: str
    member_ref: str
    role: str
    runtime_mode: WireMobRuntimeMode
    state: WireMemberState
    status: WireMobMemberStatus
    is_final: bool
    error: NotRequired[str]
    labels: NotRequired[dict[str, str]]
    wired_to: NotRequired[list[str]]


class MobSpawnReceiptWire(TypedDict):
    """A member that was made (spec 04, section 7.5)."""

    agent_identity: str
    member_ref: str


class MobReconcileFailureWire(TypedDict):
    """A member that could not be made or retired (spec 04, section 7.6)."""

    agent_identity: str
    stage: WireMobReconcileStage
    error: str


class MobSpawnManySpawnedResult(TypedDict):
    """A member that was made (spec 04, section 7.4)."""

    agent_identity: str
    member_ref: str


class MobSpawnManyFailedResult(TypedDict):
    """Why a member was not made (spec 04, section 7.4)."""

    cause: MobSpawnManyFailureCause
    message: str


MobEnsureMemberOutcomeWire: TypeAlias = Annotated[
    MobEnsureMemberOutcomeWireSpawned | MobEnsureMemberOutcomeWireExisted, Untagged("MobEnsureMemberOutcomeWire")
]
"""Whether a member was made or existed (spec 04, section 7.5)."""

MobSpawnManyResultPayload: TypeAlias = Annotated[
    MobSpawnManySpawnedResult | MobSpawnManyFailedResult, Untagged("MobSpawnManyResultPayload")
]
"""The member, or why there is none (spec 04, section 7.4)."""
