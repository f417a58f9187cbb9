"""The scenario of one mock as a test grows it: a file first, scripts later, always what is there when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from meerkat_mock.faults import UnknownFault
from meerkat_mock.journal import Journal
from meerkat_mock.scenario.document import ScenarioError
from meerkat_mock.stage import Stage
from meerkat_mock.world.model import ModelRequest

if TYPE_CHECKING:
    from pathlib import Path

HELLO = "sessions: [{name: hello, turns: [{say: Hello}]}]\nverify: {at_least: {session/create: 1}}\n"


def asked(prompt: str, session: str = "s1") -> ModelRequest:
    return ModelRequest(session, [{"role": "user", "content": prompt}], prompt=prompt)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hello.mock.yaml").write_text(HELLO)
    return tmp_path


def test_a_file_is_found_as_named_or_in_one_of_the_folders(folder: Path) -> None:
    for stage, name in ((Stage([folder]), "hello.mock.yaml"), (Stage(), folder / "hello.mock.yaml")):
        stage.load(name)
        assert stage.file == folder / "hello.mock.yaml"
        assert stage.scenario.sessions[0].name == "hello"


def test_a_file_that_is_nowhere_is_told_with_where_was_looked_and_the_nearest(folder: Path) -> None:
    with pytest.raises(FileNotFoundError, match=rf"no scenario helo.mock.yaml \(looked in \., {folder}\); did you mean hello.mock.yaml\?"):
        Stage([folder]).load("helo.mock.yaml")
    with pytest.raises(FileNotFoundError, match=r"; there is: hello.mock.yaml$"):
        Stage([folder]).load("zzz")


def test_one_mock_has_one_file_and_it_comes_first(folder: Path) -> None:
    stage = Stage([folder])
    stage.load("hello.mock.yaml")
    with pytest.raises(ValueError, match="this mock has a scenario already"):
        stage.load("hello.mock.yaml")
    stage = Stage([folder])
    stage.builder.session().turn(say="x")
    with pytest.raises(ValueError, match="load\\(\\) comes before session\\(\\)"):
        stage.load("hello.mock.yaml")


async def test_a_script_may_be_added_until_the_moment_it_is_needed(folder: Path) -> None:
    stage, changes = Stage([folder]), list[int]()
    stage.on_change = lambda: changes.append(1)
    stage.load("hello.mock.yaml")
    assert (await stage.answer(asked("Hi"))).say == ("Hello",)
    stage.builder.session(prompt="later").turn(say="Added")
    assert (await stage.answer(asked("later", "s2"))).say == ("Added",)
    assert len(changes) >= 2
    assert stage.violations == []


async def test_with_nothing_scripted_the_model_obeys_prompts() -> None:
    stage = Stage()
    assert not stage.scripted
    assert (await stage.answer(asked("Hi"))).say == ("OK",)
    assert (stage.unused(), stage.unverified(Journal())) == ([], [])


def test_what_a_test_adds_wrongly_is_told_with_the_line_of_the_call() -> None:
    stage = Stage()
    stage.builder.session().turn(sya="typo")
    with pytest.raises(ScenarioError, match=r"test_stage\.py:\d+: unknown key `sya`.*`say`"):
        stage.follow()


def test_a_fault_that_is_not_there_is_told_when_the_scenario_is_played() -> None:
    stage = Stage()
    stage.builder.fault("cut", wire={"close": "mid_line"})
    stage.turn_on("cot")
    with pytest.raises(UnknownFault, match=r"no fault 'cot'; did you mean 'cut'\?"):
        stage.follow()


def test_what_never_came_into_play_and_what_the_journal_does_not_show_are_violations(folder: Path) -> None:
    stage = Stage([folder])
    stage.load("hello.mock.yaml")
    stage.builder.stub("mcp/reload", result={})
    stage.builder.fault("cut", wire={"close": "mid_line"})
    stage.turn_on("cut")
    unused = {violation.message: violation.where.rpartition("/")[2].partition(":")[0] for violation in stage.unused()}
    assert unused == {
        "hello was never selected": "hello.mock.yaml",
        "the stub of mcp/reload never answered": "test_stage.py",
        "the fault 'cut' is on and never struck": "test_stage.py",
    }
    assert len(stage.unverified(Journal())) == 1


def test_variables_of_the_mock_win_over_those_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "greet.mock.yaml"
    file.write_text('vars: {whom: world}\nsessions: [{turns: [{say: "Hello ${whom}"}]}]\n')
    stage = Stage(variables={"whom": "Rome"})
    stage.load(file)
    assert stage.scenario.sessions[0].turns[0].rounds[0].say == "Hello Rome"
