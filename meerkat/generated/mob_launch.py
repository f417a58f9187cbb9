"""The flat contract names of what a mob member starts with: profile, backend, history, tools, budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from meerkat.generated.bridge import BridgeBootstrapToken
from meerkat.generated.comms import WireTrustedPeerIdentity
from meerkat.wire.mob_definitions import WireMobBackendKind, WireMobRuntimeMode
from meerkat.wire.mobs_peers import (
    WireBudgetSplitPolicyEqual,
    WireBudgetSplitPolicyFixed,
    WireBudgetSplitPolicyProportional,
    WireBudgetSplitPolicyRemaining,
    WireForkContextFullHistory,
    WireForkContextLastMessages,
    WireMemberLaunchModeFresh,
    WireMemberLaunchModeResume,
    WireRuntimeBindingSession,
    WireToolAccessPolicyAllowList,
    WireToolAccessPolicyDenyList,
    WireToolAccessPolicyInherit,
)

WireMemberRef = str
"""Names one incarnation of a member; opaque."""


@dataclass
class WireMobToolConfig:
    """The tools that a profile gives its members."""

    builtins: bool | None = None
    comms: bool | None = None
    image_generation: bool | None = None
    mcp: list[str] | None = None
    memory: bool | None = None
    mob: bool | None = None
    mob_tasks: bool | None = None
    schedule: bool | None = None
    shell: bool | None = None


@dataclass
class WireMobProfile:
    """A profile: what kind of agent a member is."""

    model: str
    backend: WireMobBackendKind | None = None
    external_addressable: bool | None = None
    max_inline_peer_notifications: int | None = None
    output_schema: Any = None
    peer_description: str | None = None
    provider_params: Any = None
    runtime_mode: WireMobRuntimeMode | None = None
    skills: list[str] | None = None
    tools: WireMobToolConfig | None = None


class _WireRuntimeBindingExternalRequired(TypedDict):
    kind: Literal["external"]
    address: str
    identity: WireTrustedPeerIdentity


class WireRuntimeBindingExternal(_WireRuntimeBindingExternalRequired, total=False):
    """The runtime binding `external`."""

    bootstrap_token: BridgeBootstrapToken


WireRuntimeBinding = WireRuntimeBindingSession | WireRuntimeBindingExternal
"""Where a member runs."""


class _WireMemberLaunchModeForkRequired(TypedDict):
    mode: Literal["fork"]
    source_member_id: str


class WireMemberLaunchModeFork(_WireMemberLaunchModeForkRequired, total=False):
    """The launch mode `fork`."""

    fork_context: WireForkContext


WireMemberLaunchMode = WireMemberLaunchModeFresh | WireMemberLaunchModeResume | WireMemberLaunchModeFork
"""What a member begins with."""

WireForkContext = WireForkContextFullHistory | WireForkContextLastMessages
"""How much of the history a fork takes over."""

WireToolAccessPolicy = WireToolAccessPolicyInherit | WireToolAccessPolicyAllowList | WireToolAccessPolicyDenyList
"""Which tools a member may use."""

WireBudgetSplitPolicy = (
    WireBudgetSplitPolicyEqual | WireBudgetSplitPolicyProportional | WireBudgetSplitPolicyRemaining | WireBudgetSplitPolicyFixed
)
"""How a member shares the budget."""

WireToolFilter = Literal["All"] | dict[str, list[str]]
"""Which tools of its parent a member inherits."""
