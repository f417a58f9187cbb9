"""Lengths of time as the configuration writes them: `500ms`, `10m`, `1h 30m` (spec 05, section 2.6)."""

from __future__ import annotations

import re
from typing import Final

_UNITS: Final = {
    "y": 31_557_600_000_000_000,
    "M": 2_630_016_000_000_000,
    "w": 604_800_000_000_000,
    "d": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}
"""Nanoseconds of every unit that may be written; a month is a twelfth of a year of 365.25 days."""

_SPELLINGS: Final = {
    "y": ("year", "years", "y"),
    "M": ("month", "months", "M"),
    "w": ("week", "weeks", "w"),
    "d": ("day", "days", "d"),
    "h": ("hour", "hours", "hr", "hrs", "h"),
    "m": ("minute", "minutes", "min", "mins", "m"),
    "s": ("second", "seconds", "sec", "secs", "s"),
    "ms": ("millis", "msec", "ms"),
    "us": ("micros", "usec", "us"),
    "ns": ("nanos", "nsec", "ns"),
}
_NANOSECONDS: Final = {spelling: _UNITS[unit] for unit, spellings in _SPELLINGS.items() for spelling in spellings}
_PART: Final = re.compile(r"\s*(\d+)\s*([A-Za-z]+)\s*")
_WRITTEN: Final = (("day", "d"), ("h", "h"), ("m", "m"), ("s", "s"), ("ms", "ms"), ("us", "us"), ("ns", "ns"))


def nanoseconds_of(text: str) -> int | None:
    """Return the nanoseconds that a text like `1h 30m` stands for, None when it stands for none."""
    total, end = 0, 0
    for part in _PART.finditer(text):
        if part.start() != end or part[2] not in _NANOSECONDS:
            return None
        total += int(part[1]) * _NANOSECONDS[part[2]]
        end = part.end()
    return total if end == len(text) and end > 0 else None


def written(nanoseconds: int) -> str:
    """Return a length of time as the server writes it: whole units from years down, those that are zero left out."""
    if nanoseconds == 0:
        return "0s"
    parts: list[str] = []
    rest = nanoseconds
    for name, unit in (("year", "y"), ("month", "M"), *_WRITTEN):
        count, rest = divmod(rest, _UNITS[unit])
        if count:
            plural = "s" if count > 1 and name in ("year", "month", "day") else ""
            parts.append(f"{count}{name}{plural}")
    return " ".join(parts)


def in_seconds(text: str) -> float:
    """Return the seconds of a duration that the configuration holds."""
    return (nanoseconds_of(text) or 0) / 1e9
