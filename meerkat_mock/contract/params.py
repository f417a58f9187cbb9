"""Reads the params of a request as the server does, down to the words of its refusals (spec 01, section 4; spec 02, section 1.2).

Owns decoding and its error texts; does not know what a method does with its params. The server re-serialises params
compactly with sorted keys and reads that text, so the first error is the first in key order, and columns count in it.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, cast

from meerkat_mock.contract.faults import Fault, Place, described
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
from meerkat_mock.contract.wording import expected, listed, seen

__all__ = ["InvalidParams", "decode_params", "decode_value", "seen"]

if TYPE_CHECKING:
    from meerkat.wire.base import Json
    from meerkat.wire.methods import Method

_PREFIX = {"schedule/list": "invalid params: "}
"""Methods that spell the beginning of the message in their own way."""

_FILLED = frozenset({"CreateScheduleRequest"})
"""Structs whose optional fields may be left out of an array too: only a required one is missed (spec 05, section 0)."""


class _Surplus(Fault):
    """An array longer than its struct: a reader of text stumbles over the next item, a reader of values counts them all."""

    def __init__(self, length: int, fields: int) -> None:
        super().__init__("trailing characters", "start", path=[fields])
        self.in_values = f"invalid length {length}, expected fewer elements in array"


class InvalidParams(Exception):
    """Params that the server refuses with -32602; `message` is the whole text of the error."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def decode_params(method: Method, params: object, present: bool) -> dict[str, Json]:
    """Return the params that a handler may rely on: unknown fields and null options gone, positional arrays named.

    Where the type of the params is any JSON (`config/set`, `config/patch`) they come back as they are, whatever they are.

    Raises `InvalidParams` with the server's text. `present` is false when the request has no `params` member; null counts as absent.
    """
    if method.params_policy == "ignored" or method.params_name is None:
        return {}
    if not present or params is None:
        if method.params_policy == "optional":
            return {}
        raise InvalidParams("Missing params")
    read = cast("Json", params)
    try:
        return _decode_whole(method, read)
    except Fault as fault:
        raise InvalidParams(_PREFIX.get(method.name, "Invalid params: ") + described(fault, read)) from None


def decode_value(wire_type: object, value: Json) -> Json:
    """Return a value read as a wire type, as params are. Raises `InvalidParams` with the server's text, without a place."""
    try:
        return _decode(shape_of(wire_type), value)
    except Fault as fault:
        raise InvalidParams(fault.in_values if isinstance(fault, _Surplus) else fault.text) from None


def _decode_whole(method: Method, params: Json) -> dict[str, Json]:
    decoded: Json
    shape = shape_of(method.params)
    if isinstance(shape, AnyValue):
        # The handlers of such methods read any JSON themselves, objects or not (spec 05, section 2.2).
        return cast("dict[str, Json]", params)
    if isinstance(shape, Record) and shape.flattened:
        return _flattened(shape, shape.name, params)
    if isinstance(shape, TaggedUnion) and shape.mark.flattened:
        return _flattened(shape, shape.mark.name, params)
    if isinstance(shape, Record) and isinstance(params, list):
        decoded = _positional(shape, params, defaults=method.params_policy == "optional" and method.name not in _PREFIX)
    else:
        decoded = _decode(shape, params)
    if not isinstance(decoded, dict):
        raise Fault(f"invalid type: {seen(params)}, expected {expected(shape)}")
    return decoded


def _flattened(shape: Record | TaggedUnion, name: str, params: Json) -> dict[str, Json]:
    if not isinstance(params, dict):
        raise Fault(f"invalid type: {seen(params)}, expected struct {name}", _stumble(params))
    try:
        return _record(shape, params) if isinstance(shape, Record) else _tagged(shape, params)
    except Fault as fault:
        # All members are collected before they are looked at.
        raise Fault(fault.text) from None


def _decode(shape: Shape, value: Json) -> Json:
    match shape:
        case AnyValue():
            return value
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
            raise Fault(f"unknown variant `{value}`, expected {listed(tuple(shape.variants))}")
        case OneOf():
            return _one_of(shape, value)
        case Refused():
            raise Fault(shape.message, "nowhere")
        case _:
            raise Fault(f"invalid type: {seen(value)}, expected {expected(shape)}", _stumble(value))


def _member(shape: Shape, value: Json, step: str | int) -> Json:
    try:
        return _decode(shape, value)
    except Fault as fault:
        raise fault.inside(step) from None


def _text(shape: Text, value: str) -> str:
    if shape.form and (fault := text_fault(shape.form, value)):
        # A text that is read first and parsed then loses its place; UUIDs and times are parsed where they stand.
        raise Fault(fault, "end" if shape.form in ("uuid", "date_time") else "nowhere")
    return value


def _whole(shape: Whole, value: int) -> int:
    limits = shape.range
    if limits and not limits.minimum <= value <= limits.maximum:
        # Beyond 64 bits the JSON reader holds a float, and says so.
        seen = f"invalid value: integer `{value}`" if -(2**63) <= value < 2**64 else f"invalid type: floating point `{float(value)}`"
        raise Fault(f"{seen}, expected {limits.name}")
    return value


def _choice(shape: Choice, value: Json) -> Json:
    if value in shape.values and isinstance(value, (str, int)):
        return value
    if isinstance(value, str):
        raise Fault(f"unknown variant `{value}`, expected {listed(shape.values)}")
    if all(isinstance(known, str) for known in shape.values):
        raise Fault("expected value", "start", offset=1)
    raise Fault(f"invalid type: {seen(value)}, expected {listed(shape.values)}", _stumble(value))


def _list(shape: ListOf, value: list[Json]) -> Json:
    if shape.length is not None and len(value) != shape.length:
        raise Fault(f"invalid length {len(value)}, expected an array of length {shape.length}")
    return [_member(shape.item, item, index) for index, item in enumerate(value)]


def _record(shape: Record, value: dict[str, Json], told_by: str = "") -> dict[str, Json]:
    decoded: dict[str, Json] = {}
    for key in sorted(value):
        name = shape.aliases.get(key, key)
        known = shape.fields.get(name)
        if known is None:
            if shape.closed:
                raise Fault(_unknown_field(shape, key, told_by), "key", path=[key])
        elif name in decoded:
            raise Fault(f"duplicate field `{name}`", "key", path=[key])
        elif value[key] is not None or known.required or not isinstance(known.shape, Nullable):
            decoded[name] = _member(known.shape, value[key], key)
    for name, known in shape.fields.items():
        if known.required and name not in decoded:
            raise Fault(f"missing field `{name}`")
    return decoded


def _positional(shape: Record, value: list[Json], *, defaults: bool) -> dict[str, Json]:
    decoded: dict[str, Json] = {}
    for index, (name, known) in enumerate(shape.fields.items()):
        if index >= len(value):
            if (defaults or shape.name in _FILLED) and not known.required:
                continue
            plural = "" if len(shape.fields) == 1 else "s"
            raise Fault(f"invalid length {index}, expected struct {shape.name} with {len(shape.fields)} element{plural}")
        item = _member(known.shape, value[index], index)
        if item is not None or known.required:
            decoded[name] = item
    if len(value) > len(shape.fields):
        raise _Surplus(len(value), len(shape.fields))
    return decoded


def _tagged(shape: TaggedUnion, value: dict[str, Json]) -> dict[str, Json]:
    mark = shape.mark
    if shape.tag not in value:
        if mark.missing:
            raise Fault(mark.missing, "nowhere")
        raise Fault(f"missing field `{shape.tag}`")
    tag = value[shape.tag]
    if not isinstance(tag, str):
        raise Fault(f"invalid type: {seen(tag)}, expected variant identifier", _stumble(tag), path=[shape.tag])
    variant = shape.variants.get(tag)
    if variant is None and mark.fallback is not None:
        return {shape.tag: mark.fallback}
    if variant is None and mark.unknown:
        raise Fault(mark.unknown.format(tag), "nowhere")
    if variant is None:
        raise Fault(f"unknown variant `{tag}`, expected {listed(tuple(shape.variants))}", "end", path=[shape.tag])
    try:
        return _variant(variant, value, shape.tag)
    except Fault as fault:
        # The object was read to its end before the variant was known, so the place is lost.
        raise Fault(fault.text, "nowhere") from None


def _variant(variant: Shape, value: dict[str, Json], tag: str) -> dict[str, Json]:
    if isinstance(variant, TaggedUnion):
        return _tagged(variant, value)
    if not isinstance(variant, Record):
        raise TypeError(f"a variant told by {tag!r} must be a record")
    return _record(variant, value, told_by=tag)


def _keyed(shape: KeyedUnion, value: dict[str, Json]) -> Json:
    if not value:
        raise Fault("expected value", "start", offset=2)
    key = min(value)
    if len(value) > 1:
        raise Fault("expected value", "end", path=[key])
    if key not in shape.variants:
        raise Fault(f"unknown variant `{key}`, expected {listed(tuple(shape.variants))}", "key", path=[key])
    return _decode(shape.variants[key], value)


def _one_of(shape: OneOf, value: Json) -> Json:
    if shape.record:
        _check_shared(shape, value)
    for member in shape.members:
        with contextlib.suppress(Fault):
            return _decode(member, value)
    name = shape.name or " | ".join(map(expected, shape.members))
    raise Fault(f"data did not match any variant of untagged enum {name}", "nowhere")


def _check_shared(shape: OneOf, value: Json) -> None:
    """Read the fields that all members have before any member is tried, as the server does with a record around a union."""
    if not isinstance(value, dict):
        raise Fault(f"invalid type: {seen(value)}, expected struct {shape.record}", _stumble(value))
    shared = shape.shared
    for key in sorted(value.keys() & shared.keys()):
        _member(shared[key].shape, value[key], key)
    for name, known in shared.items():
        if known.required and name not in value:
            raise Fault(f"missing field `{name}`")


def _unknown_field(shape: Record, key: str, told_by: str) -> str:
    names = tuple(name for name in shape.fields if name != told_by)
    return f"unknown field `{key}`, " + (f"expected {listed(names)}" if names else "there are no fields")


def _stumble(value: Json) -> Place:
    return "start" if isinstance(value, (list, dict)) else "end"
