# ruff: noqa: SLF001 - asyncio and threading tell nobody by public names who waits for what
"""Makes a hang impossible: when nobody can ever go on, the waiting requests fail at once, and the violation says who waits for what.

The rule. Twenty times a second, while a client is connected in memory, the event loop is looked at. It is a hang when at two looks in a row

* no callback and no task is ready to run,
* no timer of the application is set (its own `sleep`, `timeout`, `call_later`), and the virtual clock has no pause that it would run
  ahead to (with `clock="manual"` it never does: then only the test could have advanced it, and the test waits, too),
* no socket, pipe or child process is watched, and
* no thread is at work (idle workers of a thread pool do not count).

Requests that wait are answered first, then the connections end; if still nobody can go on (the application waits for itself: two locks,
an event that nobody sets), what `asyncio.run` waits for is cancelled. The loop is looked at from the first connection on, inside the
block of the mock until its end, also when nobody is connected any more.

What looks alive for ever (a handler that polls, a loop that asks the server again and again) is no hang by this rule; there the *patience*
of the mock applies, if it has one: so many seconds of a running event loop, in which a debugger's prompt does not count. Code that blocks
the event loop itself keeps every watch from looking; against that there is only a timeout of the test runner.

The application's own slow work is always one of these, so it is never flagged, however long it takes. Not counted as hope are the
deadlines of the SDK's client, unless they are near; the mock's limits on its client (30 s for a tool's answer), which would only end the
hang later; and what comes after such a limit: nobody will hear a handler that sleeps for an hour, so nobody waits for it half a minute.
Event loops other than asyncio's own hide what they wait for; there the timeouts of the test apply.
"""

from __future__ import annotations

import asyncio
import math
import sys
import threading
from typing import TYPE_CHECKING, Any, cast

from meerkat.rpc import RpcError
from meerkat_mock.violations import Violation
from meerkat_mock.whereabouts import main_tasks, whereabouts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from meerkat_mock.clock import Clock
    from meerkat_mock.connection import Connection

LOOK_SECONDS = 0.05
SURE_SECONDS = 1.0
"""How long nobody must be able to go on before the application itself is cancelled: it may wait for what nobody can see."""
HUNG = -32603
"""Code of the answer to requests that hang."""
NEAR_SECONDS = 2.0
"""A deadline of the SDK's client that is nearer than this is waited for: whoever set it so short wants to see it."""
_FIXES = (
    "answer, interrupt or advance the clock before waiting",
    "let the tool handler wait for nothing that needs its own answer",
    "script what the client waits for",
    "where a line is named that waits for the application's own event, queue or lock: let somebody end that wait",
)


class HangWatch:
    """Looks after the connections of one mock; `patience` is in seconds of a running event loop, None for no end."""

    def __init__(self, clock: Clock, connections: Callable[[], list[Connection]], patience: float | None = None) -> None:
        self._clock = clock
        self._connections = connections
        self._patience = math.inf if patience is None else patience
        self._watching: asyncio.AbstractEventLoop | None = None
        self._next_look: asyncio.TimerHandle | None = None
        self._looks = 0
        self._stuck = 0
        """Looks in a row that saw no way on."""
        self.violations: list[Violation] = []
        self.on_guard = False
        """True inside the block of the mock: then the loop is looked at when nobody is connected, too."""
        self.cancelled = False
        """True once the application was cancelled."""

    def watch(self) -> None:
        """Begin to look at the running event loop, if nobody does yet."""
        loop = asyncio.get_running_loop()
        if self._watching is not loop:
            self._watching, self._stuck = loop, 0
            self._next_look = loop.call_later(LOOK_SECONDS, self.look, loop)

    def rest(self) -> None:
        """Look no more if there is nothing to look after: a timer that is left behind would keep a whole mock from being freed."""
        if self._next_look is not None and not self.on_guard and all(each.closed for each in self._connections()):
            self._next_look.cancel()
            self._watching = self._next_look = None

    def look(self, loop: asyncio.AbstractEventLoop) -> None:
        """End a hang if there is one, and look again later while anybody is connected."""
        if self._watching is not loop:
            return
        connections = [each for each in self._connections() if not each.closed]
        if not connections and not self.on_guard:
            self._watching = self._next_look = None
            return
        self._looks += 1
        why = self._why_stuck(loop)
        self._stuck = self._stuck + 1 if why else 0
        if self._stuck > 1:  # twice in a row: a worker thread that was just given work looks idle until it wakes
            self._end(loop, connections, why)
        self._next_look = loop.call_later(LOOK_SECONDS, self.look, loop)

    def _why_stuck(self, loop: asyncio.AbstractEventLoop) -> str:
        if self._looks * LOOK_SECONDS > self._patience:
            return f"the test has not ended after {self._patience:g} s of its event loop"
        return "nobody can go on, for ever" if nobody_can_go_on(loop) else ""

    def _end(self, loop: asyncio.AbstractEventLoop, connections: list[Connection], why: str) -> None:
        """Take the next step against a hang: the mildest that may help."""
        sure = not connections and self._stuck * LOOK_SECONDS > SURE_SECONDS
        if not connections and not sure:
            return
        text = self._found(loop, connections, why)
        said = f"meerkat_mock ended a hang: {text}"
        if sure:
            self._cancel(loop, said)
            return
        answered = [connection.give_up(RpcError(HUNG, said)) for connection in connections]
        if not any(answered):
            for connection in connections:
                connection.part(said)

    def _found(self, loop: asyncio.AbstractEventLoop, connections: list[Connection], why: str) -> str:
        """Note a hang, once, and return who waits for what; the lines of the application that wait stand in the violation alone."""
        waits = [wait for connection in connections for wait in connection.waits()]
        waits += [f"at {wait.due - self._clock.now():+.3f} s of the clock: {wait.why} ({wait.kind})" for wait in self._clock.agenda()]
        waits += [f"a timer of the application in {late:.3f} s, which is later than the limit" for late in _too_late(loop)]
        if not waits:
            itself = "the application waits for itself"
            waits = [f"the client waits for an event, or {itself}" if connections else f"{itself}: it has no connection"]
        if not any(violation.message.startswith(why) for violation in self.violations):
            self.violations.append(Violation("hang", "", _listed(why, waits + whereabouts(loop)), "", _FIXES))
        return _listed(why, waits)

    def _cancel(self, loop: asyncio.AbstractEventLoop, why: str) -> None:
        self._stuck = 0  # who catches this gets as long again
        for task in main_tasks(loop):
            self.cancelled = True
            task.cancel(why)


def _listed(title: str, items: list[str]) -> str:
    return f"{title}:\n" + "\n".join(f"  - {item}" for item in items)


def nobody_can_go_on(loop: asyncio.AbstractEventLoop) -> bool:
    """Tell whether nothing can ever happen in an event loop any more, as far as can be known; False when in doubt."""
    inside = cast("Any", loop)
    if any(_working(thread) for thread in threading.enumerate()):  # first: what a thread brings stands in the queue before it idles
        return False
    try:
        idle = not inside._ready and not any(_hope(inside._scheduled, loop.time()))
        quiet = len(inside._selector.get_map()) <= inside._internal_fds
    except AttributeError:
        return False
    return idle and quiet


def _hope(timers: list[Any], now: float) -> Iterator[Any]:
    """Yield the timers that may bring anything about."""
    first_limit = _first_limit(timers)
    for timer in timers:
        if timer.cancelled() or timer._callback is None:
            continue
        module = getattr(timer._callback, "__module__", "")
        ours = module == __name__
        deadline = module == "meerkat.client.connection" and timer.when() - now > NEAR_SECONDS
        if not (ours or deadline or _is_limit(timer) or timer.when() > first_limit):
            yield timer


def _too_late(loop: asyncio.AbstractEventLoop) -> Iterator[float]:
    """Yield in how many seconds the timers come that a limit of the mock comes before: those of the application."""
    timers, now = cast("Any", loop)._scheduled, loop.time()
    first_limit = _first_limit(timers)
    for timer in timers:
        own = getattr(timer._callback, "__module__", "").startswith(("meerkat.", "meerkat_mock."))
        if not own and not timer.cancelled() and timer.when() > first_limit:
            yield timer.when() - now


def _first_limit(timers: list[Any]) -> float:
    """Return when the first limit of the mock on its client will strike, on the clock of the event loop."""
    return min(
        (timer.when() for timer in timers if not timer.cancelled() and _is_limit(timer) and not timer._args[0].over), default=math.inf
    )


def _is_limit(timer: Any) -> bool:
    return getattr(timer._callback, "__module__", "") == "meerkat_mock.clock" and timer._args[0].kind == "limit"


def _working(thread: threading.Thread) -> bool:
    foreign = type(thread).__name__ == "_DummyThread"  # made by others than `threading`: what a test runner receives its orders on
    if thread is threading.current_thread() or foreign or thread.name.startswith("pytest_timeout"):
        return False
    frame = sys._current_frames().get(thread.ident or 0)  # pyright: ignore[reportPrivateUsage]
    code = frame.f_code if frame is not None else None
    return code is None or code.co_name != "_worker" or "concurrent" not in code.co_filename
