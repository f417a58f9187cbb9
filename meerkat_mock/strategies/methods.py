"""Strategies by the name of a method: what it takes, what it answers, what it refuses; and single events.

Owns the way from a name to a strategy; what values a type has is the business of `values`.
"""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, cast

from hypothesis import strategies as st

from meerkat.wire.events import AgentEvent
from meerkat.wire.methods import METHODS, SERVER_REQUESTS
from meerkat_mock.contract.params import InvalidParams, decode_params
from meerkat_mock.strategies.values import from_type, json_values

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

    from meerkat.wire.base import Json, JsonObject
    from meerkat.wire.methods import Method

_NAMES = st.text("abcdefgh_", min_size=1, max_size=6)
_MAX_DAMAGES = 2
"""Changes made to params that were valid: one is found at once, two show which is reported."""


def params(method: str) -> SearchStrategy[JsonObject]:
    """Generate params that a method accepts by their form; the ids in them mean nothing to any server.

    `given(params("turn/start"))`. Also for `tool/execute`. Raises `LookupError` naming the nearest method, for methods without params too.
    """
    row = _row(method)
    if row.params_name is None:
        raise LookupError(f"{method} takes no params")
    # where any JSON will do, null is what is missing
    return from_type(row.params).filter(lambda value: value is not None)


def results(method: str) -> SearchStrategy[Json]:
    """Generate results that a method may answer with. Raises `LookupError` naming the nearest method."""
    return from_type(_row(method).result)


def events() -> SearchStrategy[JsonObject]:
    """Generate the payload of one event, of any type, as it stands in an envelope (spec 03, section 3)."""
    return from_type(AgentEvent)


def invalid_params(method: str) -> SearchStrategy[Json]:
    """Generate params that a method refuses with -32602 because of their form: valid ones with one or two members spoilt, or other JSON.

    Raises `LookupError` for methods that accept whatever they are given (spec 01, section 4).
    """
    row = _row(method)
    if row.name in SERVER_REQUESTS or not refuses(row):
        raise LookupError(f"{method} refuses no params because of their form")
    return damaged_params(method).filter(lambda value: _refused(row, value))


def damaged_params(method: str) -> SearchStrategy[Json]:
    """Generate params that were valid until something was changed in them; some are valid still."""
    row = _row(method)
    valid = st.just(cast("Json", {})) if row.params_name is None else from_type(row.params)
    return st.one_of(_spoilt(valid), json_values)


def refuses(row: Method) -> bool:
    """Tell whether a method refuses any params because of their form."""
    if row.params_policy == "ignored" or row.params_name is None:
        return False
    return _refused(row, 0)


def _row(method: str) -> Method:
    row = METHODS.get(method) or SERVER_REQUESTS.get(method)
    if row is None:
        near = difflib.get_close_matches(method, [*METHODS, *SERVER_REQUESTS], 1)
        raise LookupError(f"there is no method {method!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    return row


def _refused(row: Method, value: Json) -> bool:
    try:
        decode_params(row, value, present=True)
    except InvalidParams:
        return True
    return False


@st.composite
def _spoilt(draw: DrawFn, valid: SearchStrategy[Json]) -> Json:
    value: Json = json.loads(json.dumps(draw(valid)))
    if not isinstance(value, dict):
        return draw(json_values)
    for _ in range(draw(st.integers(1, _MAX_DAMAGES))):
        _spoil(draw, value)
    return value


def _spoil(draw: DrawFn, value: JsonObject) -> None:
    """Replace, remove or add one member, at any depth."""
    target: JsonObject = value
    while target:
        key = draw(st.sampled_from(sorted(target)))
        inner = target[key]
        if isinstance(inner, dict) and inner and draw(st.booleans()):
            target = inner
        elif draw(st.booleans()):
            target[key] = draw(json_values)
            return
        else:
            del target[key]
            return
    target[draw(_NAMES)] = draw(json_values)
