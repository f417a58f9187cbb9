"""What can go wrong, as one tree by cause; every class carries the facts of its case.

    MeerkatError                         code, message, details, capability_hint, method, request_id, data
    │   the caller asked for what cannot be done
    ├── InvalidParamsError               -32602, INVALID_ARGS: refused parameters
    ├── MethodNotFoundError              -32601, METHOD_NOT_FOUND: unknown, retired or not offered
    ├── SessionNotFoundError             -32001: unknown or archived session
    ├── SessionBusyError                 -32002: the session is being set up or has active work
    ├── DuplicateInputError              -32004: this input was processed before (never sent by 0.6.5 itself)
    ├── ScheduleNotFoundError            -32023: unknown or deleted schedule
    ├── SkillNotFoundError               -32021 (never sent by 0.6.5)
    ├── CapabilityUnavailableError       -32020, CAPABILITY_UNAVAILABLE: not offered by this server or realm
    ├── NotConnectedError                NOT_CONNECTED, CLIENT_CLOSED: no connection, or this client closed it
    ├── DeadlockError                    DEADLOCK: a tool handler would wait for the turn that waits for it
    ├── StreamNotConsumedError           STREAM_NOT_CONSUMED: a stream's result before its end
    ├── StreamNotOpenError               STREAM_NOT_OPEN: a stream used outside its `async with`
    ├── ToolRegistrationError            TOOL_REGISTRATION_FAILED: the server refused callback tools
    │   the connection failed
    ├── ServerStartError                 BINARY_NOT_FOUND and the other codes of finding, fetching and starting it
    ├── ConnectionLostError              CONNECTION_CLOSED: the server went away; reason, exit status, stderr
    ├── RequestTimeoutError              REQUEST_TIMEOUT: no answer within the deadline
    │   the server failed
    ├── RequestCancelledError            -32005: cancelled or interrupted
    ├── TurnFailedError                  -32603 of a turn: provider, budget, hook, build
    ├── TurnStalledError                 TURN_STALLED: the server will not answer this turn by itself
    ├── EventsLostError                  EVENTS_LOST: a hole in an event sequence, or an overflow
    ├── SupervisorRotationIncompleteError -32024: see `details`
    │   the contract was broken
    └── ProtocolError                    PROTOCOL_ERROR, INVALID_RESPONSE, VERSION_MISMATCH: not what 0.6.5 promises

A wire error without a class of its own is a plain `MeerkatError`. `from_wire` is the one place that maps.
This module knows nothing of transports or of the client; it only holds what they tell it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeAlias, TypeVar

from meerkat.wire.base import Json

RequestId: TypeAlias = int | str | None

_Error = TypeVar("_Error", bound="MeerkatError")


class MeerkatError(Exception):
    """The root of every error of this package; `str()` of it is the message.

    `code` is the text that the documented API promises: a wire code as text (`"-32001"`), a code that the server put into the error's
    data (`"send_failed"`), or a name of this SDK (`"NOT_CONNECTED"`). `wire_code` is the number, None for errors that arose here.
    """

    def __init__(
        self,
        code: str,
        message: str,
        details: Json = None,
        capability_hint: Json = None,
        *,
        method: str | None = None,
        request_id: RequestId = None,
        data: Json = None,
        wire_code: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
        self.capability_hint = capability_hint
        self.method = method
        self.request_id = request_id
        self.data = data
        self.wire_code = wire_code

    def __reduce__(self) -> tuple[object, ...]:
        """Rebuild from the attributes, so that copies and pickles do not depend on a constructor's signature."""
        return _rebuild, (type(self), self.args, self.__dict__)

    def for_request(self: _Error, method: str, request_id: RequestId) -> _Error:
        """Return a copy that names the request it ended: one cause fails many callers, and each raises its own."""
        error = copy.copy(self)
        error.method = method
        error.request_id = request_id
        return error


def _rebuild(cls: type[_Error], args: tuple[object, ...], state: dict[str, object]) -> _Error:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


class InvalidParamsError(MeerkatError):
    """The parameters were refused, by the server (-32602) or before anything was sent (`INVALID_ARGS`)."""


class MethodNotFoundError(MeerkatError):
    """The method does not exist, is retired, or belongs to a surface this server was started without."""


class SessionNotFoundError(MeerkatError):
    """The session is unknown, archived, or (a turn that waited behind an interrupted one) was torn down."""


class SessionBusyError(MeerkatError):
    """The session is being materialised or has active work; the call may be repeated later."""


class DuplicateInputError(MeerkatError):
    """The input was processed before."""


class ScheduleNotFoundError(MeerkatError):
    """The schedule is unknown or deleted."""


class SkillNotFoundError(MeerkatError):
    """The skill is unknown; 0.6.5 never sends this code."""


class CapabilityUnavailableError(MeerkatError):
    """The server or its realm does not offer what the call needs."""


class NotConnectedError(MeerkatError):
    """There is no connection: `connect()` was not called, or this client was closed while the call waited."""


class DeadlockError(MeerkatError):
    """A call from inside a tool handler would wait for the very turn that waits for the handler (spec 08, section 0, 4)."""

    def __init__(self, message: str, *, method: str | None = None) -> None:
        super().__init__("DEADLOCK", message, method=method)


class StreamNotConsumedError(MeerkatError):
    """The result of a stream was asked for before the stream ended."""

    def __init__(self, message: str = "Iterate the stream before accessing result") -> None:
        super().__init__("STREAM_NOT_CONSUMED", message)


class StreamNotOpenError(MeerkatError):
    """A stream was iterated without `async with`, or after it was left."""

    def __init__(self, message: str = "Open the stream first: `async with stream: async for event in stream: ...`") -> None:
        super().__init__("STREAM_NOT_OPEN", message)


class ToolRegistrationError(MeerkatError):
    """The server refused `tools/register`; `tools` names the tools that it does not know now."""

    def __init__(self, message: str, *, tools: tuple[str, ...] = (), data: Json = None) -> None:
        super().__init__("TOOL_REGISTRATION_FAILED", message, method="tools/register", data=data)
        self.tools = tools


class ServerStartError(MeerkatError):
    """The server executable could not be found, fetched or started; `code` tells which."""


class ConnectionLostError(MeerkatError):
    """The server went away: `reason`, `exit_status` (None while unknown, negative for a signal) and the last of its `stderr_tail`."""

    def __init__(self, reason: str, *, exit_status: int | None = None, stderr_tail: str = "") -> None:
        super().__init__("CONNECTION_CLOSED", _last_words(reason, exit_status, stderr_tail))
        self.reason = reason
        self.exit_status = exit_status
        self.stderr_tail = stderr_tail


def _last_words(reason: str, exit_status: int | None, stderr_tail: str) -> str:
    message = "rkat-rpc process closed"
    if reason:
        message += f": {reason}"
    if exit_status is not None:
        message += f" (killed by signal {-exit_status})" if exit_status < 0 else f" (exit status {exit_status})"
    tail = stderr_tail.strip()
    return f"{message}; the end of its standard error:\n{tail}" if tail else message


class RequestTimeoutError(MeerkatError):
    """No answer came within `seconds`; the request may still have been carried out."""

    def __init__(self, message: str, *, seconds: float, method: str | None = None, request_id: RequestId = None) -> None:
        super().__init__("REQUEST_TIMEOUT", message, method=method, request_id=request_id)
        self.seconds = seconds


class RequestCancelledError(MeerkatError):
    """The request was cancelled, or its turn interrupted, before it had an answer."""


class TurnFailedError(MeerkatError):
    """The run of a turn failed; `reason` is the runtime's own text without the prefixes of the layers above it (spec 01, 10.3).

    The server keeps the prompt of a failed turn and runs it again around the next turn of the session (spec 02, 5.4).
    """

    @property
    def reason(self) -> str:
        """The text of the innermost layer, for example `Terminal failure: Failed (RetryExhausted): retry exhausted`."""
        reason = self.message
        for prefix in _TURN_FAILURE_LAYERS:
            reason = reason.removeprefix(prefix)
        return reason


_TURN_FAILURE_LAYERS = ("turn abandoned: ", "apply failed: ", "Apply failed: ", "agent error: ")


class TurnStalledError(MeerkatError):
    """The server has taken the turn and will not answer it by itself (spec 02, 3.5 and 5.4)."""

    def __init__(self, message: str, *, session_id: str, method: str | None = None, request_id: RequestId = None) -> None:
        super().__init__("TURN_STALLED", message, method=method, request_id=request_id)
        self.session_id = session_id


class EventsLostError(MeerkatError):
    """Events of a stream are gone: `missing` lists the first and last `seq` of each hole; empty when only an overflow is known."""

    def __init__(self, message: str, *, missing: tuple[tuple[int, int], ...] = (), details: Json = None) -> None:
        super().__init__("EVENTS_LOST", message, details)
        self.missing = missing


class SupervisorRotationIncompleteError(MeerkatError):
    """Some members kept the old supervisor; `details` tells epochs, counts and how to retry (spec 04, section 15)."""


class ProtocolError(MeerkatError):
    """The other side sent what the contract does not allow.

    `path` is the place in the result for `INVALID_RESPONSE`, such as `usage.input_tokens`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        details: Json = None,
        capability_hint: Json = None,
        *,
        path: str = "",
        method: str | None = None,
        request_id: RequestId = None,
        data: Json = None,
        wire_code: int | None = None,
    ) -> None:
        super().__init__(code, message, details, capability_hint, method=method, request_id=request_id, data=data, wire_code=wire_code)
        self.path = path


_BY_CODE: Final[Mapping[int, type[MeerkatError]]] = MappingProxyType(
    {
        -32700: ProtocolError,
        -32601: MethodNotFoundError,
        -32602: InvalidParamsError,
        -32001: SessionNotFoundError,
        -32002: SessionBusyError,
        -32004: DuplicateInputError,
        -32005: RequestCancelledError,
        -32020: CapabilityUnavailableError,
        -32021: SkillNotFoundError,
        -32023: ScheduleNotFoundError,
        -32024: SupervisorRotationIncompleteError,
    }
)

_BY_METHOD_AND_CODE: Final[Mapping[tuple[str, int], type[MeerkatError]]] = MappingProxyType(
    {
        # `schedule/call` numbers its errors in its own way (spec 05, section 2)
        ("schedule/call", -32001): CapabilityUnavailableError,
        ("schedule/call", -32004): ScheduleNotFoundError,
        # every way a run can fail collapses to this one code (spec 01, 10.3)
        ("session/create", -32603): TurnFailedError,
        ("turn/start", -32603): TurnFailedError,
        ("mob/turn_start", -32603): TurnFailedError,
        ("help/ask", -32603): TurnFailedError,
    }
)


def from_wire(error: Json, method: str | None = None, request_id: RequestId = None) -> MeerkatError:
    """Return the exception for the `error` member of an answer, whatever shape it has (spec 08, 3.1).

    Unlike the reference, the message is never parsed as JSON, and known codes get their class.
    """
    if not isinstance(error, dict):
        return ProtocolError(
            "UNKNOWN", f"The server answered with an error that is no object: {error!r}", method=method, request_id=request_id, data=error
        )
    data = error.get("data")
    facts = data if isinstance(data, dict) else {}
    wire_code = error.get("code")
    number = wire_code if type(wire_code) is int else None
    return _class_of(method, number)(
        str(facts.get("code") or ("UNKNOWN" if wire_code is None else wire_code)),
        str(error.get("message") or facts.get("message") or "Unknown error"),
        facts.get("details", facts.get("reason", data)),
        facts.get("capability_hint"),
        method=method,
        request_id=request_id,
        data=data,
        wire_code=number,
    )


def _class_of(method: str | None, code: int | None) -> type[MeerkatError]:
    if code is None:
        return MeerkatError
    return _BY_METHOD_AND_CODE.get((method or "", code)) or _BY_CODE.get(code, MeerkatError)


def invalid_response(context: str, path: str, expected: str, found: object) -> ProtocolError:
    """Return the error for a result that is not what the contract promises: `Invalid run result: usage.input_tokens must be number`."""
    return ProtocolError("INVALID_RESPONSE", f"{context}: {path} must be {expected}, got {_glimpse(found)}", path=path)


_GLIMPSE_CHARS = 60
"""Enough to recognise a value, too little to flood a log with it."""


def _glimpse(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _GLIMPSE_CHARS else text[:_GLIMPSE_CHARS] + "…"
