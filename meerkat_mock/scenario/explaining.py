"""What the types refuse, said so that a person can repair it: position, what is wrong, allowed or nearest, how to fix it."""

from __future__ import annotations

import types
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from meerkat_mock.scenario.conformity import shown_type
from meerkat_mock.scenario.document import Finding, Position, Positions, Steps
from meerkat_mock.scenario.matching import shown
from meerkat_mock.scenario.models import Scenario
from meerkat_mock.scenario.models.base import Model, keys_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_NEEDED = {
    "string_type": "a text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "float_type": "a number",
    "bool_type": "`true` or `false`",
    "dict_type": "an object",
    "list_type": "a list",
    "tuple_type": "a list",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


def explain(error: ValidationError, positions: Positions, keys: Mapping[Steps, Position]) -> list[Finding]:
    """Return a finding for each thing that the types refuse."""
    findings = [_finding(item, positions, keys) for item in error.errors()]
    return [item for number, item in enumerate(findings) if item not in findings[:number]]


def _finding(error: ErrorDetails, positions: Positions, keys: Mapping[Steps, Position]) -> Finding:
    loc, kind = tuple(error["loc"]), error["type"]
    at = positions.at(loc)
    if kind == "extra_forbidden" and error["input"] is None and " " in str(loc[-1]):
        message = f"`{loc[-1]}` stands where a key should"
        return Finding.at(
            _key_position(loc, positions, keys), "unknown_key", message, "put the text before it in quotes: inside {...} a comma ends it"
        )
    if kind == "extra_forbidden":
        return Finding.at(_key_position(loc, positions, keys), "unknown_key", f"unknown key `{loc[-1]}`", _nearest_key(loc))
    if kind == "missing":
        return Finding.at(at, "missing", f"`{loc[-1]}` is missing{_inside(loc)}", f"add `{loc[-1]}:`")
    if kind in _NEEDED:
        return Finding.at(at, "type", f"{_name(loc)} needs {_NEEDED[kind]}, not {_what(error['input'])}", _type_hint(kind, error["input"]))
    if kind == "literal_error":
        allowed = [item.strip("'") for item in str(error.get("ctx", {}).get("expected", "")).replace(" or ", ", ").split(", ")]
        hint = f"allowed: {', '.join(allowed)}{_near(str(error['input']), allowed)}"
        return Finding.at(at, "value", f"{_name(loc)} cannot be {shown(error['input'])}", hint)
    if kind in ("too_short", "string_too_short"):
        return Finding.at(at, "empty", f"{_name(loc)} is empty", "give it at least one item" if kind == "too_short" else "give it a text")
    if kind == "string_pattern_mismatch":
        pattern = error.get("ctx", {}).get("pattern")
        return Finding.at(at, "value", f"{_name(loc)} cannot be {shown(error['input'])}", f"it must match {pattern}")
    message = error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    return Finding.at(at, "value", f"{_name(loc)}: {message}")


def _key_position(loc: Steps, positions: Positions, keys: Mapping[Steps, Position]) -> Position:
    """Return where a key stands; steps that the data spells more briefly are skipped."""
    found: Steps = ()
    for step in loc:
        if (*found, step) in positions.known:
            found = (*found, step)
    return keys.get(found, positions.at(loc))


def _name(loc: Steps) -> str:
    named = [step for step in loc if isinstance(step, str) and not any(sign in step for sign in "[(-")]
    return f"`{named[-1]}`" if named else "this"


def _inside(loc: Steps) -> str:
    names = [step for step in loc[:-1] if isinstance(step, str)]
    return f" in `{names[-1]}`" if names else ""


def _what(value: object) -> str:
    return f"{shown(value)} ({shown_type(value)})"


def _type_hint(kind: str, value: object) -> str:
    if kind == "string_type" and isinstance(value, (int, float)):
        return f'write it in quotes: "{str(value).lower() if isinstance(value, bool) else value}"'
    if kind in ("tuple_type", "list_type"):
        return "begin each item with `- `, or write [...]"
    if kind == "bool_type" and isinstance(value, str) and value.lower() in ("on", "off", "yes", "no"):
        return "YAML 1.2 knows only `true` and `false`"
    return ""


def _near(given: str, allowed: list[str]) -> str:
    close = get_close_matches(given, allowed, 1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _nearest_key(loc: Steps) -> str:
    model = model_at(loc[:-1])
    if model is None:
        return "remove it"
    allowed = list(dict.fromkeys(keys_of(model)))
    close = get_close_matches(str(loc[-1]), allowed, 1, 0.6)
    return f"did you mean `{close[0]}`?" if close else f"allowed: {', '.join(allowed)}"


def model_at(path: Steps) -> type[Model] | None:
    """Return the model that stands at `path` of a scenario."""
    found: list[Any] = [Scenario]
    for step in path:
        following = [inner for item in found for inner in _step(item, step)]
        found = following or found
    return next((item for item in found if isinstance(item, type) and issubclass(item, Model)), None)


def _step(annotation: Any, step: str | int) -> Iterator[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            if step in (name, field.alias):
                yield from _alternatives(field.annotation)
    elif get_origin(annotation) is dict and isinstance(step, str):
        yield from _alternatives(get_args(annotation)[1])
    elif get_origin(annotation) in (tuple, list) and isinstance(step, int):
        yield from _alternatives(get_args(annotation)[0])


def _alternatives(annotation: Any) -> Iterator[Any]:
    if get_origin(annotation) is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _alternatives(part)
    else:
        yield annotation
