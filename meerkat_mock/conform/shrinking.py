"""The shortest conversation that still shows a difference: steps are left out, then members of params, as long as it stays."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from meerkat_mock.conform.steps import Ask, without

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from meerkat_mock.conform.steps import Step

    Shows = Callable[[Sequence[Step]], Awaitable[bool]]

TRIALS = 40
"""Conversations that are tried at most for one difference: against a process each takes a fraction of a second."""


async def shrink(steps: Sequence[Step], shows: Shows, trials: int = TRIALS) -> list[Step]:
    """Return the shortest steps found for which `shows` is still true, after so many trials at most."""
    return await _Shrinking(steps, shows, trials).run()


class _Shrinking:
    def __init__(self, steps: Sequence[Step], shows: Shows, trials: int) -> None:
        self._best = list(steps)
        self._shows = shows
        self._left = trials

    async def run(self) -> list[Step]:
        """Leave out steps, then members; a step may have been there for the sake of a member, so once more."""
        await self._cut_all(len(self._best) // 2)
        await self._simplify()
        await self._cut_all(1)
        return self._best

    async def _cut_all(self, size: int) -> None:
        """Try larger cuts first; begin again with a size as long as cuts of it succeed."""
        while size and self._left:
            if not await self._cut(size):
                size //= 2

    async def _cut(self, size: int) -> bool:
        """Leave out runs of so many steps, the last first, wherever that keeps the difference; tell whether any was."""
        succeeded = False
        end = len(self._best)
        while end > 0 and self._left:
            numbers = {step.number for step in self._best[max(0, end - size) : end]}
            if await self._take(without(self._best, numbers)):
                succeeded = True
                end = min(end, len(self._best))
            else:
                end -= size
        return succeeded

    async def _simplify(self) -> None:
        """Leave out members of params, one at a time."""
        for number in [step.number for step in self._best]:
            for name in self._names(number):
                if not self._left:
                    return
                await self._take([_bare(step, name) if step.number == number else step for step in self._best])

    def _names(self, number: int) -> list[str]:
        step = next(step for step in self._best if step.number == number)
        return sorted(step.params) if isinstance(step, Ask) and isinstance(step.params, dict) else []

    async def _take(self, candidate: list[Step]) -> bool:
        self._left -= 1
        if not candidate or not await self._shows(candidate):
            return False
        self._best = candidate
        return True


def _bare(step: Step, name: str) -> Step:
    if not isinstance(step, Ask) or not isinstance(step.params, dict):
        return step
    return dataclasses.replace(step, params={key: value for key, value in step.params.items() if key != name})
