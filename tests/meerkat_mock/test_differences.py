"""The page "Differences" says what the table of quirks says."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from meerkat_mock.cli import main
from meerkat_mock.quirks import QUIRKS

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
