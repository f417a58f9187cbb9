"""The process that serves: capabilities, features, health, identity (spec 01, section 11)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import NotRequired, Untagged
from meerkat.wire.core import ContractVersion

RuntimeHostIdScope: TypeAlias = Literal["process", "realm_instance"]
"""How far the id of the host reaches."""

RuntimeHostHealthStatus: TypeAlias = Literal["ok", "degraded", "unhealthy"]
"""Health in a word; only `ok` occurs."""


class RuntimeHostInfo(TypedDict):
    """The process that serves (spec 01, section 11.4)."""

    contract_version: ContractVersion
    host_id: str
    host_id_scope: RuntimeHostIdScope
    process_name: str
    process_version: str
    capabilities: RuntimeHostCapabilities
    health: RuntimeHostHealth
    realm: RuntimeHostRealmProjection
    endpoints: RuntimeHostEndpointProjection
    placement_labels: NotRequired[dict[str, str]]
    policy_profile_summary: NotRequired[str]


class RuntimeHostCapabilities(TypedDict):
    """The features compiled in (spec 01, section 11.2)."""

    contract_version: ContractVersion
    features: RuntimeHostFeatureFlags


class RuntimeHostHealth(TypedDict):
    """How the host is (spec 01, section 11.3)."""

    contract_version: ContractVersion
    status: RuntimeHostHealthStatus
    checks: NotRequired[dict[str, RuntimeHostHealthStatus]]


class RuntimeHostRealmProjection(TypedDict):
    """The realm that is served; `state_root` is the realm's own directory (spec 01, section 11.4)."""

    backend: NotRequired[str]
    context_root: NotRequired[str]
    instance_id: NotRequired[str]
    realm_id: NotRequired[str]
    state_root: NotRequired[str]


class RuntimeHostEndpointProjection(TypedDict):
    """How the host is reached (spec 01, section 11.4)."""

    rest_base_url: NotRequired[str]
    rest_paths: NotRequired[list[str]]
    rpc_methods: NotRequired[list[str]]
    rpc_transport: NotRequired[str]


class RuntimeHostFeatureFlags(TypedDict):
    """One flag for each feature (spec 01, section 11.2)."""

    runtime_backed_sessions: bool
    mobs: bool
    mcp_live: bool
    comms: bool
    blobs: bool
    session_events: bool
    session_streams: bool
    schedules: bool
    skills: bool
    event_replay: bool
    artifacts: bool
    approvals: bool
    external_members: bool
    secure_remote_rpc: bool


class PolicyReason(TypedDict):
    """What in the configuration disables a capability (spec 01, section 11.1)."""

    description: str


class DisabledByPolicy(TypedDict):
    """A capability that the configuration disables (spec 01, section 11.1)."""

    DisabledByPolicy: PolicyReason


class MissingFeature(TypedDict):
    """What was not compiled in (spec 01, section 11.1)."""

    feature: str


class NotCompiled(TypedDict):
    """A capability that this build lacks; never sent (spec 01, section 11.1)."""

    NotCompiled: MissingFeature


class ProtocolReason(TypedDict):
    """What the protocol cannot express (spec 01, section 11.1)."""

    reason: str


class NotSupportedByProtocol(TypedDict):
    """A capability out of reach of this protocol; never sent (spec 01, section 11.1)."""

    NotSupportedByProtocol: ProtocolReason


CapabilityStatus: TypeAlias = Annotated[
    Literal["Available"] | DisabledByPolicy | NotCompiled | NotSupportedByProtocol,
    Untagged("CapabilityStatus"),
]
"""Whether a capability can be used: text, or an object with one key that says why not (spec 01, section 11.1)."""


class CapabilityEntry(TypedDict):
    """One capability (spec 01, section 11.1)."""

    id: str
    description: str
    status: CapabilityStatus


class CapabilitiesResponse(TypedDict):
    """What this server can do (spec 01, section 11.1)."""

    contract_version: ContractVersion
    capabilities: list[CapabilityEntry]
