"""The scripted model: what is due, what it reports, what was never used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.scenario.player import Player
from meerkat_mock.scenario.reader import read_text
from meerkat_mock.world.model import CleanCut, ModelAnswer, ModelRequest, ProviderFailure, Reset

if TYPE_CHECKING:
    from meerkat_mock.violations import Violation


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def said(text: str) -> dict[str, Any]:
    return {"role": "block_assistant", "blocks": [{"block_type": "text", "data": {"text": text}}], "stop_reason": "end_turn"}


def called(tool: str, result: str, *, is_error: bool = False) -> list[dict[str, Any]]:
    call = {"block_type": "tool_use", "data": {"id": "c", "name": tool, "args": {}}}
    results = [{"tool_use_id": "c", "content": result, "is_error": is_error}]
    return [{"role": "block_assistant", "blocks": [call]}, {"role": "tool_results", "results": results}]


def ask(messages: list[dict[str, Any]], session: str = "s", **given: Any) -> ModelRequest:
    newest = next((item["content"] for item in reversed(messages) if item["role"] == "user"), None)
    return ModelRequest(session, messages, prompt=newest, **given)


def player(text: str) -> Player:
    return Player(read_text(text, "a.mock.yaml"))


def refusal(answer: ModelAnswer) -> ProviderFailure:
    assert isinstance(answer.ending, ProviderFailure)
    return answer.ending


def only(violations: list[Violation]) -> Violation:
    assert len(violations) == 1, violations
    return violations[0]


def test_without_a_scenario_every_prompt_is_answered_ok() -> None:
    answer = Player().answer(ask([user("hi")]))
    assert (answer.text, answer.source, answer.stop) == ("OK", "auto", "end_turn")


def test_without_a_scenario_an_output_schema_gets_its_smallest_value() -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    answer = Player().answer(ask([user("hi"), said("OK"), user("extract")], purpose="extraction", output_schema=schema))
    assert answer.text == '{"city":""}'


def test_where_an_inline_script_governs_it_alone_decides() -> None:
    playing = Player()
    talk = [user('@script[{"say": ["one"], "pace": {"each": 1}}]')]
    first = playing.answer(ask(talk))
    assert (first.text, first.pace_each, first.source) == ("one", 1.0, "inline")
    assert playing.answer(ask([*talk, said("one")])).text == "(script over)"


def test_inline_attempts_move_on_with_every_request_and_stay_at_the_last() -> None:
    playing = Player()
    request = ask([user('@script[{"attempts": [{"fail": {"status": 503}}, {"say": ["up"]}]}]')])
    assert refusal(playing.answer(request)).status == 503
    assert [playing.answer(request).text for _ in range(2)] == ["up", "up"]


def test_with_a_scenario_inline_scripts_are_obeyed_only_on_request() -> None:
    prompt = ask([user('@script[{"say": ["inline"]}]')])
    assert player("sessions: [{turns: [{say: file}]}]").answer(prompt).text == "file"
    assert player("{defaults: {inline: true}, sessions: [{turns: [{say: file}]}]}").answer(prompt).text == "inline"


def test_turns_follow_the_prompts_and_rounds_the_tool_answers() -> None:
    playing = player("sessions: [{turns: [{say: first}, {rounds: [{call: [{t: {}}]}, {say: second}]}]}]")
    talk = [user("a")]
    assert playing.answer(ask(talk)).text == "first"
    talk += [said("first"), user("b")]
    calling = playing.answer(ask(talk, tools={"t": {}}))
    assert (calling.calls[0].name, calling.stop, calling.source) == ("t", "tool_use", "a.mock.yaml:1")
    assert playing.answer(ask([*talk, *called("t", "ok")])).text == "second"
    assert playing.unused() == []
    assert playing.violations == []


def test_a_failed_request_retried_by_the_runtime_moves_attempts_on() -> None:
    playing = player("sessions: [{turns: [{attempts: [{fail: overloaded}, {say: [a, b, c], reset: 2}, {say: ok}]}, {say: next}]}]")
    request = ask([user("a")])
    assert refusal(playing.answer(request)).status == 503
    broken = playing.answer(request)
    assert (broken.say, broken.ending) == (("a", "b"), Reset())
    assert playing.answer(request).text == "ok"


def test_a_failed_prompt_that_is_run_again_gets_its_turn_again() -> None:
    playing = player("sessions: [{turns: [{rounds: [{call: [{t: {}}]}, {attempts: [{fail: auth}, {say: done}]}]}, {say: next}]}]")
    first = ask([user("a")], attempt_key="p1")
    assert playing.answer(first).calls
    failing = ask([user("a"), *called("t", "ok")], attempt_key="p1")
    assert refusal(playing.answer(failing)).status == 401
    assert playing.answer(first).calls
    assert playing.answer(failing).text == "done"
    assert playing.answer(ask([user("b")], attempt_key="p2")).text == "next"
    assert refusal(playing.answer(ask([user("c")], attempt_key="p3"))).status == 400


def test_a_cut_counts_think_and_say_together_and_has_no_usage() -> None:
    answer = player("sessions: [{turns: [{think: [t], say: [a, b, c], cut: 3}]}]").answer(ask([user("x")]))
    assert (answer.think, answer.say, answer.ending) == (("t",), ("a", "b"), CleanCut())
    assert (answer.usage.input, answer.usage.output) == (0, 0)


def test_an_unmatched_prompt_is_a_violation_with_the_nearest_miss() -> None:
    playing = player("sessions: [{name: refund, match: {prompt: {contains: refund}}, turns: [{say: a}]}]")
    assert "no script for the prompt" in refusal(playing.answer(ask([user("refnd please")]))).message
    violation = only(playing.violations)
    assert violation.code == "no_candidate"
    assert 'refund (a.mock.yaml:1): prompt: wanted something that contains "refund", got "refnd please"' in violation.nearest
    assert violation.fixes


def test_an_unmatched_prompt_can_be_answered_automatically() -> None:
    playing = player("{defaults: {unmatched: auto}, sessions: [{match: {prompt: a}, turns: [{say: b}]}]}")
    assert playing.answer(ask([user("other")])).source == "auto"
    assert playing.violations == []


def test_the_most_specific_script_wins() -> None:
    playing = player(
        "sessions: [{match: {prompt: {contains: order}}, turns: [{say: wide}]}, {match: {prompt: my order}, turns: [{say: exact}]}]"
    )
    assert playing.answer(ask([user("my order")])).text == "exact"


def test_a_tie_names_both_lines() -> None:
    playing = player(
        "sessions:\n - {match: {prompt: {contains: ab}}, turns: [{say: a}]}\n - {match: {prompt: {contains: cd}}, turns: [{say: b}]}"
    )
    refusal(playing.answer(ask([user("abcd")])))
    violation = only(playing.violations)
    assert violation.code == "tie"
    assert "a.mock.yaml:2" in violation.message
    assert "a.mock.yaml:3" in violation.message


@pytest.mark.parametrize(
    ("after", "texts"), [("repeat", ["a", "b", "b", "b"]), ("restart", ["a", "b", "a", "b"]), ("ok", ["a", "b", "OK", "OK"])]
)
def test_after_the_last_turn_the_script_says_what_comes(after: str, texts: list[str]) -> None:
    playing = player(f"sessions: [{{after_last: {after}, turns: [{{say: a}}, {{say: b}}]}}]")
    assert [playing.answer(ask([user(str(n))], attempt_key=str(n))).text for n in range(4)] == texts


def test_one_prompt_too_many_is_a_violation() -> None:
    playing = player("sessions: [{turns: [{say: a}]}]")
    playing.answer(ask([user("a")]))
    refusal(playing.answer(ask([user("a"), said("a"), user("b")])))
    assert only(playing.violations).code == "script_exhausted"


def test_rounds_that_run_out_after_a_call_are_a_violation_with_file_and_line() -> None:
    playing = player("sessions:\n  - turns:\n      - {call: [{t: {}}]}")
    playing.answer(ask([user("a")]))
    refusal(playing.answer(ask([user("a"), *called("t", "ok")])))
    violation = only(playing.violations)
    assert (violation.code, violation.where) == ("script_exhausted", "a.mock.yaml:3")


def test_an_expectation_asserts_and_the_turn_goes_on() -> None:
    playing = player('sessions: [{turns: [{expect: {prompt: {contains: "1042"}, tools: [t]}, say: a}]}]')
    assert playing.answer(ask([user("order 1043")])).text == "a"
    assert [item.code for item in playing.violations] == ["expectation_failed", "expectation_failed"]
    assert 'wanted something that contains "1042", got "order 1043"' in playing.violations[0].message


def test_a_tool_that_is_needed_and_not_registered_is_a_violation_with_the_nearest() -> None:
    playing = player("sessions: [{needs_tools: [lookup_order], turns: [{say: a}]}]")
    assert playing.answer(ask([user("a")], tools={"lookup_orders": {}})).text == "a"
    violation = only(playing.violations)
    assert (violation.code, violation.nearest) == ("tool_missing", "lookup_orders")


def test_a_value_of_the_tools_answer_is_saved_and_used_with_its_type() -> None:
    playing = player(
        'sessions: [{turns: [{rounds: [{call: [{t: {}}], save: {n: "t.items[0].n"}}, {call: [{u: {n: "${n}"}}]}, {say: "got ${n}"}]}]}]'
    )
    talk = [user("a")]
    playing.answer(ask(talk))
    talk += called("t", '{"items": [{"n": 7}]}')
    assert playing.answer(ask(talk)).calls[0].arguments == {"n": 7}
    talk += called("u", "ok")
    assert playing.answer(ask(talk)).text == "got 7"


def test_nothing_to_save_is_a_violation() -> None:
    playing = player("sessions: [{turns: [{rounds: [{call: [{t: {}}], save: {n: missing}}, {say: done}]}]}]")
    playing.answer(ask([user("a")], tools={"t": {}}))
    playing.answer(ask([user("a"), *called("t", "plain")]))
    assert only(playing.violations).code == "nothing_to_save"


def test_a_tool_error_leads_into_its_branch() -> None:
    playing = player("sessions: [{turns: [{rounds: [{call: [{t: {}}], if_error: [{say: sorry}]}, {say: fine}]}]}]")
    playing.answer(ask([user("a")]))
    assert playing.answer(ask([user("a"), *called("t", "boom", is_error=True)])).text == "sorry"


def test_an_extraction_takes_the_next_round_or_repeats_the_json() -> None:
    two = player("sessions: [{turns: [{rounds: [{say: Paris}, {json: {city: Paris}}]}]}]")
    one = player("sessions: [{turns: [{json: {city: Paris}}]}]")
    for playing in (two, one):
        playing.answer(ask([user("a")]))
        request = ask([user("a"), said("Paris"), user("now as JSON")], purpose="extraction", output_schema={"type": "object"})
        assert playing.answer(request).text == '{"city":"Paris"}'


def test_a_compaction_repeats_the_round_that_is_due() -> None:
    playing = player("sessions: [{turns: [{say: a}, {say: b}]}]")
    playing.answer(ask([user("1")], attempt_key="1"))
    second = [user("1"), said("a"), user("2")]
    assert playing.answer(ask(second, attempt_key="2", purpose="compaction")).text == "b"
    assert playing.answer(ask(second, attempt_key="2")).text == "b"


def test_members_of_a_mob_have_their_own_lines() -> None:
    playing = player(
        "mobs: [{match: {definition: team}, members: {lead: {turns: [{say: lead, send: {dev: go}}]}, dev: {turns: [{say: dev}]}}}]"
    )
    answer = playing.answer(ask([user("x")], "m1", identity="dev", mob="team"))
    assert answer.text == "dev"
    lead = playing.answer(ask([user("x")], "m2", identity="lead", mob="team"))
    assert (lead.text, lead.sends) == ("lead", (("dev", "go"),))


def test_a_script_serves_one_conversation_unless_it_is_reused() -> None:
    once = player("sessions: [{turns: [{say: a}]}]")
    assert once.answer(ask([user("x")], "s1")).text == "a"
    refusal(once.answer(ask([user("x")], "s2")))
    assert "used before" in only(once.violations).nearest
    again = player("sessions: [{reuse: true, turns: [{say: a}]}]")
    assert [again.answer(ask([user("x")], session)).text for session in ("s1", "s2")] == ["a", "a"]


def test_what_was_never_used_is_told_apart_from_what_stopped_early() -> None:
    playing = player(
        "sessions:\n - {name: long, match: {prompt: go}, turns: [{say: a}, {say: b}, {say: c}]}\n"
        " - {name: other, match: {prompt: gone}, turns: [{say: d}]}\n"
    )
    playing.answer(ask([user("go")]))
    stopped, never = playing.unused()
    assert (stopped.where, stopped.message) == ("a.mock.yaml:2", "long stopped after turn 1 of 3")
    assert never.message == "other was never selected"
    assert "wanted go»ne«, got go»«" in never.nearest


def test_what_is_optional_need_not_be_used() -> None:
    playing = player("sessions: [{optional: true, match: {prompt: x}, turns: [{say: a}]}, {turns: [{say: a}, {say: b, optional: true}]}]")
    playing.answer(ask([user("go")]))
    assert playing.unused() == []


def test_words_calls_and_images_are_rendered() -> None:
    playing = player('{defaults: {chunk: word}, sessions: [{turns: [{say: "a b c", call: [{t: {}}, {u: {}}], image: {size: 3x2}}]}]}')
    answer = playing.answer(ask([user("x")]))
    assert answer.say == ("a ", "b ", "c")
    assert [call.id for call in answer.calls] == ["call_1", "call_2"]
    assert (answer.images[0].width, answer.images[0].height) == (3, 2)


def test_calls_keep_counting_when_the_scenario_grows() -> None:
    text = "sessions: [{reuse: true, turns: [{call: [{t: {}}]}]}]"
    playing = player(text)
    first = playing.answer(ask([user("x")], "s1"))
    playing.follow(read_text(text, "a.mock.yaml"))
    second = playing.answer(ask([user("x")], "s2"))
    assert [first.calls[0].id, second.calls[0].id] == ["call_1", "call_2"]
