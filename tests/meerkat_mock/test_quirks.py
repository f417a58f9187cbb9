"""The table of quirks: each row says what both positions do and what it means to an application; positions are chosen by name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import meerkat_mock
from meerkat_mock.quirks import QUIRKS, Quirk, Quirks, UnknownQuirk

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
