"""Validation of structured output: the `jsonschema` library judges, the words are those of the server's validator (spec 02, section 7).

The texts of `required`, `type` and `pattern` were seen in recordings; the others follow the validator's own catalogue (assumption).
"""

from __future__ import annotations

import json
import re
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import JsonObject

ENUM_SHOWN = 3
"""Values of an `enum` that the server names; of more it shows one less, and the number of the others."""


class BadSchema(Exception):
    """A schema that is no JSON Schema; `str()` says why."""


class Fault(Protocol):
    """What the library finds."""

    validator: str | None
    validator_value: Json
    instance: Json
    schema: Json
    context: Sequence[object]
    message: str


class Validator(Protocol):
    """A schema that is ready to judge values."""

    def iter_errors(self, instance: Json) -> Iterator[Fault]:
        """Find what is wrong with a value."""
        ...


def compiled(schema: JsonObject) -> Validator:
    """Return the validator of a schema; members are visited in the order of their names, as the server does. Raises `BadSchema`."""
    # Imported when the first schema comes: it costs more than a whole run without one.
    library, specifications = import_module("jsonschema.validators"), import_module("jsonschema_specifications")
    ordered = _ordered(schema)
    kind = library.validator_for(ordered, default=library.Draft202012Validator)
    fault = first_fault(kind(kind.META_SCHEMA), ordered)
    if fault is not None:
        raise BadSchema(fault)
    # The registry holds the published meta-schemas alone: a reference to anything else is never fetched.
    validator: Validator = kind(ordered, registry=specifications.REGISTRY)
    return validator


def _ordered(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _ordered(value[name]) for name in sorted(value)}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def first_fault(validator: Validator, value: Json) -> str | None:
    """Return the server's text of the first thing that is wrong with a value. Raises `BadSchema` for references that lead nowhere."""
    unresolvable: type[Exception] = import_module("referencing.exceptions").Unresolvable
    try:
        fault = next(validator.iter_errors(value), None)
    except (unresolvable, RecursionError, re.error) as error:
        raise BadSchema(str(error)) from None
    return None if fault is None else text_of(fault)


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


_TEXTS = {
    "minimum": "{0} is less than the minimum of {1}",
    "maximum": "{0} is greater than the maximum of {1}",
    "exclusiveMinimum": "{0} is less than or equal to the minimum of {1}",
    "exclusiveMaximum": "{0} is greater than or equal to the maximum of {1}",
    "multipleOf": "{0} is not a multiple of {1}",
    "pattern": "{0} does not match {1}",
    "const": "{1} was expected",
    "uniqueItems": "{0} has non-unique elements",
    "contains": "None of {0} are valid under the given schema",
    "not": "{1} is not allowed for {0}",
    "anyOf": "{0} is not valid under any of the schemas listed in the 'anyOf' keyword",
}
_COUNTS = {
    "minLength": ("is shorter than", "character", "characters"),
    "maxLength": ("is longer than", "character", "characters"),
    "minItems": ("has less than", "item", "items"),
    "maxItems": ("has more than", "item", "items"),
    "minProperties": ("has less than", "property", "properties"),
    "maxProperties": ("has more than", "property", "properties"),
}


def text_of(fault: Fault) -> str:
    """Say what is wrong in the words of the server's validator."""
    keyword, shown = fault.validator, _shown(fault.instance)
    wanted = fault.validator_value
    if keyword == "required" and isinstance(wanted, list) and isinstance(fault.instance, dict):
        missing = next(name for name in wanted if name not in fault.instance)
        return f"{_shown(missing)} is a required property"
    if keyword == "type":
        names = sorted(map(str, wanted)) if isinstance(wanted, list) else [str(wanted)]
        return f"{shown} is not of type{'s' if isinstance(wanted, list) else ''} {', '.join(map(_shown, names))}"
    if keyword == "enum" and isinstance(wanted, list):
        return f"{shown} is not one of {_choices(wanted)}"
    if keyword == "oneOf":
        which = "is not valid under any" if fault.context else "is valid under more than one"
        return f"{shown} {which} of the schemas listed in the 'oneOf' keyword"
    if keyword == "additionalProperties":
        return _unexpected(fault)
    if keyword in _COUNTS:
        verb, one, many = _COUNTS[keyword]
        return f"{shown} {verb} {_shown(wanted)} {one if wanted == 1 else many}"
    if keyword in _TEXTS:
        return _TEXTS[keyword].replace("{1}", _shown(wanted)).replace("{0}", shown)
    return f"False schema does not allow {shown}" if keyword is None else fault.message


def _choices(values: Sequence[Json]) -> str:
    shown = [_shown(value) for value in values[: ENUM_SHOWN if len(values) <= ENUM_SHOWN else ENUM_SHOWN - 1]]
    if len(values) > ENUM_SHOWN:
        return f"{', '.join(shown)} or {len(values) - len(shown)} other candidates"
    return f"{', '.join(shown[:-1])} or {shown[-1]}" if len(shown) > 1 else "".join(shown)


def _unexpected(fault: Fault) -> str:
    known, patterns = _part(fault.schema, "properties"), _part(fault.schema, "patternProperties")
    names = [*fault.instance] if isinstance(fault.instance, dict) else []
    extra = sorted(name for name in names if name not in known and not any(re.search(pattern, name) for pattern in patterns))
    shown = ", ".join(f"'{name}'" for name in extra)
    return f"Additional properties are not allowed ({shown} {'was' if len(extra) == 1 else 'were'} unexpected)"


def _part(schema: Json, name: str) -> JsonObject:
    part = schema.get(name) if isinstance(schema, dict) else None
    return part if isinstance(part, dict) else {}
