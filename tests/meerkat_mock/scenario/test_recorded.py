"""The rules of inline scripts explain every transcript in the recorded conversations.

Left out: live channels, whose realtime provider has rules of its own, and forks, where the client rewrites what the model said.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.scenario.inline import said_in
from meerkat_mock.scenario.player import Player
from meerkat_mock.world.model import ModelRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

GOLDENS = Path(__file__).parents[3] / "meerkat_mock" / "conform" / "goldens"
FILES = sorted(
    file for area in ("events", "mobs", "sessions", "surfaces") for file in (GOLDENS / area).glob("*.jsonl") if file.stem != "forks"
)


def transcripts(file: Path) -> Iterator[list[dict[str, Any]]]:
    """Yield every transcript that `session/history` answered from its start, with or without the system message."""
    for line in file.read_text().splitlines():
        message = json.loads(line).get("msg")
        result = message.get("result") if isinstance(message, dict) else None
        if isinstance(result, dict) and isinstance(result.get("messages"), list) and result["offset"] <= 1 and not result.get("has_more"):
            yield result["messages"]


def newest_attempt(messages: list[dict[str, Any]]) -> str:
    """Return what the player says once all attempts are behind it, as in a committed transcript."""
    player = Player()
    return [player.answer(ModelRequest("s", messages)).text for _ in range(4)][-1]


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_every_recorded_answer_is_the_round_that_the_rules_say(file: Path) -> None:
    for messages in transcripts(file):
        for index, message in enumerate(messages):
            if message["role"] == "block_assistant":
                assert newest_attempt(messages[:index]) == said_in(message).text


def test_there_are_recorded_transcripts() -> None:
    assert sum(1 for file in FILES for _ in transcripts(file)) > 10
