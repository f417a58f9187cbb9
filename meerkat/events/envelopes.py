"""What events travel in: the envelope, and on mob-wide streams the member they come from (spec 03, section 2)."""

from __future__ import annotations

from dataclasses import dataclass, field

from meerkat.events.base import Event


@dataclass(frozen=True, slots=True)
class EventSourceIdentity:
    """Where an event comes from; `type` tells which of the ids is set. rkat-rpc sends `session` alone."""

    type: str = ""
    session_id: str | None = None
    runtime_id: str | None = None
    interaction_id: str | None = None
    source_id: str | None = None


@dataclass(frozen=True, slots=True)
class EventEnvelope:
    """One stamped event. `event_id` is unique; `seq` counts from 1 and restarts when the live session is rebuilt; time in Unix ms."""

    event_id: str = ""
    source: EventSourceIdentity | None = None
    source_id: str = ""
    seq: int = 0
    timestamp_ms: int = 0
    payload: Event | None = None
    mob_id: str | None = None


@dataclass(frozen=True, slots=True)
class AttributedEvent:
    """An event of a mob-wide stream: the identity of the member, the name of its profile, and the envelope.

    `generation` counts the member's incarnations from 0; it and `source_fence_token` are 0 when the member has left the mob.
    """

    source: str = ""
    role: str = ""
    envelope: EventEnvelope = field(default_factory=EventEnvelope)
    generation: int = 0
    source_fence_token: int = 0
