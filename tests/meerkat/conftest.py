"""Every test of a client whose server is scripted runs twice: as declared, and under many lawful orders of delivery.

`test_x[declared]` gets lines as they are sent, many in one read; `test_x[explored]` runs under `RUNS` orders by seed, each line by itself
(a module of long tests may have fewer `RUNS` of its own), and a failure says which swap matters and how to repeat it. A test that means
something in the declared order alone says why:

    @pytest.mark.declared_only("nothing is sent but one line")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.meerkat.client.peer import ScriptedServer, connected, created

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from meerkat import MeerkatClient, Session
    from meerkat_mock.delivery import Order
    from tests.meerkat.client.peer import Delivery

RUNS = 12
DECLARED = "declared"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "declared_only(why): this test is not run under other lawful orders of delivery")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "delivery" in metafunc.fixturenames:
        runs = getattr(metafunc.module, "RUNS", RUNS)
        explored = pytest.param("explored", marks=pytest.mark.meerkat_mock(delivery="explore", runs=runs))
        only = metafunc.definition.get_closest_marker("declared_only")
        metafunc.parametrize("delivery", [DECLARED, explored] if only is None else [DECLARED], indirect=True)


@pytest.fixture
def delivery(request: pytest.FixtureRequest, meerkat_order: Order) -> Delivery:
    """How lines reach the client, as `MeerkatMock(delivery=)` and `ScriptedServer` take it."""
    return DECLARED if request.param == DECLARED else meerkat_order


@pytest.fixture
def server(delivery: Delivery) -> ScriptedServer:
    return ScriptedServer(delivery)


@pytest.fixture
async def client(server: ScriptedServer) -> AsyncIterator[MeerkatClient]:
    client = await connected(server)
    yield client
    await client.close()


@pytest.fixture
async def session(server: ScriptedServer, client: MeerkatClient) -> Session:
    return await created(server, client)
