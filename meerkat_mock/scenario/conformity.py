"""A small check of values against JSON Schemas, enough for tool arguments and matchers, with the path of each problem.

Knows the keywords that tool definitions use; an unknown keyword allows everything, as the standard says. `$ref` resolves inside the schema.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple, cast

from meerkat_mock.scenario.models.matchers import pattern_problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from meerkat.wire.base import Json

    Schema = Mapping[str, Json]

MAX_DEPTH = 64
"""Nesting at which a schema that refers to itself stops being followed."""


class Problem(NamedTuple):
    """What is wrong, and where in the value: `items[0].id`, empty for the value itself."""

    path: str
    message: str


def check(schema: Json, value: Json) -> list[Problem]:
    """Return everything about `value` that `schema` does not allow, nothing if it fits."""
    return list(_check(schema, value, schema, "", 0))


def _check(schema: Json, value: Json, root: Json, at: str, depth: int) -> Iterator[Problem]:
    if schema is False:
        yield Problem(at, "nothing is allowed here")
    if not isinstance(schema, dict) or depth > MAX_DEPTH:
        return
    target = resolve(schema, root)
    if target is not schema:
        yield from _check(target, value, root, at, depth + 1)
    allowed = types_of(schema)
    if allowed and not any(_is_type(value, name) for name in allowed):
        yield Problem(at, f"must be {' or '.join(allowed)}, not {shown_type(value)}")
        return
    for keyword, rule in _RULES.items():
        if keyword in schema:
            message = rule(schema[keyword], value)
            if message:
                yield Problem(at, message)
    yield from _parts(schema, value, root, at, depth)
    yield from _combinations(schema, value, root, at, depth)


def _parts(schema: Schema, value: Json, root: Json, at: str, depth: int) -> Iterator[Problem]:
    if isinstance(value, dict):
        yield from _members(schema, value, root, at, depth)
    elif isinstance(value, list):
        first = schema.get("prefixItems")
        heads = first if isinstance(first, list) else []
        for number, item in enumerate(value):
            inner = heads[number] if number < len(heads) else schema.get("items", True)
            yield from _check(inner, item, root, f"{at}[{number}]", depth + 1)


def _members(schema: Schema, value: dict[str, Json], root: Json, at: str, depth: int) -> Iterator[Problem]:
    known = schema.get("properties")
    properties = known if isinstance(known, dict) else {}
    required = schema.get("required")
    for name in required if isinstance(required, list) else []:
        if name not in value:
            yield Problem(_inside(at, str(name)), "is missing")
    patterns = schema.get("patternProperties")
    for name, item in value.items():
        inner: Json = properties[name] if name in properties else schema.get("additionalProperties", True)
        if name not in properties and isinstance(patterns, dict):
            inner = next((rule for pattern, rule in patterns.items() if _found(pattern, name)), inner)
        if inner is False and name not in properties:
            yield Problem(_inside(at, name), f"is not known; allowed: {', '.join(properties) or 'nothing'}")
        else:
            yield from _check(inner, item, root, _inside(at, name), depth + 1)


def _combinations(schema: Schema, value: Json, root: Json, at: str, depth: int) -> Iterator[Problem]:
    for part in _list(schema.get("allOf")):
        yield from _check(part, value, root, at, depth + 1)
    for keyword in ("anyOf", "oneOf"):
        parts = _list(schema.get(keyword))
        fitting = sum(not any(_check(part, value, root, at, depth + 1)) for part in parts)
        if parts and (fitting == 0 or (keyword == "oneOf" and fitting > 1)):
            yield Problem(at, f"fits {fitting} of the {len(parts)} forms of `{keyword}`")
    if "not" in schema and not any(_check(schema["not"], value, root, at, depth + 1)):
        yield Problem(at, "fits what `not` forbids")


def resolve(schema: Schema, root: Json) -> Json:
    """Return what a local `$ref` of `schema` refers to, `schema` itself without one."""
    reference = schema.get("$ref")
    if not isinstance(reference, str) or not reference.startswith("#"):
        return cast("Json", schema)
    target = root
    for step in reference[1:].split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        target = target.get(name, True) if isinstance(target, dict) else True
    return target


def types_of(schema: Schema) -> list[str]:
    """Return the type names that `schema` allows, none if it does not say."""
    named = schema.get("type")
    return [named] if isinstance(named, str) else [str(item) for item in _list(named)]


def equal(left: Json, right: Json) -> bool:
    """Tell whether two JSON values are equal: numbers by value, `true` is not 1."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(item, right[key]) for key, item in left.items())
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(equal(one, other) for one, other in zip(left, right, strict=True))
    return left == right


def shown_type(value: object) -> str:
    """Return the name that JSON Schema has for the type of `value`."""
    names = ("null", "boolean", "integer", "number", "string", "array", "object")
    return next((name for name in names if _is_type(cast("Json", value), name)), type(value).__name__)


def _is_type(value: Json, name: str) -> bool:
    if name == "integer":
        return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    known: dict[str, type] = {"null": type(None), "boolean": bool, "string": str, "array": list, "object": dict}
    return name in known and isinstance(value, known[name])


def _inside(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _found(pattern: object, text: str) -> bool:
    return isinstance(pattern, str) and (pattern_problem(pattern) is not None or re.search(pattern, text) is not None)


def _number(value: Json) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _bound(word: str, breaks: Callable[[float, float], bool], size: Callable[[Json], float | None]) -> Callable[[Json, Json], str | None]:
    def rule(limit: Json, value: Json) -> str | None:
        measured, bound = size(value), _number(limit)
        return f"must {word} {limit}" if measured is not None and bound is not None and breaks(measured, bound) else None

    return rule


def _size(kind: type) -> Callable[[Json], float | None]:
    return lambda value: len(cast("str", value)) if isinstance(value, kind) else None


def _less(value: float, bound: float) -> bool:
    return value < bound


def _more(value: float, bound: float) -> bool:
    return value > bound


def _multiple(value: float, step: float) -> bool:
    return step > 0 and not math.isclose(value / step, round(value / step), abs_tol=1e-9)


_RULES: dict[str, Callable[[Json, Json], str | None]] = {
    "enum": lambda allowed, value: None if any(equal(item, value) for item in _list(allowed)) else f"must be one of {allowed}",
    "const": lambda wanted, value: None if equal(wanted, value) else f"must be {wanted!r}",
    "minimum": _bound("be at least", _less, _number),
    "maximum": _bound("be at most", _more, _number),
    "exclusiveMinimum": _bound("be more than", lambda value, bound: value <= bound, _number),
    "exclusiveMaximum": _bound("be less than", lambda value, bound: value >= bound, _number),
    "multipleOf": _bound("be a multiple of", _multiple, _number),
    "minLength": _bound("have a length of at least", _less, _size(str)),
    "maxLength": _bound("have a length of at most", _more, _size(str)),
    "minItems": _bound("have at least so many items:", _less, _size(list)),
    "maxItems": _bound("have at most so many items:", _more, _size(list)),
    "minProperties": _bound("have at least so many keys:", _less, _size(dict)),
    "maxProperties": _bound("have at most so many keys:", _more, _size(dict)),
    "pattern": lambda pattern, value: (
        f"must match the pattern {pattern!r}" if isinstance(value, str) and not _found(pattern, value) else None
    ),
}
