"""Members of mobs: the spawn family, lists, status, waits, wiring, retire, respawn, helpers (spec 04, sections 7 to 9, 11 and 12)."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, cast

from meerkat_mock.mob.keys import BadAddress, ExternalPeer, peer_id_of, read_address, read_key
from meerkat_mock.mob.refusals import Refusal, debugged, internal, no_transition, wiring_error
from meerkat_mock.mob.roster import UNKNOWN
from meerkat_mock.mob.spawning import log_wired
from meerkat_mock.mob.specs import Spec, check_content, fork_of, spec_of
from meerkat_mock.surfaces.mobs import mob_id_in
from meerkat_mock.surfaces.registry import handles

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.mob.mob import Mob
    from meerkat_mock.mob.roster import Member
    from meerkat_mock.surfaces.mobs import MobWorld
    from meerkat_mock.surfaces.registry import Params

POLL_SECONDS = 0.05
"""How often a wait looks again (spec 04, section 12.2)."""
DEFAULT_WAIT_MS = 600_000


class MobMembers:
    """Answers for members."""

    def __init__(self, world: MobWorld) -> None:
        self._world = world
        self._mobs = world.mobs
        self._clock = world.runtime.clock

    # ---- the spawn family ------------------------------------------------------------------------------------------------------------

    @handles("mob/spawn")
    async def spawn(self, params: Params) -> JsonObject:
        """Make a member; its first turn goes on in the background."""
        mob_id = mob_id_in(params)
        member = await self._world.spawner.spawn(mob_id, spec_of(params))
        return {"mob_id": mob_id, **member.receipt()}

    @handles("mob/spawn_many")
    async def spawn_many(self, params: Params) -> JsonObject:
        """Make several members side by side; each succeeds or fails by itself."""
        mob_id = mob_id_in(params)
        specs = [spec_of(spec) for spec in params["specs"]]
        mob = self._mobs.find(mob_id)
        if not mob.dead:
            async with self._mobs.entered(mob_id):
                pass
        return {"results": list(await asyncio.gather(*(self._one_of_many(mob_id, spec) for spec in specs)))}

    async def _one_of_many(self, mob_id: str, spec: Spec) -> JsonObject:
        try:
            member = await self._world.spawner.spawn(mob_id, spec)
        except Refusal as refusal:
            return {"status": "failed", "result": {"cause": refusal.cause, "message": refusal.message}}
        return {"status": "spawned", "result": member.receipt()}

    @handles("mob/ensure_member")
    async def ensure_member(self, params: Params) -> JsonObject:
        """Make a member unless it exists."""
        mob_id = mob_id_in(params)
        async with self._mobs.entered(mob_id):
            pass
        return {"outcome": await self.ensured(mob_id, spec_of(params["spec"]))}

    async def ensured(self, mob_id: str, spec: Spec) -> JsonObject:
        """Return whether a member was made or existed, and which. Raises `Refusal`."""
        async with self._mobs.entered(mob_id) as mob:
            if mob.phase == "Destroyed":
                raise no_transition(mob.phase, mob.phase)
            if mob.phase != "Running":
                wanted = f"EnsureMember {{ agent_identity: {debugged(spec.identity)} }}"
                guard = f"guard rejected transition from phase {mob.phase} for EnsureMember"
                raise internal(f"DSL authority (project_machine_input) rejected {wanted}: {guard}")
            if (member := mob.roster.get(spec.identity)) is not None:
                return {"existed": member.entry(mob.wires)}
        return {"spawned": (await self._world.spawner.spawn(mob_id, spec)).receipt()}

    @handles("mob/reconcile")
    async def reconcile(self, params: Params) -> JsonObject:
        """Make the members that are wanted and, on demand, retire all others."""
        mob_id = mob_id_in(params)
        specs = [spec_of(spec) for spec in params.get("desired") or ()]
        async with self._mobs.entered(mob_id) as mob:
            if mob.phase == "Destroyed":
                raise no_transition(mob.phase, mob.phase)
            present = {member.identity for member in mob.roster}
        report: dict[str, list[Json]] = {"desired": [], "retained": [], "spawned": [], "retired": [], "failures": []}
        for spec in specs:
            report["desired"].append(spec.identity)
            if spec.identity in present:
                report["retained"].append(spec.identity)
            else:
                await self._reconciled(mob_id, spec, report)
        options: dict[str, bool] = params.get("options") or {}
        if options.get("retire_stale"):
            await self._retire_stale(mob_id, present - {spec.identity for spec in specs}, report)
        return {"report": {name: cast("Json", entries) for name, entries in report.items() if entries}}

    async def _reconciled(self, mob_id: str, spec: Spec, report: dict[str, list[Json]]) -> None:
        try:
            report["spawned"].append((await self._world.spawner.spawn(mob_id, spec)).receipt())
        except Refusal as refusal:
            report["failures"].append({"agent_identity": spec.identity, "stage": "spawn", "error": refusal.message})

    async def _retire_stale(self, mob_id: str, stale: set[str], report: dict[str, list[Json]]) -> None:
        for identity in sorted(stale):
            try:
                async with self._mobs.entered(mob_id) as mob:
                    await self._world.undertaker.retire(mob, identity)
                report["retired"].append(identity)
            except Refusal as refusal:
                report["failures"].append({"agent_identity": identity, "stage": "retire", "error": refusal.message})

    # ---- looking ---------------------------------------------------------------------------------------------------------------------

    @handles("mob/members")
    async def members(self, params: Params) -> JsonObject:
        """List the roster."""
        mob = await self._readable(mob_id_in(params))
        return {"mob_id": mob.id, "members": [member.entry(mob.wires) for member in mob.roster]}

    @handles("mob/list_members_matching")
    async def list_matching(self, params: Params) -> JsonObject:
        """List the active members that a filter lets through."""
        wanted: dict[str, Any] = params.get("filter") or {}
        mob = await self._readable(mob_id_in(params))
        return {"members": [member.entry(mob.wires) for member in mob.roster if _matches(member, wanted)]}

    async def _readable(self, mob_id: str) -> Mob:
        mob = self._mobs.find(mob_id)
        if not mob.dead:
            async with self._mobs.entered(mob_id):
                pass
        return mob

    @handles("mob/member_status")
    async def member_status(self, params: Params) -> JsonObject:
        """Tell how a member is; an unknown identity is no error."""
        async with self._mobs.entered(mob_id_in(params)) as mob:
            return await self._state(mob, params["agent_identity"])

    async def _state(self, mob: Mob, identity: str) -> JsonObject:
        """Return a member's status once its running turn has ended (spec 04, section 0)."""
        member = mob.roster.get(identity)
        if member is not None and not member.retiring:
            await self._world.driver.settled(member)
        return dict(UNKNOWN) if member is None else member.state(mob.wires)

    @handles("mob/wait_kickoff")
    async def wait_kickoff(self, params: Params) -> JsonObject:
        """Wait until the kickoffs of members have settled, failed ones included."""
        return await self._wait(params, _kicked_off, Refusal("kickoff wait timed out", "kickoff_wait_timed_out"))

    @handles("mob/wait_ready")
    async def wait_ready(self, params: Params) -> JsonObject:
        """Wait until members are up, which they are once they are spawned."""
        return await self._wait(params, lambda member: True, Refusal("member ready wait timed out", "ready_wait_timed_out"))

    async def _wait(self, params: Params, done: Callable[[Member], bool], late: Refusal) -> JsonObject:
        mob_id, identities = mob_id_in(params), params.get("member_ids")
        if identities == []:
            self._mobs.find(mob_id)
            return {"members": []}
        limit = params.get("timeout_ms")
        ends = self._clock.now() + (DEFAULT_WAIT_MS if limit is None else limit) / 1000
        while True:
            async with self._mobs.entered(mob_id) as mob:
                wanted = [member.identity for member in mob.roster] if identities is None else identities
                states = [{"agent_identity": identity, **await self._state(mob, identity)} for identity in wanted]
                if all(member is None or done(member) for member in map(mob.roster.get, wanted)):
                    return {"members": cast("list[Json]", states)}
            if self._clock.now() >= ends:
                raise late
            await self._clock.pause(POLL_SECONDS, f"somebody waits for members of mob {mob_id}")

    # ---- leaving and coming back -----------------------------------------------------------------------------------------------------

    @handles("mob/retire")
    async def retire(self, params: Params) -> JsonObject:
        """Let a member go; one that is not there is gone already."""
        async with self._mobs.entered(mob_id_in(params)) as mob:
            await self._world.undertaker.retire(mob, params["agent_identity"])
            return {"retired": True}

    @handles("mob/respawn")
    async def respawn(self, params: Params) -> JsonObject:
        """Replace a member by its next generation."""
        initial = params.get("initial_message")
        if initial is not None:
            check_content(initial, "invalid initial_message: ")
        async with self._mobs.entered(mob_id_in(params)) as mob:
            member = await self._world.undertaker.respawn(mob, params["agent_identity"], initial)
            return {"status": "completed", "receipt": {"identity": member.identity, "member_ref": member.ref}}

    @handles("mob/spawn_helper")
    async def spawn_helper(self, params: Params) -> JsonObject:
        """Make a helper, look at it once and let it go (spec 04, section 11)."""
        return await self._helped(params, "helper", None)

    @handles("mob/fork_helper")
    async def fork_helper(self, params: Params) -> JsonObject:
        """Make a helper that begins with another member's history."""
        return await self._helped(params, "fork", params["source_member_id"])

    async def _helped(self, params: Params, kind: str, source: str | None) -> JsonObject:
        mob_id = mob_id_in(params)
        mob = self._mobs.find(mob_id)
        spec = Spec(
            profile=params.get("role_name") or min(mob.profiles),
            identity=params.get("agent_identity") or f"{kind}-{self._world.runtime.ids.uuid4()}",
            initial_message=params["prompt"],
            runtime_mode=params.get("runtime_mode") or "turn_driven",
            backend=params.get("backend"),
            fork=None if source is None else fork_of(source, params.get("fork_context")),
        )
        member = await self._world.spawner.spawn(mob_id, spec)
        output, tokens = member.session.last_assistant_text or None, member.session.total_tokens
        with contextlib.suppress(Refusal):  # a failing retirement is not reported (spec 04, section 11)
            async with self._mobs.entered(mob_id) as mob:
                await self._world.undertaker.retire(mob, member.identity)
        return {"output": output, "tokens_used": tokens, **member.receipt()}

    # ---- wiring ----------------------------------------------------------------------------------------------------------------------

    @handles("mob/wire")
    async def wire(self, params: Params) -> JsonObject:
        """Wire a member to another one, or to a peer outside."""
        kind, peer = _only(params["peer"])
        identity: str = params["member"]
        async with self._mobs.entered(mob_id_in(params)) as mob:
            mob.need_running()
            if kind == "local":
                self._wire_local(mob, identity, cast("str", peer))
            elif kind == "external_name":
                raise wiring_error(f"wire external peer '{peer}' requires external_binding")
            else:
                self._wire_external(mob, identity, _external(kind, cast("dict[str, Any]", peer)))
            return {"wired": True}

    def _wire_local(self, mob: Mob, identity: str, peer: str) -> None:
        if identity == peer:
            raise wiring_error(f"wire requires distinct members (got '{identity}')")
        mob.member(identity)
        mob.member(peer)
        if mob.wires.wire(identity, peer):
            log_wired(mob, "members_wired", identity, peer)

    def _wire_external(self, mob: Mob, identity: str, peer: ExternalPeer) -> None:
        mob.member(identity)
        if mob.wires.wire_external(identity, peer):
            mob.log.add("external_peer_wired", local=identity, spec=peer.wire())

    @handles("mob/unwire")
    async def unwire(self, params: Params) -> JsonObject:
        """Take an edge away; one that is not there is gone already."""
        kind, peer = _only(params["peer"])
        identity: str = params["member"]
        async with self._mobs.entered(mob_id_in(params)) as mob:
            if kind == "local" and cast("str", peer) not in mob.wires.externals(identity):
                self._unwire_local(mob, identity, cast("str", peer))
            else:
                self._unwire_external(mob, identity, str(peer["name"]) if isinstance(peer, dict) else cast("str", peer))
            return {"unwired": True}

    def _unwire_local(self, mob: Mob, identity: str, peer: str) -> None:
        if identity == peer:
            raise wiring_error(f"unwire requires distinct peers (got '{identity}')")
        mob.member(identity)
        mob.member(peer)
        if mob.wires.wired(identity, peer):
            _need_running_to_unwire(mob)
            mob.wires.unwire(identity, peer)
            log_wired(mob, "members_unwired", identity, peer)

    def _unwire_external(self, mob: Mob, identity: str, name: str) -> None:
        mob.member(identity)
        if name in mob.wires.externals(identity):
            _need_running_to_unwire(mob)
            mob.wires.unwire_external(identity, name)
            mob.log.add("external_peer_unwired", local=identity, peer_name=name)


def _need_running_to_unwire(mob: Mob) -> None:
    if mob.phase != "Running":
        raise wiring_error(f"unwire rejected by MobMachine DSL: guard rejected transition from phase {mob.phase} for Unwire")


def _only(peer: dict[str, Json]) -> tuple[str, Json]:
    """Return the one key of a peer and what it holds."""
    return next(iter(peer.items()))


def _external(kind: str, peer: dict[str, Any]) -> ExternalPeer:
    """Return the descriptor of a peer outside. Raises `Refusal` (spec 04, section 9.1)."""
    if kind == "external":
        key = bytes(peer["pubkey"])
        if peer_id_of(key) != peer["peer_id"]:
            why = f"peer_id {peer['peer_id']} does not match pubkey-derived id {peer_id_of(key)}"
            raise wiring_error(f"external peer descriptor is invalid: {why}")
        return ExternalPeer(peer["name"], peer["address"]["transport"], peer["address"]["endpoint"], key)
    try:
        key = read_key(peer["identity"]["public_key"])
    except Refusal as refusal:
        raise wiring_error(refusal.message) from refusal
    if not peer["name"].strip():
        raise wiring_error(f"external binding has invalid peer name '{peer['name']}': peer name cannot be empty")
    try:
        transport, endpoint = read_address(peer["address"])
    except BadAddress as fault:
        raise wiring_error(f"external binding has invalid peer address '{peer['address']}': {fault}") from fault
    return ExternalPeer(peer["name"], transport, endpoint, key)


def _matches(member: Member, wanted: dict[str, Any]) -> bool:
    if member.retiring or wanted.get("state") == "retiring":
        return False
    if wanted.get("role") not in (None, member.role):
        return False
    return (wanted.get("labels") or {}).items() <= member.labels.items()


def _kicked_off(member: Member) -> bool:
    return not member.autonomous or member.retiring or member.kickoff is None or member.kickoff.settled
