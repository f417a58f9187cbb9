"""Tools called on a live channel: only callback tools run, and only their success lets the model go on (spec 07, section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from meerkat_mock.clock import within
from meerkat_mock.session.tools import ANSWER_LIMIT_SECONDS, outcome_of, sorted_keys

if TYPE_CHECKING:
    import asyncio

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.connection import Connection
    from meerkat_mock.runtime import Runtime


async def run_tool(runtime: Runtime, observation: JsonObject) -> bool:
    """Have the application carry out a call that was announced; return whether it succeeded. Any other tool is unknown here."""
    connection, name = runtime.current, str(observation["tool_name"])
    if connection is None or name not in connection.tools:
        return False
    params: Json = {
        "arguments": sorted_keys(observation["arguments"]),
        "name": name,
        "tool_use_id": observation["provider_call_id"],
    }
    return await _ask(runtime, connection, name, params)


async def _ask(runtime: Runtime, connection: Connection, name: str, params: Json) -> bool:
    request_id, answer = connection.ask("tool/execute", params)
    why = f"the client answers tool/execute {request_id} ({name}) of a live channel"
    try:
        in_time = await within(runtime.clock, ANSWER_LIMIT_SECONDS, why, cast("asyncio.Future[object]", answer))
    finally:
        if not answer.done():
            connection.forget(request_id)
    return in_time and not answer.cancelled() and not outcome_of(answer.result()).is_error
