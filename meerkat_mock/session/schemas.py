"""`output_schema` of `session/create`: a JSON schema, or a wrapper around one (spec 02, section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.agent.ports import OutputSchema
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject

_WRAPPER_KEYS = frozenset({"schema", "name", "strict", "compat", "format"})
_CONTAINERS = ("properties", "$defs", "definitions", "patternProperties")
_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_SINGLE = ("items", "additionalProperties", "not", "if", "then", "else")


def output_schema_of(given: Json) -> OutputSchema:
    """Return the schema and its options. Raises `Fault` -32602 for anything that is no object, or a wrapper with a fault."""
    if not isinstance(given, dict):
        raise _not_an_object()
    if not _is_wrapper(given):
        return OutputSchema(_completed(given))
    schema, name, strict = given["schema"], given.get("name"), given.get("strict", False)
    if not isinstance(schema, dict) or not isinstance(strict, bool) or not (name is None or isinstance(name, str)):
        raise _not_an_object()
    if given.get("compat", "lossy") not in ("lossy", "strict") or given.get("format", "meerkat_v1") != "meerkat_v1":
        raise _not_an_object()
    return OutputSchema(_completed(schema), name, strict)


def shown_schema(given: Json) -> JsonObject:
    """Return a schema as stored things show it: completed, in its wrapper. Raises `Fault` as `output_schema_of` does."""
    schema = output_schema_of(given)
    compat = given.get("compat", "lossy") if isinstance(given, dict) and _is_wrapper(given) else "lossy"
    shown: JsonObject = {"schema": schema.schema, "strict": schema.strict, "compat": compat, "format": "meerkat_v1"}
    return shown if schema.name is None else {**shown, "name": schema.name}


def _is_wrapper(given: JsonObject) -> bool:
    return "schema" in given and (given.get("format") == "meerkat_v1" or given.keys() <= _WRAPPER_KEYS)


def _not_an_object() -> Fault:
    return Fault(-32602, "Invalid output_schema: Schema must be a JSON object at the root")


def _completed(schema: JsonObject) -> JsonObject:
    """Return a schema whose object schemas all have `properties` and `required`."""
    completed = dict(schema)
    for key in _CONTAINERS:
        if isinstance(members := schema.get(key), dict):
            completed[key] = {name: _completed(member) if isinstance(member, dict) else member for name, member in members.items()}
    for key in _LISTS:
        if isinstance(items := schema.get(key), list):
            completed[key] = [_completed(item) if isinstance(item, dict) else item for item in items]
    for key in _SINGLE:
        if isinstance(inner := schema.get(key), dict):
            completed[key] = _completed(inner)
    if completed.get("type") == "object":
        completed.setdefault("properties", {})
        completed.setdefault("required", [])
    return completed
