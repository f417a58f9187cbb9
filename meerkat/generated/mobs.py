"""The flat contract names of mobs: life, wiring, sends, work, flows, profiles, events, streams."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from meerkat.generated.comms import WireTrustedPeerSpec
from meerkat.generated.content import WireContentInput
from meerkat.generated.mob_definitions import MobDefinitionInput, MobProfileInput
from meerkat.generated.mob_launch import WireMemberRef


@dataclass
class MobWireParams:
    """Params of `mob/wire`; `peer` is `{"local": identity}` or `{"external": spec}`."""

    member: str
    mob_id: str
    peer: dict[str, str] | dict[str, WireTrustedPeerSpec]


@dataclass
class MobUnwireParams:
    """Params of `mob/unwire`; `peer` as in `MobWireParams`."""

    member: str
    mob_id: str
    peer: dict[str, str] | dict[str, WireTrustedPeerSpec]


@dataclass
class MobIdParams:
    """Params of the calls that need only a mob."""

    mob_id: str


@dataclass
class MobMemberParams:
    """Params of the calls that need only a member."""

    agent_identity: str
    mob_id: str


@dataclass
class MobCreateParams:
    """Params of `mob/create`."""

    definition: MobDefinitionInput


@dataclass
class MobCreateResult:
    """Result of `mob/create`."""

    mob_id: str


@dataclass
class MobListResult:
    """Result of `mob/list`."""

    mobs: list[dict[str, Any]]


@dataclass
class MobStatusResult:
    """Result of `mob/status`."""

    mob_id: str
    status: str


@dataclass
class MobLifecycleParams:
    """Params of `mob/lifecycle`."""

    action: Literal["stop", "resume", "complete", "reset", "destroy"]
    mob_id: str


@dataclass
class MobLifecycleResult:
    """Result of `mob/lifecycle`."""

    action: Literal["stop", "resume", "complete", "reset", "destroy"]
    mob_id: str
    ok: bool
    destroy_report: Any = None


@dataclass
class MobWireResult:
    """Result of `mob/wire`."""

    wired: bool


@dataclass
class MobUnwireResult:
    """Result of `mob/unwire`."""

    unwired: bool


@dataclass
class MobEventsParams:
    """Params of `mob/events`."""

    mob_id: str
    after_cursor: int | None = None
    limit: int | None = None
    strict: bool | None = None


@dataclass
class MobEventsResult:
    """Result of `mob/events`."""

    events: list[Any]


@dataclass
class MobAppendSystemContextParams:
    """Params of `mob/append_system_context`."""

    agent_identity: str
    mob_id: str
    text: str
    idempotency_key: str | None = None
    source: str | None = None


@dataclass
class MobAppendSystemContextResult:
    """Result of `mob/append_system_context`."""

    agent_identity: str
    mob_id: str
    status: str


@dataclass
class MobFlowsResult:
    """Result of `mob/flows`."""

    flows: list[str]
    mob_id: str


@dataclass
class MobFlowRunParams:
    """Params of `mob/flow_run`."""

    flow_id: str
    mob_id: str
    params: Any = None


@dataclass
class MobFlowRunResult:
    """Result of `mob/flow_run`."""

    run_id: str


@dataclass
class MobFlowStatusParams:
    """Params of `mob/flow_status`."""

    mob_id: str
    run_id: str


@dataclass
class MobFlowStatusResult:
    """Result of `mob/flow_status`."""

    run: Any


@dataclass
class MobFlowCancelParams:
    """Params of `mob/flow_cancel`."""

    mob_id: str
    run_id: str


@dataclass
class MobFlowCancelResult:
    """Result of `mob/flow_cancel`."""

    canceled: bool


@dataclass
class MobSnapshotResult:
    """Result of `mob/snapshot`."""

    members: list[Any]
    mob_id: str
    status: str


@dataclass
class MobDestroyResult:
    """Result of `mob/destroy`."""

    destroy_report: Any
    mob_id: str
    ok: bool


@dataclass
class SupervisorRotationReportWire:
    """What a rotation of the supervisor key did."""

    current_epoch: int
    previous_epoch: int
    public_peer_id: str


@dataclass
class MobRotateSupervisorResult:
    """Result of `mob/rotate_supervisor`."""

    mob_id: str
    ok: bool
    report: SupervisorRotationReportWire


@dataclass
class MobSubmitWorkParams:
    """Params of `mob/submit_work`."""

    content: WireContentInput
    member_ref: WireMemberRef
    origin: Literal["external", "internal"] | None = None
    work_ref: str | None = None


@dataclass
class MobSubmitWorkResult:
    """Result of `mob/submit_work`."""

    member_ref: WireMemberRef
    mob_id: str
    work_ref: str


@dataclass
class MobCancelWorkParams:
    """Params of `mob/cancel_work`."""

    mob_id: str
    work_ref: str


@dataclass
class MobCancelWorkResult:
    """Result of `mob/cancel_work`."""

    mob_id: str
    ok: bool


@dataclass
class MobCancelAllWorkParams:
    """Params of `mob/cancel_all_work`."""

    member_ref: WireMemberRef


@dataclass
class MobCancelAllWorkResult:
    """Result of `mob/cancel_all_work`."""

    mob_id: str
    ok: bool


@dataclass
class MobProfileCreateParams:
    """Params of `mob/profile/create`."""

    name: str
    profile: MobProfileInput


@dataclass
class MobProfileNameParams:
    """Params of `mob/profile/get`."""

    name: str


@dataclass
class MobProfileLookupResult:
    """Result of `mob/profile/create` and `mob/profile/get` and `mob/profile/update`."""

    name: str
    created_at: str | None = None
    not_found: bool | None = None
    profile: Any = None
    revision: int | None = None
    updated_at: str | None = None


@dataclass
class MobProfileListResult:
    """Result of `mob/profile/list`."""

    profiles: list[dict[str, Any]]


@dataclass
class MobProfileUpdateParams:
    """Params of `mob/profile/update`."""

    expected_revision: int
    name: str
    profile: MobProfileInput


@dataclass
class MobProfileDeleteParams:
    """Params of `mob/profile/delete`."""

    expected_revision: int
    name: str


@dataclass
class MobProfileDeleteResult:
    """Result of `mob/profile/delete`."""

    deleted_revision: int
    name: str


@dataclass
class MobStreamOpenParams:
    """Params of `mob/stream_open`; without a member the stream is mob-wide."""

    mob_id: str
    agent_identity: str | None = None


@dataclass
class MobStreamOpenResult:
    """Result of `mob/stream_open`."""

    opened: bool
    stream_id: str


@dataclass
class MobStreamCloseParams:
    """Params of `mob/stream_close`."""

    stream_id: str


@dataclass
class MobStreamCloseResult:
    """Result of `mob/stream_close`."""

    already_closed: bool
    closed: bool
    stream_id: str


MobPeerTarget = dict[str, str] | dict[str, WireTrustedPeerSpec]
"""Whom to wire: `{"local": identity}` or `{"external": spec}`."""
