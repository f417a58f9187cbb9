"""Sessions on their way into the store and back: what of them survives a restart, and in which form (spec 02, section 17.3).

Lost on purpose: staged sessions, inline `external_tools`, live agents with their counters. On a jsonl realm also injected context, its
keys, and the line of prompts. A prompt that was running when the process was killed counts as one that failed: it runs again before the
first turn of the next process (spec 08, section 0).
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, cast

from meerkat_mock.agent.ports import BudgetLimits, OutputSchema, Usage
from meerkat_mock.session.notes import ContextNote, EventNote
from meerkat_mock.session.options import Builtins, Options, SkillKey, TurnRequest
from meerkat_mock.session.queue import TurnInput
from meerkat_mock.session.state import Phase, Session

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.session.queue import TurnQueue
    from meerkat_mock.store import Store

SHELF = "sessions"


class SessionStorage:
    """Saves sessions as they change, and finds them again."""

    def __init__(self, store: Store, *, keeps_line: bool) -> None:
        self._store = store
        self._keeps_line = keeps_line
        self._logged: dict[str, int] = {}

    def save(self, session: Session, queue: TurnQueue | None) -> None:
        """Keep what is durable of a session. One that is still staged is not kept."""
        if session.staged:
            return
        record = _record(session)
        if self._keeps_line:
            record["notes"] = [[note.text, note.source] for note in session.notes.waiting]
            record["keys"] = {key: [note.text, note.source] for key, note in session.notes.keys.items()}
            record["line"] = [] if queue is None else [_kept(item) for item in queue.durable()]
        self._store.put(SHELF, session.id, record)
        self._save_log(session)

    def _save_log(self, session: Session) -> None:
        start = self._logged.get(session.id, 0)
        if session.log.latest > start:
            self._store.append(session.id, session.log.since(start, None))
            self._logged[session.id] = session.log.latest

    def load(self) -> list[tuple[Session, list[TurnInput | EventNote]]]:
        """Return the sessions of earlier processes, each with what waits in its line. Raises `BrokenState`."""
        return [self._loaded(key, cast("dict[str, Any]", value)) for key, value in self._store.values(SHELF)]

    def _loaded(self, session_id: str, record: dict[str, Any]) -> tuple[Session, list[TurnInput | EventNote]]:
        session = Session(session_id, _options(record["options"]), record["labels"], record["created_at"], Phase(record["phase"]))
        session.updated_at = record["updated_at"]
        session.messages = record["messages"]
        session.usage = Usage(*record["usage"])
        session.owner = record["owner"]
        session.notes.waiting = [ContextNote(*note) for note in record.get("notes", ())]
        session.notes.keys = {key: ContextNote(*note) for key, note in record.get("keys", {}).items()}
        for at_ms, event in self._store.logged(session_id):
            session.log.append(at_ms, cast("JsonObject", event))
        self._logged[session_id] = session.log.latest
        return session, [_waiting(item) for item in record.get("line", ())]


def _record(session: Session) -> dict[str, Json]:
    usage = session.usage
    return {
        "options": cast("Json", asdict(session.options)),
        "labels": cast("Json", session.labels),
        "created_at": session.created_at,
        "updated_at": session.updated_at,
        "phase": session.phase.value,
        "messages": cast("Json", session.messages),
        "usage": [usage.input_tokens, usage.output_tokens, usage.cache_creation_tokens, usage.cache_read_tokens],
        "owner": session.owner,
    }


def _options(kept: dict[str, Any]) -> Options:
    """Return options from their plain form; names that this version does not know are left out."""
    known = {field.name for field in fields(Options)}
    values = {name: value for name, value in kept.items() if name in known}
    values["builtins"] = Builtins(**kept["builtins"])
    values["output_schema"] = None if kept["output_schema"] is None else OutputSchema(**kept["output_schema"])
    values["budget"] = None if kept["budget"] is None else BudgetLimits(**kept["budget"])
    values["preload_skills"] = tuple(SkillKey(**key) for key in kept["preload_skills"])
    values["additional_instructions"] = tuple(kept["additional_instructions"])
    return Options(**values)


def _kept(item: TurnInput | EventNote) -> Json:
    if isinstance(item, EventNote):
        return {"event": cast("Json", item.content), "input_id": item.input_id}
    request = item.request
    return {
        "prompt": cast("Json", request.prompt),
        "origin": item.origin,
        "attempts": max(1, item.attempts),
        "crowded": item.crowded,
        "skills": [[key.source_uuid, key.skill_name] for key in request.skills],
        "allowed_tools": None if request.allowed_tools is None else cast("Json", sorted(request.allowed_tools)),
        "blocked_tools": cast("Json", sorted(request.blocked_tools)),
        "has_overlay": request.has_overlay,
    }


def _waiting(kept: dict[str, Any]) -> TurnInput | EventNote:
    if "event" in kept:
        content = kept["event"]
        return EventNote(content if isinstance(content, str) else tuple(content), kept["input_id"])
    allowed = kept["allowed_tools"]
    request = TurnRequest(
        prompt=kept["prompt"],
        skills=tuple(SkillKey(*key) for key in kept["skills"]),
        allowed_tools=None if allowed is None else frozenset(allowed),
        blocked_tools=frozenset(kept["blocked_tools"]),
        has_overlay=kept["has_overlay"],
    )
    return TurnInput(request, kept["origin"], attempts=kept["attempts"], crowded=kept["crowded"])
