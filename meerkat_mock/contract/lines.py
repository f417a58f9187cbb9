"""Checks every line that crosses against the contract: results, notifications and requests of the server, params of a client.

Owns the verdict on a line; does not know who sent it or what to do about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

from pydantic_core import ValidationError

from meerkat.wire.errors import METHOD_NOT_FOUND
from meerkat.wire.methods import METHODS, NOTIFICATIONS, SERVER_REQUESTS, Notification, wire_type
from meerkat_mock.contract.adapters import adapter, notification_adapter, tolerant_adapter

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_core import ErrorDetails

    _Checker: TypeAlias = Callable[[object], object]

_SHOWN_CHARACTERS = 120
"""How much of an offending value a breach quotes."""


@dataclass(frozen=True)
class ContractBreach(Exception):
    """One place where a line departs from the contract: where, what the contract says, and what was there."""

    subject: str
    """The method, notification or request whose line it is."""
    path: str
    """The place inside, as `sessions[0].labels`; empty for the whole."""
    expected: str
    got: str

    def __str__(self) -> str:
        place = f"{self.subject}: {self.path}" if self.path else self.subject
        return f"{place}: expected {self.expected}, got {self.got}"


def check_result(method: str, result: object) -> ContractBreach | None:
    """Return what is wrong with the result of a method, None when it keeps the contract."""
    checker = _result_checker(method)
    return None if checker is None else _verdict(method, checker, result)


def check_notification(name: str, params: object) -> ContractBreach | None:
    """Return what is wrong with the params of a notification, None when they keep the contract."""
    checker = _notification_checker(name)
    if checker is None:
        return ContractBreach(name, "", "one of " + ", ".join(NOTIFICATIONS), name)
    return _verdict(name, checker, params)


def keeps_contract(name: str, line: bytes) -> bool:
    """Tell whether a line is sure to be a notification that keeps the contract, without reading it first; False when in doubt."""
    checker = _line_checker(name)
    if checker is None:
        return False
    try:
        checker(line)
    except ValidationError:
        return False
    return True


def check_request(name: str, params: object) -> ContractBreach | None:
    """Return what is wrong with a request that the server makes of its client, None when it keeps the contract."""
    row = SERVER_REQUESTS.get(name)
    if row is None:
        return ContractBreach(name, "", "one of " + ", ".join(SERVER_REQUESTS), name)
    return _verdict(name, _request_checker(name), params)


def check_error(method: str, code: int) -> ContractBreach | None:
    """Return a breach if a method answers an error code that it never has, None otherwise."""
    row = METHODS.get(method)
    known = (METHOD_NOT_FOUND, *row.errors) if row else (METHOD_NOT_FOUND,)
    return None if code in known else ContractBreach(method, "error.code", "one of " + ", ".join(map(str, known)), str(code))


def check_frame(frame: object) -> ContractBreach | None:
    """Return what is wrong with a frame that the server sends on the WebSocket of a live channel."""
    return _verdict("live frame", _frame_checker(), frame)


@cache
def _frame_checker() -> _Checker:
    return adapter(wire_type("live", "LiveServerFrame")).validate_python


@cache
def _result_checker(method: str) -> _Checker | None:
    row = METHODS.get(method)
    return None if row is None else adapter(row.result).validate_python


@cache
def _request_checker(name: str) -> _Checker:
    return adapter(SERVER_REQUESTS[name].params).validate_python


@cache
def _notification_checker(name: str) -> _Checker | None:
    row = NOTIFICATIONS.get(name)
    return None if row is None else _params_checker(row)


@cache
def _line_checker(name: str) -> Callable[[bytes], object] | None:
    row = NOTIFICATIONS.get(name)
    if row is None or row.params is None or row.sender != "server":
        return None
    return notification_adapter(row.params).validate_json


def _params_checker(row: Notification) -> _Checker:
    if row.params is None:
        return lambda value: value
    build = adapter if row.sender == "server" else tolerant_adapter
    return build(row.params).validate_python


def _verdict(subject: str, checker: _Checker, value: object) -> ContractBreach | None:
    try:
        checker(value)
    except ValidationError as error:
        return _breach(subject, error)
    return None


def _breach(subject: str, error: ValidationError) -> ContractBreach:
    first = error.errors(include_url=False)[0]
    return ContractBreach(subject, _path(first), _expected(first), _shown(first["input"], first["type"]))


def _path(detail: ErrorDetails) -> str:
    path = ""
    for step in detail["loc"]:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    return path


def _expected(detail: ErrorDetails) -> str:
    match detail["type"]:
        case "missing":
            return "this field"
        case "extra_forbidden":
            return "no such field"
        case _:
            return detail["msg"].removeprefix("Input should be ").removeprefix("Value error, ")


def _shown(value: object, kind: str) -> str:
    if kind == "missing":
        return "nothing"
    text = repr(value)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."
