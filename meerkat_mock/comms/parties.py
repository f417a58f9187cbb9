"""Who takes part: sessions with comms, members of mobs, and peers outside, each as the others see it (spec 05, sections 7.1 and 7.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from meerkat_mock.mob.keys import key_of, peer_id_of
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.comms import PeerDirectoryEntry, PeerDirectorySource, PeerReachability, PeerReachabilityReason, PeerSendability
    from meerkat.wire.sessions import PeerMeta
    from meerkat_mock.mob.keys import ExternalPeer
    from meerkat_mock.mob.peers import Directory
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.state import Session

Transport = Literal["inproc", "uds", "tcp"]
_ALL_KINDS: Final[tuple[PeerSendability, ...]] = ("peer_message", "peer_request", "peer_response")
_TRANSPORTS: Final[dict[str, Transport]] = {"inproc": "inproc", "uds": "uds", "tcp": "tcp"}


@dataclass(frozen=True)
class Party:
    """Somebody who can be written to. `session` is None for a peer outside, whom nobody here can reach."""

    peer_id: str
    name: str
    transport: Transport
    endpoint: str
    source: PeerDirectorySource
    session: Session | None = None
    answers: bool = True
    """True when requests can be asked of it, and answered."""
    meta: PeerMeta = field(default_factory=lambda: _no_meta())


def _no_meta() -> PeerMeta:
    return {}


class Parties:
    """Finds sessions with comms, and their peers."""

    def __init__(self, sessions: SessionBook, directory: Directory) -> None:
        self._sessions = sessions
        self._directory = directory
        self._silenced: set[str] = set()
        """Sessions whose comms a steering input has ended."""
        self._failures: dict[tuple[str, str], PeerReachabilityReason] = {}
        """Why the last send of a session to a peer failed."""

    def session(self, locator: str) -> Session:
        """Return the session with comms that a parameter names. Raises `Fault` -32602."""
        session_id = self._sessions.id_of(locator)
        session = self._sessions.get(session_id)
        if session is not None and session.archived and session.owner is None:
            raise Fault(-32602, f"Session is archived: {session_id}")
        if session is None or not self._has_comms(session):
            raise Fault(-32602, f"Session not found or comms not enabled: {session_id}")
        return session

    def _has_comms(self, session: Session) -> bool:
        """Tell whether a session has comms: they live and die with its agent, and a member's with its membership."""
        if session.owner is not None:
            return not session.archived and self.is_member(session)
        named = session.options.comms_name is not None
        return named and session.live is not None and not session.archived and session.id not in self._silenced

    def is_member(self, session: Session) -> bool:
        """Tell whether a session is that of a mob member."""
        return self._directory.member_of(session) is not None

    def silence(self, session: Session) -> None:
        """End the comms of a session for good."""
        self._silenced.add(session.id)

    # ---- peers -----------------------------------------------------------------------------------------------------------------------

    def me(self, session: Session) -> Party:
        """Return a session as its peers see it."""
        member = self._directory.member_of(session)
        if member is not None:
            return Party(member.peer_id, member.comms_name, "inproc", member.comms_name, "trusted_and_inproc", session)
        name = session.options.comms_name or session.id
        meta: PeerMeta = {}
        given = session.options.peer_meta or {}
        if isinstance(description := given.get("description"), str):
            meta["description"] = description
        if isinstance(labels := given.get("labels"), dict):
            meta["labels"] = {key: str(value) for key, value in labels.items()}
        return Party(peer_id_of(key_of(f"session:{session.id}")), name, "inproc", name, "inproc", session, answers=False, meta=meta)

    def peers(self, session: Session) -> list[Party]:
        """Return whom a session can write to: those it is wired to, and everybody here if no trust is asked for."""
        return [*self._wired(session), *self._around(session)]

    def _wired(self, session: Session) -> Iterator[Party]:
        peers = self._directory.peers_of(session)
        for member in peers.members if peers is not None else ():
            yield self.me(member.session)
        for external in peers.externals if peers is not None else ():
            yield _outside(external)

    def _around(self, session: Session) -> Iterator[Party]:
        """Yield the other sessions with a comms name. Assumption: they are one namespace, and mobs are others."""
        trust = self._sessions.surroundings.config_object("comms").get("require_peer_auth", True)
        if trust is not False or session.owner is not None:
            return
        for other in self._sessions:
            if other is not session and other.owner is None and self._has_comms(other):
                yield self.me(other)

    def entry(self, session: Session, peer: Party) -> PeerDirectoryEntry:
        """Return how a peer is listed for a session."""
        failure = self._failures.get((session.id, peer.peer_id))
        known: PeerReachability = "unknown" if peer.session is None else "reachable"
        return {
            "peer_id": peer.peer_id,
            "name": peer.name,
            "address": {"transport": peer.transport, "endpoint": peer.endpoint},
            "source": peer.source,
            "sendable_kinds": list(_ALL_KINDS if peer.answers else _ALL_KINDS[:1]),
            "capabilities": {"version": 1, "extensions": {}},
            "reachability": known if failure is None else "unreachable",
            "last_unreachable_reason": failure,
            "meta": peer.meta,
        }

    def tried(self, session: Session, peer: Party, failure: PeerReachabilityReason | None) -> None:
        """Remember how a send went."""
        if failure is None:
            self._failures.pop((session.id, peer.peer_id), None)
        else:
            self._failures[session.id, peer.peer_id] = failure


def _outside(external: ExternalPeer) -> Party:
    transport = _TRANSPORTS[external.transport]
    return Party(peer_id_of(external.key), external.name, transport, external.endpoint, "trusted")
