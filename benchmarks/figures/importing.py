"""`import meerkat`, beside the reference SDK's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measuring import Figure, medians, own_python, printed_by
from benchmarks.reference import reference_python

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "import time; start = time.perf_counter(); import meerkat; print(time.perf_counter() - start)"


def figures() -> Iterator[Figure]:
    """Measure the time of the statement in fresh interpreters."""
    reference = reference_python()
    if reference is None:
        return
    found = medians(rounds=9, ours=printed_by(own_python(), "-c", CODE), theirs=printed_by(reference, "-c", CODE))
    detail = f"{found['ours'] * 1000:.1f} ms and {found['theirs'] * 1000:.1f} ms"
    yield Figure("`import meerkat`, beside the reference SDK", found["ours"] / found["theirs"], "≤", 0.25, detail=detail)
