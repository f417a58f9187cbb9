"""From a request to its answer: find the handler, decode the params, run it, check and send what comes of it.

Around every handler, once for all of them: unknown methods, bad params, held-back answers, cancellation, the contract check. Spec 01,
sections 3 to 7.
"""

from __future__ import annotations

import asyncio
import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from meerkat.rpc import ABSENT, Peer, RpcError
from meerkat.wire.methods import METHODS
from meerkat_mock.clock import RealClock
from meerkat_mock.contract.params import InvalidParams, decode_params
from meerkat_mock.surfaces.registry import Call, Fault, Handler

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from meerkat.rpc import Absent, Notification, Request, RequestId
    from meerkat.wire.base import Json
    from meerkat_mock.connection import Connection

NULL_ID_METHODS = frozenset(
    {
        "comms/send",
        "comms/peers",
        "session/external_event",
        "session/peer_response_terminal",
        "mob/stream_open",
        "mob/stream_close",
        "live/open",
        "live/status",
        "live/close",
        "live/refresh",
        "live/send_input",
        "live/commit_input",
        "live/interrupt",
        "live/truncate",
    }
)
"""Methods whose handlers forget the id when their params cannot be decoded (spec 01, section 4)."""

_CANCELLED = RpcError(-32005, "request cancelled before response publish")
_NOT_TRACKED = RpcError(-32603, "request lifecycle rejected publish response: request not tracked")
"""What a cancellable request is told that finishes after another one with the same id (spec 01, section 3)."""


class Dispatch:
    """The requests of one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._runtime = connection.runtime
        self._tracked: dict[RequestId, Call] = {}
        self._waiting: dict[asyncio.Future[Json], Call] = {}
        """What the answers to come are made by, and for which calls."""

    # ---- in --------------------------------------------------------------------------------------------------------------------------

    def request(self, message: Request) -> None:
        """Answer a request, now or later."""
        self._start(message.id, message.method, message.params)

    def notification(self, message: Notification) -> None:
        """Carry out `cancel` and a `tools/register` without id; everything else without an id is dropped (spec 01, section 3)."""
        if message.method == "cancel":
            self._cancel(message.params)
        elif message.method == "tools/register":
            self._start(None, message.method, message.params)

    def _cancel(self, params: Json | Literal[Absent.ABSENT]) -> None:
        target = params.get("request_id") if isinstance(params, dict) else None
        for request_id, call in self._tracked.items():
            if request_id == target and type(request_id) is type(target):
                call.cancel()
                return

    def _start(self, request_id: RequestId, method: str, params: Any) -> None:
        if self._intervened(request_id, method, params):
            return
        handler = self._runtime.handler_of(method, self._connection)
        refusal = f"Method not found: {method}" if handler is None else self._runtime.unserved(method)
        if handler is None or refusal is not None:
            self._connection.refuse(request_id, RpcError(-32601, refusal or ""))
            return
        call = Call(self._connection, request_id, method)
        try:
            row = METHODS.get(method)  # a retired method has a handler that refuses it, but no row
            decoded = {} if row is None else decode_params(row, None if params is ABSENT else params, params is not ABSENT)
        except InvalidParams as error:
            lost = method in NULL_ID_METHODS and self._runtime.quirks.on("null_id_on_bad_params")
            self._connection.refuse(None if lost else request_id, RpcError(-32602, str(error)))
            return
        self._run(handler, call, decoded)

    def _intervened(self, request_id: RequestId, method: str, params: object) -> bool:
        """Let a fault or a stub answer in the place of the handler; return whether one did."""
        connection = self._connection
        tap = connection.tap
        error = tap.at_request(request_id, method, params) if tap is not None else None
        if error is not None:
            connection.put(Peer.failure(request_id, error), "fault")
            return True
        stubs = self._runtime.world.stubs
        stubbed = stubs.answer(method, params) if stubs is not None else None
        if stubbed is None:
            return connection.closed
        result, refusal = stubbed
        connection.put(Peer.result(request_id, result) if refusal is None else Peer.failure(request_id, refusal), "stub")
        return True

    # ---- running ---------------------------------------------------------------------------------------------------------------------

    def _run(self, handler: Handler, call: Call, params: dict[str, Any]) -> None:
        held = handler.held is not None and self._runtime.must_wait(handler, params)
        if held and not handler.early:
            self._later(call, self._held(handler, call, params, self._runtime.turns_over(call.method)))
            return
        try:
            outcome = self._invoke(handler, call, params)
        except Fault as fault:
            self._fail(call, fault.error)
            return
        except Exception as error:
            self._refuse(call, self._runtime.crashed(call, error))
            return
        if held:
            self._later(call, self._sent_late(outcome, self._runtime.turns_over(call.method)))
        elif isinstance(outcome, dict) or not inspect.isawaitable(outcome):
            self._publish(call, outcome)
        else:
            self._later(call, outcome)

    async def _held(self, handler: Handler, call: Call, params: dict[str, Any], turns_over: Awaitable[object]) -> Json:
        """Wait for the turns that run, and answer then."""
        await turns_over
        outcome = self._invoke(handler, call, params)
        return await outcome if inspect.isawaitable(outcome) else outcome

    @staticmethod
    async def _sent_late(outcome: Json | Awaitable[Json], turns_over: Awaitable[object]) -> Json:
        """Keep an answer back until the turns that run have ended: it says what was true when it was asked for."""
        await turns_over
        return await outcome if inspect.isawaitable(outcome) else outcome

    @staticmethod
    def _invoke(handler: Handler, call: Call, params: dict[str, Any]) -> Json | Awaitable[Json]:
        return handler.run(params, call=call) if handler.wants_call else handler.run(params)

    def _later(self, call: Call, outcome: Awaitable[Json]) -> None:
        if METHODS[call.method].tracked:
            call.tracked = True
            self._tracked[call.request_id] = call
        making = asyncio.ensure_future(outcome)
        self._waiting[making] = call
        making.add_done_callback(self._made)

    def _made(self, making: asyncio.Future[Json]) -> None:
        """Send what an answer has come to, at once."""
        call = self._waiting.pop(making)
        self._connection.saying(partial(self._send, call, making))

    def _send(self, call: Call, making: asyncio.Future[Json]) -> None:
        if making.cancelled():
            self._undo(call)
            return
        error = making.exception()
        if error is None:
            self._publish(call, making.result())
        elif isinstance(error, Fault):
            self._fail(call, error.error)
        elif isinstance(error, Exception):
            self._refuse(call, self._runtime.crashed(call, error))

    # ---- out -------------------------------------------------------------------------------------------------------------------------

    def _publish(self, call: Call, result: Json) -> None:
        if call.cancelled:
            self._refuse(call, _CANCELLED)
            return
        if call.tracked and call.request_id not in self._tracked:
            self._connection.refuse(call.request_id, _NOT_TRACKED)  # its work stays done: nothing is undone
            return
        self._untrack(call)
        self._runtime.check_result(call.method, result)
        self._connection.answer(call.request_id, result)

    def _refuse(self, call: Call, error: RpcError) -> None:
        self._untrack(call)
        self._undo(call)
        self._connection.refuse(call.request_id, _CANCELLED if call.cancelled else error)

    def _fail(self, call: Call, error: RpcError) -> None:
        """Refuse as a handler asks."""
        self._runtime.check_error(call.method, error)
        self._refuse(call, error)

    def _untrack(self, call: Call) -> None:
        """Take the id out of the table, whichever of two requests with that id stands there (spec 01, section 3)."""
        if call.tracked:
            self._tracked.pop(call.request_id, None)

    def _undo(self, call: Call) -> None:
        for undo in call.on_unpublished:
            undo()
        call.on_unpublished.clear()

    def parked(self) -> list[str]:
        """Name the requests that are not answered yet."""
        return [f"{call.method} #{call.request_id}" for call in self._waiting.values()]

    def give_up(self, error: RpcError) -> bool:
        """Refuse every request that is not answered yet; return whether there was one."""
        waiting = tuple(self._waiting.items())
        for making, call in waiting:
            self._refuse(call, error)
            making.cancel()
        return bool(waiting)

    async def stop(self, grace: float) -> None:
        """End what is in flight: cancellable requests are told first, then everything is cancelled (spec 01, section 13.4).

        The server sits out the whole grace time, however soon they end; here only where time is real.
        """
        for call in tuple(self._tracked.values()):
            call.cancel()
        waiting = tuple(self._waiting)
        if not waiting:
            return
        if self._tracked:
            clock = self._runtime.clock
            if isinstance(clock, RealClock):
                await clock.pause(grace, "requests were in flight at the end of the input")
            else:
                await asyncio.wait(waiting, timeout=grace)
        for making in waiting:
            making.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
