"""`schedules` of a scenario: what is expected of occurrences over time, and what a timeline says when it was otherwise."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.clock import VirtualClock
from meerkat_mock.mock import MeerkatMock
from meerkat_mock.violations import MockViolations

if TYPE_CHECKING:
    from meerkat import MeerkatClient

DAY = 86_400


async def digest(client: MeerkatClient, session_id: str, **more: Any) -> None:
    trigger = {"type": "interval", "start_at_utc": "2026-03-03T09:00:00Z", "every_seconds": DAY}
    action = {"type": "prompt", "prompt": "Digest, please."}
    target = {"target_kind": "session", "type": "exact_session", "session_id": session_id, "action": action}
    await client.create_schedule({"trigger": trigger, "target": target, "name": "digest", **more})


async def passes(mock: MeerkatMock, duration: float | str) -> None:
    assert isinstance(mock.clock, VirtualClock)
    await mock.clock.advance(duration)


def wrong(mock: MeerkatMock) -> list[str]:
    with pytest.raises(MockViolations) as found:
        mock.assert_clean()
    return [f"{each.code}: {each.message}" + (f" ({each.nearest})" if each.nearest else "") for each in found.value.violations]


async def test_a_timeline_that_comes_true_holds_nothing_against_the_test() -> None:
    mock = MeerkatMock()
    mock.session(prompt="Digest, please.").turn(say="All quiet.").turn(say="Still quiet.")
    mock.session(prompt="hello").turn(say="hi").turn(say="All quiet.").turn(say="Still quiet.")
    mock.script.schedule(match={"name": "digest"}, timeline=[{"advance": "24h", "while": "idle", "expect": "completed"}] * 2)
    mock.script.schedule(match={"name": {"contains": "gest"}}, timeline=[{"advance": "23h", "expect": "none"}], optional=True)
    async with mock.client() as client:
        session = await client.create_session("hello")
        await digest(client, session.id)
        await passes(mock, "48h")
    assert mock.violations == []
    assert [line for line in wrong(mock) if "digest" in line] == []


async def test_each_moment_that_is_otherwise_is_told_with_its_line_and_what_was() -> None:
    mock = MeerkatMock()
    mock.session(prompt="hello", after_last="ok").turn(say="hi")
    mock.script.schedule(
        match={"name": "digest"},
        timeline=[
            {"advance": "24h", "while": "running", "expect": "skipped"},
            {"advance": "24h", "expect": "none"},
            {"advance": "1h", "expect": "completed"},
            {"advance": "24h"},
        ],
    )
    async with mock.client() as client:
        session = await client.create_session("hello")
        await digest(client, session.id)
        await passes(mock, "49h")
    assert wrong(mock) == [
        "expectation_failed: the occurrence due 2026-03-03T09:00:00Z is completed by 2026-03-03T09:00:00Z; expected skipped",
        "expectation_failed: the target was idle when the occurrence due 2026-03-03T09:00:00Z was claimed",
        "expectation_failed: the occurrence due 2026-03-04T09:00:00Z is completed by 2026-03-04T09:00:00Z; expected nothing to fall due",
        "expectation_failed: nothing fell due between 2026-03-04T09:00:00Z and 2026-03-04T10:00:00Z (the next is due 2026-03-05T09:00:00Z)",
        "unused: schedule-1 stopped after moment 3 of 4 (the clock did not come to 2026-03-05T10:00:00Z)",
    ]


async def test_an_occurrence_skipped_over_a_running_turn_is_expected_so() -> None:
    mock = MeerkatMock(clock="manual", quirks={"probe_waits_for_turn": False})
    mock.session(prompt="hello").turn(say="hi").turn(say="slow", pace={"first": "30h"})
    mock.script.schedule(timeline=[{"advance": "24h", "while": "running", "expect": "skipped"}])
    async with mock.client() as client:
        session = await client.create_session("hello")
        await digest(client, session.id, overlap_policy="skip_if_running")
        slow = asyncio.ensure_future(session.turn("take your time"))
        await passes(mock, 0)
        await passes(mock, "24h")
        await passes(mock, "6h")
        await slow
    mock.assert_clean()


async def test_a_timeline_that_no_schedule_was_made_for_says_what_was_made() -> None:
    mock = MeerkatMock()
    mock.session(prompt="hello").turn(say="hi")
    mock.script.schedule(name="morning", match={"name": "digets"}, timeline=[{"advance": "1h"}])
    mock.script.schedule(match={"name": "never"}, timeline=[{"advance": "1h"}], optional=True)
    async with mock.client() as client:
        session = await client.create_session("hello")
        await digest(client, session.id)
    assert wrong(mock) == ["unused: no schedule was made for the timeline morning (digest)"]
