"""The order in which items become history, whatever order their frames come in (spec 07, section 8.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meerkat_mock.live.observations import observed, skipped
from meerkat_mock.live.projection import AssistantSaid, NothingSaid, Projection, ProjectionFailed, UserSaid

if TYPE_CHECKING:
    from meerkat_mock.live.projection import Written

ZERO = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}


def final(item: str | None, text: str, previous: str | None = None) -> dict[str, Any]:
    named = {"provider_item_id": item, "previous_item_id": previous}
    return {"observation": "user_transcript_final", "text": text} | {key: value for key, value in named.items() if value}


def delta(item: str, response: str, text: str, *, previous: str | None = None, lane: str = "transcript", number: int = 0) -> dict[str, Any]:
    frame = {"provider_item_id": item, "response_id": response, "delta_id": f"{item}-{number}", "delta": text}
    return {"observation": f"assistant_{lane}_delta", **frame} | ({"previous_item_id": previous} if previous else {})


def completed(response: str, stop_reason: str = "end_turn") -> dict[str, Any]:
    return {"observation": "turn_completed", "response_id": response, "stop_reason": stop_reason, "usage": ZERO}


def written(*frames: dict[str, Any]) -> list[str]:
    """Return what is written of these frames: words of the user, and of answers with their stop reason."""
    projection = Projection()
    found: list[str] = []
    for frame in frames:
        found += [_shown(each) for each in projection.apply(frame)]
    return found


def _shown(each: Written) -> str:
    match each:
        case UserSaid():
            return each.text
        case AssistantSaid():
            return f"{each.stop_reason}: " + "|".join(text for _, text in each.items)
        case NothingSaid():
            return f"{each.stop_reason}!"


def test_an_answer_waits_for_the_words_that_it_answers() -> None:
    heard = [observed("u", None, "user", None), delta("a", "r", "Hi", previous="u"), completed("r")]
    assert written(*heard) == []
    assert written(*heard, final("u", "Hello")) == ["Hello", "end_turn: Hi"]


def test_a_user_item_is_written_once_and_waits_for_words() -> None:
    assert written(final("u", ""), final("u", "Hello"), final("u", "Hello again")) == ["Hello"]


def test_words_without_an_item_are_written_at_once() -> None:
    assert written(final(None, "Hello"), final(None, "Hello")) == ["Hello", "Hello"]


def test_an_item_without_words_lets_others_pass_once_it_is_reached() -> None:
    frames = [skipped("call", "u"), skipped("output", "call"), delta("a", "r", "Found", previous="output"), completed("r")]
    assert written(*frames) == []
    assert written(*frames, final("u", "Look")) == ["Look", "end_turn: Found"]


def test_an_unknown_predecessor_holds_back_for_ever() -> None:
    assert written(final("u", "Hello", "nobody"), delta("a", "r", "Hi", previous="u"), completed("r")) == []


def test_the_first_predecessor_that_is_named_counts() -> None:
    assert written(final("a", "A"), observed("b", "a", "user", None), observed("b", "nobody", "user", None), final("b", "B")) == ["A", "B"]


def test_a_final_replaces_what_was_heard_so_far_and_a_repeated_delta_is_ignored() -> None:
    final_ = {"observation": "assistant_transcript_final", "provider_item_id": "a", "response_id": "r", "text": "Hi there."}
    frames = [delta("a", "r", "Hi"), delta("a", "r", "Hi"), delta("a", "r", " you", number=1)]
    assert written(*frames, completed("r")) == ["end_turn: Hi you"]
    assert written(*frames, final_, completed("r")) == ["end_turn: Hi there."]


def test_the_lane_of_an_item_is_fixed_by_its_first_words() -> None:
    frames = [delta("a", "r", "", lane="text"), delta("a", "r", "spoken", number=1), delta("a", "r", "written", lane="text", number=2)]
    assert written(*frames, completed("r")) == ["end_turn: spoken"]


def test_items_of_one_response_become_one_message_in_their_order() -> None:
    frames = [delta("a", "r", "One"), delta("b", "r", "two", previous="a", lane="text")]
    assert written(*frames, completed("r", "max_tokens")) == ["max_tokens: One|two"]


def test_an_interruption_drops_what_was_spoken_and_keeps_what_was_written() -> None:
    frames = [delta("a", "r", "spoken"), delta("b", "r", "written", previous="a", lane="text"), {"observation": "turn_interrupted"}]
    assert written(*frames, completed("r", "cancelled")) == ["cancelled: written"]


def test_a_discarded_item_lets_what_links_to_it_pass() -> None:
    assert written(delta("a", "r", "gone"), completed("r", "cancelled"), final("u", "Next", "a")) == ["Next"]


def test_words_before_a_tool_call_hold_back_what_links_to_them() -> None:
    assert written(delta("a", "r", "Wait"), completed("r", "tool_use"), final("u", "Next", "a")) == ["tool_use!"]


def test_answers_of_an_earlier_channel_are_not_written_twice() -> None:
    frames = [delta("a", "r", "Hi"), completed("r")]
    assert written(*frames, *frames) == ["end_turn: Hi"]


@pytest.mark.parametrize("missing", ["response_id", "provider_item_id"])
def test_a_truncation_must_say_of_what(missing: str) -> None:
    frame: dict[str, Any] = {"observation": "assistant_transcript_truncated", "response_id": "r", "provider_item_id": "a"}
    del frame[missing]
    with pytest.raises(ProjectionFailed):
        Projection().apply(frame)


def test_a_truncated_item_is_what_was_heard_until_more_words_come() -> None:
    cut = {"observation": "assistant_transcript_truncated", "response_id": "r", "provider_item_id": "a", "text": "On"}
    assert written(delta("a", "r", "One two"), cut, completed("r")) == ["end_turn: On"]


ITEMS = st.sampled_from(["i1", "i2", "i3", "i4", "i5"])
LINKS = st.none() | ITEMS
RESPONSES = st.sampled_from(["r1", "r2"])
FRAMES = st.one_of(
    st.builds(final, ITEMS, st.sampled_from(["", "words"]), LINKS),
    st.builds(lambda item, previous: observed(item, previous, "user", None), ITEMS, LINKS),
    st.builds(skipped, ITEMS, LINKS),
    st.builds(lambda item, response, previous: delta(item, response, f"<{item}>", previous=previous), ITEMS, RESPONSES, LINKS),
    st.builds(completed, RESPONSES, st.sampled_from(["end_turn", "cancelled", "tool_use"])),
    st.just({"observation": "turn_interrupted"}),
)


@settings(deadline=None)
@given(st.lists(FRAMES, max_size=30))
def test_whatever_comes_nothing_is_written_twice_or_completed_twice(frames: list[dict[str, Any]]) -> None:
    projection = Projection()
    found = [each for frame in frames for each in projection.apply(frame)]
    items = [text for each in found if isinstance(each, AssistantSaid) for _, text in each.items]
    assert len(items) == len(set(items))
    assert sum(isinstance(each, UserSaid) for each in found) + len(items) <= 5
    assert sum(isinstance(each, (AssistantSaid, NothingSaid)) for each in found) <= 2


@settings(deadline=None)
@given(st.permutations(range(6)))
def test_linked_words_are_written_in_the_order_of_their_links_however_they_arrive(order: list[int]) -> None:
    frames = [final(f"i{number}", str(number), f"i{number - 1}" if number else None) for number in range(6)]
    assert written(*(frames[number] for number in order)) == [str(number) for number in range(6)]
