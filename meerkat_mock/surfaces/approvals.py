"""`approval/*`: a ledger of things that somebody has to allow (spec 05, section 3).

Nothing else of the runtime waits for an approval. An approval expires when it is looked at after its time, in the mock's clock. The ledger
survives a restart in every realm that keeps anything (spec 05, section 3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast
from uuid import UUID

from meerkat_mock.clock import seconds
from meerkat_mock.contract.metadata import metadata_fault
from meerkat_mock.instants import nanoseconds, read_instant, write_instant
from meerkat_mock.surfaces.registry import Fault, handles

if TYPE_CHECKING:
    from meerkat.wire.approvals import (
        ApprovalAction,
        ApprovalDecideParams,
        ApprovalDecision,
        ApprovalGetParams,
        ApprovalListParams,
        ApprovalListResult,
        ApprovalOutcome,
        ApprovalRecord,
        ApprovalRequestParams,
        ApprovalStatus,
        SurfaceMetadata,
    )
    from meerkat.wire.base import JsonObject
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.scenario.models.world import Approval

SHELF: Final = "approvals"
_DECISIONS: Final[tuple[ApprovalDecision, ...]] = ("approve", "deny")
_AFTER: Final[dict[ApprovalDecision, ApprovalStatus]] = {"approve": "approved", "deny": "denied"}


class Approvals:
    """Every approval, by its id."""

    def __init__(self, runtime: Runtime) -> None:
        self._clock = runtime.clock
        self._ids = runtime.ids
        self._store = runtime.store
        kept = runtime.store.values(SHELF)
        self._held: dict[str, ApprovalRecord] = {approval_id: cast("ApprovalRecord", record) for approval_id, record in kept}
        if runtime.scenario is not None and not self._held:  # what a scenario declares is opened once, not by every process of a realm
            for approval in runtime.scenario.approvals:
                self._declare(approval)

    @handles("approval/request")
    def request(self, params: ApprovalRequestParams) -> ApprovalRecord:
        """Open an approval; it may be past its time already."""
        return self.open(params, self._ids.uuid4())

    @handles("approval/list")
    def list(self, params: ApprovalListParams) -> ApprovalListResult:
        """Return all approvals in a status, ordered by id."""
        status = params.get("filter", {}).get("status")
        found = [self._looked_at(self._held[approval_id]) for approval_id in sorted(self._held)]
        return {"approvals": [record for record in found if status is None or record["status"] == status]}

    @handles("approval/get")
    def get(self, params: ApprovalGetParams) -> ApprovalRecord:
        """Return one approval."""
        return self._find(params["approval_id"])

    @handles("approval/decide")
    def decide(self, params: ApprovalDecideParams) -> ApprovalRecord:
        """Decide a pending approval, once."""
        _check_principal(params["actor"])
        record = self._find(params["approval_id"])
        if record["status"] == "expired":
            raise Fault(-32602, f"approval is expired: {record['approval_id']}")
        if record["status"] != "pending":
            raise Fault(-32602, f"approval has already been decided: {record['approval_id']}")
        decision = params["decision"]
        if decision not in record["allowed_decisions"]:
            raise Fault(-32602, f"decision is not allowed for approval: {decision.capitalize()}")
        outcome = _outcome(params, self._now())
        return self._keep({**record, "status": _AFTER[decision], "updated_at": outcome["decided_at"], "decision": outcome})

    # ---- inside ----------------------------------------------------------------------------------------------------------------------

    def open(self, params: ApprovalRequestParams, approval_id: str) -> ApprovalRecord:
        """Keep a new pending approval under this id. Raises `Fault` in the order of section 3.2."""
        if not params["allowed_decisions"]:
            raise Fault(-32602, "approval request must allow at least one decision")
        _check_principal(params["requester"])
        metadata = _metadata(params)
        now = self._now()
        record: ApprovalRecord = {
            "approval_id": approval_id,
            "status": "pending",
            "requester": params["requester"],
            "owner": params["owner"],
            "resource": params["resource"],
            "proposed_action": _action(params["proposed_action"]),
            "risk": params["risk"],
            "allowed_decisions": [decision for decision in _DECISIONS if decision in params["allowed_decisions"]],
            "created_at": now,
            "updated_at": now,
            "metadata": metadata,
        }
        if params.get("request_body") is not None:
            record["request_body"] = params.get("request_body")
        expires = params.get("expires_at")
        if expires is not None:
            record["expires_at"] = write_instant(read_instant(expires))
        if params.get("request_provenance") is not None:
            record["request_provenance"] = params.get("request_provenance")
        return self._keep(record)

    def _declare(self, approval: Approval) -> None:
        params = approval.to_data()
        after = params.pop("expires_in", None)
        given = params.pop("approval_id", None)
        if approval.expires_in is not None and after is not None:
            params["expires_at"] = write_instant(nanoseconds(self._clock.now() + seconds(approval.expires_in)))
        defaults: JsonObject = {
            "owner": {"owner_type": "runtime"},
            "risk": approval.risk,
            "allowed_decisions": [*approval.allowed_decisions],
        }
        self.open(cast("ApprovalRequestParams", {**defaults, **params}), str(given or self._ids.uuid4()).lower())

    def _keep(self, record: ApprovalRecord) -> ApprovalRecord:
        self._held[record["approval_id"]] = record
        if self._store.keeps:
            self._store.put(SHELF, record["approval_id"], cast("JsonObject", record))
        return record

    def _find(self, given: str) -> ApprovalRecord:
        approval_id = str(UUID(given))
        record = self._held.get(approval_id)
        if record is None:
            raise Fault(-32602, f"approval not found: {approval_id}")
        return self._looked_at(record)

    def _looked_at(self, record: ApprovalRecord) -> ApprovalRecord:
        """Return the record, expired first if its time has come."""
        due = read_instant(record["expires_at"]) if "expires_at" in record else None
        if record["status"] != "pending" or due is None or due > nanoseconds(self._clock.now()):
            return record
        return self._keep({**record, "status": "expired", "updated_at": self._now()})

    def _now(self) -> str:
        return write_instant(nanoseconds(self._clock.now()), 9)


def _action(given: ApprovalAction) -> ApprovalAction:
    """Return an action without a null body, which counts as none like every optional value of a request."""
    action: ApprovalAction = {"kind": given["kind"], "summary": given["summary"]}
    return action if given.get("body") is None else {**action, "body": given.get("body")}


def _check_principal(name: str) -> None:
    if not name.strip():
        raise Fault(-32602, "approval principal id must not be empty")


def _metadata(params: ApprovalRequestParams) -> SurfaceMetadata:
    given = params.get("metadata", {})
    labels, context = given.get("labels", {}), given.get("app_context")
    fault = metadata_fault(labels, context)
    if fault is not None:
        raise Fault(-32602, fault)
    metadata: SurfaceMetadata = {}
    if labels:
        metadata["labels"] = labels
    if context is not None:
        metadata["app_context"] = context
    return metadata


def _outcome(params: ApprovalDecideParams, now: str) -> ApprovalOutcome:
    outcome: ApprovalOutcome = {"decision": params["decision"], "actor": params["actor"], "decided_at": now}
    reason = params.get("reason")
    if reason is not None:
        outcome["reason"] = reason
    if params.get("provenance") is not None:
        outcome["provenance"] = params.get("provenance")
    return outcome
