"""Points in time with nanoseconds, as the server reads and writes them: RFC 3339, UTC, `Z` (spec 05, section 0)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Final

_RFC3339: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,30}))?([Zz]|[+-]\d{2}:?\d{2})",
)
NANO: Final = 1_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=timezone.utc)
_YEAR_10000: Final = 253_402_300_800
_CYCLE_SECONDS: Final = 146_097 * 86_400
"""The calendar repeats itself after 400 years."""


def nanoseconds(moment: float) -> int:
    """Return a moment of the clock in whole nanoseconds since the Unix epoch."""
    return round(moment * NANO)


def read_instant(text: str) -> int:
    """Return the nanoseconds since the Unix epoch that an RFC 3339 text with any offset names. Raises `ValueError` for another text.

    A leap second is read as the second before it.
    """
    found = _RFC3339.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no time like 2026-03-02T08:59:00Z")
    date, time, fraction, offset = found.groups()
    moment = datetime.fromisoformat(f"{date}T{time[:6]}{min(int(time[6:]), 59):02d}+00:00")
    whole = (moment - _EPOCH) // timedelta(seconds=1) - _seconds_away(offset)
    return whole * NANO + int((fraction or "0").ljust(9, "0")[:9])


def _seconds_away(offset: str) -> int:
    if offset in "Zz":
        return 0
    away = int(offset[1:3]) * 3600 + int(offset[-2:]) * 60
    return -away if offset[0] == "-" else away


def write_instant(nanos: int, digits: int | None = None) -> str:
    """Return RFC 3339 in UTC with 0, 3, 6 or 9 fractional digits, as few as it takes; `digits` fixes their number."""
    whole, rest = divmod(nanos, NANO)
    text = _whole_seconds(whole)
    if digits is None:
        digits = 0 if rest == 0 else 3 if rest % 1_000_000 == 0 else 6 if rest % 1_000 == 0 else 9
    return f"{text}.{rest:09d}"[: len(text) + 1 + digits].rstrip(".") + "Z" if digits else f"{text}Z"


def _whole_seconds(second: int) -> str:
    """Return date and time of a second; years beyond 9999 have a sign and more digits, as the server writes them."""
    if second < _YEAR_10000:
        return (_EPOCH + timedelta(seconds=second)).isoformat()[:19]
    cycles = (second - _YEAR_10000) // _CYCLE_SECONDS + 1
    moment = _EPOCH + timedelta(seconds=second - cycles * _CYCLE_SECONDS)
    return f"+{moment.year + 400 * cycles}{moment.isoformat()[4:19]}"
