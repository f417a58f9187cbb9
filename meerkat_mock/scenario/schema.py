"""The JSON Schema of the format, made from the types; short forms that the types read are written into it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from meerkat_mock.scenario.models import FAILURES, Scenario
from meerkat_mock.scenario.models.base import keys_of
from meerkat_mock.scenario.models.rounds import Round

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"


def json_schema() -> JsonObject:
    """Return the JSON Schema (draft 2020-12) of scenario files of format 1."""
    schema = cast("JsonObject", Scenario.model_json_schema(by_alias=True, mode="validation"))
    definitions = cast("dict[str, JsonObject]", schema["$defs"])
    _allow_round_keys(definitions, "Turn")
    _allow_round_keys(definitions, "Step")
    _allow_short_calls(definitions)
    definitions["Fail"] = {"anyOf": [definitions["Fail"], {"enum": list(FAILURES)}]}
    properties = cast("dict[str, Json]", schema["properties"])
    properties["include"] = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
    properties["live"] = {"type": "array", "items": {"anyOf": [_ref("LiveScriptFields"), _ref("LiveStepFields")]}}
    _allow_placeholders(schema)
    return {"$schema": SCHEMA_ID, **schema, "title": "Meerkat mock scenario, format 1"}


def _ref(name: str) -> JsonObject:
    return {"$ref": f"#/$defs/{name}"}


def _allow_round_keys(definitions: dict[str, JsonObject], name: str) -> None:
    turn = definitions[name]
    rounds = cast("dict[str, Json]", definitions["Round"]["properties"])
    own = cast("dict[str, Json]", turn["properties"])
    turn["properties"] = {**{key: rounds[key] for key in keys_of(Round) if key in rounds}, **own}
    turn.pop("required", None)


def _allow_short_calls(definitions: dict[str, JsonObject]) -> None:
    short: JsonObject = {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": {"type": "object"}}
    definitions["Call"] = {"anyOf": [definitions["Call"], short]}


def _allow_placeholders(schema: Json) -> None:
    """Let `${name}` stand for numbers and truth values, which the reader replaces before the types see them."""
    if isinstance(schema, dict):
        if schema.get("type") in ("integer", "number", "boolean"):
            plain = dict(schema)
            schema.clear()
            schema["anyOf"] = [plain, {"type": "string", "pattern": r"^\$\{[A-Za-z_][A-Za-z0-9_.-]*\}$"}]
            return
        for inner in schema.values():
            _allow_placeholders(inner)
    elif isinstance(schema, list):
        for inner in schema:
            _allow_placeholders(inner)
