"""What counts as a difference between two messages, and what does not: ids, times, sizes, random order, packed texts."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from meerkat_mock.conform.comparing import Comparison, Pairs
from meerkat_mock.conform.volatile import unpack

A, B, C = (f"0198c0de-1111-7aaa-8bbb-00000000000{digit}" for digit in "abc")


def paths(expected: Any, actual: Any, channel: tuple[str, ...] = ("response", "1")) -> list[str]:
    return [path for path, _, _ in Comparison(Pairs()).compare(channel, unpack(expected), unpack(actual))]


def packed(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"id": A, "again": A}, {"id": B, "again": B}),
        ({"id": A.replace("-", ""), "again": A.upper()}, {"id": B.replace("-", ""), "again": B.upper()}),
        ({"by": {A: 1, C: {}}}, {"by": {B: 1, A: {}}}),
        ({"ref": packed({"m": A}), "m": A}, {"ref": packed({"m": B}), "m": B}),
        ({"duration_ms": 3, "token": "x"}, {"duration_ms": 99, "token": "y"}),
        ({"estimated_history_tokens": 1000}, {"estimated_history_tokens": 1015}),
        ({"created_at": 1_700_000_000}, {"created_at": 1_800_000_000}),
        ({"message": "Invalid params: this"}, {"message": "Invalid params: that"}),
        ({"text": "a <prose> z"}, {"text": "a b z"}),
        ({"approvals": [{"approval_id": A, "n": 1}, {"approval_id": B}]}, {"approvals": [{"approval_id": A}, {"approval_id": C, "n": 1}]}),
        ({"eyJ": "eyJub"}, {"eyJ": "eyJub"}),
    ],
)  # fmt: skip
def test_what_means_the_same_is_no_difference(expected: Any, actual: Any) -> None:
    assert paths(expected, actual) == []


@pytest.mark.parametrize(
    ("expected", "actual", "found"),
    [
        ({"id": A, "again": A}, {"id": B, "again": C}, ["$.again"]),
        ({"id": A, "other": B}, {"id": C, "other": C}, ["$.other"]),
        ({"token": "x", "nonce": "x"}, {"token": "y", "nonce": "z"}, ["$.nonce"]),
        ({"text": f"for {A}"}, {"text": "for nobody"}, ["$.text"]),
        ({"text": "a <prose> z"}, {"text": "a b"}, ["$.text"]),
        ({"message": "Invalid params: this"}, {"message": "Invalid params: "}, ["$.message"]),
        ({"estimated_history_tokens": 1000}, {"estimated_history_tokens": 1030}, ["$.estimated_history_tokens"]),
        ({"created_at": 1_700_000_000}, {"created_at": 1_800_000_000_000}, ["$.created_at"]),
        ({"at": "2026-01-01T00:00:00Z"}, {"at": "2026-01-01T00:00:00+00:00"}, ["$.at"]),
        ({"n": 1}, {"n": True}, ["$.n"]),
        ({"list": [1, 2]}, {"list": [1]}, ["$.list[1]"]),
        ({"approvals": [{"approval_id": A}, {"approval_id": B}]}, {"approvals": [{"approval_id": C}, {"approval_id": A}]}, ["$.approvals"]),
    ],
)  # fmt: skip
def test_what_means_something_else_is_told_with_its_path(expected: Any, actual: Any, found: list[str]) -> None:
    assert paths(expected, actual) == found


def test_times_may_not_go_back_where_they_did_not() -> None:
    comparison = Comparison(Pairs())
    early, late = {"at": "2026-01-01T00:00:00Z"}, {"at": "2026-01-02T00:00:00Z"}
    assert comparison.compare(("notification", "x"), early, late) == []
    assert [path for path, _, _ in comparison.compare(("notification", "x"), late, early)] == ["$.at"]


def test_a_time_that_the_client_sent_comes_back_as_the_same_instant() -> None:
    pairs = Pairs()
    sent = pairs.substitute(
        {"due": "2026-01-01T00:00:00Z", "ms": 1_700_000_000_000, "ids": [A, {"token": "t"}], "ref": packed({"m": A})}, 0
    )
    assert isinstance(sent, dict)
    assert sent["due"] == "2026-01-01T00:00:00Z"
    comparison = Comparison(pairs)
    assert comparison.compare(("response", "1"), {"due": "2026-01-01T00:00:00Z"}, {"due": "2026-01-01T01:00:00Z"})
    assert not comparison.compare(("response", "1"), {"due": "2026-01-01T00:00:00Z"}, {"due": "2026-01-01T00:00:00Z"})


def test_a_request_of_the_server_has_a_new_id_each_time() -> None:
    comparison = Comparison(Pairs())
    assert not comparison.compare(("request", "x"), {"id": "srv-0", "method": "x"}, {"id": 7, "method": "x"})
    found = comparison.compare(("request", "x"), {"id": "srv-1", "method": "x"}, {"id": 7, "method": "x"})
    assert [path for path, _, _ in found] == ["$.id"]
