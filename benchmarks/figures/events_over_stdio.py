"""Events of a subscription over a pipe, typed and consumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.measuring import CLIENTS, Figure, medians, own_python, printed_by, tape
from benchmarks.reference import reference_python

if TYPE_CHECKING:
    from collections.abc import Iterator

EVENTS = 100_000


def figures() -> Iterator[Figure]:
    """Measure events per second of our SDK, the reference SDK and a bare loop on one and the same tape."""
    reference = reference_python()
    with tape(EVENTS) as env:
        sides = {
            "ours": printed_by(own_python(), CLIENTS / "events.py", str(EVENTS), env=env),
            "bare": printed_by(own_python(), CLIENTS / "bare_events.py", str(EVENTS), env=env),
        }
        if reference is not None:
            sides["theirs"] = printed_by(reference, CLIENTS / "events.py", str(EVENTS), env=env)
        found = medians(**sides)
    detail = ", ".join(f"{name} {EVENTS / seconds:,.0f}/s" for name, seconds in found.items())
    if reference is not None:
        yield Figure("events over stdio, beside the reference SDK", found["theirs"] / found["ours"], "≥", 2.0, detail=detail)
    yield Figure("events over stdio, beside a bare loop", found["bare"] / found["ours"], "≥", 0.8, detail=detail)
