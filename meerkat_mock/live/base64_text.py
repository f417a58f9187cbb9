"""Base64 as the server reads it: standard alphabet, padded, with its own words for what is wrong (spec 07, section 3.4)."""

from __future__ import annotations

import base64
import re

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_SPARE_BITS = {2: 15, 3: 3}
"""Bits of the last symbol of a short group that carry nothing and have to be zero."""
_FOREIGN = re.compile(rb"[^A-Za-z0-9+/]")
_PAD = ord("=")


class BadBase64(ValueError):
    """A text that is no base64; `str()` says what is wrong with it."""


def decoded(text: str) -> bytes:
    """Return the bytes of a base64 text. Raises `BadBase64`."""
    data = text.encode("utf-8", "surrogatepass")
    _check(data)
    return base64.b64decode(data)


def _check(data: bytes) -> None:
    """Look for a fault in the order of the server's library: a bad last byte, the full groups, then the last group."""
    rest = len(data) % 4
    if rest == 1 and data[-1] != _PAD and data[-1] not in _ALPHABET:
        raise _symbol(data, len(data) - 1)
    start = max(0, len(data) - (rest or 4))
    foreign = _FOREIGN.search(data, 0, start)
    if foreign is not None:
        raise _symbol(data, foreign.start())
    if data:
        _check_last_group(data, start)


def _check_last_group(data: bytes, start: int) -> None:
    foreign = _FOREIGN.search(data, start)
    end = len(data) if foreign is None else foreign.start()
    symbols = end - start
    if foreign is not None and (symbols < 2 or data[end:].strip(b"=")):
        raise _symbol(data, end)
    if symbols < 2:
        raise BadBase64(f"Invalid input length: {end}")
    if len(data) % 4:
        raise BadBase64("Invalid padding")
    if _ALPHABET.index(data[end - 1]) & _SPARE_BITS.get(symbols, 0):
        raise BadBase64(f"Invalid last symbol {data[end - 1]}, offset {end - 1}.")


def _symbol(data: bytes, offset: int) -> BadBase64:
    return BadBase64(f"Invalid symbol {data[offset]}, offset {offset}.")
