"""What happens when an occurrence falls due, in virtual time (spec 05, sections 1.7 to 1.9 and "Seen live", 1)."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.clock import VirtualClock
from meerkat_mock.flags import Flags
from meerkat_mock.quirks import Quirks
from meerkat_mock.runtime import World
from meerkat_mock.server import Server
from tests.meerkat_mock.schedule.plans import NOBODY, at, every, occurrences, phases, schedule, to
from tests.meerkat_mock.talk import ALIAS, MODEL, Talk, moments, says, script, talking

if TYPE_CHECKING:
    from pathlib import Path

FAILS = script({"fail": {"status": 400, "message": "no"}}, say="boom")
SLOW = script({"say": ["late"], "pace": {"first": 60}}, say="slow")


def _made_on_demand(prompt: str = "hi", create: dict[str, Any] | None = None, **action: Any) -> dict[str, Any]:
    return {
        "target_kind": "session",
        "type": "materialize_on_demand_session",
        "create": create or {"model": MODEL},
        "action": {"type": "prompt", "prompt": prompt, **action},
    }


async def test_a_prompt_runs_as_an_ordinary_turn_when_it_is_due_and_not_before():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        session = await talk.create(says("one"))
        name = await schedule(talk, at("09:10:00"), to(session, says("tock")))
        await clock.advance(599)
        assert len(talk.prompts(session)) == 1
        await clock.advance("1s")
        assert talk.prompts(session)[1:] == [says("tock")]
        history = (await talk.call("session/history", session_id=session))["messages"]
        assert [message["role"] for message in history[-2:]] == ["user", "block_assistant"]
        assert history[-2]["content"] == says("tock")
        [done] = await occurrences(talk, name)
    assert (done["phase"], done["attempt_count"], "failure_class" in done) == ("completed", 1, False)
    assert done["claimed_by"].startswith("rpc-scheduler:realm-")
    assert done["claimed_by"].endswith(":rpc")
    times = [done[name] for name in ("claimed_at_utc", "dispatched_at_utc", "completed_at_utc", "lease_expires_at_utc")]
    assert times == ["2026-03-02T09:10:00Z"] * 3 + ["2026-03-02T09:11:00Z"]
    receipt = done["last_receipt"]
    assert (receipt["stage"], receipt["attempt"], receipt["correlation_id"]) == ("completed", 1, done["delivery_correlation_id"])


async def test_time_that_stands_still_fires_nothing_even_if_it_is_due():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        session = await talk.create(says("one"))
        name = await schedule(talk, at("09:00:00"), to(session))
        await talk.turn(session, says("two"))
        assert await phases(talk, name) == ["pending"]
        await clock.advance("250ms")
        assert await phases(talk, name) == ["completed"]


async def test_an_event_runs_with_its_line_as_the_prompt():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        session = await talk.create(says("one"))
        names: list[str] = []
        for body in ({"body": "  done  ", "n": 1}, {"n": 2}, None, {"body": 3}):
            target = to(session)
            target["action"] = {"type": "event", "event_type": "ci", "payload": body}
            names.append(await schedule(talk, at("09:10:00"), target))
        await clock.advance("1h")
        assert talk.prompts(session)[1:] == [
            f"[EVENT via schedule:{names[0]}] done",
            *(f"[EVENT via schedule:{name}]" for name in names[1:]),
        ]


async def test_a_turn_that_fails_leaves_its_occurrence_completed():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        session = await talk.create(says("one"))
        name = await schedule(talk, at("09:10:00"), to(session, FAILS))
        await clock.advance("1h")
        assert talk.events(session, "run_failed")
        assert await phases(talk, name) == ["completed"]


@pytest.mark.parametrize(("policy", "phase"), [("mark_misfired", "misfired"), ("skip", "skipped")])
async def test_a_session_that_is_not_there_or_archived_is_a_missing_target(policy: str, phase: str):
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        archived = await talk.create(says("one"))
        await talk.call("session/archive", session_id=archived)
        names = {session: await schedule(talk, at("09:10:00"), to(session), missing_target_policy=policy) for session in (NOBODY, archived)}
        await clock.advance("1h")
        for session, name in names.items():
            [done] = await occurrences(talk, name)
            why = f"session not found: {session}"
            assert (done["phase"], done["failure_class"], done["failure_detail"]) == (phase, "target_missing", why)
            assert not {"claimed_by", "claim_token", "lease_expires_at_utc", "dispatched_at_utc"} & done.keys()
            assert (done["claimed_at_utc"], done["last_receipt"]["stage"]) == ("2026-03-02T09:10:00Z", phase)


async def test_a_system_prompt_for_a_session_that_exists_is_rejected():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        session = await talk.create(says("one"))
        name = await schedule(talk, at("09:10:00"), to(session, "x", system_prompt="be brief"))
        await clock.advance("1h")
        [done] = await occurrences(talk, name)
        assert len(talk.prompts(session)) == 1
    why = "scheduled system_prompt override is only supported when materializing a new session"
    assert (done["phase"], done["failure_class"], done["failure_detail"]) == ("delivery_failed", "runtime_rejected", why)
    assert {"claimed_by", "claimed_at_utc", "dispatched_at_utc"} <= done.keys()
    assert "delivery_correlation_id" not in done


# ---- sessions made on demand -----------------------------------------------------------------------------------------------------------


async def test_the_first_firing_makes_the_session_and_every_later_one_uses_it():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        target = _made_on_demand(says("one"), {"model": MODEL, "labels": {"by": "clock"}}, system_prompt="be brief")
        name = await schedule(talk, every(3600), target)
        await clock.advance("1h")
        record = await talk.call("schedule/get", schedule_id=name)
        session = record["target"]["bound_session_id"]
        assert record["revision"] == 1
        found = await occurrences(talk, name)
        assert found[0]["last_receipt"]["materialized_session_id"] == session
        assert {each["target_snapshot"]["bound_session_id"] for each in found} == {session}
        assert talk.prompts(session) == [says("one")]
        history = (await talk.call("session/history", session_id=session))["messages"]
        assert history[0]["content"].startswith("be brief")
        [row] = (await talk.call("session/list", labels={"by": "clock"}))["sessions"]
        assert row["session_id"] == session
        await clock.advance("1h")
        assert (await occurrences(talk, name))[1]["failure_class"] == "runtime_rejected"


async def test_a_bound_session_that_goes_is_missing_and_a_new_target_unbinds():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        name = await schedule(talk, every(3600), _made_on_demand(says("one")))
        await clock.advance("1h")
        session = (await talk.call("schedule/get", schedule_id=name))["target"]["bound_session_id"]
        await talk.call("session/archive", session_id=session)
        await clock.advance("1h")
        assert (await phases(talk, name))[:2] == ["completed", "misfired"]
        changed = await talk.call("schedule/update", schedule_id=name, target=_made_on_demand(says("one")))
        assert (changed["revision"], "bound_session_id" in changed["target"]) == (2, False)
        await clock.advance("1h")
        assert (await talk.call("schedule/get", schedule_id=name))["target"]["bound_session_id"] != session


async def test_a_session_that_cannot_be_made_fails_its_delivery_and_an_unknown_model_only_its_turn():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        wrong = await schedule(talk, at("09:10:00"), _made_on_demand(create={"model": "claude-opus-4-7", "provider": "open_a_i"}))
        unknown = await schedule(talk, at("09:10:00"), _made_on_demand(create={"model": "nobody-knows"}))
        await clock.advance("1h")
        [failed], [done] = await occurrences(talk, wrong), await occurrences(talk, unknown)
        assert (failed["phase"], failed["failure_class"]) == ("delivery_failed", "target_materialization_failed")
        assert failed["failure_detail"].startswith("internal error: model 'claude-opus-4-7' is registered for provider 'anthropic'")
        assert done["phase"] == "completed"
        session = done["last_receipt"]["materialized_session_id"]
        assert talk.events(session) == []
        assert session in [row["session_id"] for row in (await talk.call("session/list"))["sessions"]]


# ---- busy targets ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["skip_if_running", "allow_concurrent"])
async def test_a_running_turn_holds_back_its_own_schedule_and_every_other_one(policy: str):
    clock = VirtualClock(auto=False)
    async with talking(World(clock=clock)) as talk:
        session, other = await talk.create(says("one")), await talk.create(says("one"))
        _, answer = await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await talk.hear("turn_started", session_id=session, count=2)
        mine = await schedule(talk, at("09:00:10"), to(session, says("mine")), overlap_policy=policy)
        others = await schedule(talk, at("09:00:11"), to(other, says("other")))
        await clock.advance("50s")
        assert (await phases(talk, mine), await phases(talk, others)) == (["claimed"], ["pending"])
        await clock.advance("10s")
        await answer
        await clock.advance("1s")
        assert (await phases(talk, mine), await phases(talk, others)) == (["completed"], ["completed"])
        assert talk.prompts(session)[-1] == says("mine")


async def test_when_asked_for_what_waited_for_a_turn_lies_until_the_session_is_woken_and_runs_first():
    clock = VirtualClock(auto=False)
    quirks = Quirks("server", {"schedule_behind_turn_waits": True})
    async with talking(World(clock=clock, quirks=quirks)) as talk:
        session = await talk.create(says("one"))
        _, answer = await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await talk.hear("turn_started", session_id=session, count=2)
        name = await schedule(talk, at("09:00:10"), to(session, says("tick")))
        await clock.advance("2m")
        await answer
        assert (await phases(talk, name), len(talk.prompts(session))) == (["completed"], 2)
        await talk.turn(session, says("wake"))
        assert talk.prompts(session)[2:] == [says("tick"), says("wake")]


async def test_what_was_paused_or_deleted_while_its_target_was_busy_is_not_delivered():
    clock = VirtualClock(auto=False)
    async with talking(World(clock=clock)) as talk:
        session = await talk.create(says("one"))
        names = [await schedule(talk, at("09:00:10"), to(session, says("never"))) for _ in range(3)]
        _, answer = await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await talk.hear("turn_started", session_id=session, count=2)
        await clock.advance("10.3s")
        await talk.call("schedule/pause", schedule_id=names[0])
        await talk.call("schedule/delete", schedule_id=names[1])
        await talk.call("schedule/update", schedule_id=names[2], overlap_policy="allow_concurrent", trigger=at("10:00:00"))
        await clock.advance("1m")
        await answer
        [paused], [deleted], [revised, planned] = [await occurrences(talk, name) for name in names]
        assert (paused["phase"], paused["failure_class"], paused["last_receipt"]["stage"]) == ("pending", "lease_lost", "lease_expired")
        assert "claimed_at_utc" not in paused
        for gone in (deleted, revised):
            assert (gone["phase"], gone["superseded_by_revision"], gone["attempt_count"]) == ("superseded", 2, 1)
            assert gone["last_receipt"]["stage"] == "superseded"
        assert planned["phase"] == "pending"
        assert len(talk.prompts(session)) == 2
        await talk.call("schedule/resume", schedule_id=names[0])
        await clock.advance("1s")
        [again] = await occurrences(talk, names[0])
        assert (again["phase"], again["attempt_count"]) == ("completed", 2)


@pytest.mark.parametrize(("policy", "phase"), [("skip_if_running", "skipped"), ("allow_concurrent", "completed")])
async def test_as_documented_a_busy_session_is_skipped_or_written_to_all_the_same(policy: str, phase: str):
    clock = VirtualClock(auto=False)
    async with talking(World(clock=clock, quirks=Quirks("contract"))) as talk:
        session = await talk.create(says("one"))
        _, answer = await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await talk.hear("turn_started", session_id=session, count=2)
        name = await schedule(talk, at("09:00:10"), to(session, says("mine")), overlap_policy=policy)
        await clock.advance("11s")
        [done] = await occurrences(talk, name)
        assert done["phase"] == phase
        if phase == "skipped":
            assert (done["failure_class"], done["failure_detail"]) == ("target_busy", f"session still running: {session}")
        await clock.advance("1m")
        await answer
        assert len(talk.prompts(session)) == (2 if phase == "skipped" else 3)


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        ({"type": "skip"}, "missed scheduled time by 31s; skip policy does not catch up materially late pending occurrences"),
        ({"type": "catch_up_within", "window_seconds": 20}, "missed scheduled time by 31s, exceeding catch-up window of 20s"),
        ({"type": "catch_up_within", "window_seconds": 31}, None),
    ],
)
async def test_as_documented_what_is_later_than_its_policy_allows_misfires(policy: dict[str, Any], why: str | None):
    clock = VirtualClock()
    async with talking(World(clock=clock, quirks=Quirks("contract"))) as talk:
        session = await talk.create(says("one"))
        name = await schedule(talk, at("09:00:10"), to(session, says("tick")), misfire_policy=policy)
        await talk.call("schedule/pause", schedule_id=name)
        await clock.advance(41)
        await talk.call("schedule/resume", schedule_id=name)
        await clock.advance(1)
        [done] = await occurrences(talk, name)
    assert done["phase"] == ("completed" if why is None else "misfired")
    assert done.get("failure_detail") == why
    assert "failure_class" not in done


# ---- backlogs --------------------------------------------------------------------------------------------------------------------------


async def test_a_pause_keeps_what_falls_due_and_a_resume_delivers_it_all_however_late():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        session = await talk.create(says("one"))
        name = await schedule(talk, every(3600), to(session, says("tick")), misfire_policy={"type": "skip"})
        await talk.call("schedule/pause", schedule_id=name)
        await clock.advance("40h")
        assert len(talk.prompts(session)) == 1
        await talk.call("schedule/resume", schedule_id=name)
        await clock.advance("250ms")
        assert (await phases(talk, name)).count("completed") == 32
        await clock.advance("250ms")
        assert (await phases(talk, name)).count("completed") == 40
        assert len(talk.prompts(session)) == 41


async def test_a_fired_slot_is_planned_anew_a_moment_later():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        name = await schedule(talk, every(3600), planning_horizon_occurrences=1)
        await clock.advance("1h")
        assert await phases(talk, name) == ["misfired"]
        await clock.advance("250ms")
        assert await phases(talk, name) == ["misfired", "pending"]
        assert (await talk.call("schedule/get", schedule_id=name))["planning_cursor_utc"] == "2026-03-02T11:00:00Z"


async def test_a_slot_beyond_the_horizon_is_planned_when_it_comes_near_enough():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        name = await schedule(talk, at("09:00:00", "2027-06-01"))
        assert await phases(talk, name) == []
        await clock.advance("425d")
        assert await phases(talk, name) == []
        await clock.advance("1d")
        assert await phases(talk, name) == ["pending"]


async def test_an_interval_from_long_ago_fires_its_slot_of_the_last_minute_at_once():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        name = await schedule(talk, every(60, "2020-01-01T00:00:00Z"), planning_horizon_occurrences=1)
        await clock.advance("250ms")
        [done] = await occurrences(talk, name)
        assert (done["due_at_utc"], done["phase"]) == ("2026-03-02T09:00:00Z", "misfired")


async def test_a_due_time_finer_than_a_millisecond_fires_for_ever_until_it_is_deleted():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        session = await talk.create(says("one"))
        name = await schedule(talk, at("09:00:01.123456"), to(session, says("again")))
        await clock.advance("4s")
        found = await occurrences(talk, name)
        assert len(found) >= 10
        assert {(each["phase"], each["due_at_utc"]) for each in found} == {("completed", "2026-03-02T09:00:01.123456Z")}
        assert [each["occurrence_ordinal"] for each in found] == list(range(len(found)))
        await talk.call("schedule/delete", schedule_id=name)
        await clock.advance("4s")
        assert len(await occurrences(talk, name)) == len(found)


async def test_the_mock_gives_up_a_due_time_that_never_ends_and_holds_it_against_the_test():
    clock = VirtualClock()
    server = Server(World(clock=clock))
    talk = Talk(server.connect())
    name = await schedule(talk, at("09:00:01.123456"))
    await clock.advance("1h")
    assert len(await occurrences(talk, name)) == 1001
    await talk.hang_up()
    await server.close()
    [violation] = server.runtime.violations
    assert violation.code == "runaway"
    assert "fraction of a millisecond" in str(violation)


async def test_as_documented_every_due_time_fires_once():
    clock = VirtualClock()
    async with talking(World(clock=clock, quirks=Quirks("contract"))) as talk:
        name = await schedule(talk, at("09:00:01.123456"))
        await clock.advance("1h")
        assert await phases(talk, name) == ["misfired"]


# ---- a year, a month, a restart --------------------------------------------------------------------------------------------------------


async def test_a_year_of_hourly_occurrences_is_that_of_an_independent_calculation():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        name = await schedule(talk, every(3600))
        await clock.advance("365d")
        found = [each for each in await occurrences(talk, name) if each["phase"] != "pending"]
        start = datetime(2026, 3, 2, 10, tzinfo=timezone.utc)
        expected = [(start + timedelta(hours=n)).strftime("%Y-%m-%dT%H:%M:%SZ") for n in range(365 * 24)]
        assert [each["due_at_utc"] for each in found] == expected
        assert [each["claimed_at_utc"] for each in found] == expected
        assert [each["occurrence_ordinal"] for each in found] == list(range(365 * 24))


@pytest.mark.timed
async def test_a_thousand_schedules_over_a_month_take_seconds():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        began = time.process_time()
        names = [await schedule(talk, _daily(n)) for n in range(1000)]
        await clock.advance("30d")
        took = time.process_time() - began
        for name in names[::97]:
            assert (await phases(talk, name)).count("misfired") == 30
    assert took < 10


def _daily(n: int) -> dict[str, Any]:
    hour, minute = {"kind": "values", "values": [n % 24]}, {"kind": "values", "values": [n % 60]}
    return {"type": "calendar", "timezone": "Asia/Kathmandu", "hour": hour, "minute": minute}


async def test_schedules_survive_a_restart_and_what_fell_due_meanwhile_fires_without_being_asked(tmp_path: Path):
    flags = Flags(realm="desk", instance="i1", state_root=str(tmp_path))
    clock = VirtualClock()
    async with talking(World(clock=clock, flags=flags)) as talk:
        session = await talk.create(says("one"))
        name = await schedule(talk, every(3600), to(session, says("tick")), name="n", labels={"k": "v"}, planning_horizon_occurrences=2)
        await clock.advance("1h")
        before = await talk.call("schedule/get", schedule_id=name)
        planned = await occurrences(talk, name)
    later = VirtualClock(clock.now())
    async with talking(World(clock=later, flags=flags)) as talk:
        assert await talk.call("schedule/get", schedule_id=name) == before
        assert await occurrences(talk, name) == planned
        assert planned[0]["claimed_by"] == "rpc-scheduler:desk:i1"
        await later.advance("2h")
        assert talk.prompts(session) == [says("tick"), says("tick")]
        assert (await phases(talk, name)).count("completed") == 3


async def test_what_a_dead_process_had_claimed_is_claimed_again_when_its_lease_is_over(tmp_path: Path):
    flags = Flags(realm="desk", state_root=str(tmp_path))
    clock = VirtualClock(auto=False)
    async with talking(World(clock=clock, flags=flags)) as talk:
        session = await talk.create(says("one"))
        name = await schedule(talk, at("09:00:10"), to(session, says("tick")))
        await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
        await talk.hear("turn_started", session_id=session, count=2)
        await clock.advance("10s")
        assert await phases(talk, name) == ["claimed"]
        later = VirtualClock(clock.now())
        async with talking(World(clock=later, flags=flags)) as other:
            await later.advance("59s")
            assert await phases(other, name) == ["claimed"]
            await later.advance("1s")
            [done] = await occurrences(other, name)
            assert (done["phase"], done["attempt_count"]) == ("completed", 2)


async def test_skills_of_a_prompt_are_looked_up_and_those_that_do_not_exist_change_nothing():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        session = await talk.create(says("one"))
        reference = {"kind": "structured", "source_uuid": NOBODY.upper(), "skill_name": "s"}
        target = to(session, says("tick"), skill_refs=[reference], additional_instructions=[])
        name = await schedule(talk, at("09:10:00"), target)
        shown = (await talk.call("schedule/get", schedule_id=name))["target"]["action"]
        assert shown == {"type": "prompt", "prompt": says("tick"), "skill_refs": [{**reference, "source_uuid": NOBODY}]}
        await clock.advance("1h")
        assert talk.prompts(session)[-1] == says("tick")


async def test_a_server_that_closes_delivers_nothing_more_and_leaves_no_task_behind(tmp_path: Path):
    flags = Flags(realm="desk", state_root=str(tmp_path))
    clock = VirtualClock(auto=False)
    server = Server(World(clock=clock, flags=flags))
    talk = Talk(server.connect())
    await talk.call("config/patch", patch=ALIAS)
    _, made = await talk.ask("session/create", {"prompt": SLOW, "model": MODEL, "keep_alive": True, "comms_name": "alice"})
    await moments()
    await clock.advance("1s")
    name = await schedule(talk, at("09:00:10"), to((await made)["session_id"], says("never")))
    await clock.advance("10s")
    await talk.hang_up()
    await server.close()
    assert asyncio.all_tasks() == {asyncio.current_task()}
    async with talking(World(clock=VirtualClock(clock.now()), flags=flags)) as later:
        assert await phases(later, name) == ["claimed"]
