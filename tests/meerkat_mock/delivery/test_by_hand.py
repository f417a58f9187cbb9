"""Lawful delivery for what the mock does not make: servers scripted by hand, and any connection of a client."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from meerkat import ConnectionLostError, MeerkatClient
from meerkat.transports.memory import memory_pair
from meerkat_mock.delivery import InterleavedTransport, Replayed, Seeded, Sorter, reordered
from meerkat_mock.delivery.lines import channel_of, name_of
from meerkat_mock.mock import MeerkatMock

if TYPE_CHECKING:
    from meerkat.wire.base import Json

pytest_plugins = ["pytester"]


def line(**message: Json) -> bytes:
    return json.dumps(message).encode() + b"\n"


EVENT = line(method="session/event", params={"session_id": "s", "event": {"payload": {"type": "text_delta"}}})
ANSWER = line(id=1, result={})


# ---- any connection of a client ------------------------------------------------------------------------------------------------------


async def test_any_connection_can_have_its_lines_in_another_order() -> None:
    near, far = memory_pair()
    client_end = reordered(near, Replayed({0: 1}))
    await far.send(EVENT + ANSWER)
    assert await client_end.receive() == ANSWER
    assert await client_end.receive() == EVENT
    await client_end.send(b"x\n")
    assert await far.receive() == b"x\n"
    await client_end.close()
    assert await far.receive() == b""
    assert await client_end.receive() == b""


async def test_what_came_before_the_end_is_delivered_before_it() -> None:
    near, far = memory_pair()
    client_end = reordered(near, Replayed({}))
    await far.send(EVENT + ANSWER + b"half a line")
    await far.close()
    got = b""
    while data := await client_end.receive():
        got += data
    assert got == EVENT + ANSWER + b"half a line"
    await client_end.close()


async def test_a_connection_that_breaks_is_told_after_what_came_before() -> None:
    near, far = memory_pair()
    client_end = reordered(near, Replayed({}))
    await far.send(EVENT)
    assert await client_end.receive() == EVENT
    far.reset()
    with pytest.raises(ConnectionResetError):
        await client_end.receive()
    await client_end.close()


async def test_a_whole_client_talks_over_a_connection_that_is_wrapped() -> None:
    for seed in range(10):
        order = Seeded(seed)
        mock = MeerkatMock()
        async with MeerkatClient(transport=reordered(mock.start().connect(), order)) as client:
            session = await client.create_session('@script[{"say":["a ","b"]}]')
            turns = asyncio.gather(client.get_config(), session.stream('@script[{"say":["c ","d"]}]').collect_text())
            assert (await turns)[1][0] == "c d"
        assert order.decisions
        mock.stop()


async def test_a_wrapped_connection_that_is_lost_fails_what_waits() -> None:
    near, far = memory_pair()
    client = MeerkatClient(transport=reordered(near, Seeded(1)))
    connecting = asyncio.ensure_future(client.connect())
    await far.receive()
    far.reset()
    with pytest.raises(ConnectionLostError):
        await connecting
    await client.close()


# ---- a server that is scripted by hand -----------------------------------------------------------------------------------------------


async def test_a_server_can_wait_until_all_is_delivered() -> None:
    near, far = memory_pair()
    transport = InterleavedTransport(far, Sorter(Replayed({0: 1})))
    await transport.send(EVENT + ANSWER)
    assert near._in.chunks == []
    await transport.delivered()
    await transport.send(EVENT)
    await transport.delivered()
    assert near._in.chunks == [ANSWER, EVENT, EVENT]
    near.reset()
    await transport.send(EVENT)
    await transport.delivered()
    with pytest.raises(ConnectionError):
        await transport.send(EVENT)


async def test_what_is_held_is_lost_when_the_server_breaks_the_connection() -> None:
    near, far = memory_pair()
    transport = InterleavedTransport(far, Sorter(Replayed({})))
    noted: list[str] = []
    transport.announce(len(EVENT), lambda: noted.append("event"))
    await transport.send(EVENT)
    transport.reset()
    await transport.delivered()
    assert noted == ["event"], "it was written, and so is in the journal"
    with pytest.raises(ConnectionResetError):
        await near.receive()


@pytest.mark.parametrize(
    ("message", "channel"),
    [
        ({"id": 12, "result": {}}, ("answer", "12")),
        ({"id": 12, "error": {}}, ("answer", "12")),
        ({"id": "srv-1", "result": {}}, ("answer", '"srv-1"')),
        ({"id": 'a"b\\ä', "result": {}}, ("answer", json.dumps('a"b\\ä'))),
        ({"method": "session/event", "params": {"session_id": "s", "event": {}}}, ("session/event", "s")),
        ({"method": "session/event", "params": {"session_id": 'ä"', "event": {}}}, ("session/event", 'ä"')),
        ({"method": "session/event", "params": {"event": {}, "session_id": "s"}}, ("session/event", "s")),
        ({"method": "session/stream_event", "params": {"stream_id": "t", "event": {}}}, ("stream", "t")),
        ({"method": "mob/stream_event", "params": {"stream_id": "t", "event": {}}}, ("stream", "t")),
        ({"method": "mob/stream_end", "params": {"stream_id": "t", "outcome": "remote_end"}}, ("stream", "t")),
        ({"id": "srv-1", "method": "tool/execute", "params": {"name": "look"}}, ("callbacks", "")),
        ({"method": "initialized", "params": {}}, ("other", "")),
    ],
)
def test_the_channel_of_a_line_does_not_depend_on_how_it_is_written(message: dict[str, Json], channel: tuple[str, str]) -> None:
    compact = json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")).encode()
    assert channel_of(compact) == channel_of(json.dumps(message).encode()) == channel


def test_a_line_too_deep_to_be_read_is_no_message() -> None:
    assert (channel_of(b"[" * 100_000), name_of(b"[" * 100_000)) == (("junk", ""), "a line that is no message")


FILE = """
import pytest
from meerkat.transports.memory import memory_pair
from meerkat_mock.delivery import Declared, InterleavedTransport, Sorter

SEEN = []

async def lines_in(order, data):
    near, far = memory_pair()
    server = InterleavedTransport(far, Sorter(order))
    await server.send(data)
    await server.delivered()
    return await near.receive()

TWO = b'{"method": "session/event", "params": {"session_id": "s", "event": {"type": "text_delta"}}}\\n{"id": 1, "result": {}}\\n'
"""


def run(pytester: pytest.Pytester, text: str) -> pytest.RunResult:
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(FILE + text)
    return pytester.runpytest_inprocess("-p", "no:cacheprovider")


def test_the_fixture_gives_the_order_that_the_marker_asks_for(pytester: pytest.Pytester) -> None:
    text = """
@pytest.mark.meerkat_mock(delivery="explore", runs=7)
async def test_explored(meerkat_order):
    SEEN.append(await lines_in(meerkat_order, TWO))

@pytest.mark.meerkat_mock(delivery="explore")
async def test_nothing_can_overtake(meerkat_order):
    SEEN.append(await lines_in(meerkat_order, b'{"id": 1, "result": {}}\\n'))

@pytest.mark.meerkat_mock(delivery="exhaustive")
async def test_all(meerkat_order):
    SEEN.append(await lines_in(meerkat_order, TWO))

@pytest.mark.meerkat_mock(delivery="order 0:1")
async def test_repeated(meerkat_order):
    assert (await lines_in(meerkat_order, TWO)).startswith(b'{"id"')

async def test_declared(meerkat_order):
    assert isinstance(meerkat_order, Declared)
    assert await lines_in(meerkat_order, TWO) == TWO

def test_counts():
    assert (len(SEEN), len(set(SEEN))) == (7 + 1 + 2, 3)

@pytest.mark.meerkat_mock(delivery="explore", runs=0)
async def test_no_runs(meerkat_order): ...

@pytest.mark.meerkat_mock(delivery="explore", run=1)
async def test_misspelt(meerkat_mock): ...

@pytest.mark.meerkat_mock(delivery="explore", runs="many")
async def test_no_number(meerkat_mock): ...
"""
    result = run(pytester, text)
    result.assert_outcomes(passed=6, errors=3)
    result.stdout.fnmatch_lines(["*the marker `meerkat_mock` takes as `runs` how many orders to try, a number from 1, not 0"])
    result.stdout.fnmatch_lines(["*the marker `meerkat_mock` has no argument `run`; did you mean `runs`?"])
    result.stdout.fnmatch_lines(["*how many orders to try, a number from 1, not 'many'"])


def test_a_search_that_is_not_finished_is_no_pass(pytester: pytest.Pytester) -> None:
    text = """
import meerkat_mock.delivery.reruns
meerkat_mock.delivery.reruns.DEFAULT_LIMIT = 3

@pytest.mark.meerkat_mock(delivery="exhaustive")
async def test_more_orders_than_may_be_tried(meerkat_order):
    SEEN.append(await lines_in(meerkat_order, TWO + TWO))

@pytest.mark.meerkat_mock(delivery="explore")
async def test_skipped(meerkat_order):
    await lines_in(meerkat_order, TWO)
    pytest.skip("not here")

def test_counts():
    assert len(SEEN) == 3
"""
    result = run(pytester, text)
    result.assert_outcomes(passed=1, failed=1, skipped=1)
    result.stdout.fnmatch_lines(["*more than 3 lawful orders: make the case smaller*"])


def test_a_failure_shows_the_swap_and_how_to_repeat_it(pytester: pytest.Pytester) -> None:
    text = """
@pytest.mark.meerkat_mock(delivery="explore")
async def test_needs_the_event_first(meerkat_order):
    assert (await lines_in(meerkat_order, TWO)).startswith(b'{"method"')

async def test_fails_as_declared(meerkat_order):
    assert await lines_in(meerkat_order, TWO) == b""
"""
    result = run(pytester, text)
    result.assert_outcomes(failed=2)
    told = [
        "*meerkat_mock: delivery*",
        "the answer to request 1 came before text_delta of session s",
        'repeat it with delivery="order 0:1"',
    ]
    result.stdout.fnmatch_lines(told)
    assert result.stdout.str().count("meerkat_mock: delivery") == 1
