"""Every recorded conversation keeps the contract: what the server sent, what it accepted, and what it refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from meerkat.wire.errors import INVALID_PARAMS, METHOD_NOT_FOUND
from meerkat.wire.methods import METHODS
from meerkat_mock.contract.lines import ContractBreach, check_error, check_frame, check_notification, check_request, check_result
from meerkat_mock.contract.params import InvalidParams, decode_params

if TYPE_CHECKING:
    from collections.abc import Iterator

GOLDENS = Path(__file__).parents[3] / "meerkat_mock" / "conform" / "goldens"
UNREADABLE = ("Missing params", "Invalid params: ", "invalid params: ")
RECORDINGS = sorted(GOLDENS.rglob("*.jsonl"))


class Exchange(NamedTuple):
    line: int
    method: str
    params: object
    present: bool
    answer: dict[str, Any]


def messages(recording: Path) -> Iterator[tuple[int, str, dict[str, Any]]]:
    for number, text in enumerate(recording.read_text().splitlines(), start=1):
        entry = json.loads(text)
        if entry.get("dir") in ("<", ">") and isinstance(entry.get("msg"), dict):
            yield number, entry["dir"], entry["msg"]


def exchanges(recording: Path) -> Iterator[Exchange]:
    asked: dict[tuple[type, object], dict[str, Any]] = {}
    for number, direction, message in messages(recording):
        identity = (type(message.get("id")), message.get("id")) if isinstance(message.get("id"), (int, str)) else None
        if identity is None:
            continue
        if direction == ">" and message.get("method") in METHODS:
            asked[identity] = message
        elif direction == "<" and "method" not in message and identity in asked:
            request = asked[identity]
            yield Exchange(number, request["method"], request.get("params"), "params" in request, message)


def refusal_of(told: Exchange) -> InvalidParams | None:
    try:
        decode_params(METHODS[told.method], told.params, told.present)
    except InvalidParams as refusal:
        return refusal
    return None


def breach_of(message: dict[str, Any]) -> ContractBreach | None:
    check = check_request if "id" in message else check_notification
    return check(message["method"], message["params"])


def breach_of_answer(told: Exchange) -> ContractBreach | None:
    if "result" in told.answer:
        return check_result(told.method, told.answer["result"])
    return check_error(told.method, told.answer["error"]["code"])


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_line_of_the_server_keeps_the_contract(recording: Path) -> None:
    breaches = [(line, breach_of(sent)) for line, direction, sent in messages(recording) if direction == "<" and "method" in sent]
    breaches += [(told.line, breach_of_answer(told)) for told in exchanges(recording)]
    assert [f"line {line}: {breach}" for line, breach in breaches if breach] == []


def test_every_frame_of_a_live_channel_keeps_the_contract() -> None:
    lines = [line for recording in (GOLDENS / "live").glob("*.jsonl") for line in recording.read_text().splitlines()]
    entries = [json.loads(line) for line in lines]
    sent = [entry["frame"] for entry in entries if entry.get("dir") == "ws<" and "frame" in entry]
    assert len(sent) > 100
    assert [str(breach) for frame in sent if (breach := check_frame(frame))] == []


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_params_are_read_where_the_server_read_them_and_refused_in_its_words_where_it_did_not(recording: Path) -> None:
    for told in exchanges(recording):
        error = told.answer.get("error", {"code": 0, "message": ""})
        refusal = refusal_of(told)
        if error["code"] == INVALID_PARAMS and error["message"].startswith(UNREADABLE):
            assert refusal is not None, f"line {told.line}: {error['message']}"
            assert refusal.message == error["message"], f"line {told.line}"
        elif error["code"] != METHOD_NOT_FOUND:
            assert refusal is None, f"line {told.line}: {refusal and refusal.message}"


def test_there_are_recordings_of_every_area() -> None:
    assert {path.parent.name for path in RECORDINGS} >= {"auth", "events", "live", "mobs", "sessions", "surfaces", "transport"}
