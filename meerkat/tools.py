"""Callback tools: functions of the application that a model may call (spec 01, section 9; spec 08, 3.3).

A handler takes the arguments of the call, a dict, and may be a coroutine function or a plain one; a plain one runs on the event loop, so
one that takes its time belongs into `asyncio.to_thread`. A handler that wants to know more declares it: a parameter named `tool_use_id`
gets the id of the call, a parameter annotated `ToolCall` gets the whole call.

    async def forecast(arguments: dict[str, Any], call: ToolCall) -> dict[str, Any]:
        return {"city": arguments["city"], "asked_by": call.tool_use_id}

The wire carries text alone: text goes as it is, None as "", everything else as JSON. What a handler raises becomes an error result and
never reaches the connection. This module knows nothing of the connection.
"""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class ToolCall:
    """One call of a tool: its id (None when the server gave none), the name of the tool, its arguments."""

    tool_use_id: str | None
    name: str
    arguments: dict[str, Any]


@dataclass
class ToolRegistration:
    """One registered tool, as the server is told of it and as it is called here."""

    name: str
    description: str
    input_schema: dict[str, Any]
    handler: Callable[..., Any]


class ToolRegistry:
    """The callback tools of one client, by name."""

    def __init__(self) -> None:
        self._tools: dict[str, ToolRegistration] = {}

    def register(
        self,
        name: str,
        handler: Callable[..., Any],
        *,
        description: str = "",
        input_schema: dict[str, Any] | None = None,
    ) -> None:
        """Add a tool or replace the one of that name; without a schema any object is accepted."""
        self._tools[name] = ToolRegistration(name, description or f"Tool: {name}", input_schema or {"type": "object"}, handler)

    def definitions(self) -> list[dict[str, Any]]:
        """Return what `tools/register` sends."""
        return [{"name": tool.name, "description": tool.description, "input_schema": tool.input_schema} for tool in self._tools.values()]

    async def handle(self, name: str, arguments: dict[str, Any], *, tool_use_id: str | None = None) -> tuple[str, bool]:
        """Call a tool and return its result as text, and whether it is an error. Raises only when this very call is cancelled."""
        tool = self._tools.get(name)
        if tool is None:
            return f"Unknown tool: {name}", True
        try:
            return as_text(await _call(tool.handler, ToolCall(tool_use_id, name, arguments))), False
        except Exception as error:
            return f"Tool error: {str(error) or type(error).__name__}", True

    def __len__(self) -> int:
        return len(self._tools)

    def __bool__(self) -> bool:
        return bool(self._tools)


async def _call(handler: Callable[..., Any], call: ToolCall) -> object:
    try:
        result = handler(*_first_argument(handler, call), **_declared(handler, call))
    except asyncio.CancelledError:
        raise _HandlerCancelledError from None
    return await _shielded(result) if inspect.isawaitable(result) else result


class _HandlerCancelledError(Exception):
    """A handler was cancelled from within, while nobody cancelled the call."""

    def __str__(self) -> str:
        return "the tool was cancelled"


async def _shielded(work: Awaitable[object]) -> object:
    """Await `work` in a task of its own: its cancellation is its result, while that of the caller is passed on to it."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait({task})
        raise
    if task.cancelled():
        raise _HandlerCancelledError
    return task.result()


def _first_argument(handler: Callable[..., Any], call: ToolCall) -> tuple[object, ...]:
    parameters = _parameters(handler)
    first = next(iter(parameters.values()), None)
    wants_call = first is not None and _names_tool_call(first.annotation)
    return (call if wants_call else call.arguments,)


def _declared(handler: Callable[..., Any], call: ToolCall) -> dict[str, object]:
    wanted: dict[str, object] = {}
    for parameter in list(_parameters(handler).values())[1:]:
        if parameter.kind is parameter.VAR_POSITIONAL or parameter.kind is parameter.VAR_KEYWORD:
            continue
        if _names_tool_call(parameter.annotation):
            wanted[parameter.name] = call
        elif parameter.name == "tool_use_id":
            wanted[parameter.name] = call.tool_use_id
    return wanted


def _parameters(handler: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(handler).parameters
    except (TypeError, ValueError):  # some callables written in C have no signature
        return {}


def _names_tool_call(annotation: object) -> bool:
    """Tell whether an annotation, postponed or not, is `ToolCall`; one that cannot be evaluated is judged by its text."""
    return annotation is ToolCall or (isinstance(annotation, str) and annotation.rpartition(".")[2] == ToolCall.__name__)


def as_text(result: object) -> str:
    """Return a tool's result as the text that the wire carries. Raises `TypeError` for bytes, `ValueError` for NaN and infinities."""
    if isinstance(result, str):
        return result
    if result is None:
        return ""
    if isinstance(result, (bytes, bytearray, memoryview)):
        raise TypeError("a tool must return text or what can be written as JSON, not bytes; encode them, for example as base64")
    return json.dumps(result, default=_jsonable, ensure_ascii=False, allow_nan=False)


def _jsonable(value: object) -> object:
    """Give JSON a form for what it does not know: dataclasses as objects, sets as lists, dates, paths and the like as their text."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, (set, frozenset)):
        return sorted(cast("set[object]", value), key=str)
    if isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError("bytes cannot be written as JSON; encode them, for example as base64")
    return str(value)
