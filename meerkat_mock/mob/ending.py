"""Ending members and mobs: retire, respawn, and what lifecycle actions do (spec 04, sections 5, 8 and 0)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from meerkat_mock.mob.driving import no_boundary, not_interruptible
from meerkat_mock.mob.refusals import Refusal, debugged, internal, no_member, no_transition
from meerkat_mock.mob.spawning import Life, log_wired
from meerkat_mock.mob.specs import Spec
from meerkat_mock.session.options import TurnRequest
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.agent.ports import Block
    from meerkat_mock.mob.driving import Driver
    from meerkat_mock.mob.mob import Mob, MobBook
    from meerkat_mock.mob.roster import Member
    from meerkat_mock.mob.spawning import Spawner
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.state import Session

INTERNAL = -32603
_UNHEARD = (
    "disposal completed but ArchiveSession failed: internal error: internal error: local retire_member failed: Internal error: "
    "DSL authority (Retire): committed effect dispatch failed: consumer mob refused signal ObserveRuntimeRetired: "
    "mob actor refused signal enqueue: channel closed"
)
_CLEAN: JsonObject = {
    "remote_cleanup_deadline_exceeded": False,
    "metadata_scrubbed": True,
    "events_cleared": True,
    "namespace_cleaned": True,
}


@dataclass(frozen=True)
class Undertaker:
    """Ends members, and mobs with them."""

    mobs: MobBook
    sessions: SessionBook
    driver: Driver
    spawner: Spawner

    def watch(self) -> Undertaker:
        """Learn of sessions that are archived by their own methods: their members leave."""
        self.sessions.on_archived.append(self._session_archived)
        return self

    def look_away(self) -> None:
        """Learn of no session any more."""
        self.sessions.on_archived.remove(self._session_archived)

    # ---- members ---------------------------------------------------------------------------------------------------------------------

    async def retire(self, mob: Mob, identity: str) -> None:
        """Let a member go, if there is one. Raises `Refusal` for the phase."""
        if mob.phase not in ("Running", "Stopped"):
            raise no_transition(mob.phase, "Running")
        self._call_off(mob, (identity,), "retiring")
        member = mob.roster.get(identity)
        if member is not None:
            await self.let_go(mob, member)

    async def let_go(self, mob: Mob, member: Member) -> None:
        """Retire one member: its session is archived after its running turn, its edges vanish. Raises `Refusal` (spec 04, section 0).

        The end of one whose `mob/turn_start` failed is the mob's own: its task is gone, and the sessions live on.
        """
        if member.retire_refused:
            wanted = f"Retire {{ agent_identity: {debugged(member.identity)} }}"
            raise internal(f"DSL authority preview (handle_retire_inner_admission) rejected {wanted}: guard rejected transition")
        cut = member.kickoff is not None and not member.kickoff.settled
        member.kickoff_cut = cut
        await self.driver.settled(member)
        if self._deadly(member):
            mob.die()
            return
        self.sessions.archive(member.session)  # the member leaves when this is told
        if cut:
            self.spawner.kickoff_is(mob, member, "cancelled")
        self._signal(mob, member)

    def _signal(self, mob: Mob, member: Member) -> None:
        """Tell of a member's end, which the server tells to the mob that was made last. Raises `Refusal` when that one is gone."""
        youngest = self.mobs.youngest
        if youngest is None or youngest is mob or not self._quirk("retire_signals_go_to_youngest_mob"):
            return
        if self.mobs.get(youngest.id) is not youngest:
            if mob.unheard:
                mob.die()
            mob.unheard = True
            raise internal(_UNHEARD)
        namesake = youngest.roster.get(member.identity)
        if namesake is not None and namesake.generation == member.generation:
            namesake.retire_refused = True

    def _session_archived(self, session: Session) -> None:
        mob = self.mobs.get(session.owner) if session.owner is not None else None
        member = mob.roster.get(session.identity) if mob is not None and session.identity is not None else None
        if mob is None or member is None or member.session is not session:
            return
        mob.roster.remove(member)
        mob.wires.remove(member.identity)
        mob.log.add("member_retired", agent_identity=member.identity, generation=member.generation, role=member.role)
        mob.former[member.identity] = member
        if self._deadly(member):
            mob.die()

    def _deadly(self, member: Member) -> bool:
        return member.turn_start_failed and self._quirk("failed_turn_start_kills_mob")

    async def respawn(self, mob: Mob, identity: str, initial_message: str | list[Block] | None) -> Member:
        """Replace a member by its next generation, with the same wires. Raises `Refusal`."""
        member = mob.member(identity)
        mob.need_running()
        peers, externals = mob.wires.peers(identity), mob.wires.externals(identity)
        spec = Spec(
            member.role, identity, initial_message, member.runtime_mode, labels=dict(member.labels), override=member.override
        )  # fmt: skip
        await self.let_go(mob, member)
        if mob.dead:
            return member
        try:
            new = self.spawner.bring_in(mob, self.spawner.planned(mob, spec), Life(member.generation + 1, respawned=True))
        except Refusal as refusal:
            raise Refusal(f"spawn failed after retire for member {identity}: {refusal.message}", refusal.cause) from refusal
        for peer in peers:
            if peer in mob.roster and mob.wires.wire(identity, peer):
                log_wired(mob, "members_wired", identity, peer)
        for external in externals.values():
            if mob.wires.wire_external(identity, external):
                mob.log.add("external_peer_wired", local=identity, spec=external.wire())
        return new

    # ---- mobs ------------------------------------------------------------------------------------------------------------------------

    async def stop(self, mob: Mob) -> None:
        """Hold a mob once the turns of its members are over: kickoffs are cut short, members and sessions stay. Raises `Refusal`."""
        if mob.phase != "Running":
            raise no_transition(mob.phase, "Stopped")
        if mob.active_runs:
            raise no_transition("Running", "Stopped")
        for member in mob.roster:
            if member.autonomous and member.session.live is None and self._quirk("broken_member_blocks_stop"):
                raise Refusal(no_boundary(member.session.id))
        self._call_off(mob, tuple(mob.coming), "stopping")
        for member in sorted(mob.roster, key=lambda each: not each.autonomous):  # kickoffs are cut before anybody's turn is waited for
            await self._cut_kickoff(mob, member)
        mob.phase = "Stopped"
        for member in mob.roster:
            member.turn_start_failed = False
        self._notify_orchestrator(mob, "stopping")

    async def _cut_kickoff(self, mob: Mob, member: Member) -> None:
        member.kickoff_cut = member.kickoff is not None and not member.kickoff.settled
        await self.driver.settled(member)
        if member.kickoff_cut:
            self.spawner.kickoff_is(mob, member, "cancelled")

    def resume(self, mob: Mob) -> None:
        """Let a stopped mob go on. Raises `Refusal`."""
        if mob.phase != "Stopped":
            raise no_transition(mob.phase, "Running")
        mob.phase = "Running"

    async def complete(self, mob: Mob) -> None:
        """Retire every member for good. Raises `Refusal`."""
        if mob.phase != "Running":
            raise no_transition(mob.phase, "Completed")
        self._call_off(mob, tuple(mob.coming), "completing")
        await self._empty(mob, "complete")
        if not mob.dead:
            mob.phase = "Completed"
            mob.log.add("mob_completed")

    async def reset(self, mob: Mob) -> None:
        """Retire every member and begin again. Raises `Refusal`."""
        if mob.phase == "Destroyed":
            raise no_transition(mob.phase, "Running")
        self._call_off(mob, tuple(mob.coming), "resetting")
        await self._empty(mob, "reset")
        if mob.dead:
            return
        mob.phase = "Running"
        mob.log.add("mob_created", definition=mob.definition)
        mob.log.add("mob_reset")

    async def destroy(self, mob: Mob) -> JsonObject:
        """Remove a mob and all that belongs to it; return the report. Raises `Fault` -32603 when that cannot be finished."""
        await self._cancel_runs(mob)
        begun, mob.phase = mob.phase == "Destroyed", "Destroyed"
        if not begun:
            mob.log.add("mob_destroying")
        self._call_off(mob, tuple(mob.coming), "destroying")
        stuck = self._stuck(mob)
        if stuck:
            for member in mob.roster:
                member.retiring = True
            raise _incomplete(stuck)
        failures = await self._let_all_go(mob)
        if failures:
            raise _incomplete(failures)
        mob.log.add("mob_destroy_storage_finalizing")
        self.mobs.remove(mob)
        return dict(_CLEAN)

    def _stuck(self, mob: Mob) -> list[str]:
        """Return why members cannot be disposed of."""
        stuck: list[str] = []
        for member in mob.roster:
            sid = member.session.id
            if self._deadly(member):
                refused = f"session `{sid}` is not registered with this MeerkatMachine; cannot deliver routed input"
                text = f"internal error: consumer `meerkat` refused routed input `Retire`: {refused}"
                stuck.append(f"{member.identity}: destroy retire admission failed: {text}")
            elif member.autonomous and self._quirk("autonomous_member_blocks_destroy"):
                why = no_boundary(sid) if member.session.live is None else not_interruptible(sid, "Runtime not ready: attached")
                stuck.append(f"{member.identity}: disposal aborted at StopHostLoop: {why}")
        return stuck

    async def _empty(self, mob: Mob, doing: str) -> None:
        """Retire everybody, unless the mob dies of it. Raises `Refusal` when members could not be retired."""
        await self._cancel_runs(mob)
        if any(map(self._deadly, mob.roster)):
            mob.die()
            return
        failures = await self._let_all_go(mob)
        if failures:
            raise internal(f"{doing} aborted: {len(failures)} member(s) could not be retired: {'; '.join(failures)}")

    async def _let_all_go(self, mob: Mob) -> list[str]:
        """Retire everybody; return who could not be, and why."""
        failures: list[str] = []
        for member in mob.roster:
            try:
                await self.let_go(mob, member)
            except Refusal as refusal:
                failures.append(f"{member.identity}: {refusal.message}")
            if mob.dead:
                break
        return failures

    async def _cancel_runs(self, mob: Mob) -> None:
        for run in mob.active_runs:
            await run.cancelled_and_over()

    def _call_off(self, mob: Mob, identities: Iterable[str], why: str) -> None:
        """Fail spawns that are under way."""
        for identity in identities:
            coming = mob.coming.get(identity)
            if coming is not None and not coming.done():
                coming.set_exception(internal(f"spawn canceled for '{identity}': mob is {why}"))
                coming.exception()

    def _notify_orchestrator(self, mob: Mob, doing: str) -> None:
        """Tell the orchestrator without waiting for what it makes of it (spec 04, section 5.3)."""
        role = mob.orchestrator_role
        members = mob.roster.of_role(role) if role is not None else []
        for member in members[:1]:
            text = f"Mob '{mob.id}' is {doing}."
            if member.session.live is None:
                continue
            if member.autonomous:
                self.driver.inject(member, text)
            else:
                self.driver.begin(member, TurnRequest(text)).add_done_callback(lambda done: done.cancelled() or done.exception())

    def _quirk(self, name: str) -> bool:
        return self.sessions.runtime.quirks.on(name)


def member_or_refusal(mob: Mob, identity: str) -> Member:
    """Return a member that is not retiring. Raises `Refusal`."""
    member = mob.roster.get(identity)
    if member is None or member.retiring:
        raise no_member(identity)
    return member


def _incomplete(errors: list[str]) -> Fault:
    report: JsonObject = {**dict.fromkeys(_CLEAN, False), "errors": cast("list[Json]", errors)}
    data: JsonObject = {"code": "mob_destroy_incomplete", "destroy_report": report, "retryable": True}
    return Fault(INTERNAL, f"mob destroy incomplete: {'; '.join(errors)}", data)
