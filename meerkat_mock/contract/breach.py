"""A departure from the contract: which rule broke, where, and what would have been lawful there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Breach:
    """One rule that one event broke.

    `rule` is `invariant N` (spec 03, section 7) or `production NAME` (section 6.1); `index` counts the events fed so far, from 0, and is
    that of the event; one that never came has the index of what would have been next.
    """

    rule: str
    index: int
    event: str
    """Type of the event, or the method of a notification; `end` at the end of the stream."""
    what: str
    lawful: tuple[str, ...] = ()
    """What could have stood there instead; empty when the place was right and a value was wrong."""

    def __str__(self) -> str:
        """Return one line for people."""
        place = f"event {self.index} ({self.event}): {self.what} [{self.rule}, spec 03]"
        return f"{place}; lawful here: {', '.join(self.lawful)}" if self.lawful else place
