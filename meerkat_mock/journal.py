"""Every line that crossed, in order, for asserting, near misses, recording and reports.

Lines are kept as the bytes they were; what is asked about them is read out of them when it is asked, so that a test that never looks
pays for nothing but the keeping.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import Json

Direction = Literal["in", "out"]
"""Seen from the mock: `in` is what the client sent."""

DEFAULT_LIMIT = 1_000_000
"""Lines kept per mock: some 400 MB of events, more than any test should need without noticing."""


class JournalFull(RuntimeError):
    """More lines crossed than the journal may keep; nothing is dropped silently."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"the journal holds {limit} lines and may hold no more; raise `journal_limit`, or clear it with `journal.clear()`")


class Line:
    """One line: when it crossed (seconds of the mock's clock), on which connection, which way, and its bytes."""

    __slots__ = ("at", "connection", "data", "direction", "number")

    def __init__(self, number: int, at: float, connection: int, direction: Direction, data: bytes) -> None:
        self.number = number
        self.at = at
        self.connection = connection
        self.direction = direction
        self.data = data

    @property
    def message(self) -> Json:
        """Return the line as JSON; None if it is none."""
        try:
            value: Json = json.loads(self.data)
        except ValueError:
            return None
        return value

    def __repr__(self) -> str:
        arrow = ">" if self.direction == "in" else "<"
        return f"{self.number} {arrow} {self.data.decode('utf-8', 'replace').rstrip()}"


class Journal:
    """The lines of one mock, oldest first."""

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self._lines: list[Line] = []
        self._limit = limit

    def record(self, at: float, connection: int, direction: Direction, data: bytes) -> None:
        """Keep one line. Raises `JournalFull`."""
        lines = self._lines
        if len(lines) >= self._limit:
            raise JournalFull(self._limit)
        lines.append(Line(len(lines) + 1, at, connection, direction, data))

    def __iter__(self) -> Iterator[Line]:
        return iter(self._lines)

    def __len__(self) -> int:
        return len(self._lines)

    def clear(self) -> None:
        """Forget all lines."""
        self._lines.clear()
