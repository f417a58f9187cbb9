"""Callback tools: what a handler is given, what becomes of its result, and what of its failure."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from datetime import date
from typing import Any

import pytest

from meerkat.tools import ToolCall, ToolRegistration, ToolRegistry


@dataclasses.dataclass
class Forecast:
    city: str
    days: list[date]


def registry_with(handler: Any, **options: Any) -> ToolRegistry:
    registry = ToolRegistry()
    registry.register("tool", handler, **options)
    return registry


async def result_of(returned: object) -> tuple[str, bool]:
    async def handler(arguments: dict[str, Any]) -> object:
        return returned

    return await registry_with(handler).handle("tool", {})


def test_a_registry_is_true_once_it_holds_a_tool() -> None:
    registry = ToolRegistry()
    assert not registry
    assert len(registry) == 0
    registry.register("tool", print)
    assert registry
    assert len(registry) == 1


def test_a_tool_without_description_and_schema_gets_the_documented_ones() -> None:
    assert registry_with(print).definitions() == [{"name": "tool", "description": "Tool: tool", "input_schema": {"type": "object"}}]


def test_a_second_registration_of_a_name_replaces_the_first() -> None:
    registry = registry_with(print, description="one")
    registry.register("tool", print, description="two", input_schema={"type": "string"})
    assert registry.definitions() == [{"name": "tool", "description": "two", "input_schema": {"type": "string"}}]


def test_a_registration_is_a_plain_record() -> None:
    assert ToolRegistration("tool", "what it does", {}, print).handler is print


@pytest.mark.parametrize(
    ("returned", "text"),
    [
        ("as it is", "as it is"),
        ("", ""),
        (None, ""),
        ({"a": [1, None, "ü"]}, '{"a": [1, null, "ü"]}'),
        ([{"type": "text", "text": "x"}], '[{"type": "text", "text": "x"}]'),
        (True, "true"),
        (1.5, "1.5"),
        ({"when": date(2026, 1, 2), "who": {"b", "a"}}, '{"when": "2026-01-02", "who": ["a", "b"]}'),
        (Forecast("Oslo", [date(2026, 1, 2)]), '{"city": "Oslo", "days": ["2026-01-02"]}'),
    ],
)
async def test_a_result_becomes_text(returned: object, text: str) -> None:
    assert await result_of(returned) == (text, False)


@pytest.mark.parametrize(
    ("returned", "reason"),
    [
        (b"png", "Tool error: a tool must return text or what can be written as JSON, not bytes; encode them, for example as base64"),
        ({"data": b"png"}, "Tool error: bytes cannot be written as JSON; encode them, for example as base64"),
        (float("nan"), "Tool error: Out of range float values are not JSON compliant"),
    ],
)
async def test_a_result_that_cannot_be_text_is_an_error_that_says_why(returned: object, reason: str) -> None:
    text, is_error = await result_of(returned)
    assert is_error
    assert text.startswith(reason)


async def test_a_plain_function_may_be_a_handler() -> None:
    assert await registry_with(lambda arguments: arguments["a"] + 1).handle("tool", {"a": 1}) == ("2", False)


async def test_an_unknown_tool_is_an_error_result() -> None:
    assert await ToolRegistry().handle("missing", {}) == ("Unknown tool: missing", True)


@pytest.mark.parametrize(("error", "text"), [(ValueError("no such city"), "no such city"), (TimeoutError(), "TimeoutError")])
async def test_what_a_handler_raises_becomes_an_error_result(error: Exception, text: str) -> None:
    async def handler(arguments: dict[str, Any]) -> str:
        raise error

    assert await registry_with(handler).handle("tool", {}) == (f"Tool error: {text}", True)


async def test_a_handler_that_is_cancelled_from_within_is_answered() -> None:
    async def handler(arguments: dict[str, Any]) -> str:
        raise asyncio.CancelledError

    def plain(arguments: dict[str, Any]) -> str:
        raise asyncio.CancelledError

    assert await registry_with(handler).handle("tool", {}) == ("Tool error: the tool was cancelled", True)
    assert await registry_with(plain).handle("tool", {}) == ("Tool error: the tool was cancelled", True)


async def test_cancelling_the_call_cancels_the_handler_and_waits_for_its_end() -> None:
    steps: list[str] = []
    started = asyncio.Event()

    async def handler(arguments: dict[str, Any]) -> str:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            steps.append("handler ended")
        return "never"

    call = asyncio.ensure_future(registry_with(handler).handle("tool", {}))
    await started.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert steps == ["handler ended"]


async def test_a_handler_gets_the_id_of_the_call_when_it_declares_it() -> None:
    async def handler(arguments: dict[str, Any], *, tool_use_id: str | None) -> str:
        return f"{tool_use_id} {arguments}"

    assert await registry_with(handler).handle("tool", {"a": 1}, tool_use_id="t1") == ("t1 {'a': 1}", False)


async def test_a_handler_gets_the_whole_call_where_it_is_annotated() -> None:
    async def second(arguments: dict[str, Any], call: ToolCall, *more: object, **others: object) -> str:
        return json.dumps([arguments, call.name, call.tool_use_id, list(more), others])

    async def first(call: ToolCall) -> str:
        return call.name

    assert await registry_with(second).handle("tool", {"a": 1}, tool_use_id="t1") == ('[{"a": 1}, "tool", "t1", [], {}]', False)
    assert await registry_with(first).handle("tool", {}) == ("tool", False)


async def test_parameters_with_defaults_of_their_own_are_left_alone() -> None:
    async def handler(arguments: dict[str, Any], unit: str = "C") -> str:
        return unit

    assert await registry_with(handler).handle("tool", {}) == ("C", False)


async def test_a_callable_without_a_signature_gets_the_arguments() -> None:
    assert await registry_with(dict).handle("tool", {"a": 1}) == ('{"a": 1}', False)
