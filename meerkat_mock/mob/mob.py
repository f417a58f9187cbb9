"""One mob: its definition, its phase and what belongs to it; and the book of all mobs of a runtime (spec 04, sections 1.2 and 5).

Nearly every call about a mob goes through one sequential line, reads included: whoever sends to a turn_driven member holds it for the
whole turn. Streams, flows, sessions are other modules' business.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from meerkat_mock.mob.diagnostics import diagnostics
from meerkat_mock.mob.flows.stored import StoredRun
from meerkat_mock.mob.log import MobLog
from meerkat_mock.mob.refusals import Refusal, actor_gone, internal, no_member, no_mob, no_transition
from meerkat_mock.mob.roster import Member, Roster
from meerkat_mock.mob.wires import Wires

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence

    from meerkat.wire.base import JsonObject
    from meerkat_mock.clock import Clock
    from meerkat_mock.ids import IdSource
    from meerkat_mock.mob.flows.run import FlowRun

Phase = Literal["Running", "Stopped", "Completed", "Destroyed"]


@dataclass(eq=False)
class Mob:
    """The state of one mob."""

    definition: JsonObject
    log: MobLog
    key: str = ""
    """Tells it from every other mob, also from one of the same id."""
    phase: Phase = "Running"
    roster: Roster = field(default_factory=Roster)
    wires: Wires = field(default_factory=Wires)
    runs: dict[str, FlowRun | StoredRun] = field(default_factory=lambda: {})
    line: asyncio.Lock = field(default_factory=asyncio.Lock)
    coming: dict[str, asyncio.Future[None]] = field(default_factory=lambda: {})
    """Identities that are being spawned; whoever ends the mob's running life sets an exception."""
    kicked_off: set[str] = field(default_factory=set[str])
    """Identities whose kickoff has settled once: they get no further one (spec 04, section 6.1)."""
    former: dict[str, Member] = field(default_factory=lambda: {})
    """Members of a mob whose task is dead: `mob/turn_start` still reaches them."""
    on_member: list[Callable[[Member], None]] = field(default_factory=lambda: [])
    """Told of every member that comes."""
    unheard: bool = False
    """True once the end of a member was told to a mob that is gone (spec 04, section 0)."""
    fences: int = 0
    epoch: int = 0
    dead: bool = False
    """True once its task is gone: most calls are refused from then on (spec 04, section 0)."""

    @property
    def id(self) -> str:
        """Return the id chosen in the definition."""
        return str(self.definition["id"])

    @property
    def profiles(self) -> dict[str, JsonObject]:
        """Return the roles of the definition."""
        return cast("dict[str, JsonObject]", self.definition["profiles"])

    @property
    def orchestrator_role(self) -> str | None:
        """Return the role that the definition names as orchestrator."""
        named = self.definition["orchestrator"]
        return str(named["profile"]) if isinstance(named, dict) else None

    @property
    def active_runs(self) -> list[FlowRun]:
        """Return the flow runs that are in progress."""
        return [run for run in self.runs.values() if run.active and not isinstance(run, StoredRun)]

    def member(self, identity: str) -> Member:
        """Return a member of the roster. Raises `Refusal`."""
        member = self.roster.get(identity)
        if member is None:
            raise no_member(identity)
        return member

    def need_running(self) -> None:
        """Raise `Refusal` unless the mob runs."""
        if self.phase != "Running":
            raise no_transition(self.phase, "Running")

    def next_fence(self) -> int:
        """Count a spawn."""
        self.fences += 1
        return self.fences

    def die(self) -> None:
        """Lose the task of the mob: nobody answers for it any more."""
        self.dead = True
        self.former = {member.identity: member for member in self.roster} | self.former
        self.roster = Roster()


class MobBook:
    """The mobs of one runtime, in the order in which they were made."""

    def __init__(self, clock: Clock, ids: IdSource) -> None:
        self._clock = clock
        self._ids = ids
        self._mobs: dict[str, Mob] = {}
        self.on_made: list[Callable[[Mob], None]] = []
        """Called with every mob that is made."""
        self.on_removed: list[Callable[[Mob], None]] = []
        """Called with every mob that was destroyed."""
        self.youngest: Mob | None = None
        """The mob that was made last, even when it is gone."""

    def __iter__(self) -> Iterator[Mob]:
        """Return the mobs in the order of their ids."""
        return iter([self._mobs[mob_id] for mob_id in sorted(self._mobs)])

    def get(self, mob_id: str) -> Mob | None:
        """Return a mob, None when there is none of that id."""
        return self._mobs.get(mob_id)

    def find(self, mob_id: str) -> Mob:
        """Return a mob. Raises `Refusal`."""
        mob = self._mobs.get(mob_id)
        if mob is None:
            raise no_mob(mob_id)
        return mob

    def make(self, definition: JsonObject) -> Mob:
        """Take up a stored definition. Raises `Refusal` for a known id, then for a definition with faults."""
        mob_id = str(definition["id"])
        if mob_id in self._mobs:
            raise internal(f"mob already exists: {mob_id}")
        if faults := diagnostics(definition):
            raise Refusal(f"definition error: {'; '.join(faults)}", "definition_error")
        mob = self._mobs[mob_id] = Mob(definition, MobLog(mob_id, self._clock), self._ids.uuid4())
        mob.log.add("mob_created", definition=definition)
        self.youngest = mob
        for tell in self.on_made:
            tell(mob)
        return mob

    def remove(self, mob: Mob) -> None:
        """Forget a mob that was destroyed; its id is free again."""
        self._mobs.pop(mob.id, None)
        for tell in self.on_removed:
            tell(mob)

    def adopt(self, mob: Mob) -> None:
        """Take up a mob of an earlier process."""
        self._mobs[mob.id] = mob

    @asynccontextmanager
    async def entered(self, mob_id: str) -> AsyncGenerator[Mob, None]:
        """Wait for one's turn in a mob's line. Raises `Refusal` for an unknown mob, or one whose task is dead."""
        mob = self.find(mob_id)
        if mob.dead:
            raise actor_gone()
        async with mob.line:
            if self._mobs.get(mob_id) is not mob:
                raise no_mob(mob_id)
            if mob.dead:
                raise actor_gone()
            yield mob


def home_of(books: Sequence[MobBook], session_id: str, mob_id: str | None, identity: str | None) -> Mob | None:
    """Return the mob whose member has this session, of all that connections know under one id; None for no member's."""
    if mob_id is None or identity is None:
        return None
    for book in books:
        mob = book.get(mob_id)
        member = mob.roster.get(identity) if mob is not None else None
        if member is not None and member.session.id == session_id:
            return mob
    return None
