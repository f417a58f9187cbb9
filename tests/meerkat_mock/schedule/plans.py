"""Schedules for tests: plans that are short to write, and what became of them, short to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.meerkat_mock.talk import Talk

START = "2026-03-02T09:00:00Z"
"""Where virtual time begins."""
NOBODY = "00000000-0000-7000-8000-0000000000ff"
LEAP_DAYS = {
    "type": "calendar",
    "timezone": "UTC",
    "month": {"kind": "values", "values": [2]},
    "day_of_month": {"kind": "values", "values": [29]},
}


def at(time: str, day: str = "2026-03-02") -> dict[str, Any]:
    """Return a trigger for one point in time."""
    return {"type": "once", "due_at_utc": f"{day}T{time}Z"}


def every(seconds: int, start: str = "2026-03-02T10:00:00Z", **more: Any) -> dict[str, Any]:
    """Return a trigger for an interval."""
    return {"type": "interval", "start_at_utc": start, "every_seconds": seconds, **more}


def to(session_id: str = NOBODY, prompt: Any = "tick", **more: Any) -> dict[str, Any]:
    """Return a target that prompts a session."""
    action = {"type": "prompt", "prompt": prompt, **more}
    return {"target_kind": "session", "type": "exact_session", "session_id": session_id, "action": action}


async def schedule(talk: Talk, trigger: dict[str, Any], target: dict[str, Any] | None = None, **more: Any) -> str:
    """Make a schedule and return its id."""
    made = await talk.call("schedule/create", trigger=trigger, target=target or to(), **more)
    return str(made["schedule_id"])


async def occurrences(talk: Talk, schedule_id: str, **more: Any) -> list[dict[str, Any]]:
    """Return the occurrences of a schedule."""
    found: list[dict[str, Any]] = (await talk.call("schedule/occurrences", schedule_id=schedule_id, **more))["occurrences"]
    return found


async def phases(talk: Talk, schedule_id: str) -> list[str]:
    """Return the phases of the occurrences of a schedule by due time."""
    return [each["phase"] for each in await occurrences(talk, schedule_id)]
