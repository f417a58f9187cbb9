"""JSON Schemas: the small check agrees with the reference library, smallest values fit, and the format's own schema fits its files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meerkat_mock.scenario.assembly import Assembly
from meerkat_mock.scenario.conformity import check
from meerkat_mock.scenario.lint import lint
from meerkat_mock.scenario.reader import read
from meerkat_mock.scenario.schema import json_schema
from meerkat_mock.scenario.smallest import smallest
from meerkat_mock.strategies.scenarios import json_values, scenario_data

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

SCENARIOS = sorted((Path(__file__).parents[3] / "scenarios").glob("*.mock.yaml"))
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def schemas() -> SearchStrategy[Any]:
    numbers = st.integers(-5, 5)
    small = st.integers(0, 3)
    leaves = st.one_of(
        st.sampled_from([{}, True, {"type": "null"}, {"type": "boolean"}, {"type": ["string", "null"]}, {"const": 3}, {"enum": ["a", 1]}]),
        st.builds(lambda low: {"type": "integer", "minimum": low}, numbers),
        st.builds(
            lambda high, step: {"type": "number", "exclusiveMaximum": high, "multipleOf": step}, numbers, st.sampled_from([1, 2, 0.5])
        ),
        st.builds(lambda low: {"type": "string", "minLength": low}, small),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(lambda items, least: {"type": "array", "items": items, "minItems": least}, inner, small),
            st.builds(
                lambda fields, closed: {
                    "type": "object",
                    "properties": fields,
                    "required": sorted(fields)[:1],
                    "additionalProperties": not closed,
                },
                st.dictionaries(st.sampled_from("abc"), inner, max_size=2),
                st.booleans(),
            ),
            st.builds(lambda parts: {"anyOf": parts}, st.lists(inner, min_size=1, max_size=2)),
        ),
        max_leaves=5,
    )


@settings(max_examples=150, deadline=None)
@given(schemas())
def test_the_smallest_value_fits_its_schema(schema: Any) -> None:
    value = smallest(schema) if isinstance(schema, dict) else None
    jsonschema.Draft202012Validator(schema).validate(value)


@settings(max_examples=150, deadline=None)
@given(schemas(), json_values())
def test_the_check_agrees_with_the_reference_library(schema: Any, value: Any) -> None:
    assert (not check(schema, value)) == jsonschema.Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}, {"city": ""}),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/b"}}, "b": {"const": 7}}}, [7]),
        ({"allOf": [{"required": ["a"]}, {"properties": {"a": {"enum": ["x"]}}}]}, {"a": "x"}),
        ({"type": "string", "format": "date"}, "2000-01-01"),
        ({"type": "integer", "exclusiveMinimum": 4, "multipleOf": 3}, 6),
        ({"type": "object", "minProperties": 1}, {"key0": None}),
    ],
)
def test_smallest_values_are_what_a_person_would_write(schema: Any, value: object) -> None:
    assert smallest(schema) == value
    assert check(schema, smallest(schema)) == []


def test_problems_name_their_path() -> None:
    schema = {
        "type": "object",
        "properties": {"items": {"type": "array", "items": {"type": "object", "required": ["id"]}}},
        "additionalProperties": False,
    }
    assert check(schema, {"items": [{"id": 1}, {}], "x": 1}) == [("items[1].id", "is missing"), ("x", "is not known; allowed: items")]


@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.name)
def test_every_example_is_read_without_a_finding_and_fits_the_published_schema(file: Path) -> None:
    assert lint(file) == []
    scenario = read(file).scenario
    assert scenario.sessions or scenario.live
    VALIDATOR.validate(Assembly().file(file).plain())


def test_there_are_examples() -> None:
    assert len(SCENARIOS) >= 6


@settings(max_examples=30, deadline=None)
@given(scenario_data())
def test_every_scenario_fits_the_published_schema(data: dict[str, Any]) -> None:
    VALIDATOR.validate(data)


def test_the_published_schema_refuses_what_the_reader_refuses() -> None:
    assert not VALIDATOR.is_valid({"sessions": [{"turns": [{"sya": "x"}]}]})
    assert not VALIDATOR.is_valid({"defaults": {"unmatched": "eror"}})
