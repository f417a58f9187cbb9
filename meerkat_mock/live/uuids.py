"""Session ids as `live/open` reads them: a plain UUID, and the parser's own words for what is none (spec 07, section 3.1)."""

from __future__ import annotations

from meerkat_mock.surfaces.registry import Fault

_HEX = frozenset("0123456789abcdefABCDEF")
_GROUPS = (8, 4, 4, 4, 12)


def session_uuid(text: str) -> str:
    """Return a UUID in its hyphenated form; hyphens may be left out. Raises `Fault` -32602."""
    why = _fault(text)
    if why is not None:
        raise Fault(-32602, f"invalid session_id: {why}")
    digits = _body(text).replace("-", "").lower()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _body(text: str) -> str:
    if text.startswith("urn:uuid:"):
        return text.removeprefix("urn:uuid:")
    return text[1:-1] if text.startswith("{") and text.endswith("}") and len(text) > 1 else text


def _fault(text: str) -> str | None:
    body = _body(text)
    offset = text.find(body) if body else 0
    for index, character in enumerate(body):
        if character not in _HEX and character != "-":
            place = offset + len(body[:index].encode()) + 1
            return f"invalid character: expected an optional prefix of `urn:uuid:` followed by [0-9a-fA-F-], found `{character}` at {place}"
    if "-" not in body:
        return None if len(body) == 32 else f"invalid length: expected length 32 for simple format, found {len(body)}"
    groups = body.split("-")
    if len(groups) != len(_GROUPS):
        return f"invalid group count: expected 5, found {len(groups)}"
    for number, (group, length) in enumerate(zip(groups, _GROUPS, strict=True)):
        if len(group) != length:
            return f"invalid group length in group {number}: expected {length}, found {len(group)}"
    return None
