"""The definition of a mob: roles, wiring, flows, limits (spec 04, section 4)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import I32, I64, U8, U32, U64, Json, NotRequired, Tag, Untagged, Usize, closed
from meerkat.wire.core import WireContentInput

WireMobBackendKind: TypeAlias = Literal["session", "external"]
"""Where a member runs (spec 04, section 3.2)."""

MobPolicyModeInput: TypeAlias = Literal["advisory", "strict"]
"""Whether a topology advises or forbids (spec 04, section 4.2)."""

WireMobRuntimeMode: TypeAlias = Literal["autonomous_host", "turn_driven"]
"""Whether a member acts by itself (spec 04, section 3.2)."""

MobDispatchModeInput: TypeAlias = Literal["fan_out", "one_to_one", "fan_in"]
"""How a step is spread over members."""

MobDependencyModeInput: TypeAlias = Literal["all", "any"]
"""Whether all or any dependencies must be done."""

MobStepOutputFormatInput: TypeAlias = Literal["json", "text"]
"""What a step gives."""

WireReasoningMode: TypeAlias = Literal["emit", "silent", "off"]
"""Whether reasoning is shown."""

WireAnthropicContextWindow: TypeAlias = Literal["one_megabyte"]
"""A larger context window."""

WireAnthropicEffort: TypeAlias = Literal["low", "medium", "high", "max", "xhigh"]
"""How hard Anthropic thinks."""

WireReasoningEffort: TypeAlias = Literal["low", "medium", "high"]
"""How hard a model reasons."""

WireGeminiThinkingLevel: TypeAlias = Literal["minimal", "low", "medium", "high"]
"""How hard Gemini thinks."""

SchemaCompat: TypeAlias = Literal["lossy", "strict"]
"""Whether a schema may be simplified for a provider."""

SchemaFormat: TypeAlias = Literal["meerkat_v1"]
"""The form of the wrapper."""


@closed
class MobDefinitionInput(TypedDict):
    """The definition of a mob (spec 04, section 4.2)."""

    id: str
    orchestrator: NotRequired[MobOrchestratorInput | None]
    profiles: dict[str, MobProfileBindingInput]
    wiring: NotRequired[MobWiringRulesInput]
    skills: NotRequired[dict[str, MobSkillSourceInput]]
    backend: NotRequired[MobBackendConfigInput]
    flows: NotRequired[dict[str, MobFlowSpecInput]]
    topology: NotRequired[MobTopologySpecInput | None]
    supervisor: NotRequired[MobSupervisorSpecInput | None]
    limits: NotRequired[MobLimitsSpecInput | None]
    spawn_policy: NotRequired[MobSpawnPolicyInput | None]
    event_router: NotRequired[MobEventRouterConfigInput | None]


@closed
class MobOrchestratorInput(TypedDict):
    """The profile that leads (spec 04, section 4.2)."""

    profile: str


class MobProfileBindingInputRealmProfile(TypedDict):
    """A binding of a role to a profile (spec 04, section 4.3)."""

    realm_profile: str


@closed
class MobWiringRulesInput(TypedDict):
    """Who is wired with whom at spawn (spec 04, section 4.2)."""

    auto_wire_orchestrator: NotRequired[bool]
    role_wiring: NotRequired[list[MobRoleWiringRuleInput]]


class MobSkillSourceInputInline(TypedDict):
    """A skill from `inline` (spec 04, section 4.2)."""

    source: Literal["inline"]
    content: str


class MobSkillSourceInputPath(TypedDict):
    """A skill from `path` (spec 04, section 4.2)."""

    source: Literal["path"]
    path: str


@closed
class MobBackendConfigInput(TypedDict):
    """Where members run (spec 04, section 4.2)."""

    default: NotRequired[WireMobBackendKind]
    external: NotRequired[MobExternalBackendConfigInput | None]


@closed
class MobFlowSpecInput(TypedDict):
    """A flow: steps that depend on each other, or frames (spec 04, section 4.4)."""

    description: NotRequired[str | None]
    steps: NotRequired[dict[str, MobFlowStepInput]]
    root: NotRequired[MobFrameSpecInput | None]


@closed
class MobTopologySpecInput(TypedDict):
    """Who may speak with whom (spec 04, section 4.2)."""

    mode: MobPolicyModeInput
    rules: list[MobTopologyRuleInput]


@closed
class MobSupervisorSpecInput(TypedDict):
    """Who is told of trouble (spec 04, section 4.2)."""

    role: str
    escalation_threshold: U32


@closed
class MobLimitsSpecInput(TypedDict):
    """The limits of flows (spec 04, section 4.5)."""

    max_flow_duration_ms: NotRequired[U64 | None]
    max_step_retries: NotRequired[U32 | None]
    max_orphaned_turns: NotRequired[U32 | None]
    cancel_grace_timeout_ms: NotRequired[U64 | None]
    max_active_nodes: NotRequired[U64 | None]
    max_active_frames: NotRequired[U64 | None]
    max_frame_depth: NotRequired[U64 | None]


class MobSpawnPolicyInputNone(TypedDict):
    """Members on demand: `none` (spec 04, section 4.2)."""

    mode: Literal["none"]


class MobSpawnPolicyInputAuto(TypedDict):
    """Members on demand: `auto` (spec 04, section 4.2)."""

    mode: Literal["auto"]
    profile_map: dict[str, str]


@closed
class MobEventRouterConfigInput(TypedDict):
    """Which events a mob routes (spec 04, section 4.2)."""

    buffer_size: NotRequired[Usize]
    include_patterns: NotRequired[list[str] | None]
    exclude_patterns: NotRequired[list[str] | None]


@closed
class MobProfileInput(TypedDict):
    """What a role is made of (spec 04, section 4.3)."""

    model: str
    skills: NotRequired[list[str]]
    tools: NotRequired[MobToolConfigInput]
    peer_description: NotRequired[str]
    external_addressable: NotRequired[bool]
    backend: NotRequired[WireMobBackendKind | None]
    runtime_mode: NotRequired[WireMobRuntimeMode]
    max_inline_peer_notifications: NotRequired[I32 | None]
    output_schema: NotRequired[Json]
    provider_params: NotRequired[WireProviderParamsOverride | None]


@closed
class MobRoleWiringRuleInput(TypedDict):
    """Two roles that are wired (spec 04, section 4.2)."""

    a: str
    b: str


@closed
class MobExternalBackendConfigInput(TypedDict):
    """Where external members are found (spec 04, section 4.2)."""

    address_base: str


@closed
class MobFlowStepInput(TypedDict):
    """One step of a flow (spec 04, section 4.4)."""

    role: str
    message: WireContentInput
    depends_on: NotRequired[list[str]]
    dispatch_mode: NotRequired[MobDispatchModeInput]
    collection_policy: NotRequired[MobCollectionPolicyInput]
    condition: NotRequired[MobConditionExprInput | None]
    timeout_ms: NotRequired[U64 | None]
    expected_schema_ref: NotRequired[str | None]
    branch: NotRequired[str | None]
    depends_on_mode: NotRequired[MobDependencyModeInput]
    allowed_tools: NotRequired[list[str] | None]
    blocked_tools: NotRequired[list[str] | None]
    output_format: NotRequired[MobStepOutputFormatInput]


@closed
class MobFrameSpecInput(TypedDict):
    """A frame of a flow: nodes by name (spec 04, section 4.4)."""

    nodes: dict[str, MobFlowNodeInput]


@closed
class MobTopologyRuleInput(TypedDict):
    """One rule of a topology (spec 04, section 4.2)."""

    from_role: str
    to_role: str
    allowed: bool


@closed
class MobToolConfigInput(TypedDict):
    """Which tools a role has (spec 04, section 4.3)."""

    builtins: NotRequired[bool]
    shell: NotRequired[bool]
    comms: NotRequired[bool]
    memory: NotRequired[bool]
    mob: NotRequired[bool]
    mob_tasks: NotRequired[bool]
    schedule: NotRequired[bool]
    image_generation: NotRequired[bool]
    mcp: NotRequired[list[str]]


class WireProviderParamsOverride(TypedDict):
    """A profile's parameters for its provider (spec 04, section 4.3)."""

    max_output_tokens: NotRequired[U32 | None]
    provider_tag: NotRequired[WireProviderTag | None]
    reasoning: NotRequired[WireReasoningMode | None]
    temperature: NotRequired[float | None]
    thinking_budget_tokens: NotRequired[U32 | None]
    top_p: NotRequired[float | None]


class MobCollectionPolicyInputAll(TypedDict):
    """Waiting for `all` (spec 04, section 4.4)."""

    type: Literal["all"]


class MobCollectionPolicyInputAny(TypedDict):
    """Waiting for `any` (spec 04, section 4.4)."""

    type: Literal["any"]


class MobCollectionPolicyInputQuorum(TypedDict):
    """Waiting for `quorum` (spec 04, section 4.4)."""

    type: Literal["quorum"]
    n: U8


class MobConditionExprInputEq(TypedDict):
    """The condition `eq` (spec 04, section 4.4)."""

    op: Literal["eq"]
    path: str
    value: Json


class MobConditionExprInputIn(TypedDict):
    """The condition `in` (spec 04, section 4.4)."""

    op: Literal["in"]
    path: str
    values: list[Json]


class MobConditionExprInputGt(TypedDict):
    """The condition `gt` (spec 04, section 4.4)."""

    op: Literal["gt"]
    path: str
    value: Json


class MobConditionExprInputLt(TypedDict):
    """The condition `lt` (spec 04, section 4.4)."""

    op: Literal["lt"]
    path: str
    value: Json


class MobConditionExprInputAnd(TypedDict):
    """The condition `and` (spec 04, section 4.4)."""

    op: Literal["and"]
    exprs: list[MobConditionExprInput]


class MobConditionExprInputOr(TypedDict):
    """The condition `or` (spec 04, section 4.4)."""

    op: Literal["or"]
    exprs: list[MobConditionExprInput]


class MobConditionExprInputNot(TypedDict):
    """The condition `not` (spec 04, section 4.4)."""

    op: Literal["not"]
    expr: MobConditionExprInput


@closed
class MobFlowNodeInputStep(TypedDict):
    """A node of kind `step` (spec 04, section 4.4)."""

    kind: Literal["step"]
    step_id: str
    depends_on: NotRequired[list[str]]
    depends_on_mode: NotRequired[MobDependencyModeInput]
    branch: NotRequired[str | None]


@closed
class MobFlowNodeInputRepeatUntil(TypedDict):
    """A node of kind `repeat_until` (spec 04, section 4.4)."""

    kind: Literal["repeat_until"]
    loop_id: str
    body: MobFrameSpecInput
    until: MobConditionExprInput
    max_iterations: U32
    depends_on: NotRequired[list[str]]
    depends_on_mode: NotRequired[MobDependencyModeInput]


class WireProviderTagAnthropic(TypedDict):
    """Parameters for `anthropic` (spec 04, section 4.3)."""

    provider: Literal["anthropic"]
    compaction: NotRequired[WireAnthropicCompactionConfig | None]
    context: NotRequired[WireAnthropicContextWindow | None]
    effort: NotRequired[WireAnthropicEffort | None]
    inference_geo: NotRequired[WireAnthropicInferenceGeo | None]
    structured_output: NotRequired[OutputSchema | None]
    supports_temperature_override: NotRequired[bool | None]
    thinking: NotRequired[WireAnthropicThinkingConfig | None]
    thinking_budget_tokens: NotRequired[U32 | None]
    top_k: NotRequired[U32 | None]
    web_search: NotRequired[Json]


class WireProviderTagOpenAi(TypedDict):
    """Parameters for `open_ai` (spec 04, section 4.3)."""

    provider: Literal["open_ai"]
    chat_template_kwargs: NotRequired[Json]
    frequency_penalty: NotRequired[float | None]
    presence_penalty: NotRequired[float | None]
    reasoning: NotRequired[Json]
    reasoning_effort: NotRequired[WireReasoningEffort | None]
    seed: NotRequired[I64 | None]
    structured_output: NotRequired[OutputSchema | None]
    supports_reasoning_override: NotRequired[bool | None]
    supports_temperature_override: NotRequired[bool | None]
    thinking: NotRequired[Json]
    web_search: NotRequired[Json]


class WireProviderTagGemini(TypedDict):
    """Parameters for `gemini` (spec 04, section 4.3)."""

    provider: Literal["gemini"]
    candidate_count: NotRequired[U32 | None]
    google_search: NotRequired[Json]
    structured_output: NotRequired[OutputSchema | None]
    thinking: NotRequired[WireGeminiThinkingConfig | None]
    thinking_budget: NotRequired[U32 | None]
    thinking_level: NotRequired[WireGeminiThinkingLevel | None]
    top_k: NotRequired[U32 | None]
    top_p: NotRequired[float | None]


class WireProviderTagUnknown(TypedDict):
    """Parameters for `unknown` (spec 04, section 4.3)."""

    provider: Literal["unknown"]
    bag: StructuredProviderExtension


class WireAnthropicCompactionConfigAuto(TypedDict):
    """Compaction: `auto`."""

    kind: Literal["auto"]


class WireAnthropicCompactionConfigCustom(TypedDict):
    """Compaction: `custom`."""

    kind: Literal["custom"]
    edit: Json


class WireAnthropicInferenceGeoUs(TypedDict):
    """Place: `us`."""

    kind: Literal["us"]


class WireAnthropicInferenceGeoGlobal(TypedDict):
    """Place: `global`."""

    kind: Literal["global"]


class WireAnthropicInferenceGeoOther(TypedDict):
    """Place: `other`."""

    kind: Literal["other"]
    region: str


class OutputSchema(TypedDict):
    """A schema for output, with how strictly it is meant (spec 02, section 7)."""

    schema: Json
    compat: NotRequired[SchemaCompat]
    format: NotRequired[SchemaFormat]
    name: NotRequired[str | None]
    strict: NotRequired[bool]


class WireAnthropicThinkingConfigAdaptive(TypedDict):
    """Thinking: `adaptive`."""

    type: Literal["adaptive"]


class WireAnthropicThinkingConfigEnabled(TypedDict):
    """Thinking: `enabled`."""

    type: Literal["enabled"]
    budget_tokens: U32


class WireGeminiThinkingConfig(TypedDict):
    """How Gemini thinks."""

    include_thoughts: NotRequired[bool | None]
    thinking_budget: NotRequired[U32 | None]
    thinking_level: NotRequired[WireGeminiThinkingLevel | None]


class StructuredProviderExtension(TypedDict):
    """A parameter that has no field of its own."""

    namespace: str
    key: str
    body: NotRequired[str]


MobProfileBindingInput: TypeAlias = Annotated[MobProfileBindingInputRealmProfile | MobProfileInput, Untagged("MobProfileBindingInput")]
"""A profile, inline or by name of a realm profile (spec 04, section 4.3)."""

MobSkillSourceInput: TypeAlias = Annotated[
    MobSkillSourceInputInline | MobSkillSourceInputPath,
    Tag("source", "MobSkillSourceInput"),
]
"""Where a skill of a mob comes from (spec 04, section 4.2)."""

MobSpawnPolicyInput: TypeAlias = Annotated[
    MobSpawnPolicyInputNone | MobSpawnPolicyInputAuto,
    Tag("mode", "MobSpawnPolicyInput"),
]
"""Whether members are made on demand (spec 04, section 4.2)."""

MobCollectionPolicyInput: TypeAlias = Annotated[
    MobCollectionPolicyInputAll | MobCollectionPolicyInputAny | MobCollectionPolicyInputQuorum,
    Tag("type", "MobCollectionPolicyInput"),
]
"""How many answers a step waits for (spec 04, section 4.4)."""

MobConditionExprInput: TypeAlias = Annotated[
    MobConditionExprInputEq
    | MobConditionExprInputIn
    | MobConditionExprInputGt
    | MobConditionExprInputLt
    | MobConditionExprInputAnd
    | MobConditionExprInputOr
    | MobConditionExprInputNot,
    Tag("op", "MobConditionExprInput"),
]
"""When a step runs (spec 04, section 4.4)."""

MobFlowNodeInput: TypeAlias = Annotated[
    MobFlowNodeInputStep | MobFlowNodeInputRepeatUntil,
    Tag("kind", "MobFlowNodeInput"),
]
"""A node of a frame: a step, or a loop (spec 04, section 4.4)."""

WireProviderTag: TypeAlias = Annotated[
    WireProviderTagAnthropic | WireProviderTagOpenAi | WireProviderTagGemini | WireProviderTagUnknown,
    Tag("provider", "WireProviderTag"),
]
"""Parameters that one provider knows (spec 04, section 4.3)."""

WireAnthropicCompactionConfig: TypeAlias = Annotated[
    WireAnthropicCompactionConfigAuto | WireAnthropicCompactionConfigCustom,
    Tag("kind", "WireAnthropicCompactionConfig"),
]
"""How Anthropic compacts."""

WireAnthropicInferenceGeo: TypeAlias = Annotated[
    WireAnthropicInferenceGeoUs | WireAnthropicInferenceGeoGlobal | WireAnthropicInferenceGeoOther,
    Tag("kind", "WireAnthropicInferenceGeo"),
]
"""Where Anthropic computes."""

WireAnthropicThinkingConfig: TypeAlias = Annotated[
    WireAnthropicThinkingConfigAdaptive | WireAnthropicThinkingConfigEnabled,
    Tag("type", "WireAnthropicThinkingConfig"),
]
"""How Anthropic thinks."""
