"""What happened in a mob: the entries of its log (spec 04, section 13)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U64, Json, JsonObject, NotRequired, Rfc3339, Tag, Uuid
from meerkat.wire.events_errors import AgentErrorReport
from meerkat.wire.mobs_views import ExternalPeerSpec, Kickoff


class RuntimeIdentity(TypedDict):
    """One incarnation of a member (spec 04, section 13.2)."""

    identity: str
    generation: U64


class FlowOutput(TypedDict):
    """What the steps of a flow gave (spec 04, section 13.2)."""

    steps: dict[str, Json]


class TurnError(TypedDict):
    """Why the turn of a step failed (spec 04, section 13.2)."""

    kind: str
    terminal: bool
    outcome: NotRequired[str]
    detail: NotRequired[str]
    provider: NotRequired[str]
    model: NotRequired[str]
    retryable: NotRequired[bool]


class CallerProvenance(TypedDict):
    """Who used a tool of mobs (spec 04, section 13.2)."""

    caller_session_id: NotRequired[Uuid]
    caller_mob_id: NotRequired[str]
    caller_member_id: NotRequired[str]


class MobCreatedEntry(TypedDict):
    """The entry `mob_created`: the mob was made, with its complete definition (spec 04, section 13.2)."""

    type: Literal["mob_created"]
    definition: JsonObject


class MobResetEntry(TypedDict):
    """The entry `mob_reset`: the mob begins anew (spec 04, section 13.2)."""

    type: Literal["mob_reset"]


class MobCompletedEntry(TypedDict):
    """The entry `mob_completed`: the mob is done (spec 04, section 13.2)."""

    type: Literal["mob_completed"]


class MobDestroyingEntry(TypedDict):
    """The entry `mob_destroying`: the mob is being destroyed (spec 04, section 13.2)."""

    type: Literal["mob_destroying"]


class MobDestroyStorageFinalizingEntry(TypedDict):
    """The entry `mob_destroy_storage_finalizing`: the storage of the mob goes (spec 04, section 13.2)."""

    type: Literal["mob_destroy_storage_finalizing"]


class MemberSpawnedEntry(TypedDict):
    """The entry `member_spawned`: a member was made (spec 04, section 13.2)."""

    type: Literal["member_spawned"]
    agent_identity: str
    generation: U64
    fence_token: U64
    agent_runtime_id: RuntimeIdentity
    role: str
    runtime_mode: Literal["autonomous_host", "turn_driven"]
    labels: NotRequired[dict[str, str]]


class MemberRetiredEntry(TypedDict):
    """The entry `member_retired`: a member is gone (spec 04, section 13.2)."""

    type: Literal["member_retired"]
    agent_identity: str
    generation: U64
    role: str


class MemberResetEntry(TypedDict):
    """The entry `member_reset`: a member begins anew; never sent (spec 04, section 13.2)."""

    type: Literal["member_reset"]
    agent_identity: str
    previous_generation: U64
    new_generation: U64
    fence_token: U64
    agent_runtime_id: RuntimeIdentity


class MemberKickoffUpdatedEntry(TypedDict):
    """The entry `member_kickoff_updated`: the first turn of a member moved on (spec 04, section 13.2)."""

    type: Literal["member_kickoff_updated"]
    member: str
    kickoff: Kickoff


class MembersWiredEntry(TypedDict):
    """The entry `members_wired`: two members can reach each other (spec 04, section 13.2)."""

    type: Literal["members_wired"]
    a: str
    b: str


class MembersUnwiredEntry(TypedDict):
    """The entry `members_unwired`: two members no longer reach each other (spec 04, section 13.2)."""

    type: Literal["members_unwired"]
    a: str
    b: str


class ExternalPeerWiredEntry(TypedDict):
    """The entry `external_peer_wired`: a member can reach a peer outside (spec 04, section 13.2)."""

    type: Literal["external_peer_wired"]
    local: str
    spec: ExternalPeerSpec


class ExternalPeerUnwiredEntry(TypedDict):
    """The entry `external_peer_unwired`: a member no longer reaches a peer outside (spec 04, section 13.2)."""

    type: Literal["external_peer_unwired"]
    local: str
    peer_name: str


class TaskCreatedEntry(TypedDict):
    """The entry `task_created`: a member made a task (spec 04, section 13.2)."""

    type: Literal["task_created"]
    task_id: str
    subject: str
    description: str
    blocked_by: list[str]


class TaskUpdatedEntry(TypedDict):
    """The entry `task_updated`: a member changed a task (spec 04, section 13.2)."""

    type: Literal["task_updated"]
    task_id: str
    status: str
    owner: str | None


class FlowStartedEntry(TypedDict):
    """The entry `flow_started`: a flow began (spec 04, section 13.2)."""

    type: Literal["flow_started"]
    run_id: Uuid
    flow_id: str
    params: Json


class FlowCompletedEntry(TypedDict):
    """The entry `flow_completed`: a flow is done (spec 04, section 13.2)."""

    type: Literal["flow_completed"]
    run_id: Uuid
    flow_id: str
    structured_output: NotRequired[FlowOutput]


class FlowFailedEntry(TypedDict):
    """The entry `flow_failed`: a flow failed (spec 04, section 13.2)."""

    type: Literal["flow_failed"]
    run_id: Uuid
    flow_id: str
    reason: str


class FlowCanceledEntry(TypedDict):
    """The entry `flow_canceled`: a flow was cancelled (spec 04, section 13.2)."""

    type: Literal["flow_canceled"]
    run_id: Uuid
    flow_id: str


class StepDispatchedEntry(TypedDict):
    """The entry `step_dispatched`: a step was given to a member (spec 04, section 13.2)."""

    type: Literal["step_dispatched"]
    run_id: Uuid
    step_id: str
    target: RuntimeIdentity


class StepTargetCompletedEntry(TypedDict):
    """The entry `step_target_completed`: a member did its step (spec 04, section 13.2)."""

    type: Literal["step_target_completed"]
    run_id: Uuid
    step_id: str
    target: RuntimeIdentity


class StepTargetFailedEntry(TypedDict):
    """The entry `step_target_failed`: a member failed at its step (spec 04, section 13.2)."""

    type: Literal["step_target_failed"]
    run_id: Uuid
    step_id: str
    target: RuntimeIdentity
    reason: str
    error_report: NotRequired[AgentErrorReport]
    error: NotRequired[TurnError]


class StepCompletedEntry(TypedDict):
    """The entry `step_completed`: a step is done (spec 04, section 13.2)."""

    type: Literal["step_completed"]
    run_id: Uuid
    step_id: str


class StepFailedEntry(TypedDict):
    """The entry `step_failed`: a step failed (spec 04, section 13.2)."""

    type: Literal["step_failed"]
    run_id: Uuid
    step_id: str
    reason: str


class StepSkippedEntry(TypedDict):
    """The entry `step_skipped`: a step was left out (spec 04, section 13.2)."""

    type: Literal["step_skipped"]
    run_id: Uuid
    step_id: str
    reason: str


class TopologyViolationEntry(TypedDict):
    """The entry `topology_violation`: a flow went against an advisory topology (spec 04, section 13.2)."""

    type: Literal["topology_violation"]
    from_role: str
    to_role: str


class SupervisorEscalationEntry(TypedDict):
    """The entry `supervisor_escalation`: a flow told its supervisor (spec 04, section 13.2)."""

    type: Literal["supervisor_escalation"]
    run_id: Uuid
    step_id: str
    escalated_to: str


class OperatorActionRecordedEntry(TypedDict):
    """The entry `operator_action_recorded`: a member used a tool of mobs (spec 04, section 13.2)."""

    type: Literal["operator_action_recorded"]
    tool_name: str
    principal_token: str
    caller_provenance: NotRequired[CallerProvenance]
    audit_invocation_id: NotRequired[str]


MobEventKind: TypeAlias = Annotated[
    MobCreatedEntry
    | MobResetEntry
    | MobCompletedEntry
    | MobDestroyingEntry
    | MobDestroyStorageFinalizingEntry
    | MemberSpawnedEntry
    | MemberRetiredEntry
    | MemberResetEntry
    | MemberKickoffUpdatedEntry
    | MembersWiredEntry
    | MembersUnwiredEntry
    | ExternalPeerWiredEntry
    | ExternalPeerUnwiredEntry
    | TaskCreatedEntry
    | TaskUpdatedEntry
    | FlowStartedEntry
    | FlowCompletedEntry
    | FlowFailedEntry
    | FlowCanceledEntry
    | StepDispatchedEntry
    | StepTargetCompletedEntry
    | StepTargetFailedEntry
    | StepCompletedEntry
    | StepFailedEntry
    | StepSkippedEntry
    | TopologyViolationEntry
    | SupervisorEscalationEntry
    | OperatorActionRecordedEntry,
    Tag("type", "MobEventKind"),
]
"""What happened in a mob (spec 04, section 13.2)."""


class MobEvent(TypedDict):
    """An entry of the log of a mob, with its place (spec 04, section 13.1)."""

    cursor: U64
    timestamp: Rfc3339
    mob_id: str
    kind: MobEventKind
