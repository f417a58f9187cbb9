"""An MCP server as a child process: one JSON-RPC message per line on its standard streams, with nothing but the standard library.

Used where the extra `mcp` is not installed; with it, `official` speaks for both kinds of servers.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, Final, cast

from meerkat.rpc import Failure, Peer, Request, Result
from meerkat_mock import subprocesses
from meerkat_mock.mcp.link import CLIENT_INFO, PROTOCOL_VERSION, CallFailed, ConnectFailed, McpTool, ToolAnswer, tool_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from meerkat.rpc import Message, RequestId
    from meerkat.wire.base import Json, JsonObject

_CHUNK: Final = 65536
_GRACE_SECONDS: Final = 2.0
"""How long a server may take to end once its input has ended, before it is killed."""


class PipeLink:
    """A connection to a server that is started here and ends with it."""

    delay: float | None = None

    def __init__(self, command: str, args: Sequence[str], env: Mapping[str, str]) -> None:
        self._command = [command, *args]
        self._env = env
        self._peer = Peer()
        self._answers: dict[RequestId, asyncio.Future[Result | Failure]] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    async def open(self) -> Sequence[McpTool]:
        """Start the process, shake hands, ask for the tools."""
        try:
            environment = {**os.environ, **self._env}
            self._process = await subprocesses.start(*self._command, env=environment, stderr=subprocesses.DEVNULL, own_session=False)
        except OSError as error:
            raise ConnectFailed(f"Failed to spawn process: {os.strerror(error.errno or 0)} (os error {error.errno})") from error
        self._reader = asyncio.ensure_future(self._read())
        try:
            await self._ask("initialize", {"protocolVersion": PROTOCOL_VERSION, "capabilities": {}, "clientInfo": CLIENT_INFO})
            self._send(Peer.notification("notifications/initialized"))
            listed = await self._ask("tools/list", {})
        except CallFailed as error:
            raise ConnectFailed(f"Failed to establish MCP connection: {error}") from error
        return [tool_of(cast("JsonObject", each)) for each in _list(listed, "tools")]

    async def call(self, tool: str, arguments: JsonObject) -> ToolAnswer:
        """Call a tool and wait as long as it takes."""
        result = await self._ask("tools/call", {"name": tool, "arguments": arguments})
        is_error = isinstance(result, dict) and result.get("isError") is True
        return ToolAnswer([cast("JsonObject", block) for block in _list(result, "content")], is_error)

    async def close(self) -> None:
        """End the process: its input first, then, if it does not take the hint, the process itself."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), _GRACE_SECONDS)
        except asyncio.TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._reader is not None:
            await asyncio.gather(self._reader, return_exceptions=True)

    async def _ask(self, method: str, params: Json) -> Json:
        request_id, line = self._peer.request(method, params)
        answer: asyncio.Future[Result | Failure] = asyncio.get_running_loop().create_future()
        self._answers[request_id] = answer
        if self._reader is None or self._reader.done():
            self._end()
        else:
            self._send(line)
        try:
            settled = await answer
        except asyncio.CancelledError:
            if not answer.cancelled():
                raise
            ended = "connection closed: initialize response" if method == "initialize" else "Transport closed"
            raise CallFailed(ended) from None
        finally:
            self._answers.pop(request_id, None)
        if isinstance(settled, Failure):
            raise CallFailed(f"Mcp error: {settled.error.code}: {settled.error.message}")
        return settled.result

    def _send(self, line: bytes) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.write(line)

    async def _read(self) -> None:
        process = self._process
        if process is None or process.stdout is None:
            return
        try:
            while data := await process.stdout.read(_CHUNK):
                for message in self._peer.receive(data):
                    self._take(message)
        except ValueError:
            process.kill()  # a line past every limit: no server to talk to
        finally:
            self._end()

    def _take(self, message: Message) -> None:
        if isinstance(message, (Result, Failure)):
            answer = self._answers.get(message.id)
            if answer is not None and not answer.done():
                answer.set_result(message)
        elif isinstance(message, Request):
            self._send(Peer.result(message.id, {}))

    def _end(self) -> None:
        for answer in self._answers.values():
            answer.cancel()


def _list(result: Json, key: str) -> list[Json]:
    found = result.get(key) if isinstance(result, dict) else None
    return found if isinstance(found, list) else []
