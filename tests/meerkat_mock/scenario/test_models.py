"""One model, several faces: every scenario survives the way through data, YAML and JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from pydantic import ValidationError

from meerkat_mock.scenario.models import Call, Round, Turn, from_data, to_data
from meerkat_mock.scenario.placeholders import escaped, saved_names
from meerkat_mock.scenario.reader import read_text, to_yaml
from meerkat_mock.strategies.scenarios import scenario_data, scenarios

if TYPE_CHECKING:
    from meerkat.wire.base import Json
    from meerkat_mock.scenario.models import Scenario

EASY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@EASY
@given(scenarios())
def test_data_reads_back_as_the_same_scenario(scenario: Scenario) -> None:
    data = to_data(scenario)
    assert from_data(data) == scenario
    assert to_data(from_data(data)) == data


@EASY
@given(scenarios())
def test_a_dumped_file_reads_back_as_the_same_scenario(scenario: Scenario) -> None:
    assert read_text(to_yaml(scenario)).scenario == scenario


@EASY
@given(scenario_data())
def test_json_of_the_same_data_is_the_same_scenario(data: dict[str, Json]) -> None:
    assert read_text(
        json.dumps({key: item if key == "vars" else escaped(item, set(saved_names(data))) for key, item in data.items()}, indent="\t")
    ).scenario == from_data(data)


@pytest.mark.parametrize(
    "spelled",
    [
        {"lookup": {"id": 1}},
        {"tool": "lookup", "args": "{broken"},
        {"tool": "lookup", "args": {}, "result": None},
        {"tool": {"args": {}}},
    ],
)
def test_a_call_keeps_its_shortest_spelling(spelled: dict[str, Json]) -> None:
    assert Call.model_validate(spelled).to_data() == spelled


def test_the_keys_of_a_round_may_stand_in_its_turn() -> None:
    short, long = Turn.model_validate({"say": "a"}), Turn.model_validate({"rounds": [{"say": "a"}]})
    assert short == long
    assert short.to_data() == {"say": "a"}


def test_a_json_answer_may_be_null() -> None:
    given_round = Round.model_validate({"json": None})
    assert given_round.has_json
    assert given_round.to_data() == {"json": None}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"say": "a", "json": 1}, "keep one"),
        ({"fail": "rate_limited", "say": "a"}, "refuses the whole call"),
        ({"cut": 1, "reset": 1}, "both end the stream"),
        ({"attempts": []}, "empty list"),
        ({"attempts": [{"attempts": [{"say": "a"}]}]}, "of its own"),
        ({"fail": "rate_limit"}, "allowed: bad_request"),
        ({"say": None}, "null"),
        ({"pace": {"each": "5 minutes"}}, "is no duration"),
        ({"call": [{"tool": "t", "result": 1, "error": "e"}]}, "keep one"),
    ],
)
def test_a_round_that_contradicts_itself_is_refused(data: dict[str, Json], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Round.model_validate(data)
