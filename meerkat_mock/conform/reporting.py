"""What a campaign found, for people, for programs and for continuous integration: text, JSON, JUnit XML."""

from __future__ import annotations

import dataclasses
import json
import re
from collections import Counter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from meerkat_mock.quirks import QUIRKS
from meerkat_mock.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from meerkat_mock.conform.campaign import State, Verdict

SHOWN = 5
"""Differences of one conversation that the text shows."""
NOT_JUDGED = "not judged:"
"""How the note begins that some differences hang on timing."""
STATES: Sequence[State] = ("agreed", "known difference", "new difference", "not played")
_UNPRINTABLE = re.compile(r"[^\t\n\r -\ud7ff\ue000-\ufffd]")
"""What XML cannot hold."""


def as_text(verdicts: Sequence[Verdict]) -> str:
    """Return what departs from agreement, conversation by conversation, and the sums."""
    blocks = ["\n".join(_told(verdict)) for verdict in verdicts if verdict.state != "agreed"]
    return plain("\n\n".join([*blocks, _sums(verdicts)]))


def _told(verdict: Verdict) -> Iterator[str]:
    yield f"{verdict.state}: {verdict.name}"
    if verdict.state == "not played":
        yield from (f"  {note}" for note in verdict.notes)
        return
    for name in verdict.quirks:
        yield f"  explained by {name}: {QUIRKS[name].server} / {QUIRKS[name].contract}"
    if verdict.state == "known difference":
        yield from (f"  {note}" for note in verdict.notes if note.startswith(NOT_JUDGED))
        return
    yield from (f"  {difference}" for difference in verdict.differences[:SHOWN])
    if len(verdict.differences) > SHOWN:
        yield f"  and {len(verdict.differences) - SHOWN} more"
    yield from (f"  {line}" for note in verdict.notes for line in note.splitlines())
    if verdict.shortest:
        yield f"  the shortest conversation that shows it, {len(verdict.shortest)} of {verdict.length} steps:"
        yield from (f"    {step}" for step in verdict.shortest)


def _sums(verdicts: Sequence[Verdict]) -> str:
    counts = Counter(verdict.state for verdict in verdicts)
    return ", ".join(f"{counts[state]} {state}" for state in STATES if counts[state] or state != "not played")


def as_json(verdicts: Sequence[Verdict]) -> str:
    """Return everything, as one object: `counts` and `conversations`."""
    counts = Counter(verdict.state for verdict in verdicts)
    conversations = [dataclasses.asdict(verdict) for verdict in verdicts]
    for conversation in conversations:
        conversation["shortest"] = [json.loads(step) for step in conversation["shortest"]]
        conversation["differences"] = [
            {name: value for name, value in difference.items() if name != "sign"} for difference in conversation["differences"]
        ]
    return json.dumps({"counts": {state: counts[state] for state in STATES}, "conversations": conversations}, indent=2)


def as_junit(verdicts: Sequence[Verdict]) -> str:
    """Return a JUnit test suite: a new difference is a failure, what was not played is skipped, what is known is told on a pass."""
    counts = Counter(verdict.state for verdict in verdicts)
    suite = ET.Element(
        "testsuite",
        name="meerkat-mock conform",
        tests=str(len(verdicts)),
        failures=str(counts["new difference"]),
        errors="0",
        skipped=str(counts["not played"]),
        time=f"{sum(verdict.seconds for verdict in verdicts):.3f}",
    )
    for verdict in verdicts:
        area, _, name = verdict.name.rpartition("/")
        case = ET.SubElement(suite, "testcase", classname=f"conform.{area}", name=name, time=f"{verdict.seconds:.3f}")
        text = _UNPRINTABLE.sub("?", "\n".join(_told(verdict)))
        if verdict.state == "new difference":
            first = str(verdict.differences[0]) if verdict.differences else verdict.state
            ET.SubElement(case, "failure", message=_UNPRINTABLE.sub("?", first)).text = text
        elif verdict.state == "not played":
            ET.SubElement(case, "skipped", message="; ".join(verdict.notes))
        elif verdict.state == "known difference":
            ET.SubElement(case, "system-out").text = text
    ET.indent(suite)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"
