"""A subscription to the events of a session, a mob member or a whole mob, until somebody ends it.

Iteration ends when the subscription does. What ended it is in `end_reason`; an end that loses events is raised: `EventsLostError`
after an overflow on the server or here, the connection's error when it broke. Any number of iterators share the events; all of
them end.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal, Protocol, TypeAlias

from meerkat.errors import EventsLostError, MeerkatError, NotConnectedError
from meerkat.streaming.mailbox import Mailbox
from meerkat.wire.base import Json, JsonObject

log = logging.getLogger("meerkat")

EndReason: TypeAlias = Literal["explicit_close", "remote_end", "terminal_error", "connection_lost", "client_closed", "overflow"]

MISSING_KEPT = 64
"""Holes that are remembered by number; what comes after them is only logged."""


class StreamBox:
    """What arrives for one stream: events, holes in their numbering, and the end with its reason."""

    def __init__(self, events_held: int) -> None:
        self.mailbox: Mailbox[JsonObject] = Mailbox(events_held)
        self.outcome: JsonObject | None = None
        self.reason: EndReason | None = None
        self.missing: list[tuple[int, int]] = []
        self._sequence = 0

    def event(self, params: JsonObject) -> None:
        """Take a stream event as its notification carries it."""
        sequence = params.get("sequence")
        if sequence == self._sequence + 1:
            self._sequence += 1
        elif type(sequence) is int:
            if self._sequence and sequence > self._sequence + 1:
                self._note_hole(self._sequence + 1, sequence - 1)
            self._sequence = sequence
        mailbox = self.mailbox
        if len(mailbox.items) < mailbox.limit and not mailbox.ended:
            # `put`, written out: this is the busiest line of a subscription
            mailbox.items.append(params)
            if mailbox.waiters:
                mailbox.wake()
        elif not mailbox.ended:
            self.end("overflow", EventsLostError(f"{self.mailbox.limit} events waited for their consumer, and more came"))

    def _note_hole(self, first: int, last: int) -> None:
        log.warning("stream events %d to %d did not arrive", first, last)
        if len(self.missing) < MISSING_KEPT:
            self.missing.append((first, last))

    def finished(self, params: JsonObject) -> None:
        """Take the end notification."""
        self.outcome = params
        outcome = params.get("outcome")
        if outcome == "terminal_error":
            error = params.get("error")
            self.end("terminal_error", EventsLostError(f"the server ended the stream: {_reason(error)}", details=error))
        else:
            self.end("explicit_close" if outcome == "explicit_close" else "remote_end")

    def end(self, reason: EndReason, error: Exception | None = None) -> None:
        """End the stream; the first reason counts."""
        if self.reason is None:
            self.reason = reason
            self.mailbox.end(error)

    def broken(self, error: MeerkatError) -> None:
        """End the stream with its connection; our own closing is no error."""
        if isinstance(error, NotConnectedError):
            self.end("client_closed")
        else:
            self.end("connection_lost", error)


def _reason(error: Json) -> str:
    return f"{error.get('code')}: {error.get('message')}" if isinstance(error, dict) else repr(error)


class StreamRegistry(Protocol):
    """What a subscription needs of its client."""

    def forget(self, stream_id: str) -> None:
        """Deliver nothing more to this stream but its end."""


class EventSubscription:
    """An open stream; made by the `subscribe_*` methods."""

    def __init__(
        self,
        *,
        stream_id: str,
        event_queue: StreamBox,
        dispatcher: StreamRegistry,
        close_remote: Callable[[str], Awaitable[object]],
        parse_event_fn: Callable[[JsonObject], object],
    ) -> None:
        self._stream_id = stream_id
        self._box = event_queue
        self._dispatcher = dispatcher
        self._close_remote = close_remote
        self._parse = parse_event_fn
        self._closed = False
        self._closing = asyncio.Lock()

    @property
    def stream_id(self) -> str:
        """The server's id of this stream."""
        return self._stream_id

    @property
    def terminal_outcome(self) -> JsonObject | None:
        """The params of the end notification; None while there was none."""
        return self._box.outcome

    @property
    def end_reason(self) -> EndReason | None:
        """What ended the stream; None while it is open."""
        return self._box.reason

    @property
    def missing(self) -> tuple[tuple[int, int], ...]:
        """First and last `sequence` of the events that did not arrive."""
        return tuple(self._box.missing)

    async def __aenter__(self) -> EventSubscription:  # noqa: PYI034 - the contract names the class
        """Return the subscription, which is open already."""
        return self

    async def __aexit__(self, *_exc: object) -> None:
        """Close the stream."""
        await self.close()

    async def close(self) -> None:
        """Close the stream on the server. Once that worked, or the stream had ended, further calls do nothing; after an error try again."""
        async with self._closing:
            if self._closed:
                return
            gone = self._box.reason in ("connection_lost", "client_closed")
            if not gone:
                try:
                    await self._close_remote(self._stream_id)
                except MeerkatError:
                    if self._box.reason not in ("connection_lost", "client_closed"):
                        raise
            self._closed = True
            self._box.end("explicit_close")
            self._dispatcher.forget(self._stream_id)

    def __aiter__(self) -> AsyncIterator[object]:
        """Yield typed events until the stream ends. Raises `EventsLostError` or the connection's error when it ended badly."""
        return self._iterate()

    async def _iterate(self) -> AsyncIterator[object]:
        mailbox = self._box.mailbox
        items = mailbox.items
        while items or not mailbox.ended:
            while items:
                yield self._parse(items.popleft())
            await mailbox.changed()
        if mailbox.error is not None:
            raise mailbox.error
