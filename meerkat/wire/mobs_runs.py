"""Runs of flows, as `mob/flow_status` shows them (spec 04, section 14.4).

The view of the state machine behind a run is free JSON here: clients do not read it, and its form belongs to the machine.
"""

from __future__ import annotations

from typing import Literal, TypedDict

from meerkat.wire.base import U32, Json, JsonObject, NotRequired, Rfc3339, Uuid
from meerkat.wire.events_errors import AgentErrorReport
from meerkat.wire.mobs_log import TurnError


class StepLedgerEntry(TypedDict):
    """One step of a run for one member, or summed up at the end (spec 04, section 14.4)."""

    step_id: str
    agent_identity: str
    status: Literal["dispatched", "completed", "failed", "skipped", "canceled"]
    # Null unless completed.
    output: Json
    timestamp: Rfc3339


class FailureLedgerEntry(TypedDict):
    """One failure of a run (spec 04, section 14.4)."""

    step_id: str
    reason: str
    error_report: NotRequired[AgentErrorReport]
    error: NotRequired[TurnError]
    timestamp: Rfc3339


class LoopIterationEntry(TypedDict):
    """One round of a loop (spec 04, section 14.4)."""

    loop_instance_id: str
    iteration: U32
    frame_id: str


class KernelView(TypedDict):
    """The state of one frame or loop; for reading by people (spec 04, section 14.4)."""

    kernel_state: JsonObject


class FlowAuthorityInput(TypedDict):
    """One step of the scheduler's audit trail (spec 04, section 14.5)."""

    input: str
    payload: JsonObject


class MobFlowRun(TypedDict):
    """A run of a flow (spec 04, section 14.4)."""

    run_id: Uuid
    mob_id: str
    flow_id: str
    # `pending` is never seen.
    status: Literal["pending", "running", "completed", "failed", "canceled"]
    activation_params: Json
    created_at: Rfc3339
    completed_at: Rfc3339 | None
    root_step_outputs: dict[str, Json]
    step_ledger: list[StepLedgerEntry]
    failure_ledger: list[FailureLedgerEntry]
    loop_iteration_outputs: dict[str, list[dict[str, Json]]]
    loop_iteration_ledger: list[LoopIterationEntry]
    flow_state: JsonObject
    frames: dict[str, KernelView]
    loops: dict[str, KernelView]
    flow_authority_inputs: list[FlowAuthorityInput]
    schema_version: U32
