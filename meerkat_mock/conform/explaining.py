"""Which rows of the quirk table explain what a server does otherwise: those with which the mock does exactly the same.

A row explains differences if the mock, this row in its other position, shows some of them when it plays the same conversation, and no
others. So a server that has a defect of the shipped one repaired is told from one that has a new defect. What the mock shows with its rows
as they usually are hangs on timing: no row explains it, and no server is blamed for it.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meerkat_mock.conform.player import play
from meerkat_mock.quirks import QUIRKS, Quirks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from meerkat_mock.conform.golden import Golden
    from meerkat_mock.conform.judging import Difference
    from meerkat_mock.conform.roads import Connect

_PATIENCE_S = 0.3
"""How long a mock may take beyond what was recorded: it is in memory."""


@dataclass(frozen=True)
class Explained:
    """What of some differences is known: the rows, and what none of them explains."""

    quirks: tuple[str, ...]
    new: tuple[Difference, ...]
    timing: tuple[Difference, ...] = ()
    """What the mock itself does otherwise from one time to the next."""


class Explainer:
    """Asks mocks in memory; `mock` makes a way to one with these quirks.

    `at_once` of them play at the same time: several where most of it is waiting, one where time is virtual.
    """

    def __init__(self, golden: Golden, mock: Callable[[Quirks], Connect], at_once: int = 1) -> None:
        self._golden = golden
        self._mock = mock
        self._gate = asyncio.Semaphore(at_once)

    async def explain(self, found: Sequence[Difference]) -> Explained:
        """Return what the rows explain that the mock asks about in this conversation, alone or together."""
        names, usual = await self._asked()
        signs = {difference.sign for difference in found} - usual
        shown = await asyncio.gather(*(self._shown([name]) for name in names))
        alone = {name: signs_of - usual for name, signs_of in zip(names, shown, strict=True)}
        telling = [name for name in names if alone[name] and alone[name] <= signs]
        explained = {sign for name in telling for sign in alone[name]}
        together = [name for name in names if alone[name]]
        if signs - explained and len(together) > 1 and await self._shown(together) - usual == signs:
            telling, explained = together, signs
        new = tuple(difference for difference in found if difference.sign in signs - explained)
        return Explained(tuple(telling), new, tuple(difference for difference in found if difference.sign in usual))

    async def _asked(self) -> tuple[list[str], set[str]]:
        """Return the rows whose position the mock asks for when it plays the conversation, for no other can matter, and what it shows."""
        watched = _Watched()
        outcome = await play(self._golden, self._mock(watched), _PATIENCE_S)
        return [name for name in QUIRKS if name in watched.asked], {difference.sign for difference in outcome.differences}

    async def _shown(self, flipped: Sequence[str]) -> set[str]:
        """Return the differences that the mock shows with these rows in their other position."""
        usual = Quirks()
        async with self._gate:
            outcome = await play(self._golden, self._mock(Quirks("server", {name: not usual.on(name) for name in flipped})), _PATIENCE_S)
        return {difference.sign for difference in outcome.differences}


class _Watched(Quirks):
    """Quirks as they usually are, that note which of them are asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def on(self, name: str) -> bool:
        """Return whether the server's position holds for this row."""
        self.asked.add(name)
        return super().on(name)
