"""Targets of schedules: sessions, existing or made on demand, and mobs (spec 05, section 1.5)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U32, U64, Alias, Json, NotRequired, Retired, Tag, UuidText, closed
from meerkat.wire.core import ContentInput, Provider, SkillKey, SkillRef, WireRenderMetadata


class PromptAction(TypedDict):
    """A prompt to a session (spec 05, section 1.5)."""

    type: Literal["prompt"]
    prompt: ContentInput
    # Honoured only in the delivery that makes the session.
    system_prompt: NotRequired[str | None]
    render_metadata: NotRequired[WireRenderMetadata | None]
    skill_refs: NotRequired[list[SkillRef] | None]
    additional_instructions: NotRequired[list[str]]


class EventAction(TypedDict):
    """An external event to a session (spec 05, section 1.5)."""

    type: Literal["event"]
    event_type: str
    payload: Json
    render_metadata: NotRequired[WireRenderMetadata | None]


ScheduledAction: TypeAlias = Annotated[PromptAction | EventAction, Tag("type", "ScheduledAction")]
"""What is done to a session (spec 05, section 1.5)."""


class ScheduledPeerMeta(TypedDict):
    """What peers are told of the session that is made (spec 05, section 1.5)."""

    description: NotRequired[str | None]
    labels: NotRequired[dict[str, str]]


class ScheduledSessionCreate(TypedDict):
    """How a session is made when a schedule first fires (spec 05, section 1.5)."""

    model: str
    system_prompt: NotRequired[str | None]
    max_tokens: NotRequired[U32 | None]
    provider: NotRequired[Provider | None]
    output_schema: NotRequired[Annotated[Json, Alias("output_schema_json")]]
    structured_output_retries: NotRequired[U32]
    provider_params: NotRequired[Json]
    comms_name: NotRequired[str | None]
    peer_meta: NotRequired[ScheduledPeerMeta | None]
    labels: NotRequired[dict[str, str] | None]
    # Stored, and read by nothing.
    preload_skills: NotRequired[list[SkillKey] | None]
    additional_instructions: NotRequired[list[str] | None]
    realm_id: NotRequired[str | None]
    instance_id: NotRequired[str | None]
    backend: NotRequired[str | None]
    # Overwritten with the current generation.
    config_generation: NotRequired[U64 | None]
    app_context: NotRequired[Json]
    keep_alive: NotRequired[bool]


class ExactSessionTarget(TypedDict):
    """A session by its bare UUID (spec 05, section 1.5)."""

    target_kind: Literal["session"]
    type: Literal["exact_session"]
    session_id: UuidText
    action: ScheduledAction


class ResumableSessionTarget(TypedDict):
    """A session by its bare UUID; behaves like the exact one (spec 05, section 1.5)."""

    target_kind: Literal["session"]
    type: Literal["resumable_session"]
    session_id: UuidText
    action: ScheduledAction


class MaterializedSessionTarget(TypedDict):
    """A session that the first firing makes, and binds (spec 05, section 1.5)."""

    target_kind: Literal["session"]
    type: Literal["materialize_on_demand_session"]
    create: ScheduledSessionCreate
    action: ScheduledAction
    bound_session_id: NotRequired[UuidText | None]


SessionTarget: TypeAlias = Annotated[
    ExactSessionTarget | ResumableSessionTarget | MaterializedSessionTarget,
    Tag("type", "SessionTarget"),
]
"""A session to be prompted (spec 05, section 1.5)."""


class MemberSend(TypedDict):
    """What is sent to a member (spec 05, section 1.5)."""

    type: Literal["send"]
    content: ContentInput
    render_metadata: NotRequired[WireRenderMetadata | None]


MemberAction: TypeAlias = Annotated[MemberSend, Tag("type", "MemberAction")]
"""What is done to a member; there is one kind (spec 05, section 1.5)."""


class InheritTools(TypedDict):
    """The tools of the parent (spec 05, section 1.5)."""

    type: Literal["inherit"]


class AllowTools(TypedDict):
    """Only these tools (spec 05, section 1.5)."""

    type: Literal["allow_list"]
    value: list[str]


class DenyTools(TypedDict):
    """All but these tools (spec 05, section 1.5)."""

    type: Literal["deny_list"]
    value: list[str]


ScheduledToolAccess: TypeAlias = Annotated[InheritTools | AllowTools | DenyTools, Tag("type", "ScheduledToolAccess")]
"""Which tools a helper may use (spec 05, section 1.5)."""


class InheritParentTooling(TypedDict):
    """Tooling of the parent; refused in public calls (spec 05, section 1.5)."""

    mode: Literal["inherit_parent"]


class MinimalTooling(TypedDict):
    """The least tooling; refused in public calls (spec 05, section 1.5)."""

    mode: Literal["minimal"]


class ProfileTooling(TypedDict):
    """Tooling of a profile; overlays are refused in public calls (spec 05, section 1.5)."""

    mode: Literal["profile"]
    name: str
    allow_overlay: NotRequired[list[str] | None]
    deny_overlay: NotRequired[list[str] | None]


ScheduledTooling: TypeAlias = Annotated[InheritParentTooling | MinimalTooling | ProfileTooling, Tag("mode", "ScheduledTooling")]
"""Where the tools of a helper come from (spec 05, section 1.5)."""


class ResolvedSpawnSnapshot(TypedDict):
    """State that the server alone may set; a public call is refused (spec 05, section 1.5)."""

    tool_filter: Json


@closed
class HelperOptions(TypedDict):
    """How a helper is made; always echoed, unknown fields are refused (spec 05, section 1.5)."""

    role_name: NotRequired[str | None]
    runtime_mode: NotRequired[Literal["autonomous_host", "turn_driven"] | None]
    backend: NotRequired[Literal["session", "external"] | None]
    tool_access_policy: NotRequired[ScheduledToolAccess | None]
    tooling: NotRequired[ScheduledTooling | None]
    resolved_spawn_snapshot: NotRequired[ResolvedSpawnSnapshot | None]


class FullHistory(TypedDict):
    """The whole past (spec 05, section 1.5)."""

    type: Literal["full_history"]


class LastMessages(TypedDict):
    """The last messages (spec 05, section 1.5)."""

    type: Literal["last_messages"]
    count: U32


ScheduledForkContext: TypeAlias = Annotated[FullHistory | LastMessages, Tag("type", "ScheduledForkContext")]
"""How much of the past a fork takes along (spec 05, section 1.5)."""


class MemberTarget(TypedDict):
    """A member of a mob (spec 05, section 1.5)."""

    target_kind: Literal["mob"]
    type: Literal["member"]
    mob_id: str
    member_id: str
    action: MemberAction


class FlowTarget(TypedDict):
    """A flow of a mob; no JSON can express its params, so the server refuses every one (spec 05, section 1.5)."""

    target_kind: Literal["mob"]
    type: Literal["flow"]
    mob_id: str
    flow_id: str
    params: Annotated[Json, Retired("invalid type: newtype struct, expected any valid JSON value")]


class SpawnHelperTarget(TypedDict):
    """A helper made for one prompt (spec 05, section 1.5)."""

    target_kind: Literal["mob"]
    type: Literal["spawn_helper"]
    mob_id: str
    member_id: str
    prompt: str
    options: NotRequired[HelperOptions]


class ForkHelperTarget(TypedDict):
    """A helper forked from a member for one prompt (spec 05, section 1.5)."""

    target_kind: Literal["mob"]
    type: Literal["fork_helper"]
    mob_id: str
    source_member_id: str
    member_id: str
    prompt: str
    fork_context: NotRequired[ScheduledForkContext]
    options: NotRequired[HelperOptions]


MobTarget: TypeAlias = Annotated[
    MemberTarget | FlowTarget | SpawnHelperTarget | ForkHelperTarget,
    Tag("type", "MobTarget"),
]
"""A mob to be set to work (spec 05, section 1.5)."""

ScheduleTarget: TypeAlias = Annotated[SessionTarget | MobTarget, Tag("target_kind", "ScheduleTarget")]
"""What a schedule does when it fires (spec 05, section 1.5)."""
