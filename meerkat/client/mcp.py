"""MCP servers of a running session: added, removed, reloaded at its next turn (spec 05)."""

from __future__ import annotations

import meerkat
from meerkat.client.base import Surface, given
from meerkat.client.parameters import wire_value
from meerkat.parsing.mcp import parse_mcp_response
from meerkat.wire.base import JsonObject


class Mcp(Surface):
    """The methods about MCP servers."""

    async def mcp_add(
        self, session_id: str, server_config: meerkat.McpServerConfig, *, persisted: bool = False
    ) -> meerkat.McpLiveOpResponse:
        """Stage a server (`mcp/add`)."""
        params = {"session_id": session_id, "server_config": wire_value(server_config), "persisted": persisted}
        return parse_mcp_response(await self._request("mcp/add", params))

    async def mcp_remove(self, session_id: str, server_name: str, *, persisted: bool = False) -> meerkat.McpLiveOpResponse:
        """Stage the removal of a server (`mcp/remove`)."""
        params: JsonObject = {"session_id": session_id, "server_name": server_name, "persisted": persisted}
        return parse_mcp_response(await self._request("mcp/remove", params))

    async def mcp_reload(self, session_id: str, *, server_name: str | None = None, persisted: bool = False) -> meerkat.McpLiveOpResponse:
        """Stage the reload of one server, or of all (`mcp/reload`)."""
        params = {"session_id": session_id, "persisted": persisted, **given(server_name=server_name)}
        return parse_mcp_response(await self._request("mcp/reload", params))
