"""What a server asks of a chat-completions endpoint: the body of the request (the sister of `world.endpoint`, at the other end)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.world.model import ModelRequest


def body_of(request: ModelRequest, remote_model: str) -> JsonObject:
    """Return the body of a streamed chat-completions request."""
    body: JsonObject = {
        "model": remote_model,
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [message for item in request.messages for message in _messages(item)],
    }
    if request.tools:
        body["tools"] = [_tool(name, definition) for name, definition in request.tools.items()]
    if request.purpose == "extraction" and request.output_schema is not None:
        schema: JsonObject = {"name": "output", "schema": dict(request.output_schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return body


def _tool(name: str, definition: Mapping[str, Json]) -> JsonObject:
    function: JsonObject = {
        "name": name,
        "description": definition.get("description", ""),
        "parameters": definition.get("input_schema", {}),
    }
    return {"type": "function", "function": function}


def _messages(message: Mapping[str, Json]) -> Iterator[JsonObject]:
    """Yield what a message of the history is in a request: one per tool result, none for an answer without text and call."""
    role = message.get("role")
    if role == "tool_results":
        for result in _objects(message.get("results")):
            yield {"role": "tool", "tool_call_id": result.get("tool_use_id"), "content": _text(result.get("content"))}
    elif role == "block_assistant":
        yield from _assistant(_objects(message.get("blocks")))
    elif role == "system":
        yield {"role": "system", "content": _text(message.get("content"))}
    else:
        yield {"role": "user", "content": _text(message.get("content"))}


def _assistant(blocks: Sequence[JsonObject]) -> Iterator[JsonObject]:
    text = ""
    calls: list[Json] = []
    for block in blocks:
        data = block.get("data")
        inner: JsonObject = data if isinstance(data, dict) else {}
        if block.get("block_type") in ("text", "transcript"):
            text += str(inner.get("text", ""))
        elif block.get("block_type") == "tool_use":
            function: JsonObject = {"name": inner.get("name"), "arguments": json.dumps(inner.get("args", {}))}
            calls.append({"id": inner.get("id"), "type": "function", "function": function})
    if text or calls:
        yield {"role": "assistant", "content": text or None, **({"tool_calls": calls} if calls else {})}


def _text(content: Json) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(block.get("text", "")) for block in _objects(content) if block.get("type") == "text")


def _objects(value: Json) -> list[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
