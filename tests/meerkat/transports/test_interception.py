"""Somebody may answer in place of a server process."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from meerkat import MeerkatClient
from meerkat.transports import interception

if TYPE_CHECKING:
    from meerkat.client import ConnectOptions
    from meerkat.transports import Transport
    from tests.meerkat.client.peer import ScriptedServer


async def test_an_interceptor_takes_the_connection_before_any_executable_is_looked_for(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEERKAT_BIN_PATH", "/nowhere/rkat-rpc")
    asked: list[ConnectOptions] = []

    def take(options: ConnectOptions) -> Transport:
        asked.append(options)
        return server.near

    def leave(options: ConnectOptions) -> None:
        asked.append(options)

    interception.push(take)
    interception.push(leave)
    try:
        client = MeerkatClient()
        connecting = asyncio.ensure_future(client.connect(realm_id="team"))
        await server.shake_hands()
        await connecting
        await client.close()
    finally:
        interception.pop(take)
        interception.pop(leave)
    assert [options.realm_id for options in asked] == ["team", "team"]
    with pytest.raises(ValueError, match="not in list"):
        interception.pop(take)
