"""Approvals: asking for a decision, and deciding (spec 05, section 3)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import DateTimeText, Json, NotRequired, Rfc3339, Tag, Uuid, UuidText, flattened

ApprovalStatus: TypeAlias = Literal["pending", "approved", "denied", "expired", "cancelled"]
"""Where an approval stands (spec 05, section 3.1)."""

ApprovalDecision: TypeAlias = Literal["approve", "deny"]
"""What can be decided (spec 05, section 3.1)."""

ApprovalRisk: TypeAlias = Literal["low", "medium", "high", "critical"]
"""How much is at stake (spec 05, section 3.1)."""


class RuntimeOwner(TypedDict):
    """An approval that the runtime wants (spec 05, section 3.1)."""

    owner_type: Literal["runtime"]


class SessionOwner(TypedDict):
    """An approval of a session; its existence is not checked (spec 05, section 3.1)."""

    owner_type: Literal["session"]
    session_id: str


class MobOwner(TypedDict):
    """An approval of a mob (spec 05, section 3.1)."""

    owner_type: Literal["mob"]
    mob_id: str


class RunOwner(TypedDict):
    """An approval of a run (spec 05, section 3.1)."""

    owner_type: Literal["run"]
    run_id: str


class ToolCallOwner(TypedDict):
    """An approval of one tool call (spec 05, section 3.1)."""

    owner_type: Literal["tool_call"]
    tool_call_id: str


class ExternalMemberOwner(TypedDict):
    """An approval of a mob member outside this process (spec 05, section 3.1)."""

    owner_type: Literal["external_member"]
    mob_id: str
    member_ref: str


ApprovalOwner: TypeAlias = Annotated[
    RuntimeOwner | SessionOwner | MobOwner | RunOwner | ToolCallOwner | ExternalMemberOwner,
    Tag("owner_type", "ApprovalOwner"),
]
"""Who wants an approval (spec 05, section 3.1)."""


class ApprovalResource(TypedDict):
    """What an approval is about (spec 05, section 3.1)."""

    kind: Literal["file", "shell_command", "tool_call", "device", "runtime", "network", "other"]
    id: str


class ApprovalAction(TypedDict):
    """What would be done (spec 05, section 3.1)."""

    kind: Literal["shell_command", "file_write", "file_delete", "network_call", "device_control", "tool_call", "other"]
    summary: str
    body: NotRequired[Json]


class SurfaceMetadata(TypedDict):
    """Labels and context of the application (spec 02, section 16.2)."""

    labels: NotRequired[dict[str, str]]
    app_context: NotRequired[Json]


@flattened
class ApprovalRequestParams(TypedDict):
    """Params of `approval/request` (spec 05, section 3.2)."""

    requester: str
    owner: ApprovalOwner
    resource: ApprovalResource
    proposed_action: ApprovalAction
    risk: ApprovalRisk
    request_body: NotRequired[Json]
    allowed_decisions: list[ApprovalDecision]
    expires_at: NotRequired[DateTimeText | None]
    # Null is not accepted.
    metadata: NotRequired[SurfaceMetadata]
    request_provenance: NotRequired[Json]


class ApprovalOutcome(TypedDict):
    """A decision that was made (spec 05, section 3.1)."""

    decision: ApprovalDecision
    actor: str
    decided_at: Rfc3339
    reason: NotRequired[str]
    provenance: NotRequired[Json]


class ApprovalRecord(TypedDict):
    """An approval from request to decision (spec 05, section 3.1)."""

    approval_id: Uuid
    status: ApprovalStatus
    requester: str
    owner: ApprovalOwner
    resource: ApprovalResource
    proposed_action: ApprovalAction
    risk: ApprovalRisk
    request_body: NotRequired[Json]
    allowed_decisions: list[ApprovalDecision]
    expires_at: NotRequired[Rfc3339]
    created_at: Rfc3339
    updated_at: Rfc3339
    metadata: SurfaceMetadata
    request_provenance: NotRequired[Json]
    decision: NotRequired[ApprovalOutcome]


class ApprovalListFilter(TypedDict):
    """What `approval/list` shows (spec 05, section 3.2)."""

    status: NotRequired[ApprovalStatus | None]


class ApprovalListParams(TypedDict):
    """Params of `approval/list`; a null filter is refused (spec 05, section 3.2)."""

    filter: NotRequired[ApprovalListFilter]


class ApprovalListResult(TypedDict):
    """All approvals, by id, without paging (spec 05, section 3.2)."""

    approvals: list[ApprovalRecord]


class ApprovalGetParams(TypedDict):
    """Params of `approval/get` (spec 05, section 3.2)."""

    approval_id: UuidText


class ApprovalDecideParams(TypedDict):
    """Params of `approval/decide` (spec 05, section 3.2)."""

    approval_id: UuidText
    decision: ApprovalDecision
    actor: str
    reason: NotRequired[str | None]
    provenance: NotRequired[Json]
