"""Which run belongs to which turn, decided without I/O."""

from __future__ import annotations

from typing import Any

import pytest

from meerkat.client.runs import ATTEMPTS, Runs, Turn, prompt_text
from tests.meerkat.client.peer import OTHER, SESSION


class Watch:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def other_run_started(self, session_id: str) -> None:
        self.heard.append("started")

    def other_run_ended(self, session_id: str) -> None:
        self.heard.append("ended")


def event(kind: str, **fields: Any) -> dict[str, Any]:
    return {"seq": 1, "payload": {"type": kind, **fields}}


def run(runs: Runs, prompt: Any, end: str = "run_completed", session_id: str = SESSION) -> None:
    runs.event(session_id, event("run_started", prompt=prompt))
    runs.event(session_id, event(end))


@pytest.mark.parametrize(
    ("prompt", "text"),
    [
        ("plain", "plain"),
        ([], ""),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": ""}, {"type": "text", "text": "b"}], "a\nb"),
        ([{"type": "image", "data": "x"}, {"type": "text", "text": "see"}], "see"),
        ([{"type": "video", "media_type": "video/mp4"}, "odd", {"type": "text", "text": 5}], "[video: video/mp4]"),
        (None, ""),
    ],
)
def test_a_prompt_is_compared_as_the_text_that_the_server_makes_of_it(prompt: Any, text: str) -> None:
    assert prompt_text(prompt) == text


@pytest.mark.parametrize(
    ("sent", "ran", "same"),
    [
        ("go", "go", True),
        ("go", "First.\n\ngo", True),
        ("go", "[EVENT via ping]\ngo", True),
        ("go", "let it go", False),
        ("", "", True),
        ("", "Help question:\nwhat?\n", False),
    ],
)
def test_what_stands_in_front_of_a_prompt_does_not_matter(sent: str, ran: str, same: bool) -> None:
    assert Turn(SESSION, sent, None).matches(ran) is same


def test_a_run_of_another_prompt_is_not_ours_and_is_followed_to_its_end() -> None:
    watch = Watch()
    runs = Runs(watch)
    turn = Turn(SESSION, "ours", None)
    runs.expect(turn)
    run(runs, "theirs")
    runs.event(SESSION, event("text_delta"))
    assert not turn.running
    assert watch.heard == ["started", "ended"]
    run(runs, "ours")
    assert turn.running


def test_a_foreign_run_with_a_schema_ends_with_its_extraction() -> None:
    watch = Watch()
    runs = Runs(watch)
    runs.expect(Turn(SESSION, "ours", None))
    runs.event(SESSION, event("run_started", prompt="theirs"))
    runs.event(SESSION, event("run_completed", extraction_required=True))
    assert watch.heard == ["started"]
    runs.event(SESSION, event("extraction_failed"))
    assert watch.heard == ["started", "ended"]


def test_a_failed_prompt_is_forgotten_after_its_last_attempt() -> None:
    runs = Runs(Watch())
    failed = Turn(SESSION, "bad", None)
    runs.expect(failed)
    run(runs, "bad", "run_failed")
    runs.failed(failed, will_return=True)
    for _ in range(ATTEMPTS - 1):
        assert runs._sessions[SESSION].left
        run(runs, "bad", "run_failed")
    assert SESSION not in runs._sessions


def test_a_failed_prompt_that_succeeds_is_over() -> None:
    runs = Runs(Watch())
    failed = Turn(SESSION, "bad", None)
    runs.expect(failed)
    runs.failed(failed, will_return=True)
    run(runs, "bad")
    assert runs._sessions == {}


def test_the_run_held_back_is_counted_as_an_attempt_when_another_follows() -> None:
    runs = Runs(Watch())
    failed = Turn(SESSION, "again", None)
    runs.expect(failed)
    run(runs, "again", "run_failed")
    runs.failed(failed, will_return=True)
    turn = Turn(SESSION, "again", None)
    runs.expect(turn)
    run(runs, "again", "run_failed")
    assert not turn.running
    run(runs, "again")
    assert turn.running
    runs.answered(turn, SESSION)
    run(runs, "again", "run_failed")
    assert runs._sessions == {}


def sent_again() -> tuple[Runs, Turn]:
    """Return the runs of a session whose prompt has failed and will return, and the turn that sends the same prompt again."""
    runs = Runs(Watch())
    failed, turn = Turn(SESSION, "again", None), Turn(SESSION, "again", None)
    runs.expect(failed)
    run(runs, "again", "run_failed")
    runs.failed(failed, will_return=True)
    runs.expect(turn)
    return runs, turn


@pytest.mark.parametrize("end", ["run_completed", "run_failed"])
def test_a_run_that_began_before_its_turn_was_answered_is_judged_by_its_end(end: str) -> None:
    runs, turn = sent_again()
    runs.event(SESSION, event("run_started", prompt="again"))
    runs.answered(turn, SESSION)
    assert not turn.running
    runs.event(SESSION, event(end))
    assert turn.running is (end == "run_completed")
    run(runs, "again")
    assert turn.running


def test_a_run_held_back_that_never_ends_is_its_turn_s_once_nobody_waits_longer() -> None:
    runs, turn = sent_again()
    runs.event(SESSION, event("run_started", prompt="again"))
    runs.answered(turn, SESSION)
    runs.expire(turn)
    assert turn.running


def test_a_left_over_prompt_that_succeeds_is_over_also_when_it_was_held_back_for_the_same_one() -> None:
    runs, turn = sent_again()
    run(runs, "again")
    run(runs, "again")
    assert turn.running
    runs.answered(turn, SESSION)
    assert runs._sessions == {}


@pytest.mark.parametrize("answer_first", [False, True])
def test_the_last_events_of_a_turn_that_was_cut_are_not_the_end_of_the_next_one(answer_first: bool) -> None:
    runs = Runs(Watch())
    cut, turn = Turn(SESSION, "one", None), Turn(SESSION, "two", None)
    runs.expect(cut)
    runs.event(SESSION, event("run_started", prompt="one"))
    runs.failed(cut, will_return=False)
    runs.expect(turn)
    if answer_first:
        runs.answered(turn, SESSION)
    runs.event(SESSION, event("run_completed"))
    if not answer_first:
        runs.answered(turn, SESSION)
    run(runs, "two")
    assert turn.running
    runs.expire(turn)
    assert runs._sessions == {}


def test_archiving_forgets_what_is_left_over() -> None:
    runs = Runs(Watch())
    turn = Turn(SESSION, "bad", None)
    runs.expect(turn)
    assert runs.active_sessions() == {SESSION}
    runs.failed(turn, will_return=True)
    runs.forget_session(SESSION)
    runs.forget_session(OTHER)
    cut = Turn(SESSION, "bad", None)
    runs.expect(cut)
    runs.event(SESSION, event("run_started", prompt="bad"))
    runs.failed(cut, will_return=False)
    runs.forget_session(SESSION)
    assert runs._sessions == {}


def test_events_before_a_create_is_known_are_held_only_while_one_waits() -> None:
    runs = Runs(Watch())
    runs.event(SESSION, event("run_started", prompt="x"))
    assert runs._strays == {}
    first, second = Turn(None, "same", None), Turn(None, "same", None)
    runs.expect(first)
    runs.expect(second)
    run(runs, "same")
    run(runs, "same", session_id=OTHER)
    assert set(runs._strays) == {SESSION, OTHER}
    runs.answered(second, SESSION)
    assert second.running
    runs.failed(first, will_return=False)
    assert runs._strays == {}


def test_a_notice_in_front_of_a_created_session_s_run_does_not_hide_it() -> None:
    runs = Runs(Watch())
    create = Turn(None, "hello", None)
    runs.expect(create)
    runs.event(SESSION, event("tool_config_changed"))
    run(runs, "hello")
    assert create.running
    assert create.session_id == SESSION


def test_a_bare_event_is_taken_as_well() -> None:
    runs = Runs(Watch())
    turn = Turn(SESSION, "go", None)
    runs.expect(turn)
    runs.event(SESSION, {"type": "run_started", "prompt": "go"})
    assert turn.running
    with pytest.raises(TypeError):
        runs.event(SESSION, {"payload": 5})


def test_an_answered_turn_is_expected_until_it_expires() -> None:
    runs = Runs(Watch())
    turn = Turn(SESSION, "go", None)
    runs.expect(turn)
    runs.answered(turn, SESSION)
    assert runs.active_sessions() == {SESSION}
    runs.expire(turn)
    assert runs._sessions == {}


@pytest.mark.parametrize("answer_first", [False, True])
def test_a_run_whose_beginning_was_lost_does_not_take_the_events_of_the_next_turn(answer_first: bool) -> None:
    runs = Runs(Watch())
    lost, following = Turn(SESSION, "again", None), Turn(SESSION, "again", None)
    runs.expect(lost)
    if answer_first:
        runs.answered(lost, SESSION)
    runs.event(SESSION, event("text_delta"))
    runs.event(SESSION, event("run_completed"))
    if not answer_first:
        runs.answered(lost, SESSION)
    runs.expect(following)
    run(runs, "again")
    assert (lost.running, following.running) == (False, True)


def test_a_run_that_lost_its_beginning_is_nobodys_once_another_has_begun() -> None:
    runs = Runs(Watch())
    turn = Turn(SESSION, "ours", None)
    runs.expect(turn)
    runs.event(SESSION, event("run_completed"))
    runs.event(SESSION, event("run_started", prompt="theirs"))
    runs.event(SESSION, event("run_completed"))
    runs.answered(turn, SESSION)
    run(runs, "ours")
    assert turn.running, "its own events come after its answer"
