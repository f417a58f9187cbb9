"""Checking lines: a breach names the place, what the contract says and what was there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from meerkat_mock.contract.lines import ContractBreach, check_error, check_frame, check_notification, check_request, check_result

SESSION = "0199aa10-0000-7000-8000-000000000001"


def event(payload: dict[str, Any], **envelope: Any) -> dict[str, Any]:
    return {
        "session_id": SESSION,
        "event": {
            "event_id": "0199aa10-1111-7000-8000-00000000000a",
            "source": {"type": "session", "session_id": SESSION},
            "source_id": f"session:{SESSION}",
            "seq": 3,
            "timestamp_ms": 1767225600123,
            "payload": payload,
            **envelope,
        },
    }


def test_a_lawful_event_passes() -> None:
    assert check_notification("session/event", event({"type": "text_delta", "delta": "Hi"})) is None


def test_a_missing_field_is_named_with_its_place() -> None:
    breach = check_notification("session/event", event({"type": "text_delta"}))
    assert breach == ContractBreach("session/event", "event.payload.text_delta.delta", "this field", "nothing")


def test_an_unknown_field_is_named_with_its_place() -> None:
    breach = check_notification("session/event", event({"type": "text_delta", "delta": "Hi", "more": 1}))
    assert breach == ContractBreach("session/event", "event.payload.text_delta.more", "no such field", "1")


def test_an_event_of_an_unknown_type_is_a_breach_that_lists_the_known_ones() -> None:
    breach = check_notification("session/event", event({"type": "text_dalta", "delta": "Hi"}))
    assert breach is not None
    assert "text_delta" in breach.expected
    assert breach.path == "event.payload"


@pytest.mark.parametrize("seq", [True, 3.0, "3", -1, 2**64])
def test_nothing_is_taken_for_a_number_that_is_none(seq: object) -> None:
    assert check_notification("session/event", event({"type": "text_delta", "delta": "Hi"}, seq=seq)) is not None


def test_a_result_is_checked_by_its_method() -> None:
    assert check_result("turn/interrupt", {"interrupted": True}) is None
    assert str(check_result("turn/interrupt", {"interrupted": 1})) == "turn/interrupt: interrupted: expected a valid boolean, got 1"


def test_a_long_value_is_quoted_by_its_beginning() -> None:
    breach = check_result("session/archive", {"archived": "x" * 5000})
    assert breach is not None
    assert len(breach.got) < 200


def test_the_one_request_of_the_server_has_exactly_three_members() -> None:
    assert check_request("tool/execute", {"tool_use_id": "c", "name": "n", "arguments": {}}) is None
    assert check_request("tool/execute", {"tool_use_id": "c", "name": "n", "arguments": {}, "session_id": SESSION}) is not None
    assert check_request("tool/run", {}) is not None


def test_a_notification_that_no_one_sends_is_a_breach() -> None:
    assert check_notification("session/news", {}) is not None


def test_a_value_that_is_no_json_is_found_at_any_depth() -> None:
    payload = {"type": "extraction_succeeded", "session_id": SESSION, "structured_output": {"deep": [{"er": (1, 2)}]}}
    assert check_notification("session/event", event(payload)) is not None
    assert check_notification("session/event", json.loads(json.dumps(event(payload)))) is None


def test_params_of_a_client_may_hold_more_than_the_server_reads() -> None:
    assert check_notification("cancel", {"request_id": 7, "reason": "bored"}) is None


def test_an_error_code_is_checked_by_its_method() -> None:
    assert check_error("session/read", -32001) is None
    assert check_error("session/read", -32601) is None
    assert check_error("session/read", -32023) == ContractBreach(
        "session/read", "error.code", "one of -32601, -32602, -32603, -32001", "-32023"
    )


def test_a_frame_is_an_observation_or_an_error() -> None:
    assert check_frame({"error": "adapter is closed"}) is None
    assert check_frame({"observation": "ready"}) is None
    assert check_frame({"observation": "raedy"}) is not None
