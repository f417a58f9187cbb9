"""Schedules: dates beyond reach, due times too fine, sessions that are busy, and occurrences that come late (spec 05)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.clock import VirtualClock
from meerkat_mock.server import Server
from tests.meerkat_mock.quirk_proofs.proving import Position, proves
from tests.meerkat_mock.schedule.plans import at, every, occurrences, phases, schedule, to
from tests.meerkat_mock.talk import Refused, Talk, moments, says, script, talking

if TYPE_CHECKING:
    from meerkat.wire.base import Json

SLOW = script({"say": ["late"], "pace": {"first": 60}}, say="slow")


@proves("fine_due_time_fires_again", server="again and again", documented="once")
async def a_due_time_in_microseconds(position: Position) -> Json:
    clock = VirtualClock()
    async with talking(position.world(clock=clock)) as talk:
        name = await schedule(talk, at("09:00:01.123456"))
        await clock.advance("4s")
        return "once" if len(await occurrences(talk, name)) == 1 else "again and again"


@proves("date_overflow_unanswered", server=["no answer", "unanswered"], documented=[-32602])
async def a_horizon_beyond_all_dates(position: Position) -> Json:
    server = Server(position.world())
    talk = Talk(server.connect())
    wanted = {"trigger": every(60), "target": to(), "planning_horizon_days": 100_000_000}
    _, answer = await talk.ask("schedule/create", wanted)
    await moments()
    error = answer.exception() if answer.done() else None
    told: list[Json] = [error.code if isinstance(error, Refused) else "no answer"]
    await talk.hang_up()
    await server.close()
    return [*told, *(violation.code for violation in server.runtime.violations)]


async def _busy(talk: Talk) -> str:
    """Return a session whose second turn runs for a minute."""
    session = await talk.create(says("one"))
    await talk.ask("turn/start", {"session_id": session, "prompt": SLOW})
    await talk.hear("turn_started", session_id=session, count=2)
    return session


@proves("schedule_behind_turn_waits", server=["completed", 2, 4], documented=["completed", 3, 4], probe_waits_for_turn=True)
async def an_occurrence_that_waited_for_a_turn(position: Position) -> Json:
    clock = VirtualClock(auto=False)
    async with talking(position.world(clock=clock)) as talk:
        session = await _busy(talk)
        name = await schedule(talk, at("09:00:10"), to(session, says("tick")), misfire_policy=LENIENT)
        await clock.advance("2m")
        shown: list[Json] = [*(await phases(talk, name)), len(talk.prompts(session))]
        await talk.turn(session, says("wake"))
        return [*shown, len(talk.prompts(session))]


LENIENT = {"type": "catch_up_within", "window_seconds": 3600}


@proves("probe_waits_for_turn", server=["claimed", "pending"], documented=["skipped", "completed"])
async def occurrences_for_a_busy_and_an_idle_session(position: Position) -> Json:
    clock = VirtualClock(auto=False)
    async with talking(position.world(clock=clock)) as talk:
        busy, idle = await _busy(talk), await talk.create(says("one"))
        names = [
            await schedule(talk, at("09:00:10"), to(busy, says("mine")), overlap_policy="skip_if_running"),
            await schedule(talk, at("09:00:11"), to(idle, says("other"))),
        ]
        await clock.advance("50s")
        return [phase for name in names for phase in await phases(talk, name)]


@proves("misfire_policy_ignored", server=["completed"], documented=["misfired"])
async def an_occurrence_that_is_late(position: Position) -> Json:
    clock = VirtualClock()
    async with talking(position.world(clock=clock)) as talk:
        session = await talk.create(says("one"))
        name = await schedule(talk, at("09:00:10"), to(session, says("tick")), misfire_policy={"type": "skip"})
        await talk.call("schedule/pause", schedule_id=name)
        await clock.advance(41)
        await talk.call("schedule/resume", schedule_id=name)
        await clock.advance(1)
        return [*(await phases(talk, name))]
