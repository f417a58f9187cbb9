"""How the server's JSON library words what it saw and what it expected (spec 02, section 1.2).

Owns these words alone; where they are used is the reader's business.
"""

from __future__ import annotations

import json

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
)


def listed(names: tuple[object, ...]) -> str:
    """Enumerate names as alternatives."""
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


def expected(shape: Shape) -> str:
    """Name what a shape is called when something else was found."""
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
            return f"internally tagged enum {shape.mark.name}"
        case Nullable():
            return expected(shape.inner)
        case Choice():
            return listed(shape.values)
        case Null():
            return "unit"
        case OneOf():
            return shape.name
        case KeyedUnion():
            return "string or map"
        case AnyValue() | Refused():
            return "any valid JSON value"
