"""The flat contract names of what a mob member starts with: profile, backend, history, tools, budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from meerkat.generated.bridge import BridgeBootstrapToken
from meerkat.generated.comms import WireTrustedPeerIdentity

WireMemberRef = str
"""Names one incarnation of a member; opaque."""

WireMobBackendKind = Literal["session", "external"]
"""Whether a member runs as a session here or elsewhere."""

WireMobRuntimeMode = Literal["autonomous_host", "turn_driven"]
"""Whether a member runs by itself or turn by turn."""


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


class WireRuntimeBindingSession(TypedDict):
    """The runtime binding `session`."""

    kind: Literal["session"]


class _WireRuntimeBindingExternalRequired(TypedDict):
    kind: Literal["external"]
    address: str
    identity: WireTrustedPeerIdentity


class WireRuntimeBindingExternal(_WireRuntimeBindingExternalRequired, total=False):
    """The runtime binding `external`."""

    bootstrap_token: BridgeBootstrapToken


WireRuntimeBinding = WireRuntimeBindingSession | WireRuntimeBindingExternal
"""Where a member runs."""


class WireMemberLaunchModeFresh(TypedDict):
    """The launch mode `fresh`."""

    mode: Literal["fresh"]


class WireMemberLaunchModeResume(TypedDict):
    """The launch mode `resume`."""

    mode: Literal["resume"]
    bridge_session_id: str


class _WireMemberLaunchModeForkRequired(TypedDict):
    mode: Literal["fork"]
    source_member_id: str


class WireMemberLaunchModeFork(_WireMemberLaunchModeForkRequired, total=False):
    """The launch mode `fork`."""

    fork_context: WireForkContext


WireMemberLaunchMode = WireMemberLaunchModeFresh | WireMemberLaunchModeResume | WireMemberLaunchModeFork
"""What a member begins with."""


class WireForkContextFullHistory(TypedDict):
    """The fork context `full_history`."""

    type: Literal["full_history"]


class WireForkContextLastMessages(TypedDict):
    """The fork context `last_messages`."""

    type: Literal["last_messages"]
    count: int


WireForkContext = WireForkContextFullHistory | WireForkContextLastMessages
"""How much of the history a fork takes over."""


class WireToolAccessPolicyInherit(TypedDict):
    """The policy `inherit`."""

    type: Literal["inherit"]


class WireToolAccessPolicyAllowList(TypedDict):
    """The policy `allow_list`."""

    type: Literal["allow_list"]
    value: list[str]


class WireToolAccessPolicyDenyList(TypedDict):
    """The policy `deny_list`."""

    type: Literal["deny_list"]
    value: list[str]


WireToolAccessPolicy = WireToolAccessPolicyInherit | WireToolAccessPolicyAllowList | WireToolAccessPolicyDenyList
"""Which tools a member may use."""


class WireBudgetSplitPolicyEqual(TypedDict):
    """The policy `equal`."""

    type: Literal["equal"]


class WireBudgetSplitPolicyProportional(TypedDict):
    """The policy `proportional`."""

    type: Literal["proportional"]


class WireBudgetSplitPolicyRemaining(TypedDict):
    """The policy `remaining`."""

    type: Literal["remaining"]


class WireBudgetSplitPolicyFixed(TypedDict):
    """The policy `fixed`."""

    type: Literal["fixed"]
    value: int


WireBudgetSplitPolicy = (
    WireBudgetSplitPolicyEqual | WireBudgetSplitPolicyProportional | WireBudgetSplitPolicyRemaining | WireBudgetSplitPolicyFixed
)
"""How a member shares the budget."""

WireToolFilter = Literal["All"] | dict[str, list[str]]
"""Which tools of its parent a member inherits."""
