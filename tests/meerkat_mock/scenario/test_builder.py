"""Scenarios in Python equal scenarios in files."""

from __future__ import annotations

import inspect

import pytest

from meerkat_mock.scenario.builder import ANYTHING, ScenarioBuilder, contains, exactly, glob, named, not_, one_of, regex, schema
from meerkat_mock.scenario.document import ScenarioError
from meerkat_mock.scenario.reader import read_text


def test_the_builder_gives_the_same_model_as_the_file() -> None:
    mock = ScenarioBuilder()
    mock.session(name="w", prompt=contains("weather"), model="claude-*").turn(call={"forecast": {"city": "Oslo"}}).then(say="Rain.")
    mock.session(labels={"app": "x"}, reuse=True).turn(say=["a", "b"], expect={"output_schema": "present"}, optional=True).turn(fail="auth")
    mock.stub("blob/get", result=None).fault("f", overflow=3).set(seed=7)
    mock.live({"hear": "audio"}, {"speak": "Hi"})
    mock.schedule(match={"name": "n"}, timeline=[{"advance": "24h", "expect": "completed"}])
    mock.mob(members={"lead": {"turns": [{"say": "go"}]}})
    text = """
seed: 7
sessions:
  - name: w
    match: {prompt: {contains: weather}, model: "claude-*"}
    turns: [{rounds: [{call: [{forecast: {city: Oslo}}]}, {say: Rain.}]}]
  - match: {labels: {app: x}}
    reuse: true
    turns: [{say: [a, b], expect: {output_schema: present}, optional: true}, {fail: auth}]
stubs: [{method: blob/get, result: null}]
faults: {f: {overflow: 3}}
live: [{hear: audio}, {speak: Hi}]
schedules: [{match: {name: n}, timeline: [{advance: 24h, expect: completed}]}]
mobs: [{members: {lead: {turns: [{say: go}]}}}]
"""
    assert mock.scenario() == read_text(text).scenario


def test_matchers_in_python_are_the_data_of_the_file() -> None:
    assert [contains("a"), regex("a"), glob("a"), one_of("a", 1), exactly({}), schema({}), not_("a"), named("n"), ANYTHING] == [
        {"contains": "a"},
        {"regex": "a"},
        {"glob": "a"},
        {"one_of": ["a", 1]},
        {"exactly": {}},
        {"schema": {}},
        {"not": "a"},
        {"named": "n"},
        {"any": True},
    ]


def line() -> int:
    frame = inspect.currentframe()
    assert frame is not None
    assert frame.f_back is not None
    return frame.f_back.f_lineno


def test_positions_are_the_lines_of_the_calls() -> None:
    mock = ScenarioBuilder()
    session, first = mock.session(prompt="x"), line()
    session.turn(say="a")
    second = line() - 1
    document = mock.document()
    assert document.where("sessions", 0) == f"{__file__}:{first}"
    assert document.where("sessions", 0, "turns", 0, "rounds", 0) == f"{__file__}:{second}"


def test_what_is_wrong_names_the_line_of_the_call() -> None:
    mock = ScenarioBuilder()
    mock.session().turn(sya="a")
    here = line() - 1
    with pytest.raises(ScenarioError, match="did you mean `say`") as caught:
        mock.document()
    assert (caught.value.findings[0].file, caught.value.findings[0].line) == (__file__, here)


def test_a_key_that_a_session_does_not_know_is_refused_at_once() -> None:
    with pytest.raises(TypeError, match="a session has no `promt`"):
        ScenarioBuilder().session(promt="x")


def test_then_needs_a_turn() -> None:
    with pytest.raises(ValueError, match="begin one with"):
        ScenarioBuilder().session().then(say="x")


def test_the_builder_goes_on_with_a_file() -> None:
    mock = ScenarioBuilder(read_text("sessions: [{match: {prompt: a}, turns: [{say: x}]}]", "base.yaml"))
    mock.session(prompt="b").turn(say="y")
    document = mock.document()
    assert len(document.scenario.sessions) == 2
    assert document.where("sessions", 0) == "base.yaml:1"
