"""The first turn of an autonomous member and what became of it (spec 04, section 6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from meerkat_mock.instants import NANO, nanoseconds

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject

Phase = Literal["pending", "starting", "started", "failed", "cancelled"]


@dataclass(frozen=True)
class Kickoff:
    """Where a kickoff stands since `at` (seconds since the epoch)."""

    phase: Phase
    at: float
    error: str | None = None

    @property
    def settled(self) -> bool:
        """Tell whether it has ended, one way or another."""
        return self.phase not in ("pending", "starting")

    def wire(self) -> JsonObject:
        """Return the kickoff object."""
        seconds, nanos = divmod(nanoseconds(self.at), NANO)
        error: JsonObject = {} if self.error is None else {"error": self.error}
        return {"phase": self.phase, **error, "updated_at": {"secs_since_epoch": seconds, "nanos_since_epoch": nanos}}
