from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.meerkat.client.peer import ScriptedServer, connected, created

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meerkat import MeerkatClient, Session


@pytest.fixture
def server() -> ScriptedServer:
    return ScriptedServer()


@pytest.fixture
async def client(server: ScriptedServer) -> AsyncIterator[MeerkatClient]:
    client = await connected(server)
    yield client
    await client.close()


@pytest.fixture
async def session(server: ScriptedServer, client: MeerkatClient) -> Session:
    return await created(server, client)
