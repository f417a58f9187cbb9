"""Where something happens, in the words of a fault's `when`: of which session, of which member of which mob, on which live channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.wire.base import Json
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.scenario.models.faults import When


@dataclass(frozen=True)
class Names:
    """The names by which a scenario may mean a session: those of its scripts of `sessions`, and of `live`."""

    scripts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """What is known of where a line belongs; nothing is known of most lines that belong to no session."""

    session: str | None = None
    member: str | None = None
    """Its identity."""
    mob: str | None = None
    """The id of its definition."""
    names: Names = Names()

    def fits(self, when: When) -> bool:
        """Tell whether this is where a fault should strike, turn, round and events aside."""
        return (
            (when.session is None or when.session in (self.session, *self.names.scripts))
            and when.member in (None, self.member)
            and when.mob in (None, self.mob)
            and (when.channel is None or when.channel in self.names.channels)
        )


NOWHERE = Place()


class Places:
    """Finds places in one process. `names_of` gives the names of a session, given its id."""

    def __init__(self, runtime: Runtime, names_of: Callable[[str], Names]) -> None:
        self._runtime = runtime
        self._names_of = names_of

    def of_session(self, session: str | None) -> Place:
        """Return the place that a session is."""
        if session is None:
            return NOWHERE
        found = self._runtime.surfaces.sessions.book.get(session)
        identity, owner = (found.identity, found.owner) if found is not None else (None, None)
        return Place(session, identity, owner, self._names_of(session))

    def of_params(self, params: object) -> Place:
        """Return the place that the params of a request name: a session, a channel, a member, or a mob as a whole."""
        if not isinstance(params, dict):
            return NOWHERE
        given = cast("dict[str, Json]", params)
        mob, member, channel = given.get("mob_id"), given.get("agent_identity"), given.get("channel_id")
        if isinstance(mob, str) and isinstance(member, str):
            return self._of_member(mob, member)
        if isinstance(mob, str):
            return Place(mob=mob)
        session = self._runtime.surfaces.live.channels.session_of(channel) if isinstance(channel, str) else given.get("session_id")
        return self.of_session(session if isinstance(session, str) else None)

    def _of_member(self, mob: str, identity: str) -> Place:
        there = self._runtime.surfaces.mobs.world.find(mob)
        member = there.roster.get(identity) if there is not None else None
        return Place(mob=mob, member=identity) if member is None else self.of_session(member.session.id)
