"""Changes of MCP servers (spec 05, mcp; spec 08, 7.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from meerkat.generated.mcp import McpLiveOpResponse
from meerkat.parsing.fields import Fields

if TYPE_CHECKING:
    from meerkat.generated.mcp import McpLiveOperation, McpLiveOpStatus
    from meerkat.wire.base import Json


def parse_mcp_response(raw: Json) -> McpLiveOpResponse:
    """Return what became of a change; unknown fields are passed over."""
    change = Fields("Invalid mcp response", raw)
    return McpLiveOpResponse(
        operation=cast("McpLiveOperation", change.name("operation")),
        persisted=change.flag("persisted"),
        session_id=change.name("session_id"),
        status=cast("McpLiveOpStatus", change.name("status")),
        applied_at_turn=change.optional_integer("applied_at_turn"),
        server_name=change.optional_text("server_name"),
    )
