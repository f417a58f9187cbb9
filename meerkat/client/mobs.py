"""Mobs as wholes: made, described, ended; their events, flows and work (spec 04). Their members are in `mob_members`."""

from __future__ import annotations

from typing import Any, cast

import meerkat
from meerkat.client.base import CapableSurface, given
from meerkat.client.parameters import wire_value
from meerkat.generated import types as generated
from meerkat.mob import Mob
from meerkat.mob_types import MobLifecycleAction, MobMemberRef, WorkOrigin
from meerkat.parsing.mobs import (
    parse_mob_create,
    parse_mob_events,
    parse_mob_flow_run,
    parse_mob_flow_status,
    parse_mob_flows,
    parse_mob_list,
    parse_mob_status,
)


class Mobs(CapableSurface):
    """The methods about mobs."""

    async def create_mob(self, *, definition: meerkat.MobDefinitionInput | dict[str, Any]) -> Mob:
        """Make a mob (`mob/create`). Raises `CapabilityUnavailableError` when the server has none."""
        self.require_capability("mob")
        result = await self._request("mob/create", {"definition": wire_value(definition)})
        return Mob(cast("meerkat.MeerkatClient", self), parse_mob_create(result))

    def mob(self, mob_id: str) -> Mob:
        """Return the handle of a mob; makes no request."""
        return Mob(cast("meerkat.MeerkatClient", self), mob_id)

    async def list_mobs(self) -> list[dict[str, Any]]:
        """Return the mobs (`mob/list`). Raises `CapabilityUnavailableError` when the server has none."""
        self.require_capability("mob")
        return parse_mob_list(await self._request("mob/list", {}))

    async def mob_status(self, mob_id: str) -> dict[str, Any]:
        """Return id and phase of a mob (`mob/status`)."""
        return parse_mob_status(await self._request("mob/status", {"mob_id": mob_id}))

    async def mob_lifecycle(self, mob_id: str, action: MobLifecycleAction) -> None:
        """Stop, resume, complete, reset or destroy a mob (`mob/lifecycle`)."""
        await self._request("mob/lifecycle", {"mob_id": mob_id, "action": action})

    async def mob_snapshot(self, mob_id: str) -> dict[str, Any]:
        """Return a mob with its members (`mob/snapshot`)."""
        return await self._request("mob/snapshot", {"mob_id": mob_id})

    async def mob_destroy(self, mob_id: str) -> dict[str, Any]:
        """End a mob and archive its members' sessions; returns a report (`mob/destroy`)."""
        return await self._request("mob/destroy", {"mob_id": mob_id})

    async def mob_rotate_supervisor(self, mob_id: str) -> generated.MobRotateSupervisorResult:
        """Give the mob a new supervisor identity (`mob/rotate_supervisor`). Raises `SupervisorRotationIncompleteError`."""
        return cast("generated.MobRotateSupervisorResult", await self._request("mob/rotate_supervisor", {"mob_id": mob_id}))

    async def read_mob_events(self, mob_id: str, *, after_cursor: int = 0, limit: int = 100) -> meerkat.MobEventsResult:
        """Return a page of a mob's own event log (`mob/events`)."""
        return parse_mob_events(await self._request("mob/events", {"mob_id": mob_id, "after_cursor": after_cursor, "limit": limit}))

    # Flows

    async def list_mob_flows(self, mob_id: str) -> list[str]:
        """Return the names of a mob's flows (`mob/flows`)."""
        return parse_mob_flows(await self._request("mob/flows", {"mob_id": mob_id}))

    async def run_mob_flow(self, mob_id: str, flow_id: str, params: dict[str, Any] | None = None) -> str:
        """Start a flow and return the id of its run (`mob/flow_run`)."""
        return parse_mob_flow_run(await self._request("mob/flow_run", {"mob_id": mob_id, "flow_id": flow_id, "params": params or {}}))

    async def get_mob_flow_status(self, mob_id: str, run_id: str) -> dict[str, Any] | None:
        """Return a run of a flow, None for an unknown one (`mob/flow_status`)."""
        return parse_mob_flow_status(await self._request("mob/flow_status", {"mob_id": mob_id, "run_id": run_id}))

    async def cancel_mob_flow(self, mob_id: str, run_id: str) -> None:
        """Cancel a run of a flow (`mob/flow_cancel`)."""
        await self._request("mob/flow_cancel", {"mob_id": mob_id, "run_id": run_id})

    # Work

    async def mob_submit_work(
        self, member_ref: MobMemberRef, content: Any, *, work_ref: str | None = None, origin: WorkOrigin = "external"
    ) -> dict[str, Any]:
        """Give a member work (`mob/submit_work`)."""
        params = {"member_ref": member_ref, "content": wire_value(content), "origin": origin, **given(work_ref=work_ref)}
        return await self._request("mob/submit_work", params)

    async def mob_cancel_work(self, mob_id: str, work_ref: str) -> dict[str, Any]:
        """Cancel one piece of work (`mob/cancel_work`)."""
        return await self._request("mob/cancel_work", {"mob_id": mob_id, "work_ref": work_ref})

    async def mob_cancel_all_work(self, member_ref: MobMemberRef) -> dict[str, Any]:
        """Cancel all work of a member (`mob/cancel_all_work`)."""
        return await self._request("mob/cancel_all_work", {"member_ref": member_ref})

    async def mob_ingress_interaction(self, params: dict[str, Any]) -> dict[str, Any]:
        """Bring an interaction from outside to a member, spawned when needed (`mob/ingress_interaction`)."""
        return await self._request("mob/ingress_interaction", wire_value(params))
