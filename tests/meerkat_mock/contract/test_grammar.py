"""The run grammar as a judge: lawful streams pass, and each planted deviation is told by its rule."""

from __future__ import annotations

import copy
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from meerkat_mock.contract.grammar import PLACES, RULES, RunChecker

if TYPE_CHECKING:
    from meerkat.wire.base import Json

Event = dict[str, "Json"]
GOLDENS = Path(__file__).parents[3] / "meerkat_mock" / "conform" / "goldens"

USAGE: Event = {"input_tokens": 10, "output_tokens": 5, "cache_creation_tokens": None, "cache_read_tokens": None}
TWICE: Event = {"input_tokens": 20, "output_tokens": 10, "cache_creation_tokens": None, "cache_read_tokens": None}
BLOCKS: list[Json] = [{"type": "text", "text": "5"}]


def event(kind: str, **fields: Json) -> Event:
    return {"type": kind, **fields}


def delta(text: str) -> Event:
    return event("text_delta", delta=text)


def run_completed(result: str, *, usage: Event = USAGE, schema: bool = False, **more: Json) -> Event:
    return event("run_completed", session_id="s1", result=result, extraction_required=schema, usage=usage, **more)


def retrying(attempt: int) -> Event:
    plan: Event = {"attempt": attempt, "max_retries": 3, "selected_delay_ms": 500}
    return event("retrying", attempt=attempt, max_attempts=3, delay_ms=500, retry={"plan": plan})


def hook(kind: str, name: str, point: str) -> Event:
    return event(f"hook_{kind}", hook_id=name, point=point)


def tool(kind: str, call_id: str, **more: Json) -> Event:
    return event(f"tool_{kind}", id=call_id, name="add", **more)


def finished(call_id: str) -> list[Event]:
    return [
        tool("execution_completed", call_id, result="5", content=BLOCKS, is_error=False, duration_ms=1),
        tool("result_received", call_id, content=BLOCKS, is_error=False),
    ]


STARTED = event("run_started", session_id="s1", prompt="hi")
TURN = event("turn_started", turn_number=0)
COMPLETED = event("turn_completed", stop_reason="end_turn", usage=USAGE)
PLAIN = [STARTED, TURN, delta("o"), delta("k"), event("text_complete", content="ok"), COMPLETED, run_completed("ok")]
THOUGHT = [event("reasoning_delta", delta="h"), event("reasoning_delta", delta="m")]
REASONED = [STARTED, TURN, *THOUGHT, delta("ok"), event("reasoning_complete", content="hm"), *PLAIN[4:]]
TOOLS = [
    STARTED,
    TURN,
    tool("call_requested", "a", args={}),
    tool("call_requested", "b", args={}),
    tool("execution_started", "a"),
    tool("execution_started", "b"),
    *finished("a"),
    *finished("b"),
    event("turn_started", turn_number=1),
    delta("ok"),
    event("text_complete", content="ok"),
    COMPLETED,
    run_completed("ok", usage=TWICE),
]
SCHEMA = [*PLAIN[:-1], run_completed("ok", schema=True), delta("{}"), event("extraction_succeeded", session_id="s1", structured_output={})]
RETRIED = [STARTED, TURN, delta("o"), retrying(1), delta("ok"), *PLAIN[4:]]
WARNING = event("budget_warning", budget_type="tokens", used=15, limit=15, percent=1.0)
STOPPED = [STARTED, TURN, delta("x"), WARNING, run_completed("", terminal_cause_kind="budget_exhausted")]
REPORT: Event = {"class": "llm", "message": "no"}
FAILED = [STARTED, TURN, event("run_failed", session_id="s1", error_class="llm", error="no", error_report=REPORT)]
LATE = event("run_failed", session_id="s1", error_class="budget", error="t", terminal_cause_kind="time_budget_exceeded")
TIMED_OUT = [STARTED, event("budget_warning", budget_type="time", used=2, limit=1, percent=1.0), LATE]
COMPACTED = [
    STARTED,
    event("compaction_started", input_tokens=1, estimated_history_tokens=1, message_count=4),
    delta("sum"),
    event("compaction_completed", summary_tokens=1, messages_before=4, messages_after=3),
    *PLAIN[1:],
]
CHANGE = event("tool_config_changed", payload={"target": "callback:t"})
SCOPE = event("tool_config_changed", payload={"target": "tool_scope", "domain": "tool_scope"})
JOB = event("background_job_completed", status="failed", terminal_status="failed")
BOUNDARY = [STARTED, CHANGE, JOB, SCOPE, *PLAIN[1:]]
POINT = "turn_boundary"
HOOKED = [
    *PLAIN[:5],
    hook("started", "x", POINT),
    hook("started", "y", POINT),
    hook("completed", "y", POINT),
    hook("denied", "y", POINT),
    event("run_failed", session_id="s1", error_class="hook", error="no", error_report={"class": "hook", "message": "no"}),
]
NOTHING: Event = {"input_tokens": 0, "output_tokens": 0, "cache_creation_tokens": None, "cache_read_tokens": None}
CONTEXT = [event("run_started", session_id="s1", prompt="[Runtime System Context]\n\nx"), run_completed("", usage=NOTHING)]
LIVE = [event("text_complete", content="spoken"), COMPLETED]

LAWFUL = {
    "plain": PLAIN,
    "reasoned": REASONED,
    "tools": TOOLS,
    "schema": SCHEMA,
    "retried": RETRIED,
    "stopped": STOPPED,
    "failed": FAILED,
    "timed out": TIMED_OUT,
    "compacted": COMPACTED,
    "boundary": BOUNDARY,
    "hooked": HOOKED,
    "context pair": [*PLAIN, *CONTEXT],
    "live output": [*PLAIN, *LIVE],
    "several": [*PLAIN, *FAILED, *TOOLS],
}


def silent_attempts(point: str) -> list[Event]:
    """Return a run whose model says nothing in two attempts at its extraction: only their hooks are seen."""
    end = event("extraction_failed", session_id="s1", last_output="", error="no", attempts=2, reason="exhausted")
    seen = [hook("started", "x", point), hook("completed", "x", point)]
    return [*PLAIN[:-1], run_completed("ok", schema=True), *seen, *seen, end]


@pytest.mark.parametrize("point", ["pre_llm_request", "post_llm_response", "turn_boundary"])
def test_hooks_of_silent_attempts_at_an_extraction_follow_each_other(point: str) -> None:
    assert judged(silent_attempts(point)) == []
    started = hook("started", "y", point)
    assert judged([*silent_attempts(point)[:-1], started, silent_attempts(point)[-1]]) == ["production H"]


def judged(events: list[Event], *, fresh: bool = False, cut: bool = False) -> list[str]:
    """Return the rules that a stream of bare events broke, in order."""
    checker = RunChecker(fresh=fresh)
    found = [breach for item in events for breach in checker.feed(item)]
    return [breach.rule for breach in [*found, *checker.finish(cut=cut)]]


@pytest.mark.parametrize("name", LAWFUL)
def test_a_lawful_stream_breaks_nothing(name: str) -> None:
    assert judged(LAWFUL[name]) == []


def without(events: list[Event], *indexes: int) -> list[Event]:
    return [item for index, item in enumerate(events) if index not in indexes]


def with_at(events: list[Event], index: int, *added: Event) -> list[Event]:
    return [*events[:index], *added, *events[index:]]


def changed(events: list[Event], index: int, **fields: Json) -> list[Event]:
    return [*events[:index], {**events[index], **fields}, *events[index + 1 :]]


def swapped(events: list[Event], first: int, second: int) -> list[Event]:
    moved = list(events)
    moved[first], moved[second] = moved[second], moved[first]
    return moved


DEVIATIONS: list[tuple[str, str, list[Event]]] = [
    ("invariant 1", "a run without its start", [*PLAIN, *PLAIN[1:]]),
    ("invariant 1", "a run inside a run", [*PLAIN[:3], *PLAIN]),
    ("invariant 2", "no end", PLAIN[:-1]),
    ("invariant 2", "two ends", [*PLAIN, PLAIN[-1]]),
    ("invariant 3", "an extraction that nobody asked for", [*PLAIN, SCHEMA[-1]]),
    ("invariant 3", "an extraction without an end", [*SCHEMA[:-1], *PLAIN]),
    ("invariant 3", "an extraction that never ends", SCHEMA[:-1]),
    ("invariant 3", "a round in an extraction", with_at(SCHEMA, 7, TURN)),
    ("invariant 4", "a gap in the turn numbers", changed(TOOLS, 10, turn_number=2)),
    ("invariant 5", "turn_completed in a tool round", with_at(TOOLS, 10, COMPLETED)),
    ("invariant 5", "turn_completed twice", with_at(PLAIN, 6, COMPLETED)),
    ("invariant 6", "text between turn_completed and run_completed", with_at(PLAIN, 6, delta("x"))),
    ("invariant 6", "hooks behind turn_completed without a schema", with_at(PLAIN, 6, hook("started", "x", "run_completed"))),
    ("invariant 6", "hooks before turn_completed with a schema", with_at(SCHEMA, 5, hook("started", "x", "run_completed"))),
    ("invariant 7", "two texts in a round", with_at(PLAIN, 5, PLAIN[4])),
    ("invariant 7", "a delta behind the text", with_at(PLAIN, 5, delta("x"))),
    ("invariant 7", "reasoning that ends before the text", swapped(REASONED, 4, 5)),
    ("invariant 8", "a text that is not its deltas", changed(changed(PLAIN, 4, content="no"), 6, result="no")),
    ("invariant 8", "deltas of a broken attempt in the text", changed(changed(RETRIED, 5, content="ook"), 7, result="ook")),
    ("invariant 9", "deltas without a text", changed(without(PLAIN, 4), 5, result="")),
    ("invariant 10", "reasoning that is not its deltas", changed(REASONED, 5, content="h")),
    ("invariant 11", "a result that nobody said", changed(PLAIN, 6, result="no")),
    ("invariant 12", "other ids when the tools start", swapped(TOOLS, 4, 5)),
    ("invariant 12", "a request that nobody started", without(TOOLS, 5)),
    ("invariant 12", "a call that is not completed", without(TOOLS, 8, 9)),
    ("invariant 13", "a tool that starts behind a completed one", [*TOOLS[:5], *finished("a"), TOOLS[5], *finished("b"), *TOOLS[10:]]),
    ("invariant 14", "a completion without its result", without(TOOLS, 7)),
    ("invariant 14", "a result of another call", changed(TOOLS, 7, id="b")),
    ("invariant 14", "a result with other content", changed(TOOLS, 7, content=[])),
    ("invariant 15", "a run that ends with a tool under way", [*TOOLS[:6], TOOLS[-1]]),
    ("invariant 16", "a result text that is not the content", changed(TOOLS, 6, result="6")),
    ("invariant 18", "a retry that skips a number", changed(RETRIED, 3, **retrying(2))),
    ("invariant 18", "a delay that is not the plan's", changed(RETRIED, 3, delay_ms=1)),
    ("invariant 18", "more retries than there are", changed(RETRIED, 3, max_attempts=0)),
    ("invariant 19", "a warning below its limit", changed(STOPPED, 3, used=1)),
    ("invariant 19", "a warning that half is used", changed(STOPPED, 3, percent=0.5)),
    ("invariant 19", "a warning and then another round", with_at(STOPPED, 4, event("turn_started", turn_number=1))),
    ("invariant 19", "a used-up budget without a warning", changed(PLAIN, 6, terminal_cause_kind="budget_exhausted")),
    ("invariant 19", "a time budget that gives a result", [*TIMED_OUT[:2], STOPPED[-1]]),
    ("invariant 20", "usage that falls from run to run", [*TOOLS, *PLAIN]),
    ("invariant 20", "less usage than the last round had", changed(PLAIN, 5, usage=TWICE)),
    ("invariant 22", "an error that is not that of its report", changed(FAILED, 2, error="yes")),
    ("invariant 22", "a class that is not that of its report", changed(FAILED, 2, error_class="tool")),
    ("invariant 23", "a round in a compaction", with_at(COMPACTED, 3, TURN)),
    ("invariant 24", "a job of two minds", changed(BOUNDARY, 2, status="completed")),
    ("invariant 24", "a job in the middle of a round", with_at(PLAIN, 3, JOB)),
    ("invariant 24", "a change of tools in the middle of a round", with_at(PLAIN, 3, CHANGE)),
    ("production boundary", "jobs before single tools", swapped(BOUNDARY, 1, 2)),
    ("production boundary", "two changes of the scope", with_at(BOUNDARY, 3, SCOPE)),
    ("production run", "a run that is completed without a round", [STARTED, run_completed("ok")]),
    ("production round_head", "a tool that starts without a request", without(TOOLS, 2, 3)),
    ("production last_round", "a run that ends without turn_completed", without(PLAIN, 5)),
    ("production live_output", "live text without its end", [*PLAIN, LIVE[0], *PLAIN]),
    ("production llm_call", "an event that nobody knows", with_at(PLAIN, 3, event("text_begun"))),
    ("production last_round", "a hook at a point that is over", with_at(PLAIN, 5, hook("started", "x", "pre_llm_request"))),
    ("production H", "a denial of another hook", changed(HOOKED, 8, hook_id="x")),
    ("production H", "an end without a start", without(HOOKED, 6)),
    ("production H", "a start behind an end", swapped(HOOKED, 5, 7)),
    ("production fail", "a run that goes on after a denial", [*HOOKED[:9], *PLAIN[5:]]),
]


@pytest.mark.parametrize(("rule", "what", "events"), DEVIATIONS, ids=[f"{rule}: {what}" for rule, what, _ in DEVIATIONS])
def test_a_deviation_is_told_by_its_rule(rule: str, what: str, events: list[Event]) -> None:
    assert judged(events)[:1] == [rule], what


def test_a_first_usage_that_is_not_that_of_its_only_round_is_told_in_a_fresh_session() -> None:
    assert judged(changed(PLAIN, 6, usage=TWICE), fresh=True) == ["invariant 21"]
    assert judged(changed(PLAIN, 6, usage=TWICE)) == []


def test_a_breach_says_where_it_is_and_what_would_have_been_lawful() -> None:
    checker = RunChecker()
    (breach,) = [breach for item in with_at(PLAIN, 6, delta("x")) for breach in checker.feed(item)]
    assert (breach.index, breach.event, breach.lawful) == (6, "text_delta", ("run_completed", "run_failed", *breach.lawful[2:]))
    assert str(breach).startswith(
        "event 6 (text_delta): text_delta does not belong here [invariant 6, spec 03]; lawful here: run_completed"
    )


def test_after_a_breach_the_next_run_is_judged_afresh() -> None:
    assert judged([*with_at(PLAIN, 6, delta("x")), *PLAIN, *changed(PLAIN, 6, result="no")]) == ["invariant 6", "invariant 11"]


def test_duplicate_ids_within_a_round_are_lawful() -> None:
    assert judged([{**item, "id": "a"} if item.get("id") == "b" else item for item in TOOLS]) == []


def test_a_joined_stream_is_judged_from_its_first_whole_run_on() -> None:
    assert judged([*PLAIN[4:], *changed(PLAIN, 6, result="no")]) == ["invariant 11"]


# envelopes


def stamped(events: list[Event], *, first: int = 1, session_id: str = "s1") -> list[Event]:
    return [
        {"seq": seq, "timestamp_ms": 1000 + seq, "source": {"type": "session", "session_id": session_id}, "payload": copy.deepcopy(item)}
        for seq, item in enumerate(events, first)
    ]


def test_an_interrupted_run_is_excused_when_the_session_counts_anew() -> None:
    assert judged([*stamped(PLAIN), *stamped(PLAIN[:3], first=8), *stamped(PLAIN)]) == []


def test_an_interrupt_that_is_announced_is_excused() -> None:
    checker = RunChecker()
    found = [breach for item in PLAIN[:3] for breach in checker.feed(item)]
    checker.interrupted()
    found += [breach for item in PLAIN for breach in checker.feed(item)]
    assert found + checker.finish() == []


def test_a_recording_may_be_cut_anywhere() -> None:
    for length in range(len(SCHEMA)):
        assert judged(SCHEMA[:length], cut=True) == []


def test_a_hole_excuses_the_run_it_is_in_and_is_reported() -> None:
    checker = RunChecker()
    holed = [*without(stamped(PLAIN), 3, 4), *stamped(changed(PLAIN, 6, result="no"), first=8)]
    found = [breach.rule for item in holed for breach in checker.feed(item)]
    assert (found, checker.holes) == (["invariant 11"], [3])


def test_numbers_that_go_back_are_told() -> None:
    assert judged([*stamped(PLAIN), *stamped(PLAIN, first=5)])[0] == "invariant 26"


def test_times_that_go_back_are_told() -> None:
    events = stamped(PLAIN)
    events[3]["timestamp_ms"] = 7
    assert judged(events) == ["invariant 28"]


def test_another_session_s_id_is_told() -> None:
    assert judged(stamped(PLAIN, session_id="s2")) == ["invariant 25", "invariant 25"]


def test_a_notice_of_an_mcp_boundary_counts_by_itself() -> None:
    notice = stamped([CHANGE])[0]
    assert judged([notice, *stamped(PLAIN[:3]), notice, *stamped(PLAIN[3:], first=4)]) == []


# the table


def test_every_place_is_reached_and_every_step_leads_to_a_place() -> None:
    aims = {to for place in PLACES.values() for to in place.leads.values() if to != place.name}
    assert aims - {"back", "ended"} <= set(PLACES)
    assert set(PLACES) - aims == {"extracting"}, "extracting is entered by run_completed"


def test_every_rule_is_about_a_place_and_an_event_of_the_grammar() -> None:
    known = {kind for place in PLACES.values() for kind in place.leads}
    assert {place for place, _ in RULES} <= {*PLACES, "*"}
    assert {kind for _, kind in RULES} <= {*known, "*"}


@pytest.mark.timed
def test_long_streams_are_judged_quickly() -> None:
    many = [STARTED, TURN, *[delta("x")] * 50_000, event("text_complete", content="x" * 50_000), COMPLETED, run_completed("x" * 50_000)]
    events = stamped(many)
    began = time.process_time()
    assert judged(events) == []
    assert len(events) / (time.process_time() - began) > 50_000, "a tenth of a second is for 15 000 events on an idle machine"


@pytest.mark.parametrize("path", sorted(GOLDENS.glob("*/*.jsonl")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_session_events_of_a_recording_are_lawful(path: Path) -> None:
    checkers: dict[str, RunChecker] = {}
    found: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        message = json.loads(line).get("msg")
        if isinstance(message, dict) and message.get("method") == "session/event":
            params = cast("dict[str, Json]", message["params"])
            checker = checkers.setdefault(str(params["session_id"]), RunChecker())
            found.extend(map(str, checker.feed(cast("Event", params["event"]))))
    assert found == []
