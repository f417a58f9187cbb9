"""Mobs as each connection of a process knows them (spec 04, section 0, row TCP).

The connection that asks for mobs first has the state of the process. Every other one takes up what is kept of the mobs at its own first
`mob/*` call and goes its own way from there: what another connection makes, changes or destroys afterwards it does not see. Realm profiles
are shared. Assumption: members that run in this process are not hollow for a second connection, as they would be after a restart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from meerkat_mock.surfaces.mobs import Mobs, MobWorld
from meerkat_mock.surfaces.mobs_flows import MobFlows
from meerkat_mock.surfaces.mobs_members import MobMembers
from meerkat_mock.surfaces.mobs_work import MobWork
from meerkat_mock.surfaces.registry import Handlers

if TYPE_CHECKING:
    from meerkat_mock.connection import Connection
    from meerkat_mock.surfaces.registry import Handler

_SHARED: Final = "mob/profile/"


class MobConnections:
    """Which mobs a connection means."""

    def __init__(self, first: MobWorld) -> None:
        self._first = first
        self._owner: int | None = None
        """The number of the connection that has the state of the process."""
        self._others: dict[int, tuple[MobWorld, Handlers]] = {}
        first.runtime.at_connection_end(self._forget)

    def handler(self, method: str, connection: Connection) -> Handler | None:
        """Return the handler of a method on this connection's own mobs, None where the process's is meant."""
        if not method.startswith("mob/") or method.startswith(_SHARED) or not self._first.runtime.quirks.on("mobs_per_connection"):
            return None
        if self._owner is None:
            self._owner = connection.number
        if connection.number == self._owner:
            return None
        other = self._others.get(connection.number)
        if other is None:
            other = self._others[connection.number] = self._made()
        return other[1].get(method)

    def _forget(self, connection: Connection) -> None:
        """Let go of the state of a connection; what is kept of its mobs is there for the next one."""
        if (other := self._others.pop(connection.number, None)) is not None:
            other[0].leave()

    def _made(self) -> tuple[MobWorld, Handlers]:
        world = MobWorld(self._first.sessions, self._first)
        members = MobMembers(world)
        return world, Handlers((Mobs(world), members, MobWork(world, members), MobFlows(world)))
