"""The handles of mobs: `Mob`, and `Member` for one of its members; and the shapes that calls about them take and return.

Thin: a handle holds an id and asks the client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

import meerkat
from meerkat._side_doors import side_door
from meerkat.generated import types as generated
from meerkat.mob_types import (
    MemberDeliveryReceipt,
    MemberRespawnReceipt,
    MobHelperResult,
    MobKickoffMemberSnapshot,
    MobLifecycleAction,
    MobMember,
    MobMemberRef,
    MobMemberSnapshot,
    MobPeerConnectivitySnapshot,
    MobReadyMemberSnapshot,
    MobRespawnResult,
    MobSpawnResult,
    MobSpawnSpec,
    MobUnreachablePeer,
    RenderClass,
    RenderMetadata,
    RenderSalience,
    WorkOrigin,
)

__all__ = [
    "Member",
    "MemberDeliveryReceipt",
    "MemberRespawnReceipt",
    "Mob",
    "MobHelperResult",
    "MobKickoffMemberSnapshot",
    "MobLifecycleAction",
    "MobMember",
    "MobMemberRef",
    "MobMemberSnapshot",
    "MobPeerConnectivitySnapshot",
    "MobReadyMemberSnapshot",
    "MobRespawnResult",
    "MobSpawnResult",
    "MobSpawnSpec",
    "MobUnreachablePeer",
    "RenderClass",
    "RenderMetadata",
    "RenderSalience",
    "WorkOrigin",
]


class Member:
    """One member of a mob."""

    def __init__(self, mob: Mob, agent_identity: str) -> None:
        """Take a member by its identity."""
        self._mob = mob
        self.agent_identity = agent_identity

    async def send(
        self,
        content: str | list[dict[str, Any]],
        *,
        handling_mode: Literal["queue", "steer"] = "queue",
        render_metadata: RenderMetadata | None = None,
    ) -> MemberDeliveryReceipt:
        """Send the member something to react to (`mob/member_send`)."""
        return await self._mob.client.send_mob_member_content(
            self._mob.id, self.agent_identity, content, handling_mode=handling_mode, render_metadata=render_metadata
        )

    async def events(self) -> meerkat.EventSubscription:
        """Subscribe to the events of the member (`mob/stream_open`)."""
        return await self._mob.subscribe_member_events(self.agent_identity)


class Mob:
    """One mob; `id` names it."""

    def __init__(self, client: meerkat.MeerkatClient, mob_id: str) -> None:
        """Take a mob by its id."""
        self.client = client
        self.id = mob_id

    def member(self, agent_identity: str) -> Member:
        """Return the handle of a member; makes no request."""
        return Member(self, agent_identity)

    async def status(self) -> dict[str, Any]:
        """Return id and phase (`mob/status`)."""
        return await self.client.mob_status(self.id)

    async def members(self) -> list[MobMember]:
        """Return the members (`mob/members`)."""
        return await self.client.list_mob_members(self.id)

    async def spawn(
        self,
        *,
        profile: str,
        agent_identity: str,
        initial_message: generated.WireContentInput | None = None,
        runtime_mode: meerkat.WireMobRuntimeMode | None = None,
        backend: meerkat.WireMobBackendKind | None = None,
        labels: dict[str, str] | None = None,
        context: dict[str, Any] | None = None,
        additional_instructions: list[str] | None = None,
        binding: meerkat.WireRuntimeBinding | dict[str, Any] | None = None,
        shell_env: dict[str, str] | None = None,
        auto_wire_parent: bool | None = None,
        launch_mode: meerkat.WireMemberLaunchMode | dict[str, Any] | None = None,
        tool_access_policy: meerkat.WireToolAccessPolicy | dict[str, Any] | None = None,
        budget_split_policy: meerkat.WireBudgetSplitPolicy | dict[str, Any] | None = None,
        inherited_tool_filter: meerkat.WireToolFilter | dict[str, list[str]] | None = None,
        override_profile: meerkat.WireMobProfile | dict[str, Any] | None = None,
        auth_binding: meerkat.WireAuthBindingRef | dict[str, str] | None = None,
    ) -> MobSpawnResult:
        """Add a member (`mob/spawn`)."""
        arguments = {name: value for name, value in locals().items() if name != "self"}
        return await self.client.spawn_mob_member(self.id, **cast("Any", arguments))

    async def spawn_many(self, specs: list[MobSpawnSpec]) -> meerkat.MobSpawnManyResult:
        """Add several members; each succeeds or fails on its own (`mob/spawn_many`)."""
        return await self.client.spawn_mob_members(self.id, specs)

    async def read_events(self, *, after_cursor: int = 0, limit: int = 100) -> dict[str, list[dict[str, Any]]]:
        """Return a page of the mob's own event log (`mob/events`)."""
        page = await self.client.read_mob_events(self.id, after_cursor=after_cursor, limit=limit)
        return cast("dict[str, list[dict[str, Any]]]", page)

    async def retire(self, agent_identity: str) -> None:
        """End a member (`mob/retire`)."""
        await self.client.retire_mob_member(self.id, agent_identity)

    async def respawn(self, agent_identity: str, initial_message: str | list[dict[str, Any]] | None = None) -> MobRespawnResult:
        """Replace a member by a fresh one (`mob/respawn`)."""
        return await self.client.respawn_mob_member(self.id, agent_identity, initial_message)

    async def force_cancel(self, agent_identity: str) -> None:
        """Stop what a member is doing (`mob/force_cancel`)."""
        await self.client.force_cancel_mob_member(self.id, agent_identity)

    async def member_status(self, agent_identity: str) -> MobMemberSnapshot:
        """Return the state of a member (`mob/member_status`)."""
        return await self.client.mob_member_status(self.id, agent_identity)

    async def wait_for_kickoff_complete(
        self, *, member_ids: list[str] | None = None, timeout_ms: int | None = None
    ) -> list[MobKickoffMemberSnapshot]:
        """Wait until the first turns of autonomous members have ended (`mob/wait_kickoff`)."""
        return await self.client.wait_mob_kickoff(self.id, member_ids=member_ids, timeout_ms=timeout_ms)

    async def wait_for_ready(self, *, member_ids: list[str] | None = None, timeout_ms: int | None = None) -> list[MobReadyMemberSnapshot]:
        """Wait until members can be worked with (`mob/wait_ready`)."""
        return await self.client.wait_mob_ready(self.id, member_ids=member_ids, timeout_ms=timeout_ms)

    async def spawn_helper(self, prompt: str, *, agent_identity: str | None = None, role_name: str | None = None) -> MobHelperResult:
        """Let a new member run one prompt, and return what it said (`mob/spawn_helper`)."""
        return await self.client.spawn_mob_helper(self.id, prompt, agent_identity=agent_identity, role_name=role_name)

    async def fork_helper(
        self,
        source_member_id: str,
        prompt: str,
        *,
        agent_identity: str | None = None,
        role_name: str | None = None,
        fork_context: dict[str, Any] | None = None,
    ) -> MobHelperResult:
        """Let a copy of a member run one prompt, and return what it said (`mob/fork_helper`)."""
        return await self.client.fork_mob_helper(
            self.id, source_member_id, prompt, agent_identity=agent_identity, role_name=role_name, fork_context=fork_context
        )

    async def wire(self, member: str, peer: str | dict[str, Any]) -> None:
        """Connect a member with another, or with a peer outside (`mob/wire`)."""
        await self.client.wire_mob_members(self.id, member, peer)

    async def unwire(self, member: str, peer: str | dict[str, Any]) -> None:
        """Take a connection away (`mob/unwire`)."""
        await self.client.unwire_mob_members(self.id, member, peer)

    async def lifecycle(self, action: str) -> None:
        """Stop, resume, complete, reset or destroy the mob (`mob/lifecycle`)."""
        await self.client.mob_lifecycle(self.id, cast("MobLifecycleAction", action))

    async def append_system_context(
        self, agent_identity: str, text: str, *, source: str | None = None, idempotency_key: str | None = None
    ) -> dict[str, Any]:
        """Add to the system prompt of a member's next model call (`mob/append_system_context`)."""
        return await self.client.append_mob_system_context(self.id, agent_identity, text, source=source, idempotency_key=idempotency_key)

    async def flows(self) -> list[str]:
        """Return the names of the flows (`mob/flows`)."""
        return await self.client.list_mob_flows(self.id)

    async def run_flow(self, flow_id: str, params: dict[str, Any] | None = None) -> str:
        """Start a flow and return the id of its run (`mob/flow_run`)."""
        return await self.client.run_mob_flow(self.id, flow_id, params)

    async def flow_status(self, run_id: str) -> dict[str, Any] | None:
        """Return a run of a flow, None for an unknown one (`mob/flow_status`)."""
        return await self.client.get_mob_flow_status(self.id, run_id)

    async def cancel_flow(self, run_id: str) -> None:
        """Cancel a run of a flow (`mob/flow_cancel`)."""
        await self.client.cancel_mob_flow(self.id, run_id)

    async def subscribe_member_events(self, agent_identity: str) -> meerkat.EventSubscription:
        """Subscribe to the events of one member (`mob/stream_open`)."""
        return await self.client.subscribe_mob_member_events(self.id, agent_identity)

    async def subscribe_events(self) -> meerkat.EventSubscription:
        """Subscribe to the events of all members (`mob/stream_open`)."""
        return await self.client.subscribe_mob_events(self.id)

    async def subscribe_member(self, agent_identity: str) -> meerkat.EventSubscription:
        """Subscribe to the events of one member; the same as `subscribe_member_events`."""
        return await self.subscribe_member_events(agent_identity)

    async def subscribe_all(self) -> meerkat.EventSubscription:
        """Subscribe to the events of all members; the same as `subscribe_events`."""
        return await self.subscribe_events()


if not TYPE_CHECKING:
    __getattr__ = side_door(__name__)
