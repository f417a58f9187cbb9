"""`comms/send` and `comms/peers`: inputs from outside, and messages between members of a mob (spec 05, section 7)."""

from __future__ import annotations

from typing import Any

import pytest

from meerkat_mock.flags import Flags
from meerkat_mock.runtime import World
from tests.meerkat_mock.mob.company import external, found, history, spawn, status
from tests.meerkat_mock.talk import Talk, moments, says, script, talking

NOBODY = "00000000-0000-7000-8000-000000000004"
REQUEST = {"intent": "checksum_token", "params": {"subject": "s1"}}
SUPERVISOR = {"name": "s", "peer_id": NOBODY, "address": "inproc://s"}
BRIDGE = {"command": "observe_member", "supervisor": SUPERVISOR, "epoch": 1, "protocol_version": 2}
NOT_ENABLED = "-32602 Session not found or comms not enabled"


async def _alice(talk: Talk, **more: Any) -> str:
    """Return a session that keeps itself alive, after its first turn."""
    session = await talk.create(says("ok"), keep_alive=True, comms_name="alice", **more)
    await talk.hear("run_completed", session_id=session)
    return session


async def _input(talk: Talk, session: str, body: str = "", **more: Any) -> Any:
    answer = await talk.call("comms/send", kind="input", session_id=session, allow_self_session=True, body=body, **more)
    await moments(100)
    return answer


# ---- inputs ----------------------------------------------------------------------------------------------------------------------------


async def test_a_keep_alive_session_runs_a_turn_for_each_input():
    async with talking() as talk:
        session = await _alice(talk)
        accepted = await _input(talk, session, "one")
        assert accepted == {"kind": "input_accepted", "interaction_id": accepted["interaction_id"], "stream_reserved": False}
        reserved = await _input(talk, session, "two", stream="reserve_interaction", source="webhook")
        assert reserved["stream_reserved"] is True
        await talk.turn(session, says("asked"))
        await _input(talk, session, "three")
        prompts = ["[EVENT via rpc] one", "[EVENT via webhook] two", says("asked"), "[EVENT via rpc] three"]
        assert talk.prompts(session)[1:] == prompts
        assert len(talk.events(session, "run_completed")) == 5


async def test_blocks_stand_in_the_place_of_the_body_unless_a_stream_is_reserved():
    blocks = [{"type": "text", "text": "in"}, {"type": "text", "text": "blocks"}]
    async with talking() as talk:
        session = await _alice(talk)
        await _input(talk, session, "unread", blocks=blocks)
        await _input(talk, session, "read", blocks=blocks, stream="reserve_interaction")
        assert talk.prompts(session)[1:] == ["in\nblocks", "[EVENT via rpc] read\nin\nblocks"]


async def test_an_input_must_be_allowed_by_name():
    async with talking() as talk:
        session = await _alice(talk)
        refused = await talk.refusal("comms/send", kind="input", session_id=session, body="x")
        assert refused == "-32603 validation failed: self-session input rejected: set allow_self_session=true to override"
        assert len(talk.prompts(session)) == 1


async def test_an_input_to_a_session_that_does_not_keep_alive_is_accepted_and_lost():
    async with talking() as talk:
        session = await talk.create(says("ok"), comms_name="bob")
        assert (await _input(talk, session, "lost"))["kind"] == "input_accepted"
        await talk.turn(session, says("later"))
        assert talk.prompts(session) == [says("ok"), says("later")]


async def test_a_steering_input_to_an_idle_session_costs_it_its_comms():
    async with talking() as talk:
        session = await _alice(talk)
        assert (await _input(talk, session, "steer", handling_mode="steer"))["kind"] == "input_accepted"
        assert len(talk.prompts(session)) == 1
        assert await talk.refusal("comms/peers", session_id=session) == f"{NOT_ENABLED}: {session}"
        refused = await talk.refusal("comms/send", kind="input", session_id=session, allow_self_session=True, body="x")
        assert refused == f"{NOT_ENABLED}: {session}"


async def test_as_documented_every_accepted_input_runs():
    async with talking(contract=True) as talk:
        session = await talk.create(says("ok"), comms_name="bob")
        await _input(talk, session, "one")
        await _input(talk, session, "two", handling_mode="steer")
        assert talk.prompts(session)[1:] == ["[EVENT via rpc] one", "[EVENT via rpc] two"]


# ---- who has comms ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "params"),
    [("comms/peers", {}), ("comms/send", {"kind": "peer_message", "to": NOBODY, "body": "x"})],
)
async def test_sessions_without_comms_are_told_apart_only_when_archived(method: str, params: dict[str, Any]):
    async with talking() as talk:
        plain = await talk.create(says("ok"))
        deferred = await talk.create("later", initial_turn="deferred", comms_name="carl")
        archived = await talk.create(says("ok"), comms_name="dora")
        await talk.call("session/archive", session_id=archived)
        for session in (plain, deferred, NOBODY):
            assert await talk.refusal(method, session_id=session, **params) == f"{NOT_ENABLED}: {session}"
        assert await talk.refusal(method, session_id=archived, **params) == f"-32602 Session is archived: {archived}"
        invalid = "-32602 Invalid session_id 'nope': invalid session id in session locator: nope"
        assert await talk.refusal(method, session_id="nope", **params) == invalid


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("comms/peers", {}),
        ("comms/peers", {"session_id": NOBODY, "x": 1}),
        ("comms/send", {"kind": "shout", "session_id": NOBODY}),
        ("comms/send", {"kind": "input", "session_id": NOBODY}),
        ("comms/send", {"kind": "peer_message", "session_id": NOBODY, "to": "bob", "body": "x"}),
        ("comms/send", {"kind": "peer_request", "session_id": NOBODY, "to": NOBODY, "intent": "sing", "params": {}}),
    ],
)
async def test_bad_params_are_refused_without_an_id(method: str, params: dict[str, Any]):
    async with talking() as talk:
        await talk.ask(method, params)
        await moments()
        assert [error.code for error in talk.lost] == [-32602]


# ---- peers -----------------------------------------------------------------------------------------------------------------------------


async def _pair(talk: Talk) -> tuple[str, str, str, str]:
    """Make two wired members; return their sessions, then their ids as peers."""
    await found(talk, "w1", "w2")
    await talk.call("mob/wire", mob_id="demo", member="w1", peer={"local": "w2"})
    one, two = [(await status(talk, identity))["current_session_id"] for identity in ("w1", "w2")]
    [[to_two], [to_one]] = [(await talk.call("comms/peers", session_id=session))["peers"] for session in (one, two)]
    return one, two, to_one["peer_id"], to_two["peer_id"]


async def _said(talk: Talk, identity: str) -> list[Any]:
    await moments(100)
    return [message["content"] for message in await history(talk, identity) if message["role"] == "user"]


async def test_wired_members_see_each_other_whole():
    async with talking() as talk:
        one, _, _, to_two = await _pair(talk)
        [entry] = (await talk.call("comms/peers", session_id=one))["peers"]
    assert entry == {
        "peer_id": to_two,
        "name": "demo/worker/w2",
        "address": {"transport": "inproc", "endpoint": "demo/worker/w2"},
        "source": "trusted_and_inproc",
        "sendable_kinds": ["peer_message", "peer_request", "peer_response"],
        "capabilities": {"version": 1, "extensions": {}},
        "reachability": "reachable",
        "last_unreachable_reason": None,
        "meta": {},
    }


async def test_a_message_runs_a_turn_that_only_the_history_shows():
    async with talking() as talk:
        one, two, _, to_two = await _pair(talk)
        sent = await talk.call("comms/send", kind="peer_message", session_id=one, to=to_two.upper(), body=says("heard"))
        assert sent == {"kind": "peer_message_sent", "envelope_id": sent["envelope_id"], "acked": False}
        assert await _said(talk, "w2") == [f"[COMMS MESSAGE from demo/worker/w1]\n{says('heard')}"]
        assert talk.events(two) == []
        assert await _said(talk, "w1") == []


async def test_an_input_to_an_idle_member_runs_a_turn():
    async with talking() as talk:
        one, *_ = await _pair(talk)
        await _input(talk, one, "go", handling_mode="steer")
        assert await _said(talk, "w1") == ["[EVENT via rpc] go"]


async def test_a_request_is_answered_once_and_only_by_who_was_asked():
    async with talking() as talk:
        one, two, to_one, to_two = await _pair(talk)
        asked = await talk.call("comms/send", kind="peer_request", session_id=one, to=to_two, **REQUEST)
        request = asked["request_id"]
        assert {asked["envelope_id"], asked["interaction_id"]} == {request}
        [text] = await _said(talk, "w2")
        assert text.startswith(
            f"[SYSTEM NOTICE][PEER_REQUEST] Correlated peer request from peer_id {to_one} (display_name: demo/worker/w1). "
            f'Intent: checksum_token. Request ID: {request}. Params: {{\n  "subject": "s1"\n}}. '
        )
        reply: dict[str, Any] = {"kind": "peer_response", "session_id": two, "to": to_one, "in_reply_to": request}
        unasked = f"-32603 validation failed: PeerResponse requires machine inbound peer request state for corr_id {request}"
        wrong_side = {**reply, "session_id": one, "to": to_two}
        assert await talk.refusal("comms/send", **wrong_side, status="completed") == unasked
        sent = await talk.call("comms/send", **reply, status="accepted")
        assert (sent["kind"], sent["in_reply_to"]) == ("peer_response_sent", request)
        progress = f"[SYSTEM NOTICE][PEER_RESPONSE_PROGRESS] Correlated peer response progress from {to_two}. "
        assert await _said(talk, "w1") == [f"{progress}Request ID: {request}. Phase: accepted. Payload: null."]
        result = {"request_intent": "checksum_token", "request_subject": "s1", "token": "t"}
        await talk.call("comms/send", **reply, status="completed", result=result)
        assert (await _said(talk, "w1"))[1:] == [""]
        page = await talk.call("session/history", session_id=one)
        system = page["messages"][0]["content"]
        assert f"[Runtime System Context]\nsource: peer_response_terminal:{to_two}:{request}\n\n" in system
        assert f"Correlated peer response from demo/worker/w2. Request ID: {request}. Status: completed. Result: {{\n" in system
        assert await talk.refusal("comms/send", **reply, status="failed") == unasked


async def test_commands_whose_parts_do_not_go_together_are_invalid():
    async with talking() as talk:
        one, two, to_one, to_two = await _pair(talk)
        for mixed in ({**REQUEST, "intent": "supervisor.bridge"}, {"intent": "checksum_token", "params": BRIDGE}):
            refused = await talk.refusal("comms/send", kind="peer_request", session_id=one, to=to_two, **mixed)
            assert refused == "-32602 Command validation failed"
        early = {"kind": "peer_response", "session_id": two, "to": to_one, "in_reply_to": NOBODY, "status": "accepted"}
        assert await talk.refusal("comms/send", **early, handling_mode="steer") == "-32602 Command validation failed"


async def test_nobody_writes_to_itself_to_strangers_or_to_who_has_left():
    async with talking() as talk:
        one, two, to_one, to_two = await _pair(talk)
        for peer in (to_one, NOBODY):
            refused = await talk.refusal("comms/send", kind="peer_message", session_id=one, to=peer, body="x")
            assert refused == f"-32603 peer '{peer}' is not found or not trusted"
        await talk.call("mob/retire", mob_id="demo", agent_identity="w2")
        refused = await talk.refusal("comms/send", kind="peer_message", session_id=one, to=to_two, body="x")
        assert refused == f"-32603 peer '{to_two}' is not found or not trusted"
        assert await talk.call("comms/peers", session_id=one) == {"peers": []}
        assert await talk.refusal("comms/peers", session_id=two) == f"{NOT_ENABLED}: {two}"


async def test_a_notice_of_a_peer_is_sent_and_runs_nothing():
    async with talking() as talk:
        one, _, _, to_two = await _pair(talk)
        notice = {"lifecycle_kind": "mob.peer_added", "params": {"peer": "w3"}}
        sent = await talk.call("comms/send", kind="peer_lifecycle", session_id=one, to=to_two, **notice)
        assert sent["kind"] == "peer_lifecycle_sent"
        assert await _said(talk, "w2") == []


@pytest.mark.parametrize(("address", "reason"), [("uds:///nowhere/far.sock", "transport_error"), ("inproc://far", "offline_or_no_ack")])
async def test_a_peer_outside_is_listed_and_cannot_be_reached(address: str, reason: str):
    async with talking() as talk:
        await found(talk)
        await spawn(talk, "w1")
        await talk.call("mob/wire", mob_id="demo", member="w1", peer=external("far", address))
        session = (await status(talk, "w1"))["current_session_id"]
        [entry] = (await talk.call("comms/peers", session_id=session))["peers"]
        assert (entry["name"], entry["source"], entry["reachability"]) == ("far", "trusted", "unknown")
        refused = await talk.refusal("comms/send", kind="peer_message", session_id=session, to=entry["peer_id"], body="x")
        assert refused == f"-32603 peer '{entry['peer_id']}' is unreachable: {reason}"
        [entry] = (await talk.call("comms/peers", session_id=session))["peers"]
        assert (entry["reachability"], entry["last_unreachable_reason"]) == ("unreachable", reason)


async def test_without_trust_sessions_see_each_other_and_may_only_send_messages():
    async with talking() as talk:
        await talk.call("config/patch", patch={"comms": {"require_peer_auth": False}})
        alice = await _alice(talk, peer_meta={"description": "d", "labels": {"k": "v"}})
        bob = await talk.create(says("ok"), comms_name="bob")
        [entry] = (await talk.call("comms/peers", session_id=bob))["peers"]
        assert (entry["name"], entry["source"], entry["sendable_kinds"]) == ("alice", "inproc", ["peer_message"])
        assert entry["meta"] == {"description": "d", "labels": {"k": "v"}}
        await talk.call("comms/send", kind="peer_message", session_id=bob, to=entry["peer_id"], body="hello")
        await moments(100)
        assert talk.prompts(alice)[1:] == ["[COMMS MESSAGE from bob]\nhello"]
        refused = await talk.refusal("comms/send", kind="peer_request", session_id=bob, to=entry["peer_id"], **REQUEST)
        assert refused.startswith("-32603 validation failed: PeerRequest requires machine peer interaction authority")
        answer = {"kind": "peer_response", "to": entry["peer_id"], "in_reply_to": NOBODY, "status": "completed"}
        refused = await talk.refusal("comms/send", session_id=bob, **answer)
        assert refused.startswith("-32603 validation failed: PeerResponse requires machine peer interaction authority")


async def test_with_trust_plain_sessions_see_nobody():
    async with talking(World(flags=Flags(realm="desk"))) as talk:
        await talk.create(says("ok"), comms_name="bob")
        alice = await _alice(talk)
        assert await talk.call("comms/peers", session_id=f"desk:{alice}") == {"peers": []}


async def test_a_failed_turn_takes_the_comms_along_until_the_agent_is_built_again():
    async with talking() as talk:
        session = await _alice(talk)
        await talk.refusal("turn/start", session_id=session, prompt=script({"fail": {"status": 400}}))
        assert await talk.refusal("comms/peers", session_id=session) == f"{NOT_ENABLED}: {session}"
        await talk.turn(session, says("back"))
        assert await talk.call("comms/peers", session_id=session) == {"peers": []}
