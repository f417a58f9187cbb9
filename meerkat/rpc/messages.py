"""The five things a line can be, and how each is read and written.

A reader never raises: what is no message comes out as `Junk` with the reason, and its owner decides. Spec 01, section 3.
"""

from __future__ import annotations

import enum
import json
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.wire.base import Json

RequestId: TypeAlias = int | str | None


class Absent(enum.Enum):
    """Tells "no such member" from `null`."""

    ABSENT = "absent"


ABSENT: Final[Literal[Absent.ABSENT]] = Absent.ABSENT


class RpcError(NamedTuple):
    """The `error` member of a failure: an integer `code`, a `message`, and `data` when there is any."""

    code: int
    message: str
    data: Json | Literal[Absent.ABSENT] = ABSENT

    def wire(self) -> dict[str, Json]:
        """Return the member as it stands on the wire."""
        error: dict[str, Json] = {"code": self.code, "message": self.message}
        if self.data is not ABSENT:
            error["data"] = self.data
        return error


class Request:
    """A call that wants an answer under its `id`."""

    __slots__ = ("id", "method", "params")
    __match_args__ = ("id", "method", "params")

    def __init__(self, id: RequestId, method: str, params: Json | Literal[Absent.ABSENT] = ABSENT) -> None:
        self.id = id
        self.method = method
        self.params = params


class Notification:
    """A message that nobody answers."""

    __slots__ = ("method", "params")
    __match_args__ = ("method", "params")

    def __init__(self, method: str, params: Json | Literal[Absent.ABSENT] = ABSENT) -> None:
        self.method = method
        self.params = params


class Result:
    """A successful answer to the request `id`."""

    __slots__ = ("id", "result")
    __match_args__ = ("id", "result")

    def __init__(self, id: RequestId, result: Json) -> None:
        self.id = id
        self.result = result


class Failure:
    """An error answer; its `id` is None when the other side could not tell which request failed."""

    __slots__ = ("error", "id")
    __match_args__ = ("id", "error")

    def __init__(self, id: RequestId, error: RpcError) -> None:
        self.id = id
        self.error = error


class Junk:
    """A line that is no message: the line itself and why."""

    __slots__ = ("line", "reason")
    __match_args__ = ("line", "reason")

    def __init__(self, line: bytes, reason: str) -> None:
        self.line = line
        self.reason = reason


Message: TypeAlias = Request | Notification | Result | Failure | Junk

_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _encoding() -> Callable[[Json], str]:
    """Return `_encoder.encode`, where this Python allows it without making its inner encoder anew for every value."""
    make = vars(json.encoder).get("c_make_encoder")
    if make is None:
        return _encoder.encode
    pieces = make(None, _encoder.default, json.encoder.encode_basestring, None, ":", ",", False, False, False)

    def text_of(value: Json) -> str:
        try:
            return "".join(pieces(value, 0))
        except RecursionError:
            return _encoder.encode(value)  # tells a value that holds itself from one that is too deep

    return text_of


encode_text: Final = _encoding()
"""Returns a value as compact JSON. Raises `ValueError` (NaN, infinities, a value inside itself), `TypeError` or `RecursionError`."""


def encode(value: Json) -> bytes:
    """Return `value` as one line of compact UTF-8 JSON with its newline. Raises like `encode_text`."""
    return encode_text(value).encode("utf-8", "surrogatepass") + b"\n"


_scan = cast("Callable[[str, int], tuple[Json, int]]", vars(json.JSONDecoder())["scan_once"])
"""Reads one value at a place in a text: `json.loads` without looking for an encoding and without copying the text."""

_BETWEEN: Final = 2**53 + 1
"""Stands between the lines that are read at once: an integer can be written in one way only, and no fraction equals this one."""
_DIGITS: Final = str(_BETWEEN)
_SEPARATOR: Final = f"\n,{_DIGITS},"


def decode_block(block: bytes) -> list[Message]:
    """Read lines that each end with a newline: the same messages as `decode_line` gives for each, blank lines left out.

    Bursts of events come in blocks of hundreds of lines. They are read as one array, which shares the keys of all its objects and so
    takes half the time of reading line by line; anything odd about any line sends the block the long way, which says what it is.
    """
    messages: list[Message] = []
    for value in _values(block):
        if type(value) is not dict:
            return _line_by_line(block)
        if type(method := value.get("method")) is str and "id" not in value:
            messages.append(Notification(method, value.get("params", ABSENT)))
        else:
            messages.append(message := _message(b"", value))
            if type(message) is Junk:
                return _line_by_line(block)
    return messages


def _line_by_line(block: bytes) -> list[Message]:
    return [decode_line(line) for line in block.split(b"\n") if line and not line.isspace()]


_NOT_READ: Final[list[Json]] = [None]


def _values(block: bytes) -> list[Json]:
    """Return the values of the lines, or `_NOT_READ` unless every line is exactly one value."""
    try:
        text = block.decode()
        if block.find(b"\n") == len(block) - 1:
            value, end = _scan(text, 0)
            return [value] if end == len(text) - 1 else _NOT_READ
        lines = text.split("\n")
        # the last line, behind the last newline, is empty
        lines[-1] = "0]"
        values = _NOT_READ if _DIGITS in text else _scan("[" + _SEPARATOR.join(lines), 0)[0]
    except (StopIteration, ValueError, RecursionError):
        return _NOT_READ
    # a value that went on past its line would have swallowed what stands between, and a line of two would leave one too many
    if type(values) is not list or len(values) != 2 * len(lines) - 1 or values[1::2].count(_BETWEEN) != len(lines) - 1:
        return _NOT_READ
    return values[:-1:2]


def decode_line(line: bytes) -> Message:
    """Read one line the way a client must: tolerant of unknown members, strict about what makes a message."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Junk(line, f"not JSON: {error}")
    if type(value) is not dict:
        return Junk(line, f"expected a JSON object, got {type(value).__name__}")
    return _message(line, cast("dict[str, Json]", value))


def _message(line: bytes, value: dict[str, Json]) -> Message:
    if "method" in value:
        return _call(line, value)
    if "id" not in value:
        return Junk(line, "neither `method` nor `id`")
    return _answer(line, value)


def _call(line: bytes, value: dict[str, Json]) -> Message:
    method = value["method"]
    if type(method) is not str:
        return Junk(line, "`method` is not a string")
    params = value.get("params", ABSENT)
    if "id" not in value:
        return Notification(method, params)
    request_id = value["id"]
    if type(request_id) is int or type(request_id) is str or request_id is None:
        return Request(request_id, method, params)
    return Junk(line, "`id` is neither an integer nor a string")


def _answer(line: bytes, value: dict[str, Json]) -> Message:
    request_id = value["id"]
    if not (type(request_id) is int or type(request_id) is str or request_id is None):
        return Junk(line, "`id` is neither an integer nor a string")
    error = value.get("error")
    if error is None:
        # an answer without either member is still one: its caller must be told, and judges a null result
        return Result(request_id, value.get("result"))
    if type(error) is not dict:
        return Failure(request_id, RpcError(0, str(error)))
    code, message = error.get("code"), error.get("message")
    return Failure(
        request_id,
        RpcError(
            code if type(code) is int else 0,
            message if type(message) is str else "Unknown error",
            error.get("data", ABSENT),
        ),
    )
