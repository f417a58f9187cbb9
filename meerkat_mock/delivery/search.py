"""Looking for an order that a client cannot take: at random by seed, or all there are; and for the one swap that matters.

Owns the search; a run is whatever takes an order and fails or does not.
"""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any

from meerkat_mock.delivery.order import Order, Replayed, Seeded

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from typing import TypeAlias

    from meerkat_mock.mock import MeerkatMock

    Run: TypeAlias = Callable[[Order], Exception | None]
    """Runs under an order and returns what failed."""

DEFAULT_RUNS = 100
DEFAULT_LIMIT = 5_000


class DeliveryFailure(AssertionError):
    """A client that cannot take a lawful order of lines; the message says which swap matters and how to repeat it."""

    def __init__(self, order: Order, error: Exception, found: str) -> None:
        super().__init__(f"{told(order, found)}\n{type(error).__name__}: {error}")
        self.order = order
        self.delivery = order.text
        """What `delivery=` takes to fail again."""


class TooManyOrders(ValueError):
    """More lawful orders than an exhaustive search may try; nothing is left out silently."""

    def __init__(self, limit: int) -> None:
        super().__init__(f'more than {limit} lawful orders: make the case smaller, raise the limit, or take delivery="explore"')


def told(order: Order, found: str) -> str:
    """Say in which order a test failed and how to repeat it."""
    if not order.swaps:
        return f"fails in the declared order already ({found})"
    swaps = "\n".join(f"  {swap}" for swap in order.swaps)
    return f'fails when lines arrive in another lawful order ({found}):\n{swaps}\nrepeat it with delivery="{order.text}"'


def explore(test: Callable[[MeerkatMock], Awaitable[None]], *, runs: int = DEFAULT_RUNS, seed: int = 0, **mock: Any) -> int:
    """Run `test` under that many lawful orders, the declared one first; return how many were different.

    `test` gets a fresh, entered `MeerkatMock` made with the arguments `mock`. Raises `DeliveryFailure` with the one swap that matters.
    """
    return _searched(test, seeded(seed, runs), mock)


def exhaust(test: Callable[[MeerkatMock], Awaitable[None]], *, limit: int = DEFAULT_LIMIT, **mock: Any) -> int:
    """Run `test` under every lawful order and return how many there are. Raises `TooManyOrders`, and `DeliveryFailure` as `explore`."""
    return _searched(test, every(limit), mock)


def _searched(test: Callable[[MeerkatMock], Awaitable[None]], orders: Iterator[Order], mock: dict[str, Any]) -> int:
    seen: set[str] = set()
    with _Loop() as loop:

        def run(order: Order) -> Exception | None:
            return loop.run_until_complete(_outcome(test, order, mock))

        for number, order in enumerate(orders, 1):
            error = run(order)
            if error is not None:
                smallest = shrunk(order, run)
                raise DeliveryFailure(smallest, run(again(smallest)) or error, f"run {number}") from error
            seen.add(order.text)
    return len(seen)


async def _outcome(test: Callable[[MeerkatMock], Awaitable[None]], order: Order, mock: dict[str, Any]) -> Exception | None:
    from meerkat_mock.mock import MeerkatMock

    try:
        async with MeerkatMock(**mock, delivery=order) as made:
            await test(made)
    except Exception as error:
        return error
    return None


OBJECTS_LOOKED_AT = 20_000
"""New objects after which the garbage collector looks at them: a few runs leave about as many, and most need no collector."""


class _Loop:
    """An event loop for many runs, in which the garbage collector looks only at what these runs have made, and not too often."""

    def __enter__(self) -> asyncio.AbstractEventLoop:
        if _in_loop():
            raise RuntimeError(
                "explore and exhaust run event loops of their own: call them from a plain `def test_...`, not from a coroutine"
            )
        self._loop = asyncio.new_event_loop()
        self._froze = gc.get_freeze_count() == 0
        if self._froze:
            gc.freeze()
        self._thresholds = gc.get_threshold()
        if self._thresholds[0]:
            gc.set_threshold(max(self._thresholds[0], OBJECTS_LOOKED_AT), *self._thresholds[1:])
        return self._loop

    def __exit__(self, *_: object) -> None:
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()
        gc.set_threshold(*self._thresholds)
        if self._froze:
            gc.unfreeze()


def seeded(seed: int, runs: int) -> Iterator[Order]:
    """Yield the declared order, then others by seed."""
    yield Replayed({})
    for number in range(1, runs):
        yield Seeded(seed * 1_000_003 + number)


def every(limit: int) -> Iterator[Order]:
    """Yield every order once: each run shows where its successors branch off. Raises `TooManyOrders` instead of the one too many."""
    order: Order = Replayed({})
    for _ in range(limit):
        yield order
        branch = next((decision for decision in reversed(order.decisions) if decision.choice + 1 < decision.among), None)
        if branch is None:
            return
        order = Replayed({decision.step: decision.choice for decision in order.decisions[: branch.step]} | {branch.step: branch.choice + 1})
    raise TooManyOrders(limit)


def again(order: Order) -> Order:
    """Return an order that repeats the choices of another."""
    return Replayed({swap.step: swap.choice for swap in order.swaps})


def shrunk(order: Order, run: Run) -> Order:
    """Return an order that still fails with as few swaps as can be found, each as small as can be; the run of it has been made."""
    best, tried = order, set[str]()
    while (smaller := next(_failing(_smaller(best), run, tried), None)) is not None:
        best = smaller
    return best


def _failing(orders: Iterator[Order], run: Run, tried: set[str]) -> Iterator[Order]:
    for order in orders:
        before = len(tried)
        tried.add(repr(sorted(order.wanted.items())) if isinstance(order, Replayed) else order.text)
        if len(tried) > before and run(order) is not None:
            yield order


def _smaller(order: Order) -> Iterator[Order]:
    """Yield orders with fewer swaps, those with fewest first, then with smaller ones."""
    choices = {swap.step: swap.choice for swap in order.swaps}
    if not choices:
        return
    yield Replayed({})
    if len(choices) > 1:
        for step, choice in choices.items():
            yield Replayed({step: choice})
        steps = sorted(choices)
        half = len(steps) // 2
        for kept in (steps[:half], steps[half:]):
            yield Replayed({step: choices[step] for step in kept})
        for step in steps:
            yield Replayed({other: choices[other] for other in steps if other != step})
    for step, choice in choices.items():
        if choice > 1:
            yield Replayed({**choices, step: choice - 1})


def _in_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
