"""What stands between a connection and its client while faults are on: looks at every line, and lets due faults strike.

Faults that act on a line (cut, split, joined, doubled, preceded by junk, lost) strike at the next line once they are due; faults that
act by themselves (crash, reset, stall, an event of their own) strike at once.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from functools import partial
from typing import TYPE_CHECKING

from meerkat.rpc import ABSENT, Failure, Peer, Request, Result, RpcError
from meerkat_mock.clock import seconds
from meerkat_mock.faulting.facts import session_of, shown_by
from meerkat_mock.faulting.places import Places

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.rpc import Message, RequestId
    from meerkat.wire.base import JsonObject
    from meerkat_mock.connection import Connection
    from meerkat_mock.faulting.facts import Shown
    from meerkat_mock.faults import ActiveFault, Faults

JUNK = b"\x1b[0mthis is no line of the protocol {\n"
"""What a stray print of a server looks like to its client."""
SEEN_EVENTS = 1024
"""How many events are remembered as shown."""
ON_LINES = frozenset({"mid_line", "split", "coalesce", "duplicate", "junk"})


class Tap:
    """The faults of one connection."""

    def __init__(self, faults: Faults, connection: Connection) -> None:
        self._faults = faults
        self._connection = connection
        self._places = Places(connection.runtime, faults.names_of)
        self._answers: dict[str, ActiveFault] = {}
        """Faults that wait for the answer to a request, by its id."""
        self._held: list[tuple[str, Callable[[], None], str]] = []
        """What a race holds back: what it waits for, how to go on, and why."""
        self._happened: set[str] = set()
        self._seen: OrderedDict[str, None] = OrderedDict()
        """Ids of the latest events that went out: several streams show the same one."""
        self._to_lose = 0
        self._striking = False

    @property
    def waits(self) -> list[str]:
        """What is held back, and for what."""
        return [why for _, _, why in self._held]

    # ---- lines out -------------------------------------------------------------------------------------------------------------------

    def send(self, line: bytes) -> None:
        """Send a line, or what becomes of it."""
        message: JsonObject = json.loads(line)
        event = self._event_of(message)
        name = event.kind if event is not None else str(message.get("method", "answer"))
        if self._holds(name, partial(self._send, line, message, event)):
            return
        self._send(line, message, event)

    def _event_of(self, message: JsonObject) -> Shown | None:
        """Return the event that a line shows; of those on streams only a mob member's count, which may come nowhere else."""
        event = shown_by(message)
        if event is not None and event.on_stream and self._places.of_session(event.session).member is None:
            return None
        return event

    def _send(self, line: bytes, message: JsonObject, event: Shown | None) -> None:
        struck = self._on_line(message, event)
        if self._to_lose and event is not None:
            self._to_lose -= 1
        else:
            self._put(line, struck.fault.wire.close if struck is not None and struck.fault.wire is not None else "", struck)
        if event is not None and self._is_news(event):
            if event.kind == "run_started":
                self._happened.clear()
            self._faults.note(event.session, event.kind)
            self._happens(event.kind)
            self._act(event.session)

    def _is_news(self, event: Shown) -> bool:
        """Tell whether no line has shown this event before."""
        if event.id in self._seen:
            return False
        self._seen[event.id] = None
        if len(self._seen) > SEEN_EVENTS:
            self._seen.popitem(last=False)
        return True

    def _on_line(self, message: JsonObject, event: Shown | None) -> ActiveFault | None:
        """Return the fault that strikes at this line, if one does; those that act on all lines from here on begin."""
        if self._striking:
            return None
        waiting = self._answers.pop(json.dumps(message.get("id")), None) if "method" not in message else None
        if waiting is not None:
            waiting.struck += 1
            return waiting
        session = event.session if event is not None else session_of(message.get("result")) or session_of(message.get("params"))
        if session is None:
            return None
        for active in tuple(self._faults.due_at_event(self._places.of_session(session))):
            if _acts_on_lines(active):
                active.struck += 1
                if active.fault.wire is not None:
                    return active
                self._begin(active)
        return None

    def _begin(self, active: ActiveFault) -> None:
        if active.fault.overflow is not None:
            self._to_lose += active.fault.overflow
        elif active.fault.slow_reader is not None:
            self._connection.slow_down(seconds(active.fault.slow_reader))

    def _put(self, line: bytes, close: str, struck: ActiveFault | None) -> None:
        connection = self._connection
        at = struck.fault.wire.at if struck is not None and struck.fault.wire is not None else None
        cut = min(len(line) // 2 if at is None else at, len(line))
        mark = f"fault {struck.name}" if struck is not None else ""
        if close == "mid_line":
            connection.put(line[:cut], mark)
            connection.break_off()
        elif close == "split":
            connection.put_in_two(line, cut, mark)
        elif close == "coalesce":
            connection.put_with_next(line, mark)
        elif close == "reset":
            connection.reset()
        elif close == "stall":
            connection.stall()
        else:
            if close == "junk":
                connection.put(JUNK, mark)
            connection.put(line, mark)
            if close == "duplicate":
                connection.put(line, mark)

    # ---- faults that act by themselves -----------------------------------------------------------------------------------------------

    def _act(self, session: str | None) -> None:
        if self._striking:
            return
        for active in tuple(self._faults.due_at_event(self._places.of_session(session))):
            if active.fault.race is None and active.fault.error is None and not _acts_on_lines(active):
                active.struck += 1
                self._strike_later(active, session)

    def _strike_later(self, active: ActiveFault, session: str | None) -> None:
        if active.delay:
            clock = self._connection.runtime.clock
            clock.at(clock.now() + active.delay, "pause", f"fault {active.name}", partial(self._strike, active, session))
        else:
            self._strike(active, session)

    def _strike(self, active: ActiveFault, session: str | None) -> None:
        fault, connection = active.fault, self._connection
        self._striking = True
        try:
            if fault.emit is not None:
                self._emit(fault.emit, session)
            elif fault.crash is not None:
                connection.runtime.die(f"the fault {active.name!r} killed the server", restart=fault.crash.restart)
            elif fault.wire is not None:
                self._put(b"", fault.wire.close, active)
            else:
                self._begin(active)
        finally:
            self._striking = False

    def _emit(self, data: JsonObject, session: str | None) -> None:
        """Send a notification as it stands (`method`, `params`), or publish an event of the session (`type`, ...)."""
        if "method" in data:
            self._connection.put(Peer.notification(str(data["method"]), data.get("params")), "fault")
            return
        book = self._connection.runtime.surfaces.sessions.book
        found = book.get(session) if session is not None else None
        if found is not None and found.live is not None:
            found.live.channel.publish(data)

    # ---- lines in --------------------------------------------------------------------------------------------------------------------

    def holds(self, message: Message) -> bool:
        """Return True if a message of the client is held back; it is taken again when what it waits for has come."""
        name = _name_of(message)
        return bool(name) and self._holds(name, partial(self._connection.take, message))

    def taken(self, message: Message) -> None:
        """Take note that a message of the client was taken: whatever a race holds back for it may go on."""
        if name := _name_of(message):
            self._happens(name)

    def at_request(self, request_id: RequestId, method: str, params: object) -> RpcError | None:
        """Let the faults of a request strike; return the error that answers it, None when it goes on."""
        place = self._places.of_params(params)
        for active in tuple(self._faults.due_at_request(method, place)):
            fault = active.fault
            if fault.wire is not None:
                self._answers[json.dumps(request_id)] = active
                continue
            active.struck += 1
            if fault.error is not None:
                return RpcError(fault.error.code, fault.error.message, fault.error.data if fault.error.given("data") else ABSENT)
            self._strike_later(active, place.session)
        return None

    # ---- races -----------------------------------------------------------------------------------------------------------------------

    def _holds(self, name: str, go_on: Callable[[], None]) -> bool:
        for active in tuple(self._faults.races(self._places.of_session(self._faults.latest))):
            first, second = active.fault.race or ("", "")
            if name == second and first not in self._happened:
                active.struck += 1
                self._held.append((first, go_on, f"{second} is held back by the fault {active.name} until {first} has come"))
                return True
        return False

    def _happens(self, name: str) -> None:
        self._happened.add(name)
        due = [held for held in self._held if held[0] == name]
        self._held = [held for held in self._held if held[0] != name]
        for _, go_on, _ in due:
            go_on()


def _name_of(message: Message) -> str:
    """Return what a race calls a message of the client."""
    if isinstance(message, Request):
        return message.method
    return "tool_result" if isinstance(message, (Result, Failure)) else ""


def _acts_on_lines(active: ActiveFault) -> bool:
    fault = active.fault
    if fault.wire is not None:
        return fault.wire.close in ON_LINES
    return fault.overflow is not None or fault.slow_reader is not None
