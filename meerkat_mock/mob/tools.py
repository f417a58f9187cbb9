"""The tools that every member has: talking to its peers (spec 04, section 9.2), and the change of scope that its first turn tells (7.2)."""

from __future__ import annotations

import json
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from meerkat.wire.methods import wire_type
from meerkat_mock.agent.ports import ToolOutcome
from meerkat_mock.contract.params import InvalidParams, decode_value
from meerkat_mock.contract.texts import uuid_fault
from meerkat_mock.reading import described
from meerkat_mock.session.tools import failed, scope_reloaded, sorted_keys
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import Event, JsonObject
    from meerkat_mock.session.state import Session

    Ask = Callable[[str, JsonObject], Json]
    """Calls a method of the runtime: its name and its params. Raises `Fault`."""

_PEER = ("peer_id",)
_SENDS: Mapping[str, tuple[str, tuple[str, ...], str]] = MappingProxyType(
    {
        "send_message": ("peer_message", (*_PEER, "body", "handling_mode"), "CommsSendParamsPeerMessage"),
        "send_request": ("peer_request", (*_PEER, "intent", "params", "handling_mode"), "CommsSendParamsPeerRequest"),
        "send_response": ("peer_response", (*_PEER, "in_reply_to", "status"), "CommsSendParamsPeerResponse"),
    }
)
"""The kind of send behind each tool, the arguments that it cannot do without, and the params of `comms/send` that they make."""
_UUIDS = ("in_reply_to", "peer_id")
_TEXTS = (*_UUIDS, "body", "intent", "handling_mode", "status")
_DESCRIPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "send_message": "Send a message to a peer.",
        "send_request": "Ask a peer for something.",
        "send_response": "Answer a request of a peer.",
        "peers": "List the peers.",
        "tool_catalog_search": "Search for tools.",
        "tool_catalog_load": "Load tools.",
    }
)


class BadArguments(Exception):
    """Arguments that a tool cannot read; `str()` is what follows `Invalid arguments: `."""


class MemberTools:
    """The tools of one member's session; an ordinary session gets nothing from here."""

    def __init__(self, session: Session, ask: Ask) -> None:
        self._session = session
        self._ask = ask
        self._scope_due = session.owner is not None and session.staged

    def visible(self) -> Mapping[str, JsonObject]:
        """Return the definitions by name."""
        return _definitions() if self._session.owner is not None else {}

    async def call(self, call_id: str, name: str, arguments: JsonObject) -> ToolOutcome:
        """Talk to a peer, in the server; a failure is told to the model."""
        if name.startswith("tool_catalog"):
            return failed("tool_unavailable", f"Tool '{name}' unavailable: this simulation has no {name}; script its answer with `result:`")
        try:
            value = self._ask("comms/peers", {"session_id": self._session.id}) if name == "peers" else self._sent(name, arguments)
        except BadArguments as fault:
            return _execution_failed(f"Invalid arguments: {fault}")
        except Fault as fault:
            return _execution_failed(_told(fault))
        text = json.dumps(sorted_keys(value), ensure_ascii=False, separators=(",", ":"))
        return ToolOutcome(({"type": "text", "text": text},))

    def _sent(self, name: str, arguments: JsonObject) -> JsonObject:
        kind, needed, wire_name = _SENDS[name]
        _check(arguments, needed)
        more = {key: value for key, value in arguments.items() if key in (*needed, "result", "blocks") and key != "peer_id"}
        if kind == "peer_request":
            more["stream"] = "reserve_interaction"  # as the receipt of every request of a member says
        params: JsonObject = {"session_id": self._session.id, "kind": kind, "to": arguments["peer_id"], **more}
        return {"kind": kind, "receipt": self._ask("comms/send", _read(wire_name, params)), "status": "sent"}

    def changes(self, turn_number: int) -> Sequence[Event]:
        """Return the change of scope once, before the first model call of the session's first agent."""
        if not self._scope_due:
            return ()
        self._scope_due = False
        return (scope_reloaded(turn_number),)

    def finished_jobs(self) -> Sequence[Event]:
        """No job ever runs."""
        return ()


def _check(arguments: JsonObject, needed: tuple[str, ...]) -> None:
    """Raise `BadArguments` for the first argument, in the order of names, that is no such thing, then for the first that is missing."""
    for key in sorted(arguments):
        value = arguments[key]
        if key in _TEXTS and key in needed and not isinstance(value, str):
            raise BadArguments(f"invalid type: {described(value)}, expected a string")
        if key in _UUIDS and (fault := uuid_fault(str(value))) is not None:
            raise BadArguments(f"UUID parsing failed: {fault}")
        if key == "handling_mode" and value not in ("queue", "steer"):
            raise BadArguments(f"unknown variant `{value}`, expected `queue` or `steer`")
    for key in needed:
        if key not in arguments:
            raise BadArguments(f"missing field `{key}`")


def _read(wire_name: str, params: JsonObject) -> JsonObject:
    """Return params as `comms/send` reads them. Raises `BadArguments`."""
    try:
        return cast("JsonObject", decode_value(wire_type("comms", wire_name), params))
    except InvalidParams as fault:
        raise BadArguments(fault.message) from None


def _execution_failed(text: str) -> ToolOutcome:
    return failed("execution_failed", f"Tool execution failed: {text}")


def _told(fault: Fault) -> str:
    """Return a refused send as a tool tells it: a peer that is not there by its code, everything else by its text alone."""
    data = fault.error.data
    code = data.get("code") if isinstance(data, dict) else None
    known = isinstance(code, str) and code.startswith("peer_")
    return f"{code}: {fault.error.message}" if known else fault.error.message


@cache
def _definitions() -> Mapping[str, JsonObject]:
    """Return the definitions, shared by all members."""
    return MappingProxyType({name: _definition(name, text) for name, text in _DESCRIPTIONS.items()})


def _definition(name: str, text: str) -> JsonObject:
    needed = _SENDS[name][1] if name in _SENDS else ()
    properties: JsonObject = {key: {"type": "string"} if key in _TEXTS else {} for key in needed}
    schema: JsonObject = {"type": "object", "properties": properties, "required": [*needed]}
    return {"name": name, "description": text, "input_schema": schema, "provenance": {"kind": "comms", "source_id": "comms"}}
