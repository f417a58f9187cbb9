"""What a server is told apart by: agreed, known, new; and new things in the shortest conversation that shows them."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from meerkat_mock.conform import GOLDENS
from meerkat_mock.conform.campaign import Campaign, Generated, Recorded, Verdict
from meerkat_mock.conform.explaining import Explainer
from meerkat_mock.conform.generating import OPENING
from meerkat_mock.conform.golden import Golden
from meerkat_mock.conform.player import play
from meerkat_mock.conform.rehearsal import mock_with, rehearse, simulated
from meerkat_mock.conform.reporting import as_json, as_junit, as_text
from meerkat_mock.conform.roads import ServerFailed
from meerkat_mock.conform.steps import Ask
from meerkat_mock.quirks import Quirks
from tests.meerkat_mock.conform.wrong_server import wrong

if TYPE_CHECKING:
    from meerkat_mock.conform.roads import Connect, Road, Start

FAILING = '@script[{"fail": {"status": 400}}]'
TALK = Generated(
    "talk",
    [
        *OPENING,
        Ask(4, "session/create", {"prompt": "hi", "model": "scripted"}),
        Ask(5, "session/list", {}),
        Ask(6, "session/read", {"session_id": "${4.session_id}"}),
        Ask(7, "turn/start", {"session_id": "${4.session_id}", "prompt": "more"}),
        Ask(8, "mob/list", {}),
    ],
)
NULL_ID = Generated("null", [*OPENING, Ask(4, "comms/send", {"session_id": 3}), Ask(5, "mob/list", {})])
AFTERMATH = Generated(
    "aftermath",
    [
        *OPENING,
        Ask(4, "session/create", {"prompt": "hi", "model": "scripted"}),
        Ask(5, "turn/start", {"session_id": "${4.session_id}", "prompt": FAILING}),
        Ask(6, "turn/start", {"session_id": "${4.session_id}", "prompt": "again"}),
        Ask(7, "comms/send", {"session_id": 3}),
    ],
)


async def judged(connect: Connect, *conversations: Generated | Recorded, patience: float = 0.2) -> list[Verdict]:
    told: list[Verdict] = []
    verdicts = await Campaign(connect, jobs=1, patience=patience, endpoint=False).judge(conversations, told.append)
    assert sorted(told, key=str) == sorted(verdicts, key=str)
    return verdicts


async def test_the_mock_agrees_with_itself() -> None:
    recorded = [Recorded(Golden.read(GOLDENS / f"{name}.jsonl", name)) for name in ("transport/introspection", "surfaces/approvals")]
    verdicts = await judged(simulated(), TALK, NULL_ID, AFTERMATH, *recorded)
    assert [verdict.state for verdict in verdicts] == ["agreed"] * 5
    assert as_text(verdicts) == "5 agreed, 0 known difference, 0 new difference"


async def test_a_repaired_defect_is_a_known_difference_with_its_row() -> None:
    (verdict,) = await judged(simulated(Quirks("server", {"null_id_on_bad_params": False})), NULL_ID)
    assert (verdict.state, verdict.quirks) == ("known difference", ("null_id_on_bad_params",))
    assert "explained by null_id_on_bad_params" in as_text([verdict])
    assert verdict.shortest == ()


async def test_several_repaired_defects_are_all_named() -> None:
    (verdict,) = await judged(simulated(Quirks("contract")), AFTERMATH)
    assert verdict.state == "known difference"
    assert {"null_id_on_bad_params", "failed_prompt_returns"} <= set(verdict.quirks)


async def test_what_the_mock_itself_does_otherwise_now_and_then_is_explained_by_no_row() -> None:
    heard = itertools.count()

    async def unsteady(start: Start) -> Road:
        """Answer differently each time, as work that goes on behind an answer does."""
        road = await simulated()(start)
        receive, number = road.receive, next(heard)

        async def changed() -> bytes:
            line = await receive()
            return line.replace(b'"mobs":[]', b'"mobs":[],"n":%d' % (number > 0))

        road.receive = changed  # type: ignore[method-assign]
        return road

    golden = await rehearse(NULL_ID.steps, "null")
    outcome = await play(golden, unsteady, 0.2)
    explained = await Explainer(golden, lambda _: unsteady).explain(outcome.differences)
    assert (explained.quirks, [difference.path for difference in explained.new]) == ((), ["$.result.n"])
    explained = await Explainer(golden, lambda _: unsteady).explain((await play(golden, unsteady, 0.2)).differences)
    assert (explained.quirks, explained.new) == ((), ())
    assert [difference.path for difference in explained.timing] == ["$.result.n"]


async def test_a_recording_is_explained_as_well() -> None:
    golden = Golden.read(GOLDENS / "transport" / "null_id_answers.jsonl", "transport/null_id_answers")
    (verdict,) = await judged(mock_with(Quirks("server", {"null_id_on_bad_params": False})), Recorded(golden), patience=0.5)
    assert (verdict.state, verdict.quirks) == ("known difference", ("null_id_on_bad_params",))


async def test_a_new_difference_comes_with_the_shortest_conversation() -> None:
    (verdict,) = await judged(wrong("adds_a_member", []), TALK)
    assert verdict.state == "new difference"
    assert [difference.path for difference in verdict.differences] == ["$.result.title"]
    methods = [json.loads(step)["method"] for step in verdict.shortest]
    assert methods == ["session/create", "session/read"]
    assert verdict.length == 8
    assert '"session_id": "${4.session_id}"' in as_text([verdict])


async def test_a_new_difference_beside_a_known_one_is_new() -> None:
    connect = simulated(Quirks("server", {"null_id_on_bad_params": False}))

    async def altered(start: Start) -> Road:
        road = await connect(start)
        receive = road.receive

        async def changed() -> bytes:
            line = await receive()
            return line.replace(b'"mobs":[]', b'"mobs":[],"odd":1').replace(b'"mobs": []', b'"mobs": [], "odd": 1')

        road.receive = changed  # type: ignore[method-assign]
        return road

    (verdict,) = await judged(altered, NULL_ID)
    assert verdict.state == "new difference"
    assert verdict.quirks == ("null_id_on_bad_params",)
    assert [difference.path for difference in verdict.differences] == ["$.result.odd"]
    assert [json.loads(step)["method"] for step in verdict.shortest] == ["mob/list"]


async def test_a_difference_of_a_recording_is_cut_down_too() -> None:
    golden = Golden.read(GOLDENS / "surfaces" / "approvals.jsonl", "surfaces/approvals")
    (verdict,) = await judged(wrong("never_decides", []), Recorded(golden))
    methods = [json.loads(step)["method"] for step in verdict.shortest]
    assert methods == ["approval/request", "approval/decide"]


async def test_what_was_seen_before_is_not_cut_down_again() -> None:
    first, second = await judged(wrong("adds_a_member", []), TALK, Generated("other", TALK.steps))
    assert first.shortest
    assert not second.shortest
    assert second.notes == ("not cut down: of the same kind as in talk",)


async def test_as_many_are_cut_down_as_was_asked_for() -> None:
    (verdict,) = await Campaign(wrong("adds_a_member", []), patience=0.2, shorten=0, endpoint=False).judge([TALK], lambda _: None)
    assert (verdict.shortest, verdict.notes) == ((), ("not cut down: enough others were",))


async def test_plain_http_is_not_played_and_said_so() -> None:
    (verdict,) = await judged(simulated(), Recorded(Golden.read(GOLDENS / "live" / "handshake.jsonl", "live/handshake")))
    assert verdict.state == "not played"
    assert "plain HTTP" in as_text([verdict])


async def test_a_server_that_cannot_be_started_again_is_a_difference() -> None:
    async def gone(start: Start) -> Road:
        raise ServerFailed("no more processes")

    (verdict,) = await judged(gone, TALK)
    assert verdict.state == "new difference"
    assert verdict.notes[0] == "no more processes"


async def test_a_server_that_does_not_answer_initialize_is_not_asked_more() -> None:
    campaign = Campaign(wrong("answers_nothing", []), patience=0.1, endpoint=False)
    with pytest.raises(ServerFailed, match="does not answer initialize"):
        await campaign.greet()
    await Campaign(simulated(), endpoint=True).greet()


async def test_reports_hold_everything_for_programs_and_for_continuous_integration() -> None:
    verdicts = [
        *await judged(wrong("adds_a_member", []), TALK, Generated("lists/mobs", [Ask(1, "mob/list", {})])),
        *await judged(simulated(Quirks("contract")), NULL_ID),
        *await judged(simulated(), Recorded(Golden.read(GOLDENS / "live" / "handshake.jsonl", "live/handshake"))),
    ]
    found = json.loads(as_json(verdicts))
    assert found["counts"] == {"agreed": 1, "known difference": 1, "new difference": 1, "not played": 1}
    assert found["conversations"][0]["shortest"][-1]["method"] == "session/read"
    assert found["conversations"][0]["differences"][0]["path"] == "$.result.title"
    suite = ET.fromstring(as_junit(verdicts))
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped")} == {"tests": "4", "failures": "1", "skipped": "1"}
    assert suite[1].get("classname") == "conform.lists"
    assert "the shortest conversation" in str(suite[0][0].text)
    assert [child.tag for case in suite for child in case] == ["failure", "system-out", "skipped"]


def test_a_report_shows_some_differences_and_counts_the_rest_and_xml_takes_any_text() -> None:
    from meerkat_mock.conform.judging import Difference

    many = tuple(Difference("response 1", index, "$", "a\x00", "b\x1b") for index in range(9))
    verdict = Verdict("x", "new difference", differences=many)
    assert "and 4 more" in as_text([verdict])
    ET.fromstring(as_junit([verdict]))
