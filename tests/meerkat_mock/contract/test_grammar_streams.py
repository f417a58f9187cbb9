"""All event channels of a connection judged together: what copies, streams and their ends owe each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from meerkat_mock.contract.grammar_streams import ConnectionChecker

if TYPE_CHECKING:
    from meerkat.wire.base import Json

Object = dict[str, "Json"]
Line = tuple[str, Object]
GOLDENS = Path(__file__).parents[3] / "meerkat_mock" / "conform" / "goldens"
USAGE: Object = {"input_tokens": 10, "output_tokens": 5, "cache_creation_tokens": None, "cache_read_tokens": None}
PAYLOADS: list[Object] = [
    {"type": "run_started", "session_id": "s1", "prompt": "hi"},
    {"type": "turn_started", "turn_number": 0},
    {"type": "turn_completed", "stop_reason": "end_turn", "usage": USAGE},
    {"type": "run_completed", "session_id": "s1", "result": "", "extraction_required": False, "usage": USAGE},
]


def envelope(seq: int, session_id: str = "s1") -> Object:
    return {
        "event_id": f"e{seq}",
        "source": {"type": "session", "session_id": session_id},
        "source_id": f"session:{session_id}",
        "seq": seq,
        "timestamp_ms": 1000 + seq,
        "payload": dict(PAYLOADS[(seq - 1) % 4]),
    }


def session_event(seq: int, **params: Json) -> Line:
    return "session/event", {"session_id": "s1", "event": envelope(seq), **params}


def stream_event(seq: int, **params: Json) -> Line:
    return "session/stream_event", {"stream_id": "t1", "sequence": seq, "session_id": "s1", "event": envelope(seq), **params}


def mob_event(seq: int) -> Line:
    attributed: Object = {"source": {"identity": "lead", "generation": 0}, "role": "lead", "envelope": envelope(seq)}
    return "mob/stream_event", {"stream_id": "m1", "sequence": seq, "event": attributed}


def stream_end(outcome: str = "explicit_close", **params: Json) -> Line:
    return "session/stream_end", {"stream_id": "t1", "session_id": "s1", "ended": True, "outcome": outcome, **params}


def judged(*lines: Line, cut: bool = False) -> list[str]:
    checker = ConnectionChecker()
    found = [breach for method, params in lines for breach in checker.feed(method, params)]
    return [breach.breach.rule for breach in [*found, *checker.finish(cut=cut)]]


COPIES = [line for seq in range(1, 5) for line in (session_event(seq), stream_event(seq), mob_event(seq))]


def test_copies_on_three_channels_are_lawful() -> None:
    assert judged(*COPIES, stream_end()) == []


def test_other_notifications_pass() -> None:
    assert judged(("live/status_changed", {"channel_id": "c"})) == []


def test_a_copy_that_differs_is_told() -> None:
    other = envelope(1)
    other["timestamp_ms"] = 5
    assert judged(session_event(1), stream_event(1, event=other), cut=True) == ["invariant 27"]


def test_an_event_of_another_session_is_told() -> None:
    assert "invariant 25" in judged(session_event(1, session_id="s2"), cut=True)


def test_a_gap_in_the_sequence_of_a_stream_is_told() -> None:
    assert judged(stream_event(1), stream_event(2, sequence=3), cut=True) == ["invariant 26"]


def test_an_event_behind_the_end_of_its_stream_is_told() -> None:
    assert judged(*[stream_event(seq) for seq in range(1, 5)], stream_end(), stream_event(5), cut=True) == ["invariant 29"]


def test_a_second_end_is_told() -> None:
    assert judged(stream_end(), stream_end()) == ["invariant 29"]


@pytest.mark.parametrize(("outcome", "params"), [("terminal_error", {}), ("remote_end", {"error": {"code": "x"}})])
def test_an_end_whose_error_and_outcome_disagree_is_told(outcome: str, params: Object) -> None:
    assert judged(stream_end(outcome, **params)) == ["invariant 30"]


def test_a_stream_that_ended_excuses_the_run_in_it_but_the_session_still_owes_its_end() -> None:
    assert judged(session_event(1), stream_event(1), stream_end("remote_end")) == ["invariant 2"]


def test_an_interrupt_excuses_the_run_on_every_channel() -> None:
    checker = ConnectionChecker()
    for method, params in COPIES[:6]:
        assert checker.feed(method, params) == []
    checker.interrupted("s1")
    assert checker.finish() == []


def test_a_breach_names_its_channel() -> None:
    checker = ConnectionChecker()
    (breach,) = checker.feed(*stream_event(1, sequence=2))
    assert str(breach) == "stream t1: event 0 (stream_event): sequence is 2, not 1 [invariant 26, spec 03]"


@pytest.mark.parametrize("path", sorted(GOLDENS.glob("*/*.jsonl")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_recording_is_lawful_on_all_its_channels(path: Path) -> None:
    checker, found, excused = ConnectionChecker(), [], path.stem == "eof_tool_pending"
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        entry = json.loads(line)
        message = entry.get("msg")
        method = message.get("method") if isinstance(message, dict) else None
        if entry["dir"] == ">" and method in ("turn/interrupt", "cancel"):
            excused = True
        elif entry["dir"] == "<" and method is not None:
            found.extend(map(str, checker.feed(method, cast("Object", message.get("params", {})))))
    found.extend(map(str, checker.finish(cut=excused)))
    assert found == []
