"""Events of tools: calls, executions, results, images, background jobs, and changes of the tool set (spec 03, 3.3, 3.6, 3.7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from meerkat.events.base import ContentBlock, Event

BackgroundJobTerminalStatus = Literal["completed", "failed", "aborted", "cancelled", "retired", "terminated"]
"""How a background job ended; an open set."""


@dataclass(frozen=True, slots=True)
class ToolCallRequested(Event):
    """The model asks for a tool."""

    id: str = ""
    name: str = ""
    args: Any = None


@dataclass(frozen=True, slots=True)
class ToolResultReceived(Event):
    """The result of a call as it goes back to the model."""

    id: str = ""
    name: str = ""
    content: list[ContentBlock] = field(default_factory=lambda: [])
    is_error: bool | None = None


@dataclass(frozen=True, slots=True)
class ToolExecutionStarted(Event):
    """A tool began to run."""

    id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ToolExecutionCompleted(Event):
    """A tool ended; `result` is `content` as one text, media as `[image: <type>]`; `duration_ms` is that of this call alone."""

    id: str = ""
    name: str = ""
    result: str = ""
    content: list[ContentBlock] = field(default_factory=lambda: [])
    is_error: bool | None = None
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ToolExecutionTimedOut(Event):
    """A tool took too long. 0.6.5 never sends it: the timeout comes as an error result."""

    id: str = ""
    name: str = ""
    timeout_ms: int = 0


@dataclass(frozen=True, slots=True)
class ServerToolContent(Event):
    """What a tool on the provider's own side, such as a web search, put into the answer."""

    id: str | None = None
    name: str = ""
    content: Any = None


@dataclass(frozen=True, slots=True)
class AssistantImageAppended(Event):
    """An image was added to the answer; `image` holds its id, blob, type and size as sent."""

    image: dict[str, Any] = field(default_factory=lambda: {})


@dataclass(frozen=True, slots=True)
class BackgroundJobCompleted(Event):
    """A job that ran beside the conversation ended; `legacy_status` is the wire's `status`, a copy for display."""

    job_id: str
    display_name: str
    terminal_status: BackgroundJobTerminalStatus | str
    detail: str
    legacy_status: str | None = None


@dataclass(frozen=True, slots=True)
class BoundaryAppliedToolConfigChangeStatus:
    """The tool set of the session was changed at a turn boundary."""

    kind: Literal["boundary_applied"] = "boundary_applied"
    base_changed: bool = False
    visible_changed: bool = False
    revision: int = 0


@dataclass(frozen=True, slots=True)
class DeferredCatalogDeltaToolConfigChangeStatus:
    """The catalogue of tools that are loaded on demand changed."""

    kind: Literal["deferred_catalog_delta"] = "deferred_catalog_delta"
    added_hidden_count: int = 0
    removed_hidden_count: int = 0
    pending_source_count: int = 0


@dataclass(frozen=True, slots=True)
class WarningFailedClosedToolConfigChangeStatus:
    """The change failed, and the tools it was about are not offered."""

    kind: Literal["warning_failed_closed"] = "warning_failed_closed"
    error: str = ""


ExternalToolPhase = Literal["pending", "applied", "draining", "forced", "failed"]
"""How far an outside tool source has come or gone; an open set."""


@dataclass(frozen=True, slots=True)
class ExternalToolDeltaToolConfigChangeStatus:
    """A tool source outside the session, a callback tool or an MCP server, came or went."""

    kind: Literal["external_tool_delta"] = "external_tool_delta"
    phase: ExternalToolPhase | str = "pending"
    detail: str | None = None


ToolConfigChangeStatus = (
    BoundaryAppliedToolConfigChangeStatus
    | DeferredCatalogDeltaToolConfigChangeStatus
    | WarningFailedClosedToolConfigChangeStatus
    | ExternalToolDeltaToolConfigChangeStatus
)
"""What happened to the tool set, by `kind`."""


@dataclass(frozen=True, slots=True)
class ToolConfigChangedPayload:
    """One change of the tool set; `status` is the text form of `status_info`, which is None for a kind this version does not know."""

    operation: str | None = None
    target: str | None = None
    status: str | None = None
    status_info: ToolConfigChangeStatus | None = None
    persisted: bool | None = None
    applied_at_turn: int | None = None
    domain: str | None = None
    deferred_catalog_delta: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ToolConfigChanged(Event):
    """The tools that the model can see changed, or are about to."""

    payload: ToolConfigChangedPayload = field(default_factory=ToolConfigChangedPayload)
