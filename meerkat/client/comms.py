"""Comms: what a session sends to its peers, and who they are (spec 05)."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import meerkat
from meerkat.client.base import Surface, pick
from meerkat.client.parameters import wire_value

_OPTIONS = (
    "to",
    "body",
    "blocks",
    "lifecycle_kind",
    "intent",
    "params",
    "in_reply_to",
    "status",
    "result",
    "source",
    "stream",
    "allow_self_session",
    "handling_mode",
)


class Comms(Surface):
    """The methods about comms."""

    _CommsKind: TypeAlias = Literal["input", "peer_message", "peer_lifecycle", "peer_request", "peer_response"]
    _HandlingMode: TypeAlias = Literal["queue", "steer"]
    _InputSource: TypeAlias = Literal["tcp", "uds", "stdin", "webhook", "rpc"]
    _InputStreamMode: TypeAlias = Literal["none", "reserve_interaction"]
    _ResponseStatus: TypeAlias = Literal["accepted", "completed", "failed"]
    _PeerLifecycleKind: TypeAlias = Literal["mob.peer_added", "mob.peer_retired", "mob.peer_unwired"]

    async def send(
        self,
        session_id: str,
        *,
        kind: Comms._CommsKind,
        to: str | None = None,
        body: str | None = None,
        blocks: list[meerkat.ContentBlock] | None = None,
        lifecycle_kind: Comms._PeerLifecycleKind | None = None,
        intent: str | None = None,
        params: dict[str, Any] | None = None,
        in_reply_to: str | None = None,
        status: Comms._ResponseStatus | None = None,
        result: Any = None,
        source: Comms._InputSource | None = None,
        stream: Comms._InputStreamMode | None = None,
        allow_self_session: bool | None = None,
        handling_mode: Comms._HandlingMode | None = None,
    ) -> dict[str, Any]:
        """Send as a session (`comms/send`); which of the rest belongs to which `kind` is in spec 05.

        Raises `MeerkatError` with the server's own codes, such as `peer_not_found_or_not_trusted`.
        """
        return await self._request("comms/send", {"session_id": session_id, "kind": kind, **wire_value(pick(locals(), *_OPTIONS))})

    async def peers(self, session_id: str) -> dict[str, Any]:
        """Return the peers that a session can reach (`comms/peers`)."""
        return await self._request("comms/peers", {"session_id": session_id})
