from __future__ import annotations

import pytest

from meerkat_mock.session.notes import ContextNote, ContextNotes
from meerkat_mock.surfaces.registry import Fault


def test_a_note_is_a_block_with_its_source() -> None:
    assert ContextNote("Sky.", "me").rendered() == "[Runtime System Context]\nsource: me\n\nSky."
    assert ContextNote("Sky.", None).rendered() == "[Runtime System Context]\n\nSky."


def test_a_key_belongs_to_one_text_and_source_for_ever() -> None:
    notes = ContextNotes()
    assert notes.inject(ContextNote("a", None), "k", keyless_lost=True) == "staged"
    notes.used(1)
    assert notes.inject(ContextNote("a", None), "k", keyless_lost=True) == "duplicate"
    assert notes.rendered() == ()
    with pytest.raises(Fault, match="system-context idempotency conflict for key 'k'"):
        notes.inject(ContextNote("a", "source"), "k", keyless_lost=True)


def test_an_empty_key_is_a_key_and_none_is_lost_or_kept_as_asked() -> None:
    notes = ContextNotes()
    notes.inject(ContextNote("empty", None), "", keyless_lost=True)
    notes.inject(ContextNote("lost", None), None, keyless_lost=True)
    notes.inject(ContextNote("kept", None), None, keyless_lost=False)
    assert [note.text for note in notes.waiting] == ["empty", "kept"]
