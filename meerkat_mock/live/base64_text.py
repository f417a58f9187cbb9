"""Base64 as the server reads it: standard alphabet, padded, with its own words for what is wrong (spec 07, section 3.4)."""

from __future__ import annotations

import base64
import re

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_SPARE_BITS = {2: 15, 3: 3}
"""Bits of the last symbol of a short group that carry nothing and have to be zero."""
_FOREIGN = re.compile(r"[^A-Za-z0-9+/]")


class BadBase64(ValueError):
    """A text that is no base64; `str()` says what is wrong with it."""


def decoded(text: str) -> bytes:
    """Return the bytes of a base64 text. Raises `BadBase64`."""
    body = text[:-2] if text.endswith("==") else text.removesuffix("=")
    foreign = _FOREIGN.search(body)
    if foreign is not None:
        raise BadBase64(f"Invalid symbol {foreign.group().encode()[0]}, offset {len(body[: foreign.start()].encode())}.")
    if len(body) % 4 == 1:
        raise BadBase64(f"Invalid input length: {len(body)}")
    if len(text) % 4:
        raise BadBase64("Invalid padding")
    spare = _SPARE_BITS.get(len(body) % 4, 0)
    if body and _ALPHABET.index(body[-1]) & spare:
        raise BadBase64(f"Invalid last symbol {ord(body[-1])}, offset {len(body) - 1}.")
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise BadBase64("Invalid padding") from error
