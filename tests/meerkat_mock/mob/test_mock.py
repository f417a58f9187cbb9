from __future__ import annotations

from typing import Any

import pytest

from meerkat import MeerkatError
from meerkat_mock.mock import MeerkatMock
from tests.meerkat_mock.mob.company import definition, profile

MODEL = "claude-opus-4-7"


def of_catalogue(**more: Any) -> dict[str, Any]:
    roles = {"worker": profile(model=MODEL), "host": profile("autonomous_host", model=MODEL)}
    return {**definition(**more), "profiles": roles}


async def test_an_application_runs_a_mob_and_its_test_sees_it() -> None:
    async with MeerkatMock() as mock, mock.client() as client:
        mob = await client.create_mob(definition=of_catalogue())
        await mob.spawn(profile="worker", agent_identity="w1")
        await mob.spawn(profile="host", agent_identity="h1", initial_message="Hello.")
        (ready,) = [each for each in await mob.wait_for_kickoff_complete() if each["agent_identity"] == "h1"]
        assert ready["output_preview"] == "OK"
        await mob.wire("w1", "h1")
        await mob.member("w1").send("Work.")
        (seen,) = mock.mobs
        assert (seen.id, seen.phase, [member.identity for member in seen.roster]) == ("demo", "Running", ["h1", "w1"])
        assert seen.wires.wired("h1", "w1")
        await mob.retire("h1")
        await client.mob_destroy("demo")
        assert mock.mobs == []


async def test_what_a_script_says_of_members_and_steps_is_seen_however_late_it_was_added() -> None:
    async with MeerkatMock() as mock, mock.client() as client:
        steps = {"a": {"role": "worker", "message": "go", "output_format": "text"}}
        mob = await client.create_mob(definition=of_catalogue(flows={"f": {"steps": steps}}))
        mock.script.mob(members={"w1": {"turns": []}, "w2": {"spawn": {"fail": "no room"}, "turns": []}})
        mock.script.mob(flows={"f": {"a": {"rounds": [{"say": "from the step"}]}}})
        await mob.spawn(profile="worker", agent_identity="w1")
        with pytest.raises(MeerkatError, match="no room"):
            await mob.spawn(profile="worker", agent_identity="w2")
        run_id = await mob.run_flow("f")
        shown: Any = None
        while shown is None or shown["status"] in ("pending", "running"):
            shown = await mob.flow_status(run_id)
        assert shown["root_step_outputs"] == {"a": {"w1": "from the step"}}
