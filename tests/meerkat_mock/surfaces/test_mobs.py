from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.clock import VirtualClock
from meerkat_mock.flags import Flags
from meerkat_mock.quirks import Quirks
from meerkat_mock.server import World
from tests.meerkat_mock.mob.company import definition, external, found, history, kinds, log, profile, run, send, spawn, status
from tests.meerkat_mock.talk import MODEL, Talk, moments, says, script, talking

if TYPE_CHECKING:
    from pathlib import Path

UNKNOWN = "-32602 internal error: mob not found: demo"


# ---- making and looking --------------------------------------------------------------------------------------------------------------


async def test_a_mob_runs_at_once_and_is_listed_by_id() -> None:
    async with talking() as talk:
        for mob_id in ("b", "a"):
            assert await talk.call("mob/create", definition=definition(mob_id)) == {"mob_id": mob_id}
        assert await talk.call("mob/list") == {"mobs": [{"mob_id": "a", "status": "Running"}, {"mob_id": "b", "status": "Running"}]}
        assert await talk.call("mob/status", mob_id="a") == {"mob_id": "a", "status": "Running"}


async def test_the_log_begins_with_the_whole_definition() -> None:
    async with talking() as talk:
        await talk.call("mob/create", definition={"id": "demo", "profiles": {"worker": {"model": MODEL}}})
        (event,) = (await talk.call("mob/events", mob_id="demo"))["events"]
        assert (event["cursor"], event["mob_id"], event["kind"]["type"]) == (1, "demo", "mob_created")
        stored = event["kind"]["definition"]
        assert stored["profiles"]["worker"]["runtime_mode"] == "autonomous_host"
        assert stored["backend"] == {"default": "session", "external": None}
        assert stored["limits"] is None


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ({"profiles": {}}, "empty_profiles: mob definition must define at least one profile"),
        ({"orchestrator": {"profile": "boss"}}, "missing_orchestrator_profile: orchestrator profile 'boss' is not defined"),
        ({"profiles": {"1x": profile()}}, "invalid_profile_name: profile name '1x' is not a valid identifier"),
        (
            {"wiring": {"role_wiring": [{"a": "worker", "b": "no"}]}},
            "invalid_wiring_profile: wiring rule references non-existent profile 'no'",
        ),
        (
            {"flows": {"f": {"steps": {"a": {"role": "worker", "message": "", "depends_on": ["a"]}}}}},
            "flow_cycle_detected: flow 'f' contains a cycle",
        ),
    ],
)
async def test_a_definition_with_a_fault_is_refused_and_its_id_stays_free(more: dict[str, Any], fault: str) -> None:
    async with talking() as talk:
        assert await talk.refusal("mob/create", definition={**definition(), **more}) == f"-32602 definition error: {fault}"
        assert await talk.call("mob/list") == {"mobs": []}


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"type": 5}, {"schema": {"type": 5}}),
        ({"type": "object"}, {"schema": {"type": "object", "properties": {}, "required": []}}),
        (
            {"schema": {"items": {"type": "object", "required": ["a"]}}, "name": "n", "strict": True},
            {"schema": {"items": {"type": "object", "required": ["a"], "properties": {}}}, "name": "n", "strict": True},
        ),
        ({"schema": {}, "compat": "strict", "name": None}, {"schema": {}, "compat": "strict"}),
    ],
)
async def test_the_definition_keeps_output_schemas_completed_in_their_wrapper(given: dict[str, Any], shown: dict[str, Any]) -> None:
    async with talking() as talk:
        await talk.call("mob/create", definition={"id": "demo", "profiles": {"worker": profile(output_schema=given)}})
        (made,) = (await talk.call("mob/events", mob_id="demo"))["events"]
        defaults = {"compat": "lossy", "format": "meerkat_v1", "strict": False}
        assert made["kind"]["definition"]["profiles"]["worker"]["output_schema"] == {**defaults, **shown}


@pytest.mark.parametrize("given", [5, [], {"schema": 5}, {"schema": {}, "compat": "odd"}])
async def test_a_profile_with_an_output_schema_that_is_none_is_no_profile(given: object) -> None:
    async with talking() as talk:
        refusal = await talk.refusal("mob/create", definition={"id": "demo", "profiles": {"worker": profile(output_schema=given)}})
        assert refusal.startswith("-32602 Invalid params: data did not match any variant of untagged enum MobProfileBindingInput")


async def test_an_id_is_taken_until_its_mob_is_destroyed() -> None:
    async with talking() as talk:
        await found(talk)
        assert await talk.refusal("mob/create", definition=definition()) == "-32602 internal error: mob already exists: demo"
        await talk.call("mob/destroy", mob_id="demo")
        await found(talk)
        assert await kinds(talk, after=0) == ["mob_created"]


@pytest.mark.parametrize(
    "method", ["mob/status", "mob/snapshot", "mob/members", "mob/destroy", "mob/rotate_supervisor", "mob/flows", "mob/events"]
)
async def test_every_method_knows_no_unknown_mob(method: str) -> None:
    async with talking() as talk:
        assert await talk.refusal(method, mob_id="demo") == UNKNOWN
        if method != "mob/events":
            assert await talk.refusal(method, mob_id=" ") == "-32602 mob_id must not be empty"


async def test_the_log_is_read_page_by_page() -> None:
    async with talking() as talk:
        await found(talk, "w1", "w2")
        page = await talk.call("mob/events", mob_id="demo", after_cursor=1, limit=1)
        assert [event["kind"]["agent_identity"] for event in page["events"]] == ["w1"]
        assert (await talk.call("mob/events", mob_id="demo", after_cursor=9)) == {"events": []}
        stale = await talk.refusal("mob/events", mob_id="demo", after_cursor=9, strict=True)
        assert stale == "-32602 stale mob event cursor: requested 9, latest 3"


async def test_a_snapshot_spells_the_roster_in_its_own_way() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        await talk.call("mob/wire", mob_id="demo", member="w1", peer=external())
        shown = await talk.call("mob/snapshot", mob_id="demo")
        (member,) = shown["members"]
        assert shown["status"] == "Running"
        assert (member["state"], member["status"], member["wired_to"]) == ("Active", "active", ["far"])
        assert member["external_peer_specs"]["far"]["address"] == {"transport": "uds", "endpoint": "/nowhere/far.sock"}
        assert "member_ref" not in member


async def test_each_rotation_counts_an_epoch() -> None:
    async with talking() as talk:
        await found(talk)
        reports = [(await talk.call("mob/rotate_supervisor", mob_id="demo"))["report"] for _ in range(2)]
        assert [(report["previous_epoch"], report["current_epoch"]) for report in reports] == [(0, 1), (1, 2)]
        assert reports[0]["public_peer_id"] != reports[1]["public_peer_id"]


# ---- lifecycle -----------------------------------------------------------------------------------------------------------------------


async def act(talk: Talk, action: str) -> Any:
    return await talk.call("mob/lifecycle", mob_id="demo", action=action)


@pytest.mark.parametrize(
    ("before", "action", "refusal"),
    [
        ((), "resume", "Running -> Running"),
        (("stop",), "stop", "Stopped -> Stopped"),
        (("stop",), "complete", "Stopped -> Completed"),
        (("complete",), "stop", "Completed -> Stopped"),
        (("complete",), "resume", "Completed -> Running"),
        (("complete",), "complete", "Completed -> Completed"),
    ],
)
async def test_a_phase_refuses_what_does_not_follow_from_it(before: tuple[str, ...], action: str, refusal: str) -> None:
    async with talking() as talk:
        await found(talk, "w1")
        for earlier in before:
            await act(talk, earlier)
        assert await talk.refusal("mob/lifecycle", mob_id="demo", action=action) == f"-32602 invalid state transition: {refusal}"


async def test_a_stopped_mob_takes_nothing_in_until_it_is_resumed() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        assert await act(talk, "stop") == {"mob_id": "demo", "action": "stop", "ok": True}
        stopped = "-32602 invalid state transition: Stopped -> Running"
        assert await talk.refusal("mob/spawn", mob_id="demo", profile="nope", agent_identity="w2") == stopped
        assert await talk.refusal("mob/member_send", mob_id="demo", agent_identity="w1", content="x") == stopped
        await act(talk, "resume")
        await send(talk, "w1", says("back"))
        assert (await status(talk, "w1"))["output_preview"] == "back"


async def test_complete_and_reset_retire_everybody_and_keep_the_log() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        await act(talk, "complete")
        await act(talk, "reset")
        assert (await talk.call("mob/members", mob_id="demo"))["members"] == []
        assert await kinds(talk) == ["member_spawned", "member_retired", "mob_completed", "mob_created", "mob_reset"]
        assert await talk.call("session/list") == {"sessions": []}


async def test_stopping_waits_for_the_turns_of_members_that_are_driven() -> None:
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        await found(talk, "w1")
        slow = script({"say": ["late"], "pace": {"first": 2}})
        _, turn = await talk.ask("mob/turn_start", {"mob_id": "demo", "agent_identity": "w1", "prompt": slow})
        await moments(30)
        _, stopped = await talk.ask("mob/lifecycle", {"mob_id": "demo", "action": "stop"})
        await moments(60)
        assert not stopped.done()
        await clock.advance("2s")
        assert ((await stopped)["ok"], (await turn)["text"]) == (True, "late")


async def test_stopping_tells_a_live_orchestrator() -> None:
    async with talking() as talk:
        await found(talk, "w1", orchestrator={"profile": "worker"})
        await act(talk, "stop")
        await moments(60)
        assert [entry["content"] for entry in await history(talk, "w1") if entry["role"] == "user"] == ["Mob 'demo' is stopping."]


async def test_destroying_leaves_nothing() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        report = (await act(talk, "destroy"))["destroy_report"]
        assert report == {
            "events_cleared": True,
            "metadata_scrubbed": True,
            "namespace_cleaned": True,
            "remote_cleanup_deadline_exceeded": False,
        }
        assert await talk.refusal("mob/destroy", mob_id="demo") == UNKNOWN
        assert await talk.call("session/list") == {"sessions": []}


async def test_an_autonomous_member_blocks_the_destruction_of_its_mob() -> None:
    async with talking() as talk:
        await found(talk)
        await spawn(talk, "h1", "host")
        await talk.call("mob/wait_kickoff", mob_id="demo")
        for _ in range(2):
            refusal = await talk.refusal("mob/destroy", mob_id="demo")
            assert refusal.startswith("-32603 mob destroy incomplete: h1: disposal aborted at StopHostLoop: ")
        assert (await talk.call("mob/status", mob_id="demo"))["status"] == "Destroyed"
        assert (await status(talk, "h1"))["status"] == "retiring"


async def test_as_documented_a_mob_with_an_autonomous_member_is_destroyed() -> None:
    async with talking(contract=True) as talk:
        await found(talk)
        await spawn(talk, "h1", "host")
        assert (await talk.call("mob/destroy", mob_id="demo"))["ok"] is True


# ---- streams -------------------------------------------------------------------------------------------------------------------------


def streamed(talk: Talk, stream_id: str) -> list[dict[str, Any]]:
    return [params for method, params in talk.heard if method == "mob/stream_event" and params["stream_id"] == stream_id]


def ends(talk: Talk) -> list[tuple[str, str]]:
    return [(params["stream_id"], params["outcome"]) for method, params in talk.heard if method == "mob/stream_end"]


async def opened(talk: Talk, **params: Any) -> str:
    return str((await talk.call("mob/stream_open", mob_id="demo", **params))["stream_id"])


async def test_a_member_stream_numbers_what_its_member_does() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        stream = await opened(talk, agent_identity="w1")
        await send(talk, "w1", says("hello"))
        events = streamed(talk, stream)
        assert [event["sequence"] for event in events] == list(range(1, 8))
        assert [event["event"]["payload"]["type"] for event in events] == [
            "run_started",
            "tool_config_changed",
            "turn_started",
            "text_delta",
            "text_complete",
            "turn_completed",
            "run_completed",
        ]
        assert [method for method, _ in talk.heard if method == "session/event"] == []


async def test_a_mob_wide_stream_names_the_member_behind_every_event() -> None:
    async with talking() as talk:
        await found(talk, "w1", "w2")
        stream = await opened(talk)
        await send(talk, "w1", says("one"))
        await send(talk, "w2", says("two"))
        whole = [event["event"] for event in streamed(talk, stream)]
        assert {(event["source"]["identity"], event["source_fence_token"], event["role"]) for event in whole} == {
            ("w1", 1, "worker"),
            ("w2", 2, "worker"),
        }
        assert all(event["envelope"]["source_id"].startswith("session:") for event in whole)


async def test_a_mob_wide_stream_misses_the_first_moments_of_a_new_member_unless_as_documented() -> None:
    for contract, seen in ((False, 0), (True, 7)):
        async with talking(contract=contract) as talk:
            await found(talk)
            stream = await opened(talk)
            await spawn(talk, "h1", "host")
            await moments(60)
            assert len(streamed(talk, stream)) == seen


async def test_closing_is_remembered_once() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        stream = await opened(talk, agent_identity="w1")
        closed = [(await talk.call("mob/stream_close", stream_id=stream))["already_closed"] for _ in range(3)]
        assert closed == [False, True, False]
        assert ends(talk) == [(stream, "explicit_close")]
        assert await talk.refusal("mob/stream_close", stream_id="x") == "-32602 Invalid stream_id: x"


async def test_a_member_stream_ends_with_its_member_and_a_mob_wide_one_does_not() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        wide, narrow = await opened(talk), await opened(talk, agent_identity="w1")
        await talk.call("mob/retire", mob_id="demo", agent_identity="w1")
        assert ends(talk) == [(narrow, "remote_end")]
        await talk.call("mob/destroy", mob_id="demo")
        assert (await talk.call("mob/stream_close", stream_id=wide))["already_closed"] is False


async def test_a_failed_turn_ends_the_streams_of_its_member() -> None:
    async with talking() as talk:
        await found(talk, "w1")
        stream = await opened(talk, agent_identity="w1")
        await talk.refusal("mob/member_send", mob_id="demo", agent_identity="w1", content=script({"fail": {"status": 400}}))
        assert ends(talk) == [(stream, "remote_end")]
        refusal = await talk.refusal("mob/stream_open", mob_id="demo", agent_identity="w1")
        assert refusal.startswith(
            "-32602 Failed to subscribe to member events: internal error: failed to subscribe to agent events for 'w1'"
        )


async def test_streams_know_no_unknown_mob_and_no_unknown_member() -> None:
    async with talking() as talk:
        assert await talk.refusal("mob/stream_open", mob_id="demo") == "-32602 Mob not found: internal error: mob not found: demo"
        await found(talk)
        refusal = await talk.refusal("mob/stream_open", mob_id="demo", agent_identity="ghost")
        assert refusal == "-32602 Failed to subscribe to member events: mob member not found: ghost"


async def test_a_mob_whose_member_failed_a_turn_dies_with_the_end_of_that_member() -> None:
    async with talking() as talk:
        await found(talk, "w1", "w2")
        await talk.refusal("mob/turn_start", mob_id="demo", agent_identity="w1", prompt=script({"fail": {"status": 400}}))
        assert await talk.call("mob/retire", mob_id="demo", agent_identity="w1") == {"retired": True}
        gone = "-32602 internal error: actor task dropped"
        assert await talk.refusal("mob/events", mob_id="demo") == gone
        assert await talk.refusal("mob/destroy", mob_id="demo") == gone
        assert (await talk.call("mob/members", mob_id="demo"))["members"] == []
        assert (await talk.call("mob/status", mob_id="demo"))["status"] == "Running"
        result = await talk.call("mob/turn_start", mob_id="demo", agent_identity="w2", prompt=says("still here"))
        assert result["text"] == "still here"


@pytest.mark.parametrize("ending", [("retire", "w1"), ("respawn", "w1"), ("lifecycle", "complete"), ("lifecycle", "reset")])
async def test_the_sessions_of_all_members_live_on_when_their_mob_dies(ending: tuple[str, str]) -> None:
    method, what = ending
    async with talking() as talk:
        await found(talk, "w1", "w2")
        await talk.refusal("mob/turn_start", mob_id="demo", agent_identity="w1", prompt=script({"fail": {"status": 400}}))
        await talk.call(f"mob/{method}", mob_id="demo", **{"action" if method == "lifecycle" else "agent_identity": what})
        assert len((await talk.call("session/list"))["sessions"]) == 2
        for name in ("w1", "w2"):
            result = await talk.call("mob/turn_start", mob_id="demo", agent_identity=name, prompt=says("still here"))
            assert result["text"] == "still here"
            context = await talk.call("mob/append_system_context", mob_id="demo", agent_identity=name, text="so it goes")
            assert context["status"] == "staged"
        assert await talk.refusal("mob/events", mob_id="demo") == "-32602 internal error: actor task dropped"


async def test_as_documented_such_a_member_is_retired_like_any_other() -> None:
    async with talking(contract=True) as talk:
        await found(talk, "w1")
        await talk.refusal("mob/turn_start", mob_id="demo", agent_identity="w1", prompt=script({"fail": {"status": 400}}))
        await talk.call("mob/retire", mob_id="demo", agent_identity="w1")
        assert [event["type"] for event in await log(talk)] == ["member_spawned", "member_retired"]


# ---- several mobs in one process -----------------------------------------------------------------------------------------------------


async def two_mobs(talk: Talk, second_member: str) -> None:
    await found(talk, "w1", "w2")
    await talk.call("mob/create", definition=definition("young"))
    await talk.call("mob/spawn", mob_id="young", profile="worker", agent_identity=second_member)


async def test_an_older_mob_cannot_retire_once_the_youngest_is_gone() -> None:
    async with talking() as talk:
        await two_mobs(talk, "other")
        await talk.call("mob/destroy", mob_id="young")
        refusal = await talk.refusal("mob/retire", mob_id="demo", agent_identity="w1")
        assert refusal.startswith("-32602 internal error: disposal completed but ArchiveSession failed: ")
        assert [member["agent_identity"] for member in (await talk.call("mob/members", mob_id="demo"))["members"]] == ["w2"]
        await talk.refusal("mob/retire", mob_id="demo", agent_identity="w2")
        assert await talk.refusal("mob/events", mob_id="demo") == "-32602 internal error: actor task dropped"
        assert (await talk.call("mob/list"))["mobs"] == [{"mob_id": "demo", "status": "Running"}]


async def test_a_namesake_that_retires_elsewhere_stays_in_the_youngest_mob() -> None:
    async with talking() as talk:
        await two_mobs(talk, "w1")
        await talk.call("mob/retire", mob_id="demo", agent_identity="w1")
        refusal = await talk.refusal("mob/retire", mob_id="young", agent_identity="w1")
        assert refusal.startswith("-32602 internal error: DSL authority preview (handle_retire_inner_admission) rejected Retire")
        refusal = await talk.refusal("mob/lifecycle", mob_id="young", action="complete")
        assert refusal.startswith("-32602 internal error: complete aborted: 1 member(s) could not be retired: w1: internal error: DSL")


async def test_as_documented_mobs_do_not_disturb_each_other() -> None:
    async with talking(contract=True) as talk:
        await two_mobs(talk, "w1")
        await talk.call("mob/retire", mob_id="demo", agent_identity="w1")
        await talk.call("mob/destroy", mob_id="young")
        assert await talk.call("mob/retire", mob_id="demo", agent_identity="w2") == {"retired": True}


# ---- restarts ------------------------------------------------------------------------------------------------------------------------


async def test_mobs_survive_a_restart_but_their_members_come_back_hollow(tmp_path: Path) -> None:
    flags = Flags(realm="here", state_root=str(tmp_path))
    async with talking(World(flags=flags)) as talk:
        await found(talk, "w1", "w2", flows={"f": {"steps": {}}})
        await spawn(talk, "h1", "host")
        await talk.call("mob/wait_kickoff", mob_id="demo")
        await talk.call("mob/wire", mob_id="demo", member="w1", peer={"local": "w2"})
        await send(talk, "w1", says("before"))
        ran = await run(talk, "f")
        told = (await talk.call("mob/events", mob_id="demo"))["events"]
        await act(talk, "stop")
    async with talking(World(flags=flags)) as talk:
        assert await talk.call("mob/list") == {"mobs": [{"mob_id": "demo", "status": "Running"}]}
        assert (await talk.call("mob/events", mob_id="demo"))["events"] == told
        assert (await talk.call("mob/flow_status", mob_id="demo", run_id=ran["run_id"]))["run"] == ran
        now = await status(talk, "w1")
        assert (now["output_preview"], now["tokens_used"], now["peer_connectivity"]["unknown_peer_count"]) == (None, 0, 1)
        await send(talk, "w1", says("after"))
        assert (await status(talk, "w1"))["output_preview"] is None
        refusal = await talk.refusal("mob/member_send", mob_id="demo", agent_identity="h1", content="x")
        assert refusal == "-32602 internal error: autonomous dispatch inject failed for 'h1': inbox closed"
        assert (await talk.refusal("mob/rotate_supervisor", mob_id="demo")).startswith("-32024 supervisor rotation incomplete: ")
        await talk.call("mob/respawn", mob_id="demo", agent_identity="w1")
        await send(talk, "w1", says("alive"))
        assert (await status(talk, "w1"))["output_preview"] == "alive"


async def test_as_documented_members_go_on_after_a_restart(tmp_path: Path) -> None:
    flags = Flags(realm="here", state_root=str(tmp_path))
    async with talking(World(flags=flags, quirks=Quirks("contract"))) as talk:
        await found(talk, "w1")
        await send(talk, "w1", says("before"))
    async with talking(World(flags=flags, quirks=Quirks("contract"))) as talk:
        assert (await status(talk, "w1"))["output_preview"] == "before"
        await send(talk, "w1", says("after"))
        assert (await status(talk, "w1"))["tokens_used"] == 30
        await talk.call("mob/destroy", mob_id="demo")
    async with talking(World(flags=flags)) as talk:
        assert await talk.call("mob/list") == {"mobs": []}
