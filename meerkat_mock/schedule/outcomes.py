"""What a look at a target, and a delivery to it, can come to (spec 05, section 1.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from meerkat_mock.schedule.records import Failure


@dataclass(frozen=True)
class Obstacle:
    """Why an occurrence cannot be delivered as things are."""

    kind: Literal["missing", "busy"]
    detail: str


@dataclass(frozen=True)
class Delivered:
    """What came of a delivery: handed over, or a failure at once; `completion` ends later where the work is waited for."""

    correlation: str | None = None
    failure: Failure | None = None
    materialized: str | None = None
    completion: Awaitable[Failure | None] | None = None
