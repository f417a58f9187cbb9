"""The transcripts of forks: a prefix of another one, perhaps with its last message edited (spec 02, section 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from meerkat_mock.agent.run import collapsed
from meerkat_mock.clock import rfc3339
from meerkat_mock.instants import read_instant, write_instant
from meerkat_mock.session.prompts import stored
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import Block, ImageStore, JsonObject, Message

_EXPECTED_ROLE = {"user_content_block": "user", "assistant_block": "block_assistant", "tool_result_content_block": "tool_results"}


def forked(messages: Sequence[Message], index: int) -> list[Message]:
    """Return the first `index` messages. Raises `Fault` -32602 beyond the end."""
    if index > len(messages):
        raise _out_of_bounds("message", index, len(messages), "messages")
    return list(messages[:index])


def replaced(messages: Sequence[Message], index: int, replacement: dict[str, Any], now: float, store_image: ImageStore) -> list[Message]:
    """Return the messages up to `index`, that one edited; inline images lie in the blob store. Raises `Fault` -32602."""
    return [*messages[:index], _with_blobs(_replaced(messages, index, replacement, now), store_image)]


def _replaced(messages: Sequence[Message], index: int, replacement: dict[str, Any], now: float) -> Message:
    if index >= len(messages):
        raise _out_of_bounds("message", index, len(messages), "messages")
    target = messages[index]
    kind = replacement["type"]
    if kind == "message":
        return shown_message(replacement["message"], now)
    if target["role"] != _EXPECTED_ROLE[kind]:
        raise _config_error(f"replacement expected {_EXPECTED_ROLE[kind]} at message index {index}, found {target['role']}")
    return _edited(target, replacement)


def _edited(target: Message, replacement: dict[str, Any]) -> Message:
    if replacement["type"] == "assistant_block":
        blocks = _put(target["blocks"], replacement["block_index"], shown_block(replacement["block"]), "assistant block", "blocks")
        return {**target, "blocks": blocks}
    if replacement["type"] == "user_content_block":
        content = _put(_as_blocks(target["content"]), replacement["block_index"], replacement["block"], "user content block", "blocks")
        return {**target, "content": collapsed(cast("list[Block]", content))}
    results = cast("list[JsonObject]", target["results"])
    index: int = replacement["result_index"]
    if index >= len(results):
        raise _out_of_bounds("tool result", index, len(results), "blocks")
    blocks = _as_blocks(results[index]["content"])
    content = _put(blocks, replacement["block_index"], replacement["block"], "tool result content block", "blocks")
    edited: JsonObject = {**results[index], "content": collapsed(cast("list[Block]", content))}
    return {**target, "results": cast("Json", [*results[:index], edited, *results[index + 1 :]])}


def _with_blobs(message: Message, store_image: ImageStore) -> Message:
    """Return a message as it is kept: a fork is written to disk at once, and no image inline (spec 02, section 10.3)."""
    if message["role"] == "user":
        return {**message, "content": _kept(message["content"], store_image)}
    if message["role"] != "tool_results":
        return message
    results = cast("list[JsonObject]", message["results"])
    return {**message, "results": [{**result, "content": _kept(result["content"], store_image)} for result in results]}


def _kept(content: Json, store_image: ImageStore) -> Json:
    return cast("Json", stored(cast("str | list[Block]", content), store_image))


def _put(blocks: Json, index: int, block: Json, kind: str, plural: str) -> list[Json]:
    listed = list(cast("list[Json]", blocks))
    if index >= len(listed):
        raise _out_of_bounds(kind, index, len(listed), plural)
    listed[index] = block
    return listed


def _as_blocks(content: Json) -> list[Json]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(cast("list[Json]", content))


def shown_message(given: JsonObject, now: float) -> Message:
    """Return a stored message in the form in which history shows it (spec 02, section 11.2)."""
    message: Message = {"role": given["role"]}
    role = given["role"]
    if role in ("system", "system_notice"):
        message.update({key: given[key] for key in ("kind", "content", "body") if key in given})
    elif role == "user":
        content = given["content"]
        message["content"] = collapsed(cast("str | list[Block]", content))
    elif role == "block_assistant":
        message["blocks"] = [shown_block(cast("JsonObject", block)) for block in cast("list[Json]", given["blocks"])]
        message["stop_reason"] = given["stop_reason"]
    elif role == "assistant":
        message["content"] = given["content"]
        if given.get("tool_calls"):
            message["tool_calls"] = given["tool_calls"]
        message["stop_reason"] = given["stop_reason"]
    else:
        message["results"] = [_shown_result(cast("JsonObject", result)) for result in cast("list[Json]", given["results"])]
    message["created_at"] = _utc(str(given["created_at"])) if "created_at" in given else rfc3339(now)
    return message


def _utc(moment: str) -> str:
    """Return a moment as the server writes it, with as few digits as it takes (spec 02, section 1.6)."""
    return write_instant(read_instant(moment)).removesuffix("Z") + "+00:00"


def _shown_result(result: JsonObject) -> JsonObject:
    content = collapsed(cast("str | list[Block]", result["content"]))
    return {"tool_use_id": result["tool_use_id"], "content": content, "is_error": bool(result.get("is_error", False))}


def shown_block(block: JsonObject) -> JsonObject:
    """Return a stored assistant block as history shows it: only a transcript's source is spelled otherwise."""
    data = block.get("data")
    if block.get("block_type") == "transcript" and isinstance(data, dict) and isinstance(data.get("source"), str):
        return {**block, "data": {**data, "source": {"kind": data["source"]}}}
    return block


def _config_error(text: str) -> Fault:
    return Fault(-32602, f"agent error: Configuration error: {text}")


def _out_of_bounds(kind: str, index: int, count: int, plural: str) -> Fault:
    return _config_error(f"{kind} index {index} out of bounds for {count} {plural}")
