"""What a connected MCP server is to a session, whoever plays it: a scenario, a child process, an HTTP endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat.wire.base import JsonObject

PROTOCOL_VERSION: Final = "2025-06-18"
CLIENT_INFO: Final[JsonObject] = {"name": "meerkat", "version": "0.6.5"}
DEFAULT_CONNECT_SECONDS: Final = 10.0
"""How long a server may take to come up when its configuration does not say (spec 05, section 6.1)."""


class ConnectFailed(Exception):
    """A server that could not be connected; `str()` is what follows `Connection failed: `."""


class CallFailed(Exception):
    """A call that could not be carried out; `str()` is what follows the name of the tool."""


@dataclass(frozen=True)
class McpTool:
    """A tool as its server declares it."""

    name: str
    description: str
    input_schema: JsonObject

    def definition(self, server: str) -> JsonObject:
        """Return the definition that a model is offered."""
        return {
            "name": self.name,
            "description": self.description,
            "input_schema": self.input_schema,
            "provenance": {"kind": "mcp", "source_id": server},
        }


@dataclass(frozen=True)
class ToolAnswer:
    """What a tool answered: content blocks as MCP has them."""

    content: Sequence[JsonObject]
    is_error: bool = False


class Link(Protocol):
    """One connection to one server; used once."""

    @property
    def delay(self) -> float | None:
        """Seconds until it is up in the clock of the mock; None when real time decides."""
        ...

    async def open(self) -> Sequence[McpTool]:
        """Connect and return the tools. Raises `ConnectFailed`."""
        ...

    async def call(self, tool: str, arguments: JsonObject) -> ToolAnswer:
        """Call a tool. Raises `CallFailed`."""
        ...

    async def close(self) -> None:
        """Let go of the server. May be called any number of times, at any moment."""


def tool_of(declared: JsonObject) -> McpTool:
    """Return the tool of an entry of `tools/list`."""
    schema = declared.get("inputSchema")
    return McpTool(
        str(declared["name"]), str(declared.get("description") or ""), schema if isinstance(schema, dict) else {"type": "object"}
    )
