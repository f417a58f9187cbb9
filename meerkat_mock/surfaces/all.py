"""The surfaces of one runtime, built once: the only place that knows all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from meerkat_mock.session.book import SessionBook
from meerkat_mock.surfaces.approvals import Approvals
from meerkat_mock.surfaces.artifacts import Artifacts
from meerkat_mock.surfaces.auth import Auth
from meerkat_mock.surfaces.comms import Comms
from meerkat_mock.surfaces.config import Config
from meerkat_mock.surfaces.core import Core
from meerkat_mock.surfaces.help import Help
from meerkat_mock.surfaces.live import Live
from meerkat_mock.surfaces.mcp import Mcp
from meerkat_mock.surfaces.mobs import Mobs, MobWorld
from meerkat_mock.surfaces.mobs_connections import MobConnections
from meerkat_mock.surfaces.mobs_flows import MobFlows
from meerkat_mock.surfaces.mobs_members import MobMembers
from meerkat_mock.surfaces.mobs_work import MobWork
from meerkat_mock.surfaces.models import Models
from meerkat_mock.surfaces.profiles import Profiles
from meerkat_mock.surfaces.runtime import Host
from meerkat_mock.surfaces.schedules import Schedules
from meerkat_mock.surfaces.sessions import Sessions
from meerkat_mock.surfaces.skills import Skills
from meerkat_mock.surfaces.streams import Streams
from meerkat_mock.surfaces.tools import Tools
from meerkat_mock.surfaces.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meerkat_mock.runtime import Runtime


@dataclass(eq=False)
class Surfaces:
    """One object per surface, by its name."""

    core: Core
    config: Config
    runtime: Host
    models: Models
    artifacts: Artifacts
    approvals: Approvals
    skills: Skills
    auth: Auth
    mcp: Mcp
    help: Help
    sessions: Sessions
    turns: Turns
    streams: Streams
    tools: Tools
    schedules: Schedules
    comms: Comms
    mobs: Mobs
    mob_connections: MobConnections
    mob_members: MobMembers
    mob_work: MobWork
    mob_flows: MobFlows
    profiles: Profiles
    live: Live

    def everything(self) -> Iterable[object]:
        """Return every surface."""
        return vars(self).values()


def surfaces_of(runtime: Runtime) -> Surfaces:
    """Build the surfaces of a runtime."""
    config = Config(runtime)
    book = SessionBook(runtime)
    sessions = Sessions(book)
    mob_world = MobWorld(book)
    mob_members = MobMembers(mob_world)
    return Surfaces(
        core=Core(),
        config=config,
        runtime=Host(runtime, config),
        models=Models(runtime, config),
        artifacts=Artifacts(runtime),
        approvals=Approvals(runtime),
        skills=Skills(runtime, config),
        auth=Auth(runtime, config),
        mcp=Mcp(runtime, book),
        help=Help(sessions, runtime.clock),
        sessions=sessions,
        turns=Turns(book),
        streams=Streams(book),
        tools=Tools(),
        schedules=Schedules(runtime, book),
        comms=Comms(book, mob_world.directory),
        mobs=Mobs(mob_world),
        mob_connections=MobConnections(mob_world),
        mob_members=mob_members,
        mob_work=MobWork(mob_world, mob_members),
        mob_flows=MobFlows(mob_world),
        profiles=Profiles(runtime),
        live=Live(runtime, book, config),
    )
