"""The shapes that a run leaves in the transcript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from meerkat_mock.agent.ports import ToolOverlay
from meerkat_mock.agent.run import collapsed, last_assistant_text, offered, user_message, with_context

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import Block, Message

TEXT: Block = {"type": "text", "text": "a"}
IMAGE: Block = {"type": "image", "media_type": "image/png", "source": "blob", "blob_id": "sha256:1"}


@pytest.mark.parametrize(
    ("content", "shown"),
    [("a", "a"), ([TEXT], "a"), ([TEXT, TEXT], [TEXT, TEXT]), ([IMAGE], [IMAGE]), ([], []), ([{"type": "text", "text": ""}], "")],
)
def test_exactly_one_text_block_is_shown_as_a_text(content: str | list[Block], shown: object) -> None:
    assert collapsed(content) == shown
    assert user_message(content) == {"role": "user", "content": shown}


def _said(*texts: str) -> Message:
    return {"role": "block_assistant", "blocks": [{"block_type": "text", "data": {"text": text}} for text in texts]}


def test_the_last_assistant_text_passes_over_messages_without_any() -> None:
    thought: Message = {"role": "block_assistant", "blocks": [{"block_type": "reasoning", "data": {"text": "hm"}}]}
    assert last_assistant_text([_said("a", "b"), thought, _said(), {"role": "user", "content": "x"}]) == "ab"
    assert last_assistant_text([_said("a"), {"role": "assistant", "content": "old", "stop_reason": "end_turn"}]) == "old"
    assert last_assistant_text([{"role": "user", "content": "x"}]) == ""


def test_injected_context_is_seen_at_the_end_of_the_system_prompt_alone() -> None:
    messages: list[Message] = [{"role": "system", "content": "S"}, {"role": "user", "content": "x"}]
    seen = with_context(messages, ("one", "two"))
    assert [message["content"] for message in seen] == ["S\n\none\n\n---\n\ntwo", "x"]
    assert messages[0]["content"] == "S"
    assert with_context(messages, ()) is messages
    assert with_context(messages[1:], ("one",)) == messages[1:]


@pytest.mark.parametrize(
    ("overlay", "names"),
    [
        (None, ["a", "b"]),
        (ToolOverlay(), ["a", "b"]),
        (ToolOverlay(allowed=frozenset({"a"})), ["a"]),
        (ToolOverlay(allowed=frozenset()), []),
        (ToolOverlay(allowed=frozenset({"a", "b"}), blocked=frozenset({"a"})), ["b"]),
    ],
)
def test_an_overlay_narrows_what_the_model_is_offered(overlay: ToolOverlay | None, names: list[str]) -> None:
    assert list(offered({"a": {}, "b": {}}, overlay)) == names
