"""JSON as the server's library reads it, with its words for what is wrong: `expected ident at line 1 column 2` (spec 02, section 7).

A good text is read by the standard library; only a bad one is scanned again to find the library's own words. Positions count bytes: the
column of a character that is looked at is one past those before it, of one that has been taken the number taken.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from meerkat.wire.base import Json

DEPTH_LIMIT = 127
"""Levels of nesting that are read."""

_SPACE = b" \n\t\r"
_DIGITS = b"0123456789"
_HEX = b"0123456789abcdefABCDEF"
_ESCAPES = b'"\\/bfnrt'
_WORDS = {ord("n"): b"ull", ord("t"): b"rue", ord("f"): b"alse"}


class BadJson(ValueError):
    """A text that is no JSON; `str()` is the server's text, position included."""


def read_json(text: str) -> Json:
    """Return the value. Raises `BadJson`."""
    if "\\u" in text or text.count("[") + text.count("{") > DEPTH_LIMIT:
        _Scanner(text).run()  # what the standard library accepts although it should not
    try:
        value: Json = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        _Scanner(text).run()
        raise BadJson("number out of range at line 1 column 1") from None
    return value


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return value


class _Scanner:
    """A recursive descent over the bytes that only looks for the first fault."""

    def __init__(self, text: str) -> None:
        self._data = text.encode("utf-8", "surrogatepass")
        self._at = 0
        self._depth = 0

    def run(self) -> None:
        """Raise `BadJson` at the first fault."""
        self._value()
        if self._peek() is not None:
            self._fail_here("trailing characters")

    def _fail_taken(self, text: str) -> NoReturn:
        """Fail at what has been taken."""
        before = self._data[: self._at]
        column = len(before) - (before.rfind(b"\n") + 1)
        line = before.count(b"\n") + 1
        raise BadJson(f"{text} at line {line} column {column}")

    def _fail_here(self, text: str) -> NoReturn:
        """Fail at the byte that is looked at, or at the end."""
        self._at = min(len(self._data), self._at + 1)
        self._fail_taken(text)

    def _peek(self) -> int | None:
        data, size = self._data, len(self._data)
        while self._at < size and data[self._at] in _SPACE:
            self._at += 1
        return data[self._at] if self._at < size else None

    def _take(self) -> int | None:
        if self._at >= len(self._data):
            return None
        self._at += 1
        return self._data[self._at - 1]

    def _value(self) -> None:
        byte = self._peek()
        if byte is None:
            self._fail_here("EOF while parsing a value")
        if byte in _WORDS:
            self._word(_WORDS[byte])
        elif byte == ord("-") or byte in _DIGITS:
            self._number()
        elif byte == ord('"'):
            self._at += 1
            self._string()
        elif byte in b"[{":
            self._nested(byte)
        else:
            self._fail_here("expected value")

    def _word(self, rest: bytes) -> None:
        self._at += 1
        for expected in rest:
            byte = self._take()
            if byte is None:
                self._fail_taken("EOF while parsing a value")
            if byte != expected:
                self._fail_taken("expected ident")

    def _nested(self, opening: int) -> None:
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            self._fail_here("recursion limit exceeded")
        self._at += 1
        self._list() if opening == ord("[") else self._object()
        self._depth -= 1

    def _list(self) -> None:
        first = True
        while (byte := self._peek()) != ord("]"):
            if byte is None:
                self._fail_here("EOF while parsing a list")
            if not first:
                if byte != ord(","):
                    self._fail_here("expected `,` or `]`")
                self._at += 1
                if self._peek() == ord("]"):
                    self._fail_here("trailing comma")
            first = False
            self._value()
        self._at += 1

    def _object(self) -> None:
        first = True
        while (byte := self._peek()) != ord("}"):
            if byte is None:
                self._fail_here("EOF while parsing an object")
            if not first:
                if byte != ord(","):
                    self._fail_here("expected `,` or `}`")
                self._at += 1
            first = False
            self._member()
        self._at += 1

    def _member(self) -> None:
        byte = self._peek()
        if byte is None:
            self._fail_here("EOF while parsing a value")
        if byte != ord('"'):
            self._fail_here("trailing comma" if byte == ord("}") else "key must be a string")
        self._at += 1
        self._string()
        byte = self._peek()
        if byte != ord(":"):
            self._fail_here("EOF while parsing an object" if byte is None else "expected `:`")
        self._at += 1
        self._value()

    def _string(self) -> None:
        while (byte := self._take()) != ord('"'):
            if byte is None:
                self._fail_taken("EOF while parsing a string")
            if byte == ord("\\"):
                self._escape()
            elif byte < 0x20:
                self._fail_taken("control character (\\u0000-\\u001F) found while parsing a string")

    def _escape(self) -> None:
        byte = self._take()
        if byte is None:
            self._fail_taken("EOF while parsing a string")
        if byte == ord("u"):
            self._surrogates(self._hex())
        elif byte not in _ESCAPES:
            self._fail_taken("invalid escape")

    def _surrogates(self, unit: int) -> None:
        if 0xDC00 <= unit <= 0xDFFF:
            self._fail_taken("lone leading surrogate in hex escape")
        if not 0xD800 <= unit <= 0xDBFF:
            return
        for expected in b"\\u":
            byte = self._take()
            if byte is None:
                self._fail_taken("EOF while parsing a string")
            if byte != expected:
                self._fail_taken("unexpected end of hex escape")
        if not 0xDC00 <= self._hex() <= 0xDFFF:
            self._fail_taken("lone leading surrogate in hex escape")

    def _hex(self) -> int:
        digits = self._data[self._at : self._at + 4]
        self._at += len(digits)
        if len(digits) < 4:
            self._fail_taken("EOF while parsing a string")
        if any(digit not in _HEX for digit in digits):
            self._fail_taken("invalid escape")
        return int(digits, 16)

    def _number(self) -> None:
        start = self._at
        if self._data[self._at] == ord("-"):
            self._at += 1
        byte = self._digit()
        if byte == ord("0"):
            if self._at < len(self._data) and self._data[self._at] in _DIGITS:
                self._fail_here("invalid number")
        else:
            self._digits()
        self._fraction()
        self._exponent()
        if math.isinf(float(self._data[start : self._at])):
            self._fail_taken("number out of range")

    def _digit(self) -> int:
        byte = self._take()
        if byte is None:
            self._fail_taken("EOF while parsing a value")
        if byte not in _DIGITS:
            self._fail_taken("invalid number")
        return byte

    def _digits(self) -> None:
        while self._at < len(self._data) and self._data[self._at] in _DIGITS:
            self._at += 1

    def _fraction(self) -> None:
        if self._data[self._at : self._at + 1] != b".":
            return
        self._at += 1
        start = self._at
        self._digits()
        if self._at == start:
            self._fail_here("EOF while parsing a value" if self._at >= len(self._data) else "invalid number")

    def _exponent(self) -> None:
        if self._data[self._at : self._at + 1] not in (b"e", b"E"):
            return
        self._at += 1
        if self._data[self._at : self._at + 1] in (b"+", b"-"):
            self._at += 1
        self._digit()
        self._digits()
