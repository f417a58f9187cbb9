"""Delivery of events: notifications, streams that are opened and closed, and the durable log (spec 03, sections 4, 5 and 8)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U64, EpochMs, NotRequired, Tag, Untagged, Usize, Uuid, UuidText, closed
from meerkat.wire.core import ContractVersion
from meerkat.wire.events import AgentEvent, AgentEventEnvelope
from meerkat.wire.sessions import WireSessionInfo


@closed
class SessionStreamOpenParams(TypedDict):
    """Params of `session/stream_open` (spec 03, section 5.1)."""

    session_id: str


@closed
class SessionStreamCloseParams(TypedDict):
    """Params of `session/stream_close` (spec 03, section 5.2)."""

    stream_id: str


class SessionStreamOpenResult(TypedDict):
    """The stream that was opened (spec 03, section 5.1)."""

    stream_id: Uuid
    session_id: str
    opened: bool


class SessionStreamCloseResult(TypedDict):
    """Whether the stream was closed now or before (spec 03, section 5.2)."""

    stream_id: str
    closed: bool
    already_closed: bool


class SessionEventParams(TypedDict):
    """Params of `session/event`: an envelope, never the bare event (spec 03, section 2.1)."""

    session_id: Uuid
    event: AgentEventEnvelope


class SessionStreamEventParams(TypedDict):
    """Params of `session/stream_event`; `sequence` counts from 1 in each stream (spec 03, section 4)."""

    stream_id: Uuid
    sequence: U64
    session_id: Uuid
    event: AgentEventEnvelope


class StreamError(TypedDict):
    """Why a stream broke (spec 03, section 4)."""

    code: str
    message: str


StreamOutcome: TypeAlias = Literal["explicit_close", "remote_end", "terminal_error"]
"""How a stream ended (spec 03, section 5.4)."""


class SessionStreamEndParams(TypedDict):
    """Params of `session/stream_end` (spec 03, section 4)."""

    stream_id: Uuid
    session_id: Uuid
    ended: bool
    outcome: StreamOutcome
    error: NotRequired[StreamError]


class MemberSource(TypedDict):
    """Which member of a mob an event is of; both are 0 once it has left (spec 03, section 2.3)."""

    identity: str
    generation: U64


class AttributedEvent(TypedDict):
    """An event of a mob-wide stream, with the member it is of (spec 03, section 2.3)."""

    source: MemberSource
    source_fence_token: U64
    role: str
    envelope: AgentEventEnvelope


class MobStreamEventParams(TypedDict):
    """Params of `mob/stream_event`: attributed in a stream of the whole mob, else an envelope (spec 03, section 4)."""

    stream_id: Uuid
    sequence: U64
    event: Annotated[AttributedEvent | AgentEventEnvelope, Untagged("MobStreamEvent")]


class MobStreamEndParams(TypedDict):
    """Params of `mob/stream_end` (spec 03, section 4)."""

    stream_id: Uuid
    ended: bool
    outcome: StreamOutcome
    error: NotRequired[StreamError]


class ReplayScope(TypedDict):
    """What a log belongs to: a session, by its bare UUID (spec 03, section 8)."""

    type: Literal["session"]
    session_id: UuidText


EventReplayScope: TypeAlias = Annotated[ReplayScope, Tag("type", "EventReplayScope")]
"""What a log belongs to; there is one kind (spec 03, section 8)."""


class EventCursor(TypedDict):
    """A place in a log; 0 is before the first event (spec 03, section 8)."""

    scope: EventReplayScope
    sequence: U64


class EventsLatestCursorParams(TypedDict):
    """Params of `events/latest_cursor` (spec 03, section 8.1)."""

    scope: EventReplayScope


class EventsLatestCursorResult(TypedDict):
    """The end of a log (spec 03, section 8.1)."""

    contract_version: ContractVersion
    cursor: EventCursor


class EventsListSinceParams(TypedDict):
    """Params of `events/list_since`; a limit of 0 counts as 1 (spec 03, section 8.2)."""

    scope: EventReplayScope
    cursor: NotRequired[EventCursor | None]
    limit: NotRequired[Usize | None]


class ReplayedEvent(TypedDict):
    """An event of a log: bare, with its place; nothing links it to a live event (spec 03, section 8.2)."""

    event_id: EventCursor
    cursor: EventCursor
    timestamp_ms: EpochMs
    source: EventReplayScope
    session_id: Uuid
    event: AgentEvent


class EventsListSinceResult(TypedDict):
    """One page of a log, oldest first (spec 03, section 8.2)."""

    contract_version: ContractVersion
    scope: EventReplayScope
    from_cursor: EventCursor
    # Read before the events, so these may run past it.
    latest_cursor: EventCursor
    events: NotRequired[list[ReplayedEvent]]
    has_more: bool


class EventsSnapshotParams(TypedDict):
    """Params of `events/snapshot` (spec 03, section 8.3)."""

    scope: EventReplayScope


class SessionSnapshot(TypedDict):
    """A session at a place of its log, without `session_ref` (spec 03, section 8.3)."""

    type: Literal["session"]
    session: WireSessionInfo


class EventsSnapshotResult(TypedDict):
    """A session and the place of its log (spec 03, section 8.3)."""

    contract_version: ContractVersion
    scope: EventReplayScope
    cursor: EventCursor
    snapshot: SessionSnapshot
