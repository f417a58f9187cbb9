"""The handles of sessions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import CapabilityUnavailableError, MeerkatError, SkillKey
from tests.meerkat.client.peer import OTHER, SESSION, ScriptedServer, result

if TYPE_CHECKING:
    from meerkat import DeferredSession, MeerkatClient, Session

KEY = SkillKey("6f0d3b1e-0c5e-4b7c-9f36-5f1f3a0c2a11", "pdf-tools")


async def ask(server: ScriptedServer, work: Any, method: str, answer: object) -> tuple[dict[str, Any], Any]:
    """Let `work` make its one request; return the params and what came of it."""
    asking = asyncio.ensure_future(work)
    request = await server.next(method)
    await server.answer(request, answer)
    return request["params"], await asking


async def test_a_session_shows_its_last_result(session: Session) -> None:
    assert (session.id, session.ref, session.text, session.turns, session.tool_calls) == (SESSION, f"team:{SESSION}", "Hi", 1, 0)
    assert session.usage.input_tokens == 3
    assert session.structured_output is None
    assert repr(session) == f"<Session id='{SESSION}' ref='team:{SESSION}'>"


async def test_a_turn_sends_what_was_given_and_replaces_the_last_result(server: ScriptedServer, session: Session) -> None:
    work = session.turn("Go", max_tokens=0, system_prompt="", keep_alive=False, skill_refs=[KEY])
    params, turn = await ask(server, work, "turn/start", result(SESSION, "went"))
    assert params == {
        "session_id": SESSION,
        "prompt": "Go",
        "skill_refs": [{"kind": "structured", "source_uuid": KEY.source_uuid, "skill_name": KEY.skill_name}],
        "keep_alive": False,
        "max_tokens": 0,
        "system_prompt": "",
    }
    assert session.last_result is turn


async def test_what_a_session_asks_names_it(server: ScriptedServer, session: Session) -> None:
    asks: list[tuple[Any, str, dict[str, Any], object]] = [
        (session.interrupt(), "turn/interrupt", {}, {"interrupted": True}),
        (
            session.inject_context("t", idempotency_key="k"),
            "session/inject_context",
            {"text": "t", "idempotency_key": "k"},
            {"status": "staged"},
        ),
        (session.history(limit=1), "session/history", {"offset": 0, "limit": 1}, history(SESSION)),
        (session.fork_at(1), "session/fork_at", {"message_index": 1}, fork()),
        (
            session.fork_replace(1, {"type": "message", "message": {}}),  # type: ignore[arg-type]
            "session/fork_replace",
            {"message_index": 1, "replacement": {"type": "message", "message": {}}},
            fork(),
        ),
        (session.send(kind="peer_message", session_id="ignored", to="bob"), "comms/send", {"kind": "peer_message", "to": "bob"}, {}),
        (session.peers(), "comms/peers", {}, {"peers": []}),
        (session.archive(), "session/archive", {}, {"archived": True}),
    ]
    for work, method, params, answer in asks:
        sent, _ = await ask(server, work, method, answer)
        assert sent == {"session_id": SESSION, **params}


def history(session_id: str) -> dict[str, Any]:
    return {"session_id": session_id, "message_count": 0, "offset": 0, "has_more": False, "messages": []}


def fork() -> dict[str, Any]:
    return {"source_session_id": SESSION, "session_id": OTHER, "message_count": 1}


async def test_events_and_peer_responses_go_to_the_session(server: ScriptedServer, session: Session) -> None:
    sent, _ = await ask(server, session.send_external_event("ping", {"body": "x"}), "session/external_event", {"outcome_type": "accepted"})
    assert sent == {"session_id": SESSION, "kind": "generic_json", "event_type": "ping", "payload": {"body": "x"}}
    work = session.send_peer_response_terminal("p", "q", "failed", None)  # type: ignore[arg-type]
    sent, _ = await ask(server, work, "session/peer_response_terminal", {"outcome_type": "accepted"})
    assert sent == {"session_id": SESSION, "peer_id": "p", "request_id": "q", "status": "failed", "result": None}


async def test_a_skill_is_one_turn_with_one_reference(server: ScriptedServer, session: Session, client: MeerkatClient) -> None:
    sent, _ = await ask(server, session.invoke_skill(KEY, "Go"), "turn/start", result(SESSION, "x"))
    assert [ref["skill_name"] for ref in sent["skill_refs"]] == ["pdf-tools"]
    client._capabilities = []
    with pytest.raises(CapabilityUnavailableError):
        await session.invoke_skill(KEY, "Go")


async def test_a_deferred_session_starts_with_its_first_turn(server: ScriptedServer, client: MeerkatClient) -> None:
    deferred: DeferredSession
    sent, deferred = await ask(server, client.create_deferred_session("Later"), "session/create", {"session_id": SESSION})
    assert sent == {"prompt": "Later", "initial_turn": "deferred"}
    assert (deferred.id, deferred.ref, repr(deferred)) == (SESSION, None, f"<DeferredSession id='{SESSION}'>")
    sent, turn = await ask(server, deferred.start_turn("Now"), "turn/start", result(SESSION, "now"))
    assert sent == {"session_id": SESSION, "prompt": "Now"}
    assert turn.text == "now"


async def test_a_session_is_reached_by_its_id(server: ScriptedServer, client: MeerkatClient) -> None:
    handle = client.session(OTHER)
    sent, turn = await ask(server, handle.start_turn("Go on"), "turn/start", result(OTHER, "on"))
    assert sent["session_id"] == OTHER
    assert turn.text == "on"


async def test_another_failure_to_interrupt_is_raised(server: ScriptedServer, session: Session) -> None:
    interrupting = asyncio.ensure_future(session.interrupt())
    await server.refuse((await server.next("turn/interrupt"))["id"], -32600, "Session is not interruptible while runtime is stopped")
    with pytest.raises(MeerkatError, match="not interruptible"):
        await interrupting


async def test_a_client_tells_what_its_server_offers(client: MeerkatClient) -> None:
    assert client.server_version == "0.6.5"
    assert [capability.id for capability in client.capabilities] == ["skills"]
    assert client.has_capability("mob")
    assert not client.has_capability("memory_store")
    with pytest.raises(CapabilityUnavailableError):
        client.require_capability("memory_store")
