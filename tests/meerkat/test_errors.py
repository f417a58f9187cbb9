"""Errors: one class per cause, the facts attached, the map from the wire."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import pytest

from meerkat import errors
from meerkat.errors import ConnectionLostError, MeerkatError, ProtocolError, TurnFailedError, from_wire, invalid_response


def all_errors() -> list[type[MeerkatError]]:
    return [thing for thing in vars(errors).values() if inspect.isclass(thing) and issubclass(thing, MeerkatError)]


SAMPLES: list[MeerkatError] = [
    MeerkatError("-32603", "internal", {"why": 1}, "hint", method="turn/start", request_id=3),
    ConnectionLostError("end of file", exit_status=1, stderr_tail="panicked"),
    errors.DeadlockError("read inside a tool", method="session/read"),
    errors.StreamNotConsumedError(),
    errors.StreamNotOpenError(),
    errors.ToolRegistrationError("refused", tools=("a", "b")),
    errors.RequestTimeoutError("no answer", seconds=30.0),
    errors.TurnStalledError("stalled", session_id="s"),
    errors.EventsLostError("hole", missing=((3, 5),)),
    invalid_response("Invalid run result", "usage", "an object", None),
]


@pytest.mark.parametrize("cls", all_errors(), ids=lambda cls: cls.__name__)
def test_every_class_stands_in_the_tree_of_the_module(cls: type[MeerkatError]) -> None:
    assert f" {cls.__name__} " in f" {' '.join(str(errors.__doc__).split())} "


@pytest.mark.parametrize("error", SAMPLES, ids=lambda error: type(error).__name__)
def test_an_error_survives_copying_and_pickling_with_its_facts(error: MeerkatError) -> None:
    for twin in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(twin) is type(error)
        assert vars(twin) == vars(error)
        assert str(twin) == str(error) == error.message


@pytest.mark.parametrize(
    ("code", "method", "name"),
    [
        (-32700, None, "ProtocolError"),
        (-32601, "live/open", "MethodNotFoundError"),
        (-32602, "session/create", "InvalidParamsError"),
        (-32603, "session/read", "MeerkatError"),
        (-32603, "turn/start", "TurnFailedError"),
        (-32603, "session/create", "TurnFailedError"),
        (-32603, "mob/turn_start", "TurnFailedError"),
        (-32603, "help/ask", "TurnFailedError"),
        (-32001, "session/read", "SessionNotFoundError"),
        (-32002, "session/fork_at", "SessionBusyError"),
        (-32004, "turn/start", "DuplicateInputError"),
        (-32005, "turn/start", "RequestCancelledError"),
        (-32020, "schedule/list", "CapabilityUnavailableError"),
        (-32021, None, "SkillNotFoundError"),
        (-32023, "schedule/get", "ScheduleNotFoundError"),
        (-32024, "mob/rotate_supervisor", "SupervisorRotationIncompleteError"),
        (-32004, "schedule/call", "ScheduleNotFoundError"),
        (-32001, "schedule/call", "CapabilityUnavailableError"),
        (-32000, "schedule/call", "MeerkatError"),
    ],
)
def test_a_wire_code_has_its_class(code: int, method: str | None, name: str) -> None:
    error = from_wire({"code": code, "message": "m"}, method, 7)
    assert type(error).__name__ == name
    assert (error.code, error.wire_code, error.method, error.request_id, str(error)) == (str(code), code, method, 7, "m")


def test_data_gives_the_code_and_the_details() -> None:
    data = {"code": "send_failed", "message": "no", "details": {"peer": "p"}}
    error = from_wire({"code": -32603, "message": "no", "data": data}, "comms/send")
    assert (error.code, error.details, error.data, error.wire_code) == ("send_failed", {"peer": "p"}, data, -32603)


@pytest.mark.parametrize(
    ("data", "details"),
    [({"reason": "offline"}, "offline"), ({"peer": "p"}, {"peer": "p"}), ("text", "text"), (None, None)],
)
def test_details_are_the_reason_else_the_whole_data(data: Any, details: object) -> None:
    assert from_wire({"code": -32603, "message": "m", "data": data}).details == details


def test_a_message_that_happens_to_be_json_stays_a_message() -> None:
    error = from_wire({"code": -32603, "message": '{"code": "HIJACKED"}'})
    assert (error.code, error.message) == ("-32603", '{"code": "HIJACKED"}')


@pytest.mark.parametrize("error", ["text", None, 5, ["x"]])
def test_an_error_that_is_no_object_breaks_the_protocol(error: Any) -> None:
    found = from_wire(error, "session/read", 1)
    assert isinstance(found, ProtocolError)
    assert found.code == "UNKNOWN"
    assert repr(error) in str(found)


def test_an_error_without_code_and_message_says_so() -> None:
    error = from_wire({})
    assert (error.code, error.message, error.wire_code) == ("UNKNOWN", "Unknown error", None)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (
            "turn abandoned: apply failed: Apply failed: agent error: Terminal failure: Failed (RetryExhausted): retry exhausted",
            "Terminal failure: Failed (RetryExhausted): retry exhausted",
        ),
        ("turn abandoned: apply failed: Terminal failure: x", "Terminal failure: x"),
        ("turn completed without result", "turn completed without result"),
    ],
)
def test_the_reason_of_a_failed_turn_is_the_innermost_text(message: str, reason: str) -> None:
    error = from_wire({"code": -32603, "message": message}, "turn/start")
    assert isinstance(error, TurnFailedError)
    assert error.reason == reason


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ConnectionLostError(""), "rkat-rpc process closed"),
        (ConnectionLostError("end of file", exit_status=1), "rkat-rpc process closed: end of file (exit status 1)"),
        (ConnectionLostError("end of file", exit_status=-9), "rkat-rpc process closed: end of file (killed by signal 9)"),
        (
            ConnectionLostError("end of file", stderr_tail="Error: no key\n"),
            "rkat-rpc process closed: end of file; the end of its standard error:\nError: no key",
        ),
    ],
)
def test_a_lost_connection_tells_how_the_server_ended(error: ConnectionLostError, message: str) -> None:
    assert str(error) == message
    assert error.code == "CONNECTION_CLOSED"


def test_one_cause_becomes_an_error_per_request() -> None:
    cause = ConnectionLostError("end of file", exit_status=3)
    error = cause.for_request("session/read", 4)
    assert (error.method, error.request_id, error.exit_status) == ("session/read", 4, 3)
    assert (cause.method, cause.request_id) == (None, None)


def test_an_invalid_response_names_the_place_and_a_glimpse_of_what_stood_there() -> None:
    error = invalid_response("Invalid run result", "usage.input_tokens", "an integer", "x" * 500)
    assert error.code == "INVALID_RESPONSE"
    assert error.path == "usage.input_tokens"
    assert str(error).startswith("Invalid run result: usage.input_tokens must be an integer, got 'xxx")
    assert len(str(error)) < 160
