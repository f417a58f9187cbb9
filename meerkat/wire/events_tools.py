"""How the tools of a session change, as events tell it (spec 03, sections 3.6 and 3.7)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U32, U64, NotRequired, Tag, Usize

BackgroundJobTerminalStatus: TypeAlias = Literal["completed", "failed", "aborted", "cancelled", "retired", "terminated"]
"""How a background job ended (spec 03, section 3.7)."""

ToolConfigChangeOperation: TypeAlias = Literal["add", "remove", "reload"]
"""What happened to a tool or server."""

ToolConfigChangeDomain: TypeAlias = Literal["tool_scope", "deferred_catalog"]
"""Which part of the tool configuration changed."""

ExternalToolDeltaPhase: TypeAlias = Literal["pending", "applied", "draining", "forced", "failed"]
"""How far a change of an external tool or server has come (spec 03, section 3.6)."""


class ToolConfigChangedPayload(TypedDict):
    """One change of the tools a session has (spec 03, section 3.6)."""

    operation: ToolConfigChangeOperation
    target: str
    status: str
    persisted: bool
    applied_at_turn: NotRequired[U32]
    deferred_catalog_delta: NotRequired[DeferredCatalogDelta]
    domain: NotRequired[ToolConfigChangeDomain]
    status_info: NotRequired[ToolConfigChangeStatus]


class DeferredCatalogDelta(TypedDict):
    """Names that entered or left the deferred catalogue; empty lists are left out."""

    added_hidden_names: NotRequired[list[str]]
    pending_sources: NotRequired[list[str]]
    removed_hidden_names: NotRequired[list[str]]


class ToolConfigChangeStatusBoundaryApplied(TypedDict):
    """How far: `boundary_applied` (spec 03, section 3.6)."""

    kind: Literal["boundary_applied"]
    base_changed: bool
    visible_changed: bool
    revision: U64


class ToolConfigChangeStatusDeferredCatalogDelta(TypedDict):
    """How far: `deferred_catalog_delta` (spec 03, section 3.6)."""

    kind: Literal["deferred_catalog_delta"]
    added_hidden_count: Usize
    removed_hidden_count: Usize
    pending_source_count: Usize


class ToolConfigChangeStatusWarningFailedClosed(TypedDict):
    """How far: `warning_failed_closed` (spec 03, section 3.6)."""

    kind: Literal["warning_failed_closed"]
    error: str


class ToolConfigChangeStatusExternalToolDelta(TypedDict):
    """How far: `external_tool_delta` (spec 03, section 3.6)."""

    kind: Literal["external_tool_delta"]
    phase: ExternalToolDeltaPhase
    detail: NotRequired[str]


class ToolConfigChangeStatusLegacyStatus(TypedDict):
    """How far: `legacy_status` (spec 03, section 3.6)."""

    kind: Literal["legacy_status"]
    status: str


ToolConfigChangeStatus: TypeAlias = Annotated[
    ToolConfigChangeStatusBoundaryApplied
    | ToolConfigChangeStatusDeferredCatalogDelta
    | ToolConfigChangeStatusWarningFailedClosed
    | ToolConfigChangeStatusExternalToolDelta
    | ToolConfigChangeStatusLegacyStatus,
    Tag("kind", "ToolConfigChangeStatus"),
]
"""How far a change of tools has come (spec 03, section 3.6)."""
