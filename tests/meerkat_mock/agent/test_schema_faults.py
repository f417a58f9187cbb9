"""The server's words for values that break a schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from meerkat_mock.agent.schema_faults import BadSchema, compiled, first_fault

if TYPE_CHECKING:
    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import JsonObject

FAULTS: list[tuple[JsonObject, Json, str]] = [
    ({"required": ["b", "a"]}, {}, '"b" is a required property'),
    ({"type": "object"}, [], '[] is not of type "object"'),
    ({"type": "string"}, 1, '1 is not of type "string"'),
    ({"type": ["string", "null"]}, 1.5, '1.5 is not of types "null", "string"'),
    ({"pattern": "^x"}, "y", '"y" does not match "^x"'),
    ({"enum": ["a", "b"]}, "c", '"c" is not one of "a" or "b"'),
    ({"enum": [1, 2, 3, 4]}, {"z": 1, "a": [True]}, '{"a":[true],"z":1} is not one of 1, 2 or 2 other candidates'),
    ({"const": 5}, 6, "5 was expected"),
    ({"minimum": 2}, 1, "1 is less than the minimum of 2"),
    ({"maxLength": 1}, "ab", '"ab" is longer than 1 character'),
    ({"minItems": 2}, [], "[] has less than 2 items"),
    ({"anyOf": [{"type": "null"}]}, 1, "1 is not valid under any of the schemas listed in the 'anyOf' keyword"),
    ({"oneOf": [{"type": "null"}]}, 1, "1 is not valid under any of the schemas listed in the 'oneOf' keyword"),
    ({"oneOf": [{}, {}]}, 1, "1 is valid under more than one of the schemas listed in the 'oneOf' keyword"),
    (
        {"additionalProperties": False, "properties": {"a": {}}},
        {"a": 1, "b": 2},
        "Additional properties are not allowed ('b' was unexpected)",
    ),
    ({"additionalProperties": False}, {"c": 1, "b": 2}, "Additional properties are not allowed ('b', 'c' were unexpected)"),
    ({"properties": {"a": False}}, {"a": 1}, "False schema does not allow 1"),
]


@pytest.mark.parametrize(("schema", "value", "text"), FAULTS)
def test_a_fault_is_named_in_the_server_s_words(schema: JsonObject, value: Json, text: str) -> None:
    assert first_fault(compiled(schema), value) == text


def test_of_several_faults_the_first_by_name_is_told() -> None:
    schema: JsonObject = {"required": ["n"], "properties": {"z": {"type": "null"}, "b": {"type": "string"}}}
    assert first_fault(compiled(schema), {"b": 1, "z": 2}) == '1 is not of type "string"'


def test_a_value_that_fits_has_no_fault() -> None:
    assert first_fault(compiled({"type": "object"}), {}) is None


@pytest.mark.parametrize("schema", [{"type": "strin"}, {"required": 1}, {"pattern": "["}])
def test_a_schema_that_is_none_is_refused(schema: JsonObject) -> None:
    with pytest.raises(BadSchema):
        first_fault(compiled(schema), "x")


@pytest.mark.parametrize("reference", ["#/nowhere", "http://127.0.0.1:9/schema.json"])
def test_a_reference_that_leads_nowhere_is_not_followed(reference: str) -> None:
    with pytest.raises(BadSchema):
        first_fault(compiled({"$ref": reference}), {})
