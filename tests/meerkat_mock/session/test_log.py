from __future__ import annotations

from meerkat_mock.session.log import BURST_HEAD, BURST_LIMIT, EventLog, cursor_at, replay_item


def numbered(count: int) -> EventLog:
    log = EventLog()
    for number in range(1, count + 1):
        log.append(number * 10, {"type": "text_delta", "delta": str(number)})
    return log


def test_events_are_numbered_from_one_and_read_behind_a_cursor() -> None:
    log = numbered(3)
    assert log.latest == 3
    assert [(number, at_ms) for number, at_ms, _ in log.since(1, None)] == [(2, 20), (3, 30)]
    assert [number for number, _, _ in log.since(0, 2)] == [1, 2]
    assert list(log.since(3, 1)) == []


def test_a_burst_keeps_its_beginning_and_its_end_without_a_hole_in_the_numbers() -> None:
    log = numbered(1000)
    log.lose_middle_since(100)
    assert log.latest == 100 + BURST_HEAD + BURST_LIMIT
    kept = [event["delta"] for _, _, event in log.since(0, None)]
    assert kept[: 100 + BURST_HEAD] == [str(number) for number in range(1, 101 + BURST_HEAD)]
    assert kept[-1] == "1000"


def test_a_short_burst_loses_nothing() -> None:
    log = numbered(200)
    log.lose_middle_since(0)
    assert log.latest == 200


def test_a_replayed_event_says_three_times_where_it_is_from() -> None:
    item = replay_item("s", 4, 40, {"type": "turn_started"})
    assert item["event_id"] == item["cursor"] == cursor_at("s", 4)
    assert item["source"] == {"type": "session", "session_id": "s"}
    assert (item["timestamp_ms"], item["event"]) == (40, {"type": "turn_started"})
