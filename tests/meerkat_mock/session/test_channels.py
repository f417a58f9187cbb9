from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from meerkat_mock.clock import VirtualClock
from meerkat_mock.ids import IdSource
from meerkat_mock.session.channels import Channel, Readers, encoded
from meerkat_mock.session.log import EventLog

if TYPE_CHECKING:
    from meerkat_mock.connection import Connection

SESSION = "0198c0de-1111-7aaa-8bbb-0123456789ab"


class Sink:
    congested = False

    def __init__(self) -> None:
        self.lines: list[Any] = []

    def offer(self, line: bytes) -> None:
        self.lines.append(json.loads(line))


class Ear:
    def __init__(self) -> None:
        self.heard: list[Any] = []

    def deliver(self, envelope: str) -> None:
        self.heard.append(json.loads(envelope))

    def end(self, outcome: str) -> None:
        self.heard.append(outcome)


def made(sent: int = 0) -> tuple[Channel, Sink, Ear, EventLog]:
    clock, log, readers, ear = VirtualClock(), EventLog(), Readers(), Ear()
    readers.add(ear)
    channel = Channel(SESSION, log, readers, clock, IdSource(clock), sent=sent)
    sink = Sink()
    channel.sink = cast("Connection", sink)
    return channel, sink, ear, log


def test_an_event_is_stamped_once_and_the_same_everywhere() -> None:
    channel, sink, ear, log = made()
    event = {"type": "text_delta", "delta": 'a "quoted" \u2028 \ud800 text'}
    channel.publish(event)
    line = sink.lines[0]
    assert (line["method"], line["params"]["session_id"]) == ("session/event", SESSION)
    envelope = line["params"]["event"]
    assert ear.heard == [envelope]
    assert envelope["payload"] == event
    assert envelope["source"] == {"type": "session", "session_id": SESSION}
    assert envelope["source_id"] == f"session:{SESSION}"
    assert (envelope["seq"], log.latest) == (1, 1)
    assert list(log.since(0, None)) == [(1, envelope["timestamp_ms"], event)]


def test_what_is_published_aside_uses_up_a_number_that_session_event_does_not_show() -> None:
    channel, sink, ear, _ = made(sent=4)
    channel.publish_aside({"type": "run_started"})
    channel.publish({"type": "turn_started"})
    assert [line["params"]["event"]["seq"] for line in sink.lines] == [6]
    assert [envelope["seq"] for envelope in ear.heard] == [5, 6]


def test_ended_readers_hear_nothing_more() -> None:
    readers, ear = Readers(), Ear()
    readers.add(ear)
    readers.end_all("remote_end")
    readers.deliver("{}")
    readers.remove(ear)
    assert ear.heard == ["remote_end"]
    assert not readers


def test_deltas_take_a_short_cut_to_the_same_json() -> None:
    for event in (
        {"type": "text_delta", "delta": '\n\t\\"é'},
        {"type": "reasoning_delta", "delta": ""},
        {"type": "run_started", "prompt": []},
    ):
        assert json.loads(encoded(cast("Any", event))) == event
