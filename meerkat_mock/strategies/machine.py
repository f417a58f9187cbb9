"""A state machine whose rules talk to the mock: Hypothesis chooses what happens, rules and invariants may be `async`.

Hypothesis calls rules and does not await them. Here every example has one event loop, one mock and one client in it; what a rule or an
invariant returns to be awaited is run in that loop before Hypothesis sees it.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from hypothesis.stateful import RuleBasedStateMachine

from meerkat_mock.mock import MeerkatMock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from meerkat.client import MeerkatClient

T = TypeVar("T")

_RECORDED = "_meerkat_recorded"
_OPENING_SECONDS = 30.0
"""How long an example may take to begin, and to end, in real seconds."""


@dataclass
class Step:
    """One rule of an example: its name, what it was called with, and what came of it."""

    name: str
    arguments: dict[str, object]
    result: object = None


class MeerkatMachine(RuleBasedStateMachine):
    """A stateful test of an application on a fresh mock per example, with rules and invariants that may be `async`.

        class Desk(MeerkatMachine):
            @rule(text=st.text())
            async def ask(self, text):
                session = await self.client.create_session(text)
                assert session.text == "OK"

        TestDesk = Desk.TestCase

    `options` are the arguments of `MeerkatMock`; by default there is no scenario and every prompt is answered `OK`. `mock` is the mock,
    `client` is connected to it, as is whatever else the application connects. `opened` and `closing` may be overridden. At the end of
    an example that did not fail, what the mock found against it fails it: `MockViolations`, and tasks that outlived it: `AssertionError`.
    Rules of a class that overrides `__init__` must call `super().__init__()` first.
    """

    options: ClassVar[Mapping[str, Any]] = {}
    """How the mock of every example is made: the arguments of `MeerkatMock`."""
    patience_seconds: ClassVar[float] = 30.0
    """How long one rule or invariant may take before it fails with `TimeoutError`, in real seconds."""

    latest: ClassVar[MeerkatMachine | None] = None
    """The example that ended last: the shrunk one once a test has failed."""

    mock: MeerkatMock
    client: MeerkatClient

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        for name, member in inspect.getmembers(cls, inspect.isfunction):
            for step in steps_of(member):
                if inspect.iscoroutinefunction(step.function):
                    object.__setattr__(step, "function", _driven(step.function, name))
                if hasattr(step, "targets") and not hasattr(step.function, _RECORDED):
                    object.__setattr__(step, "function", _recorded(step.function, name))

    def __init__(self) -> None:
        super().__init__()
        self._failed = False
        self.taken: list[Step] = []
        """The rules of this example, in their order."""
        self._loop = asyncio.new_event_loop()
        self.mock = MeerkatMock(**self.options)
        try:
            self._whole(self._open(), _OPENING_SECONDS)
        except BaseException:
            self._loop.close()
            raise

    async def opened(self) -> None:
        """Do what every example begins with; the client is connected. Does nothing unless overridden."""

    async def closing(self) -> None:
        """Do what every example ends with; the client is still connected. Does nothing unless overridden."""

    def drive(self, work: Awaitable[T]) -> T:
        """Run something to its end in the event loop of this example and return what came of it: for rules that are not `async`."""
        return self._whole(work, self.patience_seconds)

    def _whole(self, work: Awaitable[T], limit: float) -> T:
        try:
            return self._loop.run_until_complete(asyncio.wait_for(work, limit))
        except BaseException:
            self._failed = True
            raise

    def teardown(self) -> None:
        """End the example: client, mock and event loop; then fail for what the mock holds against it."""
        MeerkatMachine.latest = self
        try:
            self._whole(self._close(), _OPENING_SECONDS)
            left = asyncio.all_tasks(self._loop)
            assert self._failed or not left, f"tasks outlived the example: {', '.join(sorted(map(str, left)))}"
        finally:
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()
        if not self._failed:
            self.mock.assert_clean()

    def abandon(self) -> None:
        """End an example that has failed outside Hypothesis; what else the mock holds against it is not told."""
        self._failed = True
        self.teardown()

    async def _open(self) -> None:
        from meerkat.client import MeerkatClient

        await self.mock.__aenter__()
        self.client = MeerkatClient()
        await self.client.connect()
        await self.opened()

    async def _close(self) -> None:
        if not self._failed:
            await self.closing()
        await self.client.close()
        # what the mock holds against the example is told by `teardown`, once everything is closed
        await self.mock.__aexit__(AssertionError, None, None)


def steps_of(member: Callable[..., Any]) -> list[Any]:
    """Return what Hypothesis' decorators have attached to a method: objects with the function that they will call."""
    return [value for value in vars(member).values() if hasattr(value, "function")]


def _driven(step: Callable[..., Awaitable[object]], name: str) -> Callable[..., object]:
    @functools.wraps(step)
    def run(machine: MeerkatMachine, **arguments: Any) -> object:
        return machine.drive(step(machine, **arguments))

    run.__name__ = name
    # `wraps` leaves a trail to the coroutine function; who looks along it would take this one for `async` as well
    del run.__wrapped__
    return run


def _recorded(step: Callable[..., object], name: str) -> Callable[..., object]:
    @functools.wraps(step)
    def run(machine: MeerkatMachine, **arguments: Any) -> object:
        taken = Step(name, arguments)
        machine.taken.append(taken)
        taken.result = step(machine, **arguments)
        return taken.result

    setattr(run, _RECORDED, True)
    return run
