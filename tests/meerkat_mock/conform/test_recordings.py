"""Some short recordings against the mock: sockets, lists in random order, schedules, raw lines; all of them are played elsewhere."""

from __future__ import annotations

import re

import pytest

from meerkat_mock.conform import GOLDENS
from meerkat_mock.conform.golden import Golden
from meerkat_mock.conform.player import play
from meerkat_mock.conform.roads import InMemory
from meerkat_mock.quirks import QUIRKS

SHORT = (
    "auth/login_target_refusals",
    "live/opening_state",
    "live/unknown_channel",
    "surfaces/approvals",
    "surfaces/schedule_jsonl_backend",
    "transport/framing",
    "transport/malformed_lines",
)


@pytest.mark.parametrize("name", SHORT)
async def test_the_mock_answers_as_recorded(name: str) -> None:
    outcome = await play(Golden.read(GOLDENS / f"{name}.jsonl"), InMemory.connect)
    assert (outcome.differences, outcome.complaints, outcome.last_words) == ([], [], "")


def test_every_recording_that_is_named_as_evidence_is_there() -> None:
    named = {name for row in QUIRKS.values() for name in re.findall(r"\b[a-z]+/[a-z_]+\b", row.evidence)}
    assert named
    assert [name for name in sorted(named) if not (GOLDENS / f"{name}.jsonl").is_file()] == []
