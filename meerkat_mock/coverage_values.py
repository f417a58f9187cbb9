"""Which values of enumerations a message holds: every field of the contract that allows only a few constants, and which of them came.

Owns the walk over the wire types; counting is `coverage`. A value is named as a person would look it up, `TypeOfRecord.field value`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from meerkat.wire.methods import METHODS, NOTIFICATIONS, SERVER_REQUESTS
from meerkat_mock.contract.shapes import Choice, KeyedUnion, ListOf, MapOf, Nullable, OneOf, Record, TaggedUnion, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.contract.shapes import Shape


@cache
def all_values() -> tuple[str, ...]:
    """Return every value of every enumeration that params, results and notifications can hold, in the order of the contract."""
    found: dict[str, None] = {}
    seen: set[Record] = set()
    for shape in _roots():
        found.update(dict.fromkeys(_possible(shape, "", seen)))
    return tuple(found)


def _roots() -> Iterator[Shape]:
    for row in METHODS.values():
        if row.params is not None:
            yield shape_of(row.params)
        yield shape_of(row.result)
    for call in NOTIFICATIONS.values():
        if call.params is not None:
            yield shape_of(call.params)
    for request in SERVER_REQUESTS.values():
        if request.params is not None:
            yield shape_of(request.params)


def _possible(shape: Shape, place: str, seen: set[Record]) -> Iterator[str]:
    if isinstance(shape, Choice):
        yield from (_name(place, value) for value in shape.values)
    elif isinstance(shape, Record):
        if shape not in seen:
            seen.add(shape)
            for name, field in shape.fields.items():
                yield from _possible(field.shape, f"{shape.name}.{name}", seen)
    else:
        for inner in _inner(shape):
            yield from _possible(inner, place, seen)


def _name(place: str, value: str | int | bool) -> str:
    return f"{place or 'result'} {value}"


def _inner(shape: Shape) -> tuple[Shape, ...]:
    if isinstance(shape, ListOf):
        return (shape.item,)
    if isinstance(shape, MapOf):
        return (shape.value,)
    if isinstance(shape, Nullable):
        return (shape.inner,)
    return shape.members if isinstance(shape, (OneOf, TaggedUnion, KeyedUnion)) else ()


def values_in(shape: Shape, value: Json, place: str = "") -> Iterator[str]:
    """Yield the values of enumerations that `value` holds where `shape` allows only a few."""
    if isinstance(shape, Choice):
        if isinstance(value, (str, int)) and value in shape.values:
            yield _name(place, value)
    elif isinstance(value, dict):
        yield from _in_object(shape, value, place)
    elif isinstance(value, list) and isinstance(shape, ListOf):
        for each in value:
            yield from values_in(shape.item, each, place)
    elif value is not None and not isinstance(shape, (ListOf, MapOf, Record, TaggedUnion)):
        for inner in _inner(shape):
            yield from values_in(inner, value, place)


def _in_object(shape: Shape, value: JsonObject, place: str) -> Iterator[str]:
    if isinstance(shape, Record):
        for name, field in shape.fields.items():
            if name in value:
                yield from values_in(field.shape, value[name], f"{shape.name}.{name}")
    elif isinstance(shape, TaggedUnion):
        variant = shape.variants.get(str(value.get(shape.tag)))
        if variant is not None:
            yield from values_in(variant, value, place)
    elif isinstance(shape, MapOf):
        for each in value.values():
            yield from values_in(shape.value, each, place)
    elif not isinstance(shape, ListOf):
        for inner in _inner(shape):
            if not isinstance(inner, Record) or _fits(inner, value):
                yield from values_in(inner, value, place)


def _fits(record: Record, value: JsonObject) -> bool:
    """Tell whether a value can be this record among others: it has what the record needs, and nothing else."""
    if not value.keys() <= record.fields.keys():
        return False
    return all(name in value for name, field in record.fields.items() if field.required)
