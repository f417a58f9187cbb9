"""A model that is really asked: the agent loop's port, spoken to an OpenAI-compatible chat-completions endpoint.

With it the drop-in stands in for a real server whose configuration names a self-hosted server. Owns the translation both ways (the
sister of `world.endpoint`, which sits at the other end); HTTP itself is `http_post`, which server and model is asked follows from the
configuration. An answer is handed to the loop when it is complete, so deltas of a slow endpoint come at its end, not one by one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from meerkat_mock.realserver.http_post import post
from meerkat_mock.scenario.inline import stop_seen
from meerkat_mock.scenario.rendering import failure
from meerkat_mock.world.model import CleanCut, Complete, ModelAnswer, ModelCall, ModelUsage, ProviderFailure, Reset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.realserver.http_post import Answer
    from meerkat_mock.world.model import ModelRequest, StopReason

    Section = Callable[[str, str], JsonObject]

PATH = "/v1/chat/completions"
"""What is put behind the `base_url` of a self-hosted server; one that ends with `/v1` gets only the rest."""
NOT_CONFIGURED_STATUS = 404
_FINISH = {"stop": "end_turn", "tool_calls": "tool_use", "length": "max_tokens", "content_filter": "content_filter"}


class ClientModel:
    """Asks the self-hosted server of each model. `section` reads the configuration as it is: `section("self_hosted", "models")`."""

    def __init__(self, section: Section) -> None:
        self._section = section

    async def answer(self, request: ModelRequest) -> ModelAnswer:
        """Return what the endpoint answered: refusals, clean cuts and breaks are endings, never exceptions."""
        place = self._place(request.model)
        if place is None:
            text = f"model '{request.model}' has no server in `self_hosted` of the configuration, and no other provider is ever called"
            return ModelAnswer(ending=failure(NOT_CONFIGURED_STATUS, text), source="endpoint")
        url, remote_model = place
        try:
            return answer_in(await post(url, json.dumps(body_of(request, remote_model)).encode()))
        except OSError:
            # Assumption: a server that cannot be reached is to the runtime what a broken connection is.
            return ModelAnswer(ending=Reset(), source="endpoint")
        except ValueError as error:
            return ModelAnswer(ending=failure(NOT_CONFIGURED_STATUS, str(error)), source="endpoint")

    def _place(self, model_id: str) -> tuple[str, str] | None:
        """Return the address of the endpoint that plays a model, and the model's name there."""
        model = self._section("self_hosted", "models").get(model_id)
        if not isinstance(model, dict):
            return None
        server = self._section("self_hosted", "servers").get(str(model.get("server")))
        base = server.get("base_url") if isinstance(server, dict) else None
        if not isinstance(base, str):
            return None
        return base.rstrip("/").removesuffix("/v1") + PATH, str(model.get("remote_model"))


# ---- the request ---------------------------------------------------------------------------------------------------------------------


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


# ---- the answer ----------------------------------------------------------------------------------------------------------------------


def answer_in(received: Answer) -> ModelAnswer:
    """Return what an answer of the endpoint means to the runtime (spec 03, section 6.3)."""
    if received.status != 200:
        text = received.body.decode("utf-8", "replace")
        return ModelAnswer(ending=ProviderFailure(received.status, text, text), source="endpoint")
    heard = _Heard()
    for event in events_in(received.body):
        heard.take(event)
    return heard.answer(received.whole)


def events_in(body: bytes) -> Iterator[JsonObject]:
    """Yield the objects of an event stream; one that was cut off, and `[DONE]`, are none."""
    for line in body.decode("utf-8", "replace").split("\n"):
        if not line.startswith("data:"):
            continue
        try:
            value = json.loads(line.removeprefix("data:"))
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield cast("JsonObject", value)


class _Heard:
    """A stream as far as it was heard."""

    def __init__(self) -> None:
        self._think: list[str] = []
        self._say: list[str] = []
        self._calls: dict[int, JsonObject] = {}
        self._finish: str | None = None
        self._usage: JsonObject = {}

    def take(self, event: JsonObject) -> None:
        """Take one event of the stream."""
        usage = event.get("usage")
        if isinstance(usage, dict):
            self._usage = usage
        for choice in _objects(event.get("choices"))[:1]:
            delta = choice.get("delta")
            if isinstance(delta, dict):
                self._take_delta(delta)
            if isinstance(choice.get("finish_reason"), str):
                self._finish = str(choice["finish_reason"])

    def _take_delta(self, delta: JsonObject) -> None:
        for key, chunks in (("reasoning_content", self._think), ("content", self._say)):
            if isinstance(text := delta.get(key), str):
                chunks.append(text)
        for call in _objects(delta.get("tool_calls")):
            index, function = call.get("index"), call.get("function")
            found = self._calls.setdefault(index if isinstance(index, int) else 0, {"id": "", "name": "", "arguments": ""})
            given: JsonObject = {"id": call.get("id"), **(function if isinstance(function, dict) else {})}
            for key in found:
                found[key] = str(found[key]) + str(given.get(key) or "")

    def answer(self, whole: bool) -> ModelAnswer:
        """Return the answer that was heard; `whole` tells whether the stream ended or broke."""
        complete = whole and self._finish is not None
        return ModelAnswer(
            think=tuple(self._think),
            say=tuple(self._say),
            calls=tuple(_call(call) for call in self._calls.values()),
            stop=self._stop() if complete else "end_turn",
            usage=self._reported() if complete else ModelUsage(0, 0),
            ending=Complete() if complete else CleanCut() if whole else Reset(),
            source="endpoint",
        )

    def _stop(self) -> StopReason:
        return stop_seen(_FINISH.get(self._finish or "", ""))

    def _reported(self) -> ModelUsage:
        details = self._usage.get("prompt_tokens_details")
        cached = details.get("cached_tokens") if isinstance(details, dict) else None
        return ModelUsage(
            _count(self._usage.get("prompt_tokens")),
            _count(self._usage.get("completion_tokens")),
            cached if isinstance(cached, int) else None,
        )


def _count(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _call(call: JsonObject) -> ModelCall:
    text = str(call["arguments"])
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ModelCall(str(call["id"]), str(call["name"]), text)
    return ModelCall(str(call["id"]), str(call["name"]), cast("JsonObject", value) if isinstance(value, dict) else text)
