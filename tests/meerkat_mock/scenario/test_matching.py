"""Matchers mean the same everywhere, and a failed match names only what differs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meerkat_mock.scenario.matching import ABSENT, Candidate, Conversation, match, select, specificity
from meerkat_mock.scenario.models import Match
from meerkat_mock.scenario.models.matchers import pattern_problem


@pytest.mark.parametrize(
    ("matcher", "fits", "fails"),
    [
        ("a", "a", "b"),
        (1, 1.0, True),
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 2}),
        ([1, {"a": 1}], [1, {"a": 1, "b": 2}], [1]),
        ({"contains": "der"}, "order", "refund"),
        ({"contains": {"id": 1}}, [{"id": 2}, {"id": 1, "x": 0}], [{"id": 2}]),
        ({"regex": r"^\d+$"}, "42", "4x"),
        ({"glob": "claude-*"}, "claude-opus", "gpt"),
        ({"one_of": ["a", {"contains": "b"}]}, "xbx", "c"),
        ({"not": "a"}, "b", "a"),
        ({"exactly": {"a": 1}}, {"a": 1}, {"a": 1, "b": 2}),
        ({"schema": {"type": "object", "required": ["a"]}}, {"a": 1}, {}),
        ("present", None, ABSENT),
        ("absent", ABSENT, 0),
        ({"a": "absent"}, {}, {"a": 1}),
        ({"named": "even"}, 2, 3),
    ],
)
def test_a_matcher_tells_what_fits_from_what_does_not(matcher: Any, fits: object, fails: object) -> None:
    named = {"even": lambda value: value % 2 == 0}
    assert match(matcher, fits, named) is None
    assert match(matcher, fails, named) is not None


def test_anything_matches_even_what_is_not_there() -> None:
    assert match({"any": True}, ABSENT) is None


def test_only_the_fields_that_differ_are_named() -> None:
    mismatch = match({"a": 1, "b": {"c": [1, 2]}, "d": "x"}, {"a": 1, "b": {"c": [1, 3]}})
    assert mismatch is not None
    assert [(item.path, item.wanted, item.got) for item in mismatch.differences] == [("b.c[1]", "2", "3"), ("d", '"x"', "nothing")]


def test_long_texts_show_a_window_with_marks() -> None:
    mismatch = match("x" * 200 + "1042" + "y" * 200, "x" * 200 + "1052" + "y" * 200)
    assert mismatch is not None
    difference = mismatch.differences[0]
    assert "10»4«2" in difference.wanted
    assert "10»5«2" in difference.got
    assert len(difference.got) < 80


@pytest.mark.parametrize(
    ("matcher", "value", "says"),
    [
        ({"a": 1}, "x", 'wanted an object like {"a": 1}, got "x"'),
        ({"a": {"b": 1}}, {"a": {1, 2}}, 'a: wanted an object like {"b": 1}, got <set>'),
        ([1], "x", 'wanted a list like [1], got "x"'),
        ([1], [1, 2], "wanted 1 items [1], got 2 items [1, 2]"),
        ({"contains": "a"}, ABSENT, 'wanted contains "a", got nothing'),
        ({"contains": "a"}, {"b": 1}, 'wanted something that contains "a", got {"b": 1}'),
        ({"contains": {"a": 1}}, {"b": 1}, 'wanted something that contains {"a": 1}, got {"b": 1}'),
        ({"contains": "a"}, 7, 'wanted something that contains "a", got 7'),
        ({"named": "odd"}, 3, "wanted a registered matcher `odd`, got only even registered"),
        ({"glob": "a*"}, 5, 'wanted a text for glob "a*", got 5'),
    ],
)
def test_a_value_of_another_kind_is_told_what_was_wanted(matcher: Any, value: object, says: str) -> None:
    assert str(match(matcher, value, {"even": lambda number: number % 2 == 0})) == says


def test_an_object_contains_its_keys_and_what_it_is_part_of() -> None:
    assert match({"contains": "a"}, {"a": 1}) is None
    assert match({"contains": {"a": 1}}, {"a": 1, "b": 2}) is None


def test_a_pattern_sees_the_start_of_a_text_and_says_so() -> None:
    mismatch = match({"regex": "end"}, "x" * 30_000 + "end")
    assert mismatch is not None
    assert "only its first 20000 characters" in str(mismatch)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(x*)*", "a" * 501, "(", 5])
def test_a_pattern_that_is_broken_or_can_take_for_ever_is_refused(pattern: object) -> None:
    assert pattern_problem(pattern) is not None


@pytest.mark.parametrize("pattern", ["refund|return", r"^\d{4}$", "(?i)weather", "(ab)+", r"a+b+"])
def test_ordinary_patterns_are_allowed(pattern: str) -> None:
    assert pattern_problem(pattern) is None


def test_matchers_are_ranked_from_plain_values_to_anything() -> None:
    ranked: list[Any] = [
        "abc",
        {"one_of": ["abc"]},
        {"regex": "abc"},
        {"contains": "abc"},
        {"contains": "ab"},
        {"schema": {}},
        {"not": "a"},
        {"any": True},
    ]
    assert specificity("present") > specificity({"any": True})
    assert sorted(ranked, key=specificity, reverse=True) == ranked


def candidate(key: int, **rule: Any) -> Candidate:
    return Candidate(key, f"session-{key}", f"f:{key}", Match.model_validate(rule))


def test_a_model_with_wildcards_is_a_glob() -> None:
    chosen = select([candidate(1, model="claude-*")], Conversation(prompt="x", model="claude-opus-4-7"))
    assert chosen.winner is not None


def test_losers_are_ranked_by_how_near_they_came() -> None:
    rivals = [candidate(1, prompt="weather in Oslo"), candidate(2, prompt={"contains": "refund order"}), candidate(3, labels={"app": "x"})]
    losses = select(rivals, Conversation(prompt="refund my order")).losses
    assert [loss.candidate.key for loss in losses] == [2, 1, 3]
    assert str(losses[0]).startswith("session-2 (f:2): prompt: wanted something that contains")


def test_more_fields_are_more_specific() -> None:
    chosen = select([candidate(1, prompt="a"), candidate(2, prompt="a", labels={"app": "x"})], Conversation("a", {"app": "x"}))
    assert chosen.winner is not None
    assert chosen.winner.key == 2


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_every_value_is_exactly_itself_and_fails_its_own_negation(value: Any) -> None:
    assert match({"exactly": value}, value) is None
    assert match({"not": {"exactly": value}}, value) is not None
