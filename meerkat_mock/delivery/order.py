"""Who decides which line is delivered next, and the text by which a decision is repeated.

A decision is a number among the lines that may come now, oldest first: 0 is the declared order, every other number lets a line overtake.
Knows nothing of lines and transports.
"""

from __future__ import annotations

import random
import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_PREFIX = "order"
_REPLAY = re.compile(rf"{_PREFIX}(?: \d+:\d+)*")


class Decision(NamedTuple):
    """One choice between lines: which of how many, and what says how they are called."""

    step: int
    choice: int
    among: int
    name_overtaking: Callable[[], str]
    name_overtaken: Callable[[], str]

    @property
    def overtaking(self) -> str:
        """What came first, in words."""
        return self.name_overtaking()

    @property
    def overtaken(self) -> str:
        """What was written first, in words."""
        return self.name_overtaken()

    def __str__(self) -> str:
        return f"{self.overtaking} came before {self.overtaken}"


class Order(ABC):
    """Chooses among lines, and remembers its choices."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []

    def choose(self, lines: Sequence[Callable[[], str]]) -> int:
        """Return which line comes next; `lines` say, if asked, how those are called that may, oldest first, at least two."""
        step = len(self.decisions)
        choice = min(self._choice(step, len(lines)), len(lines) - 1)
        self.decisions.append(Decision(step, choice, len(lines), lines[choice], lines[0]))
        return choice

    @property
    def swaps(self) -> list[Decision]:
        """The decisions that let a line overtake."""
        return [decision for decision in self.decisions if decision.choice]

    @property
    def text(self) -> str:
        """What `delivery=` takes to repeat these choices, as `order 3:1 9:2`."""
        return " ".join([_PREFIX, *(f"{swap.step}:{swap.choice}" for swap in self.swaps)])

    @property
    def told(self) -> str:
        """What to tell of a failure under this order: each swap, and how to repeat them; `""` if there is none."""
        return "\n".join([*map(str, self.swaps), f'repeat it with delivery="{self.text}"']) if self.swaps else ""

    @abstractmethod
    def _choice(self, step: int, among: int) -> int:
        """Return the choice of one step, from 0."""


class Declared(Order):
    """The order in which the mock wrote the lines."""

    def _choice(self, step: int, among: int) -> int:
        return 0


class Seeded(Order):
    """Any lawful order, always the same for a seed."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._random = random.Random(seed)

    def _choice(self, step: int, among: int) -> int:
        return self._random.randrange(among)


class Replayed(Order):
    """The choices of an earlier run, by step; every other step as declared."""

    def __init__(self, choices: Mapping[int, int]) -> None:
        super().__init__()
        self.wanted = dict(choices)

    def _choice(self, step: int, among: int) -> int:
        return self.wanted.get(step, 0)


def order_of(delivery: str | Order, seed: int) -> Order | None:
    """Return who decides for `delivery=`: None for `declared`, by seed for `explore`, else an order or its text. Raises `ValueError`."""
    if isinstance(delivery, Order):
        return delivery
    if delivery == "declared":
        return None
    if delivery == "explore":
        return Seeded(seed)
    if delivery == "exhaustive":
        raise ValueError(
            'delivery="exhaustive" needs many runs: give it to the marker of a test, `@pytest.mark.meerkat_mock(delivery="exhaustive")`, '
            "or call `meerkat_mock.delivery.exhaust`"
        )
    if not _REPLAY.fullmatch(delivery):
        raise ValueError(f"delivery is declared, explore, exhaustive or an order like 'order 3:1 9:2', not {delivery!r}")
    pairs = (pair.split(":") for pair in delivery.split()[1:])
    return Replayed({int(step): int(choice) for step, choice in pairs})
