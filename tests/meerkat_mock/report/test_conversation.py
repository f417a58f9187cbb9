"""A conversation as text: who said what, short enough to be read in a failure."""

from __future__ import annotations

import json
from typing import Any

from meerkat_mock.journal import Journal
from meerkat_mock.report.conversation import WIDTH, render_conversation
from meerkat_mock.report.journal_tail import render_journal_tail


def journal(*messages: tuple[str, Any]) -> Journal:
    lines = Journal()
    for number, (direction, message) in enumerate(messages):
        data = message if isinstance(message, bytes) else json.dumps({"jsonrpc": "2.0", **message}).encode()
        lines.record(float(number), 1, "in" if direction == ">" else "out", data)
    return lines


def event(kind: str, **payload: Any) -> dict[str, Any]:
    return {"method": "session/event", "params": {"session_id": "s", "event": {"payload": {"type": kind, "session_id": "s", **payload}}}}


def test_each_message_is_a_line_that_says_who_asked_what_and_what_came_back() -> None:
    shown = render_conversation(
        journal(
            (">", {"id": 1, "method": "turn/start", "params": {"prompt": "hé"}}),
            ("<", event("run_started", prompt="hé")),
            ("<", {"id": 1, "result": {"text": "ok"}}),
            (">", {"id": 2, "method": "nope"}),
            ("<", {"id": 2, "error": {"code": -32601, "message": "Method not found: nope"}}),
            (">", b"junk\n"),
        )
    )
    assert shown.splitlines() == [
        '    1 > turn/start #1 {"prompt": "hé"}',
        '    2 <   run_started {"prompt": "hé"}',
        '    3 < result #1 {"text": "ok"}',
        "    4 > nope #2 {}",
        '    5 < error #2 {"code": -32601, "message": "Method not found: nope"}',
        "    6 > junk",
    ]


def test_text_deltas_that_follow_each_other_are_one_line() -> None:
    shown = render_conversation(
        journal(
            ("<", event("text_delta", delta="Hel")),
            ("<", event("text_delta", delta="lo")),
            ("<", event("turn_completed")),
            ("<", event("text_delta", delta="!")),
        )
    )
    assert shown.splitlines() == ['      <   text_delta x2: "Hello"', "    3 <   turn_completed {}", '      <   text_delta x1: "!"']


def test_a_long_line_keeps_its_head_and_its_end() -> None:
    shown = render_conversation(journal((">", {"id": 1, "method": "m", "params": {"text": "a" * 500}})))
    assert len(shown) <= WIDTH
    assert shown.startswith('    1 > m #1 {"text": "aaa')
    assert shown.endswith('aaa"}')
    assert " ... " in shown


def test_only_the_end_of_a_long_conversation_is_shown_and_the_rest_is_counted() -> None:
    lines = journal(*((">", {"id": number, "method": "m"}) for number in range(5)))
    assert render_conversation(lines, tail=2).splitlines() == ["... 3 lines before", "    4 > m #3 {}", "    5 > m #4 {}"]


def live_frames() -> Journal:
    lines = journal((">", {"id": 1, "method": "live/open", "params": {}}), ("<", {"id": 1, "result": {}}))

    def say(**frame: str) -> None:
        lines.record_frame(2.0, "channel-1", "out", json.dumps(frame))

    say(observation="ready")
    for size in (100, 60):
        lines.record_frame(2.0, "channel-1", "in", size)
    lines.record_frame(2.0, "channel-1", "in", json.dumps({"type": "commit"}))
    for delta in ("Hel", "lo"):
        say(observation="assistant_transcript_delta", delta=delta)
    say(observation="assistant_audio_chunk", data="AAAA")
    lines.record(3.0, 1, "in", b'{"id":2,"method":"live/close","params":{}}')
    lines.record_frame(4.0, "channel-1", "in", "junk")
    return lines


def test_frames_of_live_channels_stand_among_the_lines_as_they_crossed() -> None:
    assert render_conversation(live_frames()).splitlines() == [
        "    1 > live/open #1 {}",
        "    2 < result #1 {}",
        "      < live ready {}",
        "      > live audio x2: 160 bytes",
        "      > live commit {}",
        '      < live assistant_transcript_delta x2: "Hello"',
        "      < live audio x1: 3 bytes",
        "    3 > live/close #2 {}",
        "      > live  junk",
    ]


def test_the_tail_shows_frames_of_live_channels_with_their_channel() -> None:
    tail = render_journal_tail(live_frames(), 2).splitlines()
    assert tail[0] == "... 9 earlier"
    assert tail[1].endswith('#1 > {"id":2,"method":"live/close","params":{}}')
    assert tail[2] == " live +4.000 s channel- > junk"
