"""Who may answer in place of a server process: a stack of factories that `connect` asks before it starts anything.

Owns the stack; knows no factory. A plain stack and no context variable, so that it also reaches clients in other tasks and threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.client.options import ConnectOptions
    from meerkat.live_connection import LiveSocket
    from meerkat.transports.base import Transport

    Factory: TypeAlias = Callable[[ConnectOptions], Transport | None]
    LiveFactory: TypeAlias = Callable[[str], LiveSocket | None]

_stack: list[Factory] = []
_live_stack: list[LiveFactory] = []


def push(factory: Factory) -> None:
    """Put `factory` on top: from now on every connecting client is offered to it first."""
    _stack.append(factory)


def pop(factory: Factory) -> None:
    """Take `factory` off again, wherever it stands. Raises `ValueError` when it is not there."""
    _stack.remove(factory)


def intercept(options: ConnectOptions) -> Transport | None:
    """Return the transport of the topmost factory that takes this connection, None when none does."""
    for factory in reversed(_stack):
        transport = factory(options)
        if transport is not None:
            return transport
    return None


def push_live(factory: LiveFactory) -> None:
    """Put `factory` on top of those that are offered the address of every live socket."""
    _live_stack.append(factory)


def pop_live(factory: LiveFactory) -> None:
    """Take `factory` off again, wherever it stands. Raises `ValueError` when it is not there."""
    _live_stack.remove(factory)


def intercept_live(url: str) -> LiveSocket | None:
    """Return the socket of the topmost factory that takes this address, None when none does."""
    for factory in reversed(_live_stack):
        socket = factory(url)
        if socket is not None:
            return socket
    return None
