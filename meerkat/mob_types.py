"""The shapes of mob members as calls take and return them (spec 04); the handles `Mob` and `Member` are in `meerkat.mob`."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from meerkat.generated.auth import WireAuthBindingRef
from meerkat.generated.content import WireContentInput
from meerkat.types.models import ResolvedModelCapabilities
from meerkat.wire.mob_definitions import WireMobBackendKind, WireMobRuntimeMode

MobLifecycleAction = Literal["stop", "resume", "complete", "reset", "destroy"]
"""What can be done to a mob as a whole."""

WorkOrigin = Literal["external", "internal"]
"""Where work for a member comes from."""

MobMemberRef = str
"""Names one member of one mob across its incarnations; opaque."""

RenderClass = Literal[
    "user_prompt",
    "peer_message",
    "peer_request",
    "peer_response",
    "external_event",
    "flow_step",
    "continuation",
    "system_notice",
    "tool_scope_notice",
    "ops_progress",
]
"""What a message is, for the model that reads it."""

RenderSalience = Literal["background", "normal", "important", "urgent"]
"""How much a message matters."""

_RenderMetadataRequired = TypedDict("_RenderMetadataRequired", {"class": RenderClass})


class RenderMetadata(_RenderMetadataRequired, total=False):
    """How a message is shown to the model: its `class` and its salience."""

    salience: RenderSalience


class MemberDeliveryReceipt(TypedDict):
    """A message was taken in for a member."""

    agent_identity: str
    member_ref: MobMemberRef
    handling_mode: Literal["queue", "steer"]


class MemberRespawnReceipt(TypedDict):
    """A member was replaced by a new incarnation."""

    agent_identity: str
    member_ref: MobMemberRef


class MobSpawnResult(TypedDict):
    """A member was spawned."""

    mob_id: str
    agent_identity: str
    member_ref: MobMemberRef


class _MobRespawnResultRequired(TypedDict):
    status: Literal["completed", "topology_restore_failed"]
    receipt: MemberRespawnReceipt


class MobRespawnResult(_MobRespawnResultRequired, total=False):
    """A member was replaced; `failed_peer_ids` names those it could not be wired to again."""

    failed_peer_ids: list[str]


class _MobUnreachablePeerRequired(TypedDict):
    peer: str


class MobUnreachablePeer(_MobUnreachablePeerRequired, total=False):
    """A peer that a member cannot reach, and why."""

    reason: str


class MobPeerConnectivitySnapshot(TypedDict):
    """How many peers a member can reach, and which it cannot."""

    reachable_peer_count: int
    unknown_peer_count: int
    unreachable_peers: list[MobUnreachablePeer]


class _MobMemberSnapshotRequired(TypedDict):
    status: str
    tokens_used: int
    is_final: bool


class MobMemberSnapshot(_MobMemberSnapshotRequired, total=False):
    """How a member is: its state, its last words, what it used and whom it reaches."""

    output_preview: str
    error: str
    resolved_capabilities: ResolvedModelCapabilities
    peer_connectivity: MobPeerConnectivitySnapshot
    kickoff: dict[str, Any]
    current_session_id: str
    external_member: dict[str, Any]


class _MobKickoffMemberSnapshotRequired(TypedDict):
    agent_identity: str
    status: str
    tokens_used: int
    is_final: bool


class MobKickoffMemberSnapshot(_MobKickoffMemberSnapshotRequired, total=False):
    """How a member that was waited for is. A failed kickoff ends the wait too: look at `kickoff`."""

    output_preview: str
    error: str
    resolved_capabilities: ResolvedModelCapabilities
    peer_connectivity: MobPeerConnectivitySnapshot
    kickoff: dict[str, Any]
    current_session_id: str
    external_member: dict[str, Any]


MobReadyMemberSnapshot = MobKickoffMemberSnapshot
"""How a member that became ready is."""


class _MobHelperResultRequired(TypedDict):
    tokens_used: int
    agent_identity: str
    member_ref: MobMemberRef


class MobHelperResult(_MobHelperResultRequired, total=False):
    """What a helper did; `output` is None when it said nothing."""

    output: str | None


class _MobMemberRequired(TypedDict):
    agent_identity: str
    member_ref: MobMemberRef
    profile: str


class MobMember(_MobMemberRequired, total=False):
    """One member of a mob; `profile` is what the wire calls its role."""

    peer_id: str
    external_peer_specs: dict[str, dict[str, Any]]
    runtime_mode: str
    state: str
    wired_to: list[str]
    labels: dict[str, str]
    status: str
    error: str
    is_final: bool
    kickoff: dict[str, Any]


class _MobSpawnSpecRequired(TypedDict):
    profile: str
    agent_identity: str


class MobSpawnSpec(_MobSpawnSpecRequired, total=False):
    """One member of `spawn_many`."""

    initial_message: WireContentInput | None
    runtime_mode: WireMobRuntimeMode | None
    backend: WireMobBackendKind | None
    labels: dict[str, str] | None
    context: dict[str, Any] | None
    additional_instructions: list[str] | None
    auth_binding: WireAuthBindingRef | dict[str, str] | None
