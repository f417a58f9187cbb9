"""Open streams of members and of whole mobs: agent events only, numbered per stream (spec 04, section 17)."""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

from meerkat_mock.session.channels import OVERFLOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.clock import Clock
    from meerkat_mock.mob.mob import Mob
    from meerkat_mock.mob.roster import Member
    from meerkat_mock.session.channels import Readers

ENDED_IDS_KEPT = 1024
"""Ids of ended streams that a connection remembers (spec 04, section 17.1)."""
EVENTS_UNREAD = 10_000
"""Events that may lie unread before a stream gives up (spec 04, section 17.2). Assumption: the server's number is smaller."""
ROSTER_POLL_SECONDS = 0.5
"""How often a mob-wide stream looks for new members (spec 04, section 17.1)."""


class Wire:
    """One stream on its connection: it numbers what it says, and gives up on a client that does not read."""

    def __init__(self, connection: Carrier, stream_id: str) -> None:
        self._connection = connection
        self.stream_id = stream_id
        self.on_overflow: Callable[[], None] | None = None
        """Told once, when it gives up."""
        self._sequence = 0
        self._unread = 0

    def say(self, event: str) -> None:
        """Send one event, given as JSON text."""
        self._unread = self._unread + 1 if self._connection.congested else 0
        if self._connection.full or self._unread > EVENTS_UNREAD:
            self._give_up()
            return
        self._sequence += 1
        head = f'{{"jsonrpc":"2.0","method":"mob/stream_event","params":{{"stream_id":"{self.stream_id}","sequence":{self._sequence}'
        self._connection.say(f'{head},"event":{event}}}}}\n'.encode("utf-8", "surrogatepass"))

    def _give_up(self) -> None:
        told, self.on_overflow = self.on_overflow, None
        if told is not None:
            told()
            self.finish("terminal_error", error=dict(OVERFLOW))

    def finish(self, outcome: str, **more: Json) -> None:
        """Say that nothing follows."""
        params: JsonObject = {"stream_id": self.stream_id, "ended": True, "outcome": outcome, **more}
        self._connection.notify("mob/stream_end", params)


class Carrier(Protocol):
    """What carries lines to a client."""

    @property
    def congested(self) -> bool:
        """True when the client does not read fast enough."""
        ...

    @property
    def full(self) -> bool:
        """True when events begin to be lost."""
        ...

    def say(self, line: bytes) -> None:
        """Send a line."""

    def notify(self, method: str, params: Json) -> None:
        """Send a notification."""


class OpenStream(Protocol):
    """A stream that can be closed by its client."""

    def close(self) -> None:
        """End it and say so."""

    def drop(self) -> None:
        """Let go of it without a word."""


class MemberStream:
    """The events of one member's session, until that session's agent is gone."""

    def __init__(self, wire: Wire, readers: Readers, ended: Callable[[str], None]) -> None:
        self._wire = wire
        self._readers = readers
        self._ended = ended
        wire.on_overflow = self._overflowed
        readers.add(self)

    def _overflowed(self) -> None:
        self._ended(self._wire.stream_id)
        self.drop()

    def deliver(self, envelope: str) -> None:
        """Send one event on."""
        self._wire.say(envelope)

    def end(self, outcome: str) -> None:
        """Say that the session has ended."""
        self._ended(self._wire.stream_id)
        self._wire.finish(outcome)

    def close(self) -> None:
        """End at the client's wish."""
        self.drop()
        self._wire.finish("explicit_close")

    def drop(self) -> None:
        """Read no more."""
        self._readers.remove(self)


class _Tap:
    """One member's events on their way into a mob-wide stream."""

    def __init__(self, wire: Wire, member: Member) -> None:
        self._wire = wire
        self._readers = member.session.readers
        source = json.dumps({"identity": member.identity, "generation": member.generation}, ensure_ascii=False)
        role = json.dumps(member.role, ensure_ascii=False)
        self._head = f'{{"source":{source},"source_fence_token":{member.fence},"role":{role},"envelope":'
        self._readers.add(self)

    def deliver(self, envelope: str) -> None:
        """Send one event on, with the member it came from."""
        self._wire.say(f"{self._head}{envelope}}}")

    def end(self, outcome: str) -> None:
        """The mob-wide stream goes on without this member."""

    def drop(self) -> None:
        """Read no more."""
        self._readers.remove(self)


class MobStream:
    """The events of all members. Those that come later are noticed at its next look at the roster."""

    def __init__(self, wire: Wire, mob: Mob, clock: Clock, ended: Callable[[str], None], *, polls: bool) -> None:
        self._wire = wire
        self._ended = ended
        wire.on_overflow = self._overflowed
        self._mob = mob
        self._clock = clock
        self._polls = polls
        self._opened_at = clock.now()
        self._taps = [_Tap(wire, member) for member in mob.roster]
        self._over = False
        mob.on_member.append(self._came)

    def _overflowed(self) -> None:
        self._ended(self._wire.stream_id)
        self.drop()

    def _came(self, member: Member) -> None:
        if not self._polls:
            self._tap(member)
            return
        looks = (self._clock.now() - self._opened_at) // ROSTER_POLL_SECONDS + 1
        why = f"the stream of mob {self._mob.id} looks at its roster"
        self._clock.at(self._opened_at + looks * ROSTER_POLL_SECONDS, "pause", why, lambda: self._tap(member))

    def _tap(self, member: Member) -> None:
        if not self._over and self._mob.roster.get(member.identity) is member:
            self._taps.append(_Tap(self._wire, member))

    def close(self) -> None:
        """End at the client's wish; nothing else ends it (spec 04, section 17.2)."""
        self.drop()
        self._wire.finish("explicit_close")

    def drop(self) -> None:
        """Read no more."""
        self._over = True
        self._mob.on_member.remove(self._came)
        for tap in self._taps:
            tap.drop()


class MobStreamTable:
    """The streams of one connection: open ones, and ids that ended lately."""

    def __init__(self) -> None:
        self._open: dict[str, OpenStream] = {}
        self._ended: OrderedDict[str, None] = OrderedDict()

    def opened(self, stream_id: str, stream: OpenStream) -> None:
        """Take up a stream."""
        self._open[stream_id] = stream

    def ended(self, stream_id: str) -> None:
        """Remember that a stream has ended."""
        self._open.pop(stream_id, None)
        self._ended[stream_id] = None
        while len(self._ended) > ENDED_IDS_KEPT:
            self._ended.popitem(last=False)

    def close(self, stream_id: str) -> bool:
        """Close a stream; return whether it had ended before. That memory is used up by the answer."""
        stream = self._open.get(stream_id)
        if stream is not None:
            self.ended(stream_id)
            stream.close()
            return False
        if stream_id in self._ended:
            del self._ended[stream_id]
            return True
        return False

    def drop_all(self) -> None:
        """Let go of every stream without a word: the connection has ended."""
        for stream in self._open.values():
            stream.drop()
        self._open.clear()
