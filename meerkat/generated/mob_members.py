"""The flat contract names of mob members: how they are spawned, listed, reconciled, run and replaced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from meerkat.generated.auth import WireAuthBindingRef
from meerkat.generated.content import WireContentInput
from meerkat.generated.mob_launch import (
    WireBudgetSplitPolicy,
    WireMemberLaunchMode,
    WireMemberRef,
    WireMobProfile,
    WireRuntimeBinding,
    WireToolAccessPolicy,
    WireToolFilter,
)
from meerkat.generated.models import WireResolvedModelCapabilities
from meerkat.wire.core import WireHandlingMode
from meerkat.wire.mob_definitions import WireMobBackendKind, WireMobRuntimeMode
from meerkat.wire.mobs_members import (
    MobSpawnManyFailureCause,
    MobSpawnManyResultStatus,
    WireMemberState,
    WireMobMemberStatus,
    WireMobReconcileStage,
)


@dataclass
class MobSpawnParams:
    """Params of `mob/spawn`."""

    agent_identity: str
    mob_id: str
    profile: str
    additional_instructions: list[str] | None = None
    auth_binding: WireAuthBindingRef | None = None
    auto_wire_parent: bool | None = None
    backend: WireMobBackendKind | None = None
    binding: WireRuntimeBinding | None = None
    budget_split_policy: WireBudgetSplitPolicy | None = None
    context: Any = None
    inherited_tool_filter: WireToolFilter | None = None
    initial_message: WireContentInput | None = None
    labels: dict[str, str] | None = None
    launch_mode: WireMemberLaunchMode | None = None
    override_profile: WireMobProfile | None = None
    runtime_mode: WireMobRuntimeMode | None = None
    shell_env: dict[str, str] | None = None
    tool_access_policy: WireToolAccessPolicy | None = None


@dataclass
class MobSpawnResult:
    """Result of `mob/spawn`."""

    agent_identity: str
    member_ref: WireMemberRef
    mob_id: str


@dataclass
class MobSpawnSpecParams:
    """One member of `mob/spawn_many`."""

    agent_identity: str
    profile: str
    additional_instructions: list[str] | None = None
    auth_binding: WireAuthBindingRef | None = None
    backend: WireMobBackendKind | None = None
    context: Any = None
    initial_message: WireContentInput | None = None
    labels: dict[str, str] | None = None
    runtime_mode: WireMobRuntimeMode | None = None


@dataclass
class MobSpawnManyParams:
    """Params of `mob/spawn_many`."""

    mob_id: str
    specs: list[MobSpawnSpecParams]


@dataclass
class MobSpawnManyResult:
    """Result of `mob/spawn_many`."""

    results: list[MobSpawnManyResultEntry]


@dataclass
class MobSpawnManyResultEntry:
    """What became of one member: a receipt or a failure, as `status` tells."""

    result: MobSpawnManyResultPayload
    status: MobSpawnManyResultStatus


@dataclass
class MobSpawnManySpawnedResult:
    """The receipt of a member that was spawned."""

    agent_identity: str
    member_ref: WireMemberRef


@dataclass
class MobSpawnManyFailedResult:
    """Why a member was not spawned."""

    cause: MobSpawnManyFailureCause
    message: str


MobSpawnManyResultPayload = MobSpawnManySpawnedResult | MobSpawnManyFailedResult
"""A receipt or a failure."""


@dataclass
class MobSpawnReceiptWire:
    """The receipt of a member that was spawned."""

    agent_identity: str
    member_ref: WireMemberRef


@dataclass
class MobMemberListEntryWire:
    """One member in a list."""

    agent_identity: str
    is_final: bool
    member_ref: WireMemberRef
    role: str
    runtime_mode: WireMobRuntimeMode
    state: WireMemberState
    status: WireMobMemberStatus
    error: str | None = None
    labels: dict[str, str] | None = None
    wired_to: list[str] | None = None


@dataclass
class MobEnsureMemberParams:
    """Params of `mob/ensure_member`."""

    mob_id: str
    spec: MobMemberSpecWire


@dataclass
class MobEnsureMemberResult:
    """Result of `mob/ensure_member`."""

    outcome: dict[str, MobSpawnReceiptWire] | dict[str, MobMemberListEntryWire]


@dataclass
class MobReconcileParams:
    """Params of `mob/reconcile`."""

    mob_id: str
    desired: list[MobMemberSpecWire] | None = None
    options: MobReconcileOptionsWire | None = None


@dataclass
class MobReconcileResult:
    """Result of `mob/reconcile`."""

    report: MobReconcileReportWire


@dataclass
class MobListMembersMatchingParams:
    """Params of `mob/list_members_matching`."""

    mob_id: str
    filter: dict[str, Any] | None = None


@dataclass
class MobListMembersMatchingResult:
    """Result of `mob/list_members_matching`."""

    members: list[Any] | None = None


@dataclass
class MobRetireResult:
    """Result of `mob/retire`."""

    retired: bool


@dataclass
class MobRespawnParams:
    """Params of `mob/respawn`."""

    agent_identity: str
    mob_id: str
    initial_message: WireContentInput | None = None


@dataclass
class MobRespawnResult:
    """Result of `mob/respawn`."""

    receipt: dict[str, Any]
    status: str
    failed_peer_ids: list[str] | None = None


@dataclass
class MobMembersResult:
    """Result of `mob/members`."""

    members: list[MobMemberListEntryWire]
    mob_id: str


@dataclass
class MobMemberSendParams:
    """Params of `mob/member_send`."""

    agent_identity: str
    content: WireContentInput
    mob_id: str
    handling_mode: WireHandlingMode | None = None
    render_metadata: dict[str, Any] | None = None


@dataclass
class MobMemberSendResult:
    """Result of `mob/member_send`."""

    agent_identity: str
    handling_mode: WireHandlingMode
    member_ref: WireMemberRef
    mob_id: str


@dataclass
class MobIngressInteractionParams:
    """Params of `mob/ingress_interaction`."""

    content: WireContentInput
    mob_id: str
    spec: MobMemberSpecWire
    handling_mode: WireHandlingMode | None = None
    render_metadata: dict[str, Any] | None = None


@dataclass
class MobIngressInteractionResult:
    """Result of `mob/ingress_interaction`."""

    agent_identity: str
    delivery: dict[str, Any]
    ensure_outcome: dict[str, MobSpawnReceiptWire] | dict[str, MobMemberListEntryWire]
    events_after_cursor: int
    latest_event_cursor: int
    member_ref: WireMemberRef
    mob_id: str


@dataclass
class MobSpawnHelperParams:
    """Params of `mob/spawn_helper`."""

    mob_id: str
    prompt: str
    agent_identity: str | None = None
    backend: WireMobBackendKind | None = None
    role_name: str | None = None
    runtime_mode: WireMobRuntimeMode | None = None


@dataclass
class MobForkHelperParams:
    """Params of `mob/fork_helper`."""

    mob_id: str
    prompt: str
    source_member_id: str
    agent_identity: str | None = None
    backend: WireMobBackendKind | None = None
    fork_context: Any = None
    role_name: str | None = None
    runtime_mode: WireMobRuntimeMode | None = None


@dataclass
class MobHelperResult:
    """Result of `mob/spawn_helper` and `mob/fork_helper`."""

    agent_identity: str
    member_ref: WireMemberRef
    tokens_used: int
    output: str | None = None


@dataclass
class MobForceCancelResult:
    """Result of `mob/force_cancel`."""

    cancelled: bool


@dataclass
class MobTurnStartParams:
    """Params of `mob/turn_start`."""

    agent_identity: str
    mob_id: str
    prompt: WireContentInput
    additional_instructions: list[str] | None = None
    auth_binding: WireAuthBindingRef | None = None
    clear_auth_binding: bool | None = None
    clear_provider_params: bool | None = None
    flow_tool_overlay: dict[str, Any] | None = None
    keep_alive: bool | None = None
    max_tokens: int | None = None
    model: str | None = None
    output_schema: Any = None
    provider: str | None = None
    provider_params: Any = None
    skill_refs: list[dict[str, Any]] | None = None
    structured_output_retries: int | None = None
    system_prompt: str | None = None


@dataclass
class MobMemberStatusResult:
    """Result of `mob/member_status`."""

    is_final: bool
    status: WireMobMemberStatus
    tokens_used: int
    current_session_id: str | None = None
    error: str | None = None
    external_member: Any = None
    kickoff: Any = None
    output_preview: str | None = None
    peer_connectivity: Any = None
    resolved_capabilities: WireResolvedModelCapabilities | None = None


@dataclass
class MobWaitParams:
    """Params of `mob/wait_kickoff` and `mob/wait_ready`; no members means all, the time is in milliseconds."""

    mob_id: str
    member_ids: list[str] | None = None
    timeout_ms: int | None = None


@dataclass
class MobWaitMembersResult:
    """Result of `mob/wait_kickoff` and `mob/wait_ready`."""

    members: list[Any]


@dataclass
class MobMemberSpecWire:
    """The member that should exist."""

    agent_identity: str
    profile: str
    additional_instructions: list[str] | None = None
    auto_wire_parent: bool | None = None
    backend: WireMobBackendKind | None = None
    binding: WireRuntimeBinding | None = None
    context: Any = None
    initial_message: WireContentInput | None = None
    labels: dict[str, str] | None = None
    runtime_mode: WireMobRuntimeMode | None = None


@dataclass
class MobReconcileOptionsWire:
    """Whether members that are not desired are retired."""

    retire_stale: bool | None = None


@dataclass
class MobReconcileReportWire:
    """What reconciling did, by identity."""

    desired: list[str] | None = None
    failures: list[MobReconcileFailureWire] | None = None
    retained: list[str] | None = None
    retired: list[str] | None = None
    spawned: list[MobSpawnReceiptWire] | None = None


@dataclass
class MobReconcileFailureWire:
    """A member that could not be brought to what is desired."""

    agent_identity: str
    error: str
    stage: WireMobReconcileStage
