"""The other direction: the server calls tools of this client, and the client answers.

Owns the tasks in which handlers run, one per call, ended with the connection. Every call gets an answer, whatever its handler does:
the server waits 30 s for one that does not come (spec 01, section 9.5).
"""

from __future__ import annotations

import asyncio
import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING

from meerkat.rpc import Peer, RpcError

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.rpc import Request
    from meerkat.tools import ToolRegistry
    from meerkat.wire.base import JsonObject

log = logging.getLogger("meerkat")

METHOD_NOT_FOUND = -32601


class HandlerScope:
    """One running handler: what is called from inside it may wait for the turn that waits for it."""

    __slots__ = ("active", "owner")

    def __init__(self, owner: object) -> None:
        self.owner = owner
        self.active = True


HANDLER_SCOPE: ContextVar[HandlerScope | None] = ContextVar("meerkat_handler_scope", default=None)
"""The handler that the present code runs in. Tasks started by a handler inherit it; it is inactive once the handler has returned."""


class Callbacks:
    """Answers the requests of one connection's server."""

    def __init__(self, tools: ToolRegistry, post: Callable[[bytes], None]) -> None:
        self._tools = tools
        self._post = post
        self._running: dict[asyncio.Task[None], HandlerScope] = {}

    def __call__(self, request: Request) -> None:
        """Take a request of the server; `tool/execute` runs in a task, anything else is refused at once."""
        if request.method != "tool/execute":
            log.warning("the server asked for %r, which no client serves", request.method)
            self._post(Peer.failure(request.id, RpcError(METHOD_NOT_FOUND, f"Method not supported: {request.method}")))
            return
        scope = HandlerScope(self)
        task = asyncio.ensure_future(self._execute(request, scope))
        self._running[task] = scope
        task.add_done_callback(self._running.pop)

    async def _execute(self, request: Request, scope: HandlerScope) -> None:
        params: JsonObject = request.params if isinstance(request.params, dict) else {}
        name, arguments, call_id = params.get("name"), params.get("arguments"), params.get("tool_use_id")
        HANDLER_SCOPE.set(scope)
        try:
            content, is_error = await self._tools.handle(
                name if isinstance(name, str) else "",
                arguments if isinstance(arguments, dict) else {},
                tool_use_id=call_id if isinstance(call_id, str) else None,
            )
        finally:
            scope.active = False
        self._answer(request, content, is_error=is_error)

    def _answer(self, request: Request, content: str, *, is_error: bool) -> None:
        result: JsonObject = {"content": content, "is_error": is_error}
        self._post(Peer.result(request.id, result))

    def inside_handler(self) -> bool:
        """Return whether the caller runs inside one of these handlers."""
        scope = HANDLER_SCOPE.get()
        return scope is not None and scope.active and scope.owner is self

    @property
    def busy(self) -> bool:
        """Whether a handler runs."""
        return bool(self._running)

    async def close(self) -> None:
        """Cancel the handlers that still run and wait for their end; one that is itself closing the client may finish."""
        present = HANDLER_SCOPE.get()
        running = [task for task, scope in self._running.items() if scope is not present]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=CLOSE_WAIT_S)


CLOSE_WAIT_S = 1.0
"""How long closing waits for cancelled handlers; one that ignores its cancellation does not hold the client back."""
