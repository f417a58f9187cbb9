"""Streams: the events of one turn with its result, and subscriptions to whatever happens in a session or a mob."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat._side_doors import side_door
from meerkat.rpc.framing import LINE_LIMIT_BYTES as RPC_STDOUT_LIMIT_BYTES
from meerkat.streaming.subscription import EventSubscription
from meerkat.streaming.turn import EventStream

__all__ = ["RPC_STDOUT_LIMIT_BYTES", "EventStream", "EventSubscription"]

if not TYPE_CHECKING:
    __getattr__ = side_door(__name__)
