"""The shell around `rpc.Peer`: one reader, the calls that wait, deadlines, and one clear end for everybody.

Owns the transport and every task that works on it. Knows methods only as far as `method_facts` does; who receives notifications and
who answers the server's requests is handed in.

Outcomes, each with a test: a junk line, an unknown id and an unknown notification are counted and logged, and the reader goes on; an
error without id reaches the call it belongs to; a line over the limit, the end of the stream and a failing write end all calls at once
with the reason, the exit status and the end of stderr.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from meerkat.client.calls import PARSE_ERROR, Call, LostIds, unreadable
from meerkat.client.gate import Gate
from meerkat.client.method_facts import runs_turn
from meerkat.errors import ConnectionLostError, InvalidParamsError, MeerkatError, RequestTimeoutError, from_wire
from meerkat.rpc import Failure, Junk, LineTooLong, Notification, Peer, Request, Result
from meerkat.transports.stdio import StdioTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from meerkat.rpc import Message
    from meerkat.transports.base import Transport
    from meerkat.wire.base import Json, JsonObject

log = logging.getLogger("meerkat")

ABANDONED_IDS = 1024
"""Ids of given-up calls that are remembered, so that their late answers are told from answers to nobody."""

GLIMPSE_BYTES = 200
"""How much of a junk line is logged."""


@dataclass
class Oddities:
    """How often the server said what it should not have; none of it stopped the connection."""

    junk_lines: int = 0
    unknown_ids: int = 0
    unknown_notifications: int = 0
    malformed_notifications: int = 0
    ownerless_errors: int = 0
    late_answers: int = 0
    """Answers to calls that their callers had given up: no fault of the server."""


class Connection:
    """One connected server. `start` begins reading; `close` ends everything, once."""

    def __init__(
        self,
        transport: Transport,
        *,
        first_id: int,
        listeners: Mapping[str, Callable[[Any], None]],
        on_request: Callable[[Request], None],
        on_lost: Callable[[MeerkatError], None],
        line_limit: int,
    ) -> None:
        self.transport = transport
        self.oddities = Oddities()
        self.lost: MeerkatError | None = None
        """Why no call can succeed any more; None while connected."""
        self._peer = Peer(line_limit=line_limit, first_id=first_id)
        self._calls: dict[int, Call] = {}
        self._abandoned: OrderedDict[int, Call] = OrderedDict()
        self._lost_ids = LostIds()
        self._gate = Gate()
        self._listeners = listeners
        self._on_request = on_request
        self._on_lost = on_lost
        self._reader: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._clock: asyncio.TimerHandle | None = None
        """Wakes at the earliest deadline, or before: one timer for all calls, as one per call costs more than the rest of its care."""

    @property
    def next_id(self) -> int:
        """The id that the next request will get."""
        return self._peer.next_number

    def start(self) -> None:
        """Begin to read."""
        if isinstance(self.transport, StdioTransport):
            self.transport.listener = self._feed
        self._reader = asyncio.ensure_future(self._read())

    # Asking

    async def begin(self, method: str, params: JsonObject, deadline_s: float | None) -> Call:
        """Send a request and return the call that waits for its answer.

        Raises `ConnectionLostError` or another end of the connection, `InvalidParamsError` for params that are not JSON.
        """
        if self.lost is not None:
            raise self.lost.for_request(method, None)
        try:
            request_id, line = self._peer.request(method, params)
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidParamsError("INVALID_ARGS", f"the parameters of {method} are not JSON: {error}", method=method) from error
        number = cast("int", request_id)
        if not self._gate.has_room(len(line)):
            number, line = await self._wait_for_room(number, line, method, params)
        call = Call(number, method)
        self._calls[number] = call
        self._gate.sent(number, len(line))
        if deadline_s is not None:
            call.deadline_s = deadline_s
            call.due = self._loop.time() + deadline_s
            if self._clock is None or call.due < self._clock.when():
                self._set_clock(call.due)
        try:
            await self.transport.send(line)
        except ConnectionError as error:
            await self._end(f"writing failed: {error}")
        except asyncio.CancelledError:
            # the line may be on its way already
            self.abandon(call, tell_server=runs_turn(method, params))
            raise
        return call

    async def _wait_for_room(self, number: int, line: bytes, method: str, params: JsonObject) -> tuple[int, bytes]:
        # the id is given back: ids must go out in order, or an answered one would not prove that the ones before it were read
        self._peer.withdraw(number)
        await self._gate.wait(len(line))
        if self.lost is not None:
            raise self.lost.for_request(method, None)
        request_id, line = self._peer.request(method, params)
        return cast("int", request_id), line

    async def call(self, method: str, params: JsonObject, deadline_s: float | None) -> Json:
        """Send a request and return its result; a caller that is cancelled leaves nothing behind."""
        call = await self.begin(method, params, deadline_s)
        try:
            return await call.future
        except asyncio.CancelledError:
            self.abandon(call)
            raise

    def abandon(self, call: Call, *, tell_server: bool = False) -> None:
        """Stop waiting for `call`; a late answer is dropped. `tell_server` sends `cancel` for it (spec 01, section 7)."""
        if self._calls.pop(call.id, None) is None:
            return
        self._peer.settle(call.id)
        self._abandoned[call.id] = call
        if len(self._abandoned) > ABANDONED_IDS:
            self._abandoned.popitem(last=False)[1].over()
        if tell_server:
            self.post(Peer.notification("cancel", {"request_id": call.id}))

    def post(self, line: bytes) -> None:
        """Write a line that nobody waits for: a notification, or an answer to the server."""
        if self.lost is None:
            task = asyncio.ensure_future(self._post(line))
            _keep(task)

    async def _post(self, line: bytes) -> None:
        try:
            await self.transport.send(line)
        except ConnectionError as error:
            await self._end(f"writing failed: {error}")

    def _set_clock(self, due: float | None) -> None:
        if self._clock is not None:
            self._clock.cancel()
        self._clock = None if due is None else self._loop.call_at(due, self._look_at_deadlines)

    def _look_at_deadlines(self) -> None:
        """Expire what is due, and wake again for what is due next."""
        now = self._loop.time()
        for call in [call for call in self._calls.values() if call.due is not None and call.due <= now]:
            self._expire(call)
        self._clock = None
        self._set_clock(min((call.due for call in self._calls.values() if call.due is not None), default=None))

    def _expire(self, call: Call) -> None:
        seconds = call.deadline_s
        self.abandon(call)
        call.fail(
            RequestTimeoutError(
                f"no answer to {call.method} within {seconds:g} s; it may still be carried out. While a turn runs the server holds back "
                "what reads sessions (spec 01, section 5.5)",
                seconds=seconds,
                method=call.method,
                request_id=call.id,
            )
        )

    # Reading

    async def _read(self) -> None:
        reason = ""
        try:
            while data := await self.transport.receive():
                messages = self._peer.receive(data)
                self._take(messages)
                if len(messages) > 1:
                    # a transport that always has bytes must not keep those waiting who consume them
                    await asyncio.sleep(0)
            self._take(self._peer.receive_eof())
        except ConnectionError as error:
            reason = f"reading failed: {error}"
        except LineTooLong as error:
            reason = str(error)
        # shielded: the end must be told to everybody, also when this task is cancelled meanwhile
        await asyncio.shield(_keep(asyncio.ensure_future(self._end(reason or self.transport.farewell()))))

    def _feed(self, data: bytes) -> None:
        try:
            self._take(self._peer.receive(data))
        except LineTooLong as error:
            self._stop_listening()
            _keep(asyncio.ensure_future(self._end(str(error))))

    def _stop_listening(self) -> None:
        if isinstance(self.transport, StdioTransport):
            self.transport.listener = None

    def _take(self, messages: list[Message]) -> None:
        listeners = self._listeners
        for message in messages:
            try:
                if type(message) is Notification:
                    listener = listeners.get(message.method)
                    if listener is not None:
                        listener(message.params)
                    else:
                        self._unknown_notification(message.method)
                elif type(message) is Result:
                    call = self._answered(message.id)
                    if call is not None:
                        call.succeed(message.result)
                elif type(message) is Failure:
                    self._failed(message)
                elif type(message) is Request:
                    self._on_request(message)
                elif type(message) is Junk:
                    self._junk(message)
            except Exception as error:
                # what a message holds in the wrong shape costs that message only: whatever it is, the reader must go on
                self.oddities.malformed_notifications += 1
                log.warning("a message of the server has the wrong shape and is dropped: %s: %s", type(error).__name__, error)

    def _unknown_notification(self, method: str) -> None:
        self.oddities.unknown_notifications += 1
        log.warning("the server sent the unknown notification %r", method)

    def _junk(self, message: Junk) -> None:
        self.oddities.junk_lines += 1
        log.warning("the server sent a line that is no message (%s): %r", message.reason, message.line[:GLIMPSE_BYTES])

    def _answered(self, request_id: object) -> Call | None:
        call = self._calls.pop(request_id, None) if type(request_id) is int else None
        if call is None:
            self._answer_to_nobody(request_id)
            return None
        self._peer.settle(call.id)
        self._gate.read(call.id)
        self._fail_known(self._lost_ids.answered(call.id, self._calls))
        return call

    def _answer_to_nobody(self, request_id: object) -> None:
        late = self._abandoned.pop(request_id, None) if type(request_id) is int else None
        if late is None:
            self.oddities.unknown_ids += 1
            log.warning("the server answered a request that nobody waits for: id %r", request_id)
            return
        self.oddities.late_answers += 1
        self._gate.read(late.id)
        late.over()

    def _failed(self, message: Failure) -> None:
        if message.id is not None:
            call = self._answered(message.id)
            if call is not None:
                call.fail(from_wire(message.error.wire(), call.method, call.id))
        elif message.error.code == PARSE_ERROR:
            self._unreadable(message)
        else:
            known = self._lost_ids.settle(message.error, self._calls)
            if not known and not self._lost_ids.candidates():
                self._ownerless(message)
            self._fail_known(known)

    def _unreadable(self, message: Failure) -> None:
        """Fail every call that the server has not proved to have read (spec 01, section 2)."""
        affected = [call for number, call in self._calls.items() if number > self._gate.read_up_to]
        if not affected:
            self._ownerless(message)
        for call in affected:
            self.abandon(call)
            call.fail(unreadable(message.error, call, len(affected) == 1))

    def _ownerless(self, message: Failure) -> None:
        self.oddities.ownerless_errors += 1
        log.warning("the server sent an error that fits no request on its way: %s %s", message.error.code, message.error.message)

    def _fail_known(self, known: list[tuple[int, MeerkatError]]) -> None:
        for number, error in known:
            call = self._calls.pop(number, None)
            if call is not None:
                self._peer.settle(number)
                call.fail(error)

    def mark_read(self, request_id: int) -> None:
        """Note that the server has evidently read a request: its run has begun."""
        self._gate.read(request_id)

    # The end

    async def _end(self, reason: str) -> None:
        if self.lost is not None:
            return
        transport = self.transport
        if isinstance(transport, StdioTransport):
            await transport.settle()
            error: MeerkatError = ConnectionLostError(reason, exit_status=transport.exit_status, stderr_tail=transport.stderr_tail)
        else:
            error = ConnectionLostError(reason)
        self._fail_all(error)

    def _fail_all(self, error: MeerkatError) -> None:
        if self.lost is not None:
            return
        self.lost = error
        self._stop_listening()
        self._set_clock(None)
        self._gate.close()
        calls, self._calls = self._calls, {}
        for call in calls.values():
            call.fail(error.for_request(call.method, call.id))
        abandoned, self._abandoned = self._abandoned, OrderedDict()
        for call in abandoned.values():
            call.over()
        self._on_lost(error)

    async def close(self, error: MeerkatError) -> None:
        """End the conversation: all calls fail with `error`, then the transport closes. May be repeated; never raises."""
        self._fail_all(error)
        reader, self._reader = self._reader, None
        if reader is not None and not reader.done():
            reader.cancel()
            try:
                await _end_of(reader)
            except asyncio.CancelledError:
                # a caller that is cancelled must not leave the server half ended
                _keep(asyncio.ensure_future(self.transport.close()))
                raise
        await self.transport.close()


async def _end_of(task: asyncio.Task[None]) -> None:
    """Wait for the end of a task, however it ends."""
    ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def end(_: asyncio.Task[None]) -> None:
        if not ended.done():
            ended.set_result(None)

    task.add_done_callback(end)
    await ended


_background: set[asyncio.Task[None]] = set()


def _keep(task: asyncio.Task[None]) -> asyncio.Task[None]:
    """Hold a task until it is done, since the event loop does not."""
    _background.add(task)
    task.add_done_callback(_background.discard)
    return task
