"""Time of the simulation: one clock object that everything asks, so that nothing really waits unless somebody wants it to.

Three kinds of wait, told apart because they end differently:

* a **pause** depends on nobody else (a model's pace, a provider's back-off, a retry): in virtual time it is over as soon as nobody in
  the event loop can run;
* a **limit** on the other party (30 s for the answer of a callback tool) never runs ahead by itself: it ends by `advance`, or when that
  much real time has passed;
* an **appointment** (an occurrence of a schedule, the expiry of a token) is kept when the clock is advanced to it, or when real time
  gets there on a real clock; virtual time never runs ahead to it, or a daily schedule would never let it stop.

Why no patched event loop: asyncio has no clock to inject, and a patched one cannot see who waits for whom. Here the mock's own waits go
through this object, and `agenda` can tell what they are.
"""

from __future__ import annotations

import asyncio
import functools
import heapq
import itertools
import re
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal["pause", "limit", "appointment"]

DEFAULT_START = 1_772_442_000.0
"""Where virtual time starts when nobody says: 2026-03-02T09:00:00Z, a Monday."""

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_QUIET_PASSES = 25
"""Passes of an event loop whose ready queue cannot be seen that must bring nothing new before time runs ahead."""


def seconds(duration: float | str) -> float:
    """Return a duration in seconds: a number of them, or `300ms`, `1.5s`, `10m`, `24h`, `7d`. Raises `ValueError`."""
    if isinstance(duration, (int, float)):
        return float(duration)
    found = _DURATION.fullmatch(duration.strip())
    if found is None:
        raise ValueError(f"{duration!r} is no duration; write a number of seconds, or a number with ms, s, m, h or d, like '1.5s'")
    return float(found[1]) * _UNITS[found[2]]


@dataclass(order=True)
class Wait:
    """One entry of the agenda: when it ends, and why somebody waits."""

    due: float
    order: int
    kind: Kind = field(compare=False)
    why: str = field(compare=False)
    wake: Callable[[], None] = field(compare=False)
    over: bool = field(default=False, compare=False)
    timer: asyncio.TimerHandle | None = field(default=None, compare=False)
    """What ends the wait in real time; a limit that nobody waits for any more must not keep anything alive for half a minute."""

    def cancel(self) -> None:
        """Take the entry off the agenda; nothing is called."""
        self.over = True
        if self.timer is not None:
            self.timer.cancel()


class Clock(Protocol):
    """What the simulation knows of time."""

    def now(self) -> float:
        """Return the time in seconds since the Unix epoch."""
        ...

    async def pause(self, duration: float, why: str) -> None:
        """Wait for `duration` seconds that depend on nobody else."""

    def at(self, due: float, kind: Kind, why: str, wake: Callable[[], None]) -> Wait:
        """Call `wake` once the time is `due`; the entry can be cancelled."""
        ...

    def agenda(self) -> list[Wait]:
        """Return what is waited for, the next first."""
        ...

    async def advance(self, duration: float | str) -> None:
        """Move time forward, ending every wait on the way; a clock that moves by itself refuses."""


class _Agenda:
    """The heap behind both clocks."""

    def __init__(self) -> None:
        self._heap: list[Wait] = []
        self._order = itertools.count()

    def add(self, due: float, kind: Kind, why: str, wake: Callable[[], None]) -> Wait:
        wait = Wait(due, next(self._order), kind, why, wake)
        heapq.heappush(self._heap, wait)
        return wait

    def next(self, *kinds: Kind) -> Wait | None:
        """Return the earliest entry of these kinds without taking it."""
        while self._heap and self._heap[0].over:
            heapq.heappop(self._heap)
        if self._heap and self._heap[0].kind in kinds:
            return self._heap[0]
        return min((wait for wait in self._heap if not wait.over and wait.kind in kinds), default=None)

    def live(self) -> list[Wait]:
        return sorted(wait for wait in self._heap if not wait.over)


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def _end(wait: Wait) -> None:
    if not wait.over:
        wait.over = True
        wait.wake()


class VirtualClock:
    """Time that costs nothing. With `auto`, pauses are over as soon as nobody in the event loop can run; else only `advance` moves it."""

    def __init__(self, start: float = DEFAULT_START, *, auto: bool = True) -> None:
        self._now = start
        self._auto = auto
        self._agenda = _Agenda()
        self._watching: asyncio.AbstractEventLoop | None = None
        self._quiet = 0

    def now(self) -> float:
        """Return the virtual time in seconds since the Unix epoch."""
        return self._now

    def begin(self, start: float) -> None:
        """Let time begin at `start`, seconds since the Unix epoch; for before anything waits."""
        self._now = start

    def agenda(self) -> list[Wait]:
        """Return what is waited for, the next first."""
        return self._agenda.live()

    def at(self, due: float, kind: Kind, why: str, wake: Callable[[], None]) -> Wait:
        """Call `wake` at `due`; a limit also ends when as much real time has passed."""
        wait = self._agenda.add(due, kind, why, wake)
        if kind == "limit":
            wait.timer = asyncio.get_running_loop().call_later(max(0.0, due - self._now), _end, wait)
        elif kind == "pause" and self._auto:
            self._watch()
        return wait

    async def pause(self, duration: float, why: str) -> None:
        """Wait for `duration` virtual seconds."""
        if duration <= 0:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        wait = self.at(self._now + duration, "pause", why, lambda: _wake(done))
        try:
            await done
        finally:
            wait.cancel()

    async def advance(self, duration: float | str) -> None:
        """Move time forward, ending every wait on the way in its order; whoever a wait wakes gets to run before time goes on."""
        target = self._now + seconds(duration)
        while (wait := self._agenda.next("pause", "limit", "appointment")) is not None and wait.due <= target:
            self._now = max(self._now, wait.due)
            _end(wait)
            await settle()
        self._now = max(self._now, target)
        await settle()

    def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        self._quiet = 0
        if self._watching is not loop:
            self._watching = loop
            loop.call_soon(self.look, loop)

    def look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run ahead to the next pause if nobody else is ready, else look again on the next pass."""
        wait = self._agenda.next("pause")
        if wait is None:
            self._watching = None
            return
        if nobody_ready(loop, self._quiet):
            self._now = max(self._now, wait.due)
            self._quiet = 0
            _end(wait)
        else:
            self._quiet += 1
        loop.call_soon(self.look, loop)


def nobody_ready(loop: asyncio.AbstractEventLoop, quiet: int, *patient: Callable[..., None]) -> bool:
    """Tell whether nothing is ready in a loop but looks whether anything is: those of clocks, and those of the methods `patient`.

    `quiet` is how many passes have brought nothing new: in loops other than asyncio's own, which hide who is ready, only patience can tell.
    Two who look must not keep each other from going on; a clock gives way to all `patient` methods, which act before time runs ahead.
    """
    ready = getattr(loop, "_ready", None)
    if ready is None:
        return quiet >= _QUIET_PASSES
    return not ready or all(_function(handle) in (VirtualClock.look, *patient) for handle in ready)


def _function(handle: object) -> object:
    return getattr(getattr(handle, "_callback", None), "__func__", None)


async def settle() -> None:
    """Let everybody who can run do so until nobody is ready any more."""
    loop = asyncio.get_running_loop()
    for passes in range(10_000):
        await asyncio.sleep(0)
        if passes > 1 and nobody_ready(loop, passes):
            return


class RealClock:
    """The clock of what serves another process: time passes as it does for the client."""

    def __init__(self) -> None:
        self._agenda = _Agenda()

    def now(self) -> float:
        """Return the time of day in seconds since the Unix epoch."""
        return time.time()

    def agenda(self) -> list[Wait]:
        """Return what is waited for, the next first."""
        return self._agenda.live()

    def at(self, due: float, kind: Kind, why: str, wake: Callable[[], None]) -> Wait:
        """Call `wake` at `due`."""
        wait = self._agenda.add(due, kind, why, wake)
        wait.timer = asyncio.get_running_loop().call_later(max(0.0, due - time.time()), _end, wait)
        return wait

    async def pause(self, duration: float, why: str) -> None:
        """Sleep for `duration` seconds."""
        if duration <= 0:
            return
        wait = self._agenda.add(self.now() + duration, "pause", why, lambda: None)
        try:
            await asyncio.sleep(duration)
        finally:
            wait.cancel()

    async def advance(self, duration: float | str) -> None:
        """Raise `RuntimeError`: nobody moves real time."""
        raise RuntimeError(f'a real clock cannot be advanced (by {duration}); take clock="virtual" or clock="manual"')


async def within(clock: Clock, limit: float, why: str, answer: asyncio.Future[object]) -> bool:
    """Wait for `answer` at most `limit` seconds of `clock`; return whether it came."""
    late: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    wait = clock.at(clock.now() + limit, "limit", why, lambda: _wake(late))
    try:
        await asyncio.wait((answer, late), return_when=asyncio.FIRST_COMPLETED)
    finally:
        wait.cancel()
        late.cancel()
    return answer.done()


def moment(text: str) -> float:
    """Return a time like `2026-03-02T08:59:00Z` (with `Z` or an offset) as seconds since the Unix epoch. Raises `ValueError`."""
    whole, dot, rest = text.upper().replace("Z", "+00:00").partition(".")
    digits = re.match(r"\d*", rest)
    fraction = digits[0] if digits else ""
    return datetime.fromisoformat(whole + rest[len(fraction) :]).timestamp() + (float(f"0.{fraction}") if dot and fraction else 0.0)


@functools.lru_cache(maxsize=256)
def rfc3339(moment: float) -> str:
    """Return a moment the way rkat-rpc writes it: UTC as `+00:00`, microseconds (spec 02, section 1.6)."""
    return datetime.fromtimestamp(moment, timezone.utc).isoformat(timespec="microseconds")
