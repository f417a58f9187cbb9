"""What mobs do: work, turns, flows, streams (spec 04, sections 10, 14 and 17)."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from meerkat.wire.base import U32, U64, Json, NotRequired, Uuid, closed
from meerkat.wire.core import (
    AuthBindingRef,
    ContentInput,
    RetiredSkillReferences,
    SkillRef,
    WireContentInput,
    WireHandlingMode,
    WireRenderMetadata,
)
from meerkat.wire.mobs_members import MobEnsureMemberOutcomeWire, MobMemberSpecWire
from meerkat.wire.mobs_runs import MobFlowRun
from meerkat.wire.turns import TurnToolOverlay

WireWorkOrigin: TypeAlias = Literal["external", "internal"]
"""Who gave a piece of work (spec 04, section 10.2)."""


@closed
class MobMemberSendParams(TypedDict):
    """Params of `mob/member_send` (spec 04, section 10.1)."""

    mob_id: str
    agent_identity: str
    content: WireContentInput
    handling_mode: NotRequired[WireHandlingMode]
    render_metadata: NotRequired[WireRenderMetadata | None]


@closed
class MobIngressInteractionParams(TypedDict):
    """Params of `mob/ingress_interaction` (spec 04, section 10.3)."""

    mob_id: str
    spec: MobMemberSpecWire
    content: WireContentInput
    handling_mode: NotRequired[WireHandlingMode]
    render_metadata: NotRequired[WireRenderMetadata | None]


class MobAppendSystemContextParams(TypedDict):
    """Params of `mob/append_system_context` (spec 04, section 10.4)."""

    mob_id: str
    agent_identity: str
    text: str
    idempotency_key: NotRequired[str | None]
    source: NotRequired[str | None]


@closed
class MobTurnStartParams(TypedDict):
    """Params of `mob/turn_start` (spec 04, section 10.5)."""

    mob_id: str
    agent_identity: str
    prompt: ContentInput
    skill_refs: NotRequired[list[SkillRef] | None]
    skill_references: NotRequired[RetiredSkillReferences]
    flow_tool_overlay: NotRequired[TurnToolOverlay | None]
    additional_instructions: NotRequired[list[str] | None]
    keep_alive: NotRequired[bool | None]
    model: NotRequired[str | None]
    provider: NotRequired[str | None]
    max_tokens: NotRequired[U32 | None]
    system_prompt: NotRequired[str | None]
    output_schema: NotRequired[Json]
    structured_output_retries: NotRequired[U32 | None]
    provider_params: NotRequired[Json]
    clear_provider_params: NotRequired[bool]
    auth_binding: NotRequired[AuthBindingRef | None]
    clear_auth_binding: NotRequired[bool]


@closed
class MobSubmitWorkParams(TypedDict):
    """Params of `mob/submit_work` (spec 04, section 10.2)."""

    member_ref: str
    work_ref: NotRequired[str | None]
    content: WireContentInput
    origin: NotRequired[WireWorkOrigin]


@closed
class MobCancelWorkParams(TypedDict):
    """Params of `mob/cancel_work` (spec 04, section 10.2)."""

    mob_id: str
    work_ref: str


@closed
class MobCancelAllWorkParams(TypedDict):
    """Params of `mob/cancel_all_work` (spec 04, section 10.2)."""

    member_ref: str


class MobFlowRunParams(TypedDict):
    """Params of `mob/flow_run` (spec 04, section 14.1)."""

    mob_id: str
    flow_id: str
    params: NotRequired[Json]


class MobFlowStatusParams(TypedDict):
    """Params of `mob/flow_status` (spec 04, section 14.1)."""

    mob_id: str
    run_id: str


class MobFlowCancelParams(TypedDict):
    """Params of `mob/flow_cancel` (spec 04, section 14.1)."""

    mob_id: str
    run_id: str


class MobStreamOpenParams(TypedDict):
    """Params of `mob/stream_open` (spec 04, section 17.1)."""

    mob_id: str
    agent_identity: NotRequired[str | None]


class MobStreamCloseParams(TypedDict):
    """Params of `mob/stream_close` (spec 04, section 17.1)."""

    stream_id: str


class MobMemberSendResult(TypedDict):
    """Result of `mob/member_send` (spec 04, section 10.1)."""

    mob_id: str
    agent_identity: str
    member_ref: str
    handling_mode: WireHandlingMode


class MobIngressInteractionResult(TypedDict):
    """Result of `mob/ingress_interaction` (spec 04, section 10.3)."""

    mob_id: str
    agent_identity: str
    member_ref: str
    ensure_outcome: MobEnsureMemberOutcomeWire
    delivery: MobMemberSendResult
    events_after_cursor: U64
    latest_event_cursor: U64


class MobAppendSystemContextResult(TypedDict):
    """Result of `mob/append_system_context` (spec 04, section 10.4)."""

    mob_id: str
    agent_identity: str
    status: str


class MobSubmitWorkResult(TypedDict):
    """Result of `mob/submit_work` (spec 04, section 10.2)."""

    mob_id: str
    work_ref: str
    member_ref: str


class MobCancelWorkResult(TypedDict):
    """Result of `mob/cancel_work` (spec 04, section 10.2)."""

    mob_id: str
    ok: bool


class MobCancelAllWorkResult(TypedDict):
    """Result of `mob/cancel_all_work` (spec 04, section 10.2)."""

    mob_id: str
    ok: bool


class MobFlowsResult(TypedDict):
    """Result of `mob/flows` (spec 04, section 14.1)."""

    mob_id: str
    flows: list[str]


class MobFlowRunResult(TypedDict):
    """Result of `mob/flow_run` (spec 04, section 14.1)."""

    run_id: str


class MobFlowStatusResult(TypedDict):
    """Result of `mob/flow_status` (spec 04, section 14.1)."""

    # Null for a run that does not exist.
    run: MobFlowRun | None


class MobFlowCancelResult(TypedDict):
    """Result of `mob/flow_cancel` (spec 04, section 14.1)."""

    canceled: bool


class MobStreamOpenResult(TypedDict):
    """Result of `mob/stream_open` (spec 04, section 17.1)."""

    stream_id: Uuid
    opened: bool


class MobStreamCloseResult(TypedDict):
    """Result of `mob/stream_close` (spec 04, section 17.1)."""

    stream_id: str
    closed: bool
    already_closed: bool
