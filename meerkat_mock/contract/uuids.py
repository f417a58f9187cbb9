"""How the server reads a UUID in params, and what it says of one that is none.

Owns that one parser; which fields it applies to is written in the types (`UuidText`).
"""

from __future__ import annotations

_URN = "urn:uuid:"
_GROUPS = (8, 4, 4, 4, 12)


def uuid_fault(text: str) -> str | None:
    """Say in the server's words why a text is no UUID; None when it is one in any spelling the server knows."""
    body = _unwrapped(text)
    skipped = text.index(body) if body else 0
    for index, letter in enumerate(body):
        if letter not in "0123456789abcdefABCDEF-":
            place = skipped + index + 1
            return f"invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `{letter}` at {place}"
    groups = body.split("-")
    if len(groups) == 1:
        return None if len(body) == 32 else f"invalid length: expected length 32 for simple format, found {len(body)}"
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
