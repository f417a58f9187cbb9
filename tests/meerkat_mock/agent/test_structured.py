"""Structured output read out of a text."""

from __future__ import annotations

import pytest

from meerkat_mock.agent.ports import OutputSchema
from meerkat_mock.agent.structured import Invalid, read_structured, without_fences

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


@pytest.mark.parametrize("text", ['```json\n{"a": 1}\n```', '```\n{"a": 1}\n```', ' \n```json\n{"a": 1}```\n', '{"a": 1}', ' {"a": 1} '])
def test_a_code_fence_is_taken_off(text: str) -> None:
    assert without_fences(text) == '{"a": 1}'


def test_a_fence_in_the_middle_stays() -> None:
    assert without_fences("Here: ```json\n{}\n```") == "Here: ```json\n{}\n```"


def test_a_value_wrapped_in_the_name_of_the_schema_is_unwrapped() -> None:
    assert read_structured('{"place":{"city":"Rome"}}', OutputSchema(CITY, name="place")) == {"city": "Rome"}


def test_a_value_that_fits_is_not_unwrapped() -> None:
    assert read_structured('{"place":{"city":"Rome"}}', OutputSchema({}, name="place")) == {"place": {"city": "Rome"}}


@pytest.mark.parametrize("text", ['{"place":{"city":1}}', '{"other":{"city":"Rome"}}', '{"place":{"city":"Rome"},"more":1}'])
def test_what_fits_neither_way_is_judged_as_it_came(text: str) -> None:
    with pytest.raises(Invalid, match=r'^Schema validation failed: "city" is a required property$'):
        read_structured(text, OutputSchema(CITY, name="place"))
