"""Importing the SDK, beside the reference SDK: the package alone, and with the client that every application takes from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measuring import Figure, medians, own_python, printed_by
from benchmarks.reference import reference_python

if TYPE_CHECKING:
    from collections.abc import Iterator

STATEMENTS = ("import meerkat", "from meerkat import MeerkatClient")
LIMIT = 0.25


def figures() -> Iterator[Figure]:
    """Measure the time of each statement in fresh interpreters."""
    reference = reference_python()
    if reference is None:
        return
    for statement in STATEMENTS:
        code = f"import time; start = time.perf_counter(); {statement}; print(time.perf_counter() - start)"
        found = medians(rounds=9, ours=printed_by(own_python(), "-c", code), theirs=printed_by(reference, "-c", code))
        detail = f"{found['ours'] * 1000:.1f} ms and {found['theirs'] * 1000:.1f} ms"
        yield Figure(f"`{statement}`, beside the reference SDK", found["ours"] / found["theirs"], "≤", LIMIT, detail=detail)
