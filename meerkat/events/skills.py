"""Events of skills, of interactions and of truncated streams (spec 03, 3.8, 3.9); 0.6.5 puts none of them on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from meerkat.events.base import Event
from meerkat.types.skills import SkillKey


@dataclass(frozen=True, slots=True)
class SkillsResolved(Event):
    """Skills were put into the prompt."""

    skills: list[SkillKey] = field(default_factory=lambda: [])
    injection_bytes: int = 0


@dataclass(frozen=True, slots=True)
class SkillResolutionFailureReason:
    """Why a skill could not be resolved; which fields are set depends on `reason_type`."""

    reason_type: str | None = None
    key: SkillKey | None = None
    capability: str | None = None
    message: str = ""
    source_uuid: str = ""
    skill_name: str = ""
    existing_fingerprint: str = ""
    new_fingerprint: str = ""
    fingerprint: str = ""
    existing_source_uuid: str = ""
    mutated_source_uuid: str = ""
    event_id: str = ""
    event_kind: str = ""
    from_source_uuid: str = ""
    from_skill_name: str = ""
    to_source_uuid: str = ""
    to_skill_name: str = ""
    alias: str = ""
    raw_reason_type: str | None = None


@dataclass(frozen=True, slots=True)
class SkillResolutionFailed(Event):
    """A skill could not be resolved; the run goes on without it."""

    skill_key: SkillKey | None = None
    reason: SkillResolutionFailureReason | None = None
    reference: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class InteractionComplete(Event):
    """An interaction has its answer."""

    interaction_id: str = ""
    result: str = ""
    structured_output: Any = None


@dataclass(frozen=True, slots=True)
class InteractionCallbackPending(Event):
    """An interaction waits for a callback tool."""

    interaction_id: str = ""
    tool_name: str = ""
    args: Any = None


@dataclass(frozen=True, slots=True)
class InteractionFailed(Event):
    """An interaction ended without an answer."""

    interaction_id: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class StreamTruncated(Event):
    """A stream lost events; the one known reason is `channel full`."""

    reason: str = ""
