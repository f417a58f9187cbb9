"""The table of quirks: each row says what both positions do and what it means to an application; positions are chosen by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import meerkat_mock
from meerkat_mock.quirks import QUIRKS, Quirk, Quirks, UnknownQuirk

GOLDENS = Path(str(meerkat_mock.__file__)).parent / "conform" / "goldens"
ROWS = pytest.mark.parametrize("row", QUIRKS.values(), ids=list(QUIRKS))


@ROWS
def test_a_row_says_everything_a_person_needs(row: Quirk) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]+", row.name)
    assert all((row.server, row.contract, row.advice))
    assert row.server != row.contract
    assert re.search(r"spec \d\d", row.evidence)


@ROWS
def test_a_row_holds_by_default_when_the_server_shows_it_every_time(row: Quirk) -> None:
    assert Quirks().on(row.name) is not row.by_timing
    assert not Quirks("contract").on(row.name)
    for on in (True, False):
        assert Quirks("server", {row.name: on}).on(row.name) is Quirks("contract", {row.name: on}).on(row.name) is on


def test_every_row_is_known_to_code_and_code_asks_for_nothing_else() -> None:
    files = (file for file in Path(str(meerkat_mock.__file__)).parent.rglob("*.py") if file.name != "quirks.py")
    code = "".join(file.read_text(encoding="utf-8") for file in files)
    assert [name for name in QUIRKS if f'"{name}"' not in code] == []
    assert set(re.findall(r'quirks\.on\("(\w+)"\)', code)) <= set(QUIRKS)


def test_an_unknown_name_is_refused_with_the_nearest_both_ways() -> None:
    with pytest.raises(UnknownQuirk, match=r"no quirk 'null_id_on_bad_parms'; did you mean 'null_id_on_bad_params'\?"):
        Quirks("server", {"null_id_on_bad_parms": True})
    with pytest.raises(UnknownQuirk, match="there is no quirk 'zzz'; known: "):
        Quirks().on("zzz")


# ---- evidence that can be looked up -----------------------------------------------------------------------------------------------------

SECTIONS = {
    part: {section.strip() for section in sections.split(",")}
    for part, _, sections in (
        row.partition(": ") for row in (Path(__file__).parent / "spec_sections.txt").read_text(encoding="utf-8").splitlines()[1:]
    )
}
CITED = re.compile(r"""section(?:s)? (\d+(?:\.\d+)*(?:(?:, | and )\d+(?:\.\d+)*)*)|("Seen live")""")


def cited(evidence: str) -> list[tuple[str, str]]:
    """Return part and section of everything of the specification that a piece of evidence names."""
    parts = re.split(r"spec (\d\d), ", evidence)
    named = [(part, found) for part, text in zip(parts[1::2], parts[2::2]) for found in CITED.findall(text)]
    return [(part, section) for part, (numbers, seen) in named for section in (re.findall(r"\d+(?:\.\d+)*", numbers) or [seen])]


@ROWS
def test_the_evidence_of_a_row_can_be_looked_up(row: Quirk) -> None:
    named = cited(row.evidence)
    assert len({part for part, _ in named}) == len(set(re.findall(r"spec (\d\d)", row.evidence))), "every part is named with a section"
    assert [each for each in named if each[1] not in SECTIONS[each[0]]] == []
    recorded = re.findall(r"[a-z]+/[a-z_]+", row.evidence.partition("golden")[2])
    assert bool(recorded) is ("golden" in row.evidence)
    assert [name for name in recorded if not (GOLDENS / f"{name}.jsonl").is_file()] == []


def test_evidence_is_read_part_by_part() -> None:
    evidence = 'spec 02, sections 3.2, 4 and 12; spec 05, section 7.3 and "Seen live", 6; golden a/b'
    assert cited(evidence) == [("02", "3.2"), ("02", "4"), ("02", "12"), ("05", "7.3"), ("05", '"Seen live"')]
