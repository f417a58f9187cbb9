"""Another value of the same kind: what a corrupted text, number or argument looks like. The same for the same value, always."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meerkat.wire.base import Json


def other(value: Json) -> Json:
    """Return a value that differs from `value` and is of its type where that is possible."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, str):
        return other_text(value)
    if value is None:
        return "mutated"
    if isinstance(value, list):
        return [*value[:-1], other(value[-1])] if value else ["mutated"]
    return {**value, key: other(value[key])} if (key := next(iter(value), None)) is not None else {"mutated": True}


def other_text(text: str) -> str:
    """Return another text; one that is a JSON object or list stays one."""
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, (dict, list)):
        return json.dumps(other(value), separators=(",", ":"))
    return text[::-1] + "?"
