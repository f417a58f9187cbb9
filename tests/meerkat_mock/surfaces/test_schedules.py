"""`schedule/*` as a client sees it: records, revisions, refusals, and the tools (spec 05, sections 1.2 to 1.11)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from meerkat_mock.clock import VirtualClock
from meerkat_mock.flags import Flags
from meerkat_mock.quirks import Quirks
from meerkat_mock.runtime import World
from meerkat_mock.server import Server
from tests.meerkat_mock.schedule.plans import LEAP_DAYS, NOBODY, START, at, every, occurrences, phases, schedule, to
from tests.meerkat_mock.talk import Talk, moments, says, script, talking

ARGUMENTS = "-32602 invalid arguments for"
NO_UUID = "invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-]"
UNKNOWN = "00000000-0000-7000-8000-000000000007"
BY_ID = ["schedule/get", "schedule/update", "schedule/pause", "schedule/resume", "schedule/delete"]


async def test_a_schedule_comes_back_with_its_defaults_and_its_times_in_utc():
    async with talking() as talk:
        made = await talk.call("schedule/create", trigger=every(900, "2026-03-02T12:00:00.5+02:00"), target=to())
        assert made == {
            "schedule_id": made["schedule_id"],
            "phase": "active",
            "revision": 1,
            "trigger": every(900, "2026-03-02T10:00:00.500Z"),
            "target": to(),
            "misfire_policy": {"type": "skip"},
            "overlap_policy": "skip_if_running",
            "missing_target_policy": "mark_misfired",
            "next_occurrence_ordinal": 64,
            "planning_cursor_utc": "2026-03-03T01:45:00.500Z",
            "planning_horizon_days": 30,
            "planning_horizon_occurrences": 64,
            "created_at_utc": START,
            "updated_at_utc": START,
        }
        assert await talk.call("schedule/get", schedule_id=f"urn:uuid:{made['schedule_id'].upper()}") == made


async def test_an_occurrence_tells_what_it_is_for_and_nothing_that_has_not_happened():
    async with talking() as talk:
        name = await schedule(talk, at("10:00:00"))
        [planned] = await occurrences(talk, name)
    assert planned == {
        "occurrence_id": planned["occurrence_id"],
        "schedule_id": name,
        "schedule_revision": 1,
        "occurrence_ordinal": 0,
        "phase": "pending",
        "due_at_utc": "2026-03-02T10:00:00Z",
        "trigger_snapshot": at("10:00:00"),
        "target_snapshot": to(),
        "misfire_policy": {"type": "skip"},
        "overlap_policy": "skip_if_running",
        "missing_target_policy": "mark_misfired",
        "attempt_count": 0,
        "created_at_utc": START,
    }


async def test_the_same_body_twice_makes_two_schedules():
    async with talking() as talk:
        assert await schedule(talk, at("10:00:00")) != await schedule(talk, at("10:00:00"))


@pytest.mark.parametrize(("due", "planned"), [("08:59:01", 1), ("08:59:00", 0), ("08:00:00", 0)])
async def test_what_was_due_up_to_a_minute_ago_is_still_planned(due: str, planned: int):
    async with talking() as talk:
        assert len(await occurrences(talk, await schedule(talk, at(due)))) == planned


async def test_the_horizon_limits_days_and_count():
    async with talking() as talk:
        assert len(await occurrences(talk, await schedule(talk, every(86_400)))) == 30
        assert len(await occurrences(talk, await schedule(talk, every(86_400), planning_horizon_days=10))) == 10
        assert len(await occurrences(talk, await schedule(talk, every(60), planning_horizon_occurrences=3))) == 3
        assert await occurrences(talk, await schedule(talk, LEAP_DAYS)) == []


# ---- listing ---------------------------------------------------------------------------------------------------------------------------


async def test_the_listing_is_in_the_order_of_making_filtered_then_paged():
    async with talking() as talk:
        names = [await schedule(talk, at("10:00:00"), labels={"team": "x", "n": str(n)}) for n in range(4)]
        await talk.call("schedule/delete", schedule_id=names[0])
        assert await _listed(talk) == names[1:]
        assert await _listed(talk, labels={"team": "x", "n": "2"}) == [names[2]]
        assert await _listed(talk, labels={"team": "x"}, offset=1, limit=1) == [names[2]]
        assert await _listed(talk, limit=0) == []
        assert await _listed(talk, offset=9) == []


async def _listed(talk: Talk, **params: Any) -> list[str]:
    return [each["schedule_id"] for each in (await talk.call("schedule/list", **params))["schedules"]]


# ---- changing --------------------------------------------------------------------------------------------------------------------------


async def test_settings_change_without_a_new_revision_and_a_wider_horizon_is_filled():
    async with talking() as talk:
        name = await schedule(talk, every(900), planning_horizon_occurrences=3, name="a", description="d", labels={"k": "v"})
        changed = await talk.call(
            "schedule/update", schedule_id=name, name="b", description=None, labels={}, planning_horizon_occurrences=5
        )
        assert (changed["revision"], changed["name"], changed["description"], "labels" in changed) == (1, "b", "d", False)
        assert changed["next_occurrence_ordinal"] == 5
        same = await talk.call("schedule/update", schedule_id=name, trigger=every(900), overlap_policy="skip_if_running")
        assert same["revision"] == 1
        narrower = await talk.call("schedule/update", schedule_id=name, planning_horizon_occurrences=1)
        assert narrower["next_occurrence_ordinal"] == 5
        assert await phases(talk, name) == ["pending"] * 5


@pytest.mark.parametrize(
    "change",
    [
        {"trigger": every(1800)},
        {"target": to(NOBODY, "tock")},
        {"misfire_policy": {"type": "catch_up_within", "window_seconds": 5}},
        {"overlap_policy": "allow_concurrent"},
        {"missing_target_policy": "skip"},
    ],
)
async def test_a_change_of_the_plan_is_a_new_revision_that_supersedes_what_was_planned(change: dict[str, Any]):
    async with talking() as talk:
        name = await schedule(talk, every(900), planning_horizon_occurrences=2)
        changed = await talk.call("schedule/update", schedule_id=name, expected_revision=1, **change)
        assert (changed["revision"], changed["next_occurrence_ordinal"]) == (2, 4)
        found = await occurrences(talk, name)
        old = [each for each in found if each["schedule_revision"] == 1]
        assert {(each["phase"], each["superseded_by_revision"], each["completed_at_utc"]) for each in old} == {("superseded", 2, START)}
        assert [each["occurrence_ordinal"] for each in found if each["phase"] == "pending"] == [2, 3]
        assert len(await occurrences(talk, name, include_terminal=False)) == 2


async def test_a_change_meant_for_another_revision_changes_nothing():
    async with talking() as talk:
        name = await schedule(talk, every(900))
        refused = await talk.refusal("schedule/update", schedule_id=name, expected_revision=7, name="z")
        assert refused == "-32602 invalid schedule: schedule revision mismatch: expected 7, found 1"
        assert "name" not in await talk.call("schedule/get", schedule_id=name)


async def test_a_trigger_that_cannot_be_planned_leaves_everything_as_it_was():
    async with talking() as talk:
        name = await schedule(talk, every(900), planning_horizon_occurrences=1)
        before = await talk.call("schedule/get", schedule_id=name)
        bad = {"type": "calendar", "timezone": "Mars/Phobos"}
        refused = "-32602 invalid trigger: invalid IANA timezone: Mars/Phobos"
        assert await talk.refusal("schedule/update", schedule_id=name, trigger=bad) == refused
        assert await talk.refusal("schedule/create", trigger=bad, target=to()) == refused
        assert await talk.call("schedule/get", schedule_id=name) == before
        assert await _listed(talk) == [name]
        stored = await schedule(talk, bad, planning_horizon_occurrences=0)
        assert await talk.refusal("schedule/update", schedule_id=stored, planning_horizon_occurrences=1) == refused
        await talk.call("schedule/pause", schedule_id=name)
        assert (await talk.call("schedule/update", schedule_id=name, trigger=bad))["revision"] == 2
        assert await talk.refusal("schedule/resume", schedule_id=name) == refused
        assert (await talk.call("schedule/get", schedule_id=name))["phase"] == "paused"


async def test_pause_resume_and_delete_may_be_repeated_and_only_delete_is_final():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        name = await schedule(talk, every(900), planning_horizon_occurrences=2)
        for method, phase, revision in (
            ("pause", "paused", 1),
            ("pause", "paused", 1),
            ("resume", "active", 1),
            ("resume", "active", 1),
            ("delete", "deleted", 2),
            ("delete", "deleted", 2),
        ):
            await clock.advance(1)
            record = await talk.call(f"schedule/{method}", schedule_id=name)
            assert (record["phase"], record["revision"]) == (phase, revision)
        assert record["deleted_at_utc"] == record["updated_at_utc"] == "2026-03-02T09:00:06Z"
        assert "planning_cursor_utc" not in record
        assert await talk.call("schedule/get", schedule_id=name) == record
        assert await phases(talk, name) == ["superseded", "superseded"]
        for method in ("update", "pause", "resume"):
            refused = await talk.refusal(f"schedule/{method}", schedule_id=name)
            assert refused == "-32602 invalid schedule: schedule is deleted"


# ---- refusals --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", BY_ID)
async def test_ids_that_are_none_or_unknown_are_refused(method: str):
    async with talking() as talk:
        assert await talk.refusal(method, schedule_id=UNKNOWN) == "-32023 schedule not found"
        length = "invalid length: expected length 32 for simple format, found 0"
        assert await talk.refusal(method, schedule_id="") == f"-32602 invalid schedule_id '': {length}"


async def test_occurrences_of_an_unknown_schedule_are_none_but_its_id_must_be_one():
    async with talking() as talk:
        assert await occurrences(talk, UNKNOWN) == []
        assert "invalid schedule_id 'nope'" in await talk.refusal("schedule/occurrences", schedule_id="nope")


async def test_a_listing_with_bad_params_spells_its_refusal_small():
    async with talking() as talk:
        assert (await talk.refusal("schedule/list", limit=-1)).startswith("-32602 invalid params: ")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"tooling": {"mode": "minimal"}, "resolved_spawn_snapshot": {"tool_filter": {}}}, "resolved spawn snapshots are trusted"),
        ({"tooling": {"mode": "inherit_parent"}}, "schedule spawn tooling mode requires parent agent context"),
        ({"tooling": {"mode": "profile", "name": "w", "deny_overlay": []}}, "schedule spawn profile overlays require trusted"),
    ],
)
@pytest.mark.parametrize("backend", ["sqlite", "jsonl"])
async def test_what_only_the_server_may_ask_for_is_refused_before_anything_else(options: dict[str, Any], why: str, backend: Any):
    target = {"target_kind": "mob", "type": "spawn_helper", "mob_id": "m", "member_id": "a", "prompt": "p", "options": options}
    async with talking(World(flags=Flags(realm_backend=backend))) as talk:
        assert (await talk.refusal("schedule/create", trigger=at("10:00:00"), target=target)).startswith(f"-32602 invalid schedule: {why}")


async def test_a_realm_without_a_schedule_store_refuses_everything_but_the_list_of_tools():
    async with talking(World(flags=Flags(realm_backend="jsonl"))) as talk:
        refused = "-32020 schedule store is unsupported for backend disabled"
        assert await talk.refusal("schedule/create", trigger=at("10:00:00"), target=to()) == refused
        assert await talk.refusal("schedule/list") == refused
        for method in (*BY_ID, "schedule/occurrences"):
            assert await talk.refusal(method, schedule_id=UNKNOWN) == refused
        assert len((await talk.call("schedule/tools"))["tools"]) == 8
        tool = await talk.refusal("schedule/call", name="meerkat_schedule_list", arguments={})
        assert tool == "-32001 schedule store is unsupported for backend disabled"


@pytest.mark.parametrize(
    "params",
    [
        {"trigger": every(9_223_372_036_854_775, "2020-01-01T00:00:00Z")},
        {"trigger": every(60), "planning_horizon_days": 100_000_000},
    ],
)
async def test_dates_beyond_all_bounds_are_never_answered_and_the_mock_says_so(params: dict[str, Any]):
    server = Server(World())
    talk = Talk(server.connect())
    _, answer = await talk.ask("schedule/create", {"target": to(), **params})
    assert await _listed(talk) == []
    await moments()
    assert not answer.done()
    await talk.hang_up()
    await server.close()
    [violation] = server.runtime.violations
    assert violation.code == "unanswered"
    assert "schedule/create is never answered" in str(violation)


async def test_as_documented_such_dates_are_refused():
    async with talking(contract=True) as talk:
        refused = await talk.refusal("schedule/create", trigger=every(60), target=to(), planning_horizon_days=100_000_000)
        assert refused == "-32602 invalid trigger: planning horizon leaves the range of dates"
        tool = {"trigger": every(60), "target": to(), "planning_horizon_days": 100_000_000}
        assert await talk.refusal("schedule/call", name="meerkat_schedule_create", arguments=tool) == refused
        assert len(await occurrences(talk, await schedule(talk, every(60), planning_horizon_days=4_000_000))) == 64


# ---- targets ---------------------------------------------------------------------------------------------------------------------------


async def test_targets_come_back_with_their_defaults_and_ids_in_their_usual_spelling():
    async with talking() as talk:
        make = {
            "target_kind": "session",
            "type": "materialize_on_demand_session",
            "bound_session_id": UNKNOWN.replace("-", ""),
            "create": {"model": "m", "labels": {}, "additional_instructions": [], "output_schema": {"type": "object"}, "odd": 1},
            "action": {"type": "event", "event_type": "ping", "payload": None, "render_metadata": {"class": "external_event"}},
        }
        shown = (await talk.call("schedule/create", trigger=at("10:00:00"), target=make))["target"]
        schema = {"properties": {}, "required": [], "type": "object"}
        assert shown["create"] == {
            "model": "m",
            "output_schema": {"schema": schema, "strict": False, "compat": "lossy", "format": "meerkat_v1"},
            "structured_output_retries": 0,
            "keep_alive": False,
        }
        assert shown["bound_session_id"] == UNKNOWN
        metadata = {"class": "external_event", "salience": "normal"}
        assert shown["action"] == {"type": "event", "event_type": "ping", "payload": None, "render_metadata": metadata}
        fork = {"target_kind": "mob", "type": "fork_helper", "mob_id": "m", "source_member_id": "a", "member_id": "b", "prompt": "p"}
        echoed = (await talk.call("schedule/create", trigger=at("10:00:00"), target=fork))["target"]
        assert echoed == {**fork, "fork_context": {"type": "full_history"}, "options": {}}


async def test_a_create_comes_back_whole():
    async with talking() as talk:
        create = {
            "model": "m",
            "provider": "open_a_i",
            "output_schema": {"schema": {"type": "string"}, "name": "n", "strict": True, "compat": "strict"},
            "peer_meta": {"description": "d", "labels": {}},
            "preload_skills": [{"source_uuid": UNKNOWN.upper(), "skill_name": "k"}],
            "config_generation": 77,
            "app_context": {"z": None},
        }
        target = {"target_kind": "session", "type": "materialize_on_demand_session", "create": create, "action": to()["action"]}
        shown = (await talk.call("schedule/create", trigger=at("10:00:00"), target=target))["target"]["create"]
        wrapped = {"schema": {"type": "string"}, "name": "n", "strict": True, "compat": "strict", "format": "meerkat_v1"}
        assert shown == {
            **create,
            "output_schema": wrapped,
            "peer_meta": {"description": "d"},
            "preload_skills": [{"source_uuid": UNKNOWN, "skill_name": "k"}],
            "structured_output_retries": 0,
            "keep_alive": False,
        }


async def test_an_output_schema_that_is_none_is_refused_as_bad_params():
    async with talking() as talk:
        create = {"model": "m", "output_schema": 3}
        target = {"target_kind": "session", "type": "materialize_on_demand_session", "create": create, "action": to()["action"]}
        assert (await talk.refusal("schedule/create", trigger=at("10:00:00"), target=target)).startswith("-32602 Invalid params: ")


# ---- tools -----------------------------------------------------------------------------------------------------------------------------


async def test_the_tools_do_what_the_methods_do():
    async with talking() as talk:

        async def tool(name: str, arguments: Any) -> Any:
            return await talk.call("schedule/call", name=f"meerkat_schedule_{name}", arguments=arguments)

        made = await tool("create", {"trigger": every(900), "target": to(), "planning_horizon_occurrences": 2, "odd": 1})
        name = made["schedule_id"]
        assert await tool("get", [name]) == made
        assert await tool("list", {"labels": {"a": "b"}}) == {"schedules": [made]}
        assert (await tool("update", {"schedule_id": name, "expected_revision": 1, "overlap_policy": "allow_concurrent"}))["revision"] == 2
        assert (await tool("pause", {"schedule_id": name}))["phase"] == "paused"
        assert (await tool("resume", {"schedule_id": name}))["phase"] == "active"
        assert (await tool("delete", {"schedule_id": name}))["phase"] == "deleted"
        assert [each["phase"] for each in (await tool("occurrences", {"schedule_id": name}))["occurrences"]] == ["superseded"] * 4


@pytest.mark.parametrize(
    ("name", "arguments", "refused"),
    [
        ("nope", {}, "-32602 unknown schedule tool: nope"),
        ("get", {}, "-32602 unknown schedule tool: get"),
        (
            "meerkat_schedule_get",
            None,
            f"{ARGUMENTS} meerkat_schedule_get: invalid type: null, expected struct ScheduleIdArgs",
        ),
        (
            "meerkat_schedule_list",
            None,
            f"{ARGUMENTS} meerkat_schedule_list: invalid type: null, expected struct EmptyArgs",
        ),
        (
            "meerkat_schedule_create",
            [],
            f"{ARGUMENTS} meerkat_schedule_create: invalid length 2, expected struct CreateScheduleRequest with 10 elements",
        ),
        (
            "meerkat_schedule_list",
            [1],
            f"{ARGUMENTS} meerkat_schedule_list: invalid length 1, expected fewer elements in array",
        ),
        ("meerkat_schedule_get", {"schedule_id": UNKNOWN}, "-32004 schedule not found"),
        (
            "meerkat_schedule_pause",
            {"schedule_id": "x"},
            f"-32602 invalid schedule_id: {NO_UUID}, found `x` at 1",
        ),
        (
            "meerkat_schedule_create",
            {"trigger": {"type": "cron"}, "target": to()},
            f"{ARGUMENTS} meerkat_schedule_create: unknown variant `cron`, expected one of `once`, `interval`, `calendar`",
        ),
    ],
)
async def test_tools_refuse_with_codes_of_their_own(name: str, arguments: Any, refused: str):
    async with talking() as talk:
        assert await talk.refusal("schedule/call", name=name, arguments=arguments) == refused


async def test_a_schedule_may_be_made_from_an_array_that_ends_after_its_target():
    trigger = {"type": "once", "due_at_utc": "2099-01-01T00:00:00Z"}
    async with talking() as talk:
        made = await (await talk.ask("schedule/create", ["poll", None, trigger, to()]))[1]
    assert (made["name"], made["trigger"], made["phase"]) == ("poll", trigger, "active")


async def test_a_tool_call_that_is_never_answered_is_told_of_too():
    server = Server(World(quirks=Quirks("server")))
    talk = Talk(server.connect())
    arguments = {"trigger": every(9_223_372_036_854_775, "2020-01-01T00:00:00Z"), "target": to()}
    _, answer = await talk.ask("schedule/call", {"name": "meerkat_schedule_create", "arguments": arguments})
    await asyncio.sleep(0)
    await moments()
    assert not answer.done()
    await talk.hang_up()
    await server.close()
    assert [violation.code for violation in server.runtime.violations] == ["unanswered"]


async def test_a_model_that_calls_the_tools_makes_schedules_that_fire():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        session = await talk.create("hi")
        arguments = {"trigger": at("10:00:00"), "target": to(session, says("tick"))}
        calls = [{"call": [{"tool": f"meerkat_schedule_{name}", "args": args}]} for name, args in (("create", arguments), ("get", {}))]
        await talk.turn(session, script(*calls, {"say": ["planned"]}))
        [made] = (await talk.call("schedule/list"))["schedules"]
        told = [event["payload"] for event in talk.events(session, "tool_execution_completed")]
        assert [each["is_error"] for each in told] == [False, True]
        assert made["schedule_id"] in told[0]["result"]
        assert "invalid arguments for meerkat_schedule_get: missing field `schedule_id`" in told[1]["result"]
        await clock.advance("1h")
        assert talk.prompts(session)[-1] == says("tick")
