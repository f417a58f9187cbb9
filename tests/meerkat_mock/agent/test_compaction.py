"""Compaction: when it is due, what it says, what it leaves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from meerkat_mock.agent.compaction import NOTICE, Cadence, estimated_tokens
from meerkat_mock.world.model import ModelAnswer, ModelUsage, ProviderFailure
from tests.meerkat_mock.agent.stage import Stage, call, failing, kinds, one, only, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from meerkat_mock.agent.ports import Message

SMALL = {"auto_compact_threshold": 1000, "recent_turn_budget": 1}
BIG = ModelUsage(5000, 7)


async def test_a_call_above_the_threshold_compacts_before_the_next_run() -> None:
    stage = Stage(compaction=SMALL)
    await stage.run(say("one", usage=BIG))
    events = await stage.run(say("sum", "mary", usage=BIG), say("two", usage=BIG))
    assert kinds(events)[:6] == ["run_started", "compaction_started", "text_delta", "text_delta", "compaction_completed", "turn_started"]
    assert (events[1]["input_tokens"], events[1]["message_count"]) == (5000, 4)
    assert events[4] == {"type": "compaction_completed", "summary_tokens": 7, "messages_before": 4, "messages_after": 3}
    assert [message["role"] for message in stage.messages] == ["system", "user", "user", "block_assistant"]
    assert stage.messages[1]["content"] == f"{NOTICE}\n\nsummary"
    assert stage.usage.input_tokens == 15000
    assert [request.purpose for request in stage.model.requests] == ["turn", "compaction", "turn"]


async def test_compactions_keep_their_distance() -> None:
    stage = Stage(compaction=SMALL)
    compacting: list[int] = []
    for turn in range(1, 10):
        due = turn in (2, 5, 8)
        events = await stage.run(*[say("r", usage=BIG)] * (1 + due))
        if only(events, "compaction_completed"):
            compacting.append(turn)
    assert compacting == [2, 5, 8]


async def test_a_compaction_may_come_between_two_rounds() -> None:
    stage = Stage(compaction={**SMALL, "min_turns_between_compactions": 1})
    events = await stage.run(call("add", usage=BIG), say("sum", usage=BIG), say("end"))
    assert kinds(events)[5:8] == ["tool_result_received", "compaction_started", "text_delta"]
    assert kinds(events)[8:10] == ["compaction_completed", "turn_started"]
    assert [message["role"] for message in stage.messages][1:] == ["user", "user", "block_assistant", "tool_results", "block_assistant"]


async def test_an_empty_summary_leaves_everything_as_it_was() -> None:
    stage = Stage(compaction={**SMALL, "min_turns_between_compactions": 1})
    await stage.run(say("one", usage=BIG))
    events = await stage.run(ModelAnswer(), say("two", usage=BIG))
    assert one(events, "compaction_failed")["error"] == "LLM returned empty summary"
    assert len(stage.messages) == 5


async def test_a_failing_summary_does_not_fail_the_run() -> None:
    stage = Stage(compaction=SMALL)
    await stage.run(say("one", usage=BIG))
    events = await stage.run(failing(ProviderFailure(500, "m", "{}")), say("two"))
    assert one(events, "compaction_failed")["error"] == "LLM error (self_hosted): Server error: 500 - {}"
    assert (events[-1]["type"], stage.failure) == ("run_completed", None)


async def test_without_a_section_a_long_history_is_what_compacts() -> None:
    stage = Stage()
    stage.messages[0]["content"] = "x" * 400_000
    await stage.run(say("one"))
    events = await stage.run(say("sum"), say("two"))
    estimate = one(events, "compaction_started")["estimated_history_tokens"]
    assert isinstance(estimate, int)
    assert estimate >= 100_000


def test_the_estimate_counts_texts_images_and_whole_messages() -> None:
    assistant = {"role": "block_assistant", "blocks": [], "stop_reason": "end_turn", "created_at": "2026-03-02T09:00:00+00:00"}
    image = {"type": "image", "media_type": "image/png", "source": "blob", "blob_id": "sha256:1"}
    results = {"role": "tool_results", "results": [{"tool_use_id": "c", "content": "x" * 9, "is_error": False}]}
    user = {"role": "user", "content": [{"type": "text", "text": "ab"}, image, {"type": "text", "text": ""}]}
    whole = len(json.dumps(assistant, separators=(",", ":"))) // 4
    assert estimated_tokens([assistant, results, user, {"role": "user", "content": ""}]) == whole + 2 + 1 + 1600


def test_an_estimate_is_that_of_the_transcript_as_it_is_now_and_reads_old_messages_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []

    def counting(messages: Sequence[Message]) -> int:
        read.append(len(messages))
        return estimated_tokens(messages)

    monkeypatch.setattr("meerkat_mock.agent.compaction.estimated_tokens", counting)
    cadence = Cadence(1)
    messages: list[Message] = [user("x" * 40)]
    assert cadence.estimate(messages) == 10
    messages.append(user("y" * 80))
    assert cadence.estimate(messages) == 30
    messages[0] = user("z" * 400)
    assert cadence.estimate(messages) == 120
    del messages[1:]
    assert cadence.estimate(messages) == 100
    assert read == [1, 1, 2, 1]


def user(text: str) -> Message:
    return {"role": "user", "content": text}
