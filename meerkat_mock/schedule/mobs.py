"""Schedules that set a mob to work: a message to a member, or a helper made for one prompt (spec 05, sections 1.8 and 1.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.schedule.records import Failure

if TYPE_CHECKING:
    from meerkat.wire.schedules_targets import ScheduleTarget
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.schedule.delivery import Delivered, Obstacle


class MobDeliveries:
    """Reaches the mobs of a runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    def obstacle(self, target: ScheduleTarget) -> Obstacle | None:
        """Return what stands in the way of a target of kind `mob`."""
        from meerkat_mock.schedule.delivery import Obstacle

        return Obstacle("missing", f"internal error: mob not found: {target.get('mob_id')}")

    def deliver(self, target: ScheduleTarget) -> Delivered:
        """Set the mob to work."""
        from meerkat_mock.schedule.delivery import Delivered

        return Delivered(failure=Failure("target_missing", f"internal error: mob not found: {target.get('mob_id')}"))
