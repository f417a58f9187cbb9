"""How the server reads the texts that it parses along with params, and what it says of one that it cannot read.

Owns those small parsers; which fields they apply to is written in the types (`Parsed` in `meerkat.wire.base`).
"""

from __future__ import annotations

import re
from calendar import monthrange
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from meerkat.wire.base import TextForm

_URN = "urn:uuid:"
_GROUPS = (8, 4, 4, 4, 12)
_DATE_TIME = re.compile(r"(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")


def text_fault(form: TextForm, text: str) -> str | None:
    """Say in the server's words why a text is not of a form; None when it is."""
    return _FAULTS[form](text)


def uuid_fault(text: str) -> str | None:
    """Say in the server's words why a text is no UUID; None when it is one in any spelling the server knows."""
    body = _unwrapped(text)
    skipped = text.index(body)
    for index, letter in enumerate(body):
        if letter not in "0123456789abcdefABCDEF-":
            place = len((text[:skipped] + body[:index]).encode("utf-8", "surrogatepass")) + 1
            return f"invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `{letter}` at {place}"
    groups = body.split("-")
    if len(groups) == 1 and body == text:
        return None if len(body) == 32 else f"invalid length: expected length 32 for simple format, found {len(body)}"
    return _group_fault(groups)


def _group_fault(groups: list[str]) -> str | None:
    if len(groups) != len(_GROUPS):
        return f"invalid group count: expected 5, found {len(groups)}"
    for number, (group, length) in enumerate(zip(groups, _GROUPS, strict=True)):
        if len(group) != length:
            return f"invalid group length in group {number}: expected {length}, found {len(group)}"
    return None


def _unwrapped(text: str) -> str:
    if text.startswith(_URN):
        return text[len(_URN) :]
    if text.startswith("{") and text.endswith("}"):
        return text[1:-1]
    return text


def _typed_uuid_fault(text: str) -> str | None:
    fault = uuid_fault(text)
    return fault and f"UUID parsing failed: {fault}"


def _slug_fault(text: str) -> str | None:
    if not text:
        return "identity slug is empty"
    for letter in text:
        if not (letter.isascii() and (letter.isalnum() or letter in "-_.")):
            return f"identity slug contains invalid character '{letter}'; must be ASCII alphanumeric or one of '-', '_', '.'"
    return None


def _skill_source_fault(text: str) -> str | None:
    fault = uuid_fault(text)
    return fault and f"skill parse failed: invalid source_uuid '{text}': {fault}"


def _skill_name_fault(text: str) -> str | None:
    if not text:
        return "skill parse failed: skill_name cannot be empty"
    if text.startswith("-") or text.endswith("-"):
        return f"skill parse failed: invalid skill_name '{text}': cannot start/end with '-'"
    if "--" in text or not re.fullmatch("[a-z0-9-]+", text):
        return f"skill parse failed: invalid skill_name '{text}': expected lowercase slug [a-z0-9-], no '--'"
    return None


def _artifact_id_fault(text: str) -> str | None:
    trimmed = text.strip()
    if re.fullmatch(r"[A-Za-z0-9\-_.:@]+", trimmed) and trimmed != "." and ".." not in trimmed:
        return None
    return f"invalid artifact id: {trimmed}"


def _date_time_fault(text: str) -> str | None:
    if not text:
        return "premature end of input"
    found = _DATE_TIME.fullmatch(text.strip())
    if found is None:
        return "input contains invalid characters"
    year, month, day, hour, minute, second = (int(found[group]) for group in range(1, 7))
    days = monthrange(year, month)[1] if year and 1 <= month <= 12 else 0
    # A minute may have a 61st second.
    return None if 1 <= day <= days and hour < 24 and minute < 60 and second <= 60 else "input is out of range"


_FAULTS: Mapping[TextForm, Callable[[str], str | None]] = MappingProxyType(
    {
        "uuid": _typed_uuid_fault,
        "slug": _slug_fault,
        "skill_source": _skill_source_fault,
        "skill_name": _skill_name_fault,
        "artifact_id": _artifact_id_fault,
        "date_time": _date_time_fault,
    }
)
