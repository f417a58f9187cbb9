"""Lawful delivery: channels keep their order, everything between them may come in any, and a failure names the swap that matters."""

from __future__ import annotations

import asyncio
import gc
import json
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meerkat import LiveChannel
from meerkat.transports.memory import memory_pair
from meerkat_mock.delivery import DeliveryFailure, Order, Seeded, TooManyOrders, exhaust, explore, order_of
from meerkat_mock.delivery.interleaved import InterleavedTransport
from meerkat_mock.delivery.lines import channel_of, name_of
from meerkat_mock.delivery.search import shrunk
from meerkat_mock.delivery.sorter import Sorter
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.report.conversation import render_conversation
from meerkat_mock.strategies.playing import LineClient

if TYPE_CHECKING:
    from meerkat.live_connection import LiveConnection
    from meerkat.wire.base import Json

pytest_plugins = ["pytester"]
TURN = '@script[{"say":["a ","b"]}]'


async def _lines_through(lines: list[bytes], order: Order) -> list[bytes]:
    theirs, ours = memory_pair()
    transport = InterleavedTransport(ours, Sorter(order))
    await transport.send(b"".join(lines))
    await transport.close()
    got = b""
    while data := await theirs.receive():
        got += data
    return got.splitlines(keepends=True)


def _line(channel: str, number: int) -> bytes:
    event: Json = {"payload": {"type": "text_delta", "delta": str(number)}}
    messages: dict[str, Json] = {
        "a": {"method": "session/event", "params": {"session_id": "a", "event": event}},
        "b": {"method": "session/event", "params": {"session_id": "b", "event": event}},
        "s": {"method": "session/stream_event", "params": {"stream_id": "s", "sequence": number, "event": event}},
        "t": {"id": f"srv-{number}", "method": "tool/execute", "params": {"name": "t", "number": number}},
        "r": {"id": number, "result": {}},
    }
    return json.dumps(messages[channel]).encode() + b"\n"


@settings(deadline=None, max_examples=60)
@given(st.text("abstr", max_size=12), st.integers(0, 99))
def test_every_line_arrives_once_and_channels_keep_their_order(channels: str, seed: int) -> None:
    lines = [_line(channel, number) for number, channel in enumerate(channels)]
    got = asyncio.run(_lines_through(lines, Seeded(seed)))
    assert sorted(got) == sorted(lines)
    for channel in {channel_of(line) for line in lines}:
        assert [x for x in got if channel_of(x) == channel] == [x for x in lines if channel_of(x) == channel]


async def test_lines_arrive_as_written_where_nobody_overtakes() -> None:
    lines = [_line(channel, number) for number, channel in enumerate("arbsta")]
    assert await _lines_through(lines, order_of("order", 0) or Seeded(0)) == lines


async def test_an_order_is_repeated_from_its_text() -> None:
    lines = [_line(channel, number) for number, channel in enumerate("abrsabrsttab")]
    first = Seeded(7)
    got = await _lines_through(lines, first)
    assert first.swaps
    assert got == await _lines_through(lines, order_of(first.text, 0) or Seeded(0))


async def test_a_whole_conversation_stays_lawful_under_any_order() -> None:
    for seed in range(20):
        mock = MeerkatMock(delivery="explore", seed=seed)
        async with mock, mock.client() as client:
            session = await client.create_session(TURN)
            other = await client.create_session(TURN)
            answers = await asyncio.gather(session.turn(TURN), other.turn(TURN))
            assert [answer.text for answer in answers] == ["a b", "a b"]


def test_a_search_leaves_the_garbage_collector_as_it_was() -> None:
    async def run(mock: MeerkatMock) -> None:
        raise ValueError

    before = (gc.get_threshold(), gc.get_freeze_count())
    with pytest.raises(DeliveryFailure):
        explore(run)
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


def test_streams_are_complete_under_any_order() -> None:
    async def run(mock: MeerkatMock) -> None:
        async with mock.client() as client:
            session = await client.create_session("hi")
            events = [type(event).__name__ async for event in session.stream(TURN)]
            assert (events[0], events[-1]) == ("RunStarted", "RunCompleted")
            assert events.count("TextDelta") == 2

    assert explore(run, runs=40) > 5


# ---- finding -------------------------------------------------------------------------------------------------------------------------


async def _two_streams(mock: MeerkatMock) -> list[str]:
    """Say one turn with a stream open, and return what came in which order."""
    order: list[str] = []
    transport = mock._transport(_options())
    client = LineClient(transport)
    try:
        session = await client.ask("session/create", {"prompt": "", "initial_turn": "deferred"})
        assert isinstance(session, dict)
        await client.ask("session/stream_open", {"session_id": session["session_id"]})
        await client.ask("turn/start", {"session_id": session["session_id"], "prompt": TURN})
        for method, params in client.heard:
            order.append(name_of(json.dumps({"method": method, "params": params}).encode()).split(" of ")[0] + " " + method)
    finally:
        await transport.close()
    return order


def _options() -> object:
    from meerkat.client.options import ConnectOptions

    return ConnectOptions()


def test_a_client_that_needs_an_unpromised_order_is_told_the_one_swap() -> None:
    async def run(mock: MeerkatMock) -> None:
        heard = await _two_streams(mock)
        assert "run_completed session/event" in heard, "the answer came before the end of the run"

    with pytest.raises(DeliveryFailure) as caught:
        explore(run, runs=60)
    swaps = caught.value.order.swaps
    assert len(swaps) == 1
    assert swaps[0].overtaking.startswith("the answer to request")
    assert "the answer came before the end of the run" in str(caught.value)
    assert f'delivery="{caught.value.delivery}"' in str(caught.value)

    async def replay() -> None:
        async with MeerkatMock(delivery=caught.value.delivery) as mock:
            await run(mock)

    with pytest.raises(AssertionError, match="the answer came before"):
        asyncio.run(replay())


async def test_a_search_inside_an_event_loop_is_refused_in_clear_words() -> None:
    async def run(mock: MeerkatMock) -> None:
        assert mock

    with pytest.raises(RuntimeError, match="from a plain `def test_"):
        explore(run)


def test_all_orders_are_tried_once_and_counted() -> None:
    seen: list[tuple[bytes, ...]] = []

    async def run(mock: MeerkatMock) -> None:
        order = mock._order
        assert order is not None
        seen.append(tuple(await _lines_through([_line(c, n) for n, c in enumerate("aabb")], order)))

    assert exhaust(run) == 6  # two lines of one channel and two of another: 4! / (2! 2!)
    assert len(set(seen)) == len(seen) == 6


def test_too_many_orders_are_refused_not_sampled() -> None:
    async def run(mock: MeerkatMock) -> None:
        order = mock._order
        assert order is not None
        await _lines_through([_line(c, n) for n, c in enumerate("aaaabbbb")], order)

    with pytest.raises(TooManyOrders, match="more than 50 lawful orders"):
        exhaust(run, limit=50)


def test_a_failure_that_needs_two_swaps_is_told_with_these_two_as_small_as_they_can_be() -> None:
    def run(order: Order) -> Exception | None:
        choices = [order.choose([partial(str, number) for number in range(4)]) for _ in range(12)]
        return ValueError() if choices[3] and choices[7] > 1 else None

    found = next(order for order in (Seeded(number) for number in range(20)) if run(order) is not None)
    smallest = shrunk(found, run)
    assert [(swap.step, swap.choice) for swap in smallest.swaps] == [(3, 1), (7, 2)]
    assert smallest.told == '1 came before 0\n2 came before 0\nrepeat it with delivery="order 3:1 7:2"'
    assert order_of(smallest, 0) is smallest


def test_a_failure_that_no_order_causes_is_told_as_such() -> None:
    async def run(mock: MeerkatMock) -> None:
        raise ValueError("always")

    with pytest.raises(DeliveryFailure, match="fails in the declared order already"):
        explore(run, runs=3)


@pytest.mark.parametrize(
    ("delivery", "told"), [("exhaustive", "needs many runs"), ("order 3", "declared, explore, exhaustive or an order")]
)
async def test_a_wrong_delivery_is_told(delivery: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        order_of(delivery, 0)


# ---- what is shown -------------------------------------------------------------------------------------------------------------------


async def test_the_journal_shows_the_order_in_which_lines_reached_the_client() -> None:
    for seed in range(10):
        async with MeerkatMock(delivery="explore", seed=seed) as mock:
            heard = await _two_streams(mock)
            shown = [name_of(line.data) for line in mock.journal if line.direction == "out" and b'"method"' in line.data]
            assert [name.split(" of ")[0] for name in shown] == [name.split(" ")[0] for name in heard]


async def test_nothing_that_was_written_is_missing_in_the_journal() -> None:
    kept: dict[str, list[str]] = {}
    for delivery in ("declared", "explore"):
        async with MeerkatMock(delivery=delivery, seed=3) as mock:
            await _two_streams(mock)
        kept[delivery] = sorted(name_of(line.data).split(" of ")[0] for line in mock.journal if line.direction == "out")
    assert kept["declared"] == kept["explore"]


async def test_deltas_of_two_sessions_are_shown_apart() -> None:
    mock = MeerkatMock(delivery="explore", seed=5)
    async with mock, mock.client() as client:
        await asyncio.gather(*(client.create_session(f'@script[{{"say":["{letter}1","{letter}2"]}}]') for letter in "ab"))
    shown = [line for line in render_conversation(mock.journal).splitlines() if "text_delta" in line]
    assert shown
    assert not any("a" in quoted and "b" in quoted for quoted in (line.rpartition(": ")[2] for line in shown))


# ---- live frames ---------------------------------------------------------------------------------------------------------------------


def test_live_frames_and_lines_overtake_each_other_and_keep_their_own_order() -> None:
    orders: set[tuple[str, ...]] = set()
    first_done: set[str] = set()

    async def run(mock: MeerkatMock) -> None:
        async with mock.client(live_ws=True) as client:
            talk = await client.create_deferred_session("Talk.", model="gpt-realtime-2")
            arrived: list[str] = []

            async def live(channel: LiveConnection) -> None:
                await channel.send_text("Hello")
                async for frame in channel:
                    arrived.append(f"live {frame['observation']}")
                    if frame["observation"] == "turn_completed":
                        return

            async def lines() -> None:
                async for event in client.create_session_streaming(TURN):
                    arrived.append(type(event).__name__)  # noqa: PERF401 - one by one, as the frames come in between

            async with LiveChannel.session(client, talk.id).connect() as channel:
                await asyncio.gather(live(channel), lines())
            frames = [each for each in arrived if each.startswith("live")]
            assert frames[0] == "live ready"
            assert (arrived.index("RunStarted"), arrived.count("TextDelta")) < (arrived.index("RunCompleted"), 3)
            orders.add(tuple(arrived))
            first_done.add(min("live turn_completed", "RunCompleted", key=arrived.index))

    assert explore(run, runs=30) > 5
    assert first_done == {"live turn_completed", "RunCompleted"}, orders


async def test_a_client_that_does_not_read_keeps_nobody_else_waiting() -> None:
    sorter = Sorter(Seeded(1))
    pairs = [memory_pair() for _ in range(2)]
    slow, quick = (InterleavedTransport(ours, sorter) for _, ours in pairs)
    line = json.dumps({"method": "session/event", "params": {"session_id": "a", "text": "x" * 600_000}}).encode() + b"\n"
    for _ in range(3):
        await slow.send(line)
    await quick.send(_line("r", 1))
    assert await asyncio.wait_for(pairs[1][0].receive(), 5) == _line("r", 1)
    got = b""
    while len(got) < 3 * len(line):
        got += await asyncio.wait_for(pairs[0][0].receive(), 5)
    assert got == 3 * line


# ---- with pytest ---------------------------------------------------------------------------------------------------------------------

FILE = """
import pytest
RUNS = []

@pytest.mark.meerkat_mock(delivery="{delivery}")
async def test_it(meerkat_mock):
    RUNS.append(1)
    async with meerkat_mock.client() as client:
        session = await client.create_session("hi")
        {body}

def test_count():
    assert {count}
"""


def _pytest(pytester: pytest.Pytester, **parts: str) -> pytest.RunResult:
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(FILE.format(**parts))
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist")


def test_a_marked_test_runs_under_many_orders_and_is_reported_once(pytester: pytest.Pytester) -> None:
    result = _pytest(pytester, delivery="explore", body='assert session.text == "OK"', count="len(RUNS) == 25")
    result.assert_outcomes(passed=2)


def test_a_marked_test_that_fails_shows_the_swap_and_how_to_repeat_it(pytester: pytest.Pytester) -> None:
    body = 'assert not [s for s in meerkat_mock._order.swaps if s.overtaking.startswith("the answer")]'
    result = _pytest(pytester, delivery="explore", body=body, count="len(RUNS) > 1")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["*meerkat_mock: delivery*", "the answer to request * came before *", 'repeat it with delivery="order *:1"']
    )
