"""What supervisors and members of mobs say to each other through comms (spec 05, section 7.3)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U8, U32, U64, NotRequired, Tag, Usize, closed
from meerkat.wire.core import ContentInput

HandlingMode: TypeAlias = Literal["queue", "steer"]
"""Whether an input waits for its turn or steers the running one."""

BridgeMemberRuntimeState: TypeAlias = Literal["initializing", "idle", "attached", "running", "retired", "stopped", "destroyed"]
"""The state of a member's runtime."""

BridgePeerConnectivity: TypeAlias = Literal["reachable", "unreachable", "unknown"]
"""Whether a member is reachable."""

BridgeRejectionCause: TypeAlias = Literal[
    "not_bound",
    "stale_supervisor",
    "sender_mismatch",
    "already_bound",
    "invalid_bootstrap_token",
    "unsupported_protocol_version",
    "invalid_supervisor_spec",
    "invalid_peer_spec",
    "address_mismatch",
    "unsupported",
    "internal",
]
"""Why a member refused."""


@closed
class BridgeCommandBindMember(TypedDict):
    """The command `bind_member` (spec 05, section 7.3)."""

    command: Literal["bind_member"]
    supervisor: BridgePeerSpec
    epoch: U64
    protocol_version: U32
    expected_peer_id: str
    expected_address: str
    bootstrap_token: str


@closed
class BridgeCommandAuthorizeSupervisor(TypedDict):
    """The command `authorize_supervisor` (spec 05, section 7.3)."""

    command: Literal["authorize_supervisor"]
    supervisor: BridgePeerSpec
    epoch: U64
    protocol_version: U32


@closed
class BridgeCommandRevokeSupervisor(TypedDict):
    """The command `revoke_supervisor` (spec 05, section 7.3)."""

    command: Literal["revoke_supervisor"]
    supervisor: BridgePeerSpec
    epoch: U64
    protocol_version: U32


@closed
class BridgeCommandDeliverMemberInput(TypedDict):
    """The command `deliver_member_input` (spec 05, section 7.3)."""

    command: Literal["deliver_member_input"]
    supervisor: BridgePeerSpec
    epoch: U64
    protocol_version: U32
    input_id: str
    content: ContentInput
    handling_mode: HandlingMode


@closed
class BridgeCommandObserveMember(TypedDict):
    """The command `observe_member` (spec 05, section 7.3)."""

    command: Literal["observe_member"]
    supervisor: BridgePeerSpec
    epoch: U64
    protocol_version: U32


@closed
class BridgeCommandInterruptMember(TypedDict):
    """The command `interrupt_member` (spec 05, section 7.3)."""

    command: Literal["interrupt_member"]
    supervisor: BridgePeerSpec
    epoch: U64
    protocol_version: U32


@closed
class BridgeCommandHardCancelMember(TypedDict):
    """The command `hard_cancel_member` (spec 05, section 7.3)."""

    command: Literal["hard_cancel_member"]
    supervisor: BridgePeerSpec
    epoch: U64
    protocol_version: U32
    reason: str


@closed
class BridgeCommandRetireMember(TypedDict):
    """The command `retire_member` (spec 05, section 7.3)."""

    command: Literal["retire_member"]
    supervisor: BridgePeerSpec
    epoch: U64
    protocol_version: U32


@closed
class BridgeCommandDestroyMember(TypedDict):
    """The command `destroy_member` (spec 05, section 7.3)."""

    command: Literal["destroy_member"]
    supervisor: BridgePeerSpec
    epoch: U64
    protocol_version: U32


@closed
class BridgeCommandWireMember(TypedDict):
    """The command `wire_member` (spec 05, section 7.3)."""

    command: Literal["wire_member"]
    supervisor: BridgePeerSpec
    epoch: U64
    protocol_version: U32
    peer_spec: BridgePeerSpec


@closed
class BridgeCommandUnwireMember(TypedDict):
    """The command `unwire_member` (spec 05, section 7.3)."""

    command: Literal["unwire_member"]
    supervisor: BridgePeerSpec
    epoch: U64
    protocol_version: U32
    peer_spec: BridgePeerSpec


@closed
class BridgeReplyBindMember(TypedDict):
    """The reply `bind_member` (spec 05, section 7.3)."""

    result: Literal["bind_member"]
    peer_id: str
    address: str
    capabilities: BridgeCapabilities


@closed
class BridgeReplyAck(TypedDict):
    """The reply `ack` (spec 05, section 7.3)."""

    result: Literal["ack"]
    ok: bool


@closed
class BridgeReplyObservation(TypedDict):
    """The reply `observation` (spec 05, section 7.3)."""

    result: Literal["observation"]
    state: BridgeMemberRuntimeState
    observed_at: str
    accepting_inputs: NotRequired[bool | None]
    current_run_id: NotRequired[str | None]
    last_error: NotRequired[str | None]
    peer_connectivity: NotRequired[BridgePeerConnectivity | None]


@closed
class BridgeReplyDelivery(TypedDict):
    """The reply `delivery` (spec 05, section 7.3)."""

    result: Literal["delivery"]
    input_id: str
    outcome: BridgeDeliveryOutcome
    canonical_input_id: NotRequired[str | None]


@closed
class BridgeReplyRetire(TypedDict):
    """The reply `retire` (spec 05, section 7.3)."""

    result: Literal["retire"]
    inputs_abandoned: Usize
    inputs_pending_drain: Usize


@closed
class BridgeReplyDestroy(TypedDict):
    """The reply `destroy` (spec 05, section 7.3)."""

    result: Literal["destroy"]
    inputs_abandoned: Usize


@closed
class BridgeReplyRejected(TypedDict):
    """The reply `rejected` (spec 05, section 7.3)."""

    result: Literal["rejected"]
    cause: BridgeRejectionCause
    reason: str


@closed
class BridgePeerSpec(TypedDict):
    """A peer with its address and public key (spec 05, section 7.3)."""

    name: str
    peer_id: str
    address: str
    pubkey: NotRequired[list[U8]]


@closed
class BridgeCapabilities(TypedDict):
    """What a member can be asked (spec 05, section 7.3)."""

    current_protocol_version: NotRequired[U32]
    default_protocol_version: NotRequired[U32]
    deliver_member_input: NotRequired[bool]
    destroy_member: NotRequired[bool]
    hard_cancel_member: NotRequired[bool]
    interrupt_member: NotRequired[bool]
    observe_member: NotRequired[bool]
    retire_member: NotRequired[bool]
    supported_protocol_versions: NotRequired[list[U32]]
    unwire_member: NotRequired[bool]
    wire_member: NotRequired[bool]


@closed
class BridgeDeliveryOutcomeAccepted(TypedDict):
    """A delivery that was accepted."""

    outcome: Literal["accepted"]


@closed
class BridgeDeliveryOutcomeDeduplicated(TypedDict):
    """A delivery that was deduplicated."""

    outcome: Literal["deduplicated"]
    existing_input_id: str


@closed
class BridgeDeliveryOutcomeRejected(TypedDict):
    """A delivery that was rejected."""

    outcome: Literal["rejected"]
    cause: BridgeDeliveryRejectionCause
    reason: str


@closed
class BridgeDeliveryRejectionCauseNotReady(TypedDict):
    """A delivery refused: `not_ready`."""

    kind: Literal["not_ready"]
    state: BridgeMemberRuntimeState


@closed
class BridgeDeliveryRejectionCauseDurabilityViolation(TypedDict):
    """A delivery refused: `durability_violation`."""

    kind: Literal["durability_violation"]
    detail: str


@closed
class BridgeDeliveryRejectionCausePeerHandlingModeInvalid(TypedDict):
    """A delivery refused: `peer_handling_mode_invalid`."""

    kind: Literal["peer_handling_mode_invalid"]
    detail: str


@closed
class BridgeDeliveryRejectionCauseInternal(TypedDict):
    """A delivery refused: `internal`."""

    kind: Literal["internal"]
    detail: str


BridgeCommand: TypeAlias = Annotated[
    BridgeCommandBindMember
    | BridgeCommandAuthorizeSupervisor
    | BridgeCommandRevokeSupervisor
    | BridgeCommandDeliverMemberInput
    | BridgeCommandObserveMember
    | BridgeCommandInterruptMember
    | BridgeCommandHardCancelMember
    | BridgeCommandRetireMember
    | BridgeCommandDestroyMember
    | BridgeCommandWireMember
    | BridgeCommandUnwireMember,
    Tag("command", "BridgeCommand"),
]
"""What a supervisor asks of a member (spec 05, section 7.3)."""

BridgeReply: TypeAlias = Annotated[
    BridgeReplyBindMember
    | BridgeReplyAck
    | BridgeReplyObservation
    | BridgeReplyDelivery
    | BridgeReplyRetire
    | BridgeReplyDestroy
    | BridgeReplyRejected,
    Tag("result", "BridgeReply"),
]
"""What a member answers (spec 05, section 7.3)."""

BridgeDeliveryOutcome: TypeAlias = Annotated[
    BridgeDeliveryOutcomeAccepted | BridgeDeliveryOutcomeDeduplicated | BridgeDeliveryOutcomeRejected,
    Tag("outcome", "BridgeDeliveryOutcome"),
]
"""What became of a delivery."""

BridgeDeliveryRejectionCause: TypeAlias = Annotated[
    BridgeDeliveryRejectionCauseNotReady
    | BridgeDeliveryRejectionCauseDurabilityViolation
    | BridgeDeliveryRejectionCausePeerHandlingModeInvalid
    | BridgeDeliveryRejectionCauseInternal,
    Tag("kind", "BridgeDeliveryRejectionCause"),
]
"""Why a delivery was refused."""
