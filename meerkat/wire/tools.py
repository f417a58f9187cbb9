"""Callback tools: registering them, and the one request the server makes of its client (spec 01, section 9)."""

from __future__ import annotations

from typing import Literal, TypedDict

from meerkat.wire.base import Json, JsonObject, NotRequired, Usize


class ToolProvenance(TypedDict):
    """Where a tool comes from; read, and then overwritten with `callback` (spec 01, section 9.1)."""

    kind: Literal["builtin", "shell", "comms", "memory", "schedule", "mob", "mob_tasks", "callback", "mcp", "rust_bundle"]
    source_id: str


class ToolDef(TypedDict):
    """A tool that the client executes; neither name nor schema is validated (spec 01, section 9.1)."""

    name: str
    description: str
    input_schema: Json
    provenance: NotRequired[ToolProvenance | None]


class RegisterToolsParams(TypedDict):
    """Params of `tools/register`: new names are added, known ones replaced (spec 01, section 9.1)."""

    tools: list[ToolDef]


class RegisterToolsResult(TypedDict):
    """How many tools this call held, duplicates counted (spec 01, section 9.1)."""

    registered: Usize


class ToolExecuteParams(TypedDict):
    """Params of `tool/execute`: exactly these three, no session id (spec 01, section 9.3)."""

    tool_use_id: str
    name: str
    # Always an object, but for a live channel whose model sends text that is no JSON: then that text (spec 07, section 9).
    arguments: JsonObject | str


class ToolExecuteResult(TypedDict):
    """The answer to `tool/execute`; content is text alone, blocks are a tool error (spec 01, section 9.4)."""

    content: NotRequired[str]
    is_error: NotRequired[bool]
