"""Who is wired to whom inside a mob, and to which peers outside (spec 04, section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meerkat_mock.mob.keys import ExternalPeer


class Wires:
    """The undirected edges of one mob; whoever leaves takes its edges along."""

    def __init__(self) -> None:
        self._local: dict[str, set[str]] = {}
        self._external: dict[str, dict[str, ExternalPeer]] = {}

    def wired(self, one: str, other: str) -> bool:
        """Tell whether there is an edge between two members."""
        return other in self._local.get(one, ())

    def peers(self, identity: str) -> list[str]:
        """Return the identities that a member is wired to, sorted."""
        return sorted(self._local.get(identity, ()))

    def externals(self, identity: str) -> dict[str, ExternalPeer]:
        """Return the peers outside that a member is wired to, by name, sorted."""
        known = self._external.get(identity, {})
        return {name: known[name] for name in sorted(known)}

    def names(self, identity: str) -> list[str]:
        """Return `wired_to`: identities and names of external peers, sorted, each once."""
        return sorted(self._local.get(identity, set()) | self._external.get(identity, {}).keys())

    def external_name(self, name: str) -> bool:
        """Tell whether any member is wired to an external peer of that name."""
        return any(name in known for known in self._external.values())

    def wire(self, one: str, other: str) -> bool:
        """Add an edge; return whether it is new."""
        if self.wired(one, other):
            return False
        self._local.setdefault(one, set()).add(other)
        self._local.setdefault(other, set()).add(one)
        return True

    def unwire(self, one: str, other: str) -> bool:
        """Remove an edge; return whether there was one."""
        if not self.wired(one, other):
            return False
        self._local[one].discard(other)
        self._local[other].discard(one)
        return True

    def wire_external(self, identity: str, peer: ExternalPeer) -> bool:
        """Wire a member to a peer outside, or replace its descriptor; return whether anything changed."""
        known = self._external.setdefault(identity, {})
        if known.get(peer.name) == peer:
            return False
        known[peer.name] = peer
        return True

    def unwire_external(self, identity: str, name: str) -> bool:
        """Remove a peer outside; return whether there was one."""
        return self._external.get(identity, {}).pop(name, None) is not None

    def remove(self, identity: str) -> None:
        """Remove every edge of a member that leaves."""
        for other in self._local.pop(identity, set()):
            self._local[other].discard(identity)
        self._external.pop(identity, None)
