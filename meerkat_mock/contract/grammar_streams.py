"""Checks all event channels of a connection at once: every session, every stream, and what they have in common (spec 03, 7: 25 to 30).

Feed it every notification of a server in the order of the wire, `session/event`, `session/stream_*` and `mob/stream_*`; others pass.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from meerkat_mock.contract.breach import Breach
from meerkat_mock.contract.grammar import RunChecker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meerkat.wire.base import Json

REMEMBERED_EVENTS = 10_000
"""Envelopes that are kept to be compared with their copies on other channels; the oldest are forgotten."""


@dataclass
class _Stream:
    sequence: int = 0
    ended: bool = False
    runs: dict[str, RunChecker] = field(default_factory=lambda: {})
    """One checker per session: a mob-wide stream carries several."""


@dataclass(frozen=True)
class ChannelBreach:
    """A breach and the channel it was seen on: `session/event ID` or `stream ID`."""

    channel: str
    breach: Breach

    def __str__(self) -> str:
        """Return one line for people."""
        return f"{self.channel}: {self.breach}"


class ConnectionChecker:
    """Follows every event channel of one connection."""

    def __init__(self, *, chat_completions: bool = True) -> None:
        self._chat_completions = chat_completions
        self._sessions: dict[str, RunChecker] = {}
        self._streams: dict[str, _Stream] = {}
        self._seen: OrderedDict[str, Mapping[str, Json]] = OrderedDict()
        self._index = -1

    def feed(self, method: str, params: Mapping[str, Json]) -> list[ChannelBreach]:
        """Take a notification and return the rules that it broke; indexes of breaches count within their channel."""
        self._index += 1
        if method == "session/event":
            return self._session_event(params)
        if method in ("session/stream_event", "mob/stream_event"):
            return self._stream_event(params)
        if method in ("session/stream_end", "mob/stream_end"):
            return self._stream_end(method, params)
        return []

    def interrupted(self, session_id: str) -> None:
        """Excuse the run under way in a session, on every channel."""
        for runs in (self._sessions, *(stream.runs for stream in self._streams.values())):
            if session_id in runs:
                runs[session_id].interrupted()

    def excuse(self, session_id: str | None = None) -> None:
        """Let the run under way in a session, or in any, end without an end on every channel: the client has asked to stop it."""
        for runs in (self._sessions, *(stream.runs for stream in self._streams.values())):
            for each, checker in runs.items():
                if session_id in (None, each):
                    checker.excuse()

    def finish(self, *, cut: bool = False) -> list[ChannelBreach]:
        """End the connection; streams that have ended need no ends of their runs."""
        found: list[ChannelBreach] = []
        for session_id, checker in self._sessions.items():
            found.extend(ChannelBreach(f"session/event {session_id}", breach) for breach in checker.finish(cut=cut))
        for stream_id, stream in self._streams.items():
            for checker in stream.runs.values():
                ended = cut or stream.ended
                found.extend(ChannelBreach(f"stream {stream_id}", breach) for breach in checker.finish(cut=ended))
        return found

    def _session_event(self, params: Mapping[str, Json]) -> list[ChannelBreach]:
        session_id = str(params.get("session_id"))
        envelope = cast("Mapping[str, Json]", params["event"])
        checker = self._sessions.get(session_id)
        if checker is None:
            checker = self._sessions[session_id] = RunChecker(chat_completions=self._chat_completions)
        found = [*self._common(envelope, session_id), *checker.feed(envelope)]
        return [ChannelBreach(f"session/event {session_id}", breach) for breach in found] if found else []

    def _stream_event(self, params: Mapping[str, Json]) -> list[ChannelBreach]:
        stream_id = str(params.get("stream_id"))
        stream = self._streams.setdefault(stream_id, _Stream())
        event = cast("Mapping[str, Json]", params["event"])
        envelope = cast("Mapping[str, Json]", event.get("envelope", event))
        source = envelope.get("source")
        session_id = str(source.get("session_id") if isinstance(source, dict) else None)
        checker = stream.runs.get(session_id)
        if checker is None:
            checker = stream.runs[session_id] = RunChecker(chat_completions=self._chat_completions)
        found = self._common(envelope, str(params.get("session_id", session_id)))
        sequence = params.get("sequence")
        if sequence != stream.sequence + 1:
            found.append(self._breach("invariant 26", "stream_event", f"sequence is {sequence}, not {stream.sequence + 1}"))
        stream.sequence = sequence if isinstance(sequence, int) else stream.sequence + 1
        if stream.ended:
            found.append(self._breach("invariant 29", "stream_event", "the stream has ended"))
        found.extend(checker.feed(envelope))
        return [ChannelBreach(f"stream {stream_id}", breach) for breach in found] if found else []

    def _stream_end(self, method: str, params: Mapping[str, Json]) -> list[ChannelBreach]:
        stream_id = str(params.get("stream_id"))
        stream = self._streams.setdefault(stream_id, _Stream())
        found: list[Breach] = []
        if stream.ended:
            found.append(self._breach("invariant 29", method, "the stream has ended before"))
        stream.ended = True
        if ("error" in params) != (params.get("outcome") == "terminal_error"):
            found.append(self._breach("invariant 30", method, f"outcome {params.get('outcome')} and error do not go together"))
        return [ChannelBreach(f"stream {stream_id}", breach) for breach in found]

    def _common(self, envelope: Mapping[str, Json], session_id: str) -> list[Breach]:
        """Check what holds for an envelope on any channel."""
        kind = str(cast("Mapping[str, Json]", envelope["payload"]).get("type"))
        found: list[Breach] = []
        source = envelope.get("source")
        if not isinstance(source, dict) or source.get("session_id") != session_id:
            found.append(self._breach("invariant 25", kind, f"the envelope does not come from session {session_id}"))
        event_id = str(envelope.get("event_id"))
        known = self._seen.get(event_id)
        if known is None:
            self._seen[event_id] = envelope
            if len(self._seen) > REMEMBERED_EVENTS:
                self._seen.popitem(last=False)
        elif known != envelope:
            found.append(self._breach("invariant 27", kind, f"event {event_id} was something else on another channel"))
        return found

    def _breach(self, rule: str, event: str, what: str) -> Breach:
        return Breach(rule, self._index, event, what)
