"""The streams that are open on one connection: who gets which stream event, also one that comes before its stream is known.

Owns the registry. Events of unknown streams are held only while an open request is on its way; a closed stream is remembered for
its end notification alone, and only so many of them.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from meerkat.streaming.subscription import StreamBox

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from meerkat.errors import MeerkatError
    from meerkat.wire.base import JsonObject

CLOSED_KEPT = 256
"""Closed streams that still wait for their end notification."""

EARLY_HELD = 65_536
"""Events held for streams whose open request is not answered; more are given up, which shows as a hole in `sequence`."""


class Subscriptions:
    """All streams of one connection."""

    def __init__(self, events_held: int) -> None:
        self._events_held = events_held
        self._open: dict[str, StreamBox] = {}
        self._closed: OrderedDict[str, StreamBox] = OrderedDict()
        self._early: dict[str, list[tuple[bool, JsonObject]]] = {}
        self._early_count = 0
        self._opening = 0

    @contextmanager
    def opening(self) -> Generator[Callable[[str], StreamBox], None, None]:
        """Hold events of unknown streams while an open request is made; yields what takes its answer."""
        self._opening += 1
        try:
            yield self._opened
        finally:
            self._opening -= 1
            if not self._opening:
                self._early.clear()
                self._early_count = 0

    def _opened(self, stream_id: str) -> StreamBox:
        """Return the box of a new stream, with what came before."""
        box = self._open[stream_id] = StreamBox(self._events_held)
        early = self._early.pop(stream_id, [])
        self._early_count -= len(early)
        for ended, params in early:
            (self.end if ended else self.event)(params)
        return box

    def event(self, params: JsonObject) -> None:
        """Deliver a stream event."""
        box = self._open.get(cast("str", params["stream_id"]))
        if box is not None:
            box.event(params)
        else:
            self._hold(params, ended=False)

    def end(self, params: JsonObject) -> None:
        """Deliver the end of a stream."""
        stream_id = _stream_id(params)
        box = self._open.pop(stream_id, None) or self._closed.pop(stream_id, None)
        if box is not None:
            box.finished(params)
        else:
            self._hold(params, ended=True)

    def _hold(self, params: JsonObject, *, ended: bool) -> None:
        stream_id = _stream_id(params)
        if self._opening and stream_id not in self._closed and self._early_count < EARLY_HELD:
            self._early.setdefault(stream_id, []).append((ended, params))
            self._early_count += 1

    def forget(self, stream_id: str) -> None:
        """Deliver nothing more to a stream but its end."""
        box = self._open.pop(stream_id, None)
        if box is not None:
            self._closed[stream_id] = box
            if len(self._closed) > CLOSED_KEPT:
                self._closed.popitem(last=False)

    def broken(self, error: MeerkatError) -> None:
        """End all streams with the connection."""
        boxes = [*self._open.values(), *self._closed.values()]
        self._open.clear()
        self._closed.clear()
        for box in boxes:
            box.broken(error)


def _stream_id(params: JsonObject) -> str:
    stream_id = params["stream_id"]
    if not isinstance(stream_id, str):
        raise TypeError("`stream_id` is not a string")
    return stream_id
