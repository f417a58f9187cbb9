"""Both positions of every quirk, held against each other: what the row says of the server and what it says of the documentation."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

import pytest

from meerkat_mock.quirks import QUIRKS, UnknownQuirk
from tests.meerkat_mock.quirk_proofs import lines, live, mobs, schedules, turns
from tests.meerkat_mock.quirk_proofs.proving import PROOFS, Position, Proofs, proves

if TYPE_CHECKING:
    from meerkat.wire.base import Json

MODULES = (lines, live, mobs, schedules, turns)
"""Those that register proofs by being imported."""


@pytest.mark.parametrize("row", QUIRKS)
async def test_a_row_decides_what_a_client_sees(row: str) -> None:
    await PROOFS.of(row).hold()


def test_every_proof_is_written_in_a_module_of_its_subject() -> None:
    assert {proof.conversation.__module__ for proof in PROOFS.values()} == {module.__name__ for module in MODULES}


# ---- the proofs themselves are held to what they promise ---------------------------------------------------------------------------------


def test_a_row_without_a_proof_is_named() -> None:
    with pytest.raises(AssertionError, match="the quirk 'seq_restarts' has no proof: add one with @proves\\('seq_restarts', server="):
        Proofs().of("seq_restarts")


async def on_or_off(position: Position) -> Json:
    return position.quirks.on("seq_restarts")


async def always_the_same(position: Position) -> Json:
    return "the same"


async def test_a_flag_without_effect_fails_its_proof() -> None:
    proof = dataclasses.replace(PROOFS["seq_restarts"], conversation=always_the_same, server="the same", documented="another")
    why = "seq_restarts with `fidelity: server, quirks: {'seq_restarts': False}` shows 'the same', not 'another'"
    with pytest.raises(AssertionError, match=re.escape(why)):
        await proof.hold()


async def test_a_proof_holds_the_row_on_and_off_by_fidelity_and_by_name() -> None:
    proof = dataclasses.replace(PROOFS["seq_restarts"], conversation=on_or_off, server=True, documented=False)
    await proof.hold()
    assert [(position.fidelity, position.named) for position in proof.positions()] == [
        ("server", {}),
        ("server", {"seq_restarts": False}),
        ("contract", {"seq_restarts": True}),
        ("contract", {}),
    ]
    by_timing = PROOFS["pieces_lose_lines"].positions()[0]
    assert (by_timing.on, by_timing.named) == (True, {"pieces_lose_lines": True})


def test_a_proof_that_tells_nothing_or_is_of_no_row_or_the_second_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="the proof of 'seq_restarts' tells nothing: it expects 1 in both positions"):
        dataclasses.replace(PROOFS["seq_restarts"], server=1, documented=1)
    with pytest.raises(UnknownQuirk, match="no quirk 'seq_restart'; did you mean 'seq_restarts'"):
        proves("seq_restart", server=1, documented=2)(on_or_off)
    with pytest.raises(ValueError, match="'seq_restarts' has a proof already: events_after_an_interrupted_turn"):
        proves("seq_restarts", server=1, documented=2)(on_or_off)
