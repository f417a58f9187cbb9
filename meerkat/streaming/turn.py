"""The stream of one turn: its events typed and in order, then its result.

Nothing happens before the stream is entered. `async with` enters it; iterating without does so too. Leaving early lets the turn run on:
the client takes its events and its answer in the background, the session's `last_result` stays as it is, and the stream yields
nothing more. Leaving because the task is cancelled (also by `asyncio.timeout`) cancels the turn on the server.

Events that the server lost are asked for in its durable log; what stays missing is raised as `EventsLostError` at the end, when
everything else has been yielded and `result` is available.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Protocol

import meerkat
from meerkat.errors import EventsLostError, MeerkatError, StreamNotConsumedError, StreamNotOpenError, TurnStalledError
from meerkat.events import Event, TextComplete, TextDelta, parse_event
from meerkat.streaming.feed import Hole, TurnFeed
from meerkat.wire.base import JsonObject

log = logging.getLogger("meerkat")


class TurnDispatcher(Protocol):
    """What a stream needs of its client."""

    def dispatch(self, method: str, params: JsonObject, feed: TurnFeed) -> asyncio.Task[JsonObject]:
        """Make the request in a task that the client owns, with its events going to `feed`."""
        ...

    async def refill(self, session_id: str, hole: Hole) -> list[JsonObject]:
        """Return the events of a hole as far as the server's log has them, in order; fewer than are missing means unknown."""
        ...


class EventStream:
    """The events and the result of one turn; made by `Session.stream` and `MeerkatClient.create_session_streaming`."""

    def __init__(
        self,
        *,
        session_id: str,
        event_queue: TurnFeed,
        response_future: asyncio.Future[JsonObject],
        dispatcher: TurnDispatcher,
        parse_result: Callable[[JsonObject], meerkat.RunResult],
        pending_send: tuple[str, JsonObject] | None = None,
        session: meerkat.Session | None = None,
    ) -> None:
        self._session_id = session_id
        self._feed = event_queue
        self._response = response_future
        self._dispatcher = dispatcher
        self._parse_result = parse_result
        self._pending_send = pending_send
        self._session = session
        self._request: asyncio.Task[JsonObject] | None = None
        self._entered = False
        self._left = False
        self._result: meerkat.RunResult | None = None
        self._missing: list[tuple[int, int]] = []

    @property
    def session_id(self) -> str:
        """The session; for a create `""` until its first event or its answer tells."""
        return self._session_id or self._feed.session_id

    @property
    def session(self) -> meerkat.Session | None:
        """The session handle that the stream came from, None for a create."""
        return self._session

    @property
    def result(self) -> meerkat.RunResult:
        """The result, once the stream has ended. Raises `StreamNotConsumedError` before."""
        if self._result is None:
            raise StreamNotConsumedError
        return self._result

    @property
    def missing(self) -> tuple[tuple[int, int], ...]:
        """First and last `seq` of each hole that could not be filled."""
        return tuple(self._missing)

    async def __aenter__(self) -> EventStream:  # noqa: PYI034 - the contract names the class
        """Send the turn. Raises `StreamNotOpenError` for a stream that was left."""
        self._enter()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        """Leave: a turn that still runs goes on without being watched, unless this task is being cancelled."""
        self._leave(cancelled=bool(_exc) and isinstance(_exc[0], type) and issubclass(_exc[0], asyncio.CancelledError))

    def __aiter__(self) -> AsyncIterator[Event]:
        """Yield the events up to the end of the run; then `result` is available. Raises what ended the turn otherwise."""
        return self._iterate()

    async def collect(self) -> meerkat.RunResult:
        """Read to the end and return the result, also when events were lost on the way."""
        try:
            async for _ in self:
                pass
        except EventsLostError as error:
            if self._result is None:
                raise
            log.warning("%s", error)
        return self.result

    async def collect_text(self) -> tuple[str, meerkat.RunResult]:
        """Read to the end; return all text deltas joined, and the result. Raises `EventsLostError` when some are missing.

        Where a model round has no deltas, as after a change of model (spec 03, section 6.10), its `text_complete` stands in.
        """
        parts: list[str] = []
        deltas = 0
        async for event in self:
            if isinstance(event, TextDelta):
                parts.append(event.delta)
                deltas += 1
            elif isinstance(event, TextComplete):
                if not deltas:
                    parts.append(event.content)
                deltas = 0
        return "".join(parts), self.result

    def _enter(self) -> bool:
        """Send the turn, once; return whether this call did."""
        if self._left:
            raise StreamNotOpenError("This stream was left; start another turn for more")
        if self._entered:
            return False
        self._entered = True
        if self._pending_send is not None:
            method, params = self._pending_send
            self._request = self._dispatcher.dispatch(method, params, self._feed)
            self._request.add_done_callback(self._answered)
        return True

    def _answered(self, request: asyncio.Task[JsonObject]) -> None:
        error = asyncio.CancelledError() if request.cancelled() else request.exception()
        if error is None:
            if not self._response.done():
                self._response.set_result(request.result())
            self._feed.succeed()
            return
        if self._left:
            log.warning("a turn that was streamed and left early ended with an error: %s", str(error) or type(error).__name__)
        failure = error if isinstance(error, Exception) else MeerkatError("CLIENT_CLOSED", "the turn was cancelled")
        if not self._response.done():
            self._response.set_exception(failure)
            self._response.exception()
        self._feed.fail(failure)

    def _leave(self, *, cancelled: bool) -> None:
        self._left = True
        if not self._feed.mailbox.ended:
            self._feed.discard(StreamNotOpenError("This stream was left before its end"))
        if cancelled and self._request is not None:
            self._request.cancel()

    async def _iterate(self) -> AsyncIterator[Event]:
        mine = False if self._left and self._feed.mailbox.ended else self._enter()
        mailbox = self._feed.mailbox
        items = mailbox.items
        cancelled = False
        try:
            while items or not mailbox.ended:
                while items:
                    item = items.popleft()
                    if isinstance(item, Hole):
                        for event in await self._fill(item):
                            yield parse_event(event)
                    else:
                        yield parse_event(item)
                await mailbox.changed()
        except asyncio.CancelledError:
            cancelled = True
            raise
        finally:
            if mine:
                self._leave(cancelled=cancelled)
        self._finish()

    async def _fill(self, hole: Hole) -> list[JsonObject]:
        events = await self._dispatcher.refill(self.session_id, hole)
        if len(events) != hole.last - hole.first + 1:
            self._missing.append((hole.first, hole.last))
            return []
        return events

    def _finish(self) -> None:
        error = self._feed.mailbox.error
        if self._result is None and self._response.done() and not self._response.cancelled() and self._response.exception() is None:
            self._result = self._parse_result(self._response.result())
            self._session_id = self._session_id or self._result.session_id
        if isinstance(error, TurnStalledError) and self._request is not None:
            # nobody waits for that answer any more, and the next turn of the session must not either
            self._request.cancel()
        if error is not None:
            raise error
        if self._missing:
            raise EventsLostError(
                f"events are missing, and the server's log does not have them: {', '.join(f'{a} to {b}' for a, b in self._missing)}",
                missing=self.missing,
            )
