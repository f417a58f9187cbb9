"""Holds what may come now and lets an `Order` say what comes next: lines of connections and frames of live sockets alike.

Things of one channel keep their order. They are held only as long as anybody in the event loop can run, so nothing waits for them.
Knows neither lines nor frames.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, NamedTuple, Protocol

from meerkat_mock.clock import nobody_ready

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from meerkat_mock.delivery.order import Order


class Sink(Protocol):
    """Where things go once it is their turn."""

    @property
    def has_room(self) -> bool:
        """Whether the other side has read enough to take another thing."""
        ...

    def when_room(self, wake: Callable[[], None]) -> None:
        """Call `wake` once there is room."""


class Held(NamedTuple):
    """One thing: its place in the order in which things were written, what says how people call it, and how it is delivered."""

    number: int
    name: Callable[[], str]
    sink: Sink
    deliver: Callable[[], None]


class Sorter:
    """Delivers the things of all connections and live sockets of a mock."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._queues: dict[Hashable, deque[Held]] = {}
        self._written = 0
        self._watching: asyncio.AbstractEventLoop | None = None

    def hold(self, channel: Hashable, name: Callable[[], str], sink: Sink, deliver: Callable[[], None]) -> None:
        """Keep one thing until it is its turn; outside an event loop it stays."""
        self._written += 1
        self._queues.setdefault(channel, deque()).append(Held(self._written, name, sink, deliver))
        self._watch()

    def flush(self, sink: Sink) -> None:
        """Deliver all that is held for a sink, room or not: its end has come."""
        while heads := [(queue[0], channel) for channel, queue in self._queues.items() if queue[0].sink is sink]:
            self._deliver(heads)

    def forget(self, sink: Sink) -> list[Held]:
        """Take away all that is held for a sink, as nobody reads it any more, and return it in the order in which it was written."""
        channels = [channel for channel, queue in self._queues.items() if queue[0].sink is sink]
        return sorted((held for channel in channels for held in self._queues.pop(channel)), key=lambda held: held.number)

    def _watch(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._watching is not loop:
            self._watching = loop
            loop.call_soon(self.look, loop, 0)

    def look(self, loop: asyncio.AbstractEventLoop, quiet: int) -> None:
        """Deliver one thing if nobody else can run, for whoever can may write another to choose from; else look again."""
        self._watching = None
        if self._queues and not nobody_ready(loop, quiet, Sorter.look):
            quiet += 1
        elif self._queues:
            quiet = 0
            heads = [(queue[0], channel) for channel, queue in self._queues.items() if queue[0].sink.has_room]
            if not heads:
                for queue in self._queues.values():
                    queue[0].sink.when_room(self._watch)
                return
            self._deliver(heads)
        if self._queues:
            self._watching = loop
            loop.call_soon(self.look, loop, quiet)

    def _deliver(self, heads: list[tuple[Held, Hashable]]) -> None:
        heads.sort(key=lambda head: head[0].number)
        held, channel = heads[self._order.choose([each.name for each, _ in heads]) if len(heads) > 1 else 0]
        queue = self._queues[channel]
        queue.popleft()
        if not queue:
            del self._queues[channel]
        held.deliver()
