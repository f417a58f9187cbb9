"""How mobs and members look from outside: status, kickoff, roster, the report of a destruction (spec 04, sections 3, 5 and 6)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.artifacts import SystemTime
from meerkat.wire.base import U8, U64, Length, NotRequired, Usize, Uuid
from meerkat.wire.models import WireResolvedModelCapabilities

MemberStatus: TypeAlias = Literal["active", "retiring", "broken", "completed", "unknown"]
"""How a member is; `unknown` for an identity that no member has (spec 04, section 3.2)."""

KickoffPhase: TypeAlias = Literal["pending", "starting", "callback_pending", "started", "failed", "cancelled"]
"""How far the first turn of an autonomous member has come (spec 04, section 6.1)."""


class Kickoff(TypedDict):
    """The first turn of an autonomous member (spec 04, section 6.1)."""

    phase: KickoffPhase
    error: NotRequired[str]
    updated_at: SystemTime


class UnreachablePeer(TypedDict):
    """A peer that could not be reached (spec 04, section 3.4)."""

    peer: str
    reason: str | None


class PeerConnectivity(TypedDict):
    """How many peers of a member are reachable (spec 04, section 3.4)."""

    reachable_peer_count: Usize
    unknown_peer_count: Usize
    unreachable_peers: list[UnreachablePeer]


class ExternalMemberOwner(TypedDict):
    """Which member an external binding belongs to (spec 04, section 3.4)."""

    mob_id: str
    agent_identity: str


class ExternalMemberReachability(TypedDict):
    """Whether an external member is there (spec 04, section 3.4)."""

    status: Literal["unknown", "unavailable"]
    reason: str | None


class ExternalMemberRebind(TypedDict):
    """Whether an external member can be bound anew (spec 04, section 3.4)."""

    status: Literal["not_required", "available", "unavailable", "failed"]
    reason: str | None


class DeclaredForwarding(TypedDict):
    """What is declared to be forwarded for an external member (spec 04, section 3.4)."""

    owner: ExternalMemberOwner
    status: Literal["declared"]


class ExternalMemberForwarding(TypedDict):
    """What an external member forwards (spec 04, section 3.4)."""

    artifacts: DeclaredForwarding
    approvals: DeclaredForwarding


class ExternalMember(TypedDict):
    """A member outside this process (spec 04, section 3.4)."""

    owner: ExternalMemberOwner
    binding_mode: Literal["bridge_session_backed", "peer_only"]
    bridge_session_present: bool
    reachability: ExternalMemberReachability
    rebind: ExternalMemberRebind
    forwarding: ExternalMemberForwarding


class MobMemberStatusResult(TypedDict):
    """Result of `mob/member_status` (spec 04, section 3.4)."""

    status: MemberStatus
    # Always there, null when there is none.
    output_preview: str | None
    error: str | None
    tokens_used: U64
    is_final: bool
    # The only place that tells the session of a member.
    current_session_id: NotRequired[Uuid]
    peer_connectivity: NotRequired[PeerConnectivity]
    kickoff: NotRequired[Kickoff]
    external_member: NotRequired[ExternalMember]
    resolved_capabilities: NotRequired[WireResolvedModelCapabilities]


class MobWaitedMember(MobMemberStatusResult):
    """A member that was waited for (spec 04, section 12.2)."""

    agent_identity: str


class PeerAddressSpec(TypedDict):
    """How a peer outside the mob is reached (spec 04, section 5.5)."""

    transport: Literal["inproc", "uds", "tcp"]
    endpoint: str


class ExternalPeerSpec(TypedDict):
    """A peer outside the mob (spec 04, section 5.5)."""

    peer_id: Uuid
    name: str
    address: PeerAddressSpec
    pubkey: Annotated[list[U8], Length(32)]


class MobRosterEntry(TypedDict):
    """A member as the roster has it, spelled unlike `mob/members` (spec 04, section 5.5)."""

    agent_identity: str
    role: str
    runtime_mode: Literal["autonomous_host", "turn_driven"]
    # Capitalised here alone.
    state: Literal["Active", "Retiring"]
    wired_to: list[str]
    status: MemberStatus
    is_final: bool
    labels: NotRequired[dict[str, str]]
    error: NotRequired[str]
    kickoff: NotRequired[Kickoff]
    peer_id: NotRequired[Uuid]
    transport_public_key: NotRequired[str]
    external_peer_specs: NotRequired[dict[str, ExternalPeerSpec]]


class MobDestroyReport(TypedDict):
    """What a destruction did and left undone (spec 04, section 5.7)."""

    force_destroyed_members: NotRequired[list[str]]
    orphaned_remote_members: NotRequired[list[str]]
    errors: NotRequired[list[str]]
    remote_cleanup_deadline_exceeded: bool
    metadata_scrubbed: bool
    events_cleared: bool
    namespace_cleaned: bool
