"""Approvals from request to decision (spec 05, section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from meerkat_mock.clock import VirtualClock
from meerkat_mock.flags import Flags
from meerkat_mock.instants import read_instant, write_instant
from meerkat_mock.runtime import World
from meerkat_mock.scenario.models import from_data
from tests.meerkat_mock.talk import Talk, talking

if TYPE_CHECKING:
    from pathlib import Path

_ACTION = {"kind": "file_write", "summary": "write"}

REQUEST: dict[str, Any] = {
    "requester": "agent-7",
    "owner": {"owner_type": "runtime"},
    "resource": {"kind": "file", "id": "/etc/x"},
    "proposed_action": {"kind": "file_write", "summary": "write x"},
    "risk": "high",
    "allowed_decisions": ["deny", "approve", "deny"],
}


async def _open(talk: Talk, **more: Any) -> str:
    return str((await talk.call("approval/request", **{**REQUEST, **more}))["approval_id"])


@pytest.mark.parametrize("body", [None, {}, {"path": "notes.txt"}, 0])
async def test_a_null_body_of_an_action_counts_as_none(body: object) -> None:
    action = {"kind": "other", "summary": "s"}
    async with talking() as talk:
        record = await talk.call("approval/request", **{**REQUEST, "proposed_action": {**action, "body": body}})
        assert record["proposed_action"] == (action if body is None else {**action, "body": body})


async def test_a_request_is_pending_lists_its_decisions_once_and_keeps_what_it_was_given():
    async with talking() as talk:
        record = await talk.call("approval/request", **REQUEST, request_body={"a": 1}, metadata={"labels": {"team": "x"}})
        assert (record["status"], record["allowed_decisions"]) == ("pending", ["approve", "deny"])
        assert (record["request_body"], record["metadata"]) == ({"a": 1}, {"labels": {"team": "x"}})
        assert "expires_at" not in record
        assert await talk.call("approval/get", approval_id=record["approval_id"].upper()) == record


@pytest.mark.parametrize(("decision", "status"), [("approve", "approved"), ("deny", "denied")])
async def test_a_decision_is_kept_with_who_when_and_why(decision: str, status: str):
    async with talking() as talk:
        name = await _open(talk)
        record = await talk.call("approval/decide", approval_id=name, decision=decision, actor=" ann ", reason="fine", provenance={"p": 1})
        assert record["status"] == status
        assert record["decision"] == {
            "decision": decision,
            "actor": " ann ",
            "decided_at": record["updated_at"],
            "reason": "fine",
            "provenance": {"p": 1},
        }
        again = await talk.refusal("approval/decide", approval_id=name, decision=decision, actor="ann")
    assert again == f"-32602 approval has already been decided: {name}"


async def test_the_listing_is_ordered_by_id_and_chosen_by_status():
    async with talking() as talk:
        names = [await _open(talk) for _ in range(3)]
        await talk.call("approval/decide", approval_id=names[0], decision="deny", actor="ann")
        assert await _listed(talk) == sorted(names)
        assert await _listed(talk, filter={"status": "denied"}) == [names[0]]
        assert await _listed(talk, status="denied") == sorted(names)


async def _listed(talk: Talk, **params: Any) -> list[str]:
    return [record["approval_id"] for record in (await talk.call("approval/list", **params))["approvals"]]


async def test_an_approval_expires_in_the_clock_of_the_mock_when_it_is_looked_at():
    clock = VirtualClock()
    async with talking(World(clock=clock)) as talk:
        name = await _open(talk, expires_at=write_instant(read_instant("2026-03-02T10:00:00+00:00")))
        assert (await talk.call("approval/get", approval_id=name))["status"] == "pending"
        await clock.advance("1h")
        assert await talk.refusal("approval/decide", approval_id=name, decision="deny", actor="a") == f"-32602 approval is expired: {name}"
        record = await talk.call("approval/get", approval_id=name)
    assert (record["status"], record["expires_at"], record["updated_at"]) == (
        "expired",
        "2026-03-02T10:00:00Z",
        "2026-03-02T10:00:00.000000000Z",
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"allowed_decisions": []}, "approval request must allow at least one decision"),
        ({"requester": " "}, "approval principal id must not be empty"),
        ({"metadata": {"labels": {"a": "1", "Role": "x"}}}, "metadata label key 'Role' is reserved for Meerkat-owned runtime facts"),
        ({"metadata": {"app_context": {"meerkat.x": 1}}}, "app_context key 'meerkat.x' is reserved for Meerkat-owned runtime facts"),
    ],
)
async def test_a_request_that_may_not_be_is_refused_and_leaves_nothing(more: Any, message: str):
    async with talking() as talk:
        assert await talk.refusal("approval/request", **{**REQUEST, **more}) == f"-32602 {message}"
        assert await _listed(talk) == []


async def test_malformed_requests_are_refused_by_their_first_fault():
    async with talking() as talk:
        for more in ({"risk": "extreme"}, {"expires_at": "tomorrow"}, {"metadata": None}, {"owner": {"owner_type": "nobody"}}):
            assert (await talk.refusal("approval/request", **{**REQUEST, **more})).startswith("-32602 Invalid params: ")
        assert (await talk.refusal("approval/list", filter=None)).startswith("-32602 Invalid params: ")


async def test_a_decision_that_was_not_offered_or_has_no_author_changes_nothing():
    async with talking() as talk:
        name = await _open(talk, allowed_decisions=["deny"])
        refusal = await talk.refusal("approval/decide", approval_id=name, decision="approve", actor="x")
        assert refusal == "-32602 decision is not allowed for approval: Approve"
        refusal = await talk.refusal("approval/decide", approval_id="00000000-0000-7000-8000-000000000001", decision="deny", actor=" ")
        assert refusal == "-32602 approval principal id must not be empty"
        assert (await talk.call("approval/get", approval_id=name))["status"] == "pending"


@pytest.mark.parametrize("method", ["approval/get", "approval/decide"])
async def test_an_unknown_approval_is_named(method: str):
    more = {"decision": "deny", "actor": "x"} if method == "approval/decide" else {}
    async with talking() as talk:
        unknown = "00000000-0000-7000-8000-000000000001"
        assert await talk.refusal(method, approval_id=unknown, **more) == f"-32602 approval not found: {unknown}"
        assert "UUID parsing failed" in await talk.refusal(method, approval_id="nope", **more)


async def test_a_scenario_brings_approvals_that_wait_at_the_start():
    declared = {
        "approval_id": "0198C0DE-1111-4AAA-8BBB-0123456789AB",
        "requester": "desk",
        "resource": {"kind": "device", "id": "door"},
        "proposed_action": {"kind": "device_control", "summary": "open", "body": {"n": 1}},
        "expires_in": "10m",
    }
    async with talking(World(scenario=from_data({"approvals": [declared]}))) as talk:
        (record,) = (await talk.call("approval/list"))["approvals"]
    assert record["approval_id"] == "0198c0de-1111-4aaa-8bbb-0123456789ab"
    assert (record["risk"], record["owner"], record["expires_at"]) == ("low", {"owner_type": "runtime"}, "2026-03-02T09:10:00Z")
    assert record["proposed_action"]["body"] == {"n": 1}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2030-01-01T00:00:00+02:00", "2029-12-31T22:00:00Z"),
        ("2030-01-01 00:00:00.5z", "2030-01-01T00:00:00.500Z"),
        ("2030-01-01T00:00:00.123456789123Z", "2030-01-01T00:00:00.123456789Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("1960-01-01T00:00:00-01:30", "1960-01-01T01:30:00Z"),
    ],
)
def test_times_are_written_back_in_utc_with_as_few_digits_as_it_takes(text: str, shown: str):
    assert write_instant(read_instant(text)) == shown


def test_a_text_that_is_no_time_is_named():
    with pytest.raises(ValueError, match="'soon' is no time like"):
        read_instant("soon")


async def test_the_ledger_survives_a_restart_and_what_a_scenario_declares_is_opened_once(tmp_path: Path) -> None:
    declared = from_data({"approvals": [{"requester": "a", "resource": {"kind": "file", "id": "i"}, "proposed_action": _ACTION}]})
    flags = Flags(realm="ledger", state_root=str(tmp_path))
    async with talking(World(flags=flags, scenario=declared)) as talk:
        name = await _open(talk)
        decided = await talk.call("approval/decide", approval_id=name, decision="deny", actor="ann")
        before = await _listed(talk)
    async with talking(World(flags=flags, scenario=declared, seed=2)) as talk:
        assert await talk.call("approval/get", approval_id=name) == decided
        assert await _listed(talk) == before
        again = await talk.refusal("approval/decide", approval_id=name, decision="deny", actor="ann")
    assert (len(before), again) == (2, f"-32602 approval has already been decided: {name}")
