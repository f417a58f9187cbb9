"""Work for members: sends, turns, submitted work and its cancels, context, ingress (spec 04, sections 8.3 and 10)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from meerkat_mock.contract.texts import uuid_fault
from meerkat_mock.mob.driving import no_boundary
from meerkat_mock.mob.ending import member_or_refusal
from meerkat_mock.mob.refs import read_member_ref
from meerkat_mock.mob.refusals import Refusal, no_member_of_ref, unaddressable
from meerkat_mock.mob.specs import check_content, spec_of
from meerkat_mock.session.intake import turn_request
from meerkat_mock.session.locators import canonical_uuid
from meerkat_mock.session.notes import ContextNote
from meerkat_mock.session.queue import TurnInput
from meerkat_mock.surfaces.mobs import mob_id_in
from meerkat_mock.surfaces.registry import Fault, handles

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject
    from meerkat_mock.agent.ports import Block
    from meerkat_mock.mob.mob import Mob
    from meerkat_mock.mob.roster import Member
    from meerkat_mock.session.state import Session
    from meerkat_mock.surfaces.mobs import MobWorld
    from meerkat_mock.surfaces.mobs_members import MobMembers
    from meerkat_mock.surfaces.registry import Call, Params

INTERNAL = -32603
_RETIRED = (
    "runtime accept failed: Input validation failed: DSL authority (AcceptWithCompletion): guard rejected transition from Retired for "
    "AcceptWithCompletion; input_kind=prompt; immediate=false; interrupt_yielding=false; wake_if_idle=true"
)


class MobWork:
    """Hands members what they are to do."""

    def __init__(self, world: MobWorld, members: MobMembers) -> None:
        self._world = world
        self._mobs = world.mobs
        self._members = members

    # ---- sends -----------------------------------------------------------------------------------------------------------------------

    @handles("mob/member_send")
    async def member_send(self, params: Params) -> JsonObject:
        """Send content to a member; of a turn_driven one the whole turn is over when this answers."""
        check_content(params["content"])
        return await self._send(mob_id_in(params), params["agent_identity"], params)

    async def _send(self, mob_id: str, identity: str, params: Params) -> JsonObject:
        async with self._mobs.entered(mob_id) as mob:
            member = member_or_refusal(mob, identity)
            mob.need_running()
            if not member.addressable:
                raise unaddressable(identity)
            await self._world.driver.deliver(member, params["content"])
        return {
            "mob_id": mob_id,
            "agent_identity": identity,
            "member_ref": member.ref,
            "handling_mode": params.get("handling_mode", "queue"),
        }

    @handles("mob/submit_work")
    async def submit_work(self, params: Params) -> JsonObject:
        """Hand a member a piece of work, named by its token."""
        mob_id, identity = self._named(params["member_ref"])
        work_ref = _work_ref(params["work_ref"]) if params.get("work_ref") else self._world.runtime.ids.uuid4()
        content: str | list[Block] = params["content"]
        check_content(content, "invalid content: ")
        async with self._mobs.entered(mob_id) as mob:
            mob.need_running()
            member = member_or_refusal(mob, identity)
            if params.get("origin") != "internal" and not member.addressable:
                raise unaddressable(identity)
            await self._world.driver.deliver(member, content)
        return {"mob_id": mob_id, "work_ref": work_ref, "member_ref": member.ref}

    @handles("mob/ingress_interaction")
    async def ingress_interaction(self, params: Params) -> JsonObject:
        """Make a member unless it exists, then send it content."""
        check_content(params["content"])
        mob_id, spec = mob_id_in(params), spec_of(params["spec"])
        mob = self._mobs.find(mob_id)
        before = mob.log.latest
        outcome = await self._members.ensured(mob_id, spec)
        delivery = await self._send(mob_id, spec.identity, params)
        return {
            "mob_id": mob_id,
            "agent_identity": spec.identity,
            "member_ref": delivery["member_ref"],
            "ensure_outcome": outcome,
            "delivery": delivery,
            "events_after_cursor": before,
            "latest_event_cursor": mob.log.latest,
        }

    # ---- cancels ---------------------------------------------------------------------------------------------------------------------

    @handles("mob/cancel_work")
    def cancel_work(self, params: Params) -> JsonObject:
        """Refuse, always: submitted work is not tracked under its reference (spec 04, section 10.2)."""
        mob_id, work_ref = mob_id_in(params), _work_ref(params["work_ref"])
        self._mobs.find(mob_id)
        raise Refusal(f"work not found: {work_ref}", "work_not_found")

    @handles("mob/cancel_all_work")
    async def cancel_all_work(self, params: Params) -> JsonObject:
        """Succeed without any effect, as the server does (spec 04, section 0)."""
        mob_id, identity = self._named(params["member_ref"])
        async with self._mobs.entered(mob_id) as mob:
            mob.need_running()
            _interruptible(member_or_refusal(mob, identity))
            return {"mob_id": mob_id, "ok": True}

    @handles("mob/force_cancel")
    async def force_cancel(self, params: Params) -> JsonObject:
        """Succeed without any effect, as the server does (spec 04, section 0)."""
        async with self._mobs.entered(mob_id_in(params)) as mob:
            mob.need_running()
            _interruptible(member_or_refusal(mob, params["agent_identity"]))
            return {"cancelled": True}

    def _named(self, token: str) -> tuple[str, str]:
        """Return mob and identity of a token. Raises `Refusal` when there is no such member."""
        mob_id, identity = read_member_ref(token)
        if identity not in self._mobs.find(mob_id).roster:
            raise no_member_of_ref(identity, mob_id)
        return mob_id, identity

    # ---- turns -----------------------------------------------------------------------------------------------------------------------

    @handles("mob/turn_start")
    async def turn_start(self, params: Params, call: Call) -> JsonObject:
        """Run a turn of a turn_driven member outside of the mob's line."""
        mob_id = mob_id_in(params)
        member = await self._driven(mob_id, params["agent_identity"])
        book = self._world.sessions
        request = turn_request(params, member.session, book.surroundings)
        if member.hollow:
            return self._world.driver.nothing(member)
        turn = TurnInput(request, answer=asyncio.get_running_loop().create_future())
        queue = book.queue(member.session)
        call.on_cancel.append(lambda: queue.cancel(turn))
        if not book.running(member.session):
            book.check_capacity()
        queue.submit(turn)
        assert turn.answer is not None
        try:
            result = await turn.answer
        except Fault as fault:
            member.turn_start_failed = member.turn_start_failed or fault.error.code == INTERNAL
            raise
        member.turn_start_failed = False
        member.failures = 0
        return result

    async def _driven(self, mob_id: str, identity: str) -> Member:
        """Return a member that takes turns, looked up in the mob's line. Raises `Fault`."""
        mob = self._mobs.find(mob_id)
        if mob.dead:
            member = mob.former.get(identity)
        else:
            async with self._mobs.entered(mob_id):
                member = mob.roster.get(identity)
        if member is None or member.session.archived:
            raise Refusal(f"member '{identity}' has no active bridge session in mob '{mob_id}'")
        if member.retiring:
            raise Fault(INTERNAL, _RETIRED)
        if member.autonomous:
            driven = f"autonomous member '{identity}' is driven by mob kickoff and mob/member_send"
            raise Refusal(f"mob/turn_start is only valid for turn_driven members; {driven}")
        return member

    # ---- context ---------------------------------------------------------------------------------------------------------------------

    @handles("mob/append_system_context")
    async def append_system_context(self, params: Params) -> JsonObject:
        """Keep a text for the system prompt of a member's next turn."""
        mob_id, identity = mob_id_in(params), params["agent_identity"]
        mob = await self._contextual(mob_id)
        session = self._session(mob, identity)
        if mob.phase == "Stopped":
            raise Refusal(f"session not found: {session.id}")
        text = params["text"].strip()
        if not text:
            raise Refusal("invalid system-context request: system context text must not be empty")
        status = self._inject(session, ContextNote(text, params.get("source")), params.get("idempotency_key"))
        self._world.sessions.committed(session)
        return {"mob_id": mob_id, "agent_identity": identity, "status": status}

    async def _contextual(self, mob_id: str) -> Mob:
        try:
            mob = self._mobs.find(mob_id)
            if not mob.dead:
                async with self._mobs.entered(mob_id):
                    pass
        except Refusal as refusal:
            raise Refusal(f"invalid system-context request: {refusal.message}") from refusal
        return mob

    def _session(self, mob: Mob, identity: str) -> Session:
        member = mob.former.get(identity) if mob.dead else mob.roster.get(identity)
        if member is None or member.session.archived:
            raise Refusal(f"invalid system-context request: member has no session: {identity}")
        return member.session

    def _inject(self, session: Session, note: ContextNote, key: str | None) -> str:
        lost = self._world.runtime.quirks.on("keyless_context_lost")
        try:
            return session.notes.inject(note, key, keyless_lost=lost)
        except Fault:
            conflict = f"system-context idempotency conflict on session {session.id}: key '{key}' already maps to different content"
            raise Refusal(conflict) from None


def _interruptible(member: Member) -> None:
    if member.session.live is None:
        raise Refusal(no_boundary(member.session.id))


def _work_ref(text: str) -> str:
    """Return a work reference in its plain form. Raises `Refusal`."""
    fault = uuid_fault(text)
    if fault is not None:
        raise Refusal(f"work_ref must be a valid UUID: {fault}")
    return canonical_uuid(text) or text
