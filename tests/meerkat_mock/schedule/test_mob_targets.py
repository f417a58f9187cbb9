"""Schedules that set mobs to work (spec 05, sections 1.8 and 1.9)."""

from __future__ import annotations

from typing import Any

import pytest

from meerkat_mock.clock import VirtualClock
from meerkat_mock.runtime import World
from meerkat_mock.scenario.models.scenario import Scenario
from tests.meerkat_mock.mob.company import found, history, profile, spawn, status
from tests.meerkat_mock.schedule.plans import at, every, occurrences, phases, schedule
from tests.meerkat_mock.talk import says, talking


def _member(identity: str, content: Any = "tick", mob_id: str = "demo") -> dict[str, Any]:
    action = {"type": "send", "content": content}
    return {"target_kind": "mob", "type": "member", "mob_id": mob_id, "member_id": identity, "action": action}


def _helper(identity: str, prompt: str, mob_id: str = "demo", **options: Any) -> dict[str, Any]:
    return {"target_kind": "mob", "type": "spawn_helper", "mob_id": mob_id, "member_id": identity, "prompt": prompt, "options": options}


def _fork(source: str, identity: str, prompt: str, mob_id: str = "demo", **options: Any) -> dict[str, Any]:
    return {**_helper(identity, prompt, mob_id, **options), "type": "fork_helper", "source_member_id": source}


async def test_a_member_gets_a_message_and_its_occurrence_is_completed_at_once():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        await found(talk, "w1")
        name = await schedule(talk, at("09:10:00"), _member("w1", says("tock")))
        await clock.advance("1h")
        [done] = await occurrences(talk, name)
        assert (done["phase"], done["delivery_correlation_id"]) == ("completed", "w1")
        assert [message["content"] for message in await history(talk, "w1") if message["role"] == "user"] == [says("tock")]


async def test_an_autonomous_member_finds_the_message_in_its_inbox():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        await found(talk)
        await spawn(talk, "h1", "host", initial_message=says("begun"))
        name = await schedule(talk, at("09:10:00"), _member("h1", says("tock")))
        await clock.advance("1h")
        assert await phases(talk, name) == ["completed"]
        said = [message["content"] for message in await history(talk, "h1") if message["role"] == "user"]
        assert said[-1] == f"[EVENT via rpc] {says('tock')}"


async def test_a_member_that_nobody_may_write_to_rejects_the_message():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        await found(talk, "w1", profiles={"worker": profile(external_addressable=False)})
        name = await schedule(talk, at("09:10:00"), _member("w1"))
        await clock.advance("1h")
        [done] = await occurrences(talk, name)
    assert (done["phase"], done["failure_class"]) == ("delivery_failed", "mob_rejected")
    assert done["failure_detail"] == "mob member is not externally addressable: w1"


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (_member("w1", mob_id="none"), "internal error: mob not found: none"),
        (_helper("h", "x", mob_id="none"), "internal error: mob not found: none"),
        (_member("nobody"), "mob member not found: nobody"),
        (_fork("nobody", "f", "x"), "mob source member not found: nobody"),
    ],
)
async def test_mobs_and_members_that_are_not_there_are_missing_targets(target: dict[str, Any], why: str):
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        await found(talk, "w1")
        name = await schedule(talk, at("09:10:00"), target)
        await clock.advance("1h")
        [done] = await occurrences(talk, name)
    assert (done["phase"], done["failure_class"], done["failure_detail"]) == ("misfired", "target_missing", why)


@pytest.mark.parametrize("target", [_helper("w1", "x"), _fork("w1", "w1", "x")])
async def test_a_helper_whose_name_is_taken_is_skipped_or_fails_when_overlap_is_allowed(target: dict[str, Any]):
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        await found(talk, "w1")
        names = [await schedule(talk, at("09:10:00"), target, overlap_policy=policy) for policy in ("skip_if_running", "allow_concurrent")]
        await clock.advance("1h")
        [skipped], [failed] = [await occurrences(talk, name) for name in names]
    assert (skipped["phase"], skipped["failure_class"]) == ("skipped", "target_busy")
    assert (failed["phase"], failed["failure_class"]) == ("delivery_failed", "target_busy")
    assert skipped["failure_detail"] == failed["failure_detail"] == "mob member already exists: w1"


@pytest.mark.parametrize("kind", ["spawn", "fork"])
async def test_a_helper_does_its_work_and_goes(kind: str):
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        await found(talk, "w1")
        role = {"tooling": {"mode": "profile", "name": "worker"}} if kind == "spawn" else {"role_name": "worker"}
        target = _helper("h", says("done"), **role) if kind == "spawn" else _fork("w1", "h", says("done"), **role)
        name = await schedule(talk, at("09:10:00"), target)
        await clock.advance("1h")
        [done] = await occurrences(talk, name)
        assert (done["phase"], done["delivery_correlation_id"]) == ("completed", "h")
        assert (await status(talk, "h"))["status"] == "unknown"


def _world(clock: VirtualClock, **spawn: Any) -> World:
    """Return a world in which the helper `h` comes up like that."""
    return World(clock=clock, scenario=Scenario.model_validate({"mobs": [{"members": {"h": {"spawn": spawn, "optional": True}}}]}))


async def test_a_helper_that_works_longer_than_its_lease_is_claimed_again_and_found_busy():
    clock = VirtualClock(auto=False)
    async with talking(_world(clock, delay="10m")) as talk:
        await found(talk)
        name = await schedule(talk, at("09:10:00"), _helper("h", "x", role_name="worker"))
        await clock.advance("630s")
        [working] = await occurrences(talk, name)
        assert (working["phase"], working["last_receipt"]["stage"]) == ("awaiting_completion", "dispatch_accepted")
        await clock.advance("31s")
        [again] = await occurrences(talk, name)
        assert (again["phase"], again["failure_class"], again["attempt_count"]) == ("skipped", "target_busy", 2)
        await clock.advance("1h")
        assert await phases(talk, name) == ["skipped"]


async def test_a_helper_that_is_still_at_work_when_its_schedule_goes_is_superseded():
    clock = VirtualClock(auto=False)
    async with talking(_world(clock, delay="20s")) as talk:
        await found(talk)
        name = await schedule(talk, every(3600, "2026-03-02T09:10:00Z"), _helper("h", "x", role_name="worker"))
        await clock.advance("605s")
        await talk.call("schedule/delete", schedule_id=name)
        await clock.advance("1m")
        assert set(await phases(talk, name)) == {"superseded"}


async def test_a_helper_that_does_not_come_up_is_a_failed_delivery():
    clock = VirtualClock()
    async with talking(_world(clock, fail="no room")) as talk:
        await found(talk)
        name = await schedule(talk, at("09:10:00"), _helper("h", "x", role_name="worker"))
        await clock.advance("1h")
        [done] = await occurrences(talk, name)
    assert (done["phase"], done["failure_class"], done["failure_detail"]) == (
        "delivery_failed",
        "transport_error",
        "session error: no room",
    )


async def test_a_helper_of_an_unknown_role_fails_with_a_missing_target():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        await found(talk)
        name = await schedule(talk, at("09:10:00"), _helper("h", "x", role_name="nobody"))
        await clock.advance("1h")
        [done] = await occurrences(talk, name)
    why = ("delivery_failed", "target_missing", "profile not found: nobody")
    assert (done["phase"], done["failure_class"], done["failure_detail"]) == why
