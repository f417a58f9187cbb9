from __future__ import annotations

from typing import Any

import pytest

from meerkat_mock.mob.refs import member_ref
from tests.meerkat_mock.mob.company import NOWHERE, found, history, kinds, profile, send, spawn, status
from tests.meerkat_mock.talk import moments, says, script, talking

REFUSED = script({"fail": {"status": 400, "message": "bad request"}}, say="bad")
LLM = "Terminal failure: Failed (LlmFailure): LLM failure terminal turn"
W1 = member_ref("demo", "w1")


# ---- sends ---------------------------------------------------------------------------------------------------------------------------


async def test_a_send_to_a_turn_driven_member_answers_after_its_turn() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        answer = await send(talk, "w1", says("done"))
        assert answer == {"mob_id": "demo", "agent_identity": "w1", "member_ref": W1, "handling_mode": "queue"}
        assert (await status(talk, "w1"))["output_preview"] == "done"
        assert await kinds(talk) == ["member_spawned"]


async def test_a_send_to_an_autonomous_member_is_an_event_in_its_inbox() -> None:
    async with talking() as talk:
        await found(talk)
        await spawn(talk, "h1", "host")
        await talk.call("mob/wait_kickoff", mob_id="demo")
        await send(talk, "h1", [{"type": "text", "text": "look"}, {"type": "text", "text": "here"}])
        await moments(60)
        assert (await history(talk, "h1"))[-2]["content"] == "[EVENT via rpc] look\nhere"


async def test_a_send_that_fails_says_so_and_leaves_a_member_without_session() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        await send(talk, "w1", says("before"))
        refusal = await talk.refusal("mob/member_send", mob_id="demo", agent_identity="w1", content=REFUSED)
        detail = f'{{"kind":"llm_failure","terminal":true,"outcome":"failed","detail":"apply failed: {LLM}"}}'
        assert refusal == f"-32602 internal error: turn abandoned: apply failed: {LLM}; error={detail}"
        now = await status(talk, "w1")
        assert (now["status"], now["output_preview"], "peer_connectivity" in now) == ("active", "before", False)
        refusal = await talk.refusal("mob/member_send", mob_id="demo", agent_identity="w1", content="x")
        gone = f"session not found: {now['current_session_id']}"
        assert refusal == f"-32602 internal error: turn abandoned: apply failed: Apply failed: {gone}"
        await talk.call("mob/respawn", mob_id="demo", agent_identity="w1")
        await send(talk, "w1", says("after"))
        assert (await status(talk, "w1"))["output_preview"] == "after"


async def test_the_fourth_send_after_failures_is_never_answered_and_blocks_its_mob() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        for _ in range(3):
            await talk.refusal("mob/member_send", mob_id="demo", agent_identity="w1", content=REFUSED)
        _, fourth = await talk.ask("mob/member_send", {"mob_id": "demo", "agent_identity": "w1", "content": "x"})
        _, reading = await talk.ask("mob/members", {"mob_id": "demo"})
        await moments(100)
        assert not fourth.done()
        assert not reading.done()
    async with talking(contract=True) as talk:
        await found(talk, "w1")
        for _ in range(4):
            await talk.refusal("mob/member_send", mob_id="demo", agent_identity="w1", content=REFUSED)


@pytest.mark.parametrize(
    ("identity", "content", "refusal"),
    [
        ("ghost", "x", "mob member not found: ghost"),
        ("c1", "x", "mob member is not externally addressable: c1"),
        ("ghost", [{"type": "zz"}], "unknown content block type"),
    ],
)
async def test_a_send_that_cannot_be_is_refused(identity: str, content: Any, refusal: str) -> None:
    async with talking() as talk:
        await found(talk, profiles={"worker": profile(external_addressable=False)})
        await spawn(talk, "c1")
        assert await talk.refusal("mob/member_send", mob_id="demo", agent_identity=identity, content=content) == f"-32602 {refusal}"


async def test_work_is_named_by_the_members_token() -> None:
    async with talking() as talk:
        await found(talk, profiles={"worker": profile(external_addressable=False)})
        await spawn(talk, "w1")
        answer = await talk.call("mob/submit_work", member_ref=W1, content=says("worked"), work_ref=NOWHERE, origin="internal")
        assert answer == {"mob_id": "demo", "work_ref": NOWHERE, "member_ref": W1}
        assert (await status(talk, "w1"))["output_preview"] == "worked"


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"member_ref": "zz"}, "invalid member_ref: malformed member ref token"),
        ({"member_ref": W1 + "="}, "invalid member_ref: malformed member ref token"),
        ({"member_ref": member_ref("nope", "w1")}, "internal error: mob not found: nope"),
        ({"member_ref": member_ref("demo", "ghost")}, "member ghost not found in mob demo"),
        (
            {"work_ref": "zz"},
            (
                "work_ref must be a valid UUID: invalid character: expected an optional prefix of `urn:uuid:` "
                "followed by [0-9a-fA-F-], found `z` at 1"
            ),
        ),
        ({"content": [{"type": "zz"}]}, "invalid content: unknown content block type"),
    ],
)
async def test_work_that_cannot_be_is_refused(params: dict[str, Any], refusal: str) -> None:
    async with talking() as talk:
        await found(talk, "w1")
        assert await talk.refusal("mob/submit_work", **{"member_ref": W1, "content": "x", **params}) == f"-32602 {refusal}"


async def test_an_ingress_makes_its_member_and_says_what_the_log_gained() -> None:
    async with talking() as talk:
        await found(talk)
        spec = {"profile": "worker", "agent_identity": "w1"}
        first = await talk.call("mob/ingress_interaction", mob_id="demo", spec=spec, content=says("one"))
        assert list(first["ensure_outcome"]) == ["spawned"]
        assert (first["events_after_cursor"], first["latest_event_cursor"]) == (1, 2)
        second = await talk.call("mob/ingress_interaction", mob_id="demo", spec=spec, content=says("two"))
        assert list(second["ensure_outcome"]) == ["existed"]
        assert (await status(talk, "w1"))["output_preview"] == "two"
        refusal = await talk.refusal(
            "mob/ingress_interaction", mob_id="demo", spec={**spec, "profile": "x", "agent_identity": "y"}, content=""
        )
        assert refusal == "-32602 profile not found: x"


# ---- cancels -------------------------------------------------------------------------------------------------------------------------


async def test_work_is_never_found_again() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        await talk.call("mob/submit_work", member_ref=W1, content="x", work_ref=NOWHERE)
        assert await talk.refusal("mob/cancel_work", mob_id="demo", work_ref=NOWHERE) == f"-32602 work not found: {NOWHERE}"


async def test_cancels_succeed_and_change_nothing() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        slow = script({"say": ["late"], "pace": {"first": 60}})
        _, turn = await talk.ask("mob/turn_start", {"mob_id": "demo", "agent_identity": "w1", "prompt": slow})
        await moments(3)
        assert await talk.call("mob/force_cancel", mob_id="demo", agent_identity="w1") == {"cancelled": True}
        assert await talk.call("mob/cancel_all_work", member_ref=W1) == {"mob_id": "demo", "ok": True}
        assert (await turn)["text"] == "late"
        assert await talk.refusal("mob/force_cancel", mob_id="demo", agent_identity="ghost") == "-32602 mob member not found: ghost"
        ghost = member_ref("demo", "ghost")
        assert await talk.refusal("mob/cancel_all_work", member_ref=ghost) == "-32602 member ghost not found in mob demo"


async def test_an_interrupt_stops_a_send() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        session_id = (await status(talk, "w1"))["current_session_id"]
        talk.tools["wait"] = lambda arguments: None
        await talk.call("tools/register", tools=[{"name": "wait", "description": "", "input_schema": {"type": "object"}}])
        await talk.call("mob/respawn", mob_id="demo", agent_identity="w1")
        session_id = (await status(talk, "w1"))["current_session_id"]
        content = script({"call": [{"tool": "wait", "args": {}}]}, {"say": ["never"]})
        _, sent = await talk.ask("mob/member_send", {"mob_id": "demo", "agent_identity": "w1", "content": content})
        while not talk.asked:
            await moments(1)
        await talk.call("turn/interrupt", session_id=session_id)
        await moments(20)
        assert str(sent.exception()) == "-32602 internal error: turn cancelled"


# ---- turns ---------------------------------------------------------------------------------------------------------------------------


async def test_a_turn_gives_the_result_of_its_session() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        result = await talk.call("mob/turn_start", mob_id="demo", agent_identity="w1", prompt=says("went"))
        assert (result["text"], result["session_id"]) == ("went", (await status(talk, "w1"))["current_session_id"])
        assert [method for method, _ in talk.heard if method == "session/event"] == []


@pytest.mark.parametrize(
    ("identity", "params", "refusal"),
    [
        ("ghost", {}, "member 'ghost' has no active bridge session in mob 'demo'"),
        (
            "h1",
            {},
            "mob/turn_start is only valid for turn_driven members; autonomous member 'h1' is driven by mob kickoff and mob/member_send",
        ),
        (
            "w1",
            {"max_tokens": 5},
            "Cannot override max_tokens on a runtime-routed turn; set these at session/create time or use a deferred session",
        ),
        ("w1", {"provider": "openai"}, "provider override requires model on an existing session"),
    ],
)
async def test_a_turn_that_cannot_be_is_refused(identity: str, params: dict[str, Any], refusal: str) -> None:
    async with talking() as talk:
        await found(talk, "w1")
        await spawn(talk, "h1", "host")
        assert await talk.refusal("mob/turn_start", mob_id="demo", agent_identity=identity, prompt="x", **params) == f"-32602 {refusal}"


async def test_a_turn_revives_a_member_and_the_refused_prompt_comes_back_behind_it() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        refusal = await talk.refusal("mob/turn_start", mob_id="demo", agent_identity="w1", prompt=REFUSED)
        assert refusal == f"-32603 turn abandoned: apply failed: {LLM}"
        session_id = (await status(talk, "w1"))["current_session_id"]
        result = await talk.call("mob/turn_start", mob_id="demo", agent_identity="w1", prompt=says("two"))
        assert result["text"] == "two"
        await talk.hear("run_failed", session_id=session_id)
        assert talk.prompts(session_id) == [says("two"), REFUSED]


async def test_a_client_can_cancel_a_turn() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        talk.tools["wait"] = lambda arguments: None
        await talk.call("tools/register", tools=[{"name": "wait", "description": "", "input_schema": {"type": "object"}}])
        prompt = script({"call": [{"tool": "wait", "args": {}}]})
        request, turn = await talk.ask("mob/turn_start", {"mob_id": "demo", "agent_identity": "w1", "prompt": prompt})
        while not talk.asked:
            await moments(1)
        await talk.tell("cancel", request_id=request)
        await moments(20)
        assert str(turn.exception()) == "-32005 request cancelled before response publish"


# ---- context -------------------------------------------------------------------------------------------------------------------------


async def test_a_context_key_is_used_once() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        about = {"mob_id": "demo", "agent_identity": "w1", "idempotency_key": "k"}
        statuses = [(await talk.call("mob/append_system_context", text=" ctx ", **about))["status"] for _ in range(2)]
        assert statuses == ["staged", "duplicate"]
        session_id = (await status(talk, "w1"))["current_session_id"]
        refusal = await talk.refusal("mob/append_system_context", text="other", **about)
        assert refusal == f"-32602 system-context idempotency conflict on session {session_id}: key 'k' already maps to different content"


@pytest.mark.parametrize(
    ("mob_id", "identity", "text", "refusal"),
    [
        ("nope", "w1", "x", "invalid system-context request: internal error: mob not found: nope"),
        ("demo", "ghost", "x", "invalid system-context request: member has no session: ghost"),
        ("demo", "w1", " ", "invalid system-context request: system context text must not be empty"),
    ],
)
async def test_context_that_cannot_be_is_refused(mob_id: str, identity: str, text: str, refusal: str) -> None:
    async with talking() as talk:
        await found(talk, "w1")
        assert await talk.refusal("mob/append_system_context", mob_id=mob_id, agent_identity=identity, text=text) == f"-32602 {refusal}"


async def test_the_line_of_a_mob_is_held_for_the_whole_turn_of_a_send() -> None:
    async with talking() as talk:
        await found(talk, "w1", "w2")
        slow = script({"say": ["late"], "pace": {"first": 60}})
        _, sent = await talk.ask("mob/member_send", {"mob_id": "demo", "agent_identity": "w1", "content": slow})
        await moments(3)
        await status(talk, "w2")
        assert sent.done()
