from __future__ import annotations

import asyncio
from typing import Any

import pytest

from meerkat_mock.flags import Flags
from meerkat_mock.quirks import Quirks
from meerkat_mock.scenario.models.scenario import Scenario
from meerkat_mock.server import Server, World
from tests.meerkat_mock.talk import ALIAS, MODEL, Talk, moments, says, script, talking

SLOW = script({"say": ["late"], "pace": {"first": 60}}, say="slow")
UNKNOWN = "00000000-0000-7000-8000-000000000000"
PIXEL = "iVBORw0KGgo="


# ---- making --------------------------------------------------------------------------------------------------------------------------


async def test_a_create_runs_its_first_turn_and_tells_of_it_before_it_answers() -> None:
    async with talking() as talk:
        result = await talk.call("session/create", prompt=says("hello"), model=MODEL)
        assert result["text"] == "hello"
        assert result["session_ref"].endswith(f":{result['session_id']}")
        assert [event["payload"]["type"] for event in talk.events(result["session_id"])] == [
            "run_started",
            "turn_started",
            "text_delta",
            "text_complete",
            "turn_completed",
            "run_completed",
        ]


async def test_a_deferred_create_runs_nothing_and_puts_its_prompt_before_the_first_turn() -> None:
    async with talking() as talk:
        session = await talk.create("First part.", initial_turn="deferred", labels={"a": "b"})
        assert talk.heard == []
        assert (await talk.call("session/read", session_id=session))["message_count"] == 0
        await talk.turn(session, "Second part.")
        await talk.turn(session, "Third part.")
        assert talk.prompts(session) == ["First part.\n\nSecond part.", "Third part."]


async def test_a_failed_create_leaves_only_a_history() -> None:
    async with talking() as talk:
        await talk.refusal("session/create", prompt=script({"fail": {"status": 400}}), model=MODEL)
        session = talk.heard[0][1]["session_id"]
        assert await talk.call("session/list") == {"sessions": []}
        assert await talk.refusal("session/read", session_id=session) == f"-32001 Session not found: {session}"
        assert await talk.refusal("turn/start", session_id=session, prompt="x") == f"-32001 session not found: {session}"
        assert (await talk.call("session/history", session_id=session))["message_count"] == 1


async def test_a_create_that_cannot_be_built_leaves_nothing_at_all() -> None:
    async with talking() as talk:
        refusal = await talk.refusal("session/create", prompt="x", model="nobody-knows")
        assert refusal.endswith("agent error: Build error: Cannot infer provider from model 'nobody-knows'")
        assert talk.heard == []
        assert await talk.call("session/list") == {"sessions": []}


async def test_a_kept_alive_create_answers_at_once_and_runs_behind() -> None:
    async with talking() as talk:
        result = await talk.call("session/create", prompt=says("x"), model=MODEL, keep_alive=True, comms_name="me")
        assert (result["text"], result["turns"], result["usage"]["total_tokens"]) == ("", 0, 0)
        await talk.hear("run_completed", session_id=result["session_id"])


async def test_a_kept_alive_create_that_is_cancelled_leaves_no_session() -> None:
    async with talking() as talk:
        params = {"prompt": SLOW, "model": MODEL, "keep_alive": True, "comms_name": "me"}
        request_id, answer = await talk.ask("session/create", params)
        await talk.tell("cancel", request_id=request_id)
        with pytest.raises(Exception, match="-32005 request cancelled before response publish"):
            await answer
        assert await talk.call("session/list") == {"sessions": []}
        assert talk.heard == []


async def test_a_kept_alive_create_without_comms_is_useless() -> None:
    async with talking() as talk:
        made = await talk.call("session/create", prompt="x", model=MODEL, keep_alive=True)
        session = made["session_id"]
        assert talk.events(session) == []
        assert f"Apply failed: session not found: {session}" in await talk.refusal("turn/start", session_id=session, prompt="x")
        assert "-32001" in await talk.refusal("turn/start", session_id=session, prompt="x")


async def test_cancelling_a_create_archives_what_it_made() -> None:
    async with talking() as talk:
        request_id, answer = await talk.ask("session/create", {"prompt": SLOW, "model": MODEL})
        while not talk.heard:
            await moments(1)
        await talk.tell("cancel", request_id=request_id)
        with pytest.raises(Exception, match="-32005 request cancelled before response publish"):
            await answer
        assert await talk.call("session/list") == {"sessions": []}


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        ({"labels": {"Role": "x"}}, "metadata label key 'Role' is reserved for Meerkat-owned runtime facts"),
        ({"labels": {"meerkat.x": "x"}}, "metadata label key 'meerkat.x' is reserved for Meerkat-owned runtime facts"),
        ({"peer_meta": {"labels": {"mob_id": "x"}}}, "metadata label key 'mob_id' is reserved for Meerkat-owned runtime facts"),
        ({"app_context": {"meerkat.a": 1}}, "app_context key 'meerkat.a' is reserved for Meerkat-owned runtime facts"),
        ({"provider": "other"}, "unknown provider 'other' (expected anthropic, openai, gemini, or self_hosted)"),
        ({"output_schema": []}, "Invalid output_schema: Schema must be a JSON object at the root"),
        ({"output_schema": {"schema": {}, "compat": "x"}}, "Invalid output_schema: Schema must be a JSON object at the root"),
        ({"model": "nope", "provider": "self_hosted"}, "self-hosted provider requires a registered model alias; 'nope' is not configured"),
        (
            {"provider": "openai"},
            (
                "model 'scripted' is registered for provider 'self_hosted', not provider 'openai'; "
                "explicit provider overrides must match catalog ownership"
            ),
        ),
        (
            {"prompt": [{"type": "video", "media_type": "video/avi", "duration_ms": 1, "source": "inline", "data": "AA"}]},
            "unsupported video media type 'video/avi'; expected one of video/mp4, video/webm, video/quicktime",
        ),
    ],
)
async def test_a_create_is_refused_in_the_words_of_the_server(options: dict[str, Any], refusal: str) -> None:
    async with talking() as talk:
        params = {"prompt": "x", "model": MODEL, "initial_turn": "deferred", **options}
        assert await talk.refusal("session/create", **params) == f"-32602 {refusal}"
        assert await talk.call("session/list") == {"sessions": []}


async def test_staged_sessions_and_running_turns_use_up_the_capacity_that_counted_at_the_start() -> None:
    scenario = Scenario.model_validate({"config": {"limits": {"max_sessions": 1}}})
    async with talking(World(scenario=scenario)) as talk:
        await talk.call("config/patch", patch={"limits": {"max_sessions": 5}})
        first = await talk.create(initial_turn="deferred")
        full = "-32603 agent error: Internal error: Max sessions reached (1/1)"
        assert await talk.refusal("session/create", prompt="x", model=MODEL) == full
        await talk.call("session/archive", session_id=first)
        assert await talk.create()


# ---- looking -------------------------------------------------------------------------------------------------------------------------


async def test_a_list_shows_staged_then_stored_then_live_sessions() -> None:
    async with talking() as talk:
        live = [await talk.create() for _ in range(2)]
        fork = (await talk.call("session/fork_at", session_id=live[0], message_index=1))["session_id"]
        staged = await talk.create(initial_turn="deferred")
        assert [row["session_id"] for row in (await talk.call("session/list"))["sessions"]] == [staged, fork, *live]


async def test_an_archived_row_is_replaced_by_the_last_one() -> None:
    async with talking() as talk:
        first, second, third = [await talk.create() for _ in range(3)]
        await talk.call("session/archive", session_id=first)
        assert [row["session_id"] for row in (await talk.call("session/list"))["sessions"]] == [third, second]


async def test_labels_filter_and_pages_cut_the_list() -> None:
    async with talking() as talk:
        ids = [await talk.create(labels={"n": str(number), "all": "yes"}) for number in range(3)]
        listed = await talk.call("session/list", labels={"all": "yes"}, offset=1, limit=1)
        assert [row["session_id"] for row in listed["sessions"]] == [ids[1]]
        assert (await talk.call("session/list", labels={"n": "9"}))["sessions"] == []


async def test_labels_hide_while_a_rebuilt_agent_lives() -> None:
    async with talking() as talk:
        session = await talk.create(labels={"a": "b"})
        await talk.refusal("turn/start", session_id=session, prompt=script({"fail": {"status": 400}}))
        assert (await talk.call("session/read", session_id=session))["labels"] == {"a": "b"}
        await talk.turn(session, says("x"))
        await talk.hear("run_failed", session_id=session, count=3)
        assert (await talk.call("session/read", session_id=session))["labels"] == {"a": "b"}
        await talk.turn(session, says("y"))
        assert "labels" not in await talk.call("session/read", session_id=session)
        assert (await talk.call("session/list", labels={"a": "b"}))["sessions"] == []


async def test_as_documented_labels_never_hide() -> None:
    async with talking(contract=True) as talk:
        session = await talk.create(labels={"a": "b"})
        fork = (await talk.call("session/fork_at", session_id=session, message_index=1))["session_id"]
        await talk.turn(fork, "x")
        assert (await talk.call("session/read", session_id=fork))["labels"] == {"a": "b"}


async def test_the_last_text_passes_over_messages_without_any() -> None:
    async with talking() as talk:
        session = await talk.create(says("spoken"))
        await talk.turn(session, script({"say": []}))
        assert (await talk.call("session/read", session_id=session))["last_assistant_text"] == "spoken"


async def test_history_pages_are_clamped_but_a_staged_session_echoes() -> None:
    async with talking() as talk:
        session = await talk.create()
        page = await talk.call("session/history", session_id=session, offset=9, limit=0)
        assert (page["offset"], page["limit"], page["has_more"], page["messages"]) == (3, 0, False, [])
        assert (await talk.call("session/history", session_id=session, limit=1))["has_more"] is True
        staged = await talk.create(initial_turn="deferred")
        assert (await talk.call("session/history", session_id=staged, offset=9))["offset"] == 9


@pytest.mark.parametrize("spelling", [str.upper, lambda text: text.replace("-", ""), lambda text: f"{{{text}}}"])
async def test_a_session_id_is_read_in_every_spelling(spelling: Any) -> None:
    async with talking() as talk:
        session = await talk.create()
        assert (await talk.call("session/read", session_id=spelling(session)))["session_id"] == session


# ---- held back -----------------------------------------------------------------------------------------------------------------------


async def test_reads_of_every_session_but_deferred_ones_wait_for_a_running_turn() -> None:
    async with talking() as talk:
        idle, busy = await talk.create(), await talk.create()
        staged = await talk.create(initial_turn="deferred")
        _, turn = await talk.ask("turn/start", {"session_id": busy, "prompt": SLOW})
        await talk.hear("turn_started", session_id=busy, count=2)
        held = [
            (await talk.ask(method, {"session_id": idle, **more}))[1]
            for method, more in (
                ("session/read", {}),
                ("session/history", {}),
                ("session/stream_open", {}),
                ("session/inject_context", {"text": "x"}),
                ("session/fork_at", {"message_index": 1}),
            )
        ]
        held.append((await talk.ask("session/list"))[1])
        assert (await _at_once(talk, "session/read", session_id=staged))["message_count"] == 0
        assert await _at_once(talk, "session/external_event", session_id=idle, kind="generic_json", event_type="e", payload={})
        assert not any(answer.done() for answer in held)
        await turn
        listed = (await asyncio.gather(*held[:-1], held[-1], return_exceptions=True))[-1]
        rows = {row["session_id"]: row["message_count"] for row in listed["sessions"]}  # type: ignore[index]
        assert rows[busy] == 3


async def _at_once(talk: Talk, method: str, **params: Any) -> Any:
    _, answer = await talk.ask(method, params)
    await moments(30)
    assert answer.done()
    return answer.result()


async def test_as_documented_reads_are_answered_at_once() -> None:
    async with talking(contract=True) as talk:
        session = await talk.create()
        await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await talk.hear("turn_started", session_id=session, count=2)
        assert (await _at_once(talk, "session/read", session_id=session))["message_count"] == 3


async def test_a_session_shows_twice_while_its_first_turn_runs() -> None:
    async with talking(reads_wait_for_turns=False) as talk:
        await talk.ask("session/create", {"prompt": SLOW, "model": MODEL})
        while not talk.heard:
            await moments(1)
        rows = (await _at_once(talk, "session/list"))["sessions"]
        assert [(row["message_count"], row["is_active"]) for row in rows] == [(0, True), (1, False)]
        assert len({row["session_id"] for row in rows}) == 1


# ---- forking and archiving -----------------------------------------------------------------------------------------------------------


async def test_a_fork_inherits_usage_and_labels_and_is_run_by_a_plain_turn() -> None:
    async with talking() as talk:
        session = await talk.create(says("one"), labels={"a": "b"})
        fork = await talk.call("session/fork_at", session_id=session, message_index=1)
        assert (fork["source_session_id"], fork["message_count"]) == (session, 1)
        assert (await talk.call("session/read", session_id=fork["session_id"]))["labels"] == {"a": "b"}
        assert (await talk.turn(fork["session_id"], says("two")))["usage"]["total_tokens"] == 30
        assert (await talk.call("session/history", session_id=session))["message_count"] == 3


@pytest.mark.parametrize(
    ("message", "refusal"),
    [
        ({"role": "user", "content": "x", "created_at": "yesterday"}, "input contains invalid characters"),
        ({"role": "block_assistant", "blocks": [{"block_type": "text", "data": {}}], "stop_reason": "end_turn"}, "missing field `text`"),
        (
            {
                "role": "block_assistant",
                "blocks": [{"block_type": "tool_use", "data": {"id": "i", "name": "n"}}],
                "stop_reason": "end_turn",
            },
            "missing field `args`",
        ),
        (
            {
                "role": "block_assistant",
                "blocks": [{"block_type": "transcript", "data": {"text": "x", "source": {"kind": "spoken"}}}],
                "stop_reason": "end_turn",
            },
            "expected value",
        ),
    ],
)
async def test_a_replacement_is_read_as_it_is_stored(message: dict[str, object], refusal: str) -> None:
    async with talking() as talk:
        session = await talk.create()
        given = {"type": "message", "message": message}
        refused = await talk.refusal("session/fork_replace", session_id=session, message_index=1, replacement=given)
        assert f"-32602 Invalid params: {refusal}" in refused


async def test_a_stored_block_is_shown_without_what_it_does_not_know() -> None:
    block = {"block_type": "text", "data": {"text": "x", "meta": None, "more": 1}, "more": 2}
    async with talking() as talk:
        session = await talk.create()
        given = {"type": "assistant_block", "block_index": 0, "block": block}
        made = await talk.call("session/fork_replace", session_id=session, message_index=2, replacement=given)
        history = await talk.call("session/history", session_id=made["session_id"])
        assert history["messages"][2]["blocks"] == [{"block_type": "text", "data": {"text": "x"}}]


@pytest.mark.parametrize("cached", [{}, {"cache_creation_tokens": None}, {"cache_creation_tokens": 1, "cache_read_tokens": 2}])
async def test_a_stored_answer_of_the_old_form_may_leave_out_what_was_cached(cached: dict[str, object]) -> None:
    message = {"role": "assistant", "content": "x", "stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 2, **cached}}
    async with talking() as talk:
        session = await talk.create()
        given = {"type": "message", "message": message}
        made = await talk.call("session/fork_replace", session_id=session, message_index=2, replacement=given)
        shown = (await talk.call("session/history", session_id=made["session_id"]))["messages"][2]
        assert {name: value for name, value in shown.items() if name != "created_at"} == {
            "role": "assistant", "content": "x", "stop_reason": "end_turn",
        }  # fmt: skip


async def test_a_list_that_waits_shows_the_sessions_there_were_and_waits_for_no_later_turn() -> None:
    async with talking() as talk:
        running, idle = await talk.create(), await talk.create()
        talk.tools["t"] = lambda arguments: None
        await talk.call("tools/register", tools=[{"name": "t", "description": "", "input_schema": {}}])
        _, turn = await talk.ask("turn/start", {"session_id": running, "prompt": SLOW})
        while "turn_started" not in [event["payload"]["type"] for event in talk.events(running)[-1:]]:
            await moments(1)
        _, listed = await talk.ask("session/list", {})
        await talk.ask("turn/start", {"session_id": idle, "prompt": script({"call": [{"tool": "t", "args": {}}]})})
        await talk.ask("session/create", {"prompt": "later", "model": MODEL, "initial_turn": "deferred"})
        await turn
        assert len((await listed)["sessions"]) == 2


async def test_on_a_jsonl_realm_context_goes_into_deferred_and_live_sessions_only() -> None:
    async with talking(World(flags=Flags(realm_backend="jsonl"))) as talk:
        live = await talk.create()
        deferred = (await talk.call("session/create", prompt="x", model=MODEL, initial_turn="deferred"))["session_id"]
        stored = (await talk.call("session/fork_at", session_id=live, message_index=1))["session_id"]
        for session in (live, deferred):
            assert await talk.call("session/inject_context", session_id=session, text="x") == {"status": "staged"}
        refused = await talk.refusal("session/inject_context", session_id=stored, text="x")
        assert refused.startswith("-32603 unsupported: append_system_context cannot mutate store-only compatibility projection")
        assert stored in refused


async def test_an_empty_model_is_not_the_default_one() -> None:
    async with talking() as talk:
        refused = await talk.refusal("session/create", prompt="x", model="")
        assert refused.endswith("agent error: Build error: Cannot infer provider from model ''")


async def test_a_fork_replaces_the_message_at_the_cut() -> None:
    async with talking() as talk:
        session = await talk.create("old")
        replacement = {"type": "user_content_block", "block_index": 0, "block": {"type": "text", "text": "new"}}
        made = await talk.call("session/fork_replace", session_id=session, message_index=1, replacement=replacement)
        messages = (await talk.call("session/history", session_id=made["session_id"]))["messages"]
        assert [message.get("content") for message in messages[1:]] == ["new"]
        wrong = await talk.refusal("session/fork_replace", session_id=session, message_index=2, replacement=replacement)
        assert wrong.endswith("replacement expected user at message index 2, found block_assistant")


async def test_a_queued_event_keeps_a_session_from_being_forked() -> None:
    async with talking() as talk:
        session = await talk.create()
        await talk.call("session/external_event", session_id=session, kind="generic_json", event_type="e", payload={})
        refusal = await talk.refusal("session/fork_at", session_id=session, message_index=1)
        assert refusal == f"-32002 session {session} is active; transcript fork uses running_behavior=reject"


async def test_an_archive_waits_for_the_running_turn_which_is_answered_and_committed() -> None:
    async with talking() as talk:
        session = await talk.create()
        _, turn = await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await talk.hear("turn_started", session_id=session, count=2)
        assert await talk.call("session/archive", session_id=session) == {"archived": True}
        assert (await turn)["text"] == "late"
        assert (await talk.call("session/history", session_id=session))["message_count"] == 5


async def test_an_archive_during_a_turn_loses_its_messages_when_that_is_asked_for() -> None:
    async with talking(archive_loses_running_turn=True) as talk:
        session = await talk.create()
        await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await talk.hear("turn_started", session_id=session, count=2)
        await talk.call("session/archive", session_id=session)
        assert (await talk.call("session/history", session_id=session))["message_count"] == 3


async def test_what_an_archived_session_answers_depends_on_whether_it_was_live() -> None:
    async with talking() as talk:
        live, lost = await talk.create(), await talk.create()
        await talk.refusal("turn/start", session_id=lost, prompt=script({"fail": {"status": 400}}))
        for session in (live, lost):
            await talk.call("session/archive", session_id=session)
        assert (await talk.call("session/read", session_id=live))["message_count"] == 3
        assert await talk.refusal("session/archive", session_id=live) == f"-32001 session not found: {live}"
        assert "stream not found" in await talk.refusal("session/stream_open", session_id=live)
        for method in ("session/read", "session/archive", "session/stream_open", "turn/interrupt"):
            assert await talk.refusal(method, session_id=lost) == f"-32001 Session not found: {lost}"
        assert (await talk.call("session/history", session_id=lost))["message_count"] == 3


# ---- what is put in without a turn ---------------------------------------------------------------------------------------------------


async def test_events_stand_in_front_of_the_next_prompt_in_their_order() -> None:
    async with talking() as talk:
        session = await talk.create("First.", initial_turn="deferred")
        note = {"session_id": session, "kind": "generic_json"}
        await talk.call("session/external_event", **note, event_type="ping", payload={"body": " hello "})
        await talk.call("session/external_event", **note, event_type="x", payload={}, blocks=[{"type": "text", "text": "block"}])
        await talk.turn(session, "Second.")
        assert talk.prompts(session) == ["First.\n[EVENT via ping] hello\nblock\nSecond."]


async def test_context_with_a_key_is_staged_once_and_conflicts_with_another_text() -> None:
    async with talking() as talk:
        session = await talk.create()
        inject = {"session_id": session, "idempotency_key": "k"}
        assert await talk.call("session/inject_context", **inject, text=" a ") == {"status": "staged"}
        assert await talk.call("session/inject_context", **inject, text="a") == {"status": "duplicate"}
        refusal = await talk.refusal("session/inject_context", **inject, text="a", source="s")
        assert refusal == "-32602 system-context idempotency conflict for key 'k'"


class Eavesdropper:
    """A model that keeps what it was asked."""

    def __init__(self) -> None:
        self.systems: list[str] = []

    async def answer(self, request: Any) -> Any:
        from meerkat_mock.world.model import ModelAnswer

        self.systems.append(str(request.messages[0]["content"]))
        return ModelAnswer(say=("OK",))


@pytest.mark.parametrize(("fidelity", "keyless_seen"), [("server", False), ("contract", True)])
async def test_injected_context_reaches_one_run_and_without_a_key_only_as_documented(fidelity: Any, keyless_seen: bool) -> None:
    model = Eavesdropper()
    async with talking(World(model=model, quirks=Quirks(fidelity))) as talk:
        session = await talk.create()
        await talk.call("session/inject_context", session_id=session, text="Keyed.", source="me", idempotency_key="k")
        await talk.call("session/inject_context", session_id=session, text="Keyless.")
        await talk.turn(session, "a")
        await talk.turn(session, "b")
        assert "[Runtime System Context]\nsource: me\n\nKeyed." in model.systems[1]
        assert ("Keyless." in model.systems[1]) is keyless_seen
        assert "Keyed." not in model.systems[2]
        assert "Keyed." not in (await talk.call("session/history", session_id=session))["messages"][0]["content"]


async def test_a_peer_response_wakes_the_session_and_stays_in_its_system_message() -> None:
    async with talking() as talk:
        session = await talk.create()
        stream = await talk.call("session/stream_open", session_id=session)
        peer = "1a1b1c1d-1111-4111-8111-111111111111"
        params = {
            "session_id": session,
            "peer_id": f"urn:uuid:{peer.upper()}",
            "request_id": UNKNOWN,
            "status": "completed",
            "result": {"answer": 42},
        }
        accepted = await talk.call("session/peer_response_terminal", **params, display_name="bob")
        assert accepted["outcome_type"] == "accepted"
        await talk.hear("run_completed", session_id=session, count=2)
        await moments()
        history = await talk.call("session/history", session_id=session)
        assert history["messages"][0]["content"].endswith(
            f"[Runtime System Context]\nsource: peer_response_terminal:{peer}:{UNKNOWN}\n\n"
            f"[SYSTEM NOTICE][PEER_RESPONSE_TERMINAL] Correlated peer response from bob. Request ID: {UNKNOWN}. "
            'Status: completed. Result: {\n  "answer": 42\n}.'
        )
        assert history["messages"][3]["content"] == ""
        aside = [params["event"]["payload"] for method, params in talk.heard if method == "session/stream_event"][-2:]
        assert [event["type"] for event in aside] == ["run_started", "run_completed"]
        assert stream["opened"] is True
        assert talk.events(session)[-1]["seq"] == 12


@pytest.mark.parametrize("method", ["session/external_event", "session/peer_response_terminal"])
async def test_bad_params_of_some_methods_are_answered_without_an_id(method: str) -> None:
    async with talking() as talk:
        await talk.ask(method, {"session_id": UNKNOWN})
        await moments()
        assert [error.code for error in talk.lost] == [-32602]


# ---- several clients -----------------------------------------------------------------------------------------------------------------


async def test_events_and_tools_belong_to_the_connection_that_was_opened_last() -> None:
    server = Server()
    first = Talk(server.connect())
    await first.call("config/patch", patch=ALIAS)
    tool = {"name": "t", "description": "", "input_schema": {}}
    await first.call("tools/register", tools=[tool])
    mine = await first.create()
    second = Talk(server.connect())
    second.tools["t"] = lambda arguments: {"content": "second"}
    await second.call("tools/register", tools=[tool])
    first.tools["t"] = lambda arguments: {"content": "first"}
    first.heard.clear()
    call = script({"call": [{"tool": "t", "args": {}}]}, {"say": ["done"]})
    await first.turn(mine, call)
    theirs = await first.create(call)
    await moments()
    assert first.events(mine) == []
    assert first.events(theirs) == []
    assert second.events(mine, "tool_execution_completed")[0]["payload"]["result"] == "first"
    assert second.events(theirs, "tool_execution_completed")[0]["payload"]["result"] == "second"
    await second.hang_up()
    await moments()
    result = await first.turn(theirs, call)
    assert result["tool_calls"] == 1
    history = await first.call("session/history", session_id=theirs)
    assert "Callback channel closed" in str(history["messages"][-2])
    await first.hang_up()
    await server.close()
    assert server.runtime.violations == []


async def test_images_of_prompts_show_inline_in_events_and_as_blobs_in_history() -> None:
    async with talking() as talk:
        image = {"type": "image", "media_type": "image/png", "source": "inline", "data": PIXEL, "extra": 1}
        session = await talk.create([{"type": "text", "text": "look"}, image])  # type: ignore[arg-type]
        assert talk.prompts(session)[0][1] == {"type": "image", "media_type": "image/png", "source": "inline", "data": PIXEL}
        stored = (await talk.call("session/history", session_id=session))["messages"][1]["content"][1]
        assert stored["source"] == "blob"
        assert (await talk.call("blob/get", blob_id=stored["blob_id"]))["data"] == PIXEL
