"""The tools of one live agent, as its session sees them: the application's, the runtime's own, and what changes about them.

Callback tools are bound to the connection that held the callback slot when the agent was built (spec 01, sections 1 and 9.2). Builtin
tools exist by name: the scripted model may call them, and unless the scenario answers, they answer the little that is said below.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol, cast

from meerkat.rpc import Failure
from meerkat_mock.agent.ports import ToolOutcome, ToolRefused
from meerkat_mock.clock import within
from meerkat_mock.reading import described

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Mapping, Sequence

    from meerkat.rpc import Result
    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import Event, JsonObject, ToolOverlay
    from meerkat_mock.clock import Clock
    from meerkat_mock.connection import Connection

ANSWER_LIMIT_SECONDS = 30.0
"""How long the client may take to answer `tool/execute` (spec 01, section 9.5); no configuration changes it."""

CALLBACK_PROVENANCE: JsonObject = {"kind": "callback", "source_id": "callback"}


class ToolSource(Protocol):
    """Tools that another surface adds to a session: those of MCP servers, the runtime's own."""

    def visible(self) -> Mapping[str, JsonObject]:
        """Return the definitions by name."""
        ...

    def call(self, call_id: str, name: str, arguments: JsonObject) -> Awaitable[ToolOutcome]:
        """Carry a call out."""
        ...

    def changes(self, turn_number: int) -> Sequence[Event]:
        """Return the `tool_config_changed` events that are due, and count them as told."""
        ...

    def finished_jobs(self) -> Sequence[Event]:
        """Return the `background_job_completed` events that are due."""
        ...


class SessionTools:
    """Implements `agent.ports.Tools` for one incarnation of a session."""

    def __init__(
        self, connection: Connection | None, external: Mapping[str, JsonObject], sources: Sequence[ToolSource], clock: Clock
    ) -> None:
        self._connection = connection
        self._external = external
        self._sources = sources
        self._clock = clock
        self._told: set[str] = set(connection.tools) if connection is not None else set()

    def visible(self) -> dict[str, JsonObject]:
        """Return what the model is offered: a session's own tool wins over a registered one, that over one of the runtime."""
        tools: dict[str, JsonObject] = {}
        for source in self._sources:
            tools.update(source.visible())
        if self._connection is not None:
            tools.update(self._connection.tools)
        tools.update(self._external)
        return tools

    def check(self, name: str, overlay: ToolOverlay | None) -> None:
        """Raise `ToolRefused` for a tool that is not there, or hidden by this turn's overlay (spec 02, section 16.9)."""
        if not self._knows(name):
            raise ToolRefused(f"Tool not found: {name}")
        if overlay is not None and (name in overlay.blocked or (overlay.allowed is not None and name not in overlay.allowed)):
            raise ToolRefused(f"Tool '{name}' is not allowed by policy")

    def _knows(self, name: str) -> bool:
        if name in self._external or (self._connection is not None and name in self._connection.tools):
            return True
        return any(name in source.visible() for source in self._sources)

    async def call(self, call_id: str, name: str, arguments: JsonObject) -> ToolOutcome:
        """Ask the application, or the source of the tool."""
        if name not in self._external and (self._connection is None or name not in self._connection.tools):
            for source in self._sources:
                if name in source.visible():
                    return await source.call(call_id, name, arguments)
        return await self._ask(call_id, name, arguments)

    def boundary_changes(self, turn_number: int) -> list[Event]:
        """Tell of tools that were registered since the last boundary: one `add` each, then one `reload` (spec 03, section 3.6)."""
        added: list[str] = []
        if self._connection is not None:
            added = [name for name in self._connection.tools if name not in self._told]
            self._told.update(added)
        events = [_tool_added(name, turn_number) for name in added]
        for source in self._sources:
            events.extend(source.changes(turn_number))
        if added and not any(_of_scope(event) for event in events):
            events.append(scope_reloaded(turn_number))
        return events

    def finished_jobs(self) -> list[Event]:
        """Return the ends of background jobs that are due."""
        return [event for source in self._sources for event in source.finished_jobs()]

    async def _ask(self, call_id: str, name: str, arguments: JsonObject) -> ToolOutcome:
        connection = self._connection
        if connection is None or connection.closed:
            return failed("execution_failed", "Tool execution failed: Callback channel closed")
        params: JsonObject = {"arguments": sorted_keys(arguments), "name": name, "tool_use_id": call_id}
        request_id, answer = connection.ask("tool/execute", params)
        try:
            why = f"the client answers tool/execute {request_id} ({name})"
            in_time = await within(self._clock, ANSWER_LIMIT_SECONDS, why, cast("asyncio.Future[object]", answer))
        finally:
            if not answer.done():
                connection.forget(request_id)
        if not in_time:
            return failed("execution_failed", f"Tool execution failed: Callback tool '{name}' timed out after 30s")
        if answer.cancelled():
            return failed("execution_failed", "Tool execution failed: Callback response channel dropped")
        return outcome_of(answer.result())


def sorted_keys(value: Json) -> Json:
    """Return a value with the keys of its objects in order, as the server passes arguments on."""
    if isinstance(value, dict):
        return {key: sorted_keys(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [sorted_keys(item) for item in value]
    return value


def failed(code: str, message: str) -> ToolOutcome:
    """Return what the model is told when a call could not be carried out (spec 01, section 9.5)."""
    text = json.dumps({"error": code, "message": message}, ensure_ascii=False, separators=(",", ":"))
    return ToolOutcome(({"type": "text", "text": text},), is_error=True)


def outcome_of(answer: Result | Failure) -> ToolOutcome:
    """Return what an answer to `tool/execute` comes to (spec 01, sections 9.4 and 9.5)."""
    if isinstance(answer, Failure):
        return failed("execution_failed", f"Tool execution failed: {answer.error.message}")
    if answer.result is None:
        return failed("execution_failed", "Tool execution failed: Callback response missing result")
    try:
        content, is_error = _callback_result(answer.result)
    except _Unreadable as reason:
        return failed("execution_failed", f"Tool execution failed: Failed to parse callback result: {reason}")
    return ToolOutcome(({"type": "text", "text": content},), is_error=is_error)


class _Unreadable(Exception):
    """A result that is no `{content, is_error}`; `str()` is the JSON library's text, place included."""


def _callback_result(result: Json) -> tuple[str, bool]:
    if isinstance(result, list):
        return _by_position(result)
    if not isinstance(result, dict):
        raise _Unreadable(f"invalid type: {described(result)}, expected struct CallbackResult at line 1 column {_taken(result)}")
    content, is_error = result.get("content", ""), result.get("is_error", False)
    for key in sorted(result):
        if key == "content" and not isinstance(content, str):
            raise _Unreadable(f"invalid type: {described(content)}, expected a string at line 1 column {_place(result, key)}")
        if key == "is_error" and not isinstance(is_error, bool):
            raise _Unreadable(f"invalid type: {described(is_error)}, expected a boolean at line 1 column {_place(result, key)}")
    return str(content), bool(is_error)


def _by_position(result: list[Json]) -> tuple[str, bool]:
    content = result[0] if result else ""
    is_error = result[1] if len(result) > 1 else False
    if not isinstance(content, str):
        raise _Unreadable(f"invalid type: {described(content)}, expected a string at line 1 column {1 + _taken(content)}")
    if not isinstance(is_error, bool):
        column = 2 + _length(content) + _taken(is_error)
        raise _Unreadable(f"invalid type: {described(is_error)}, expected a boolean at line 1 column {column}")
    if len(result) > 2:
        raise _Unreadable(f"trailing characters at line 1 column {3 + _length(content) + _length(is_error)}")
    return content, is_error


def _place(result: dict[str, Json], key: str) -> int:
    """Return the column where the reader stands; keys are sorted, JSON is compact."""
    before = sum(_length(name) + _length(result[name]) + 2 for name in result if name < key)
    return 1 + before + _length(key) + 1 + _taken(result[key])


def _taken(value: Json) -> int:
    """Return how much of a value of the wrong type is read: a scalar is, a container is not."""
    return 0 if isinstance(value, (list, dict)) else _length(value)


def _length(value: Json) -> int:
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def _of_scope(event: Event) -> bool:
    payload = event.get("payload")
    return isinstance(payload, dict) and payload.get("domain") == "tool_scope"


def _tool_added(name: str, turn_number: int) -> Event:
    return {
        "type": "tool_config_changed",
        "payload": {
            "operation": "add",
            "target": f"callback:{name}",
            "status": "applied",
            "status_info": {"kind": "external_tool_delta", "phase": "applied"},
            "persisted": True,
            "applied_at_turn": turn_number,
        },
    }


def scope_reloaded(turn_number: int) -> Event:
    """Return the event that tells of a change of the whole scope of tools."""
    return {
        "type": "tool_config_changed",
        "payload": {
            "operation": "reload",
            "target": "tool_scope",
            "status": "boundary_applied(base_changed=true,visible_changed=true,revision=0)",
            "status_info": {"kind": "boundary_applied", "base_changed": True, "visible_changed": True, "revision": 0},
            "persisted": False,
            "applied_at_turn": turn_number,
            "domain": "tool_scope",
        },
    }
