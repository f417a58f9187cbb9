"""Reads the params of a request as the server does, down to the words of its refusals (spec 01, section 4; spec 02, section 1.2).

Owns decoding and its error texts; does not know what a method does with its params. The server re-serialises params
compactly with sorted keys and reads that text, so the first error is the first in key order, and columns count in it.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from meerkat_mock.contract.shapes import (
    AnyValue,
    Choice,
    Flag,
    KeyedUnion,
    ListOf,
    MapOf,
    Null,
    Nullable,
    OneOf,
    Real,
    Record,
    Refused,
    Shape,
    TaggedUnion,
    Text,
    Whole,
    shape_of,
)
from meerkat_mock.contract.texts import text_fault

if TYPE_CHECKING:
    from meerkat.wire.base import Json
    from meerkat.wire.methods import Method

_PREFIX = {"schedule/list": "invalid params: "}
"""Methods that spell the beginning of the message in their own way."""

_CONFIG_TEXTS = {
    "config/set": "Failed to parse config payload: data did not match any variant of untagged enum ConfigSetRequest",
    "config/patch": "Failed to apply config patch preview: invalid type: {seen}, expected struct {wanted}",
}
"""What the configuration methods say of params that are no object (spec 05, section 2.2); `[]` means all defaults to both."""

Place = Literal["start", "end", "key", "after", "nowhere"]
"""Where the reader stands when it stumbles: before or behind the value, behind a key, behind the value and a bracket that
closes right after it, or in a text of which the place is lost."""


class InvalidParams(Exception):
    """Params that the server refuses with -32602; `message` is the whole text of the error."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass
class _Fault(Exception):
    text: str
    place: Place = "end"
    path: list[str | int] = field(default_factory=list)

    def inside(self, step: str | int) -> _Fault:
        """Say that the fault lies in a member; a fault without a place is noticed behind that member."""
        if self.place == "nowhere":
            self.place = "after"
        self.path.insert(0, step)
        return self


def decode_params(method: Method, params: object, present: bool) -> dict[str, Json]:
    """Return the params that a handler may rely on: unknown fields and null options gone, positional arrays named.

    Raises `InvalidParams` with the server's text. `present` is false when the request has no `params` member; null counts as absent.
    """
    if method.params_policy == "ignored" or method.params_name is None:
        return {}
    if not present or params is None:
        if method.params_policy == "optional":
            return {}
        raise InvalidParams("Missing params")
    if method.name in _CONFIG_TEXTS:
        return _config_params(_CONFIG_TEXTS[method.name], params)
    try:
        decoded = _decode_whole(method, params)
    except _Fault as fault:
        raise InvalidParams(_PREFIX.get(method.name, "Invalid params: ") + _described(fault, params)) from None
    return decoded


def _config_params(refusal: str, params: object) -> dict[str, Json]:
    if isinstance(params, dict):
        return params
    if isinstance(params, list) and not params:
        return {}
    first, wanted = (params[0], "AgentConfig") if isinstance(params, list) else (params, "Config")
    raise InvalidParams(refusal.format(seen=seen(first), wanted=wanted))


def _decode_whole(method: Method, params: object) -> dict[str, Json]:
    decoded: Json
    shape = shape_of(method.params)
    if isinstance(shape, AnyValue):
        return params  # type: ignore[return-value]  # any JSON: the handler reads it itself, objects or not
    if isinstance(shape, Record) and isinstance(params, list):
        decoded = _positional(shape, params, defaults=method.params_policy == "optional" and method.name not in _PREFIX)
    else:
        decoded = _decode(shape, params)
    if not isinstance(decoded, dict):
        raise _Fault(f"invalid type: {seen(params)}, expected {_expected(shape)}")
    return decoded


def _decode(shape: Shape, value: object) -> Json:
    match shape:
        case AnyValue():
            return value  # type: ignore[return-value]  # came from a JSON parser
        case Nullable():
            return None if value is None else _decode(shape.inner, value)
        case Text() if isinstance(value, str):
            return _text(shape, value)
        case Flag() if isinstance(value, bool):
            return value
        case Whole() if isinstance(value, int) and not isinstance(value, bool):
            return _whole(shape, value)
        case Real() if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
        case Null() if value is None:
            return None
        case Choice():
            return _choice(shape, value)
        case ListOf() if isinstance(value, list):
            return _list(shape, value)
        case MapOf() if isinstance(value, dict):
            return {key: _member(shape.value, value[key], key) for key in sorted(value)}
        case Record() if isinstance(value, dict):
            return _record(shape, value)
        case Record() if isinstance(value, list):
            return _positional(shape, value, defaults=False)
        case TaggedUnion() if isinstance(value, dict):
            return _tagged(shape, value)
        case KeyedUnion() if isinstance(value, dict):
            return _keyed(shape, value)
        case KeyedUnion() if isinstance(value, str):
            raise _Fault(f"unknown variant `{value}`, expected {_listed(tuple(shape.variants))}")
        case OneOf():
            return _one_of(shape, value)
        case Refused():
            raise _Fault(shape.message, "nowhere")
        case _:
            raise _Fault(f"invalid type: {seen(value)}, expected {_expected(shape)}", _stumble(value))


def _member(shape: Shape, value: object, step: str | int) -> Json:
    try:
        return _decode(shape, value)
    except _Fault as fault:
        raise fault.inside(step) from None


def _text(shape: Text, value: str) -> str:
    if shape.form and (fault := text_fault(shape.form, value)):
        # A text that is read first and parsed then loses its place; UUIDs and times are parsed where they stand.
        raise _Fault(fault, "end" if shape.form in ("uuid", "date_time") else "nowhere")
    return value


def _whole(shape: Whole, value: int) -> int:
    limits = shape.range
    if limits and not limits.minimum <= value <= limits.maximum:
        # Beyond 64 bits the JSON reader holds a float, and says so.
        seen = f"invalid value: integer `{value}`" if -(2**63) <= value < 2**64 else f"invalid type: floating point `{float(value)}`"
        raise _Fault(f"{seen}, expected {limits.name}")
    return value


def _choice(shape: Choice, value: object) -> Json:
    if value in shape.values and isinstance(value, (str, int)):
        return value
    if isinstance(value, str):
        raise _Fault(f"unknown variant `{value}`, expected {_listed(shape.values)}")
    if all(isinstance(known, str) for known in shape.values):
        raise _Fault("expected value", "start")
    raise _Fault(f"invalid type: {seen(value)}, expected {_listed(shape.values)}", _stumble(value))


def _list(shape: ListOf, value: list[object]) -> Json:
    if shape.length is not None and len(value) != shape.length:
        raise _Fault(f"invalid length {len(value)}, expected an array of length {shape.length}")
    return [_member(shape.item, item, index) for index, item in enumerate(value)]


def _record(shape: Record, value: dict[str, object]) -> dict[str, Json]:
    decoded: dict[str, Json] = {}
    for key in sorted(value):
        name = shape.aliases.get(key, key)
        known = shape.fields.get(name)
        if known is None:
            if shape.closed:
                raise _Fault(_unknown_field(shape, key), "key", [key])
        elif name in decoded:
            raise _Fault(f"duplicate field `{name}`", "key", [key])
        elif value[key] is not None or known.required or not isinstance(known.shape, Nullable):
            decoded[name] = _member(known.shape, value[key], key)
    for name, known in shape.fields.items():
        if known.required and name not in decoded:
            raise _Fault(f"missing field `{name}`")
    return decoded


def _positional(shape: Record, value: list[object], *, defaults: bool) -> dict[str, Json]:
    decoded: dict[str, Json] = {}
    for index, (name, known) in enumerate(shape.fields.items()):
        if index >= len(value):
            if defaults and not known.required:
                continue
            plural = "" if len(shape.fields) == 1 else "s"
            raise _Fault(f"invalid length {len(value)}, expected struct {shape.name} with {len(shape.fields)} element{plural}")
        item = _member(known.shape, value[index], index)
        if item is not None or known.required:
            decoded[name] = item
    if len(value) > len(shape.fields):
        raise _Fault("trailing characters", "start", [len(shape.fields)])
    return decoded


def _tagged(shape: TaggedUnion, value: dict[str, object]) -> Json:
    if shape.tag not in value:
        raise _Fault(f"missing field `{shape.tag}`")
    tag = value[shape.tag]
    if not isinstance(tag, str):
        raise _Fault(f"invalid type: {seen(tag)}, expected variant identifier", _stumble(tag), [shape.tag])
    variant = shape.variants.get(tag)
    if variant is None and shape.fallback is not None:
        return {shape.tag: shape.fallback}
    if variant is None:
        raise _Fault(f"unknown variant `{tag}`, expected {_listed(tuple(shape.variants))}", "end", [shape.tag])
    try:
        return _decode(variant, value)
    except _Fault as fault:
        # The object was read to its end before the variant was known, so the place is lost.
        raise _Fault(fault.text, "nowhere") from None


def _keyed(shape: KeyedUnion, value: dict[str, object]) -> Json:
    if len(value) != 1:
        raise _Fault("expected value", "start")
    key = next(iter(value))
    if key not in shape.variants:
        raise _Fault(f"unknown variant `{key}`, expected {_listed(tuple(shape.variants))}", "key", [key])
    return _decode(shape.variants[key], value)


def _one_of(shape: OneOf, value: object) -> Json:
    for member in shape.members:
        with contextlib.suppress(_Fault):
            return _decode(member, value)
    name = shape.name or " | ".join(map(_expected, shape.members))
    raise _Fault(f"data did not match any variant of untagged enum {name}", "nowhere")


def _unknown_field(shape: Record, key: str) -> str:
    if not shape.fields:
        return f"unknown field `{key}`, there are no fields"
    return f"unknown field `{key}`, expected {_listed(tuple(shape.fields))}"


def _listed(names: tuple[object, ...]) -> str:
    quoted = [f"`{name}`" for name in names]
    if len(quoted) <= 2:
        return " or ".join(quoted)
    return "one of " + ", ".join(quoted)


def seen(value: object) -> str:
    """Return a value as the server names it in a refusal."""
    match value:
        case None:
            return "null"
        case bool():
            return f"boolean `{str(value).lower()}`"
        case int() if -(2**63) <= value < 2**64:
            return f"integer `{value}`"
        case int() | float():
            return f"floating point `{float(value)}`"
        case str():
            return "string " + json.dumps(value, ensure_ascii=False)
        case list():
            return "sequence"
        case _:
            return "map"


def _expected(shape: Shape) -> str:
    match shape:
        case Text():
            return "a string"
        case Flag():
            return "a boolean"
        case Whole():
            return shape.range.name if shape.range else "i64"
        case Real():
            return "f64"
        case ListOf():
            return f"an array of length {shape.length}" if shape.length is not None else "a sequence"
        case MapOf():
            return "a map"
        case Record():
            return f"struct {shape.name}"
        case TaggedUnion():
            return f"internally tagged enum {shape.name}"
        case Nullable():
            return _expected(shape.inner)
        case Choice():
            return _listed(shape.values)
        case Null():
            return "unit"
        case OneOf():
            return shape.name
        case KeyedUnion():
            return "string or map"
        case AnyValue() | Refused():
            return "any valid JSON value"


def _stumble(value: object) -> Place:
    return "start" if isinstance(value, (list, dict)) else "end"


def _described(fault: _Fault, params: object) -> str:
    return fault.text if fault.place == "nowhere" else f"{fault.text} at line 1 column {_column(fault, params)}"


def _column(fault: _Fault, params: object) -> int:
    """Count the bytes read when the fault was met: of everything before it, and of the value itself where it was read."""
    column, value, last = 0, params, False
    for position, step in enumerate(fault.path):
        if isinstance(value, dict):
            column += 1 + sum(_size(key) + 2 + _size(value[key]) for key in value if key < str(step)) + _size(step)
            if fault.place == "key" and position == len(fault.path) - 1:
                return column
            column += 1
            last = str(step) == max(value)
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int):
            column += 1 + sum(_size(item) + 1 for item in value[:step])
            last = step == len(value) - 1
            value = value[step]
    if fault.place == "start":
        return column + (fault.text == "expected value")
    return column + _size(value) + (fault.place == "after" and last)


def _size(value: object) -> int:
    return len(json.dumps(_as_read(value), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def _as_read(value: object) -> object:
    """Write integers beyond 64 bits as the server holds them: as floats."""
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return float(value)
    if isinstance(value, list):
        return [_as_read(item) for item in value]
    if isinstance(value, dict):
        return {key: _as_read(item) for key, item in value.items()}
    return value
