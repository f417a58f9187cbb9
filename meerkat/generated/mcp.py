"""The flat contract names of MCP servers: their configuration and the calls that stage changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

McpLiveOperation = Literal["add", "remove", "reload"]
"""What is done to an MCP server."""

McpLiveOpStatus = Literal["staged", "applied", "rejected"]
"""How far a change of an MCP server has come."""

McpHttpTransport = Literal["streamable-http", "sse"]
"""The two ways of MCP over HTTP."""


@dataclass
class McpStdioConfig:
    """How to start an MCP server as a child process."""

    command: str
    args: list[str] | None = None
    env: dict[str, str] | None = None


@dataclass
class McpHttpConfig:
    """How to reach an MCP server over HTTP."""

    url: str
    headers: dict[str, str] | None = None
    transport: McpHttpTransport | None = None


class _McpStdioServerConfigRequired(TypedDict):
    name: str
    command: str


class McpStdioServerConfig(_McpStdioServerConfigRequired, total=False):
    """An MCP server that is started as a child process; the timeout is in seconds."""

    args: list[str]
    env: dict[str, str]
    connect_timeout_secs: int


class _McpHttpServerConfigRequired(TypedDict):
    name: str
    url: str


class McpHttpServerConfig(_McpHttpServerConfigRequired, total=False):
    """An MCP server that is reached over HTTP; the timeout is in seconds."""

    headers: dict[str, str]
    transport: McpHttpTransport
    connect_timeout_secs: int


McpServerConfig = McpStdioServerConfig | McpHttpServerConfig
"""An MCP server, told apart by `command` and `url`."""


@dataclass
class McpAddParams:
    """Params of `mcp/add`."""

    server_config: McpServerConfig
    session_id: str
    persisted: bool | None = None


@dataclass
class McpRemoveParams:
    """Params of `mcp/remove`."""

    server_name: str
    session_id: str
    persisted: bool | None = None


@dataclass
class McpReloadParams:
    """Params of `mcp/reload`."""

    session_id: str
    persisted: bool | None = None
    server_name: str | None = None


@dataclass
class McpLiveOpResponse:
    """Result of `mcp/add`, `mcp/remove` and `mcp/reload`: the change is staged for the next turn."""

    operation: McpLiveOperation
    persisted: bool
    session_id: str
    status: McpLiveOpStatus
    applied_at_turn: int | None = None
    server_name: str | None = None
