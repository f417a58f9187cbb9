"""The smallest value that a JSON Schema allows: what the model answers to an output schema that nobody scripted."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from meerkat_mock.scenario.conformity import check, resolve, types_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from meerkat.wire.base import Json

MAX_DEPTH = 24
"""Nesting at which a required part of a schema that refers to itself is given up."""

_FORMATS: dict[str, str] = {
    "date-time": "2000-01-01T00:00:00Z",
    "date": "2000-01-01",
    "time": "00:00:00Z",
    "email": "a@example.test",
    "uri": "https://example.test",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "127.0.0.1",
    "hostname": "example.test",
}


def smallest(schema: Mapping[str, Json]) -> Json:
    """Return the smallest value that fits `schema`, as far as its keywords can be met by construction (not by `pattern` or `not`)."""
    return _smallest(cast("Json", schema), cast("Json", schema), 0)


def _smallest(schema: Json, root: Json, depth: int) -> Json:
    if not isinstance(schema, dict) or depth > MAX_DEPTH:
        return None
    target = resolve(schema, root)
    if target is not schema:
        return _smallest(target, root, depth + 1)
    candidates = list(_candidates(schema, root, depth))
    fitting = [value for value in candidates if not check(_rooted(schema, root), value)]
    return (fitting or candidates)[0]


def _rooted(schema: dict[str, Json], root: Json) -> Json:
    """Return `schema` with the definitions of its root, so that its references can be followed."""
    shared: dict[str, Json] = {key: root[key] for key in ("$defs", "definitions") if isinstance(root, dict) and key in root}
    return {**shared, **schema}


def _candidates(schema: dict[str, Json], root: Json, depth: int) -> Iterator[Json]:
    if "const" in schema:
        yield schema["const"]
    enum = schema.get("enum")
    if isinstance(enum, list):
        yield from enum
    if "default" in schema:
        yield schema["default"]
    merged = _merged(schema, root)
    for keyword in ("anyOf", "oneOf"):
        parts = schema.get(keyword)
        for part in parts if isinstance(parts, list) else []:
            base = {key: value for key, value in merged.items() if key not in ("anyOf", "oneOf")}
            resolved = resolve(part, root) if isinstance(part, dict) else part
            yield _smallest({**base, **(resolved if isinstance(resolved, dict) else {})}, root, depth + 1)
    for name in types_of(merged) or _likely_types(merged):
        yield _of_type(name, merged, root, depth)


def _merged(schema: dict[str, Json], root: Json) -> dict[str, Json]:
    """Return `schema` with the parts of `allOf` laid into it."""
    merged = dict(schema)
    parts = merged.pop("allOf", None)
    for part in parts if isinstance(parts, list) else []:
        inner = resolve(part, root) if isinstance(part, dict) else part
        if isinstance(inner, dict):
            merged = _laid_over(merged, _merged(inner, root))
    return merged


def _laid_over(lower: dict[str, Json], upper: dict[str, Json]) -> dict[str, Json]:
    joined = {**lower, **upper}
    for key in ("properties", "required"):
        below, above = lower.get(key), upper.get(key)
        if isinstance(below, dict) and isinstance(above, dict):
            joined[key] = {**below, **above}
        elif isinstance(below, list) and isinstance(above, list):
            joined[key] = below + [item for item in above if item not in below]
    return joined


def _likely_types(schema: dict[str, Json]) -> list[str]:
    if "properties" in schema or "required" in schema:
        return ["object"]
    if "items" in schema or "minItems" in schema:
        return ["array"]
    if "minLength" in schema or "pattern" in schema:
        return ["string"]
    return ["number"] if "minimum" in schema or "maximum" in schema else ["null", "object"]


def _of_type(name: str, schema: dict[str, Json], root: Json, depth: int) -> Json:
    if name == "object":
        return _object(schema, root, depth)
    if name == "array":
        first = schema.get("prefixItems")
        heads = first if isinstance(first, list) else []
        count = _whole(schema.get("minItems"))
        items = [heads[n] if n < len(heads) else schema.get("items", {}) for n in range(min(count, 1000))]
        return [_smallest(item, root, depth + 1) for item in items]
    if name == "string":
        formatted = _FORMATS.get(str(schema.get("format")), "")
        return formatted.ljust(min(_whole(schema.get("minLength")), 10_000), "x")
    if name in ("integer", "number"):
        return _number(schema, name == "integer")
    return False if name == "boolean" else None


def _object(schema: dict[str, Json], root: Json, depth: int) -> Json:
    known = schema.get("properties")
    properties = known if isinstance(known, dict) else {}
    required = schema.get("required")
    names = [str(name) for name in required] if isinstance(required, list) else []
    value: dict[str, Json] = {name: _smallest(properties.get(name, {}), root, depth + 1) for name in names}
    spare = (name for name in properties if name not in value)
    while len(value) < min(_whole(schema.get("minProperties")), 1000):
        name = next(spare, f"key{len(value)}")
        value[name] = _smallest(properties.get(name, {}), root, depth + 1)
    return value


def _whole(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _number(schema: dict[str, Json], whole: bool) -> Json:
    """Return the number nearest to 0 within the bounds, on the grid of `multipleOf`."""
    step = _bound(schema, "multipleOf") or (1 if whole else 0)
    low, high = _bound(schema, "minimum"), _bound(schema, "maximum")
    above, below = _bound(schema, "exclusiveMinimum"), _bound(schema, "exclusiveMaximum")
    nudge = step or 0.5
    if low is not None and low > 0:
        return _on_grid(low, step, up=True)
    if above is not None and above >= 0:
        return _on_grid(above + (nudge if not step else step / 2), step, up=True)
    if high is not None and high < 0:
        return _on_grid(high, step, up=False)
    if below is not None and below <= 0:
        return _on_grid(below - (nudge if not step else step / 2), step, up=False)
    return 0


def _on_grid(value: float, step: float, *, up: bool) -> Json:
    if not step:
        return value
    count = -(-value // step) if up else value // step
    found = count * step
    return int(found) if float(found).is_integer() else found


def _bound(schema: dict[str, Json], key: str) -> float | None:
    value = schema.get(key)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
