"""The judge of the goldens, judged: an exact replay passes, and each kind of departure from the recording is told."""

from __future__ import annotations

import asyncio
import copy
import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.conform import GOLDENS
from meerkat_mock.conform.golden import Golden
from meerkat_mock.conform.player import play

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat_mock.conform.judging import Difference
    from meerkat_mock.conform.roads import Road, Start

Row = dict[str, Any]
LIFECYCLE = GOLDENS / "sessions" / "lifecycle.jsonl"
TURN = GOLDENS / "events" / "tool_rounds.jsonl"


class Recording:
    """A server that says what the rows say, each time after as many client lines as the recording had by then."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = [row for row in rows if row["dir"] in "<>" and not row.get("eof")]
        self.lines: asyncio.Queue[bytes] = asyncio.Queue()
        self.forward()

    def forward(self) -> None:
        while self.rows and self.rows[0]["dir"] == "<":
            self.lines.put_nowait(json.dumps(self.rows.pop(0)["msg"]).encode() + b"\n")

    async def send(self, line: bytes) -> None:
        assert line.endswith(b"\n")
        self.rows.pop(0)
        self.forward()

    async def receive(self) -> bytes:
        return await self.lines.get()

    async def end_input(self) -> None:
        self.lines.put_nowait(b"")

    async def close(self) -> list[str]:
        return []

    def last_words(self) -> str:
        return ""


def judged(path: Any, alter: Callable[[list[Row]], object]) -> list[Difference]:
    """Play a golden, without its pauses, against its own rows after `alter` changed them."""
    golden = Golden.read(path)
    rows = [json.loads(line) for line in golden.text.splitlines()[1:]]
    for line in golden.lines:
        line.t = 0.0
    golden.eof = 0.001
    rows = copy.deepcopy(rows)
    alter(rows)

    async def connect(start: Start) -> Road:
        return Recording(rows)

    return asyncio.run(play(golden, connect, patience=0.05)).differences


def answers(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["dir"] == "<" and "result" in row.get("msg", {})]


def events(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["dir"] == "<" and row.get("msg", {}).get("method") == "session/event"]


def renamed(rows: list[Row], session: str, other: str) -> None:
    rows[:] = [json.loads(json.dumps(row).replace(session, other)) if row["dir"] == "<" else row for row in rows]


@pytest.mark.parametrize("path", [LIFECYCLE, TURN], ids=["lifecycle", "tool_rounds"])
def test_an_exact_replay_has_no_difference(path: Any) -> None:
    assert judged(path, lambda rows: None) == []


def test_other_random_ids_are_no_difference() -> None:
    def alter(rows: list[Row]) -> None:
        session = next(row["msg"]["result"]["session_id"] for row in answers(rows) if "session_id" in row["msg"]["result"])
        renamed(rows, session, str(uuid.uuid4()))

    assert judged(TURN, alter) == []


def test_one_id_for_two_things_is_a_difference() -> None:
    def alter(rows: list[Row]) -> None:
        first, second = (row["msg"]["params"]["event"]["event_id"] for row in events(rows)[:2])
        renamed(rows, second, first)

    assert judged(TURN, alter)


def test_a_changed_text_is_told_with_its_path() -> None:
    def alter(rows: list[Row]) -> None:
        answers(rows)[0]["msg"]["result"]["server_info"]["name"] = "other"

    assert [(d.path, d.actual) for d in judged(LIFECYCLE, alter)] == [("$.result.server_info.name", '"other"')]


def test_a_null_in_the_place_of_nothing_is_a_difference() -> None:
    def alter(rows: list[Row]) -> None:
        answers(rows)[0]["msg"]["result"]["extra"] = None

    assert [(d.path, d.expected) for d in judged(LIFECYCLE, alter)] == [("$.result.extra", "missing")]


def test_true_is_not_one() -> None:
    def alter(rows: list[Row]) -> None:
        def deep(value: Any) -> Any:
            if isinstance(value, dict):
                return {k: deep(v) for k, v in value.items()}
            return int(value) if isinstance(value, bool) else value

        for row in answers(rows):
            row["msg"]["result"] = deep(row["msg"]["result"])

    assert judged(LIFECYCLE, alter)


def test_a_missing_event_is_told() -> None:
    assert any(d.actual == "no message" for d in judged(TURN, lambda rows: rows.remove(events(rows)[3])))


def test_a_surplus_event_is_told() -> None:
    def alter(rows: list[Row]) -> None:
        rows.insert(rows.index(events(rows)[3]), copy.deepcopy(events(rows)[3]))

    assert any(d.expected == "no message" for d in judged(TURN, alter))


def test_two_events_in_the_wrong_order_are_told() -> None:
    def alter(rows: list[Row]) -> None:
        one, two = events(rows)[1:3]
        one["msg"], two["msg"] = two["msg"], one["msg"]

    assert judged(TURN, alter)


def test_a_server_that_stays_after_its_input_ended_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def stay(recording: Recording) -> None:
        await asyncio.sleep(0)

    monkeypatch.setattr(Recording, "end_input", stay)
    assert [d.channel for d in judged(LIFECYCLE, lambda rows: None)] == ["process"]
