"""One connection with everything that belongs to it: turns, subscriptions, tool handlers, and who hears of which notification.

Made anew by every `connect`; ends as a whole. Owns no method of the contract but the handshake's place in the queue: what is asked
goes through `request`, which knows how each method must be treated.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from meerkat.client.callbacks import Callbacks
from meerkat.client.connection import Connection
from meerkat.client.method_facts import LONG_METHODS, WAITING_METHODS, runs_turn
from meerkat.client.subscriptions import Subscriptions
from meerkat.client.turn_queue import TurnQueue, lane_of
from meerkat.errors import DeadlockError, MeerkatError, NotConnectedError
from meerkat.rpc.framing import LINE_LIMIT_BYTES
from meerkat.transports.stdio import QUIET_EXIT_S, StdioTransport

if TYPE_CHECKING:
    from meerkat.client.options import Limits
    from meerkat.rpc import Request
    from meerkat.tools import ToolRegistry
    from meerkat.transports.base import Transport
    from meerkat.wire.base import Json, JsonObject


class Link:
    """A connected server and this client's dealings with it."""

    def __init__(
        self, transport: Transport, tools: ToolRegistry, limits: Limits, *, first_id: int, serialize_turns: bool, detect_deadlocks: bool
    ) -> None:
        self.turns = TurnQueue(limits, serialize=serialize_turns)
        self.subscriptions = Subscriptions(limits.events_held)
        self.deferred: set[str] = set()
        """Sessions whose first turn has not been sent: what reads them does not wait for turns (spec 01, section 5.5)."""
        self._ending: asyncio.Task[None] | None = None
        """Waits for the end of tool handlers that ran when the connection was closed."""
        self._limits = limits
        self._detect_deadlocks = detect_deadlocks
        self.connection = Connection(
            transport,
            first_id=first_id,
            listeners={
                "session/event": self.turns.runs.notified,
                "session/stream_event": self.subscriptions.event,
                "mob/stream_event": self.subscriptions.event,
                "session/stream_end": self.subscriptions.end,
                "mob/stream_end": self.subscriptions.end,
            },
            on_request=self._asked,
            on_lost=self._lost,
            line_limit=LINE_LIMIT_BYTES,
        )
        self.callbacks = Callbacks(tools, self.connection.post)

    # Asking

    async def request(self, method: str, params: JsonObject) -> Json:
        """Ask the server, in the way that the method needs. Raises `MeerkatError`."""
        if self._detect_deadlocks:
            self._refuse_deadlock(method, params)
        if runs_turn(method, params):
            self.deferred.discard(cast("str", params.get("session_id", "")))
            return await self.turns.run(self.connection, method, params)
        result = await self.connection.call(method, params, self._deadline(method))
        if method == "session/create" and isinstance(result, dict) and isinstance(result.get("session_id"), str):
            self.deferred.add(cast("str", result["session_id"]))
        if method == "session/archive" and isinstance(params.get("session_id"), str):
            self.turns.runs.forget_session(cast("str", params["session_id"]))
        return result

    def _deadline(self, method: str) -> float | None:
        if method == "initialize":
            return self._limits.start_deadline_s
        return None if method in LONG_METHODS else self._limits.request_deadline_s

    def _refuse_deadlock(self, method: str, params: JsonObject) -> None:
        """Raise when the call comes from a tool handler and would be answered only after the turn that waits for the handler."""
        if not self.callbacks.inside_handler():
            return
        session_id = params.get("session_id")
        if method in WAITING_METHODS and session_id not in self.deferred:
            raise DeadlockError(
                f"{method} is answered only when no turn runs, and a turn waits for this tool handler: return first, or read what the "
                "handler needs before the turn (spec 01, section 5.5). A task that outlives the handler may ask afterwards",
                method=method,
            )
        if lane_of(method, params) in self.turns.lanes_in_use() and len(self.turns.lanes_in_use()) == 1:
            raise DeadlockError(
                f"the turn that waits for this tool handler holds the session: {method} can start only after it", method=method
            )

    # Hearing

    def _asked(self, request: Request) -> None:
        self.callbacks(request)

    def _lost(self, error: MeerkatError) -> None:
        self.subscriptions.broken(error)

    # The end

    async def close(self) -> None:
        """End the connection and the server with it; returns when both are gone. May be repeated; never raises."""
        transport = self.connection.transport
        if isinstance(transport, StdioTransport):
            transport.patience_s = self._limits.busy_exit_s if self.turns.under_way else QUIET_EXIT_S
        if self.callbacks.busy and self._ending is None:
            self._ending = asyncio.ensure_future(self.callbacks.close())
        await self.connection.close(self.connection.lost or NotConnectedError("CLIENT_CLOSED", "client stopped"))
        if self._ending is not None:
            # shielded, as all that waits here is: a caller that is cancelled must not leave anything half ended
            await asyncio.shield(self._ending)
