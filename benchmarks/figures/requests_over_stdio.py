"""Requests over a pipe, each sent after the answer to the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measuring import CLIENTS, Figure, medians, own_python, printed_by, tape
from benchmarks.reference import reference_python

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUESTS = 5_000


def figures() -> Iterator[Figure]:
    """Measure requests per second of our SDK, the reference SDK and a bare loop with one and the same server."""
    reference = reference_python()
    with tape(0) as env:
        sides = {
            "ours": printed_by(own_python(), CLIENTS / "questions.py", str(REQUESTS), env=env),
            "bare": printed_by(own_python(), CLIENTS / "bare_questions.py", str(REQUESTS), env=env),
        }
        if reference is not None:
            sides["theirs"] = printed_by(reference, CLIENTS / "questions.py", str(REQUESTS), env=env)
        found = medians(**sides)
    detail = ", ".join(f"{name} {REQUESTS / seconds:,.0f}/s" for name, seconds in found.items())
    if reference is not None:
        yield Figure("sequential requests over stdio, beside the reference SDK", found["theirs"] / found["ours"], "≥", 1.0, detail=detail)
    yield Figure("sequential requests over stdio, beside a bare loop", found["bare"] / found["ours"], "≥", 0.9, detail=detail)
