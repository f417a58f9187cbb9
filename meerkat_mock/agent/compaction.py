"""Compaction of a transcript that has grown too long: when it is due, and what is left (spec 03, 6.9).

A boundary is a round of the main loop or a call of the extraction; they are counted over the life of the session.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from meerkat_mock.agent.llm_call import attempt_of, heard, reply_of, trouble_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import Event, JsonObject, Message
    from meerkat_mock.agent.run import Run

NOTICE = (
    "[Context compacted]\nEarlier messages of this conversation were replaced by the summary below to save context. "
    "Treat the summary as what happened before, and go on with the messages that follow it."
)
"""The server's notice has 190 bytes, too; its wording is its own."""

IMAGE_TOKENS = 1600


@dataclass(frozen=True)
class CompactionRules:
    """The `compaction` section of the configuration, defaults filled in."""

    threshold: int = 100_000
    distance: int = 3
    recent_turns: int = 4

    @classmethod
    def of(cls, section: JsonObject) -> CompactionRules:
        """Read the section; what is no number keeps its default."""
        return cls(
            _number(section.get("auto_compact_threshold"), cls.threshold),
            _number(section.get("min_turns_between_compactions"), cls.distance),
            _number(section.get("recent_turn_budget"), cls.recent_turns),
        )


def _number(value: Json, default: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else default


@dataclass
class Cadence:
    """Where a session stands: boundaries passed, the one of the last compaction, and the input of the last call."""

    boundary: int
    compacted_at: int | None = None
    last_input_tokens: int = 0
    _counted: list[Message] = field(default_factory=lambda: [])
    _tokens: int = 0
    """The estimate for `_counted`: a session would take longer with every turn if all of its history were read anew."""

    @classmethod
    def of(cls, messages: Sequence[Message]) -> Cadence:
        """Start where a transcript has come to. Assumption: a rebuilt agent counts the answers it finds, and knows of no compaction."""
        return cls(sum(message.get("role") == "block_assistant" for message in messages))

    def estimate(self, messages: list[Message]) -> int:
        """Return `estimated_tokens` of the transcript, reading only what is new since the last estimate."""
        known = len(self._counted)
        if messages[:known] != self._counted:
            known, self._counted, self._tokens = 0, [], 0
        new = messages[known:]
        self._counted += new
        self._tokens += estimated_tokens(new)
        return self._tokens


async def compaction(run: Run) -> None:
    """Carry out a compaction if one is due at this boundary, and rewrite the transcript when it succeeds. A failure is not fatal."""
    rules, cadence = run.compaction_rules, run.cadence
    if not _may_compact(cadence, rules):
        return
    messages = run.record.messages
    estimate = cadence.estimate(messages)
    if max(estimate, cadence.last_input_tokens) < rules.threshold:
        return
    await run.say([_started(cadence, estimate, messages)])
    given = await run.ports.model.answer(run.request("compaction"))
    await attempt_of(run, given)
    answer = heard(given)
    trouble = trouble_in(answer)
    if trouble is not None:
        await run.say([{"type": "compaction_failed", "error": trouble.text(run.spec.provider)}])
        return
    reply = reply_of(answer)
    run.count(reply.usage)
    if not reply.text:
        await run.say([{"type": "compaction_failed", "error": "LLM returned empty summary"}])
        return
    before = len(messages)
    messages[:] = compacted(run, reply.text, rules.recent_turns)
    cadence.compacted_at = cadence.boundary
    done: Event = {
        "type": "compaction_completed",
        "summary_tokens": reply.usage.output_tokens,
        "messages_before": before,
        "messages_after": len(messages),
    }
    await run.say([done])


def _may_compact(cadence: Cadence, rules: CompactionRules) -> bool:
    """Never at the very first boundary, and not too soon after the last compaction."""
    if cadence.boundary == 0:
        return False
    return cadence.compacted_at is None or cadence.boundary - cadence.compacted_at >= rules.distance


def _started(cadence: Cadence, estimate: int, messages: Sequence[Message]) -> Event:
    return {
        "type": "compaction_started",
        "input_tokens": cadence.last_input_tokens,
        "estimated_history_tokens": estimate,
        "message_count": len(messages),
    }


def compacted(run: Run, summary: str, recent_turns: int) -> list[Message]:
    """Return the new transcript: system message, summary, and everything from the n-th last user message on."""
    messages = run.record.messages
    system = messages[:1] if messages and messages[0].get("role") == "system" else []
    asked = [index for index, message in enumerate(messages) if message.get("role") == "user"]
    first = asked[-recent_turns] if 0 < recent_turns < len(asked) else len(system)
    return [*system, run.stamped({"role": "user", "content": f"{NOTICE}\n\n{summary}"}), *messages[first:]]


def estimated_tokens(messages: Sequence[Message]) -> int:
    """Return the estimate of `estimated_history_tokens`."""
    return sum(map(_tokens_of, messages))


def _tokens_of(message: Message) -> int:
    role = message.get("role")
    if role == "user":
        return _content_tokens(message.get("content"))
    if role == "tool_results":
        results = message.get("results")
        return (
            sum(_content_tokens(result.get("content")) for result in results if isinstance(result, dict))
            if isinstance(results, list)
            else 0
        )
    return len(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()) // 4


def _content_tokens(content: Json) -> int:
    if isinstance(content, str):
        return _text_tokens(content)
    total = 0
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict):
            total += IMAGE_TOKENS if block.get("type") == "image" else _text_tokens(str(block.get("text", "")))
    return total


def _text_tokens(text: str) -> int:
    return max(1, len(text.encode()) // 4) if text else 0
