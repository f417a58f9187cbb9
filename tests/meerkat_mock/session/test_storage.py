from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.agent.ports import BudgetLimits, OutputSchema, Usage
from meerkat_mock.session.notes import ContextNote, EventNote
from meerkat_mock.session.options import Builtins, Options, SkillKey, TurnRequest
from meerkat_mock.session.queue import TurnInput
from meerkat_mock.session.state import Phase, Session
from meerkat_mock.session.storage import SessionStorage
from meerkat_mock.store import FILE_NAME, SqliteStore

if TYPE_CHECKING:
    from pathlib import Path

OPTIONS = Options(
    model="m",
    provider="self_hosted",
    max_tokens=5,
    system_prompt="s",
    output_schema=OutputSchema({"type": "object"}, "n", strict=True),
    structured_output_retries=1,
    hooks_override={"entries": []},
    builtins=Builtins(shell=False),
    keep_alive=True,
    comms_name="c",
    peer_meta={"description": "d"},
    budget=BudgetLimits(1, 2, 3.5),
    provider_params={"seed": 1},
    auth_binding={"realm": "r", "binding": "b"},
    preload_skills=(SkillKey("u", "n"),),
    additional_instructions=("i",),
    app_context=[1],
    shell_env={"A": "B"},
)


class Line:
    """A line that holds what it was made with."""

    def __init__(self, *items: TurnInput | EventNote) -> None:
        self.items = items

    def durable(self) -> list[TurnInput | EventNote]:
        return list(self.items)


def session(phase: Phase = Phase.STORED) -> Session:
    made = Session("s1", OPTIONS, {"a": "b"}, 10.5, phase)
    made.updated_at = 11.5
    made.messages = [{"role": "user", "content": "\ud800"}]
    made.usage = Usage(1, 2, None, 4)
    made.notes.waiting = [ContextNote("t", None)]
    made.notes.keys = {"k": ContextNote("t", "s")}
    made.log.append(1000, {"type": "text_delta", "delta": "x"})
    return made


def again(path: Path) -> tuple[Session, list[TurnInput | EventNote]]:
    store = SqliteStore(path / FILE_NAME)
    (found,) = SessionStorage(store, keeps_line=True).load()
    store.close()
    return found


def test_everything_durable_comes_back_as_it_was(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / FILE_NAME)
    request = TurnRequest([{"type": "text", "text": "p"}], (SkillKey("u", "n"),), frozenset({"t"}), frozenset({"z"}), has_overlay=True)
    turn = TurnInput(request, "turn", attempts=2, crowded=True)
    storage, saved = SessionStorage(store, keeps_line=True), session()
    storage.save(saved, Line(EventNote(({"type": "text", "text": "e"},), "i1"), EventNote("line", "i2"), turn))  # type: ignore[arg-type]
    saved.log.append(2000, {"type": "run_completed"})
    storage.save(saved, Line(EventNote("line", "i2"), turn))  # type: ignore[arg-type]
    store.close()
    found, line = again(tmp_path)
    assert (found.options, found.labels, found.created_at, found.updated_at) == (OPTIONS, {"a": "b"}, 10.5, 11.5)
    assert (found.messages, found.usage, found.notes) == (saved.messages, saved.usage, saved.notes)
    assert list(found.log.since(0, None)) == list(saved.log.since(0, None))
    event, prompt = line
    assert event == EventNote("line", "i2")
    assert isinstance(prompt, TurnInput)
    assert (prompt.request, prompt.origin, prompt.attempts, prompt.crowded) == (request, "turn", 2, True)


def test_an_archived_session_comes_back_archived(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / FILE_NAME)
    SessionStorage(store, keeps_line=True).save(session(Phase.ARCHIVED), None)
    store.close()
    assert again(tmp_path)[0].archived


def test_a_staged_session_is_not_kept(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / FILE_NAME)
    SessionStorage(store, keeps_line=True).save(session(Phase.STAGED), None)
    assert list(store.values("sessions")) == []
    store.close()
