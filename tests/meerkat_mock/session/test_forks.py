from __future__ import annotations

from typing import Any

import pytest

from meerkat_mock.session.forks import forked, replaced
from meerkat_mock.surfaces.registry import Fault

AT = "2026-03-02T09:00:00.000000+00:00"
MESSAGES: list[dict[str, Any]] = [
    {"role": "system", "content": "s", "created_at": AT},
    {"role": "user", "content": "u", "created_at": AT},
    {
        "role": "block_assistant",
        "blocks": [{"block_type": "tool_use", "data": {"id": "c", "name": "t", "args": {}}}],
        "stop_reason": "tool_use",
        "created_at": AT,
    },
    {"role": "tool_results", "results": [{"tool_use_id": "c", "content": "r", "is_error": False}], "created_at": AT},
]
TEXT = {"type": "text", "text": "new"}


def blob(media_type: str, data: str) -> str:
    return f"sha256:{media_type}:{data}"


def refusal(index: int, replacement: dict[str, Any]) -> str:
    with pytest.raises(Fault) as refused:
        replaced(MESSAGES, index, replacement, 0.0, blob)
    assert refused.value.error.code == -32602
    return refused.value.error.message.removeprefix("agent error: Configuration error: ")


def test_a_fork_is_a_prefix_up_to_all_of_it() -> None:
    assert forked(MESSAGES, 0) == []
    assert forked(MESSAGES, 4) == MESSAGES
    with pytest.raises(Fault, match="message index 5 out of bounds for 4 messages"):
        forked(MESSAGES, 5)


def test_a_message_takes_the_place_of_any_other_and_is_stamped() -> None:
    message = {"role": "user", "content": [TEXT]}
    assert replaced(MESSAGES, 0, {"type": "message", "message": message}, 1_772_442_000.0, blob) == [
        {"role": "user", "content": "new", "created_at": AT},
    ]


def test_the_stored_form_of_a_message_comes_out_as_history_shows_it() -> None:
    block = {"block_type": "transcript", "data": {"text": "x", "source": "spoken"}}
    message = {"role": "block_assistant", "blocks": [block], "stop_reason": "end_turn", "created_at": "2026-03-02T09:00:00Z"}
    made = replaced(MESSAGES, 3, {"type": "message", "message": message}, 0.0, blob)[-1]
    assert made["blocks"] == [{"block_type": "transcript", "data": {"text": "x", "source": {"kind": "spoken"}}}]
    assert made["created_at"] == "2026-03-02T09:00:00+00:00"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-03-02T10:00:00.120+02:00", "2026-03-02T08:00:00.120+00:00"),
        ("2026-03-02T08:00:00.500000Z", "2026-03-02T08:00:00.500+00:00"),
        ("2026-03-02T08:00:00.000001-00:00", "2026-03-02T08:00:00.000001+00:00"),
    ],
)
def test_a_time_of_the_client_comes_back_in_utc_with_as_few_digits_as_it_takes(given: str, shown: str) -> None:
    message = {"role": "user", "content": "x", "created_at": given}
    assert replaced(MESSAGES, 1, {"type": "message", "message": message}, 0.0, blob)[-1]["created_at"] == shown


def test_images_that_a_replacement_brings_inline_lie_in_the_blob_store() -> None:
    image = {"type": "image", "media_type": "image/png", "source": "inline", "data": "AA"}
    kept = {"type": "image", "media_type": "image/png", "source": "blob", "blob_id": "sha256:image/png:AA"}
    message = {"role": "user", "content": [image, TEXT]}
    assert replaced(MESSAGES, 1, {"type": "message", "message": message}, 0.0, blob)[-1]["content"] == [kept, TEXT]
    replacement = {"type": "tool_result_content_block", "result_index": 0, "block_index": 0, "block": image}
    assert replaced(MESSAGES, 3, replacement, 0.0, blob)[-1]["results"][0]["content"] == [kept]


def test_blocks_are_replaced_where_they_stand() -> None:
    assert replaced(MESSAGES, 1, {"type": "user_content_block", "block_index": 0, "block": TEXT}, 0.0, blob)[-1]["content"] == "new"
    block = {"block_type": "text", "data": {"text": "new"}}
    assert replaced(MESSAGES, 2, {"type": "assistant_block", "block_index": 0, "block": block}, 0.0, blob)[-1]["blocks"] == [block]
    result = {"type": "tool_result_content_block", "result_index": 0, "block_index": 0, "block": TEXT}
    assert replaced(MESSAGES, 3, result, 0.0, blob)[-1]["results"] == [{"tool_use_id": "c", "content": "new", "is_error": False}]
    assert MESSAGES[1]["content"] == "u", "the source is left alone"


def test_what_is_not_there_cannot_be_replaced() -> None:
    block = {"type": "user_content_block", "block_index": 1, "block": TEXT}
    assert refusal(4, block) == "message index 4 out of bounds for 4 messages"
    assert refusal(1, block) == "user content block index 1 out of bounds for 1 blocks"
    assert refusal(2, block) == "replacement expected user at message index 2, found block_assistant"
    assert refusal(2, {"type": "assistant_block", "block_index": 9, "block": {}}) == "assistant block index 9 out of bounds for 1 blocks"
    result = {"type": "tool_result_content_block", "result_index": 1, "block_index": 0, "block": TEXT}
    assert refusal(3, result) == "tool result index 1 out of bounds for 1 blocks"
    assert refusal(3, {**result, "result_index": 0, "block_index": 2}) == "tool result content block index 2 out of bounds for 1 blocks"
