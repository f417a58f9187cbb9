"""Where every id of the simulation comes from: the same seed gives the same ids, in the order in which they are asked for.

Ids of a seeded source are readable (`0199aa10-1111-7000-8000-00000000000a`: the time, and a running number at the end, and
before it the number of the process, so that processes that share a clock never make the same); an unseeded source, as the drop-in
executable uses, cannot collide with another process of the same realm.
"""

from __future__ import annotations

import random
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meerkat_mock.clock import Clock


class IdSource:
    """Makes UUIDs of version 7 (ordered by time: sessions, events, inputs) and 4 (streams)."""

    def __init__(self, clock: Clock, seed: int | None = 0, process: int = 0) -> None:
        self._clock = clock
        self._seed = seed
        self._tail = 0 if seed is not None else self._random.getrandbits(47)
        version, variant = (0, process % 4096) if seed is not None else (self._random.getrandbits(12), self._random.getrandbits(12))
        self._field = f"7{version:03x}-8{variant:03x}"
        self._prefix_ms = -1
        self._prefix = ""

    @cached_property
    def _random(self) -> random.Random:
        """Chance, made when it is first asked: most servers only number on."""
        return random.Random(self._seed)

    def uuid7(self) -> str:
        """Return a new UUID v7; later ones sort after earlier ones."""
        ms = int(self._clock.now() * 1000)
        if ms > self._prefix_ms:
            self._prefix_ms = ms
            digits = f"{ms:012x}"
            self._prefix = f"{digits[:8]}-{digits[8:]}-{self._field}-"
        self._tail += 1
        return f"{self._prefix}{self._tail:012x}"

    def uuid4(self) -> str:
        """Return a new UUID v4."""
        digits = f"{self._random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{'89ab'[int(digits[16], 16) % 4]}{digits[17:20]}-{digits[20:]}"

    def token(self, length: int = 43) -> str:
        """Return a URL-safe random text of `length` characters."""
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        return "".join(self._random.choice(alphabet) for _ in range(length))

    def jitter(self, value: float, share: float) -> float:
        """Return `value` moved by at most `share` of itself, up or down."""
        return value * (1 + self._random.uniform(-share, share))
