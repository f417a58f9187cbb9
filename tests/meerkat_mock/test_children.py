"""What child processes are given and what they leave: an environment, a scenario to play, lines and findings to read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from meerkat_mock.children import Children, executable_folder
from meerkat_mock.journal import Journal
from meerkat_mock.process.report import Report
from meerkat_mock.stage import Stage
from meerkat_mock.violations import Violation

NAMES = ("PATH", "MEERKAT_BIN_PATH", "MEERKAT_MOCK_JOURNAL", "MEERKAT_MOCK_SCENARIO", "MEERKAT_MOCK_FAULTS")
UNUSED = Violation("unused", "a:1", "one was never selected", "", ("take it away",))


class Family:
    def __init__(self) -> None:
        self.stage = Stage()
        self.children = Children(self.stage)
        self.journal = Journal()

    def leave(self, *entries: dict[str, Any], text: str = "") -> None:
        """Write what children would have written."""
        with Path(os.environ["MEERKAT_MOCK_JOURNAL"]).open("a") as file:
            file.write("".join(json.dumps(entry) + "\n" for entry in entries) + text)

    @property
    def scenario(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(Path(os.environ["MEERKAT_MOCK_SCENARIO"]).read_text())
        return read


@pytest.fixture
def family(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in NAMES[1:]:
        monkeypatch.delenv(name, raising=False)
    found = Family()
    found.children.open()
    yield found
    found.children.close(found.journal)


def line(text: str, process: int = 7, direction: str = "in", connection: int = 1, at: float = 5.0, **more: Any) -> dict[str, Any]:
    return {"process": process, "at": at, "connection": connection, "direction": direction, "line": text, **more}


def report(process: int = 7, violations: tuple[Violation, ...] = (), unused: tuple[Violation, ...] = ()) -> dict[str, Any]:
    return {"process": process, "violations": [vars(each) for each in violations], "unused": [vars(each) for each in unused]}


def test_the_environment_is_changed_for_children_and_restored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEERKAT_BIN_PATH", "/usr/bin/rkat-rpc")
    monkeypatch.delenv("MEERKAT_MOCK_FAULTS", raising=False)
    before = {name: os.environ.get(name) for name in NAMES}
    family = Family()
    family.children.open()
    program = executable_folder() / "rkat-rpc"
    assert os.access(program, os.X_OK)
    assert os.environ["MEERKAT_BIN_PATH"] == str(program)
    assert os.environ["PATH"].split(os.pathsep)[0] == str(program.parent)
    family.children.close(family.journal)
    family.children.close(family.journal)
    assert {name: os.environ.get(name) for name in NAMES} == before


def test_children_find_the_scenario_as_it_stands_but_for_what_only_the_parent_can_verify(family: Family) -> None:
    assert os.environ["MEERKAT_MOCK_SCENARIO"] == ""
    family.stage.builder.session(name="one").turn(say="x")
    family.stage.builder.set(verify={"never": ["session/archive"]})
    assert [session["name"] for session in family.scenario["sessions"]] == ["one"]
    family.stage.builder.session(name="two").turn(say="y")
    assert [session["name"] for session in family.scenario["sessions"]] == ["one", "two"]
    assert "verify" not in family.scenario


def test_children_find_which_faults_are_on(family: Family) -> None:
    family.stage.builder.fault("cut", wire={"close": "mid_line"})
    family.stage.builder.fault("stall", wire={"close": "stall"})
    family.stage.turn_on("cut")
    assert os.environ["MEERKAT_MOCK_FAULTS"] == "cut"
    family.stage.turn_on("stall")
    assert os.environ["MEERKAT_MOCK_FAULTS"] == "cut,stall"


def test_lines_of_children_come_into_the_journal_once_and_their_processes_stay_apart(family: Family) -> None:
    family.leave(line('{"id":1}'), line('{"id":2}', process=8, direction="out", mark="fault x"))
    family.children.collect(family.journal)
    family.children.collect(family.journal)
    family.leave(line('{"id":3}'))
    family.children.collect(family.journal)
    lines = list(family.journal)
    assert [(each.text, each.direction, each.mark) for each in lines] == [
        ('{"id":1}', "in", ""),
        ('{"id":2}', "out", "fault x"),
        ('{"id":3}', "in", ""),
    ]
    assert lines[0].connection == lines[2].connection != lines[1].connection


def test_frames_of_live_channels_that_children_serve_come_into_the_journal(
    family: Family, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meerkat_mock.process.report.signal.signal", lambda *_: None)
    monkeypatch.setattr("meerkat_mock.process.report.atexit.register", lambda *_: None)
    theirs = Report(str(tmp_path / "journal"), Stage(), [])
    journal = Journal(tell=theirs.line, tell_frame=theirs.frame)
    journal.record_frame(5.0, "channel-1", "in", 480)
    journal.record_frame(5.5, "channel-1", "out", '{"observation":"ready"}')
    family.leave(text=(tmp_path / "journal").read_text())
    family.children.collect(family.journal)
    frames = family.journal.frames()
    assert [(each.at, each.channel, each.direction, each.data) for each in frames] == [
        (5.0, "channel-1", "in", 480),
        (5.5, "channel-1", "out", '{"observation":"ready"}'),
    ]


def test_a_line_that_is_still_being_written_is_read_when_it_is_whole(family: Family) -> None:
    whole = json.dumps(line('{"id":1}'))
    family.leave(text=whole[:10])
    family.children.collect(family.journal)
    assert len(family.journal) == 0
    family.leave(text=whole[10:] + "\n")
    family.children.collect(family.journal)
    assert len(family.journal) == 1


def test_what_children_found_is_found(family: Family) -> None:
    crash = Violation("crash", "", "models/catalog failed inside the mock", "nothing", ("report it",))
    family.leave(report(violations=(crash,)), report(process=8))
    family.children.collect(family.journal)
    assert family.children.violations == [crash]


def test_a_script_counts_as_used_if_any_child_used_it(family: Family) -> None:
    other = Violation("unused", "a:2", "two was never selected", "", ())
    assert family.children.still_unused([UNUSED, other]) == [UNUSED, other]
    family.leave(report(unused=(UNUSED, other)), report(process=8, unused=(UNUSED,)))
    family.children.collect(family.journal)
    assert family.children.still_unused([UNUSED, other]) == [UNUSED]


def test_what_a_test_shared_with_its_children_is_gone_afterwards(family: Family) -> None:
    journal = Path(os.environ["MEERKAT_MOCK_JOURNAL"])
    family.leave(line('{"id":1}'))
    family.children.close(family.journal)
    assert len(family.journal) == 1
    assert not journal.exists()
