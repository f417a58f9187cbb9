"""One run of a session: put the prompt together, build the agent if need be, let it run, publish what happens, commit or forget.

Owns the order of these steps and nothing that lasts.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from meerkat_mock.agent.ports import RunFailed, RunInput, RunRecord, ToolOverlay
from meerkat_mock.session.live import BuildFailed
from meerkat_mock.session.options import NO_CHANGES
from meerkat_mock.session.overtaking import LateSink, sink_for
from meerkat_mock.session.prompts import behind_events, behind_skills, flattened, merged, stored
from meerkat_mock.session.queue import TurnFailed
from meerkat_mock.session.results import run_result
from meerkat_mock.session.state import Loss
from meerkat_mock.session.system import with_notice
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat_mock.agent.ports import Block, Event, JsonObject
    from meerkat_mock.connection import Connection
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.live import LiveSession
    from meerkat_mock.session.notes import EventNote
    from meerkat_mock.session.options import Options, TurnRequest
    from meerkat_mock.session.queue import TurnInput
    from meerkat_mock.session.state import Session

SECOND_BUILD = (
    "Config error: model routing baseline: DSL transition rejected in ModelRoutingHandle::set_baseline: "
    "guard rejected transition from phase Idle for SetModelRoutingBaseline"
)
"""What every later build of a deferred session says whose first build failed (spec 02, section 5.3)."""


class Runner:
    """Runs the turns of one session."""

    def __init__(self, book: SessionBook, session: Session) -> None:
        self._book = book
        self._session = session

    async def run(self, turn: TurnInput, events: Sequence[EventNote]) -> JsonObject:
        """Run, commit and return the wire result. Raises `TurnFailed` or `Fault`; cancelling it is an interrupt."""
        turns = self._book.runtime.turns
        ticket = turns.started(self._session.id)
        try:
            return await self._run(turn, events)
        finally:
            turns.over(ticket)

    async def _run(self, turn: TurnInput, events: Sequence[EventNote]) -> JsonObject:
        session, book = self._session, self._book
        if session.archived:
            raise Fault(-32001, f"session not found: {session.id}")
        prompt, create_blocks = self._prompt(turn.request, events)
        session.never_ran = False
        live = self._live(turn)
        session.create_prompt = None  # a live channel may have made the session's agent before its first turn
        overlay = self._overlay(live, turn.request)
        given = RunInput(
            prompt=flattened(prompt, keeps_video=create_blocks),
            content=stored(flattened(prompt, keeps_video=create_blocks), book.surroundings.put_blob),
            overlay=overlay,
            attempt_key=turn.key,
            system_context=session.notes.rendered(),
        )
        record = RunRecord(list(session.messages), session.usage.copy())
        silent = turn.quiet or _shows_on_streams_only(session, live)
        _release(live.channel.sink)
        live.channel.sink = None if silent else sink_for(book.runtime.current, book.runtime.quirks)
        began = session.log.latest
        for prepare in book.surroundings.before_run:
            await prepare(session, live)
        try:
            await self._play(live, given, record)
        except RunFailed as failure:
            book.agent_lost(session, Loss.DROPPED if turn.attempts == 2 else Loss.FAILED)
            raise _turn_failed(session, failure) from failure
        except asyncio.CancelledError:
            _release(live.channel.sink)
            book.agent_lost(session, Loss.INTERRUPTED)
            raise
        finally:
            if book.runtime.quirks.on("bursts_lose_events"):
                session.log.lose_middle_since(began)
        if not session.loses_run:
            session.commit(record, book.runtime.clock.now())
        session.notes.used(len(given.system_context))
        book.committed(session)
        if turn.notice is not None:
            _context_pair(session, live, turn.notice)
        _release_after(turn, live)
        return run_result(session, book.realm, record, book.surroundings.skill_diagnostics())

    async def _play(self, live: LiveSession, given: RunInput, record: RunRecord) -> None:
        """Publish the events of a run as they happen, and hold each against the run grammar."""
        channel, judged, broken = live.channel, live.judge.feed, self._book.runtime.grammar_broken
        publish = channel.publish

        async def say(events: Sequence[Event]) -> None:
            for event in events:
                for breach in judged(event):
                    broken(self._session.id, str(breach))
                publish(event)
                if channel.congested:
                    await channel.drained()

        await live.agent.run(given, record, say)
        for breach in live.judge.finish():
            broken(self._session.id, str(breach))

    def _prompt(self, request: TurnRequest, events: Sequence[EventNote]) -> tuple[str | list[Block], bool]:
        """Return the whole prompt, and whether blocks of a create prompt are in it (which keeps videos; spec 02, section 3.4)."""
        session = self._session
        prompt, create = flattened(request.prompt, keeps_video=False), session.create_prompt
        if events:
            front = [] if create is None else [create]
            prompt = behind_events([*front, *(event.content for event in events)], prompt)
        elif create is not None:
            prompt = merged(create, prompt)
        bodies = self._book.skill_bodies(request.skills)
        return behind_skills(bodies, prompt), isinstance(create, list)

    def _live(self, turn: TurnInput) -> LiveSession:
        """Return the live agent, after this turn's changes, building it if there is none. Raises `TurnFailed`."""
        session, book = self._session, self._book
        changes = turn.request.changes if not turn.attempts else NO_CHANGES
        options = changes.applied(session.options)
        if session.live is not None and changes.replaces_client:
            self._replace_client(session.live, options)
        session.options = options
        if session.live is None:
            if session.owner is not None and session.lost is not None and (turn.origin != "turn" or turn.attempts):
                raise TurnFailed(f"session not found: {session.id}")  # only a new turn/start revives a member (spec 04, section 0)
            book.agent_built(session, self._build())
        if turn.notice is not None:
            session.messages[0] = with_notice(session.messages[0], turn.notice)
        assert session.live is not None
        return session.live

    def _replace_client(self, live: LiveSession, options: Options) -> None:
        """Give a live agent another client. Raises `TurnFailed`, and then nothing has changed."""
        provider = options.provider or ""
        if (text := self._book.builder.client_failure(options, provider)) is not None:
            raise TurnFailed(f"Failed to build LLM client for session identity hot-swap: {text}", returns=False)
        live.agent.switch(options.model, provider)
        if self._book.runtime.quirks.on("deltas_lost_after_override"):
            live.agent.deltas_muted = True

    def _build(self) -> LiveSession:
        session, book = self._session, self._book
        try:
            if session.staged:
                self._check_staged()
            return book.builder.build(session)
        except BuildFailed as failure:
            if session.staged:
                session.broken = book.runtime.quirks.on("failed_build_is_final")
            raise TurnFailed(f"agent error: Build error: {failure}") from failure

    def _check_staged(self) -> None:
        """Refuse what a staged session cannot become. Raises `TurnFailed` or `BuildFailed`."""
        session, book = self._session, self._book
        if session.broken:
            if session.options.keep_alive and session.options.comms_name is None:
                book.forget(session)
                raise TurnFailed(f"session not found: {session.id}")
            raise BuildFailed(SECOND_BUILD)
        if session.options.keep_alive and session.options.comms_name is None:
            session.broken = book.runtime.quirks.on("failed_build_is_final")
            raise TurnFailed("keep_alive requires a session created with comms_name")

    def _overlay(self, live: LiveSession, request: TurnRequest) -> ToolOverlay | None:
        """Return this turn's tool overlay. Raises `TurnFailed` when it names a tool that is not there (spec 02, section 5.2)."""
        if not request.has_overlay:
            return None
        known = live.tools.visible()
        named = (request.allowed_tools or frozenset()) | request.blocked_tools
        unknown = sorted(name for name in named if name not in known)
        if unknown:
            listed = ", ".join(f'"{name}"' for name in unknown)
            self._book.agent_lost(self._session, Loss.FAILED)
            raise TurnFailed(f"agent error: Configuration error: Unknown tool(s) in filter: [{listed}]")
        return ToolOverlay(request.allowed_tools, request.blocked_tools)


def _shows_on_streams_only(session: Session, live: LiveSession) -> bool:
    """Tell whether `session/event` keeps silent: of a mob member until its agent was rebuilt (spec 04, section 17.3)."""
    return session.owner is not None and live.first


def _turn_failed(session: Session, failure: RunFailed) -> TurnFailed:
    """Return how a failed run is told; the executor of mob members words it otherwise (spec 04, sections 0 and 10.1)."""
    if session.owner is None:
        return TurnFailed(f"agent error: {failure}")
    text = str(failure)
    return TurnFailed(text, applied=text.startswith("Terminal failure"))


def _release(sink: Connection | LateSink | None) -> None:
    if isinstance(sink, LateSink):
        sink.release()


def _release_after(turn: TurnInput, live: LiveSession) -> None:
    """Let late events of a run go out behind its answer, or at once when nobody is answered."""
    sink = live.channel.sink
    if not isinstance(sink, LateSink):
        return
    if turn.answer is None:
        sink.release()
        return
    loop = asyncio.get_running_loop()
    turn.answer.add_done_callback(lambda _: loop.call_soon(loop.call_soon, sink.release))


def _context_pair(session: Session, live: LiveSession, notice: str) -> None:
    """Publish the pair of events by which streams and the log learn of context that was added (spec 03, sections 1 and 6.1)."""
    usage: JsonObject = {"input_tokens": 0, "output_tokens": 0, "cache_creation_tokens": None, "cache_read_tokens": None}
    live.channel.publish_aside({"type": "run_started", "session_id": session.id, "prompt": notice})
    live.channel.publish_aside(
        {"type": "run_completed", "session_id": session.id, "result": "", "extraction_required": False, "usage": usage}
    )
