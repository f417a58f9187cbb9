"""Runs that an earlier process has carried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject


@dataclass(frozen=True)
class StoredRun:
    """A run of a flow of an earlier process, as it was last seen."""

    run_id: str
    shown: JsonObject
    active: ClassVar[bool] = False
    """It is never in progress: whoever carried it out is gone."""

    def wire(self) -> JsonObject:
        """Return the run object."""
        return self.shown
