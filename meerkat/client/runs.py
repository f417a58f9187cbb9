"""Which run belongs to which turn: events of sessions on one side, turns that this client has sent on the other.

No event names the request it comes from. What links them is the prompt of `run_started` (spec 03, section 6.8): the text that was
sent, alone or with something in front of it (skills, queued events, the prompt of a deferred create). A run with another prompt is not
ours: the second attempt of a failed prompt, a reaction to a peer, a turn of another client.

Two cases cannot be told apart when the run starts: a prompt sent again after it failed (its second attempt, or the new turn?) and two
creates with one prompt. Their events are held back until the answer, or another run, decides; nothing wrong is ever handed out. As
answers overtake events (spec 03, section 4.2), a result is evidence only together with the end of the run: no failed run has one.

Owns this matching, synchronously and without I/O. Unknown sessions are remembered only while a create waits for its session.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.streaming.feed import TurnFeed
    from meerkat.wire.base import Json, JsonObject

ATTEMPTS = 3
"""How often the server runs a prompt that fails, the first time included (spec 02, section 5.4)."""

STRAYS_HELD = 65_536
"""Events held for creates whose session is not known yet; more are given up, which shows as a hole."""

_TERMINALS = frozenset({"run_completed", "run_failed", "extraction_succeeded", "extraction_failed"})


def _ends(payload: JsonObject) -> bool:
    """Return whether an event is the last of its run: with a schema the extraction follows (spec 03, section 6.4)."""
    kind = payload["type"]
    return kind in _TERMINALS and not (kind == "run_completed" and payload.get("extraction_required") is True)


def prompt_text(prompt: Json) -> str:
    """Return the text that the server makes of a prompt (spec 02, section 3.4)."""
    if not isinstance(prompt, list):
        return prompt if isinstance(prompt, str) else ""
    texts: list[str] = []
    for block in prompt:
        if isinstance(block, dict):
            kind, text, media = block.get("type"), block.get("text"), block.get("media_type")
            texts.append(f"[video: {media}]" if kind == "video" else text if isinstance(text, str) else "")
    return "\n".join(text for text in texts if text)


class Turn:
    """One turn on its way: its prompt, who gets its events, and how far it is."""

    __slots__ = ("answered", "feed", "held", "held_end", "on_ended", "on_started", "running", "session_id", "text")

    def __init__(self, session_id: str | None, prompt: Json, feed: TurnFeed | None) -> None:
        self.session_id = session_id
        """None for a create whose session is not known yet."""
        self.text = prompt_text(prompt)
        self.feed = feed
        self.running = False
        self.answered = False
        """True once it has a result, which may come before its run shows."""
        self.held: list[JsonObject] | None = None
        """Envelopes of a run that may or may not be this turn's."""
        self.held_end = ""
        """Type of the event that ended the run held back; `""` while it goes on."""
        self.on_started: Callable[[], None] | None = None
        self.on_ended: Callable[[], None] | None = None

    def matches(self, run_text: str) -> bool:
        """Return whether a run with this prompt can be this turn's."""
        return run_text == self.text or (bool(self.text) and run_text.endswith("\n" + self.text))

    def start(self) -> None:
        """Note that its run has begun."""
        self.running = True
        if self.feed is not None:
            self.feed.started = True
        if self.on_started is not None:
            self.on_started()

    def behead(self) -> None:
        """Note that its run is over, and that the beginning of it never came."""
        if self.feed is not None:
            self.feed.run_was_lost()


class _LeftOver:
    """A prompt that the server still holds: it will run again, unasked, around the next turn."""

    __slots__ = ("attempts", "text")

    def __init__(self, text: str, attempts: int) -> None:
        self.text = text
        self.attempts = attempts
        """Runs of it that have shown: none yet when the answer of the first has overtaken all its events."""

    def is_late(self, end: str) -> bool:
        """Return whether a run of it that ends so is the first, long answered: what the server does next does not depend on it."""
        return not self.attempts and end == "run_failed"


class RunListener(Protocol):
    """Who is told of runs that nobody here asked for, or perhaps not: the watch for stalls."""

    def other_run_started(self, session_id: str) -> None:
        """Another run began."""

    def other_run_ended(self, session_id: str) -> None:
        """Another run ended."""


class _SessionRuns:
    """What is known of one session's runs."""

    __slots__ = ("current", "cut", "foreign", "headless", "left", "waiting")

    def __init__(self) -> None:
        self.waiting: list[Turn] = []
        self.current: Turn | None = None
        self.foreign: _LeftOver | None = None
        self.left: deque[_LeftOver] = deque(maxlen=16)
        self.headless = False
        """True when a run has ended whose beginning did not arrive, until a turn is answered that has not begun: it was that turn's."""
        self.cut = False
        """True when a turn was interrupted or cancelled in the middle of its run, whose last events may follow: until another begins."""

    def idle(self) -> bool:
        return not (self.waiting or self.current or self.left or self.foreign or self.cut)


class Runs:
    """All sessions in which this client has turns."""

    def __init__(self, listener: RunListener) -> None:
        self._listener = listener
        self._sessions: dict[str, _SessionRuns] = {}
        self._creates: list[Turn] = []
        self._strays: dict[str, list[JsonObject]] = {}
        self._stray_count = 0

    # Turns come and go

    def expect(self, turn: Turn) -> None:
        """Take in a turn that is being sent."""
        if turn.feed is not None:
            turn.feed.attached = True
            turn.feed.session_id = turn.session_id or ""
        if turn.session_id is None:
            self._creates.append(turn)
        else:
            self._sessions.setdefault(turn.session_id, _SessionRuns()).waiting.append(turn)

    def answered(self, turn: Turn, session_id: str | None) -> None:
        """Note a result. A turn whose run has not shown yet, or is held back and goes on, is still expected: see `expire`."""
        if turn.session_id is None and session_id is not None:
            self._bind(turn, session_id)
        turn.answered = True
        state = self._sessions.get(turn.session_id or "")
        if state is not None and turn.held is not None and turn.held_end:
            self._decide(state, turn)
        lost = state is not None and state.headless and not turn.running
        if state is not None:
            state.headless = False
        if lost:
            turn.behead()
        if lost or turn.running:
            self._forget(turn)

    def expire(self, turn: Turn) -> None:
        """Expect the run of an answered turn no longer; one that was held back and has not ended was most likely its own."""
        self._release(turn)
        self._forget(turn)

    def failed(self, turn: Turn, *, will_return: bool) -> None:
        """Note an error answer; `will_return` when the server keeps the prompt and runs it again."""
        self._release(turn)
        state = self._sessions.get(turn.session_id or "")
        shown = turn.running
        if state is not None:
            shown = shown or state.headless
            state.headless = False
            if state.current is turn and not will_return:
                state.current, state.cut = None, True
        if will_return and turn.session_id is not None:
            state = self._sessions.setdefault(turn.session_id, _SessionRuns())
            state.left.append(_LeftOver(turn.text, int(shown)))
        self._forget(turn)

    def left_over(self, turn: Turn) -> None:
        """Note a stalled turn: it runs before the next one."""
        if turn.session_id is not None:
            self._sessions.setdefault(turn.session_id, _SessionRuns()).left.append(_LeftOver(turn.text, 0))
        self._forget(turn)

    def active_sessions(self) -> set[str]:
        """Return the sessions in which turns of this client are under way."""
        return {name for name, state in self._sessions.items() if state.waiting}

    def forget_session(self, session_id: str) -> None:
        """Drop what is left over in an archived session."""
        state = self._sessions.get(session_id)
        if state is not None:
            state.left.clear()
            state.cut = False
            self._tidy(session_id, state)

    def _forget(self, turn: Turn) -> None:
        if turn in self._creates:
            self._creates.remove(turn)
        if not self._creates and self._strays:
            self._strays.clear()
            self._stray_count = 0
        if turn.session_id is not None:
            state = self._sessions.get(turn.session_id)
            if state is not None:
                if turn in state.waiting:
                    state.waiting.remove(turn)
                self._tidy(turn.session_id, state)

    def _tidy(self, session_id: str, state: _SessionRuns) -> None:
        if state.idle():
            self._sessions.pop(session_id, None)

    def _bind(self, turn: Turn, session_id: str) -> None:
        """Tie a create to its session, and give it what came before."""
        turn.session_id = session_id
        if turn.feed is not None:
            turn.feed.session_id = session_id
        if turn in self._creates:
            self._creates.remove(turn)
        state = self._sessions.setdefault(session_id, _SessionRuns())
        state.waiting.append(turn)
        strays = self._strays.pop(session_id, [])
        self._stray_count -= len(strays)
        for envelope in strays:
            self.event(session_id, envelope)

    def _release(self, turn: Turn) -> None:
        """Hand out what was held back: it is the turn's."""
        held, turn.held = turn.held, None
        if held is None:
            return
        turn.start()
        state = self._sessions.get(turn.session_id or "")
        if state is not None:
            state.current = turn
        for envelope in held:
            self._deliver(turn, state, envelope)

    # Events come in

    def notified(self, params: JsonObject) -> None:
        """Take a `session/event`. Raises `TypeError` or `KeyError` for one of the wrong shape."""
        envelope = params["event"]
        if not isinstance(envelope, dict):
            raise TypeError("`event` is not an object")
        self.event(cast("str", params["session_id"]), envelope)

    def event(self, session_id: str, envelope: JsonObject) -> None:
        """Take the next event of a session, in its envelope. Raises `TypeError` or `KeyError` for one that is none."""
        state = self._sessions.get(session_id)
        payload = envelope.get("payload", envelope)
        if not isinstance(payload, dict):
            raise TypeError("the payload of an event is not an object")
        kind = payload["type"]
        if kind == "run_started":
            state = self._run_started(session_id, state, envelope, payload)
            if state is None:
                return
        elif state is None:
            self._stray(session_id, envelope)
            return
        turn = state.current
        if turn is None:
            self._other(session_id, state, payload)
        elif turn.held is not None:
            turn.held.append(envelope)
            if _ends(payload):
                self._held_ended(session_id, state, turn, str(kind))
        else:
            self._deliver(turn, state, envelope)

    def _deliver(self, turn: Turn, state: _SessionRuns | None, envelope: JsonObject) -> None:
        payload = envelope.get("payload", envelope)
        if not isinstance(payload, dict):
            return
        if turn.feed is not None:
            turn.feed.event(envelope, payload)
        if state is not None and _ends(payload):
            state.current = None
            if turn.feed is not None:
                turn.feed.run_ended()
            if turn.on_ended is not None:
                turn.on_ended()
            if turn.session_id is not None and state.idle():
                self._sessions.pop(turn.session_id, None)

    def _run_started(self, session_id: str, state: _SessionRuns | None, envelope: JsonObject, payload: JsonObject) -> _SessionRuns | None:
        text = prompt_text(payload.get("prompt"))
        if state is None:
            candidates = [create for create in self._creates if create.matches(text)]
            if len(candidates) != 1 or session_id in self._strays:
                self._stray(session_id, envelope)
                if len(candidates) == 1:
                    self._bind(candidates[0], session_id)
                return None
            self._bind(candidates[0], session_id)
            state = self._sessions[session_id]
        turn = next((turn for turn in state.waiting if not turn.running and turn.matches(text)), None)
        left = next((left for left in state.left if left.text == text), None)
        state.current = turn
        state.headless = state.cut = False
        if turn is None:
            state.foreign = left or _LeftOver(text, 0)
            self._listener.other_run_started(session_id)
        elif self._may_be_left_over(state, turn, left):
            turn.held, turn.held_end = [], ""
            self._listener.other_run_started(session_id)
        else:
            turn.held = None
            turn.start()
        return state

    def _may_be_left_over(self, state: _SessionRuns, turn: Turn, left: _LeftOver | None) -> bool:
        """Return whether a run that begins, with the prompt of both, may be the left-over prompt's instead of the turn's."""
        if left is None:
            return False
        if turn.held is None:
            return True
        # the run held back was the left-over prompt's; its second attempt is the last before the turn's run
        self._ended_left_over(state, left, turn.held_end)
        return left in state.left and (turn.answered or left.attempts < ATTEMPTS - 1)

    def _held_ended(self, session_id: str, state: _SessionRuns, turn: Turn, end: str) -> None:
        turn.held_end = end
        if turn.answered:
            self._decide(state, turn)
            if turn.running:
                self._forget(turn)
            return
        left = next((left for left in state.left if left.text == turn.text), None)
        if left is None or not left.is_late(end):
            self._listener.other_run_ended(session_id)

    def _decide(self, state: _SessionRuns, turn: Turn) -> None:
        """Give a turn that has a result the run held back, if that can be its own, now that both are over."""
        left = next((left for left in state.left if left.text == turn.text), None)
        if turn.held_end == "run_failed" and left is not None:
            turn.held = state.current = None
            self._count_attempt(state, left)
            return
        if left is not None and left.attempts < ATTEMPTS - 1:
            # the left-over prompt did not come back before the turn: the server has dropped it
            state.left.remove(left)
        self._release(turn)

    def _other(self, session_id: str, state: _SessionRuns, payload: JsonObject) -> None:
        """Follow a run that is not ours, or whose beginning was lost, to its end."""
        if not _ends(payload):
            return
        if state.foreign is None:
            if not state.cut:
                self._ended_headless(state)
            state.cut = False
            self._tidy(session_id, state)
            return
        left, state.foreign = state.foreign, None
        late = left in state.left and left.is_late(str(payload["type"]))
        if left in state.left:
            self._ended_left_over(state, left, str(payload["type"]))
        self._tidy(session_id, state)
        if not late:
            self._listener.other_run_ended(session_id)

    def _ended_headless(self, state: _SessionRuns) -> None:
        turn = next((turn for turn in state.waiting if turn.answered and not turn.running), None)
        state.headless = turn is None
        if turn is not None:
            turn.behead()
            self._forget(turn)

    def _ended_left_over(self, state: _SessionRuns, left: _LeftOver, end: str) -> None:
        if end in ("run_failed", ""):
            self._count_attempt(state, left)
        else:
            state.left.remove(left)

    @staticmethod
    def _count_attempt(state: _SessionRuns, left: _LeftOver) -> None:
        left.attempts += 1
        if left.attempts >= ATTEMPTS and left in state.left:
            state.left.remove(left)

    def _stray(self, session_id: str, envelope: JsonObject) -> None:
        """Hold an event of a session that nobody here knows, as long as a create may turn out to own it."""
        if self._creates and self._stray_count < STRAYS_HELD:
            self._strays.setdefault(session_id, []).append(envelope)
            self._stray_count += 1
