"""Comms: who can be reached, and sending to them (spec 05, section 7)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U16, Json, NotRequired, Tag, Untagged, UuidText, closed
from meerkat.wire.comms_bridge import BridgeCommand, BridgePeerSpec, BridgeReply, HandlingMode
from meerkat.wire.core import ContentBlock
from meerkat.wire.sessions import PeerMeta

InputSource: TypeAlias = Literal["tcp", "uds", "stdin", "webhook", "rpc"]
"""Where an input says it comes from (spec 05, section 7.3)."""

InputStreamMode: TypeAlias = Literal["none", "reserve_interaction"]
"""Whether a stream is reserved for an input (spec 05, section 7.3)."""

PeerLifecycleKind: TypeAlias = Literal["mob.peer_added", "mob.peer_retired", "mob.peer_unwired"]
"""What peers are told of each other (spec 05, section 7.3)."""

CommsPeerRequestIntent: TypeAlias = Literal["supervisor.bridge", "checksum_token"]
"""What can be asked of a peer; the list is closed (spec 05, section 7.3)."""

ResponseStatus: TypeAlias = Literal["accepted", "completed", "failed"]
"""How far an answer has come (spec 05, section 7.3)."""

CommsChecksumTokenResultIntent: TypeAlias = Literal["checksum_token"]
"""Which intent is answered."""

PeerDirectorySource: TypeAlias = Literal["trusted", "inproc", "trusted_and_inproc", "unknown"]
"""Why a peer is known (spec 05, section 7.2)."""

PeerSendability: TypeAlias = Literal["peer_message", "peer_request", "peer_response"]
"""What can be sent to a peer (spec 05, section 7.2)."""

PeerReachability: TypeAlias = Literal["unknown", "reachable", "unreachable"]
"""Whether a peer could be reached (spec 05, section 7.2)."""

PeerReachabilityReason: TypeAlias = Literal["offline_or_no_ack", "transport_error", "admission_dropped"]
"""Why a peer could not be reached (spec 05, section 7.2)."""

PeerTransport: TypeAlias = Literal["inproc", "uds", "tcp"]
"""How messages travel to a peer."""


@closed
class CommsPeersParams(TypedDict):
    """Params of `comms/peers` (spec 05, section 7.2)."""

    session_id: str


@closed
class CommsSendParamsInput(TypedDict):
    """Params of `comms/send`, kind `input` (spec 05, section 7.3)."""

    kind: Literal["input"]
    session_id: str
    body: str
    blocks: NotRequired[list[ContentBlock] | None]
    source: NotRequired[InputSource | None]
    stream: NotRequired[InputStreamMode | None]
    handling_mode: NotRequired[HandlingMode | None]
    allow_self_session: NotRequired[bool | None]


@closed
class CommsSendParamsPeerMessage(TypedDict):
    """Params of `comms/send`, kind `peer_message` (spec 05, section 7.3)."""

    kind: Literal["peer_message"]
    session_id: str
    to: UuidText
    body: str
    blocks: NotRequired[list[ContentBlock] | None]
    handling_mode: NotRequired[HandlingMode | None]


@closed
class CommsSendParamsPeerLifecycle(TypedDict):
    """Params of `comms/send`, kind `peer_lifecycle` (spec 05, section 7.3)."""

    kind: Literal["peer_lifecycle"]
    session_id: str
    to: UuidText
    lifecycle_kind: PeerLifecycleKind
    params: CommsPeerLifecycleParams


@closed
class CommsSendParamsPeerRequest(TypedDict):
    """Params of `comms/send`, kind `peer_request` (spec 05, section 7.3)."""

    kind: Literal["peer_request"]
    session_id: str
    to: UuidText
    intent: CommsPeerRequestIntent
    params: CommsPeerRequestParams
    blocks: NotRequired[list[ContentBlock] | None]
    handling_mode: NotRequired[HandlingMode | None]
    stream: NotRequired[InputStreamMode | None]


@closed
class CommsSendParamsPeerResponse(TypedDict):
    """Params of `comms/send`, kind `peer_response` (spec 05, section 7.3)."""

    kind: Literal["peer_response"]
    session_id: str
    to: UuidText
    in_reply_to: UuidText
    status: ResponseStatus
    blocks: NotRequired[list[ContentBlock] | None]
    handling_mode: NotRequired[HandlingMode | None]
    result: NotRequired[CommsPeerResponseResult | None]


@closed
class CommsPeerLifecycleParams(TypedDict):
    """Which peer came or went (spec 05, section 7.3)."""

    peer: str
    description: NotRequired[str | None]
    peer_spec: NotRequired[BridgePeerSpec | None]
    role: NotRequired[str | None]


@closed
class CommsChecksumTokenParams(TypedDict):
    """Params of the intent `checksum_token` (spec 05, section 7.3)."""

    subject: str


@closed
class CommsChecksumTokenResult(TypedDict):
    """Result of the intent `checksum_token` (spec 05, section 7.3)."""

    request_intent: CommsChecksumTokenResultIntent
    request_subject: str
    token: str


class CommsPeersResult(TypedDict):
    """Result of `comms/peers` (spec 05, section 7.2)."""

    peers: list[PeerDirectoryEntry]


class CommsSendResultInputAccepted(TypedDict):
    """Result of `comms/send`, kind `input_accepted` (spec 05, section 7.3)."""

    kind: Literal["input_accepted"]
    interaction_id: str
    stream_reserved: bool


class CommsSendResultPeerMessageSent(TypedDict):
    """Result of `comms/send`, kind `peer_message_sent` (spec 05, section 7.3)."""

    kind: Literal["peer_message_sent"]
    envelope_id: str
    acked: bool


class CommsSendResultPeerLifecycleSent(TypedDict):
    """Result of `comms/send`, kind `peer_lifecycle_sent` (spec 05, section 7.3)."""

    kind: Literal["peer_lifecycle_sent"]
    envelope_id: str


class CommsSendResultPeerRequestSent(TypedDict):
    """Result of `comms/send`, kind `peer_request_sent` (spec 05, section 7.3)."""

    kind: Literal["peer_request_sent"]
    envelope_id: str
    interaction_id: str
    request_id: str
    stream_reserved: bool


class CommsSendResultPeerResponseSent(TypedDict):
    """Result of `comms/send`, kind `peer_response_sent` (spec 05, section 7.3)."""

    kind: Literal["peer_response_sent"]
    envelope_id: str
    in_reply_to: str


class PeerDirectoryEntry(TypedDict):
    """One peer; all keys are there (spec 05, section 7.2)."""

    peer_id: str
    name: str
    address: PeerAddress
    source: PeerDirectorySource
    sendable_kinds: list[PeerSendability]
    capabilities: PeerCapabilitySet
    reachability: PeerReachability
    meta: PeerMeta
    last_unreachable_reason: PeerReachabilityReason | None


class PeerAddress(TypedDict):
    """How a peer is reached (spec 05, section 7.2)."""

    transport: PeerTransport
    endpoint: str


class PeerCapabilitySet(TypedDict):
    """What a peer says it can do (spec 05, section 7.2)."""

    extensions: NotRequired[dict[str, Json]]
    version: U16


CommsSendParams: TypeAlias = Annotated[
    CommsSendParamsInput
    | CommsSendParamsPeerMessage
    | CommsSendParamsPeerLifecycle
    | CommsSendParamsPeerRequest
    | CommsSendParamsPeerResponse,
    Tag("kind", "CommsSendParams"),
]
"""Params of `comms/send` (spec 05, section 7.3)."""

CommsPeerRequestParams: TypeAlias = Annotated[BridgeCommand | CommsChecksumTokenParams, Untagged("CommsPeerRequestParams")]
"""What is asked of a peer (spec 05, section 7.3)."""

CommsPeerResponseResult: TypeAlias = Annotated[BridgeReply | CommsChecksumTokenResult, Untagged("CommsPeerResponseResult")]
"""What a peer answers (spec 05, section 7.3)."""

CommsSendResult: TypeAlias = Annotated[
    CommsSendResultInputAccepted
    | CommsSendResultPeerMessageSent
    | CommsSendResultPeerLifecycleSent
    | CommsSendResultPeerRequestSent
    | CommsSendResultPeerResponseSent,
    Tag("kind", "CommsSendResult"),
]
"""Result of `comms/send` (spec 05, section 7.3)."""
