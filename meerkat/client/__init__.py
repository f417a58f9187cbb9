"""`MeerkatClient`: all surfaces of the contract on one connection. What each method does is in the module of its surface."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat.client.lifecycle import Lifecycle
from meerkat.client.options import ConnectOptions, Limits
from meerkat.client.sessions import Sessions
from meerkat.client.streams import Streams
from meerkat.client.turns import Turns

__all__ = ["ConnectOptions", "Limits", "MeerkatClient"]


class MeerkatClient(Lifecycle, Sessions, Turns, Streams):
    """A client of one rkat-rpc server.

    async with MeerkatClient() as client:
        session = await client.create_session("Hello")
        print(session.text)
    """
