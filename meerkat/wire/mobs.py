"""Mobs as a whole: making, looking at and ending them (spec 04, sections 4, 5, 13 and 15). The one door to all words of the surface."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from meerkat.wire.base import U64, NotRequired, Usize, closed
from meerkat.wire.mob_definitions import MobDefinitionInput
from meerkat.wire.mobs_log import MobEvent
from meerkat.wire.mobs_members import (
    MobEnsureMemberParams,
    MobEnsureMemberResult,
    MobForceCancelResult,
    MobForkHelperParams,
    MobHelperResult,
    MobListMembersMatchingParams,
    MobListMembersMatchingResult,
    MobMemberParams,
    MobMembersResult,
    MobReconcileParams,
    MobReconcileResult,
    MobRespawnParams,
    MobRespawnResult,
    MobRetireResult,
    MobSpawnHelperParams,
    MobSpawnManyParams,
    MobSpawnManyResult,
    MobSpawnParams,
    MobSpawnResult,
    MobUnwireParams,
    MobUnwireResult,
    MobWaitMembersResult,
    MobWaitParams,
    MobWireParams,
    MobWireResult,
)
from meerkat.wire.mobs_views import MobDestroyReport, MobMemberStatusResult, MobRosterEntry
from meerkat.wire.mobs_work import (
    MobAppendSystemContextParams,
    MobAppendSystemContextResult,
    MobCancelAllWorkParams,
    MobCancelAllWorkResult,
    MobCancelWorkParams,
    MobCancelWorkResult,
    MobFlowCancelParams,
    MobFlowCancelResult,
    MobFlowRunParams,
    MobFlowRunResult,
    MobFlowsResult,
    MobFlowStatusParams,
    MobFlowStatusResult,
    MobIngressInteractionParams,
    MobIngressInteractionResult,
    MobMemberSendParams,
    MobMemberSendResult,
    MobStreamCloseParams,
    MobStreamCloseResult,
    MobStreamOpenParams,
    MobStreamOpenResult,
    MobSubmitWorkParams,
    MobSubmitWorkResult,
    MobTurnStartParams,
)
from meerkat.wire.turns import WireRunResult

__all__ = [
    "MobAppendSystemContextParams",
    "MobAppendSystemContextResult",
    "MobCancelAllWorkParams",
    "MobCancelAllWorkResult",
    "MobCancelWorkParams",
    "MobCancelWorkResult",
    "MobCreateParams",
    "MobCreateResult",
    "MobDestroyResult",
    "MobEnsureMemberParams",
    "MobEnsureMemberResult",
    "MobEventsParams",
    "MobEventsResult",
    "MobFlowCancelParams",
    "MobFlowCancelResult",
    "MobFlowRunParams",
    "MobFlowRunResult",
    "MobFlowStatusParams",
    "MobFlowStatusResult",
    "MobFlowsResult",
    "MobForceCancelResult",
    "MobForkHelperParams",
    "MobHelperResult",
    "MobIdParams",
    "MobIngressInteractionParams",
    "MobIngressInteractionResult",
    "MobLifecycleParams",
    "MobLifecycleResult",
    "MobListMembersMatchingParams",
    "MobListMembersMatchingResult",
    "MobListResult",
    "MobMemberParams",
    "MobMemberSendParams",
    "MobMemberSendResult",
    "MobMemberStatusResult",
    "MobMembersParams",
    "MobMembersResult",
    "MobReconcileParams",
    "MobReconcileResult",
    "MobRespawnParams",
    "MobRespawnResult",
    "MobRetireResult",
    "MobRotateSupervisorResult",
    "MobSnapshotResult",
    "MobSpawnHelperParams",
    "MobSpawnManyParams",
    "MobSpawnManyResult",
    "MobSpawnParams",
    "MobSpawnResult",
    "MobStatusResult",
    "MobStreamCloseParams",
    "MobStreamCloseResult",
    "MobStreamOpenParams",
    "MobStreamOpenResult",
    "MobSubmitWorkParams",
    "MobSubmitWorkResult",
    "MobTurnStartParams",
    "MobUnwireParams",
    "MobUnwireResult",
    "MobWaitMembersResult",
    "MobWaitParams",
    "MobWireParams",
    "MobWireResult",
    "SupervisorRotationReportWire",
    "WireMobLifecycleAction",
    "WireRunResult",
]


WireMobLifecycleAction: TypeAlias = Literal["stop", "resume", "complete", "reset", "destroy"]
"""What can be done to a mob (spec 04, section 5.3)."""


@closed
class MobCreateParams(TypedDict):
    """Params of `mob/create` (spec 04, section 4.1)."""

    definition: MobDefinitionInput


class MobIdParams(TypedDict):
    """Which mob is meant."""

    mob_id: str


class MobMembersParams(TypedDict):
    """Params of `mob/members` (spec 04, section 7.7)."""

    mob_id: str


@closed
class MobLifecycleParams(TypedDict):
    """Params of `mob/lifecycle` (spec 04, section 5.3)."""

    mob_id: str
    action: WireMobLifecycleAction


class MobEventsParams(TypedDict):
    """Params of `mob/events` (spec 04, section 13.1)."""

    mob_id: str
    after_cursor: NotRequired[U64]
    limit: NotRequired[Usize]
    strict: NotRequired[bool]


class MobCreateResult(TypedDict):
    """Result of `mob/create` (spec 04, section 4.1)."""

    mob_id: str


class MobListResult(TypedDict):
    """Result of `mob/list` (spec 04, section 5.2)."""

    mobs: list[MobStatusResult]


class MobStatusResult(TypedDict):
    """Result of `mob/status` (spec 04, section 5.2)."""

    mob_id: str
    status: str


class MobLifecycleResult(TypedDict):
    """Result of `mob/lifecycle` (spec 04, section 5.3)."""

    mob_id: str
    action: WireMobLifecycleAction
    ok: bool
    destroy_report: NotRequired[MobDestroyReport]


class MobSnapshotResult(TypedDict):
    """Result of `mob/snapshot` (spec 04, section 5.5)."""

    mob_id: str
    status: str
    members: list[MobRosterEntry]


class MobDestroyResult(TypedDict):
    """Result of `mob/destroy` (spec 04, section 5.6)."""

    mob_id: str
    ok: bool
    destroy_report: MobDestroyReport


class MobRotateSupervisorResult(TypedDict):
    """Result of `mob/rotate_supervisor` (spec 04, section 15)."""

    mob_id: str
    ok: bool
    report: SupervisorRotationReportWire


class MobEventsResult(TypedDict):
    """Result of `mob/events` (spec 04, section 13)."""

    events: list[MobEvent]


class SupervisorRotationReportWire(TypedDict):
    """A supervisor's new identity (spec 04, section 15)."""

    previous_epoch: U64
    current_epoch: U64
    public_peer_id: str
