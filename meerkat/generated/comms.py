"""The flat contract names of comms: peers, commands, and what sending answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from meerkat.generated.bridge import BridgeCommand, BridgePeerSpec, BridgeReply
from meerkat.generated.content import ContentBlock
from meerkat.wire.comms import (
    CommsChecksumTokenResultIntent,
    CommsPeerRequestIntent,
    CommsSendResultInputAccepted,
    CommsSendResultPeerLifecycleSent,
    CommsSendResultPeerMessageSent,
    CommsSendResultPeerRequestSent,
    CommsSendResultPeerResponseSent,
    PeerDirectorySource,
    PeerReachability,
    PeerReachabilityReason,
    PeerSendability,
    PeerTransport,
)
from meerkat.wire.comms_bridge import HandlingMode
from meerkat.wire.mobs_peers import WireTrustedPeerIdentityEd25519PublicKey

PeerId = str
"""The id of a peer."""

PeerName = str
"""The name of a peer."""


@dataclass
class CommsChecksumTokenParams:
    """Params of the peer request `checksum_token`."""

    subject: str


CommsPeerRequestParams = BridgeCommand | CommsChecksumTokenParams
"""Params of a peer request, by its intent."""


@dataclass
class CommsChecksumTokenResult:
    """Result of the peer request `checksum_token`."""

    request_intent: CommsChecksumTokenResultIntent
    request_subject: str
    token: str


CommsPeerResponseResult = BridgeReply | CommsChecksumTokenResult
"""Result of a peer request, by its intent."""


@dataclass
class CommsPeerLifecycleParams:
    """What a lifecycle notice says about a peer."""

    peer: str
    description: str | None = None
    peer_spec: BridgePeerSpec | None = None
    role: str | None = None


@dataclass
class CommsPeersParams:
    """Params of `comms/peers`."""

    session_id: str


@dataclass
class PeerAddress:
    """Where a peer is reached."""

    endpoint: str
    transport: PeerTransport


@dataclass
class PeerCapabilitySet:
    """What a peer offers."""

    extensions: dict[str, Any] | None = None
    version: int | None = None


@dataclass
class PeerDirectoryEntry:
    """One peer that a session can see."""

    address: PeerAddress
    capabilities: PeerCapabilitySet
    meta: dict[str, Any]
    name: PeerName
    peer_id: PeerId
    reachability: PeerReachability
    sendable_kinds: list[PeerSendability]
    source: PeerDirectorySource
    last_unreachable_reason: PeerReachabilityReason | None = None


@dataclass
class CommsPeersResult:
    """Result of `comms/peers`."""

    peers: list[PeerDirectoryEntry]


WireTrustedPeerIdentity = WireTrustedPeerIdentityEd25519PublicKey
"""What a peer is known by."""


@dataclass
class WireTrustedPeerSpec:
    """A peer outside the mob: name, address and key."""

    address: str
    identity: WireTrustedPeerIdentity
    name: str


class _CommsCommandInputRequired(TypedDict):
    kind: Literal["input"]
    body: str


class CommsCommandInput(_CommsCommandInputRequired, total=False):
    """The command `input`."""

    allow_self_session: bool
    blocks: list[ContentBlock]
    handling_mode: HandlingMode
    source: Literal["tcp", "uds", "stdin", "webhook", "rpc"]
    stream: Literal["none", "reserve_interaction"]


class _CommsCommandPeerMessageRequired(TypedDict):
    kind: Literal["peer_message"]
    body: str
    to: PeerId


class CommsCommandPeerMessage(_CommsCommandPeerMessageRequired, total=False):
    """The command `peer_message`."""

    blocks: list[ContentBlock]
    handling_mode: HandlingMode


class CommsCommandPeerLifecycle(TypedDict):
    """The command `peer_lifecycle`."""

    kind: Literal["peer_lifecycle"]
    lifecycle_kind: Literal["mob.peer_added", "mob.peer_retired", "mob.peer_unwired"]
    params: CommsPeerLifecycleParams
    to: PeerId


class _CommsCommandPeerRequestRequired(TypedDict):
    kind: Literal["peer_request"]
    intent: CommsPeerRequestIntent
    params: CommsPeerRequestParams
    to: PeerId


class CommsCommandPeerRequest(_CommsCommandPeerRequestRequired, total=False):
    """The command `peer_request`."""

    blocks: list[ContentBlock]
    handling_mode: HandlingMode
    stream: Literal["none", "reserve_interaction"]


class _CommsCommandPeerResponseRequired(TypedDict):
    kind: Literal["peer_response"]
    in_reply_to: str
    status: Literal["accepted", "completed", "failed"]
    to: PeerId


class CommsCommandPeerResponse(_CommsCommandPeerResponseRequired, total=False):
    """The command `peer_response`."""

    blocks: list[ContentBlock]
    handling_mode: HandlingMode
    result: CommsPeerResponseResult


CommsCommandRequest = (
    CommsCommandInput | CommsCommandPeerMessage | CommsCommandPeerLifecycle | CommsCommandPeerRequest | CommsCommandPeerResponse
)
"""What a session can send, by `kind`."""


class _CommsSendParamsInputRequired(TypedDict):
    kind: Literal["input"]
    body: str
    session_id: str


class CommsSendParamsInput(_CommsSendParamsInputRequired, total=False):
    """Params of `comms/send` with the command `input`."""

    allow_self_session: bool
    blocks: list[ContentBlock]
    handling_mode: HandlingMode
    source: Literal["tcp", "uds", "stdin", "webhook", "rpc"]
    stream: Literal["none", "reserve_interaction"]


class _CommsSendParamsPeerMessageRequired(TypedDict):
    kind: Literal["peer_message"]
    body: str
    session_id: str
    to: PeerId


class CommsSendParamsPeerMessage(_CommsSendParamsPeerMessageRequired, total=False):
    """Params of `comms/send` with the command `peer_message`."""

    blocks: list[ContentBlock]
    handling_mode: HandlingMode


class CommsSendParamsPeerLifecycle(TypedDict):
    """Params of `comms/send` with the command `peer_lifecycle`."""

    kind: Literal["peer_lifecycle"]
    lifecycle_kind: Literal["mob.peer_added", "mob.peer_retired", "mob.peer_unwired"]
    params: CommsPeerLifecycleParams
    session_id: str
    to: PeerId


class _CommsSendParamsPeerRequestRequired(TypedDict):
    kind: Literal["peer_request"]
    intent: CommsPeerRequestIntent
    params: CommsPeerRequestParams
    session_id: str
    to: PeerId


class CommsSendParamsPeerRequest(_CommsSendParamsPeerRequestRequired, total=False):
    """Params of `comms/send` with the command `peer_request`."""

    blocks: list[ContentBlock]
    handling_mode: HandlingMode
    stream: Literal["none", "reserve_interaction"]


class _CommsSendParamsPeerResponseRequired(TypedDict):
    kind: Literal["peer_response"]
    in_reply_to: str
    session_id: str
    status: Literal["accepted", "completed", "failed"]
    to: PeerId


class CommsSendParamsPeerResponse(_CommsSendParamsPeerResponseRequired, total=False):
    """Params of `comms/send` with the command `peer_response`."""

    blocks: list[ContentBlock]
    handling_mode: HandlingMode
    result: CommsPeerResponseResult


CommsSendParams = (
    CommsSendParamsInput
    | CommsSendParamsPeerMessage
    | CommsSendParamsPeerLifecycle
    | CommsSendParamsPeerRequest
    | CommsSendParamsPeerResponse
)
"""Params of `comms/send`, by `kind`."""

CommsSendResult = (
    CommsSendResultInputAccepted
    | CommsSendResultPeerMessageSent
    | CommsSendResultPeerLifecycleSent
    | CommsSendResultPeerRequestSent
    | CommsSendResultPeerResponseSent
)
"""Result of `comms/send`, by `kind`."""
