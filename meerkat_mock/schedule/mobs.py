"""Schedules that set a mob to work: a message to a member, or a helper made for one prompt (spec 05, sections 1.8 and 1.9)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

from meerkat_mock.mob.refusals import Refusal, no_member, no_mob, taken, unaddressable
from meerkat_mock.schedule.outcomes import Delivered, Obstacle
from meerkat_mock.schedule.records import Failure
from meerkat_mock.session.options import TurnRequest
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from meerkat.wire.base import JsonObject
    from meerkat.wire.mobs_members import MobSpawnManyFailureCause
    from meerkat.wire.schedules import OccurrenceFailureClass
    from meerkat.wire.schedules_targets import ScheduleTarget
    from meerkat_mock.mob.mob import Mob
    from meerkat_mock.runtime import Runtime

_CLASSES: Final[Mapping[MobSpawnManyFailureCause, OccurrenceFailureClass]] = MappingProxyType(
    {
        "profile_not_found": "target_missing",
        "member_not_found": "target_missing",
        "flow_not_found": "target_missing",
        "run_not_found": "target_missing",
        "work_not_found": "target_missing",
        "member_already_exists": "target_busy",
        "storage_error": "transport_error",
        "session_error": "transport_error",
        "comms_error": "transport_error",
        "member_restore_failed": "transport_error",
        "kickoff_wait_timed_out": "transport_error",
        "ready_wait_timed_out": "transport_error",
        "flow_turn_timed_out": "transport_error",
        "internal": "internal_error",
        "callback_pending": "runtime_rejected",
    }
)
"""How a refusal of a mob counts; any other one is `mob_rejected`."""


class MobDeliveries:
    """Reaches the mobs of a runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def obstacle(self, target: ScheduleTarget) -> Obstacle | None:
        """Return what stands in the way of a target of kind `mob`."""
        wanted = cast("dict[str, Any]", target)
        mob = self._mob(wanted["mob_id"])
        if mob is None:
            return Obstacle("missing", no_mob(wanted["mob_id"]).message)
        identity: str = wanted["member_id"]
        if wanted["type"] == "member":
            return None if identity in mob.roster else Obstacle("missing", no_member(identity).message)
        if identity in mob.roster or identity in mob.coming:
            return Obstacle("busy", taken(identity).message)
        source = wanted.get("source_member_id")
        if source is not None and source not in mob.roster:
            return Obstacle("missing", f"mob source member not found: {source}")
        return None

    def deliver(self, target: ScheduleTarget) -> Delivered:
        """Set the mob to work; a helper is waited for, a message is not."""
        wanted = cast("dict[str, Any]", target)
        if wanted["type"] != "member":
            return Delivered(wanted["member_id"], completion=self._help(wanted))
        try:
            self._send(wanted)
        except Refusal as refusal:
            return Delivered(failure=_failure(refusal))
        return Delivered(wanted["member_id"])

    def _mob(self, mob_id: str) -> Mob | None:
        return self._runtime.surfaces.mobs.world.find(mob_id)

    def _send(self, wanted: dict[str, Any]) -> None:
        """Leave a message with a member. Raises `Refusal`."""
        mob = self._mob(wanted["mob_id"])
        if mob is None:  # only where a busy target is worked on all the same
            raise no_mob(wanted["mob_id"])
        member = mob.member(wanted["member_id"])
        mob.need_running()
        if not member.addressable:
            raise unaddressable(member.identity)
        driver = self._runtime.surfaces.mobs.world.driver
        content = wanted["action"]["content"]
        if member.autonomous:
            driver.inject(member, content)
        else:
            driver.begin(member, TurnRequest(content)).add_done_callback(_looked_at)

    async def _help(self, wanted: dict[str, Any]) -> Failure | None:
        """Let a helper do its work; return why it could not."""
        options = wanted["options"]
        tooling: dict[str, Any] = options.get("tooling") or {}
        params: dict[str, Any] = {
            "mob_id": wanted["mob_id"],
            "agent_identity": wanted["member_id"],
            "prompt": wanted["prompt"],
            "role_name": options.get("role_name") or tooling.get("name"),
            "runtime_mode": options.get("runtime_mode"),
            "backend": options.get("backend"),
        }
        members = self._runtime.surfaces.mob_members
        try:
            if wanted["type"] == "spawn_helper":
                await members.spawn_helper(params)
            else:
                context = wanted["fork_context"]
                await members.fork_helper({**params, "source_member_id": wanted["source_member_id"], "fork_context": context})
        except Refusal as refusal:
            return _failure(refusal)
        except Fault as fault:
            return Failure("mob_rejected", fault.error.message)
        return None


def _failure(refusal: Refusal) -> Failure:
    return Failure(_CLASSES.get(refusal.cause, "mob_rejected"), refusal.message)


def _looked_at(answer: asyncio.Future[JsonObject]) -> None:
    """Nobody waits for what a message comes to; look at the exception so that nobody is told of it either."""
    if not answer.cancelled():
        answer.exception()
