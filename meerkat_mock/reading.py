"""How the server reads a line: which lines are requests, which are answers, and what it says to all others.

The real server decodes with a typed JSON library; its texts are reproduced as far as they recur (spec 01, sections 2 and 3). What stands
after `Parse error: ` is the library's own wording and no promise.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, NoReturn

from meerkat.rpc import ABSENT, Failure, Junk, Message, Notification, Request, RequestId, Result, RpcError

if TYPE_CHECKING:
    from meerkat.wire.base import Json

DEPTH_LIMIT = 127
"""Levels a line may nest, the outermost value counted (spec 01, section 2)."""


_WHITE_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
"""What Unicode calls white space; Python would also strip the separators U+001C to U+001F."""
_LONG = 19
"""Digits of an integer, its sign counted, from which on it may be too long for 64 bits."""
_OUT_OF_RANGE = "number out of range at line 1 column 1"
_NOTHING = Result(None, None)
"""A blank line: passed over like an answer that nobody waits for."""


class FatalInput(Exception):
    """Bytes after which the server gives the connection up: they are no UTF-8 (spec 01, section 2)."""


class _Shape(Exception):
    """A JSON value that is no message; `str()` is what follows `Parse error: `."""


def read_line(line: bytes) -> Message:
    """Read one line as rkat-rpc does; `Junk.reason` is the whole message of the error answer. Raises `FatalInput`."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FatalInput("stream did not contain valid UTF-8") from error
    text = text.strip(_WHITE_SPACE)
    if not text:
        return _NOTHING
    try:
        return _message(_value(text))
    except _Shape as shape:
        return Junk(line, f"Parse error: {shape}")


def _value(text: str) -> Json:
    if text.count("{") + text.count("[") > DEPTH_LIMIT and (column := _too_deep(text)):
        raise _Shape(f"recursion limit exceeded at line 1 column {column}")
    try:
        value: Json = _READER(text)
    except json.JSONDecodeError as error:
        raise _Shape(_syntax(error, text)) from None
    if "\\u" in text and _has_lone_surrogate(text, value):
        raise _Shape(f"unexpected end of hex escape at line 1 column {len(text)}")
    return value


def _int(text: str) -> float:
    """The server's library takes `-0` for a float, and whatever 64 bits do not hold."""
    if len(text) < _LONG:
        return -0.0 if text == "-0" else int(text)
    value = _float(text)
    if abs(value) < 2.0**65 and -(2**63) <= (exact := int(text)) < 2**64:
        return exact
    return value


def _too_deep(text: str) -> int:
    """Return the column of the bracket that is one too many, or 0."""
    depth, quoted, escaped = 0, False, False
    for column, character in enumerate(text, 1):
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            if depth > DEPTH_LIMIT:
                return column
        elif character in "]}":
            depth -= 1
    return 0


def _constant(name: str) -> NoReturn:
    raise _Shape("expected value at line 1 column 1") if name != "-Infinity" else _Shape("invalid number at line 1 column 2")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _Shape(_OUT_OF_RANGE)
    return value


def _has_lone_surrogate(text: str, value: Json) -> bool:
    if "\\ud" not in text.lower():
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


_READER = json.JSONDecoder(parse_constant=_constant, parse_float=_float, parse_int=_int).decode

_TEXTS = {
    "Expecting value": "expected value",
    "Expecting property name enclosed in double quotes": "key must be a string",
    "Expecting ':' delimiter": "expected `:`",
    "Expecting ',' delimiter": "expected `,` or `}`",
    "Extra data": "trailing characters",
    "Invalid control character at": "control character (\\u0000-\\u001F) found while parsing a string",
    "Illegal trailing comma before end of object": "trailing comma",
    "Illegal trailing comma before end of array": "trailing comma",
    "Unterminated string starting at": "EOF while parsing a string",
}


def _syntax(error: json.JSONDecodeError, text: str) -> str:
    if error.pos >= len(text):
        inside = "an object" if text.startswith("{") else "a list" if text.startswith("[") else "a value"
        return f"EOF while parsing {inside} at line 1 column {len(text)}"
    if error.msg.startswith("Expecting value") and text[error.pos] in "tfn":
        return f"expected ident at line 1 column {error.pos + 2}"
    return f"{_TEXTS.get(error.msg, 'expected value')} at line 1 column {error.pos + 1}"


def described(value: Json) -> str:
    """Return how the server's JSON library names a value it did not expect."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"boolean `{json.dumps(value)}`"
    if isinstance(value, int):
        return f"integer `{value}`"
    if isinstance(value, float):
        return f"floating point `{value}`"
    if isinstance(value, str):
        return f"string {json.dumps(value, ensure_ascii=False)}"
    return "map" if isinstance(value, dict) else "sequence"


def _message(value: Json) -> Message:
    if isinstance(value, list):
        return _positional(value)
    if not isinstance(value, dict):
        raise _Shape(f"invalid type: {described(value)}, expected struct RpcResponse")
    if "jsonrpc" not in value:
        raise _Shape("missing field `jsonrpc`")
    if not isinstance(value["jsonrpc"], str):
        raise _Shape(f"invalid type: {described(value['jsonrpc'])}, expected a string")
    return _call(value) if "method" in value else _answer(value)


def _positional(value: list[Json]) -> Message:
    """An array is taken for a response by position: `[jsonrpc, id, result, error]` (spec 01, section 3)."""
    if not value:
        raise _Shape("invalid length 0, expected struct RpcResponse with 4 elements")
    if not isinstance(value[0], str):
        raise _Shape(f"invalid type: {described(value[0])}, expected a string")
    if len(value) < 4:
        raise _Shape(f"invalid length {len(value)}, expected struct RpcResponse with 4 elements")
    if len(value) > 4:
        raise _Shape(f"invalid length {len(value)}, expected fewer elements in array")
    return _answered(_id(value[1]), value[2], value[3])


def _id(value: Json) -> RequestId:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return value
    raise _Shape("data did not match any variant of untagged enum RpcId")


def _call(value: dict[str, Json]) -> Message:
    request_id = _id(value.get("id"))
    method = value["method"]
    if not isinstance(method, str):
        raise _Shape(f"invalid type: {described(method)}, expected a string")
    params = value.get("params", ABSENT)
    return Notification(method, params) if request_id is None else Request(request_id, method, params)


def _answer(value: dict[str, Json]) -> Message:
    return _answered(_id(value.get("id")), value.get("result"), value.get("error"))


def _answered(request_id: RequestId, result: Json, error: Json) -> Message:
    if error is None:
        return Result(request_id, result)
    if isinstance(error, list):
        error = _error_by_position(error)
    if not isinstance(error, dict):
        raise _Shape(f"invalid type: {described(error)}, expected struct RpcError")
    for name in ("code", "message"):
        if name not in error:
            raise _Shape(f"missing field `{name}`")
    code, message = error["code"], error["message"]
    if not isinstance(code, int) or isinstance(code, bool):
        raise _Shape(f"invalid type: {described(code)}, expected i32")
    if not -(2**31) <= code < 2**31:
        raise _Shape(f"invalid value: {described(code)}, expected i32")
    if not isinstance(message, str):
        raise _Shape(f"invalid type: {described(message)}, expected a string")
    return Failure(request_id, RpcError(code, message, error.get("data", ABSENT)))


def _error_by_position(values: list[Json]) -> dict[str, Json]:
    """Assumption: as with the answer around it, all three members have to be there."""
    if len(values) < 3:
        raise _Shape(f"invalid length {len(values)}, expected struct RpcError with 3 elements")
    if len(values) > 3:
        raise _Shape(f"invalid length {len(values)}, expected fewer elements in array")
    return dict(zip(("code", "message", "data"), values, strict=True))
