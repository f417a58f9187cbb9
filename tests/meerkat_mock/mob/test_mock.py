from __future__ import annotations

from typing import Any

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
