"""The transcript of a session with nothing lost: notices, spoken text, content of a provider's own tools, unknown blocks (spec 02, 10)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from meerkat.parsing.fields import Fields
from meerkat.types.history import SessionAssistantBlock, SessionHistory, SessionMessage, SessionToolCall, SessionToolResult

if TYPE_CHECKING:
    from meerkat.types.content import ContentBlock, ContentInput
    from meerkat.wire.base import Json


def parse_history(raw: Json) -> SessionHistory:
    """Return a page of the transcript."""
    page = Fields("Invalid session history", raw)
    return SessionHistory(
        session_id=page.name("session_id"),
        session_ref=page.optional_text("session_ref"),
        message_count=page.integer("message_count"),
        offset=page.integer("offset"),
        limit=page.optional_integer("limit"),
        has_more=page.flag("has_more"),
        messages=[_message(message) for message in page.records("messages")],
    )


def _message(message: Fields) -> SessionMessage:
    return SessionMessage(
        role=message.name("role"),
        created_at=message.optional_text("created_at") or "",
        content=_content(message) if "content" in message.raw else None,
        tool_calls=[_tool_call(call) for call in message.optional_records("tool_calls")],
        stop_reason=message.optional_text("stop_reason"),
        blocks=[_block(block) for block in message.optional_records("blocks")],
        results=[_tool_result(result) for result in message.optional_records("results")],
        kind=message.optional_text("kind"),
        body=message.optional_text("body"),
    )


def _content(holder: Fields) -> ContentInput:
    if holder.has("content") and not isinstance(holder.raw["content"], list):
        return holder.text("content")
    return cast("list[ContentBlock]", [block.raw for block in holder.records("content")]) if holder.has("content") else ""


def _tool_call(call: Fields) -> SessionToolCall:
    return SessionToolCall(call.text("id"), call.text("name"), call.raw.get("args"))


def _tool_result(result: Fields) -> SessionToolResult:
    return SessionToolResult(result.text("tool_use_id"), _content(result), result.flag("is_error"))


def _block(block: Fields) -> SessionAssistantBlock:
    kind = block.name("block_type")
    data = block.optional_record("data")
    if data is None:
        return SessionAssistantBlock(block_type=kind)
    blob = data.optional_record("blob_ref")
    revised_prompt = data.optional_record("revised_prompt")
    meta = data.optional_record("meta")
    return SessionAssistantBlock(
        block_type=kind,
        text=data.optional_text("text"),
        id=data.optional_text("id"),
        name=data.optional_text("name"),
        args=data.raw.get("args"),
        image_id=data.optional_text("image_id"),
        blob_id=None if blob is None else blob.optional_text("blob_id"),
        media_type=data.optional_text("media_type"),
        width=data.optional_integer("width"),
        height=data.optional_integer("height"),
        revised_prompt=None if revised_prompt is None else revised_prompt.raw,
        meta=None if meta is None else meta.raw,
        source=_transcript_source(data),
        content=data.raw.get("content"),
        data=data.raw,
    )


def _transcript_source(data: Fields) -> str | None:
    """Return the kind of a transcript's source: history has an object, replacements for a fork have the bare kind (spec 02, 11.2)."""
    if isinstance(data.raw.get("source"), dict):
        return data.record("source").text("kind")
    return data.optional_text("source")
