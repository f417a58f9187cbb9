"""Time that costs nothing: pauses run ahead, limits and appointments wait for `advance`, and the agenda says who waits for what."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.clock import DEFAULT_START, RealClock, VirtualClock, moment, rfc3339, seconds, settle, within

if TYPE_CHECKING:
    from meerkat_mock.clock import Kind


@pytest.mark.parametrize(
    ("written", "meant"),
    [(2, 2.0), (0.25, 0.25), ("300ms", 0.3), ("1.5s", 1.5), ("10m", 600.0), ("24h", 86400.0), ("7d", 604800.0), (" 5s ", 5.0)],
)
def test_a_duration_is_a_number_of_seconds_or_a_number_with_a_unit(written: float | str, meant: float) -> None:
    assert seconds(written) == pytest.approx(meant)


@pytest.mark.parametrize("written", ["", "5", "s", "5 s", "-5s", "1h30m", "5S", "5min", "1e3s"])
def test_anything_else_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(ValueError, match=r"is no duration; write .* like '1.5s'"):
        seconds(written)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-03-02T09:00:00Z", DEFAULT_START),
        ("2026-03-02t09:00:00z", DEFAULT_START),
        ("2026-03-02T10:00:00+01:00", DEFAULT_START),
        ("2026-03-02T09:00:00.25Z", DEFAULT_START + 0.25),
        ("2026-03-02T09:00:00.123456789+00:00", DEFAULT_START + 0.123456789),
    ],
)
def test_a_moment_is_read_with_any_offset_and_any_fraction(text: str, meant: float) -> None:
    assert moment(text) == pytest.approx(meant, abs=1e-6)


def test_a_moment_is_written_in_utc_with_microseconds() -> None:
    assert rfc3339(DEFAULT_START + 0.5) == "2026-03-02T09:00:00.500000+00:00"


async def test_pauses_end_in_the_order_of_their_ends_and_cost_no_time() -> None:
    clock, ended, begun = VirtualClock(), list[tuple[str, float]](), time.monotonic()

    async def rest(name: str, *durations: float) -> None:
        for duration in durations:
            await clock.pause(duration, name)
            ended.append((name, clock.now() - DEFAULT_START))

    await asyncio.gather(rest("a", 3600, 3600), rest("b", 5000), rest("c", 0))
    assert ended == [("c", 0), ("a", 3600), ("b", 5000), ("a", 7200)]
    assert time.monotonic() - begun < 1


async def test_time_runs_ahead_only_when_nobody_can_run() -> None:
    clock, busy = VirtualClock(), 0
    paused = asyncio.ensure_future(clock.pause(1, "a model thinks"))
    while not paused.done() and busy < 100:
        busy += 1
        if busy == 50:
            assert clock.now() == DEFAULT_START
            break
        await asyncio.sleep(0)
    await paused
    assert clock.now() == DEFAULT_START + 1


async def test_two_clocks_in_one_event_loop_do_not_keep_each_other_from_going_on() -> None:
    first, second = VirtualClock(), VirtualClock()
    await asyncio.wait_for(asyncio.gather(first.pause(10, "one"), second.pause(20, "two")), 5)
    assert (first.now() - DEFAULT_START, second.now() - DEFAULT_START) == (10, 20)


async def test_a_manual_clock_moves_by_advance_alone() -> None:
    clock = VirtualClock(auto=False)
    paused = asyncio.ensure_future(clock.pause(10, "a model thinks"))
    await settle()
    assert not paused.done()
    await clock.advance("9s")
    assert not paused.done()
    await clock.advance(1)
    assert paused.done()
    assert clock.now() == DEFAULT_START + 10


async def test_whoever_is_woken_by_advance_runs_before_time_goes_on() -> None:
    clock, seen = VirtualClock(auto=False), list[float]()

    async def tick() -> None:
        for _ in range(3):
            await clock.pause(60, "a tick")
            seen.append(clock.now() - DEFAULT_START)

    ticking = asyncio.ensure_future(tick())
    await settle()
    await clock.advance("10m")
    assert seen == [60, 120, 180]
    assert ticking.done()
    assert clock.now() == DEFAULT_START + 600


@pytest.mark.parametrize("kind", ["limit", "appointment"])
async def test_what_depends_on_others_never_runs_ahead(kind: Kind) -> None:
    clock, struck = VirtualClock(), list[str]()
    clock.at(clock.now() + 30, kind, "it is due", lambda: struck.append("it"))
    await clock.pause(29, "something else")
    await settle()
    assert (struck, clock.now() - DEFAULT_START) == ([], 29)
    await clock.advance(1)
    assert struck == ["it"]


async def test_a_limit_also_ends_when_as_much_real_time_has_passed() -> None:
    clock, struck = VirtualClock(), asyncio.Event()
    clock.at(clock.now() + 0.01, "limit", "the client answers", struck.set)
    await asyncio.wait_for(struck.wait(), 5)


async def test_the_agenda_says_what_is_waited_for_the_next_first() -> None:
    clock = VirtualClock(auto=False)
    for after, kind, why in ((30, "limit", "the client answers"), (5, "pause", "a retry"), (86400, "appointment", "a schedule")):
        clock.at(clock.now() + after, kind, why, lambda: None)  # type: ignore[arg-type]
    gone = clock.at(clock.now() + 1, "pause", "given up", lambda: None)
    gone.cancel()
    assert [(wait.why, wait.kind) for wait in clock.agenda()] == [
        ("a retry", "pause"),
        ("the client answers", "limit"),
        ("a schedule", "appointment"),
    ]
    await clock.advance("1h")
    assert [wait.why for wait in clock.agenda()] == ["a schedule"]


async def test_a_pause_that_is_cancelled_leaves_nothing_on_the_agenda() -> None:
    clock = VirtualClock(auto=False)
    paused = asyncio.ensure_future(clock.pause(10, "a model thinks"))
    await settle()
    paused.cancel()
    await asyncio.gather(paused, return_exceptions=True)
    assert clock.agenda() == []


async def test_whoever_waits_for_an_answer_learns_whether_it_came_within_the_limit() -> None:
    clock = VirtualClock()
    answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    waiting = asyncio.ensure_future(within(clock, 30, "the client answers", answer))
    await settle()
    await clock.advance("30s")
    assert await waiting is False
    waiting = asyncio.ensure_future(within(clock, 30, "the client answers", answer))
    await settle()
    answer.set_result("late, but not too late")
    assert await waiting is True
    assert clock.agenda() == []


async def test_a_real_clock_takes_the_time_it_says_and_shows_it_on_its_agenda() -> None:
    clock, struck = RealClock(), asyncio.Event()
    assert abs(clock.now() - time.time()) < 1
    clock.at(clock.now() + 0.005, "appointment", "a schedule", struck.set)
    begun = time.monotonic()
    paused = asyncio.ensure_future(clock.pause(0.01, "a model thinks"))
    await asyncio.sleep(0)
    assert {wait.why for wait in clock.agenda()} == {"a schedule", "a model thinks"}
    await paused
    await asyncio.wait_for(struck.wait(), 5)
    assert time.monotonic() - begun >= 0.009
    assert clock.agenda() == []


async def test_a_real_clock_says_that_nobody_can_advance_it() -> None:
    with pytest.raises(RuntimeError, match=r'cannot be advanced .by 24h.; take clock="virtual"'):
        await RealClock().advance("24h")
