"""From an occurrence that is due to its target: is it there, is it free, and handing the work over (spec 05, sections 1.8 and 1.9).

Owns how targets are reached; what becomes of the occurrence is the driver's business.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from meerkat_mock.schedule.outcomes import Delivered, Obstacle
from meerkat_mock.schedule.records import Failure
from meerkat_mock.schedule.targets import bound_session
from meerkat_mock.session.ingress import event_line
from meerkat_mock.session.intake import options_of, skill_keys
from meerkat_mock.session.options import TurnRequest
from meerkat_mock.session.queue import TurnInput
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject
    from meerkat_mock.schedule.mobs import MobDeliveries
    from meerkat_mock.schedule.records import Occurrence
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.state import Session

_SYSTEM_PROMPT = "scheduled system_prompt override is only supported when materializing a new session"
_PROVIDERS = {"open_a_i": "openai", "other": None}
"""Providers of a scheduled create that `session/create` spells otherwise, or cannot name."""


class Deliveries:
    """Reaches sessions, and mobs through `mobs`."""

    def __init__(self, sessions: SessionBook, mobs: MobDeliveries) -> None:
        self._sessions = sessions
        self._mobs = mobs

    # ---- looking ---------------------------------------------------------------------------------------------------------------------

    def busy(self, occurrence: Occurrence) -> bool:
        """Tell whether the target of an occurrence is at work as things are."""
        target = occurrence.plan.target
        if target["target_kind"] == "mob":
            obstacle = self._mobs.obstacle(target)
            return obstacle is not None and obstacle.kind == "busy"
        session_id = bound_session(target)
        session = None if session_id is None else self._sessions.get(session_id)
        return session is not None and not session.archived and self._sessions.queue(session).busy

    async def turn_over(self, occurrence: Occurrence) -> bool:
        """Wait for the end of the turn that the target of an occurrence runs; return whether there was one ("Seen live", 1)."""
        session_id = bound_session(occurrence.plan.target)
        session = None if session_id is None else self._sessions.get(session_id)
        if session is None or session.archived:
            return False
        if self._sessions.queue(session).busy:
            await asyncio.sleep(0)  # a turn that was just put in line begins
        if not self._sessions.running(session) or not self._sessions.runtime.quirks.on("probe_waits_for_turn"):
            return False
        await self._sessions.runtime.turns.session_over(session.id)
        return True

    def obstacle(self, occurrence: Occurrence) -> Obstacle | None:
        """Return what stands in the way of an occurrence."""
        target = occurrence.plan.target
        if target["target_kind"] == "mob":
            return self._mobs.obstacle(target)
        session_id = bound_session(target)
        if session_id is None:
            return None
        session = self._sessions.get(session_id)
        if session is None or session.archived:
            return Obstacle("missing", f"session not found: {session_id}")
        if self._sessions.running(session):
            return Obstacle("busy", f"session still running: {session_id}")
        return None

    # ---- handing over ----------------------------------------------------------------------------------------------------------------

    def deliver(self, occurrence: Occurrence, *, behind_a_turn: bool) -> Delivered:
        """Hand the work of an occurrence over. `behind_a_turn` tells that a turn has ended just now."""
        target = occurrence.plan.target
        if target["target_kind"] == "mob":
            return self._mobs.deliver(target)
        action = cast("dict[str, Any]", target["action"])
        session_id = bound_session(target)
        if session_id is not None:
            if action.get("system_prompt") is not None:
                return Delivered(failure=Failure("runtime_rejected", _SYSTEM_PROMPT))
            session = self._sessions.get(session_id)
            assert session is not None, "the probe has found it"
            return self._hand_over(session, occurrence, behind_a_turn=behind_a_turn)
        try:
            session = self._materialize(cast("dict[str, Any]", target)["create"], action)
        except Fault as fault:
            return Delivered(failure=Failure("target_materialization_failed", f"internal error: {fault.error.message}"))
        return self._hand_over(session, occurrence, materialized=session.id)

    def _materialize(self, create: dict[str, Any], action: dict[str, Any]) -> Session:
        """Make the session of a target that has none yet. Raises `Fault`."""
        params = dict(create)
        if "provider" in params:
            params["provider"] = _PROVIDERS.get(params["provider"], params["provider"])
        if action.get("system_prompt") is not None:
            params["system_prompt"] = action["system_prompt"]
        params.pop("preload_skills", None)  # stored, and read by nothing (spec 05, section 1.5)
        options = options_of(params, self._sessions.surroundings)
        self._sessions.check_capacity()
        return self._sessions.create(options, params.get("labels") or {})

    def _hand_over(
        self, session: Session, occurrence: Occurrence, *, materialized: str | None = None, behind_a_turn: bool = False
    ) -> Delivered:
        runtime = self._sessions.runtime
        turn = TurnInput(_request(occurrence), "schedule")
        queue = self._sessions.queue(session)
        if behind_a_turn and runtime.quirks.on("schedule_behind_turn_waits"):
            queue.lay(turn)
        else:
            queue.submit(turn)
        return Delivered(runtime.ids.uuid7(), materialized=materialized)


def _request(occurrence: Occurrence) -> TurnRequest:
    """Return the turn of an action: its prompt, or the line of its event."""
    action = cast("dict[str, Any]", cast("dict[str, Any]", occurrence.plan.target)["action"])
    if action["type"] == "event":
        return TurnRequest(event_line(f"schedule:{occurrence.schedule.id}", action["payload"]))
    prompt = cast("str | list[JsonObject]", action["prompt"])
    return TurnRequest(prompt, skill_keys(action.get("skill_refs") or ()))
