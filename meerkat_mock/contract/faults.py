"""Where a reader of params stumbled, and the column that the server gives for it.

Owns positions; the texts come from the reader. The server counts bytes in the params as it re-serialises them: compactly, with sorted keys.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from meerkat.wire.base import Json

Place: TypeAlias = Literal["start", "end", "key", "after", "nowhere"]
"""Where the reader stands when it stumbles: before or behind the value, behind a key, behind the value and a bracket that
closes right after it, or in a text of which the place is lost."""


@dataclass
class Fault(Exception):
    """One stumble: what the server says, where it stands, and the way to it."""

    text: str
    place: Place = "end"
    offset: int = 0
    """Bytes read beyond that place."""
    path: list[str | int] = field(default_factory=lambda: [])

    def inside(self, step: str | int) -> Fault:
        """Say that the fault lies in a member; a fault without a place is noticed behind that member."""
        if self.place == "nowhere":
            self.place = "after"
        self.path.insert(0, step)
        return self


def described(fault: Fault, params: Json) -> str:
    """Return the text of a fault with its place, if it has one."""
    return fault.text if fault.place == "nowhere" else f"{fault.text} at line 1 column {_column(fault, params)}"


def _column(fault: Fault, params: Json) -> int:
    """Count the bytes read when the fault was met: of everything before it, and of the value itself where it was read."""
    column, value, last = 0, params, False
    for position, step in enumerate(fault.path):
        if isinstance(value, dict):
            column += 1 + sum(_size(key) + 2 + _size(value[key]) for key in value if key < str(step)) + _size(step)
            if fault.place == "key" and position == len(fault.path) - 1:
                return column
            column += 1
            last = str(step) == max(value)
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int):
            column += 1 + sum(_size(item) + 1 for item in value[:step])
            last = step == len(value) - 1
            value = value[step]
    if fault.place == "start":
        return column + fault.offset
    return column + fault.offset + _size(value) + (fault.place == "after" and last)


def _size(value: Json) -> int:
    return len(json.dumps(_as_read(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def _as_read(value: Json) -> Json:
    """Write integers beyond 64 bits as the server holds them: as floats."""
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return float(value)
    if isinstance(value, list):
        return [_as_read(item) for item in value]
    if isinstance(value, dict):
        return {key: _as_read(item) for key, item in value.items()}
    return value
