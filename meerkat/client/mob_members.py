"""The members of mobs: spawned, spoken to, watched, wired, replaced and retired (spec 04)."""

from __future__ import annotations

from typing import Any, Literal

import meerkat
from meerkat.client.base import Surface, given, pick
from meerkat.client.parameters import turn_params, wire_value
from meerkat.generated import types as generated
from meerkat.mob_types import (
    MemberDeliveryReceipt,
    MobHelperResult,
    MobKickoffMemberSnapshot,
    MobMember,
    MobMemberSnapshot,
    MobReadyMemberSnapshot,
    MobRespawnResult,
    MobSpawnResult,
    MobSpawnSpec,
    RenderMetadata,
)
from meerkat.parsing.mob_members import (
    parse_matching_members,
    parse_member_send,
    parse_member_status,
    parse_mob_helper,
    parse_mob_members,
    parse_mob_respawn,
    parse_mob_spawn,
    parse_mob_spawn_many,
    parse_waited_members,
)
from meerkat.parsing.mobs import parse_append_system_context
from meerkat.wire.base import JsonObject

_SPAWN_ALWAYS = ("initial_message", "runtime_mode", "backend", "labels", "context", "additional_instructions")
_SPAWN_OPTIONS = (
    "binding",
    "shell_env",
    "auto_wire_parent",
    "launch_mode",
    "tool_access_policy",
    "budget_split_policy",
    "inherited_tool_filter",
    "override_profile",
    "auth_binding",
)


class MobMembers(Surface):
    """The methods about members of mobs."""

    async def list_mob_members(self, mob_id: str) -> list[MobMember]:
        """Return the members of a mob (`mob/members`)."""
        return parse_mob_members(await self._request("mob/members", {"mob_id": mob_id}))

    async def mob_list_members_matching(self, mob_id: str, filter: dict[str, Any]) -> dict[str, Any]:
        """Return the members that match a filter (`mob/list_members_matching`)."""
        return parse_matching_members(await self._request("mob/list_members_matching", {"mob_id": mob_id, "filter": filter}))

    # Coming

    async def spawn_mob_member(
        self,
        mob_id: str,
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
        """Add a member (`mob/spawn`); the server refuses any `inherited_tool_filter`."""
        arguments = locals()
        params: JsonObject = {"mob_id": mob_id, "profile": profile, "agent_identity": agent_identity}
        params.update({name: wire_value(arguments[name]) for name in _SPAWN_ALWAYS})
        params.update(wire_value(pick(arguments, *_SPAWN_OPTIONS)))
        return parse_mob_spawn(await self._request("mob/spawn", params))

    async def spawn_mob_members(self, mob_id: str, specs: list[MobSpawnSpec]) -> meerkat.MobSpawnManyResult:
        """Add several members; each succeeds or fails on its own (`mob/spawn_many`)."""
        return parse_mob_spawn_many(await self._request("mob/spawn_many", {"mob_id": mob_id, "specs": wire_value(specs)}))

    async def mob_ensure_member(self, mob_id: str, spec: dict[str, Any]) -> dict[str, Any]:
        """Add a member unless it is there (`mob/ensure_member`)."""
        return await self._request("mob/ensure_member", {"mob_id": mob_id, "spec": wire_value(spec)})

    async def mob_reconcile(self, mob_id: str, desired: list[dict[str, Any]], options: dict[str, Any] | None = None) -> dict[str, Any]:
        """Bring the roster to what is desired; returns what was done (`mob/reconcile`)."""
        return await self._request("mob/reconcile", {"mob_id": mob_id, "desired": wire_value(desired), **given(options=options)})

    async def spawn_mob_helper(
        self,
        mob_id: str,
        prompt: str,
        *,
        agent_identity: str | None = None,
        role_name: str | None = None,
        runtime_mode: str | None = None,
        backend: str | None = None,
    ) -> MobHelperResult:
        """Let a new member run one prompt, and return what it said (`mob/spawn_helper`); takes as long as its turn."""
        who = {"agent_identity": agent_identity, "role_name": role_name, "runtime_mode": runtime_mode, "backend": backend}
        result = await self._request("mob/spawn_helper", {"mob_id": mob_id, "prompt": prompt, **who})
        return parse_mob_helper(result, "mob/spawn_helper")

    async def fork_mob_helper(
        self,
        mob_id: str,
        source_member_id: str,
        prompt: str,
        *,
        agent_identity: str | None = None,
        role_name: str | None = None,
        fork_context: dict[str, Any] | None = None,
        runtime_mode: str | None = None,
        backend: str | None = None,
    ) -> MobHelperResult:
        """Let a copy of a member run one prompt, and return what it said (`mob/fork_helper`); takes as long as its turn."""
        who = {"agent_identity": agent_identity, "role_name": role_name, "runtime_mode": runtime_mode, "backend": backend}
        source = {"source_member_id": source_member_id, "fork_context": fork_context}
        result = await self._request("mob/fork_helper", {"mob_id": mob_id, "prompt": prompt, **source, **who})
        return parse_mob_helper(result, "mob/fork_helper")

    # Speaking

    async def send_mob_member_content(
        self,
        mob_id: str,
        agent_identity: str,
        content: str | list[dict[str, Any]],
        *,
        handling_mode: Literal["queue", "steer"] = "queue",
        render_metadata: RenderMetadata | None = None,
    ) -> MemberDeliveryReceipt:
        """Send a member something to react to (`mob/member_send`)."""
        params = {"mob_id": mob_id, "agent_identity": agent_identity, "content": wire_value(content)}
        how = {"handling_mode": handling_mode, "render_metadata": wire_value(render_metadata)}
        return parse_member_send(await self._request("mob/member_send", {**params, **how}))

    async def mob_turn_start(
        self,
        mob_id: str,
        agent_identity: str,
        prompt: generated.WireContentInput,
        *,
        skill_refs: list[meerkat.SkillRef] | None = None,
        flow_tool_overlay: dict[str, Any] | None = None,
        additional_instructions: list[str] | None = None,
        keep_alive: bool | None = None,
        model: str | None = None,
        provider: str | None = None,
        max_tokens: int | None = None,
        system_prompt: str | None = None,
        output_schema: Any | None = None,
        structured_output_retries: int | None = None,
        provider_params: Any | None = None,
        clear_provider_params: bool | None = None,
        auth_binding: meerkat.WireAuthBindingRef | dict[str, str] | None = None,
        clear_auth_binding: bool | None = None,
    ) -> dict[str, Any]:
        """Run a turn of a member to its end (`mob/turn_start`). Turns of one member wait for each other. Raises as `Session.turn`."""
        params = turn_params(locals())
        return await self._request("mob/turn_start", {"mob_id": mob_id, "agent_identity": agent_identity, **wire_value(params)})

    async def append_mob_system_context(
        self, mob_id: str, agent_identity: str, text: str, *, source: str | None = None, idempotency_key: str | None = None
    ) -> dict[str, Any]:
        """Add to the system prompt of a member's next model call (`mob/append_system_context`)."""
        context: JsonObject = {"text": text, "source": source, "idempotency_key": idempotency_key}
        params = {**_member(mob_id, agent_identity), **context}
        return parse_append_system_context(await self._request("mob/append_system_context", params))

    # Watching

    async def mob_member_status(self, mob_id: str, agent_identity: str) -> MobMemberSnapshot:
        """Return the state of a member (`mob/member_status`); waits for its running turn's end."""
        return parse_member_status(await self._request("mob/member_status", _member(mob_id, agent_identity)))

    async def wait_mob_kickoff(
        self, mob_id: str, *, member_ids: list[str] | None = None, timeout_ms: int | None = None
    ) -> list[MobKickoffMemberSnapshot]:
        """Wait until the first turns of autonomous members have ended (`mob/wait_kickoff`)."""
        params = {"mob_id": mob_id, **given(member_ids=member_ids, timeout_ms=timeout_ms)}
        return parse_waited_members(await self._request("mob/wait_kickoff", params), "mob/wait_kickoff")

    async def wait_mob_ready(
        self, mob_id: str, *, member_ids: list[str] | None = None, timeout_ms: int | None = None
    ) -> list[MobReadyMemberSnapshot]:
        """Wait until members can be worked with (`mob/wait_ready`)."""
        params = {"mob_id": mob_id, **given(member_ids=member_ids, timeout_ms=timeout_ms)}
        return parse_waited_members(await self._request("mob/wait_ready", params), "mob/wait_ready")

    # Wiring

    async def wire_mob_members(self, mob_id: str, member: str, peer: str | dict[str, Any]) -> None:
        """Connect a member with another, or with a peer outside (`mob/wire`)."""
        await self._request("mob/wire", {"mob_id": mob_id, "member": member, "peer": _peer(peer)})

    async def unwire_mob_members(self, mob_id: str, member: str, peer: str | dict[str, Any]) -> None:
        """Take a connection away (`mob/unwire`)."""
        await self._request("mob/unwire", {"mob_id": mob_id, "member": member, "peer": _peer(peer)})

    # Going

    async def retire_mob_member(self, mob_id: str, agent_identity: str) -> None:
        """End a member and archive its session (`mob/retire`)."""
        await self._request("mob/retire", _member(mob_id, agent_identity))

    async def respawn_mob_member(
        self, mob_id: str, agent_identity: str, initial_message: str | list[dict[str, Any]] | None = None
    ) -> MobRespawnResult:
        """Replace a member by a fresh one of the same identity (`mob/respawn`)."""
        params = {**_member(mob_id, agent_identity), "initial_message": wire_value(initial_message)}
        return parse_mob_respawn(await self._request("mob/respawn", params))

    async def force_cancel_mob_member(self, mob_id: str, agent_identity: str) -> None:
        """Stop what a member is doing (`mob/force_cancel`)."""
        await self._request("mob/force_cancel", _member(mob_id, agent_identity))


def _member(mob_id: str, agent_identity: str) -> dict[str, Any]:
    return {"mob_id": mob_id, "agent_identity": agent_identity}


def _peer(peer: str | dict[str, Any]) -> Any:
    return {"local": peer} if isinstance(peer, str) else wire_value(peer)
