"""MCP servers of a live session: adding, removing and reloading them is staged for the next turn (spec 05, section 6)."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypedDict

from meerkat.wire.base import U32, NotRequired, Untagged, closed


@closed
class McpStdioServer(TypedDict):
    """A server that is started as a child process (spec 05, section 6.1)."""

    name: str
    connect_timeout_secs: NotRequired[U32 | None]
    command: str
    args: NotRequired[list[str]]
    env: NotRequired[dict[str, str]]


@closed
class McpHttpServer(TypedDict):
    """A server that is reached over HTTP (spec 05, section 6.1)."""

    name: str
    connect_timeout_secs: NotRequired[U32 | None]
    url: str
    headers: NotRequired[dict[str, str]]
    transport: NotRequired[Literal["streamable-http", "sse"] | None]


McpServerConfig: TypeAlias = Annotated[McpStdioServer | McpHttpServer, Untagged("McpTransportConfig", record="McpServerConfig")]
"""A server in one of two forms, told apart by their fields; a mix is refused (spec 05, section 6.1)."""


@closed
class McpAddParams(TypedDict):
    """Params of `mcp/add` (spec 05, section 6.1)."""

    session_id: str
    server_config: McpServerConfig
    persisted: NotRequired[bool]


class McpRemoveParams(TypedDict):
    """Params of `mcp/remove` (spec 05, section 6.1)."""

    session_id: str
    server_name: str
    persisted: NotRequired[bool]


class McpReloadParams(TypedDict):
    """Params of `mcp/reload`; without a name all active servers are reloaded (spec 05, section 6.1)."""

    session_id: str
    server_name: NotRequired[str | None]
    # Accepted and ignored.
    persisted: NotRequired[bool]


class McpLiveOpResponse(TypedDict):
    """What was staged, with the session's id as it was sent (spec 05, section 6.2)."""

    session_id: str
    operation: Literal["add", "remove", "reload"]
    server_name: NotRequired[str]
    # Always `staged`; the other two exist in the type alone.
    status: Literal["staged", "applied", "rejected"]
    persisted: bool
