"""Requests that are not answered yet, and the search for the one that an answer without id belongs to."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from meerkat.client.method_facts import NULL_ID_METHODS
from meerkat.errors import MeerkatError, ProtocolError, from_wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.rpc import RpcError
    from meerkat.wire.base import Json, JsonObject

PARSE_ERROR = -32700


class Call:
    """One request on its way: what was asked, who waits, and what must happen when it is over."""

    __slots__ = ("deadline_s", "due", "future", "id", "method", "on_over")

    def __init__(self, request_id: int, method: str) -> None:
        self.id = request_id
        self.method = method
        self.future: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        self.due: float | None = None
        """When the caller stops waiting, in the event loop's time; None for as long as it takes."""
        self.deadline_s = 0.0
        self.on_over: Callable[[], None] | None = None
        """Called once, when the server has answered or will not any more; also after the caller has gone."""

    def succeed(self, result: Json) -> None:
        """Hand the result to who waits."""
        if not self.future.done():
            self.future.set_result(result)
        self.over()

    def fail(self, error: MeerkatError) -> None:
        """Hand the error to who waits."""
        if not self.future.done():
            self.future.set_exception(error)
            # who waits may have gone: a failure that nobody fetches is no defect
            self.future.exception()
        self.over()

    def over(self) -> None:
        """Tell who asked to be told."""
        if self.on_over is not None:
            on_over, self.on_over = self.on_over, None
            on_over()


class LostIds:
    """Errors with `id: null`, each with the calls it may belong to.

    With one candidate it is clear at once. With several the error waits until all but as many as there are errors are answered
    otherwise: a guess would fail a call that succeeded.
    """

    def __init__(self) -> None:
        self._open: list[tuple[RpcError, set[int]]] = []

    def settle(self, error: RpcError, calls: dict[int, Call]) -> list[tuple[int, MeerkatError]]:
        """Take in an error without id; return the calls that are now known to have failed."""
        candidates = {request_id for request_id, call in calls.items() if call.method in NULL_ID_METHODS}
        if candidates:
            self._open.append((error, candidates))
        return self._known(calls)

    def answered(self, request_id: int, calls: dict[int, Call]) -> list[tuple[int, MeerkatError]]:
        """Rule out a call that was answered under its id; return the calls that are now known to have failed."""
        if not self._open:
            return []
        for _, candidates in self._open:
            candidates.discard(request_id)
        self._open = [(error, candidates) for error, candidates in self._open if candidates]
        return self._known(calls)

    def candidates(self) -> set[int]:
        """Return the calls that an error may still turn out to belong to."""
        return {request_id for _, candidates in self._open for request_id in candidates}

    def _known(self, calls: dict[int, Call]) -> list[tuple[int, MeerkatError]]:
        known: list[tuple[int, MeerkatError]] = []
        undecided = self.candidates()
        if self._open and len(undecided) <= len(self._open):
            # as many errors as calls: all of them failed, the oldest with the oldest error
            for (error, _), request_id in zip(self._open, sorted(undecided), strict=False):
                known.append((request_id, from_wire(error.wire(), calls[request_id].method, request_id)))
            self._open.clear()
        return known


def unreadable(error: RpcError, call: Call, alone: bool) -> MeerkatError:
    """Return what a caller is told whose request may be the one that the server could not read."""
    which = "this request" if alone else "one of the requests that were on their way, perhaps this one"
    details: JsonObject = error.wire()
    return ProtocolError(
        str(PARSE_ERROR),
        f"{error.message}: the server could not read {which}; it was probably not carried out (spec 03, section 4.4)",
        details,
        method=call.method,
        request_id=call.id,
        wire_code=PARSE_ERROR,
    )
