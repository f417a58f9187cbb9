"""The opaque tokens that name a member: base64url of a compact JSON object (spec 04, section 3.1)."""

from __future__ import annotations

import base64
import binascii
import json

from meerkat_mock.mob.refusals import Refusal


def member_ref(mob_id: str, identity: str) -> str:
    """Return the token of a member; it stays the same across respawns."""
    text = json.dumps({"a": identity, "m": mob_id}, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii").rstrip("=")


def read_member_ref(token: str) -> tuple[str, str]:
    """Return the mob and the identity that a token names. Raises `Refusal`."""
    try:
        if "=" in token or not token.isascii():
            raise ValueError(token)
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        value = json.loads(raw.decode("utf-8"))
        mob_id, identity = value["m"], value["a"]
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error):
        raise _malformed() from None
    if not isinstance(mob_id, str) or not isinstance(identity, str):
        raise _malformed()
    return mob_id, identity


def _malformed() -> Refusal:
    return Refusal("invalid member_ref: malformed member ref token")
