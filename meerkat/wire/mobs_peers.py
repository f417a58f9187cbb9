"""Peers of mob members, their bindings and what a member may use (spec 04, sections 7.1 and 9)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U8, U32, U64, Alias, Keyed, Length, NotRequired, Tag, Untagged, UuidText, closed
from meerkat.wire.comms import PeerAddress


@closed
class WireRuntimeBindingSession(TypedDict):
    """A member bound as `session` (spec 04, section 7.1)."""

    kind: Literal["session"]


@closed
class WireRuntimeBindingExternal(TypedDict):
    """A member bound as `external` (spec 04, section 7.1)."""

    kind: Literal["external"]
    address: str
    identity: WireTrustedPeerIdentity
    bootstrap_token: NotRequired[str | None]


class WireBudgetSplitPolicyEqual(TypedDict):
    """A budget shared as `equal` (spec 04, section 7.1)."""

    type: Literal["equal"]


class WireBudgetSplitPolicyProportional(TypedDict):
    """A budget shared as `proportional` (spec 04, section 7.1)."""

    type: Literal["proportional"]


class WireBudgetSplitPolicyRemaining(TypedDict):
    """A budget shared as `remaining` (spec 04, section 7.1)."""

    type: Literal["remaining"]


class WireBudgetSplitPolicyFixed(TypedDict):
    """A budget shared as `fixed` (spec 04, section 7.1)."""

    type: Literal["fixed"]
    value: U64


@closed
class WireToolFilterAllow(TypedDict):
    """A filter of inherited tools (spec 04, section 7.1)."""

    Allow: list[str]


@closed
class WireToolFilterDeny(TypedDict):
    """A filter of inherited tools (spec 04, section 7.1)."""

    Deny: list[str]


class WireMemberLaunchModeFresh(TypedDict):
    """A member that starts as `fresh` (spec 04, section 7.1)."""

    mode: Literal["fresh"]


class WireMemberLaunchModeResume(TypedDict):
    """A member that starts as `resume` (spec 04, section 7.1)."""

    mode: Literal["resume"]
    bridge_session_id: Annotated[UuidText, Alias("session_id")]


class WireMemberLaunchModeFork(TypedDict):
    """A member that starts as `fork` (spec 04, section 7.1)."""

    mode: Literal["fork"]
    source_member_id: str
    fork_context: NotRequired[WireForkContext]


class WireToolAccessPolicyInherit(TypedDict):
    """Tools by `inherit` (spec 04, section 7.1)."""

    type: Literal["inherit"]


class WireToolAccessPolicyAllowList(TypedDict):
    """Tools by `allow_list` (spec 04, section 7.1)."""

    type: Literal["allow_list"]
    value: list[str]


class WireToolAccessPolicyDenyList(TypedDict):
    """Tools by `deny_list` (spec 04, section 7.1)."""

    type: Literal["deny_list"]
    value: list[str]


class WireForkContextFullHistory(TypedDict):
    """A fork with `full_history` (spec 04, section 11)."""

    type: Literal["full_history"]


class WireForkContextLastMessages(TypedDict):
    """A fork with `last_messages` (spec 04, section 11)."""

    type: Literal["last_messages"]
    count: U32


class WireTrustedPeerSpec(TypedDict):
    """A peer outside the mob (spec 04, section 9.1)."""

    name: str
    address: str
    identity: WireTrustedPeerIdentity


@closed
class WireTrustedPeerIdentityEd25519PublicKey(TypedDict):
    """An identity by `ed25519_public_key` (spec 04, section 9.1)."""

    kind: Literal["ed25519_public_key"]
    public_key: str


WireRuntimeBinding: TypeAlias = Annotated[
    WireRuntimeBindingSession | WireRuntimeBindingExternal,
    Tag("kind", "WireRuntimeBinding"),
]
"""Where a member is bound to (spec 04, section 7.1)."""

WireBudgetSplitPolicy: TypeAlias = Annotated[
    WireBudgetSplitPolicyEqual | WireBudgetSplitPolicyProportional | WireBudgetSplitPolicyRemaining | WireBudgetSplitPolicyFixed,
    Tag("type", "WireBudgetSplitPolicy"),
]
"""How a budget is shared with a member (spec 04, section 7.1)."""

WireToolFilter: TypeAlias = Annotated[Literal["All"] | WireToolFilterAllow | WireToolFilterDeny, Untagged("WireToolFilter")]
"""Which tools are inherited (spec 04, section 7.1)."""

WireMemberLaunchMode: TypeAlias = Annotated[
    WireMemberLaunchModeFresh | WireMemberLaunchModeResume | WireMemberLaunchModeFork,
    Tag("mode", "WireMemberLaunchMode"),
]
"""Whether a member starts fresh, resumes or forks (spec 04, section 7.1)."""

WireToolAccessPolicy: TypeAlias = Annotated[
    WireToolAccessPolicyInherit | WireToolAccessPolicyAllowList | WireToolAccessPolicyDenyList,
    Tag("type", "WireToolAccessPolicy"),
]
"""Which tools a member may use (spec 04, section 7.1)."""

WireForkContext: TypeAlias = Annotated[
    WireForkContextFullHistory | WireForkContextLastMessages,
    Tag("type", "WireForkContext"),
]
"""How much of the past a fork takes along (spec 04, section 11)."""

WireTrustedPeerIdentity: TypeAlias = Annotated[WireTrustedPeerIdentityEd25519PublicKey, Tag("kind")]
"""How a peer proves who it is (spec 04, section 9.1)."""


class TrustedPeerDescriptor(TypedDict):
    """A peer outside the mob in full (spec 04, section 9.1)."""

    peer_id: UuidText
    name: str
    address: PeerAddress
    pubkey: Annotated[list[U8], Length(32)]


class LocalPeer(TypedDict):
    """Another member of the mob (spec 04, section 9.1)."""

    local: str


class ExternalNamePeer(TypedDict):
    """A peer outside the mob by name, to unwire it (spec 04, section 9.1)."""

    external_name: str


class ExternalBindingPeer(TypedDict):
    """A peer outside the mob by binding; the schemas call this `external` (spec 04, section 9.1)."""

    external_binding: WireTrustedPeerSpec


class ExternalPeer(TypedDict):
    """A peer outside the mob in full (spec 04, section 9.1)."""

    external: TrustedPeerDescriptor


MobPeerTarget: TypeAlias = Annotated[LocalPeer | ExternalNamePeer | ExternalBindingPeer | ExternalPeer, Keyed()]
"""Whom a member is wired with, by its one key (spec 04, section 9.1)."""
