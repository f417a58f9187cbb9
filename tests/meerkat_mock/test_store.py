"""What a second process of the same realm finds, and what it does not (spec 02, section 17.3)."""

from __future__ import annotations

import gc
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from meerkat_mock.flags import Flags
from meerkat_mock.server import Server, World
from meerkat_mock.store import FILE_NAME, BrokenState, Disk, RealmMismatch, SqliteStore
from tests.meerkat_mock.talk import MODEL, Talk, moments, says, script, talking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from meerkat_mock.flags import Backend

FAILS = script({"fail": {"status": 400}}, say="bad")
PIXEL = "iVBORw0KGgo="


@asynccontextmanager
async def process(root: Path, backend: str = "sqlite") -> AsyncIterator[Talk]:
    flags = Flags(realm="team", state_root=str(root), realm_backend="jsonl" if backend == "jsonl" else "sqlite")
    async with talking(World(flags=flags, seed=None)) as talk:
        yield talk


async def test_transcript_usage_and_log_are_there_again(tmp_path: Path) -> None:
    async with process(tmp_path) as talk:
        session = await talk.create(says("one"), labels={"team": "red"})
        history = await talk.call("session/history", session_id=session)
        log = await talk.call("events/list_since", scope={"type": "session", "session_id": session})
    async with process(tmp_path) as talk:
        assert await talk.call("session/history", session_id=session) == history
        assert await talk.call("events/list_since", scope={"type": "session", "session_id": session}) == log
        assert (await talk.call("session/read", session_id=session))["labels"] == {"team": "red"}
        result = await talk.turn(f"team:{session}", says("two"))
        assert result["usage"]["total_tokens"] == 30
        assert "labels" not in await talk.call("session/read", session_id=session)
        assert talk.events(session)[0]["seq"] == 1


async def test_a_session_that_did_not_run_yet_has_no_stream_but_can_be_interrupted(tmp_path: Path) -> None:
    async with process(tmp_path) as talk:
        session = await talk.create()
    async with process(tmp_path) as talk:
        assert "stream not found" in await talk.refusal("session/stream_open", session_id=session)
        assert await talk.call("turn/interrupt", session_id=session) == {"interrupted": True}


async def test_deferred_sessions_are_gone(tmp_path: Path) -> None:
    async with process(tmp_path) as talk:
        session = await talk.create(initial_turn="deferred")
    async with process(tmp_path) as talk:
        assert (await talk.call("session/list")) == {"sessions": []}
        assert "not found" in await talk.refusal("session/read", session_id=session)


async def test_an_archived_session_keeps_its_history_but_can_no_longer_be_read(tmp_path: Path) -> None:
    async with process(tmp_path) as talk:
        session = await talk.create()
        await talk.call("session/archive", session_id=session)
        assert (await talk.call("session/read", session_id=session))["message_count"] == 3
    async with process(tmp_path) as talk:
        assert "-32001 Session not found" in await talk.refusal("session/read", session_id=session)
        assert "-32001 session not found" in await talk.refusal("turn/start", session_id=session, prompt="x")
        assert (await talk.call("session/history", session_id=session))["message_count"] == 3


async def test_options_outlive_the_process_and_inline_tools_do_not(tmp_path: Path) -> None:
    tool = {"name": "mine", "description": "", "input_schema": {}}
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    async with process(tmp_path) as talk:
        first = script({"say": ["text"]}, {"say": ['{"n": 1}']})
        session = await talk.create(first, output_schema=schema, external_tools=[tool], budget_limits={"max_tokens": 1000})
    async with process(tmp_path) as talk:
        result = await talk.turn(session, script({"say": ["text"]}, {"say": ['{"n": 2}']}))
        assert result["structured_output"] == {"n": 2}
        calls = script({"call": [{"tool": "mine", "args": {}}]})
        assert "Tool not found: mine" in await talk.refusal("turn/start", session_id=session, prompt=calls)


async def test_keys_context_events_and_failed_prompts_wait_for_the_next_process(tmp_path: Path) -> None:
    async with process(tmp_path) as talk:
        session = await talk.create(says("one"))
        await talk.call("session/inject_context", session_id=session, text="Sky is green.", idempotency_key="k")
        await talk.refusal("turn/start", session_id=session, prompt=FAILS)
    async with process(tmp_path) as talk:
        again = await talk.call("session/inject_context", session_id=session, text="Sky is green.", idempotency_key="k")
        assert again == {"status": "duplicate"}
        await talk.turn(session, says("two"))
        assert [prompt.split(" @")[0] for prompt in talk.prompts(session)] == ["bad", "say two"]


async def test_on_a_jsonl_realm_the_line_is_lost(tmp_path: Path) -> None:
    async with process(tmp_path, "jsonl") as talk:
        session = await talk.create(says("one"))
        await talk.refusal("turn/start", session_id=session, prompt=FAILS)
    async with process(tmp_path, "jsonl") as talk:
        await talk.turn(session, says("two"))
        assert talk.prompts(session)[0].startswith("say two")


async def test_a_prompt_that_ran_when_the_process_was_killed_runs_again_and_strands_the_next(tmp_path: Path) -> None:
    async with process(tmp_path) as talk:
        session = await talk.create(says("one"))
        slow = script({"attempts": [{"say": ["never"], "pace": {"first": 3600}}, {"say": ["late"]}]}, say="slow")
        await talk.ask("turn/start", {"session_id": session, "prompt": slow})
        await talk.hear("turn_started", session_id=session, count=2)
        killed = tmp_path / "killed" / "team"
        killed.mkdir(parents=True)
        for file in (tmp_path / "team").iterdir():
            (killed / file.name).write_bytes(file.read_bytes())
    async with process(tmp_path / "killed") as talk:
        _, stranded = await talk.ask("turn/start", {"session_id": session, "prompt": says("b")})
        await talk.hear("run_completed", session_id=session)
        await moments(100)
        assert not stranded.done()
        await talk.turn(session, says("c"))
        assert (await stranded)["text"] == "b"


async def test_a_turn_cut_off_by_the_end_of_the_input_is_not_repeated(tmp_path: Path) -> None:
    async with process(tmp_path) as talk:
        session = await talk.create(says("one"))
        await talk.ask("turn/start", {"session_id": session, "prompt": script({"say": ["x"], "pace": {"first": 3600}})})
        await talk.hear("turn_started", session_id=session, count=2)
    async with process(tmp_path) as talk:
        await talk.turn(session, says("two"))
        assert len(talk.prompts(session)) == 1


async def test_configuration_and_blobs_are_there_again(tmp_path: Path) -> None:
    async with process(tmp_path) as talk:
        await talk.call("config/patch", patch={"agent": {"model": MODEL}})
        image = {"type": "image", "media_type": "image/png", "source": "inline", "data": PIXEL}
        session = await talk.create([image])  # type: ignore[arg-type]
        message = (await talk.call("session/history", session_id=session))["messages"][1]
        blob = message["content"][0]["blob_id"]
        config = await talk.call("config/get")
    async with process(tmp_path) as talk:
        assert (await talk.call("config/get"))["config"] == config["config"]
        assert (await talk.call("blob/get", blob_id=blob))["data"] == PIXEL


async def test_another_realm_sees_nothing(tmp_path: Path) -> None:
    async with process(tmp_path) as talk:
        await talk.create()
    async with talking(World(flags=Flags(realm="other", state_root=str(tmp_path)))) as talk:
        assert await talk.call("session/list") == {"sessions": []}


@pytest.mark.parametrize(("made", "asked"), [("jsonl", "sqlite"), ("sqlite", "jsonl")])
async def test_a_realm_stays_as_it_was_made(tmp_path: Path, made: Backend, asked: Backend) -> None:
    async with process(tmp_path, made) as talk:
        await talk.create()
    async with talking(World(flags=Flags(realm="team", state_root=str(tmp_path)))) as talk:
        assert (await talk.call("runtime/host_info"))["realm"]["backend"] == made
    with pytest.raises(RealmMismatch) as refused:
        Server(World(flags=Flags(realm="team", state_root=str(tmp_path), realm_backend=asked)))
    assert str(refused.value) == f'Store(RealmBackendMismatch {{ realm_id: "team", requested: "{asked}", existing: "{made}" }})'
    del refused
    gc.collect()  # a file left open would be told now


def test_realms_in_memory_stay_as_they_were_made_too() -> None:
    disk = Disk()
    assert Server(World(disk=disk, flags=Flags(realm="two", realm_backend="jsonl"))).runtime.realm.backend == "jsonl"
    assert Server(World(disk=disk, flags=Flags(realm="two"))).runtime.realm.backend == "jsonl"


def test_a_server_that_is_only_asked_leaves_no_file(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "realm" / FILE_NAME)
    assert list(store.values("sessions")) == []
    assert store.value("config", "realm") is None
    assert list(store.logged("x")) == []
    store.close()
    assert not (tmp_path / "realm").exists()


def test_a_file_that_is_no_state_is_named(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_bytes(b"this is no database, but long enough to be read as one" * 40)
    store = SqliteStore(path)
    with pytest.raises(BrokenState, match=r"cannot be read.*delete the file"):
        list(store.values("sessions"))
    store.close()


def test_values_are_replaced_and_dropped(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / FILE_NAME)
    store.put("shelf", "b", {"text": "\ud800 lone"})
    store.put("shelf", "a", 1)
    store.put("shelf", "a", 2)
    assert list(store.values("shelf")) == [("a", 2), ("b", {"text": "\ud800 lone"})]
    store.drop("shelf", "a")
    assert store.value("shelf", "a") is None
    store.append("log", [(1, 10, "x"), (2, 20, "y")])
    store.close()
    again = SqliteStore(tmp_path / FILE_NAME)
    assert list(again.logged("log")) == [(10, "x"), (20, "y")]
    again.close()
