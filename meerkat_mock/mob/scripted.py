"""What a scenario lets members do beside answering: write to each other, wait for each other, play the rounds of a flow's step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.mob.mob import home_of
from meerkat_mock.scenario.rendering import Renderer
from meerkat_mock.violations import Violation
from meerkat_mock.world.model import Arriving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat_mock.agent.ports import Model
    from meerkat_mock.mob.driving import Driver
    from meerkat_mock.mob.mob import Mob, MobBook
    from meerkat_mock.mob.roster import Member
    from meerkat_mock.mob.tools import Ask
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.world.model import ModelAnswer, ModelRequest

LOOK_SECONDS = 0.005
"""How long whoever waits for a member lets pass between two of its turns."""


class MemberModel:
    """The model of a runtime, with what scripts say of mobs acted out around its answers."""

    def __init__(self, model: Model, books: Sequence[MobBook], sessions: SessionBook, driver: Driver, ask: Ask) -> None:
        self._model = model
        self._books = books
        self._sessions = sessions
        self._driver = driver
        self._ask = ask
        scenario = sessions.runtime.scenario
        self._renderer = Renderer(scenario.defaults) if scenario is not None else Renderer()

    async def answer(self, request: ModelRequest) -> ModelAnswer | Arriving:
        """Return what the model does at this call; messages to other members are on their way then, and those waited for are done."""
        answer = await self._of_step(request)
        if isinstance(answer, Arriving):
            return answer
        mob = home_of(self._books, request.session_id, request.mob, request.identity)
        me = mob.roster.get(request.identity) if mob is not None and request.identity is not None else None
        if mob is not None and me is not None:
            for identity, text in answer.sends:
                self._send(mob, me, identity, text, answer.source)
            for identity in answer.wait_for:
                await self._wait(mob, identity, answer.source)
        return answer

    async def _of_step(self, request: ModelRequest) -> ModelAnswer | Arriving:
        rounds = self._driver.rounds.get(request.attempt_key or "")
        if rounds:
            return self._renderer.answer(rounds.pop(0), f"a step that {request.identity} has")
        return await self._model.answer(request)

    def _send(self, mob: Mob, me: Member, identity: str, text: str, where: str) -> None:
        other = mob.roster.get(identity)
        if other is None or not mob.wires.wired(me.identity, identity):
            wired = ", ".join(mob.wires.peers(me.identity)) or "nobody"
            fixes = (f"wire {me.identity} and {identity} first", "send to a member that is wired")
            message = f"{me.identity} of mob {mob.id} sends to {identity}, who is not wired to it"
            self._sessions.runtime.violations.append(Violation("bad_round", where, message, f"wired: {wired}", fixes))
            return
        self._ask("comms/send", {"session_id": me.session.id, "kind": "peer_message", "to": other.peer_id, "body": text})

    async def _wait(self, mob: Mob, identity: str, where: str) -> None:
        """Wait until a member has nothing to do."""
        member = mob.roster.get(identity)
        if member is None:
            known = ", ".join(each.identity for each in mob.roster)
            message = f"a round waits for {identity}, whom mob {mob.id} does not have"
            self._sessions.runtime.violations.append(Violation("bad_round", where, message, f"members: {known}", ("correct `wait_for`",)))
            return
        while self._sessions.queue(member.session).busy:
            await self._driver.settled(member)
            await self._sessions.runtime.clock.pause(LOOK_SECONDS, f"a round waits for {identity} of mob {mob.id}")
