"""Writes what a channel's projection yields into its session: messages, usage, events for subscribers (spec 07, sections 8.1 to 8.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from meerkat_mock.agent.ports import Usage
from meerkat_mock.clock import rfc3339
from meerkat_mock.live.materialise import materialise
from meerkat_mock.live.projection import AssistantSaid, NothingSaid, Projection, ProjectionFailed, UserSaid

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject
    from meerkat_mock.live.projection import Lane, Written
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.state import Session

_PROJECTED = frozenset(
    {
        "user_transcript_final",
        "assistant_text_delta",
        "assistant_transcript_delta",
        "assistant_transcript_final",
        "assistant_transcript_truncated",
        "realtime_transcript",
        "turn_interrupted",
        "turn_completed",
    }
)


class SessionWriter:
    """The pen of one session, for all its channels: provider ids are remembered across them."""

    def __init__(self, book: SessionBook, session: Session) -> None:
        self._book = book
        self._session = session
        self._projection = Projection()

    async def apply(self, observation: JsonObject) -> None:
        """Take an observation that has been sent. Raises `ProjectionFailed` when the session rejects it."""
        kind = observation["observation"]
        if kind not in _PROJECTED:
            return
        if self._session.archived:
            raise ProjectionFailed(f"session {self._session.id} is archived")
        if kind == "turn_interrupted":
            self._book.queue(self._session).interrupt()
        elif kind in ("user_transcript_final", "turn_completed"):
            await self._until_idle(loses=kind == "user_transcript_final")
        self._commit(observation, self._projection.apply(observation))

    async def _until_idle(self, *, loses: bool) -> None:
        """Wait for an ordinary turn that runs; by the quirk, user input then costs it its messages (spec 07, section 0)."""
        session, runtime = self._session, self._book.runtime
        before = session.messages
        if self._book.running(session):
            await runtime.turns.session_over(session.id)
            if loses and runtime.quirks.on("live_input_loses_turn"):
                session.messages = before

    def _commit(self, observation: JsonObject, written: list[Written]) -> None:
        completed = observation["observation"] == "turn_completed"
        if not (written or completed):
            return
        session, now = self._session, self._book.runtime.clock.now()
        if completed:
            session.usage.add(_usage(cast("JsonObject", observation["usage"])))
        for each in written:
            self._write(each, now)
        session.updated_at = now
        session.never_ran = False
        self._book.committed(session)

    def _write(self, said: Written, now: float) -> None:
        created_at = rfc3339(now)
        messages = self._session.messages
        match said:
            case UserSaid():
                self._session.messages = [*messages, {"role": "user", "content": said.text, "created_at": created_at}]
            case AssistantSaid():
                blocks = [_block(lane, text) for lane, text in said.items]
                message: JsonObject = {
                    "role": "block_assistant",
                    "blocks": [*blocks],
                    "stop_reason": said.stop_reason,
                    "created_at": created_at,
                }
                self._session.messages = [*messages, message]
                self._tell_answer(said)
            case NothingSaid():
                self._tell(_turn_completed(said.stop_reason, _usage(said.usage)))

    def _tell_answer(self, said: AssistantSaid) -> None:
        usage = _usage(said.usage)
        for _, text in said.items:
            self._tell({"type": "text_complete", "content": text})
            self._tell(_turn_completed(said.stop_reason, usage))
            usage = Usage()

    def _tell(self, event: JsonObject) -> None:
        """Show an event to streams and log; `session/event` never shows live answers (spec 03, section 1)."""
        materialise(self._book, self._session).channel.publish_aside(event)


def _usage(shown: JsonObject) -> Usage:
    cached = shown.get("cache_read_tokens")
    return Usage(cast("int", shown["input_tokens"]), cast("int", shown["output_tokens"]), None, cached if isinstance(cached, int) else None)


def _turn_completed(stop_reason: str, usage: Usage) -> JsonObject:
    return {"type": "turn_completed", "stop_reason": stop_reason, "usage": usage.event()}


def _block(lane: Lane, text: str) -> JsonObject:
    if lane == "spoken":
        return {"block_type": "transcript", "data": {"text": text, "source": {"kind": "spoken"}}}
    return {"block_type": "text", "data": {"text": text}}
