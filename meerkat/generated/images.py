"""The flat contract names of generated images: requests, plans, phases, results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypedDict


@dataclass
class WireAssistantImageRef:
    """An image in an answer; sizes are in pixels."""

    blob_ref: dict[str, Any]
    height: int
    image_id: str
    media_type: str
    width: int


@dataclass
class WireGenerateImageRequest:
    """What is asked of an image model."""

    count: int
    format: Literal["auto", "png", "jpeg", "webp"]
    intent: dict[str, Any]
    quality: Literal["auto", "low", "medium", "high"]
    size: dict[str, Any]
    target: dict[str, Any]
    provider_params: Any = None


@dataclass
class WireGenerateImageExecutionPlan:
    """How an image will be made."""

    backend: Literal["hosted_tool", "provider_api", "native_model"]
    capabilities: dict[str, Any]
    max_count: int
    provider: str
    requires_scoped_override: bool
    provider_plan: Any = None


@dataclass
class WireImageGenerationToolResult:
    """What the image tool answers."""

    native_metadata: dict[str, Any]
    operation_id: str
    provider_text: dict[str, Any]
    revised_prompt: dict[str, Any]
    terminal: dict[str, Any]
    images: list[dict[str, Any]] | None = None
    warnings: list[dict[str, Any]] | None = None


class WireImageOperationPhaseRequested(TypedDict):
    """The phase `requested`."""

    phase: Literal["requested"]


class WireImageOperationPhaseValidating(TypedDict):
    """The phase `validating`."""

    phase: Literal["validating"]


class WireImageOperationPhaseAwaitingApproval(TypedDict):
    """The phase `awaiting_approval`."""

    phase: Literal["awaiting_approval"]
    approval_id: str


class WireImageOperationPhasePlanResolved(TypedDict):
    """The phase `plan_resolved`."""

    phase: Literal["plan_resolved"]


class WireImageOperationPhaseProjectionSnapshotted(TypedDict):
    """The phase `projection_snapshotted`."""

    phase: Literal["projection_snapshotted"]


class WireImageOperationPhaseScopedOverrideActive(TypedDict):
    """The phase `scoped_override_active`."""

    phase: Literal["scoped_override_active"]


class WireImageOperationPhaseProviderCallInFlight(TypedDict):
    """The phase `provider_call_in_flight`."""

    phase: Literal["provider_call_in_flight"]


class WireImageOperationPhaseProviderResultCaptured(TypedDict):
    """The phase `provider_result_captured`."""

    phase: Literal["provider_result_captured"]


class WireImageOperationPhaseBlobCommitPending(TypedDict):
    """The phase `blob_commit_pending`."""

    phase: Literal["blob_commit_pending"]


class WireImageOperationPhaseResultCommitted(TypedDict):
    """The phase `result_committed`."""

    phase: Literal["result_committed"]


class WireImageOperationPhaseRestoringScopedOverride(TypedDict):
    """The phase `restoring_scoped_override`."""

    phase: Literal["restoring_scoped_override"]


class WireImageOperationPhaseTerminal(TypedDict):
    """The phase `terminal`."""

    phase: Literal["terminal"]
    terminal: dict[str, Any]


WireImageOperationPhase = (
    WireImageOperationPhaseRequested
    | WireImageOperationPhaseValidating
    | WireImageOperationPhaseAwaitingApproval
    | WireImageOperationPhasePlanResolved
    | WireImageOperationPhaseProjectionSnapshotted
    | WireImageOperationPhaseScopedOverrideActive
    | WireImageOperationPhaseProviderCallInFlight
    | WireImageOperationPhaseProviderResultCaptured
    | WireImageOperationPhaseBlobCommitPending
    | WireImageOperationPhaseResultCommitted
    | WireImageOperationPhaseRestoringScopedOverride
    | WireImageOperationPhaseTerminal
)
"""How far an image operation has come."""
