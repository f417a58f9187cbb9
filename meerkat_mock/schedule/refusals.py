"""Why a schedule call is refused, before any surface gives it a code: two surfaces answer the same refusal differently."""

from __future__ import annotations

from typing import Literal

Reason = Literal["invalid", "unknown", "disabled"]


class ScheduleRefused(Exception):
    """A call that cannot be carried out; `str()` is the message for the client (spec 05, sections 1.10 and 1.11)."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason


class DatesExhausted(Exception):
    """Reckoning with dates left the range that the server knows: it never answers such a call (spec 05, section 1.10)."""


def invalid_trigger(why: str) -> ScheduleRefused:
    """Return the refusal of a trigger."""
    return ScheduleRefused("invalid", f"invalid trigger: {why}")


def invalid_schedule(why: str) -> ScheduleRefused:
    """Return the refusal of a change."""
    return ScheduleRefused("invalid", f"invalid schedule: {why}")
