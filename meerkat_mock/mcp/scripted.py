"""An MCP server that a scenario plays: its tools, what they answer, how slowly it starts, when it dies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from meerkat_mock.clock import seconds
from meerkat_mock.mcp.link import CallFailed, ConnectFailed, McpTool, ToolAnswer
from meerkat_mock.scenario.matching import match

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.clock import Clock
    from meerkat_mock.scenario.models.world import McpServer
    from meerkat_mock.scenario.models.world import McpTool as ScriptedTool

DEAD: Final = "Transport closed"
"""Assumed: what a call says whose server has died."""


class ScriptedLink:
    """A connection to a scripted server, in the clock of the mock."""

    def __init__(self, server: McpServer, clock: Clock) -> None:
        self._server = server
        self._clock = clock
        self._calls = 0
        self.delay: float | None = seconds(server.start)

    async def open(self) -> Sequence[McpTool]:
        """Come up as the script says."""
        await self._clock.pause(self.delay or 0.0, f"the MCP server {self._server.name} starts")
        if self._server.fail is not None:
            raise ConnectFailed(self._server.fail)
        return [McpTool(tool.name, tool.description, tool.input_schema) for tool in self._by_name().values()]

    async def call(self, tool: str, arguments: JsonObject) -> ToolAnswer:
        """Answer with the first entry of this tool whose `args` match."""
        limit = self._server.crash_after
        if limit is not None and self._calls >= limit:
            raise CallFailed(DEAD)
        self._calls += 1
        entry = next((each for each in self._tools() if each.name == tool and _fits(each, arguments)), None)
        if entry is None:
            raise CallFailed(f"no answer of the scenario fits these arguments: {json.dumps(arguments, ensure_ascii=False)}")
        await self._clock.pause(seconds(entry.after), f"the MCP tool {tool} works")
        if entry.error is not None:
            return ToolAnswer([{"type": "text", "text": entry.error}], is_error=True)
        return ToolAnswer([{"type": "text", "text": _text(entry.result)}])

    async def close(self) -> None:
        """There is nothing to let go of."""

    def _tools(self) -> Sequence[ScriptedTool]:
        return self._server.tools or ()

    def _by_name(self) -> dict[str, ScriptedTool]:
        return {tool.name: tool for tool in reversed(self._tools())}


def _fits(tool: ScriptedTool, arguments: JsonObject) -> bool:
    return tool.args is None or match(tool.args, arguments) is None


def _text(result: Json) -> str:
    return result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, separators=(",", ":"))
