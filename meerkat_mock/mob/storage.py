"""Mobs on their way into the store and back: what of them survives a restart (spec 04, section 1.3).

A stopped mob runs again afterwards, spawns under way are forgotten, fence tokens begin anew. A completed mob stays so because its log
says it, a half-destroyed one because it was noted.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from meerkat_mock.mob.flows.stored import StoredRun
from meerkat_mock.mob.keys import ExternalPeer
from meerkat_mock.mob.kickoff import Kickoff
from meerkat_mock.mob.log import MobLog
from meerkat_mock.mob.mob import Mob
from meerkat_mock.mob.roster import Member

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.clock import Clock
    from meerkat_mock.mob.mob import MobBook, Phase
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.store import Store

SHELF = "mobs"
_MARKS = {"mob_created": "Running", "mob_reset": "Running", "mob_completed": "Completed"}


class MobStorage:
    """Saves mobs as they change, and finds them again."""

    def __init__(self, store: Store, sessions: SessionBook, clock: Clock) -> None:
        self._store = store
        self._sessions = sessions
        self._clock = clock
        self._latest: dict[str, Mob] = {}
        """Of every mob the state that was saved last, whichever connection's it is."""

    def attach(self, mobs: MobBook) -> None:
        """Take up the mobs of earlier processes, and keep those of this one. Raises `BrokenState`."""
        for mob_id, record in list(self._store.values(SHELF)):
            kept = cast("dict[str, Any]", record)
            log = self._log(mob_id, (event for _, event in self._store.logged(_log_name(kept["key"]))))
            mob = self._loaded(kept, log, hollow=self._sessions.runtime.quirks.on("restored_members_hollow"))
            mobs.adopt(mob)
            self._watch(mob)
        self._follow(mobs)

    def share(self, mobs: MobBook) -> None:
        """Take up the mobs of this process as they were saved last, for a further connection."""
        for mob_id, latest in list(self._latest.items()):
            log = self._log(mob_id, latest.log.page(0, latest.log.latest, strict=False))
            mob = self._loaded(cast("dict[str, Any]", _record(latest)), log, hollow=None)
            mobs.adopt(mob)
            mob.log.changed = partial(self.save, mob)
        self._follow(mobs)

    def _follow(self, mobs: MobBook) -> None:
        mobs.on_made.append(self._watch)
        mobs.on_removed.append(self._removed)

    def _removed(self, mob: Mob) -> None:
        self._latest.pop(mob.id, None)
        if self._store.keeps:
            self._store.drop(SHELF, mob.id)

    def _watch(self, mob: Mob) -> None:
        mob.log.changed = partial(self.save, mob)
        self.save(mob)

    def save(self, mob: Mob) -> None:
        """Keep what is durable of a mob."""
        self._latest[mob.id] = mob
        if not self._store.keeps:
            return
        name, kept = _log_name(mob.key), mob.log.kept
        events = mob.log.page(kept, mob.log.latest, strict=False)
        at_ms = int(self._clock.now() * 1000)
        self._store.append(name, [(kept + place, at_ms, event) for place, event in enumerate(events, 1)])
        mob.log.kept = mob.log.latest
        self._store.put(SHELF, mob.id, _record(mob))

    def _log(self, mob_id: str, events: Iterable[Json]) -> MobLog:
        log = MobLog(mob_id, self._clock)
        for event in events:
            log.restore(cast("JsonObject", event))
        log.kept = log.latest
        return log

    def _loaded(self, record: dict[str, Any], log: MobLog, *, hollow: bool | None) -> Mob:
        mob = Mob(record["definition"], log, record["key"])
        mob.phase = "Destroyed" if record["destroyed"] else _phase_of(log)
        mob.epoch = record["epoch"]
        mob.kicked_off = set(record["kicked_off"])
        mob.runs = {run_id: StoredRun(run_id, shown) for run_id, shown in record["runs"].items()}
        for kept in record["members"]:
            self._restore_member(mob, kept, hollow=hollow)
        for one, other in record["wires"]:
            mob.wires.wire(one, other)
        for identity, name, transport, endpoint, key in record["externals"]:
            mob.wires.wire_external(identity, ExternalPeer(name, transport, endpoint, bytes.fromhex(key)))
        return mob

    def _restore_member(self, mob: Mob, kept: dict[str, Any], *, hollow: bool | None) -> None:
        """Take a member up; `hollow` is None where its session lives on in this process."""
        session = self._sessions.get(kept["session_id"])
        if session is None or session.archived:
            return  # Assumption: a member whose session is lost is not shown; the server shows it as broken, but nobody saw that
        if hollow is not None:
            session.owner, session.identity, session.never_ran = mob.id, kept["identity"], hollow
        member = Member(
            mob.id,
            kept["identity"],
            kept["role"],
            kept["runtime_mode"],
            kept["profile"],
            session,
            mob.next_fence(),
            bytes.fromhex(kept["key"]),
            generation=kept["generation"],
            labels=kept["labels"],
            override=kept["override"],
            kickoff=None if kept["kickoff"] is None else Kickoff(*kept["kickoff"]),
            retiring=mob.phase == "Destroyed",
            hollow=bool(hollow),
        )
        mob.roster.add(member)


def _log_name(key: str) -> str:
    """Return where a log lies: another place for every mob, also for one that takes the id of a destroyed one."""
    return f"mob:{key}"


def _phase_of(log: MobLog) -> Phase:
    kinds = (str(cast("JsonObject", cast("JsonObject", event)["kind"])["type"]) for event in log.page(0, log.latest, strict=False))
    marks = [_MARKS[kind] for kind in kinds if kind in _MARKS]
    return cast("Phase", marks[-1]) if marks else "Running"


def _record(mob: Mob) -> JsonObject:
    members = list(mob.roster)
    wires: list[Json] = [
        [member.identity, other] for member in members for other in mob.wires.peers(member.identity) if member.identity < other
    ]
    externals: list[Json] = [
        [member.identity, name, peer.transport, peer.endpoint, peer.key.hex()]
        for member in members
        for name, peer in mob.wires.externals(member.identity).items()
    ]
    return {
        "definition": mob.definition,
        "key": mob.key,
        "destroyed": mob.phase == "Destroyed",
        "epoch": mob.epoch,
        "kicked_off": [*sorted(mob.kicked_off)],
        "runs": {run_id: run.wire() for run_id, run in mob.runs.items()},
        "members": [_member(member) for member in members],
        "wires": wires,
        "externals": externals,
    }


def _member(member: Member) -> JsonObject:
    kickoff = member.kickoff
    return {
        "identity": member.identity,
        "role": member.role,
        "runtime_mode": member.runtime_mode,
        "profile": member.profile,
        "session_id": member.session.id,
        "key": member.key.hex(),
        "generation": member.generation,
        "labels": dict(member.labels),
        "override": member.override,
        "kickoff": None if kickoff is None else [kickoff.phase, kickoff.at, kickoff.error],
    }
