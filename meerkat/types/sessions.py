"""Sessions in lists and one by one, forks, and what comes from outside into a session (spec 02, sections 9, 11 and 14)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NewType, TypedDict

from meerkat.types.models import ResolvedModelCapabilities

PeerId = NewType("PeerId", str)
"""The id of a peer."""

PeerCorrelationId = NewType("PeerCorrelationId", str)
"""The id of the request that a peer's response answers."""


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """What a list and a reading of sessions share; times are Unix seconds."""

    session_id: str = ""
    session_ref: str | None = None
    created_at: int = 0
    updated_at: int = 0
    message_count: int = 0
    labels: dict[str, str] = field(default_factory=lambda: {})
    is_active: bool = False


@dataclass(frozen=True, slots=True)
class SessionSummary(SessionInfo):
    """One session in a list."""

    total_tokens: int = 0


@dataclass(frozen=True, slots=True)
class SessionDetails(SessionInfo):
    """One session as read; the capabilities are None for a model that is not in the registry."""

    model: str = ""
    provider: str = ""
    last_assistant_text: str | None = None
    resolved_capabilities: ResolvedModelCapabilities | None = None


@dataclass(frozen=True, slots=True)
class SessionForkResult:
    """A new session made from the messages of another, which stays as it was."""

    source_session_id: str = ""
    session_id: str = ""
    session_ref: str | None = None
    message_count: int = 0


class ExternalEventOutcome(TypedDict, total=False):
    """What became of an external event or a peer's response; `outcome_type` is `accepted`, `deduplicated` or `rejected`."""

    outcome_type: str
    input_id: str
    existing_id: str
    reason: str
    state: dict[str, Any] | None
