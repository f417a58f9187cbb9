"""Every test of a client runs under lawful orders of delivery, or says why not; and one that needs an unpromised order is caught."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

pytest_plugins = ["pytester"]
HERE = Path(__file__).parent
NO_CLIENT = ("conftest.py", "client/peer.py", "transports/test_memory.py")
"""Where servers are made for all tests, and where bytes are moved of which no client makes lines."""
SERVED = {"server", "client", "session", "delivery"}
"""Fixtures that bring the order of delivery with them."""


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(HERE.rglob("*.py")):
        name = path.relative_to(HERE).as_posix()
        if name not in NO_CLIENT:
            yield name, ast.parse(path.read_text("utf-8"))


def unexplored(node: ast.AST) -> Iterator[str]:
    """Yield what gets around the order of delivery of its test, or has an order of its own without a reason."""
    if isinstance(node, ast.Call):
        yield from around(node, ast.unparse(node.func).rpartition(".")[2])
    decorators = getattr(node, "decorator_list", [])
    alone = any("declared_only" in ast.unparse(each) for each in decorators)
    for child in decorators if alone else ast.iter_child_nodes(node):
        yield from unexplored(child)


def around(call: ast.Call, name: str) -> Iterator[str]:
    place = f"line {call.lineno}: {ast.unparse(call)}"
    if name in ("ScriptedServer", "memory_pair"):
        yield f"{place}: take the fixture `server`, or `server.another()`"
    if name == "MeerkatMock" and "delivery=delivery" not in [ast.unparse(each) for each in call.keywords]:
        yield f"{place}: give it `delivery=delivery`, from the fixture"
    if name in ("arrived", "declared_only") and not (call.args and isinstance(call.args[0], ast.Constant) and call.args[0].value):
        yield f"{place}: say why the order matters"


def test_no_test_of_a_client_gets_around_the_order_of_delivery() -> None:
    assert [f"{name}, {found}" for name, module in modules() for found in unexplored(module)] == []


def test_the_check_sees_what_gets_around() -> None:
    module = ast.parse(
        "async def test_a():\n    MeerkatMock(strict=False)\n    MeerkatMock(delivery='declared')\n    peer.ScriptedServer('declared')\n"
        "    await server.arrived('')\n    await server.arrived('a reason')\n    MeerkatMock(delivery=delivery)\n"
        "@pytest.mark.declared_only('a reason')\nasync def test_b():\n    MeerkatMock()\n"
        "@pytest.mark.declared_only()\nasync def test_c():\n    MeerkatMock()\n"
    )
    assert [found.split(":")[0] for found in unexplored(module)] == ["line 2", "line 3", "line 4", "line 5", "line 11"]


def served_by_order(module: ast.Module) -> bool:
    return any(isinstance(node, ast.arg) and node.arg in SERVED for node in ast.walk(module))


def excused(module: ast.Module) -> set[str]:
    """Return the names of the tests that say why they are not explored."""
    tests = (node for node in module.body if isinstance(node, (ast.AsyncFunctionDef, ast.FunctionDef)))
    return {test.name for test in tests if any("declared_only" in ast.unparse(each) for each in test.decorator_list)}


def test_all_tests_of_streams_that_are_collected_run_both_ways() -> None:
    found = [(name, module) for name, module in modules() if served_by_order(module)]
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *(str(HERE / name) for name, _ in found)]
    environment = {**os.environ, "PYTEST_ADDOPTS": ""}  # where a second -q would leave numbers of tests alone
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=HERE.parents[1], env=environment).stdout
    tests = {line.removeprefix("tests/meerkat/") for line in told.splitlines() if "::" in line}
    declared = {test for test in tests if "[declared" in test}
    alone = {test for test in declared if test.replace("[declared", "[explored") not in tests}
    assert {test.partition("::")[2].partition("[")[0] for test in alone} <= set().union(*(excused(module) for _, module in found))
    for name in ("test_streaming", "test_live_connection", "client/test_subscriptions", "client/test_callbacks", "client/test_no_hang"):
        assert any(test.startswith(f"{name}.py::") for test in declared - alone)
    assert len(declared - alone) > 250


SENSITIVE = """
import asyncio
import pytest
from tests.meerkat.client.peer import SESSION

async def wants_the_event_before_the_answer(server, client):
    opening = asyncio.ensure_future(client.subscribe_session_events(SESSION))
    await server.answer(await server.next("session/stream_open"), {"stream_id": "s", "opened": True})
    subscription, heard = await opening, []

    async def follow():
        async for item in subscription:
            heard.append(item.payload.delta)

    following = asyncio.ensure_future(follow())
    asking = asyncio.ensure_future(client.get_runtime_host_health())
    request = await server.next("runtime/health")
    event = server.envelope(SESSION, "text_delta", 1, {"delta": "a"})
    await server.send({"method": "session/stream_event", "params": {"stream_id": "s", "sequence": 1, "event": event}})
    await server.answer(request, {"status": "ok"})
    await asking
    following.cancel()
    assert heard == ["a"]

async def test_found(server, client):
    await wants_the_event_before_the_answer(server, client)

@pytest.mark.meerkat_mock(delivery="order 0:1")
async def test_repeated(server, client):
    await wants_the_event_before_the_answer(server, client)
"""


def test_a_client_that_needs_an_unpromised_order_is_caught_with_the_swap_and_how_to_repeat_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE.parents[1]))
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(SENSITIVE)
    outcome = pytester.runpytest_subprocess("-p", "tests.meerkat.conftest", "-p", "no:cacheprovider")
    outcome.assert_outcomes(passed=2, failed=2)
    told = ["*meerkat_mock: delivery*", "the answer to request * came before text_delta of stream s", 'repeat it with delivery="order 0:1"']
    outcome.stdout.fnmatch_lines(["*test_found?explored? _*", *told, "*test_repeated?explored? _*", *told])
