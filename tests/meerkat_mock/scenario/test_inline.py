"""Inline scripts: each test is a sentence of the section of that name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from meerkat_mock.scenario.inline import (
    Said,
    conversation,
    failure_body,
    governing,
    lenient_round,
    oauth_in,
    raw_script_in,
    realtime_in,
    script_in,
    since_script,
)

if TYPE_CHECKING:
    from meerkat.wire.base import Json


def due_text(messages: list[Said | tuple[str, str]]) -> str | None:
    script = governing(messages)
    assert script is not None
    return None if script.due is None else "".join(script.due.say)


ONE_TWO = '@script[{"say": ["one"]}, {"say": ["two"]}]'


def test_a_prompt_carries_its_script_after_other_text() -> None:
    assert due_text([("user", "Hello " + ONE_TWO + " and more")]) == "one"


def test_no_message_with_a_script_means_no_script_governs() -> None:
    assert governing([("user", "hello"), ("block_assistant", "OK"), ("user", "again")]) is None


def test_the_nth_answer_since_the_message_takes_the_nth_round() -> None:
    assert due_text([("user", ONE_TWO), ("block_assistant", "one")]) == "two"


def test_past_the_end_no_round_is_due() -> None:
    assert due_text([("user", ONE_TWO), ("block_assistant", "one"), ("tool_results", ""), ("block_assistant", "two")]) is None


def test_the_newest_message_that_carries_one_governs_even_behind_plain_prompts() -> None:
    talk: list[Said | tuple[str, str]] = [
        ("user", '@script[{"say": ["old"]}]'),
        ("user", ONE_TWO),
        ("block_assistant", "one"),
        ("user", "plain"),
    ]
    assert due_text(talk) == "two"


def test_a_newer_script_takes_over_and_counts_from_its_own_message() -> None:
    assert due_text([("user", ONE_TWO), ("block_assistant", "one"), ("user", '@script[{"say": ["new"]}]')]) == "new"


def test_answers_without_text_or_call_are_not_counted() -> None:
    assert due_text([("user", ONE_TWO), Said("block_assistant", "", 0)]) == "one"
    assert due_text([("user", ONE_TWO), Said("block_assistant", "", 1)]) == "two"


def test_only_user_messages_can_carry_a_script() -> None:
    assert governing([("system", ONE_TWO), ("tool_results", ONE_TWO), ("block_assistant", ONE_TWO)]) is None


@pytest.mark.parametrize(
    "text", ["@script", "@script[", "@script {}", '@script{"say": 1}', "@script[1]", '@script ["x"]', "@script[{'say': 1}]"]
)
def test_a_mark_not_followed_by_a_list_of_rounds_is_passed_over(text: str) -> None:
    assert script_in(text) is None
    assert due_text([("user", f"{text} {ONE_TWO}")]) == "one"


def test_json_that_is_nested_too_deep_is_passed_over() -> None:
    assert script_in("@script" + '[{"call":' + "[" * 5000 + "]" * 5000 + "}]") is None
    assert script_in('@script[{"say": ' + "[" * 80 + "]" * 80 + "}]") is None


def test_a_script_inside_the_arguments_of_a_call_belongs_to_the_call() -> None:
    inner = '@script[{"say": ["heard"]}]'
    rounds = script_in("@script" + json.dumps([{"call": [{"tool": "send", "args": {"body": inner}}]}]))
    assert rounds is not None
    assert rounds[0].call[0].args == {"body": inner}


def test_an_empty_script_governs_and_is_over_at_once() -> None:
    assert due_text([("user", "@script[]")]) is None


def test_chunks_stay_as_they_are_even_empty_ones() -> None:
    assert lenient_round({"say": ["", "a", ""], "think": ["hm"]}).say == ("", "a", "")


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("end_turn", "end_turn"),
        ("tool_use", "tool_use"),
        ("max_tokens", "max_tokens"),
        ("content_filter", "content_filter"),
        ("stop_sequence", "end_turn"),
        ("weird", "end_turn"),
    ],
)
def test_a_stop_arrives_as_the_runtime_takes_it(sent: str, seen: str) -> None:
    assert lenient_round({"stop": sent}).stop == seen


def test_a_failure_is_quoted_with_its_spaces() -> None:
    fail = lenient_round({"fail": {"status": 503}}).fail
    assert fail is not None
    assert fail.status == 503
    assert failure_body(fail.message) == '{"error": {"message": "scripted failure", "type": "scripted", "code": "scripted"}}'


def test_usage_pace_cut_and_calls_are_read() -> None:
    given = lenient_round(
        {
            "call": [{"tool": "t", "args": "{no", "id": "c1"}, {"tool": "u"}],
            "usage": {"input": 7},
            "pace": {"first": 3, "each": "100ms"},
            "cut": 2,
        }
    )
    assert [(call.tool, call.args, call.id) for call in given.call] == [("t", "{no", "c1"), ("u", {}, None)]
    assert given.usage is not None
    assert (given.usage.input, given.usage.output) == (7, 5)
    assert given.pace is not None
    assert (given.pace.first, given.pace.each) == (3, "100ms")
    assert given.cut == 2


def test_what_makes_no_sense_in_a_round_is_passed_over() -> None:
    odd = {"say": 5, "call": [{"tool": 1}, 3], "usage": {"input": "x"}, "pace": {"each": "soon"}, "cut": "x", "stop": 1, "what": 1}
    given = lenient_round(odd)
    assert (given.say, given.call, given.cut, given.stop) == ((), (), None, None)


def test_attempts_hold_what_successive_requests_meet() -> None:
    given = lenient_round({"attempts": [{"fail": {"status": 500, "message": "one"}}, {"say": ["up"]}]})
    assert given.attempts is not None
    assert [item.fail.status if item.fail else item.say for item in given.attempts] == [500, ("up",)]


def test_messages_of_the_history_are_read_by_role_and_blocks() -> None:
    history = [
        {"role": "user", "content": [{"type": "text", "text": "see"}, {"type": "image"}, {"type": "text", "text": ONE_TWO}]},
        {"role": "block_assistant", "blocks": [{"block_type": "reasoning", "data": {"text": "hm"}}]},
        {"role": "block_assistant", "blocks": [{"block_type": "tool_use", "data": {"id": "c", "name": "t", "args": {}}}]},
    ]
    script = governing(conversation(history))
    assert script is not None
    assert script.answered == 1


def test_realtime_and_oauth_marks_give_their_object() -> None:
    assert realtime_in('Be brief. @realtime{"heard": ["x"], "vad_bytes": 9}') == {"heard": ["x"], "vad_bytes": 9}
    assert oauth_in('@oauth{"status": 400, "body": "no"}') == {"status": 400, "body": "no"}
    assert realtime_in("@realtime[1]") is None
    assert oauth_in("code") is None


def test_live_channels_get_the_rounds_as_written() -> None:
    assert raw_script_in('@script[{"bad_audio": true}]') == [{"bad_audio": True}]


def test_what_stands_before_the_newest_script_governs_nothing() -> None:
    prompt, other, answer = user(ONE_TWO), user("and @script[but no JSON]"), {"role": "assistant", "content": "one"}
    assert since_script([user(ONE_TWO), answer, prompt, other, answer]) == [prompt, other, answer]
    assert since_script([user([{"type": "text", "text": ONE_TWO}]), answer])
    assert not since_script([answer, other, {"role": "system", "content": ONE_TWO}])


def user(content: Json) -> dict[str, Json]:
    return {"role": "user", "content": content}
