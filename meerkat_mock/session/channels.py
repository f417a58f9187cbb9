"""Publishing events: stamp each once, then hand the same bytes to everybody who may see it (spec 03, sections 1 and 2).

An event goes to `session/event` of the connection that was current when the run started, to every open stream of the session, and to the
durable log. This is the hottest path of the mock: what is the same for all events of an incarnation is formatted once, an envelope is
encoded once for all its readers, and publishing never awaits; whoever publishes much asks `congested` in between.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

from meerkat.rpc.messages import encode_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import Event
    from meerkat_mock.clock import Clock
    from meerkat_mock.connection import Connection
    from meerkat_mock.ids import IdSource
    from meerkat_mock.session.log import EventLog
    from meerkat_mock.session.overtaking import LateSink

_quoted = json.encoder.encode_basestring
OVERFLOW: Final[Mapping[str, Json]] = MappingProxyType(
    {"code": "stream_queue_overflow", "message": "transport stream notification queue overflow"}
)
"""Why a stream ends whose events are not read."""
_DELTAS = frozenset({"text_delta", "reasoning_delta"})


def encoded(event: Event) -> str:
    """Return an event as compact JSON; deltas, of which there are most, take a short cut."""
    if (kind := event["type"]) in _DELTAS:
        return f'{{"type":"{kind}","delta":{_quoted(str(event["delta"]))}}}'
    return encode_text(event)


class Reader(Protocol):
    """A live stream of a session's events."""

    def deliver(self, envelope: str) -> None:
        """Take one envelope as JSON text."""

    def end(self, outcome: str) -> None:
        """Take note that no event follows: `remote_end` or `explicit_close`."""


class Readers:
    """The open streams of one session. They outlive a build of its agent, but not the loss of one."""

    __slots__ = ("_deaf", "_open")

    def __init__(self) -> None:
        self._open: list[Reader] = []
        self._deaf: list[Reader] = []
        """Streams that will see nothing but their end."""

    def __bool__(self) -> bool:
        return bool(self._open)

    def add(self, reader: Reader) -> None:
        """Let a stream see what is published from now on."""
        self._open.append(reader)

    def remove(self, reader: Reader) -> None:
        """Forget a stream that was closed."""
        for readers in (self._open, self._deaf):
            if reader in readers:
                readers.remove(reader)

    def deafen(self) -> None:
        """Let no stream of now see anything any more: those opened on a deferred session before `live/open` (spec 07, section 0)."""
        self._deaf += self._open
        self._open = []

    def deliver(self, envelope: str) -> None:
        """Hand an envelope to every stream."""
        for reader in tuple(self._open):
            reader.deliver(envelope)

    def end_all(self, outcome: str) -> None:
        """End every stream."""
        ended, self._open, self._deaf = self._open + self._deaf, [], []
        for reader in ended:
            reader.end(outcome)


class Channel:
    """Where the events of one live incarnation go. Its `seq` starts at 1 (spec 03, section 2.2)."""

    __slots__ = ("_clock", "_head", "_ids", "_line", "_log", "_readers", "sent", "sink")

    def __init__(self, session_id: str, log: EventLog, readers: Readers, clock: Clock, ids: IdSource, *, sent: int = 0) -> None:
        self.sink: Connection | LateSink | None = None
        """Gets `session/event`; None when nobody does."""
        self.sent = sent
        self._log = log
        self._readers = readers
        self._clock = clock
        self._ids = ids
        self._line = f'{{"jsonrpc":"2.0","method":"session/event","params":{{"session_id":"{session_id}","event":'
        self._head = f'","source":{{"type":"session","session_id":"{session_id}"}},"source_id":"session:{session_id}","seq":'

    def publish(self, event: Event) -> None:
        """Stamp an event of a run and let everybody see it."""
        envelope = self._stamped(event)
        sink = self.sink
        if sink is not None:
            sink.offer(f"{self._line}{envelope}}}}}\n".encode("utf-8", "surrogatepass"))
        if self._readers:
            self._readers.deliver(envelope)

    def announce(self, number: int, event: Event) -> None:
        """Publish a notice that comes before a run: only `session/event` shows it, with a number of its own count (spec 03, 3.6)."""
        if self.sink is not None:
            at_ms = int(self._clock.now() * 1000)
            stamp = f'{{"event_id":"{self._ids.uuid7()}{self._head}{number},"timestamp_ms":{at_ms},"payload":'
            self.sink.offer(f"{self._line}{stamp}{encode_text(event)}}}}}}}\n".encode("utf-8", "surrogatepass"))

    def publish_aside(self, event: Event) -> None:
        """Publish an event that only streams and the log see: context pairs, live output (spec 03, section 1)."""
        self._readers.deliver(self._stamped(event))

    @property
    def congested(self) -> bool:
        """True when the client does not read fast enough."""
        return self.sink is not None and self.sink.congested

    async def drained(self) -> None:
        """Wait until the client has read enough."""
        if self.sink is not None:
            await self.sink.drained()

    def _stamped(self, event: Event) -> str:
        self.sent += 1
        at_ms = int(self._clock.now() * 1000)
        self._log.append(at_ms, event)
        return f'{{"event_id":"{self._ids.uuid7()}{self._head}{self.sent},"timestamp_ms":{at_ms},"payload":{encoded(event)}}}'
