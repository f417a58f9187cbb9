"""What makes a method of an object a handler, and what a handler is told about its call."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar

from meerkat.rpc import ABSENT, RpcError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meerkat.rpc import RequestId
    from meerkat.wire.base import Json
    from meerkat_mock.connection import Connection

Params = dict[str, Any]
"""Decoded parameters. Each handler declares the wire type of its method; the registry cannot name them all."""

_MARK = "__handles__"
F = TypeVar("F", bound=Callable[..., Any])


class Fault(Exception):
    """An error answer: what a handler raises instead of returning."""

    def __init__(self, code: int, message: str, data: Json = None) -> None:
        super().__init__(message)
        self.error = RpcError(code, message, ABSENT if data is None else data)


@dataclass
class Call:
    """One request as its handler sees it."""

    connection: Connection
    request_id: RequestId
    method: str
    cancelled: bool = False
    tracked: bool = False
    """True once the connection keeps it as cancellable (spec 01, section 5.2)."""
    on_cancel: list[Callable[[], None]] = field(default_factory=lambda: [])
    """What to do when the client cancels: filled by handlers of tracked methods (spec 01, section 7)."""
    on_unpublished: list[Callable[[], None]] = field(default_factory=lambda: [])
    """What to undo when the request ends without a published result (spec 01, section 5.2)."""

    def cancel(self) -> None:
        """Mark the call as cancelled by its client and stop its work."""
        self.cancelled = True
        for stop in self.on_cancel:
            stop()


Held = Callable[[Any, Params], bool]
"""Tells of a surface and the params whether an answer must wait for the turns that run now (spec 01, section 5.5)."""


@dataclass(eq=False)
class Handler:
    """A bound handler and how it wants to be called."""

    method: str
    run: Callable[..., Json | Awaitable[Json]]
    wants_call: bool
    held: Callable[[Params], bool] | None
    early: bool
    """True: a held answer is computed when the request comes, and sent later; False: computed when the turns have ended."""


def handles(method: str, *, held: Held | None = None, early: bool = False) -> Callable[[F], F]:
    """Mark a method as the handler of `method`; with `held`, its answers may have to wait for running turns."""

    def mark(function: F) -> F:
        setattr(function, _MARK, (method, held, early))
        return function

    return mark


class Handlers:
    """The handlers of all surfaces by method, each bound when it is first asked for: most servers are asked for few."""

    def __init__(self, surfaces: Iterable[object]) -> None:
        self._surfaces = tuple(surfaces)
        self._table = _table(tuple(map(type, self._surfaces)))
        self._bound: dict[str, Handler] = {}

    def get(self, method: str) -> Handler | None:
        """Return the handler of a method, None when it has none."""
        handler = self._bound.get(method)
        if handler is None and (entry := self._table.get(method)) is not None:
            place, marked = entry
            handler = self._bound[method] = marked.bound_to(self._surfaces[place])
        return handler


@cache
def _table(kinds: tuple[type, ...]) -> dict[str, tuple[int, _Marked]]:
    """Return by method which surface handles it and how. Raises `ValueError` if two claim one method."""
    found: dict[str, tuple[int, _Marked]] = {}
    for place, kind in enumerate(kinds):
        for marked in _marked(kind):
            if marked.method in found:
                raise ValueError(f"{marked.method} has two handlers: {found[marked.method][1].function!r} and {marked.function!r}")
            found[marked.method] = place, marked
    return found


@dataclass(frozen=True)
class _Marked:
    """A handler as its class declares it: looked at once, however many servers are made."""

    function: Callable[..., Any]
    method: str
    held: Held | None
    early: bool
    wants_call: bool

    def bound_to(self, surface: object) -> Handler:
        check = None if self.held is None else partial(self.held, surface)
        return Handler(self.method, self.function.__get__(surface), self.wants_call, check, self.early)


def _marked(surface: type) -> tuple[_Marked, ...]:
    functions = (function for _, function in inspect.getmembers(surface, inspect.isfunction))
    return tuple(_as_declared(function) for function in functions if hasattr(function, _MARK))


def _as_declared(function: Callable[..., Any]) -> _Marked:
    method, held, early = getattr(function, _MARK)
    return _Marked(function, method, held, early, "call" in inspect.signature(function).parameters)
