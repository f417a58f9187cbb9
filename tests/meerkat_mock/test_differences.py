"""The page "Differences" says what the table of quirks says."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from meerkat_mock.cli import main
from meerkat_mock.quirks import QUIRKS, Quirks

if TYPE_CHECKING:
    from meerkat_mock.quirks import Fidelity

PAGE = Path(__file__).parents[2] / "docs" / "differences.md"


def test_the_page_is_made_of_the_table() -> None:
    done = CliRunner().invoke(main, ["quirks", "--markdown"])
    assert done.exit_code == 0
    assert PAGE.read_text(encoding="utf-8") == done.stdout, "write it anew: meerkat-mock quirks --markdown > docs/differences.md"


def test_every_row_is_on_the_page_with_its_evidence_and_advice() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for row in QUIRKS.values():
        entry = page.split(f"### `{row.name}`\n")[1].split("###")[0]
        assert row.server in entry
        assert row.contract in entry
        assert row.evidence in entry
        assert row.advice in entry


@pytest.mark.parametrize("fidelity", ["server", "contract"])
def test_the_verb_says_of_every_row_what_the_table_says_and_where_it_stands(fidelity: Fidelity) -> None:
    shown = json.loads(CliRunner().invoke(main, ["quirks", "--json", "--fidelity", fidelity]).stdout)
    positions = Quirks(fidelity)
    assert shown == [dataclasses.asdict(row) | {"on": positions.on(row.name)} for row in QUIRKS.values()]


def test_the_printed_table_names_every_row_with_its_position(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    cells = [line.split("│")[1:3] for line in CliRunner().invoke(main, ["quirks"]).stdout.splitlines() if line.startswith("│")]
    printed = {name.strip(): position.strip() for name, position in cells if name.strip()}
    assert printed == {row.name: "off" if row.by_timing else "on" for row in QUIRKS.values()}
