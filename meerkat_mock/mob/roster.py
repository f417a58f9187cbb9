"""The members of a mob and how they are listed (spec 04, sections 3.3, 3.4, 5.5 and 6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast

from meerkat_mock.mob.keys import peer_id_of, written_key
from meerkat_mock.mob.refs import member_ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.mob.kickoff import Kickoff
    from meerkat_mock.mob.wires import Wires
    from meerkat_mock.session.state import Session

RuntimeMode = Literal["autonomous_host", "turn_driven"]

UNKNOWN: JsonObject = {"status": "unknown", "output_preview": None, "error": None, "tokens_used": 0, "is_final": True}
"""The status of an identity that the roster does not hold: no error (spec 04, section 12.1)."""


@dataclass(eq=False)
class Member:
    """One life of a member: a respawn makes a new one of the next generation."""

    mob_id: str
    identity: str
    role: str
    runtime_mode: RuntimeMode
    profile: JsonObject
    session: Session
    fence: int
    key: bytes
    generation: int = 0
    labels: dict[str, str] = field(default_factory=lambda: {})
    override: JsonObject | None = None
    """The profile that replaces the role's, kept over a respawn."""
    kickoff: Kickoff | None = None
    retiring: bool = False
    hollow: bool = False
    """True for a member of an earlier process: it is listed, but nothing reaches its model (spec 04, section 0)."""
    kickoff_cut: bool = False
    """True once stop or retire has cut its kickoff: the end of its turn settles nothing any more."""
    failures: int = 0
    """Turns in a row that a mob has driven and that failed."""
    retire_refused: bool = False
    """True once an older mob has retired a member of the same name and generation (spec 04, section 0)."""
    turn_start_failed: bool = False
    """True after a `mob/turn_start` that failed and before one that revived it: ending it kills the mob (spec 04, section 0)."""

    @property
    def autonomous(self) -> bool:
        """Tell whether it keeps itself alive."""
        return self.runtime_mode == "autonomous_host"

    @property
    def addressable(self) -> bool:
        """Tell whether anybody outside may send to it."""
        return self.profile["external_addressable"] is True

    @property
    def ref(self) -> str:
        """Return its token."""
        return member_ref(self.mob_id, self.identity)

    @property
    def peer_id(self) -> str:
        """Return its id as a peer."""
        return peer_id_of(self.key)

    @property
    def comms_name(self) -> str:
        """Return its name as a peer."""
        return f"{self.mob_id}/{self.role}/{self.identity}"

    @property
    def status(self) -> str:
        """Return its status."""
        return "retiring" if self.retiring else "active"

    def receipt(self) -> JsonObject:
        """Return what names it."""
        return {"agent_identity": self.identity, "member_ref": self.ref}

    def entry(self, wires: Wires) -> JsonObject:
        """Return its entry in `mob/members`."""
        entry: JsonObject = {
            "agent_identity": self.identity,
            "member_ref": self.ref,
            "role": self.role,
            "runtime_mode": self.runtime_mode,
            "state": self.status,
        }
        if names := wires.names(self.identity):
            entry["wired_to"] = cast("list[Json]", names)
        if self.labels:
            entry["labels"] = dict(self.labels)
        return {**entry, "status": self.status, "is_final": False}

    def roster_entry(self, wires: Wires) -> JsonObject:
        """Return its entry in `mob/snapshot`, which is spelled otherwise."""
        entry: JsonObject = {
            "agent_identity": self.identity,
            "role": self.role,
            "runtime_mode": self.runtime_mode,
            "state": self.status.capitalize(),
            "wired_to": cast("list[Json]", wires.names(self.identity)),
            "status": self.status,
            "is_final": False,
            "peer_id": self.peer_id,
            "transport_public_key": written_key(self.key),
        }
        if self.labels:
            entry["labels"] = dict(self.labels)
        if self.kickoff is not None:
            entry["kickoff"] = self.kickoff.wire()
        if externals := wires.externals(self.identity):
            entry["external_peer_specs"] = {name: peer.wire() for name, peer in externals.items()}
        return entry

    def state(self, wires: Wires) -> JsonObject:
        """Return the answer of `mob/member_status`; of a retiring one little is known (spec 04, section 5.4)."""
        session = self.session
        state: JsonObject = {
            "status": self.status,
            "output_preview": None if self.retiring or self.hollow else session.last_assistant_text or None,
            "error": None,
            "tokens_used": 0 if self.retiring or self.hollow else session.total_tokens,
            "is_final": False,
            "current_session_id": session.id,
        }
        if (session.live is not None or self.hollow) and not self.retiring:
            peers, externals = len(wires.peers(self.identity)), len(wires.externals(self.identity))
            state["peer_connectivity"] = {
                "reachable_peer_count": 0 if self.hollow else peers,
                "unknown_peer_count": peers + externals if self.hollow else externals,
                "unreachable_peers": [],
            }
        if self.kickoff is not None:
            state["kickoff"] = self.kickoff.wire()
        return state


class Roster:
    """The members by identity."""

    def __init__(self) -> None:
        self._members: dict[str, Member] = {}

    def __iter__(self) -> Iterator[Member]:
        """Return the members in the order of their identities."""
        return iter([self._members[identity] for identity in sorted(self._members)])

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, identity: str) -> bool:
        return identity in self._members

    def get(self, identity: str) -> Member | None:
        """Return a member, None when there is none of that identity."""
        return self._members.get(identity)

    def add(self, member: Member) -> None:
        """Take a member up."""
        self._members[member.identity] = member

    def remove(self, member: Member) -> None:
        """Let a member go; a later life of the same identity stays."""
        if self._members.get(member.identity) is member:
            del self._members[member.identity]

    def of_role(self, role: str) -> list[Member]:
        """Return the active members of a role in the order of their identities."""
        return [member for member in self if member.role == role and not member.retiring]
