"""An MCP server through the official `mcp` package (extra `mcp`): a child process, streamable HTTP, or server-sent events.

The package wants its contexts entered and left by one task, so each link has a task of its own that lives as long as the connection.
It is loaded by name when the first server is reached: without the extra nothing here is imported.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from meerkat_mock.mcp.link import CallFailed, ConnectFailed, McpTool, ToolAnswer, tool_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat.wire.base import JsonObject
    from meerkat.wire.mcp import McpServerConfig

_CLOSED = "Transport closed"


class _Model(Protocol):
    """A value of the package."""

    def model_dump(self, *, mode: str, by_alias: bool, exclude_none: bool) -> dict[str, Any]:
        """Return it as plain data."""
        ...


class _Session(Protocol):
    """What is used of the package's `ClientSession`."""

    async def initialize(self) -> object:
        """Shake hands."""

    async def list_tools(self) -> _Model:
        """Return the tools."""
        ...

    async def call_tool(self, name: str, arguments: JsonObject) -> _Model:
        """Call a tool."""
        ...


class OfficialLink:
    """A connection that the package keeps."""

    delay: float | None = None

    def __init__(self, config: McpServerConfig) -> None:
        self._config = cast("JsonObject", {**config})
        self._session: _Session | None = None
        self._task: asyncio.Task[None] | None = None
        self._over = asyncio.Event()

    async def open(self) -> Sequence[McpTool]:
        """Connect, shake hands, ask for the tools."""
        ready: asyncio.Future[Sequence[McpTool]] = asyncio.get_running_loop().create_future()
        self._task = asyncio.ensure_future(self._live(ready))
        try:
            await asyncio.wait(cast("list[asyncio.Future[Any]]", [ready, self._task]), return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._task.cancel()
            raise
        if ready.done():
            return ready.result()
        raise ConnectFailed(self._why(self._task.exception()))

    async def _live(self, ready: asyncio.Future[Sequence[McpTool]]) -> None:
        async with AsyncExitStack() as opened:
            streams = await opened.enter_async_context(await self._transport(opened))
            session: _Session = await opened.enter_async_context(import_module("mcp").ClientSession(*streams[:2]))
            await session.initialize()
            listed = _plain(await session.list_tools())
            self._session = session
            ready.set_result([tool_of(each) for each in cast("list[JsonObject]", listed["tools"])])
            await self._over.wait()

    async def _transport(self, opened: AsyncExitStack) -> AbstractAsyncContextManager[Any]:
        facts = self._config
        if "command" in facts:
            quiet = opened.enter_context(Path(os.devnull).open("w", encoding="utf-8"))  # noqa: ASYNC230, SIM115
            env = {**os.environ, **cast("dict[str, str]", facts.get("env", {}))}
            start = import_module("mcp").StdioServerParameters(command=facts["command"], args=facts.get("args", []), env=env)
            return cast("AbstractAsyncContextManager[Any]", import_module("mcp").stdio_client(start, errlog=quiet))
        headers = facts.get("headers", {})
        if facts.get("transport") == "sse":
            return cast("AbstractAsyncContextManager[Any]", import_module("mcp.client.sse").sse_client(facts["url"], headers=headers))
        http = import_module("mcp.client.streamable_http")
        client = await opened.enter_async_context(http.create_mcp_http_client(headers=headers))
        return cast("AbstractAsyncContextManager[Any]", http.streamable_http_client(facts["url"], http_client=client))

    def _why(self, error: BaseException | None) -> str:
        """Return what the server says of a connection that did not come up."""
        while isinstance(inner := getattr(error, "exceptions", None), tuple) and inner:
            error = cast("BaseException", inner[0])
        if isinstance(error, OSError) and error.errno is not None and "command" in self._config:
            return f"Failed to spawn process: {os.strerror(error.errno)} (os error {error.errno})"
        ended = "command" in self._config and "closed" in str(error).lower()
        return f"Failed to establish MCP connection: {'connection closed: initialize response' if ended else error}"

    async def call(self, tool: str, arguments: JsonObject) -> ToolAnswer:
        """Call a tool and wait as long as it takes."""
        if self._session is None or self._task is None or self._task.done():
            raise CallFailed(_CLOSED)
        try:
            answer = _plain(await self._session.call_tool(tool, arguments))
        except Exception as error:  # whatever the package raises, the model is told of a failed call
            closed = "closed" in str(error).lower()
            raise CallFailed(_CLOSED if closed else f"Mcp error: {error}") from error
        return ToolAnswer(cast("list[JsonObject]", answer.get("content", [])), is_error=answer.get("isError") is True)

    async def close(self) -> None:
        """Leave the contexts of the package, and wait until they are left."""
        self._over.set()
        if self._task is not None:
            if self._session is None:
                self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)


def _plain(value: _Model) -> JsonObject:
    return cast("JsonObject", value.model_dump(mode="json", by_alias=True, exclude_none=True))
