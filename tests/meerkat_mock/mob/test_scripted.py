from __future__ import annotations

from meerkat_mock.scenario.player import Player
from meerkat_mock.scenario.reader import read_text
from meerkat_mock.server import Server, World
from meerkat_mock.world.model import AsyncModel
from tests.meerkat_mock.mob.company import definition, found, history, run, send, status
from tests.meerkat_mock.talk import ALIAS, Talk, talking


def world(text: str) -> World:
    document = read_text(text)
    return World(model=AsyncModel(Player(document)), scenario=document.scenario)


TEAM = """
mobs:
  - match: {definition: demo}
    members:
      lead:
        turns:
          - rounds:
              - {send: {analyst: "Look into it."}, wait_for: analyst, say: "The analyst is done."}
      analyst:
        turns:
          - {say: "Looked.", pace: {first: 5s}}
"""


async def test_every_member_has_lines_of_its_own_and_a_round_can_send_and_wait() -> None:
    async with talking(world(TEAM)) as talk:
        await found(talk, "lead", "analyst")
        await talk.call("mob/wire", mob_id="demo", member="lead", peer={"local": "analyst"})
        await send(talk, "lead", "Begin.")
        assert (await status(talk, "lead"))["output_preview"] == "The analyst is done."
        assert (await status(talk, "analyst"))["output_preview"] == "Looked."
        assert (await history(talk, "analyst"))[0]["content"] == "[COMMS MESSAGE from demo/worker/lead]\nLook into it."


async def test_a_round_that_sends_to_nobody_is_held_against_the_scenario() -> None:
    server = Server(world(TEAM))
    talk = Talk(server.connect())
    await talk.call("config/patch", patch=ALIAS)
    await talk.call("mob/create", definition=definition())
    await talk.call("mob/spawn", mob_id="demo", profile="worker", agent_identity="lead")
    await send(talk, "lead", "Begin.")
    await talk.hang_up()
    await server.close()
    assert [violation.message for violation in server.runtime.violations] == [
        "lead of mob demo sends to analyst, who is not wired to it",
        "a round waits for analyst, whom mob demo does not have",
    ]


STEP = """
mobs:
  - flows: {f: {a: {rounds: [{say: "from the step"}]}}}
    members: {w1: {turns: [{say: "from the member"}]}}
"""


async def test_a_step_of_a_flow_has_rounds_of_its_own() -> None:
    async with talking(world(STEP)) as talk:
        steps = {"a": {"role": "worker", "message": "go", "output_format": "text"}}
        await found(talk, "w1", flows={"f": {"steps": steps}})
        assert (await run(talk, "f"))["root_step_outputs"] == {"a": {"w1": "from the step"}}
        await send(talk, "w1", "go")
        assert (await status(talk, "w1"))["output_preview"] == "from the member"
