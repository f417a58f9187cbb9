"""`MeerkatClient`: all surfaces of the contract on one connection. What each method does is in the module of its surface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat._side_doors import side_door
from meerkat.client.approvals import Approvals
from meerkat.client.artifacts import Artifacts
from meerkat.client.auth import Auth
from meerkat.client.comms import Comms
from meerkat.client.config import Config
from meerkat.client.lifecycle import Lifecycle
from meerkat.client.live import Live
from meerkat.client.mcp import Mcp
from meerkat.client.mob_members import MobMembers
from meerkat.client.mobs import Mobs
from meerkat.client.models import Models
from meerkat.client.options import ConnectOptions, Limits
from meerkat.client.profiles import Profiles
from meerkat.client.runtime import Runtime
from meerkat.client.schedules import Schedules
from meerkat.client.sessions import Sessions
from meerkat.client.skills import Skills
from meerkat.client.streams import Streams
from meerkat.client.turns import Turns
from meerkat.mob_types import RenderClass, RenderMetadata, RenderSalience

__all__ = ["ConnectOptions", "Limits", "MeerkatClient", "RenderClass", "RenderMetadata", "RenderSalience"]

if not TYPE_CHECKING:
    __getattr__ = side_door(__name__)


class MeerkatClient(
    Lifecycle,
    Sessions,
    Turns,
    Streams,
    Config,
    Models,
    Runtime,
    Schedules,
    Approvals,
    Artifacts,
    Skills,
    Mcp,
    Comms,
    Auth,
    Live,
    Mobs,
    MobMembers,
    Profiles,
):
    """A client of one rkat-rpc server.

    async with MeerkatClient() as client:
        session = await client.create_session("Hello")
        print(session.text)
    """
