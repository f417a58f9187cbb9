"""Hypothesis strategies for wire types: any value that the contract allows, and no other.

Owns the way from a type to a strategy; whole conversations are made elsewhere. Values shrink towards empty texts, zero,
absent options and the first member of a union.
"""

from __future__ import annotations

from datetime import timedelta, timezone
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from hypothesis import strategies as st

from meerkat.wire.base import Rfc3339, Uuid
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

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hypothesis.strategies import SearchStrategy

    from meerkat.wire.base import Json, TextForm

_MAX_ITEMS = 3
"""Items of a list or a free object: enough to show order, few enough to keep examples readable."""

_DEPTH = 3
"""Lists and objects inside each other in one free JSON value."""

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_uuids = st.uuids(version=4).map(str)
_slugs = st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)?", fullmatch=True)


def _rfc3339(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


_moments = st.datetimes(timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))).map(_rfc3339)

_FORMS: Mapping[TextForm, SearchStrategy[str]] = {
    "uuid": st.one_of(_uuids, _uuids.map(str.upper), _uuids.map(lambda text: text.replace("-", "")), _uuids.map("urn:uuid:{}".format)),
    "slug": st.from_regex(r"[A-Za-z0-9._-]+", fullmatch=True),
    "skill_source": _uuids,
    "skill_name": _slugs,
    "artifact_id": _slugs,
    "date_time": _moments,
}

_scalars = st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False), _texts)


def _nested(depth: int) -> SearchStrategy[Json]:
    """Return free JSON values as levels, which are drawn in a third of the time that `st.recursive` takes."""
    if not depth:
        return _scalars
    inner = _nested(depth - 1)
    return st.one_of(_scalars, st.lists(inner, max_size=_MAX_ITEMS), st.dictionaries(_texts, inner, max_size=_MAX_ITEMS))


json_values: SearchStrategy[Json] = _nested(_DEPTH)
"""Any JSON value that the server can read."""


def from_type(wire_type: object) -> SearchStrategy[Any]:
    """Return a strategy for the values of a wire type: a TypedDict, an alias, or `Method.params` and `Method.result`.

    The type of the values is `Any` because no annotation can say "a value of the type that was passed" for unions.
    """
    return _strategy(shape_of(wire_type))


@cache
def _strategy(shape: Shape) -> SearchStrategy[Json]:
    match shape:
        case Text():
            return _text(shape)
        case Whole():
            low, high = (shape.range.minimum, shape.range.maximum) if shape.range else (-(2**63), 2**63 - 1)
            return st.integers(low, high)
        case Real():
            return st.floats(allow_nan=False, allow_infinity=False)
        case Flag():
            return st.booleans()
        case Null():
            return st.none()
        case AnyValue():
            return json_values
        case Refused():
            return st.nothing()
        case Choice():
            return st.sampled_from(shape.values)
        case ListOf():
            length = shape.length
            return st.lists(_strategy(shape.item), min_size=length or 0, max_size=_MAX_ITEMS if length is None else length)
        case MapOf():
            return st.dictionaries(_texts, _strategy(shape.value), max_size=_MAX_ITEMS)
        case Nullable():
            return st.one_of(st.none(), _strategy(shape.inner))
        case OneOf() | TaggedUnion() | KeyedUnion():
            return st.one_of([_strategy(member) for member in shape.members])
        case Record():
            return st.deferred(lambda: _record(shape))


@cache
def _record(shape: Record) -> SearchStrategy[Json]:
    required = {name: _strategy(known.shape) for name, known in shape.fields.items() if known.required}
    optional = {name: _strategy(known.shape) for name, known in shape.fields.items() if not known.required and _possible(known.shape)}
    return cast("SearchStrategy[Json]", st.fixed_dictionaries(required, optional=optional))


def _possible(shape: Shape) -> bool:
    return not isinstance(shape, Refused)


def _text(shape: Text) -> SearchStrategy[Json]:
    if shape.form is not None:
        return _FORMS[shape.form]
    if shape.pattern is None:
        return _texts
    if shape == shape_of(Uuid):
        return _uuids
    if shape == shape_of(Rfc3339):
        return _moments
    return st.from_regex(shape.pattern.regex, fullmatch=True)
