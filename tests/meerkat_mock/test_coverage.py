"""Contract coverage: what a journal has exercised is counted, what it has not is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from meerkat import MeerkatError
from meerkat.wire.methods import METHODS
from meerkat_mock.cli import main
from meerkat_mock.coverage import KINDS, Coverage, everything
from meerkat_mock.coverage_unreachable import UNREACHABLE
from meerkat_mock.mock import MeerkatMock
from tests.meerkat_mock.test_quirks import SECTIONS, cited

if TYPE_CHECKING:
    from pathlib import Path

    from meerkat_mock.coverage import Row
    from meerkat_mock.journal import Journal

pytest_plugins = ["pytester"]


async def _journal() -> Journal:
    async with MeerkatMock() as mock:
        async with mock.client() as client:
            session = await client.create_session('@script[{"think":["h"],"say":["a"]}]')
            await session.turn("again")
            with pytest.raises(MeerkatError):
                await client.read_session("019cadc6-9a80-7000-8000-00000000ffff")
        return mock.journal


def _rows(coverage: Coverage) -> dict[str, Row]:
    return {row.kind: row for row in coverage.rows()}


def test_everything_names_the_whole_table() -> None:
    assert set(everything()) == set(KINDS)
    assert everything()["methods"] == tuple(METHODS)
    assert {"run_started", "text_delta", "run_completed"} <= set(everything()["events"])
    assert "session/read -32001" in everything()["errors"]
    assert all(names for names in everything().values())


async def test_what_a_conversation_used_is_counted_and_the_rest_is_missing() -> None:
    coverage = Coverage()
    coverage.journal(await _journal())
    rows = _rows(coverage)
    assert {"initialize", "session/create", "turn/start", "session/read"} <= set(rows["methods"].used)
    assert "mob/create" in rows["methods"].missing
    assert rows["errors"].used == ["session/read -32001"]
    assert rows["notifications"].used == ["session/event"]
    assert {"run_started", "reasoning_complete", "text_complete"} <= set(rows["events"].used)
    assert "retrying" in rows["events"].missing
    assert rows["runs"].used == ["answered at once", "with reasoning"]
    assert [row.beyond for row in rows.values()] == [[]] * len(KINDS)


def test_a_request_without_an_answer_does_not_count() -> None:
    coverage = Coverage()
    coverage.take("one", "in", '{"id":1,"method":"session/list"}')
    coverage.take("two", "out", '{"id":1,"result":{}}')
    coverage.take("one", "out", "no message")
    assert "session/list" in _rows(coverage)["methods"].missing
    coverage.take("one", "out", '{"id":1,"result":{}}')
    assert "session/list" in _rows(coverage)["methods"].used


def test_what_the_contract_does_not_name_is_told() -> None:
    coverage = Coverage()
    coverage.take("one", "out", '{"method":"session/news","params":{}}')
    coverage.take("one", "in", '{"id":"a","method":"session/list"}')
    coverage.take("one", "out", '{"id":"a","error":{"code":-1,"message":"odd"}}')
    assert _rows(coverage)["notifications"].beyond == ["session/news"]
    assert _rows(coverage)["errors"].beyond == ["session/list -1"]


async def _file(tmp_path: Path) -> Path:
    path = tmp_path / "journal.jsonl"
    lines = [{"process": 1, "connection": x.connection, "direction": x.direction, "line": x.text} for x in await _journal()]
    path.write_text("".join(json.dumps(line) + "\n" for line in [*lines, {"process": 1, "violations": [], "unused": []}]), encoding="utf-8")
    return path


async def test_the_verb_reads_journal_files_and_folders(tmp_path: Path) -> None:
    path = await _file(tmp_path)
    for what in (path, tmp_path):
        done = CliRunner().invoke(main, ["coverage", str(what), "--json"])
        assert done.exit_code == 0, done.output
        assert "turn/start" in json.loads(done.stdout)["methods"]["used"]


async def test_the_verb_lists_what_is_missing_and_fails_below_a_limit(tmp_path: Path) -> None:
    path = await _file(tmp_path)
    done = CliRunner().invoke(main, ["coverage", str(path), "--missing", "--fail-under", "100"])
    assert done.exit_code == 1
    assert "methods not exercised:" in done.stdout
    assert "  mob/create\n" in done.stdout


def test_the_verb_reads_recorded_conversations(tmp_path: Path) -> None:
    said = [{"golden": 1}, {"dir": ">", "msg": {"id": 1, "method": "session/list"}}, {"dir": "<", "msg": {"id": 1, "result": {}}}]
    (tmp_path / "one.jsonl").write_text("\n".join(map(json.dumps, said)), encoding="utf-8")
    done = CliRunner().invoke(main, ["coverage", str(tmp_path), "--json"])
    assert json.loads(done.stdout)["methods"]["used"] == ["session/list"]


def test_a_folder_without_journals_and_a_file_that_is_none_are_wrong_use(tmp_path: Path) -> None:
    assert "no journal" in CliRunner().invoke(main, ["coverage", str(tmp_path)]).output
    (tmp_path / "odd.jsonl").write_text("{}\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["coverage", str(tmp_path)])
    assert done.exit_code == 2
    assert "nothing to count: no line of a conversation in" in done.output
    (tmp_path / "odd.jsonl").write_text("{}\nodd\n", encoding="utf-8")
    done = CliRunner().invoke(main, ["coverage", str(tmp_path)])
    assert done.exit_code == 2
    assert "odd.jsonl:2: no line of a journal" in done.output


# ---- values, and what cannot be ------------------------------------------------------------------------------------------------------


async def test_values_of_enumerations_are_counted_on_their_way_in_and_out() -> None:
    coverage = Coverage()
    coverage.journal(await _journal())
    used = set(_rows(coverage)["values"].used)
    assert {"AgentEventRunStarted.type run_started", "AgentEventTurnCompleted.stop_reason end_turn"} <= used
    assert "AgentEventTurnCompleted.stop_reason tool_use" not in used


def test_a_value_among_several_shapes_counts_for_the_one_that_it_is() -> None:
    coverage = Coverage()
    coverage.take("one", "in", json.dumps({"id": 1, "method": "session/create", "params": {"prompt": [{"type": "text", "text": "x"}]}}))
    assert _rows(coverage)["values"].used == ["TextBlock.type text"]


def test_everything_unreachable_is_named_by_the_contract_and_told_with_its_evidence() -> None:
    assert set(UNREACHABLE) <= set(KINDS)
    for kind in KINDS:
        names = UNREACHABLE.get(kind, {})
        assert set(names) <= set(everything()[kind])
        for why in names.values():
            assert cited(why), why
            assert [each for each in cited(why) if each[1] not in SECTIONS[each[0]]] == []
    row = _rows(Coverage())["events"]
    assert "stream_truncated" in row.unreachable
    assert "stream_truncated" not in row.missing


def test_what_is_seen_all_the_same_counts() -> None:
    coverage = Coverage()
    coverage.message("one", "out", {"method": "session/event", "params": {"event": {"payload": {"type": "stream_truncated"}}}})
    row = _rows(coverage)["events"]
    assert row.used == ["stream_truncated"]
    assert "stream_truncated" not in row.unreachable


# ---- counting a run of pytest --------------------------------------------------------------------------------------------------------

SUITE = """
async def test_one(meerkat_mock):
    async with meerkat_mock.client() as client:
        await client.create_session("hi")

async def test_other(meerkat_mock):
    async with meerkat_mock.client() as client:
        await client.list_sessions()
"""


def test_a_run_of_pytest_leaves_counts_that_the_verb_adds_up(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_suite=SUITE)
    for name in ("test_one", "test_other"):
        options = ("--asyncio-mode=auto", "--meerkat-coverage", "counts", "-k", name, "-p", "no:cacheprovider")
        pytester.runpytest_subprocess(*options).assert_outcomes(passed=1, deselected=1)
    assert len(list(pytester.path.joinpath("counts").iterdir())) == 2
    result = CliRunner().invoke(main, ["coverage", str(pytester.path / "counts"), "--json", "--kind", "methods", "--kind", "events"])
    found = json.loads(result.output)
    assert list(found) == ["methods", "events"]
    assert {"session/create", "session/list"} <= set(found["methods"]["used"])
    assert "run_completed" in found["events"]["used"]
    assert "spec 03" in found["events"]["unreachable"]["interaction_failed"]
