"""Reading `session_id` parameters: a UUID in one of several spellings, perhaps behind a realm (spec 02, section 1.1)."""

from __future__ import annotations

import re

from meerkat_mock.surfaces.registry import Fault

_PLAIN = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}")
_REALM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")

_URN = "urn:uuid:"
_HYPHENATED = 36
"""Characters of a UUID with hyphens."""


def canonical_uuid(text: str) -> str | None:
    """Return a UUID in its plain form; it may be in upper case, without hyphens, or hyphenated in braces. None if it is none."""
    inner = text[1:-1] if text.startswith("{") and text.endswith("}") else text
    if _PLAIN.fullmatch(inner) is None or (inner is not text and "-" not in inner):
        return None
    digits = inner.replace("-", "").lower()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def parsed_uuid(text: str) -> str | None:
    """Return a UUID that stands alone in its plain form: one after `urn:uuid:` counts, too. None if it is none."""
    if not text.startswith(_URN):
        return canonical_uuid(text)
    return canonical_uuid(text.removeprefix(_URN)) if len(text) == len(_URN) + _HYPHENATED else None


def session_id_of(raw: str, realm: str) -> str:
    """Return the session id of a locator. Raises `Fault` -32602 with the server's words."""
    given_realm, colon, session_part = raw.partition(":")
    if not colon:
        given_realm, session_part = "", raw
    elif not given_realm or not session_part:
        raise _bad(raw, "invalid session locator: expected <session_id> or <realm_id>:<session_id>")
    elif _REALM.fullmatch(given_realm) is None or canonical_uuid(given_realm) is not None:
        raise _bad(raw, f"invalid realm id in session locator: {given_realm}")
    session_id = canonical_uuid(session_part)
    if session_id is None:
        raise _bad(raw, f"invalid session id in session locator: {session_part}")
    if colon and given_realm != realm:
        raise Fault(-32602, f"Session locator realm '{given_realm}' does not match active runtime realm '{realm}'")
    return session_id


def _bad(raw: str, why: str) -> Fault:
    return Fault(-32602, f"Invalid session_id '{raw}': {why}")
