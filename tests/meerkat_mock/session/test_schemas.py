from __future__ import annotations

from typing import Any

import pytest

from meerkat_mock.agent.ports import OutputSchema
from meerkat_mock.session.schemas import output_schema_of
from meerkat_mock.surfaces.registry import Fault

EMPTY = {"type": "object", "properties": {}, "required": []}


@pytest.mark.parametrize(
    ("given", "schema"),
    [
        ({}, OutputSchema({})),
        ({"type": "string"}, OutputSchema({"type": "string"})),
        ({"type": "object"}, OutputSchema(EMPTY)),
        ({"schema": {"type": "object"}, "name": "n", "strict": True}, OutputSchema(EMPTY, "n", strict=True)),
        ({"schema": {}, "format": "meerkat_v1", "other": 1}, OutputSchema({})),
        ({"schema": {}, "other": 1}, OutputSchema({"schema": {}, "other": 1})),
        ({"schema": {"type": "array", "items": {"type": "object"}}}, OutputSchema({"type": "array", "items": EMPTY})),
        ({"anyOf": [{"type": "object"}, 5]}, OutputSchema({"anyOf": [EMPTY, 5]})),
        ({"properties": {"a": {"type": "object"}}}, OutputSchema({"properties": {"a": EMPTY}})),
    ],
)
def test_schemas_and_wrappers_are_told_apart_and_completed(given: Any, schema: OutputSchema) -> None:
    assert output_schema_of(given) == schema


@pytest.mark.parametrize(
    "given", ["x", 5, True, [], {"schema": 5}, {"schema": {}, "compat": "x"}, {"schema": {}, "strict": 1}, {"schema": {}, "name": 1}]
)
def test_everything_else_is_refused_with_one_text(given: Any) -> None:
    with pytest.raises(Fault, match="Invalid output_schema: Schema must be a JSON object at the root"):
        output_schema_of(given)
