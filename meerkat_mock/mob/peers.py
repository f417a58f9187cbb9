"""Who can talk to whom: the directory that the comms surface asks about members and their wires (spec 04, section 9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from meerkat_mock.mob.mob import home_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat_mock.mob.keys import ExternalPeer
    from meerkat_mock.mob.mob import Mob, MobBook
    from meerkat_mock.mob.roster import Member
    from meerkat_mock.session.state import Session


@dataclass(frozen=True)
class Peers:
    """What one member sees of the others."""

    me: Member
    members: tuple[Member, ...]
    """The members it is wired to, by identity."""
    externals: tuple[ExternalPeer, ...]
    """The peers outside that it is wired to, by name."""

    def find(self, peer_id: str) -> Member | None:
        """Return the wired member with that peer id."""
        return next((member for member in self.members if member.peer_id == peer_id), None)


class Directory:
    """Answers for the members of all mobs."""

    def __init__(self, books: Sequence[MobBook]) -> None:
        self._books = books

    def member_of(self, session: Session) -> Member | None:
        """Return the member whose session this is, None for an ordinary session or a member that has left."""
        mob = self._mob_of(session)
        member = mob.roster.get(session.identity or "") if mob is not None else None
        return member if member is not None and member.session is session else None

    def peers_of(self, session: Session) -> Peers | None:
        """Return whom a member's session is wired to, None when it is no member's."""
        mob, member = self._mob_of(session), self.member_of(session)
        if mob is None or member is None:
            return None
        wired = (mob.roster.get(identity) for identity in mob.wires.peers(member.identity))
        return Peers(member, tuple(peer for peer in wired if peer is not None), tuple(mob.wires.externals(member.identity).values()))

    def _mob_of(self, session: Session) -> Mob | None:
        return home_of(self._books, session.id, session.owner, session.identity)
