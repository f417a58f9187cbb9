"""Things that go wrong while a conversation runs: what members of a mob send each other, and wait for."""

from __future__ import annotations

import pytest

from meerkat_mock.mock import MeerkatMock
from meerkat_mock.mutation.altering import Watcher
from meerkat_mock.mutation.lever import LEVER
from meerkat_mock.scenario.models import from_data
from tests.meerkat_mock.mob.company import found, history, send
from tests.meerkat_mock.talk import ALIAS, Talk

ANALYST_S = 5
TEAM = {
    "mobs": [
        {
            "members": {
                "lead": {"turns": [{"send": {"analyst": "Look into it."}, "wait_for": "analyst", "say": "The analyst is done."}]},
                "analyst": {"turns": [{"say": "Looked.", "pace": {"first": ANALYST_S}}], "after_last": "repeat"},
            }
        }
    ]
}


async def team() -> tuple[list[str], bool]:
    """Let the lead send to the analyst; return what the analyst was asked, and whether the lead was done only after the analyst."""
    mock = MeerkatMock(from_data(TEAM), strict=False)
    talk = Talk(mock.start().connect())
    await talk.call("config/patch", patch=ALIAS)
    await found(talk, "lead", "analyst")
    await talk.call("mob/wire", mob_id="demo", member="lead", peer={"local": "analyst"})
    began = mock.clock.now()
    await send(talk, "lead", "Begin.")
    waited = mock.clock.now() - began > ANALYST_S
    asked = [message["content"].partition("\n")[2] for message in await history(talk, "analyst") if message["role"] == "user"]
    await talk.hang_up()
    mock.stop()
    return asked, waited


@pytest.mark.parametrize(
    ("what", "seen"),
    [
        ("drop the message to `analyst`, 'Look into it.'", ([], False)),
        ("corrupt the message to `analyst`, 'Look into it.'", ([".ti otni kooL?"], True)),
        ("drop the wait for `analyst`", (["Look into it."], False)),
    ],
)
async def test_one_thing_between_members_goes_wrong(what: str, seen: tuple[list[str], bool]) -> None:
    watcher = Watcher()
    with LEVER.held_by(watcher):
        assert await team() == (["Look into it."], True)
    holder = next(holder for _, named, holder in watcher.mutants() if named == what)
    with LEVER.held_by(holder):
        assert await team() == seen
    assert holder.reached
