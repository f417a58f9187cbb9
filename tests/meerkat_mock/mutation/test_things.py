"""What can go wrong with the parts of a scenario beside the answers of its models, and that the example suite notices all of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from meerkat_mock.cli import main
from meerkat_mock.mutation.things import things_of
from meerkat_mock.scenario.models import from_data, to_data
from meerkat_mock.scenario.reader import read_text

if TYPE_CHECKING:
    from meerkat_mock.mutation.things import Thing

ROOT = Path(__file__).parents[3]
SCENARIO = """
stubs:
  - {method: session/list, result: {sessions: []}}
faults:
  gone: {error: {code: -32000, message: no}}
mcp:
  - name: files
    tools:
      - {name: read, result: abc}
      - {name: write, error: full}
mobs:
  - members: {ada: {spawn: {delay: 2s}}}
    flows: {main: {first: {fail: no}}}
schedules:
  - timeline:
      - {advance: 1h, expect: none}
      - {advance: 2h, expect: dispatching}
live:
  - steps:
      - {hear: hi}
      - {speak: [a, b]}
approvals:
  - {requester: r, resource: {kind: file, id: f}, proposed_action: {kind: file_write, summary: s}}
"""


def things() -> dict[str, Thing]:
    document = read_text(SCENARIO, "a.mock.yaml", Path())
    return {thing.what: thing for thing in things_of(to_data(document.scenario), document.positions)}


def altered(what: str) -> dict[str, Any]:
    changed = things()[what].applied(to_data(read_text(SCENARIO, "a.mock.yaml", Path()).scenario))
    assert changed is not None
    return changed


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("drop the stub `session/list`", 3),
        ("corrupt the `result` of the stub `session/list`", 3),
        ("drop the fault `gone`", 5),
        ("corrupt the `error` of the fault `gone`", 5),
        ("drop the MCP tool `write`", 10),
        ("corrupt the `result` of the MCP tool `read`", 9),
        ("delay the MCP tool `read` by 60 s", 9),
        ("delay the spawn `spawn` by 60 s", 12),
        ("corrupt the `fail` of the flow step `first`", 13),
        ("swap the moment `none` with the next", 16),
        ("delay the moment `dispatching` by 60 s", 17),
        ("duplicate the live step 1", 20),
        ("delay the live step 2 by 60 s", 21),
        ("corrupt the `speak` of the live step 2", 21),
        ("drop the approval 1", 23),
    ],
)
def test_every_kind_of_thing_goes_wrong_at_its_line_and_leaves_a_scenario(what: str, line: int) -> None:
    assert things()[what].where.endswith(f"a.mock.yaml:{line}")
    assert from_data(altered(what))


def test_what_would_leave_no_scenario_is_left_out() -> None:
    assert not [what for what in things() if "swap the live step 2" in what or "corrupt the `call`" in what]
    assert "drop the live step 1" in things()


def test_a_change_is_made_to_a_copy_and_to_nothing_else() -> None:
    before = to_data(read_text(SCENARIO, "a.mock.yaml", Path()).scenario)
    kept = json.dumps(before)
    for thing in things().values():
        assert thing.applied(before) != before
    assert json.dumps(before) == kept


def test_a_delay_is_added_to_what_is_scripted() -> None:
    assert altered("delay the spawn `spawn` by 60 s")["mobs"][0]["members"]["ada"]["spawn"]["delay"] == 62.0
    assert altered("delay the live step 2 by 60 s")["live"][0]["steps"][1] == {"wait": 60.0}


def test_the_example_suite_has_no_survivor_that_is_not_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PYTEST_ADDOPTS", "")
    done = CliRunner().invoke(main, ["mutate", "--json", "--", "pytest", "-p", "no:cacheprovider", "examples/desk"])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["tests"] == 3
    assert report["killed"] > 15
    assert all(survivor["explained"] for survivor in report["survivors"])
    assert {Path(survivor["where"].rpartition(":")[0]).name for survivor in report["survivors"]} >= {"voice.mock.yaml", "trouble.mock.yaml"}
