from __future__ import annotations

import asyncio
from typing import Any

import pytest

from meerkat_mock.clock import VirtualClock
from meerkat_mock.mob.refs import member_ref
from meerkat_mock.scenario.models.scenario import Scenario
from meerkat_mock.server import World
from tests.meerkat_mock.mob.company import KEY, NOWHERE, external, found, history, kinds, log, profile, send, spawn, status
from tests.meerkat_mock.talk import MODEL, moments, says, script, talking

# ---- the spawn family ----------------------------------------------------------------------------------------------------------------


async def test_a_new_member_has_a_session_that_shows_nothing_yet() -> None:
    async with talking() as talk:
        await found(talk)
        made = await talk.call("mob/spawn", mob_id="demo", profile="worker", agent_identity="w1", initial_message=says("never"))
        assert made == {"mob_id": "demo", "agent_identity": "w1", "member_ref": "eyJhIjoidzEiLCJtIjoiZGVtbyJ9"}
        (row,) = (await talk.call("session/list"))["sessions"]
        assert (row["message_count"], "labels" in row) == (0, False)
        assert await history(talk, "w1") == []
        assert await log(talk) == [
            {
                "type": "member_spawned",
                "agent_identity": "w1",
                "generation": 0,
                "fence_token": 1,
                "agent_runtime_id": {"identity": "w1", "generation": 0},
                "role": "worker",
                "runtime_mode": "turn_driven",
            }
        ]


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"labels": {"role": "x"}}, "metadata label key 'role' is reserved for Meerkat-owned runtime facts"),
        ({"context": {"meerkat.x": 1}}, "app_context key 'meerkat.x' is reserved for Meerkat-owned runtime facts"),
        ({"agent_identity": "w1"}, "mob member already exists: w1"),
        ({"agent_identity": "__flow_system_x"}, "wiring error: meerkat id '__flow_system_x' uses reserved system prefix '__flow_system_'"),
        ({"profile": "nope"}, "profile not found: nope"),
        ({"override_profile": {"model": MODEL}}, "wiring error: profile 'worker' has tools.comms=false; mob meerkats require comms=true"),
        ({"backend": "external"}, "wiring error: external backend requires explicit RuntimeBinding for 'w2'"),
        ({"launch_mode": {"mode": "fork", "source_member_id": "ghost"}}, "mob member not found: ghost"),
        (
            {"override_profile": profile(model="no-such")},
            "session error: agent error: Build error: Cannot infer provider from model 'no-such'",
        ),
        (
            {"binding": {"kind": "external", "address": "tcp://h:1", "identity": {"kind": "ed25519_public_key", "public_key": KEY}}},
            "wiring error: external runtime binding for 'tcp://h:1' is missing typed bootstrap_token field",
        ),
    ],
)
async def test_a_spawn_that_cannot_be_is_refused_and_leaves_nothing(params: dict[str, Any], refusal: str) -> None:
    async with talking() as talk:
        await found(talk, "w1")
        wanted = {"mob_id": "demo", "profile": "worker", "agent_identity": "w2", **params}
        assert await talk.refusal("mob/spawn", **wanted) == f"-32602 {refusal}"
        assert [member["agent_identity"] for member in (await talk.call("mob/members", mob_id="demo"))["members"]] == ["w1"]


async def test_an_autonomous_member_begins_by_itself() -> None:
    async with talking() as talk:
        await found(talk)
        await spawn(talk, "h1", "host")
        (member,) = (await talk.call("mob/wait_kickoff", mob_id="demo"))["members"]
        assert (member["kickoff"]["phase"], member["output_preview"], member["tokens_used"]) == ("started", "OK", 15)
        phases = [event["kickoff"]["phase"] for event in await log(talk) if event["type"] == "member_kickoff_updated"]
        assert phases == ["pending", "starting", "started"]
        first, notice, _ = await history(talk, "h1")
        assert first["content"] == "You have been spawned as 'h1' (role: host) in mob 'demo'."
        assert (notice["role"], notice["kind"]) == ("system_notice", "tool_scope")


async def test_a_first_turn_that_fails_settles_the_kickoff_too() -> None:
    async with talking() as talk:
        await found(talk)
        await spawn(talk, "h1", "host", initial_message=script({"fail": {"status": 400}}))
        (member,) = (await talk.call("mob/wait_kickoff", mob_id="demo"))["members"]
        assert member["kickoff"]["phase"] == "failed"
        assert member["kickoff"]["error"] == "apply failed: Terminal failure: Failed (LlmFailure): LLM failure terminal turn"
        assert "peer_connectivity" not in member
        refusal = await talk.refusal("mob/member_send", mob_id="demo", agent_identity="h1", content="x")
        assert refusal == "-32602 internal error: autonomous member 'h1' is missing event injector capability"
        assert "runtime-backed interrupt" in await talk.refusal("mob/lifecycle", mob_id="demo", action="stop")


async def test_a_session_of_another_is_not_resumed() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        sessions = {
            (await status(talk, "w1"))["current_session_id"]: "persisted comms_name 'demo/worker/w1' does not match current mob identity "
            "'demo/worker/w2'",
            await talk.create(): "missing durable comms_name for resumed mob member",
            NOWHERE: f"missing durable session snapshot for '{NOWHERE}'",
        }
        for session_id, why in sessions.items():
            launch = {"mode": "resume", "session_id": session_id}
            refusal = await talk.refusal("mob/spawn", mob_id="demo", profile="worker", agent_identity="w2", launch_mode=launch)
            assert refusal == f"-32602 internal error: {why}"


async def test_stopping_waits_for_a_first_turn_and_cancels_its_kickoff_all_the_same() -> None:
    async with talking() as talk:
        await found(talk)
        await spawn(talk, "h1", "host", initial_message=script({"say": ["slow"], "pace": {"first": 5}}))
        await talk.call("mob/lifecycle", mob_id="demo", action="stop")
        now = await status(talk, "h1")
        assert (now["kickoff"]["phase"], now["output_preview"]) == ("cancelled", "slow")
        await talk.call("mob/lifecycle", mob_id="demo", action="resume")
        await send(talk, "h1", says("on"))
        await moments(60)
        assert (await status(talk, "h1"))["output_preview"] == "on"


async def test_many_members_come_side_by_side_each_for_itself() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        specs = [{"profile": role, "agent_identity": identity} for role, identity in (("worker", "w2"), ("worker", "w1"), ("nope", "w3"))]
        results = (await talk.call("mob/spawn_many", mob_id="demo", specs=specs))["results"]
        assert [result["status"] for result in results] == ["spawned", "failed", "failed"]
        assert results[1]["result"] == {"cause": "member_already_exists", "message": "mob member already exists: w1"}
        assert results[2]["result"]["cause"] == "profile_not_found"
        reserved = [{"profile": "worker", "agent_identity": "w4", "labels": {"mob_id": "x"}}]
        assert "is reserved" in await talk.refusal("mob/spawn_many", mob_id="demo", specs=reserved)


async def test_ensuring_makes_a_member_once() -> None:
    async with talking() as talk:
        await found(talk)
        spec = {"profile": "worker", "agent_identity": "w1", "labels": {"a": "b"}}
        assert list((await talk.call("mob/ensure_member", mob_id="demo", spec=spec))["outcome"]) == ["spawned"]
        outcome = (await talk.call("mob/ensure_member", mob_id="demo", spec={**spec, "profile": "nope"}))["outcome"]
        assert outcome["existed"]["labels"] == {"a": "b"}
        refusal = await talk.refusal("mob/ensure_member", mob_id="demo", spec={"profile": "nope", "agent_identity": "w2"})
        assert refusal == "-32602 profile not found: nope"


async def test_reconciling_makes_what_is_wanted_and_retires_the_rest() -> None:
    async with talking() as talk:
        await found(talk, "w1", "w2")
        desired = [{"profile": "worker", "agent_identity": "w2"}, {"profile": "nope", "agent_identity": "w3"}]
        report = (await talk.call("mob/reconcile", mob_id="demo", desired=desired, options={"retire_stale": True}))["report"]
        assert report == {
            "desired": ["w2", "w3"],
            "retained": ["w2"],
            "retired": ["w1"],
            "failures": [{"agent_identity": "w3", "stage": "spawn", "error": "profile not found: nope"}],
        }
        assert await talk.call("mob/reconcile", mob_id="demo") == {"report": {}}
        assert await talk.refusal("mob/reconcile", mob_id="nope") == "-32602 internal error: mob not found: nope"


async def test_a_scenario_delays_a_member_or_lets_it_fail() -> None:
    members = {"slow": {"spawn": {"delay": "5s"}, "optional": True}, "never": {"spawn": {"fail": "no room"}, "optional": True}}
    clock = VirtualClock()
    async with talking(World(clock=clock, scenario=Scenario.model_validate({"mobs": [{"members": members}]}))) as talk:
        await found(talk)
        began = clock.now()
        await spawn(talk, "slow")
        assert clock.now() - began >= 5
        refusal = await talk.refusal("mob/spawn", mob_id="demo", profile="worker", agent_identity="never")
        assert refusal == "-32602 session error: no room"


async def test_stopping_calls_off_a_spawn_under_way() -> None:
    clock = VirtualClock(auto=False)
    members = {"slow": {"spawn": {"delay": "5s"}, "optional": True}}
    async with talking(World(clock=clock, scenario=Scenario.model_validate({"mobs": [{"members": members}]}))) as talk:
        await found(talk)
        _, coming = await talk.ask("mob/spawn", {"mob_id": "demo", "profile": "worker", "agent_identity": "slow"})
        await moments()
        await talk.call("mob/lifecycle", mob_id="demo", action="stop")
        await asyncio.wait((coming,))
        assert str(coming.exception()) == "-32602 internal error: spawn canceled for 'slow': mob is stopping"


# ---- looking and waiting -------------------------------------------------------------------------------------------------------------


async def test_lists_are_filtered_by_role_labels_and_state() -> None:
    async with talking() as talk:
        await found(talk)
        await spawn(talk, "w1", labels={"team": "red", "n": "1"})
        await spawn(talk, "w2", labels={"team": "red"})
        await spawn(talk, "h1", "host")

        async def matching(**wanted: Any) -> list[str]:
            answer = await talk.call("mob/list_members_matching", mob_id="demo", filter=wanted)
            return [member["agent_identity"] for member in answer["members"]]

        assert await matching() == ["h1", "w1", "w2"]
        assert await matching(labels={"team": "red"}) == ["w1", "w2"]
        assert await matching(labels={"team": "red", "n": "1"}, role="worker") == ["w1"]
        assert await matching(role="host", state="active") == ["h1"]
        assert await matching(state="retiring") == []
        unknown = await talk.refusal("mob/list_members_matching", mob_id="demo", filter={"bogus": 1})
        assert unknown.startswith("-32602 Invalid params: unknown field `bogus`")


async def test_an_unknown_identity_has_a_status() -> None:
    async with talking() as talk:
        await found(talk)
        unknown = {"status": "unknown", "output_preview": None, "error": None, "tokens_used": 0, "is_final": True}
        assert await status(talk, "ghost") == unknown
        waited = await talk.call("mob/wait_ready", mob_id="demo", member_ids=["ghost"])
        assert waited == {"members": [{"agent_identity": "ghost", **unknown}]}
        assert await talk.refusal("mob/wait_ready", mob_id="nope") == "-32602 internal error: mob not found: nope"


async def test_a_status_waits_for_the_running_turn() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        slow = script({"say": ["late"], "pace": {"first": 60}})
        _, turn = await talk.ask("mob/turn_start", {"mob_id": "demo", "agent_identity": "w1", "prompt": slow})
        await moments(3)
        assert (await status(talk, "w1"))["output_preview"] == "late"
        await moments(3)
        assert turn.done()


async def test_a_wait_for_a_kickoff_can_run_out_of_time() -> None:
    async with talking() as talk:
        await found(talk)
        params = {"mob_id": "demo", "profile": "host", "agent_identity": "h1"}
        _, spawned = await talk.ask("mob/spawn", params)
        _, waited = await talk.ask("mob/wait_kickoff", {"mob_id": "demo", "timeout_ms": 0})
        await asyncio.wait((spawned, waited))
        assert str(waited.exception()) == "-32602 kickoff wait timed out"


# ---- leaving and coming back ---------------------------------------------------------------------------------------------------------


async def test_retiring_archives_the_session_and_may_be_repeated() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        session_id = (await status(talk, "w1"))["current_session_id"]
        for _ in range(2):
            assert await talk.call("mob/retire", mob_id="demo", agent_identity="w1") == {"retired": True}
        assert await talk.refusal("session/read", session_id=session_id) == f"-32001 Session not found: {session_id}"
        assert await talk.refusal("turn/start", session_id=session_id, prompt="x") == f"-32001 session not found: {session_id}"
        assert await kinds(talk) == ["member_spawned", "member_retired"]
        await talk.call("mob/lifecycle", mob_id="demo", action="complete")
        refusal = await talk.refusal("mob/retire", mob_id="demo", agent_identity="w1")
        assert refusal == "-32602 invalid state transition: Completed -> Running"


async def test_archiving_a_members_session_retires_the_member() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        session_id = (await status(talk, "w1"))["current_session_id"]
        assert await talk.call("session/archive", session_id=session_id) == {"archived": True}
        assert (await talk.call("mob/members", mob_id="demo"))["members"] == []
        assert await kinds(talk) == ["member_spawned", "member_retired"]


async def test_a_respawn_keeps_wires_and_labels_and_begins_anew() -> None:
    async with talking() as talk:
        await found(talk, "w2")
        token = await spawn(talk, "w1", labels={"a": "b"})
        await talk.call("mob/wire", mob_id="demo", member="w1", peer={"local": "w2"})
        await send(talk, "w1", says("first life"))
        before = (await status(talk, "w1"))["current_session_id"]
        answer = await talk.call("mob/respawn", mob_id="demo", agent_identity="w1")
        assert answer == {"status": "completed", "receipt": {"identity": "w1", "member_ref": token}}
        now = await status(talk, "w1")
        assert (now["current_session_id"] != before, now["tokens_used"]) == (True, 0)
        told = await log(talk, after=4)
        assert [event["type"] for event in told] == ["member_retired", "member_spawned", "members_wired"]
        assert (told[1]["generation"], told[1]["fence_token"], told[1]["labels"]) == (1, 3, {"a": "b"})
        assert await talk.refusal("mob/respawn", mob_id="demo", agent_identity="ghost") == "-32602 mob member not found: ghost"


async def test_a_second_life_has_no_kickoff() -> None:
    async with talking() as talk:
        await found(talk)
        await spawn(talk, "h1", "host")
        await talk.call("mob/wait_kickoff", mob_id="demo")
        await talk.call("mob/respawn", mob_id="demo", agent_identity="h1", initial_message=says("again"))
        (member,) = (await talk.call("mob/wait_kickoff", mob_id="demo"))["members"]
        assert "kickoff" not in member
        await moments(60)
        assert (await status(talk, "h1"))["output_preview"] == "again"


async def test_a_helper_is_gone_before_it_has_helped() -> None:
    async with talking() as talk:
        await found(talk)
        answer = await talk.call("mob/spawn_helper", mob_id="demo", prompt=says("helped"), agent_identity="aid")
        assert answer == {"output": None, "tokens_used": 0, "agent_identity": "aid", "member_ref": member_ref("demo", "aid")}
        assert await kinds(talk) == ["member_spawned", "member_retired"]
        named = await talk.call("mob/spawn_helper", mob_id="demo", prompt="x")
        assert named["agent_identity"].startswith("helper-")
        refusal = await talk.refusal("mob/spawn_helper", mob_id="demo", prompt="x", role_name="nope")
        assert refusal == "-32602 profile not found: nope"


async def test_the_kickoff_of_an_autonomous_helper_is_cancelled_behind_its_end() -> None:
    async with talking() as talk:
        await found(talk)
        await talk.call("mob/spawn_helper", mob_id="demo", prompt="x", role_name="host", runtime_mode="autonomous_host")
        told = await log(talk)
        assert [event["type"] for event in told[-2:]] == ["member_retired", "member_kickoff_updated"]
        assert told[-1]["kickoff"]["phase"] == "cancelled"


async def test_a_fork_begins_with_the_end_of_anothers_history() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        await send(talk, "w1", says("seven"))
        launch = {"mode": "fork", "source_member_id": "w1", "fork_context": {"type": "last_messages", "count": 1}}
        await spawn(talk, "h1", "host", launch_mode=launch, initial_message="Which number?")
        await talk.call("mob/wait_kickoff", mob_id="demo")
        first = (await history(talk, "h1"))[0]["content"]
        assert first == "[Forked conversation context from member 'w1']\n[assistant]: seven\n[End of forked context]\n\n\nWhich number?"
        helper = await talk.call("mob/fork_helper", mob_id="demo", prompt="x", source_member_id="w1")
        assert helper["agent_identity"].startswith("fork-")
        refusal = await talk.refusal("mob/fork_helper", mob_id="demo", prompt="x", source_member_id="ghost")
        assert refusal == "-32602 mob member not found: ghost"


# ---- wiring --------------------------------------------------------------------------------------------------------------------------


async def test_wires_have_no_direction_and_are_told_once() -> None:
    async with talking() as talk:
        await found(talk, "w1", "w2")
        for one, other in (("w2", "w1"), ("w1", "w2")):
            assert await talk.call("mob/wire", mob_id="demo", member=one, peer={"local": other}) == {"wired": True}
        assert (await status(talk, "w1"))["peer_connectivity"]["reachable_peer_count"] == 1
        for _ in range(2):
            assert await talk.call("mob/unwire", mob_id="demo", member="w2", peer={"local": "w1"}) == {"unwired": True}
        assert await log(talk, after=3) == [
            {"type": "members_wired", "a": "w1", "b": "w2"},
            {"type": "members_unwired", "a": "w1", "b": "w2"},
        ]


async def test_a_peer_outside_is_known_by_its_name() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        await talk.call("mob/wire", mob_id="demo", member="w1", peer=external())
        assert (await status(talk, "w1"))["peer_connectivity"]["unknown_peer_count"] == 1
        (told,) = await log(talk, after=2)
        assert told["spec"]["pubkey"] == list(range(32))
        refusal = await talk.refusal("mob/spawn", mob_id="demo", profile="worker", agent_identity="far")
        assert refusal == "-32602 wiring error: meerkat id 'far' collides with an existing external peer name"
        await talk.call("mob/unwire", mob_id="demo", member="w1", peer={"external_name": "far"})
        assert await kinds(talk, after=3) == ["external_peer_unwired"]


@pytest.mark.parametrize(
    ("peer", "refusal"),
    [
        ({"local": "w1"}, "wiring error: wire requires distinct members (got 'w1')"),
        ({"local": "ghost"}, "mob member not found: ghost"),
        ({"external_name": "far"}, "wiring error: wire external peer 'far' requires external_binding"),
        (external(name=" "), "wiring error: external binding has invalid peer name ' ': peer name cannot be empty"),
        (
            external(address="zz://x"),
            'wiring error: external binding has invalid peer address \'zz://x\': unknown peer address transport "zz" in address "zz://x"',
        ),
        (external(key="x"), "wiring error: external peer identity public_key must start with 'ed25519:'"),
    ],
)
async def test_a_wire_that_cannot_be_is_refused(peer: dict[str, Any], refusal: str) -> None:
    async with talking() as talk:
        await found(talk, "w1")
        assert await talk.refusal("mob/wire", mob_id="demo", member="w1", peer=peer) == f"-32602 {refusal}"
        assert await kinds(talk) == ["member_spawned"]


async def test_unwiring_knows_no_unknown_member() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        refusal = await talk.refusal("mob/unwire", mob_id="demo", member="ghost", peer={"local": "w1"})
        assert refusal == "-32602 mob member not found: ghost"


async def test_new_members_are_wired_by_the_rules_of_the_definition() -> None:
    rules = {"auto_wire_orchestrator": True, "role_wiring": [{"a": "worker", "b": "worker"}]}
    async with talking() as talk:
        profiles = {"lead": profile(), "worker": profile()}
        await found(talk, profiles=profiles, orchestrator={"profile": "lead"}, wiring=rules)
        await spawn(talk, "w1")
        await spawn(talk, "boss", "lead")
        await spawn(talk, "w2")
        wires = [(event["a"], event["b"]) for event in await log(talk) if event["type"] == "members_wired"]
        assert wires == [("boss", "w2"), ("w1", "w2")]
