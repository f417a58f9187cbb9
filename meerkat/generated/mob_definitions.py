"""The flat contract names of mob definitions: profiles, wiring, topology, limits, flows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from meerkat.generated.content import WireContentInput
from meerkat.wire.mob_definitions import (
    MobCollectionPolicyInputAll,
    MobCollectionPolicyInputAny,
    MobCollectionPolicyInputQuorum,
    MobConditionExprInputAnd,
    MobConditionExprInputEq,
    MobConditionExprInputGt,
    MobConditionExprInputIn,
    MobConditionExprInputLt,
    MobConditionExprInputNot,
    MobConditionExprInputOr,
    MobDependencyModeInput,
    MobDispatchModeInput,
    MobPolicyModeInput,
    MobSkillSourceInputInline,
    MobSkillSourceInputPath,
    MobSpawnPolicyInputAuto,
    MobSpawnPolicyInputNone,
    MobStepOutputFormatInput,
    WireMobBackendKind,
    WireMobRuntimeMode,
)


@dataclass
class MobDefinitionInput:
    """What a mob is made of."""

    id: str
    profiles: dict[str, MobProfileBindingInput]
    backend: MobBackendConfigInput | None = None
    event_router: MobEventRouterConfigInput | None = None
    flows: dict[str, MobFlowSpecInput] | None = None
    limits: MobLimitsSpecInput | None = None
    orchestrator: MobOrchestratorInput | None = None
    skills: dict[str, MobSkillSourceInput] | None = None
    spawn_policy: MobSpawnPolicyInput | None = None
    supervisor: MobSupervisorSpecInput | None = None
    topology: MobTopologySpecInput | None = None
    wiring: MobWiringRulesInput | None = None


@dataclass
class MobBackendConfigInput:
    """Where members run by default."""

    default: WireMobBackendKind | None = None
    external: MobExternalBackendConfigInput | None = None


@dataclass
class MobEventRouterConfigInput:
    """Which events the mob routes."""

    buffer_size: int | None = None
    exclude_patterns: list[str] | None = None
    include_patterns: list[str] | None = None


@dataclass
class MobExternalBackendConfigInput:
    """Where members that run elsewhere are reached."""

    address_base: str


@dataclass
class MobFlowSpecInput:
    """A flow: steps in a flat map, or nodes under a root frame."""

    description: str | None = None
    root: MobFrameSpecInput | None = None
    steps: dict[str, MobFlowStepInput] | None = None


@dataclass
class MobFlowStepInput:
    """One step of a flow: whom to ask what, and when."""

    message: WireContentInput
    role: str
    allowed_tools: list[str] | None = None
    blocked_tools: list[str] | None = None
    branch: str | None = None
    collection_policy: MobCollectionPolicyInput | None = None
    condition: MobConditionExprInput | None = None
    depends_on: list[str] | None = None
    depends_on_mode: MobDependencyModeInput | None = None
    dispatch_mode: MobDispatchModeInput | None = None
    expected_schema_ref: str | None = None
    output_format: MobStepOutputFormatInput | None = None
    timeout_ms: int | None = None


@dataclass
class MobFrameSpecInput:
    """The nodes of one level of a flow."""

    nodes: dict[str, MobFlowNodeInput]


@dataclass
class MobLimitsSpecInput:
    """The limits of a mob; times are in milliseconds."""

    cancel_grace_timeout_ms: int | None = None
    max_active_frames: int | None = None
    max_active_nodes: int | None = None
    max_flow_duration_ms: int | None = None
    max_frame_depth: int | None = None
    max_orphaned_turns: int | None = None
    max_step_retries: int | None = None


@dataclass
class MobOrchestratorInput:
    """The profile that leads the mob."""

    profile: str


@dataclass
class MobProfileInput:
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
    tools: MobToolConfigInput | None = None


MobProfileBindingInput = dict[str, Any] | MobProfileInput
"""A profile written out, or a reference to a stored one."""


@dataclass
class MobRoleWiringRuleInput:
    """Members of these two profiles are wired to each other."""

    a: str
    b: str


@dataclass
class MobSupervisorSpecInput:
    """Who is told when steps fail, and after how many."""

    escalation_threshold: int
    role: str


@dataclass
class MobToolConfigInput:
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
class MobTopologyRuleInput:
    """Whether one profile may speak to another."""

    allowed: bool
    from_role: str
    to_role: str


@dataclass
class MobTopologySpecInput:
    """Who may speak to whom."""

    mode: MobPolicyModeInput
    rules: list[MobTopologyRuleInput]


@dataclass
class MobWiringRulesInput:
    """Which members are wired when they are spawned."""

    auto_wire_orchestrator: bool | None = None
    role_wiring: list[MobRoleWiringRuleInput] | None = None


MobCollectionPolicyInput = MobCollectionPolicyInputAll | MobCollectionPolicyInputAny | MobCollectionPolicyInputQuorum
"""How many answers end a step."""

MobConditionExprInput = (
    MobConditionExprInputEq
    | MobConditionExprInputIn
    | MobConditionExprInputGt
    | MobConditionExprInputLt
    | MobConditionExprInputAnd
    | MobConditionExprInputOr
    | MobConditionExprInputNot
)
"""A condition over what earlier steps produced."""


class _MobFlowNodeInputStepRequired(TypedDict):
    kind: Literal["step"]
    step_id: str


class MobFlowNodeInputStep(_MobFlowNodeInputStepRequired, total=False):
    """A node of kind `step`."""

    branch: str
    depends_on: list[str]
    depends_on_mode: MobDependencyModeInput


class _MobFlowNodeInputRepeatUntilRequired(TypedDict):
    kind: Literal["repeat_until"]
    body: MobFrameSpecInput
    loop_id: str
    max_iterations: int
    until: MobConditionExprInput


class MobFlowNodeInputRepeatUntil(_MobFlowNodeInputRepeatUntilRequired, total=False):
    """A node of kind `repeat_until`."""

    depends_on: list[str]
    depends_on_mode: MobDependencyModeInput


MobFlowNodeInput = MobFlowNodeInputStep | MobFlowNodeInputRepeatUntil
"""A node of a frame: a step or a loop."""

MobSkillSourceInput = MobSkillSourceInputInline | MobSkillSourceInputPath
"""Where the text of a skill stands."""

MobSpawnPolicyInput = MobSpawnPolicyInputNone | MobSpawnPolicyInputAuto
"""Whether members are spawned when they are first addressed."""
