"""The model of a scenario behind an OpenAI-compatible chat-completions endpoint, so that a real server can be played the same script.

Owns the translation both ways: a request of the endpoint becomes a `ModelRequest`, a `ModelAnswer` becomes chunks of a stream (or one
completion). Knows nothing of HTTP: `world.http` does. What a request does not say (session id, labels) is missing in what can be matched.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from meerkat_mock.world.model import ModelCall, ModelRequest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.world.model import ModelAnswer

_EXTRACTION = ("Provide the final output as valid JSON matching", "The previous output was invalid:")
"""How the runtime's own instructions begin (spec 02, section 7)."""
_FINISH = {"end_turn": "stop", "tool_use": "tool_calls", "max_tokens": "length", "content_filter": "content_filter"}


_ROLES = ("system", "developer", "user", "assistant", "tool", "function")


class BadRequest(ValueError):
    """A request that no endpoint would take; `str()` says what is wrong, `param` where."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.param = param


def checked(body: Json) -> JsonObject:
    """Return a body that has the shape of a chat-completions request. Raises `BadRequest`."""
    if not isinstance(body, dict):
        raise BadRequest("expected an object with `model` and `messages`")
    if not isinstance(body.get("model"), str):
        raise BadRequest("expected a text `model`", "model")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise BadRequest("expected a list `messages` that is not empty", "messages")
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            raise BadRequest(f"expected an object with a `role` out of {', '.join(_ROLES)}", f"messages.[{index}]")
    if not isinstance(body.get("stream") or False, bool):
        raise BadRequest("expected true or false as `stream`", "stream")
    return body


def wants_usage(body: JsonObject) -> bool:
    """Tell whether a stream is to end with its usage (`stream_options.include_usage`)."""
    options = body.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def request_of(body: Json, session_id: str | None = None) -> ModelRequest:
    """Return what a chat-completions request asks. Raises `BadRequest`."""
    body = checked(body)
    messages = list(_history(_objects(body["messages"])))
    prompt = next((_text(message.get("content")) for message in reversed(messages) if message["role"] == "user"), None)
    return ModelRequest(
        session_id=session_id or _conversation_id(messages),
        messages=messages,
        tools=_tools(body.get("tools")),
        purpose="extraction" if prompt is not None and prompt.startswith(_EXTRACTION) else "turn",
        output_schema=_schema(body.get("response_format")),
        model=str(body.get("model", "")),
        provider="self_hosted",
        prompt=prompt,
    )


def _conversation_id(messages: Sequence[JsonObject]) -> str:
    """Return an id for a conversation that names none: its beginning, up to the first user message, tells it from others."""
    head: list[JsonObject] = []
    for message in messages:
        head.append(message)
        if message["role"] == "user":
            break
    return hashlib.sha256(json.dumps(head, sort_keys=True).encode()).hexdigest()[:32]


def _history(messages: Sequence[JsonObject]) -> Iterator[JsonObject]:
    """Yield the messages in the shape of `session/history`: tool messages that follow each other are one."""
    results: list[Json] = []
    for message in messages:
        if message.get("role") == "tool":
            results.append({"tool_use_id": message.get("tool_call_id"), "content": _text(message.get("content")), "is_error": False})
            continue
        if results:
            yield {"role": "tool_results", "results": results}
            results = []
        yield _message(message)
    if results:
        yield {"role": "tool_results", "results": results}


def _message(message: JsonObject) -> JsonObject:
    role, content = message.get("role"), _text(message.get("content"))
    if role != "assistant":
        return {"role": "system" if role in ("system", "developer") else "user", "content": content}
    blocks: list[Json] = [{"block_type": "text", "data": {"text": content}}] if content else []
    for call in _objects(message.get("tool_calls")):
        function = call.get("function")
        named = function if isinstance(function, dict) else {}
        data = {"id": call.get("id"), "name": named.get("name"), "args": _arguments(named.get("arguments"))}
        blocks.append({"block_type": "tool_use", "data": data})
    return {"role": "block_assistant", "blocks": blocks, "stop_reason": "tool_use" if message.get("tool_calls") else "end_turn"}


def _arguments(text: Json) -> Json:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return text


def _text(content: Json) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in _objects(content) if part.get("type") == "text")


def _tools(tools: Json) -> dict[str, JsonObject]:
    offered = (tool.get("function") for tool in _objects(tools))
    return {str(tool.get("name")): {**tool, "input_schema": tool.get("parameters")} for tool in offered if isinstance(tool, dict)}


def _schema(response_format: Json) -> JsonObject | None:
    wrapper = response_format.get("json_schema") if isinstance(response_format, dict) else None
    schema = wrapper.get("schema") if isinstance(wrapper, dict) else None
    return schema if isinstance(schema, dict) else None


def _objects(value: Json) -> list[JsonObject]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


# ---- answers -------------------------------------------------------------------------------------------------------------------------


ROLE_DELTA: JsonObject = {"role": "assistant", "content": ""}
"""What every stream begins with."""


def deltas_of(answer: ModelAnswer) -> Iterator[list[JsonObject]]:
    """Yield the deltas of each chunk of an answer: reasoning, then text, then calls, whose arguments come behind their name."""
    for chunk in answer.think:
        yield [{"reasoning_content": chunk}]
    for chunk in answer.say:
        yield [{"content": chunk}]
    for index, call in enumerate(answer.calls):
        yield [{"tool_calls": [{"index": index, **piece}]} for piece in _pieces(_call(call))]


def _pieces(call: JsonObject) -> Iterator[JsonObject]:
    function = call["function"]
    assert isinstance(function, dict)
    arguments = str(function["arguments"])
    yield {**call, "function": {**function, "arguments": ""}}
    half = (len(arguments) + 1) // 2
    for piece in filter(None, (arguments[:half], arguments[half:])):
        yield {"function": {"arguments": piece}}


def _call(call: ModelCall) -> JsonObject:
    text = call.arguments if isinstance(call.arguments, str) else json.dumps(dict(call.arguments))
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": text}}


def finish_of(answer: ModelAnswer) -> str:
    """Return the finish reason of an answer."""
    return _FINISH.get(answer.stop, "stop")


def usage_of(answer: ModelAnswer) -> JsonObject:
    """Return the usage of an answer as the endpoint reports it."""
    usage = answer.usage
    total: JsonObject = {"prompt_tokens": usage.input, "completion_tokens": usage.output, "total_tokens": usage.input + usage.output}
    return total if usage.cache_read is None else {**total, "prompt_tokens_details": {"cached_tokens": usage.cache_read}}


def completion_of(answer: ModelAnswer) -> JsonObject:
    """Return the message of an answer that is not streamed."""
    message: JsonObject = {"role": "assistant", "content": answer.text or None}
    if answer.think:
        message["reasoning_content"] = "".join(answer.think)
    if answer.calls:
        message["tool_calls"] = [_call(call) for call in answer.calls]
    return message


def models_of() -> JsonObject:
    """Return the list of models that the endpoint offers; it answers under every other name, too."""
    return {"object": "list", "data": [{"id": "scripted", "object": "model", "created": 0, "owned_by": "meerkat-mock"}]}


def error_of(message: str, *, param: str | None = None, code: str | None = None) -> JsonObject:
    """Return the body of an error of the endpoint's own."""
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}
