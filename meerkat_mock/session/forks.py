"""The transcripts of forks: a prefix of another one, perhaps with its last message edited (spec 02, section 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from meerkat_mock.agent.run import collapsed
from meerkat_mock.clock import rfc3339
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import Block, JsonObject, Message

_EXPECTED_ROLE = {"user_content_block": "user", "assistant_block": "block_assistant", "tool_result_content_block": "tool_results"}


def forked(messages: Sequence[Message], index: int) -> list[Message]:
    """Return the first `index` messages. Raises `Fault` -32602 beyond the end."""
    if index > len(messages):
        raise _out_of_bounds("message", index, len(messages), "messages")
    return list(messages[:index])


def replaced(messages: Sequence[Message], index: int, replacement: dict[str, Any], now: float) -> list[Message]:
    """Return the messages up to `index`, that one edited. Raises `Fault` -32602."""
    if index >= len(messages):
        raise _out_of_bounds("message", index, len(messages), "messages")
    target = messages[index]
    kind = replacement["type"]
    if kind == "message":
        return [*messages[:index], shown_message(replacement["message"], now)]
    if target["role"] != _EXPECTED_ROLE[kind]:
        raise _config_error(f"replacement expected {_EXPECTED_ROLE[kind]} at message index {index}, found {target['role']}")
    return [*messages[:index], _edited(target, replacement)]


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


def _put(blocks: Json, index: int, block: Json, kind: str, plural: str) -> list[Json]:
    listed = list(cast("list[Json]", blocks))
    if index >= len(listed):
        raise _out_of_bounds(kind, index, len(listed), plural)
    listed[index] = block
    return listed


def _as_blocks(content: Json) -> list[Json]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(cast("list[Json]", content))


def shown_message(stored: JsonObject, now: float) -> Message:
    """Return a stored message in the form in which history shows it (spec 02, section 11.2)."""
    message: Message = {"role": stored["role"]}
    role = stored["role"]
    if role in ("system", "system_notice"):
        message.update({key: stored[key] for key in ("kind", "content", "body") if key in stored})
    elif role == "user":
        content = stored["content"]
        message["content"] = collapsed(cast("str | list[Block]", content))
    elif role == "block_assistant":
        message["blocks"] = [shown_block(cast("JsonObject", block)) for block in cast("list[Json]", stored["blocks"])]
        message["stop_reason"] = stored["stop_reason"]
    elif role == "assistant":
        message["content"] = stored["content"]
        if stored.get("tool_calls"):
            message["tool_calls"] = stored["tool_calls"]
        message["stop_reason"] = stored["stop_reason"]
    else:
        message["results"] = [_shown_result(cast("JsonObject", result)) for result in cast("list[Json]", stored["results"])]
    message["created_at"] = _utc(stored["created_at"]) if stored.get("created_at") else rfc3339(now)
    return message


def _utc(moment: Json) -> str:
    text = str(moment)
    return f"{text[:-1]}+00:00" if text.endswith(("Z", "z")) else text


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
