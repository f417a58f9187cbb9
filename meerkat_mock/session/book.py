"""All sessions of a runtime: found, made, listed, archived; and the order in which a list shows them (spec 02, sections 9.1 and 18)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.session.live import Builder, BuildFailed
from meerkat_mock.session.locators import session_id_of
from meerkat_mock.session.queue import TurnQueue
from meerkat_mock.session.results import capabilities_of, identity
from meerkat_mock.session.runner import Runner
from meerkat_mock.session.state import Loss, Phase, Session
from meerkat_mock.session.storage import SessionStorage
from meerkat_mock.session.surroundings import Surroundings
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from meerkat_mock.agent.ports import JsonObject, Message
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.session.live import LiveSession
    from meerkat_mock.session.options import Options, SkillKey

DEFAULT_MAX_SESSIONS = 100_000


class SessionBook:
    """The sessions of one runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.surroundings = Surroundings(runtime)
        self.builder = Builder(runtime, self.surroundings)
        self._sessions: dict[str, Session] = {}
        self._queues: dict[str, TurnQueue] = {}
        self._staged: dict[str, None] = {}
        self._live: list[str] = []
        """Sessions with a live agent in the order in which they got one; whoever leaves is replaced by the last."""
        self._storage = SessionStorage(runtime.store, keeps_line=runtime.realm.backend == "sqlite") if runtime.store.keeps else None
        self.on_archived: list[Callable[[Session], None]] = []
        """Called with every session that was archived."""
        runtime.at_close(self._close)
        self._restore()

    async def _close(self) -> None:
        """End every run: the process goes down."""
        for queue in tuple(self._queues.values()):
            await queue.stop()

    def _restore(self) -> None:
        """Take up the sessions of earlier processes. Raises `BrokenState`."""
        for session, line in self._storage.load() if self._storage is not None else ():
            self.adopt(session)
            if line:
                self.queue(session).restore(line)

    @property
    def realm(self) -> str:
        """Return the id of the realm."""
        return self.runtime.realm.id

    # ---- finding ---------------------------------------------------------------------------------------------------------------------

    def id_of(self, locator: str) -> str:
        """Return the session id that a parameter names. Raises `Fault` -32602."""
        return session_id_of(locator, self.realm)

    def get(self, session_id: str) -> Session | None:
        """Return a session by its id, archived ones too."""
        return self._sessions.get(session_id)

    def named(self, locator: str) -> Session | None:
        """Return the session that a parameter names, None if there is none. Raises `Fault` -32602."""
        return self._sessions.get(self.id_of(locator))

    def queue(self, session: Session) -> TurnQueue:
        """Return the line of a session's turns."""
        queue = self._queues.get(session.id)
        if queue is None:
            runtime = self.runtime
            queue = TurnQueue(session.id, Runner(self, session), runtime.quirks, runtime.clock, lambda: self.committed(session))
            self._queues[session.id] = queue
        return queue

    def waits(self, locator: str) -> bool:
        """Tell whether a read of this session is held back while any turn runs: of every known one but deferred ones (spec 02, 17.1)."""
        try:
            session = self.named(locator)
        except Fault:
            return False
        return session is not None and not session.staged

    def running(self, session: Session) -> bool:
        """Tell whether a turn of this session is under way."""
        return session.id in self.runtime.turns.sessions()

    def __iter__(self) -> Iterator[Session]:
        return iter(self._sessions.values())

    # ---- making and unmaking ---------------------------------------------------------------------------------------------------------

    def check_capacity(self) -> None:
        """Raise `Fault` -32603 when staged sessions and running turns use up `limits.max_sessions` (spec 02, section 17.2)."""
        limit = self.surroundings.max_sessions() or DEFAULT_MAX_SESSIONS
        used = len(self._staged.keys() | self.runtime.turns.sessions())
        if used >= limit:
            raise Fault(-32603, f"agent error: Internal error: Max sessions reached ({used}/{limit})")

    def create(
        self,
        options: Options,
        labels: Mapping[str, str],
        *,
        create_prompt: str | list[JsonObject] | None = None,
        external_tools: Mapping[str, JsonObject] | None = None,
    ) -> Session:
        """Make a staged session. `create_prompt` is put before the prompt of its first turn."""
        runtime = self.runtime
        session = Session(runtime.ids.uuid7(), options, dict(labels), runtime.clock.now(), create_prompt=create_prompt)
        session.external_tools = dict(external_tools or {})
        self._sessions[session.id] = session
        self._staged[session.id] = None
        return session

    def create_owned(self, options: Options, mob_id: str, identity: str) -> Session:
        """Make the session of a mob member, with its agent built at once (spec 04, section 7.2). Raises `BuildFailed`."""
        session = self.create(options, {})
        session.owner, session.identity, session.never_ran = mob_id, identity, True
        try:
            self.agent_built(session, self.builder.build(session))
        except BuildFailed:
            self.forget(session)
            raise
        return session

    def fork(self, source: Session, messages: list[Message]) -> Session:
        """Make a session of these messages with everything durable of another; it is stored, not live (spec 02, section 11.3)."""
        now = self.runtime.clock.now()
        fork = Session(self.runtime.ids.uuid7(), source.options, dict(source.labels), now, Phase.STORED)
        fork.messages = messages
        fork.usage = source.usage.copy()
        self.adopt(fork)
        self.committed(fork)
        return fork

    def adopt(self, session: Session) -> None:
        """Take up a session that is in storage: a fork, or one of an earlier process."""
        self._sessions[session.id] = session

    def archive(self, session: Session) -> None:
        """Archive a session; one that is still staged is forgotten altogether (spec 02, section 12)."""
        if session.staged:
            self.forget(session)
            return
        session.archived_live = session.live is not None and session.owner is None
        session.phase = Phase.ARCHIVED
        self._leave_live(session)
        session.readers.end_all("remote_end")
        session.notes.waiting.clear()
        if (queue := self._queues.pop(session.id, None)) is not None:
            queue.close()
        self._tell_archived(session)
        self.committed(session)

    def forget(self, session: Session) -> None:
        """Drop a staged session without a trace."""
        self._sessions.pop(session.id, None)
        self._staged.pop(session.id, None)
        session.phase = Phase.ARCHIVED
        session.readers.end_all("remote_end")
        if (queue := self._queues.pop(session.id, None)) is not None:
            queue.close()
        self._tell_archived(session)

    def _tell_archived(self, session: Session) -> None:
        for tell in self.on_archived:
            tell(session)

    # ---- agents that come and go -----------------------------------------------------------------------------------------------------

    def agent_built(self, session: Session, live: LiveSession) -> None:
        """Give a session its live agent; with the first one it is staged no more."""
        if session.staged:
            session.phase = Phase.STORED
            session.create_prompt = None
            session.created_at = session.updated_at = live.built_at
            self._staged.pop(session.id, None)
        session.live = live
        session.lost = None
        self._live.append(session.id)
        self.committed(session)

    def agent_lost(self, session: Session, loss: Loss) -> None:
        """Take a session's live agent away."""
        self._leave_live(session)
        session.lose_agent(loss)

    def committed(self, session: Session) -> None:
        """Keep what is durable of a session that has changed."""
        if self._storage is not None:
            self._storage.save(session, self._queues.get(session.id))

    def _leave_live(self, session: Session) -> None:
        if session.id in self._live:
            index = self._live.index(session.id)
            self._live[index] = self._live[-1]
            self._live.pop()

    # ---- what is told of them --------------------------------------------------------------------------------------------------------

    def labels_of(self, session: Session) -> dict[str, str]:
        """Return the labels that show: none while an agent lives that was built from storage (spec 02, section 9.1)."""
        live = session.live
        hidden = live is not None and not live.first and self.runtime.quirks.on("labels_hidden_after_rebuild")
        return {} if hidden else session.labels

    def created_at(self, session: Session) -> float:
        """Return the time of creation that shows: of a live session that of its agent (spec 02, section 9.1)."""
        live = session.live
        jumps = live is not None and self.runtime.quirks.on("labels_hidden_after_rebuild")
        return live.built_at if live is not None and jumps else session.created_at

    def rows(self, labels: Mapping[str, str]) -> list[JsonObject]:
        """Return the rows of `session/list` that have all these labels: staged, then stored, then live ones."""
        return [row for row, shown in self._rows() if labels.items() <= shown.items()]

    def _rows(self) -> Iterator[tuple[JsonObject, Mapping[str, str]]]:
        running = self.runtime.turns.sessions()
        for session_id in self._staged:
            session = self._sessions[session_id]
            yield self._row(session, session_id in running), session.labels
        stored = [item for item in self._sessions.values() if item.phase is Phase.STORED and item.live is None]
        for session in sorted(sorted(stored, key=lambda item: item.id), key=lambda item: item.updated_at, reverse=True):
            yield self._row(session), self.labels_of(session)
        for session_id in self._live:
            session = self._sessions[session_id]
            fresh = session.owner is None and session.live is not None and session.live.first
            if fresh and session.usage_is_untouched and session_id in running:
                yield self._staged_shadow(session), session.labels
            yield self._row(session), self.labels_of(session)

    def _row(self, session: Session, active: bool = False) -> JsonObject:
        row = self._times(session)
        row["message_count"] = session.shown_messages
        row["total_tokens"] = 0 if session.never_ran else session.total_tokens
        row["is_active"] = active
        if labels := self.labels_of(session):
            row["labels"] = dict(labels)
        return row

    def _staged_shadow(self, session: Session) -> JsonObject:
        """Return the second row of a session whose first turn runs (spec 02, section 9.1)."""
        return {**self._row(session), "message_count": 0, "total_tokens": 0, "is_active": True}

    def _times(self, session: Session) -> JsonObject:
        times = identity(session.id, self.realm)
        times["created_at"] = int(self.created_at(session))
        times["updated_at"] = int(session.updated_at)
        return times

    def info(self, session: Session) -> JsonObject:
        """Return what `session/read` shows of a session, in the order of the wire."""
        model = session.options.model
        profile = self.surroundings.profile(model)
        provider = session.options.provider or self.surroundings.provider_of(model) or "other"
        info = self._times(session)
        info["message_count"] = session.shown_messages
        info["is_active"] = False
        info["model"] = model
        info["provider"] = provider
        if text := session.last_assistant_text:
            info["last_assistant_text"] = text
        if profile is not None and session.owner is None:
            info["resolved_capabilities"] = capabilities_of(profile)
        if labels := self.labels_of(session):
            info["labels"] = dict(labels)
        return info

    def skill_bodies(self, keys: Sequence[SkillKey]) -> str:
        """Return the bodies that stand in front of a prompt; one unknown key makes all of them ineffective (spec 02, section 3.4)."""
        bodies = self.surroundings.render_skills(keys)
        if None in bodies and self.runtime.quirks.on("one_bad_skill_ref_voids_all"):
            return ""
        return "\n\n".join(body for body in bodies if body is not None)
