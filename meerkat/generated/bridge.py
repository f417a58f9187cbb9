"""The flat contract names of the supervisor bridge, the protocol in which a mob speaks to members that run elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from meerkat.generated.content import ContentInput
from meerkat.wire.comms_bridge import (
    BridgeDeliveryOutcomeAccepted,
    BridgeDeliveryOutcomeDeduplicated,
    BridgeDeliveryOutcomeRejected,
    BridgeDeliveryRejectionCauseDurabilityViolation,
    BridgeDeliveryRejectionCauseInternal,
    BridgeDeliveryRejectionCauseNotReady,
    BridgeDeliveryRejectionCausePeerHandlingModeInvalid,
    BridgeMemberRuntimeState,
    BridgePeerConnectivity,
    BridgeReplyAck,
    BridgeReplyDestroy,
    BridgeReplyRejected,
    BridgeReplyRetire,
    HandlingMode,
)

BridgeBootstrapToken = str
"""The secret that a member is bound with."""

BridgeProtocolVersion = int
"""The version of the bridge protocol."""


@dataclass
class BridgeAck:
    """The bridge took note."""

    ok: bool


@dataclass
class BridgeBindPayload:
    """What binds a member to its supervisor."""

    bootstrap_token: BridgeBootstrapToken
    epoch: int
    expected_address: str
    expected_peer_id: str
    protocol_version: BridgeProtocolVersion
    supervisor: BridgePeerSpec


@dataclass
class BridgeBindResponse:
    """The member is bound."""

    address: str
    capabilities: BridgeCapabilities
    peer_id: str


@dataclass
class BridgeCapabilities:
    """What a member offers over the bridge."""

    current_protocol_version: BridgeProtocolVersion | None = None
    default_protocol_version: BridgeProtocolVersion | None = None
    deliver_member_input: bool | None = None
    destroy_member: bool | None = None
    hard_cancel_member: bool | None = None
    interrupt_member: bool | None = None
    observe_member: bool | None = None
    retire_member: bool | None = None
    supported_protocol_versions: list[BridgeProtocolVersion] | None = None
    unwire_member: bool | None = None
    wire_member: bool | None = None


@dataclass
class BridgeDeliveryPayload:
    """Input for a member."""

    content: ContentInput
    epoch: int
    handling_mode: HandlingMode
    input_id: str
    protocol_version: BridgeProtocolVersion
    supervisor: BridgePeerSpec


@dataclass
class BridgeDeliveryResponse:
    """What became of the input."""

    input_id: str
    outcome: BridgeDeliveryOutcome
    canonical_input_id: str | None = None


@dataclass
class BridgeDestroyResponse:
    """The member is destroyed."""

    inputs_abandoned: int


@dataclass
class BridgeHardCancelPayload:
    """What stops the run of a member."""

    epoch: int
    protocol_version: BridgeProtocolVersion
    reason: str
    supervisor: BridgePeerSpec


@dataclass
class BridgeObservationResponse:
    """The state of a member."""

    observed_at: str
    state: BridgeMemberRuntimeState
    accepting_inputs: bool | None = None
    current_run_id: str | None = None
    last_error: str | None = None
    peer_connectivity: BridgePeerConnectivity | None = None


@dataclass
class BridgePeerSpec:
    """A party of the bridge: name, address and key."""

    address: str
    name: str
    peer_id: str
    pubkey: list[int] | None = None


@dataclass
class BridgePeerWiringPayload:
    """What wires a member to a peer."""

    epoch: int
    peer_spec: BridgePeerSpec
    protocol_version: BridgeProtocolVersion
    supervisor: BridgePeerSpec


@dataclass
class BridgeRetireResponse:
    """The member is retired."""

    inputs_abandoned: int
    inputs_pending_drain: int


@dataclass
class BridgeSupervisorPayload:
    """What names the supervisor."""

    epoch: int
    protocol_version: BridgeProtocolVersion
    supervisor: BridgePeerSpec


class BridgeCommandBindMember(TypedDict):
    """The bridge command `bind_member`."""

    command: Literal["bind_member"]
    bootstrap_token: BridgeBootstrapToken
    epoch: int
    expected_address: str
    expected_peer_id: str
    protocol_version: BridgeProtocolVersion
    supervisor: BridgePeerSpec


class BridgeCommandAuthorizeSupervisor(TypedDict):
    """The bridge command `authorize_supervisor`."""

    command: Literal["authorize_supervisor"]
    epoch: int
    protocol_version: BridgeProtocolVersion
    supervisor: BridgePeerSpec


class BridgeCommandRevokeSupervisor(TypedDict):
    """The bridge command `revoke_supervisor`."""

    command: Literal["revoke_supervisor"]
    epoch: int
    protocol_version: BridgeProtocolVersion
    supervisor: BridgePeerSpec


class BridgeCommandDeliverMemberInput(TypedDict):
    """The bridge command `deliver_member_input`."""

    command: Literal["deliver_member_input"]
    content: ContentInput
    epoch: int
    handling_mode: HandlingMode
    input_id: str
    protocol_version: BridgeProtocolVersion
    supervisor: BridgePeerSpec


class BridgeCommandObserveMember(TypedDict):
    """The bridge command `observe_member`."""

    command: Literal["observe_member"]
    epoch: int
    protocol_version: BridgeProtocolVersion
    supervisor: BridgePeerSpec


class BridgeCommandInterruptMember(TypedDict):
    """The bridge command `interrupt_member`."""

    command: Literal["interrupt_member"]
    epoch: int
    protocol_version: BridgeProtocolVersion
    supervisor: BridgePeerSpec


class BridgeCommandHardCancelMember(TypedDict):
    """The bridge command `hard_cancel_member`."""

    command: Literal["hard_cancel_member"]
    epoch: int
    protocol_version: BridgeProtocolVersion
    reason: str
    supervisor: BridgePeerSpec


class BridgeCommandRetireMember(TypedDict):
    """The bridge command `retire_member`."""

    command: Literal["retire_member"]
    epoch: int
    protocol_version: BridgeProtocolVersion
    supervisor: BridgePeerSpec


class BridgeCommandDestroyMember(TypedDict):
    """The bridge command `destroy_member`."""

    command: Literal["destroy_member"]
    epoch: int
    protocol_version: BridgeProtocolVersion
    supervisor: BridgePeerSpec


class BridgeCommandWireMember(TypedDict):
    """The bridge command `wire_member`."""

    command: Literal["wire_member"]
    epoch: int
    peer_spec: BridgePeerSpec
    protocol_version: BridgeProtocolVersion
    supervisor: BridgePeerSpec


class BridgeCommandUnwireMember(TypedDict):
    """The bridge command `unwire_member`."""

    command: Literal["unwire_member"]
    epoch: int
    peer_spec: BridgePeerSpec
    protocol_version: BridgeProtocolVersion
    supervisor: BridgePeerSpec


BridgeCommand = (
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
    | BridgeCommandUnwireMember
)
"""What a supervisor asks of a member."""

BridgeDeliveryOutcome = BridgeDeliveryOutcomeAccepted | BridgeDeliveryOutcomeDeduplicated | BridgeDeliveryOutcomeRejected
"""What became of the input."""

BridgeDeliveryRejectionCause = (
    BridgeDeliveryRejectionCauseNotReady
    | BridgeDeliveryRejectionCauseDurabilityViolation
    | BridgeDeliveryRejectionCausePeerHandlingModeInvalid
    | BridgeDeliveryRejectionCauseInternal
)
"""Why the input was rejected."""


class BridgeReplyBindMember(TypedDict):
    """The bridge reply `bind_member`."""

    result: Literal["bind_member"]
    address: str
    capabilities: BridgeCapabilities
    peer_id: str


class _BridgeReplyObservationRequired(TypedDict):
    result: Literal["observation"]
    observed_at: str
    state: BridgeMemberRuntimeState


class BridgeReplyObservation(_BridgeReplyObservationRequired, total=False):
    """The bridge reply `observation`."""

    accepting_inputs: bool
    current_run_id: str
    last_error: str
    peer_connectivity: BridgePeerConnectivity


class _BridgeReplyDeliveryRequired(TypedDict):
    result: Literal["delivery"]
    input_id: str
    outcome: BridgeDeliveryOutcome


class BridgeReplyDelivery(_BridgeReplyDeliveryRequired, total=False):
    """The bridge reply `delivery`."""

    canonical_input_id: str


BridgeReply = (
    BridgeReplyBindMember
    | BridgeReplyAck
    | BridgeReplyObservation
    | BridgeReplyDelivery
    | BridgeReplyRetire
    | BridgeReplyDestroy
    | BridgeReplyRejected
)
"""What a member answers."""
