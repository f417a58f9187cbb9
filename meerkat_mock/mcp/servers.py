"""The MCP servers of one session: what is staged, what is connecting, what is there, and when which of it is told.

Staged changes begin with the next turn; connections come up in the background and count from the next model call on (spec 05, 6.4).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from meerkat_mock.agent.ports import ToolOutcome
from meerkat_mock.mcp.events import scope_changed, server_changed
from meerkat_mock.mcp.link import CallFailed, ConnectFailed, Link, McpTool
from meerkat_mock.session.tools import failed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat.wire.base import JsonObject
    from meerkat.wire.mcp import McpServerConfig
    from meerkat_mock.clock import Clock
    from meerkat_mock.mcp.events import Operation
    from meerkat_mock.mcp.reach import Reach

GRACE_SECONDS: Final = 0.05
"""A server that answers this quickly is there for the turn that started it."""


@dataclass(frozen=True)
class _Staged:
    operation: Operation
    config: McpServerConfig | None = None


@dataclass
class _Active:
    config: McpServerConfig
    link: Link
    tools: Sequence[McpTool]


@dataclass
class _Connecting:
    operation: Operation
    config: McpServerConfig
    link: Link
    task: asyncio.Task[Sequence[McpTool]]


class SessionServers:
    """Keeps the servers of one session; also the source of their tools."""

    def __init__(self, reach: Reach, clock: Clock) -> None:
        self._reach = reach
        self._clock = clock
        self._staged: dict[str, _Staged] = {}
        self._active: dict[str, _Active] = {}
        self._connecting: dict[str, _Connecting] = {}
        self._settled: list[str] = []
        """Names whose connection is up or has failed, in this order, not told yet."""
        self._told: dict[str, JsonObject] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self.turns = 0
        """Turns started so far."""
        self.notices = 0
        """Notices told before turns so far: they have a count of their own."""

    # ---- staging ---------------------------------------------------------------------------------------------------------------------

    @property
    def active(self) -> list[str]:
        """Names of the servers that are registered: connected and told of."""
        return list(self._active)

    def stage_add(self, config: McpServerConfig) -> None:
        """Stage a server; the last one of a name wins."""
        self._stage(config["name"], _Staged("add", config))

    def stage_remove(self, name: str) -> None:
        """Stage a removal; over an addition that was not applied yet it just takes that back."""
        self._staged.pop(name, None)
        if name in self._active or name in self._connecting:
            self._stage(name, _Staged("remove"))

    def stage_reload(self, name: str) -> None:
        """Stage a new connection to an active server."""
        self._stage(name, _Staged("reload", self._active[name].config))

    def _stage(self, name: str, change: _Staged) -> None:
        self._staged.pop(name, None)
        self._staged[name] = change

    # ---- turns -----------------------------------------------------------------------------------------------------------------------

    def begin_turn(self) -> list[JsonObject]:
        """Begin what is staged and return the notices that come before the turn."""
        self.turns += 1
        staged, self._staged = self._staged, {}
        return [notice for name, change in staged.items() for notice in self._begin(name, change)]

    def _begin(self, name: str, change: _Staged) -> list[JsonObject]:
        if change.config is not None:
            self._connect(name, change.operation, change.config)
            return [server_changed(change.operation, name, "pending", self.turns)]
        self._drop_connecting(name)
        active = self._active.pop(name, None)
        if active is None:
            return []
        self._let_go(active.link)
        return [server_changed("remove", name, "draining", self.turns), server_changed("remove", name, "applied", self.turns)]

    def _connect(self, name: str, operation: Operation, config: McpServerConfig) -> None:
        self._drop_connecting(name)
        link = self._reach.link(config)
        task = asyncio.ensure_future(_opened(link, name, self._reach.limit(config), self._clock))
        self._connecting[name] = _Connecting(operation, config, link, task)
        task.add_done_callback(lambda done: self._note_settled(name, done))

    def _note_settled(self, name: str, task: asyncio.Task[Sequence[McpTool]]) -> None:
        connecting = self._connecting.get(name)
        if connecting is not None and connecting.task is task and not task.cancelled():
            self._settled.append(name)

    async def settle_soon(self) -> None:
        """Give servers that answer at once the chance to be there for this turn."""
        waiting = [each for each in self._connecting.values() if not each.task.done()]
        played = [each.task for each in waiting if each.link.delay is not None and each.link.delay <= GRACE_SECONDS]
        real = [each.task for each in waiting if each.link.delay is None]
        if played:
            await asyncio.wait(played)
        if real:
            await asyncio.wait(real, timeout=GRACE_SECONDS)

    # ---- the tools -------------------------------------------------------------------------------------------------------------------

    def visible(self) -> dict[str, JsonObject]:
        """Return the definitions of all tools by name; of two servers with one tool the later has it."""
        return {tool.name: tool.definition(name) for name, server in self._active.items() for tool in server.tools}

    async def call(self, call_id: str, name: str, arguments: JsonObject) -> ToolOutcome:
        """Call a tool at its server; a refusal of the tool loses its own text (spec 05, section 6.4)."""
        server = next(server for server in reversed(self._active.values()) if any(tool.name == name for tool in server.tools))
        try:
            answer = await server.link.call(name, arguments)
        except CallFailed as error:
            return failed("execution_failed", f"Tool execution failed: Tool call failed for '{name}': {error}")
        if answer.is_error:
            return failed("execution_failed", f"Tool execution failed: Tool call failed for '{name}': Tool returned error")
        return ToolOutcome(_blocks(answer.content))

    def changes(self, turn_number: int) -> list[JsonObject]:
        """Return what is due before a model call: servers that settled, in this order, then the change of what the model sees."""
        events = [self._apply(name, turn_number) for name in self._settled]
        self._settled.clear()
        visible = self.visible()
        if visible != self._told:
            self._told = visible
            events.append(scope_changed(turn_number))
        return events

    def finished_jobs(self) -> list[JsonObject]:
        """Return nothing: MCP servers have no background jobs."""
        return []

    def _apply(self, name: str, turn_number: int) -> JsonObject:
        connecting = self._connecting.pop(name)
        before = self._active.pop(name, None)
        if before is not None:
            self._let_go(before.link)
        error = connecting.task.exception()
        if error is not None:
            self._let_go(connecting.link)
            return server_changed(connecting.operation, name, "failed", turn_number, f"Connection failed: {error}")
        self._active[name] = _Active(connecting.config, connecting.link, connecting.task.result())
        return server_changed(connecting.operation, name, "applied", turn_number)

    # ---- the end ---------------------------------------------------------------------------------------------------------------------

    def _drop_connecting(self, name: str) -> None:
        connecting = self._connecting.pop(name, None)
        if connecting is not None:
            connecting.task.cancel()
            self._settled = [each for each in self._settled if each != name]
            self._let_go(connecting.link)

    def _let_go(self, link: Link) -> None:
        task = asyncio.ensure_future(link.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    def let_go(self) -> None:
        """Begin to let go of every server."""
        for name in list(self._connecting):
            self._drop_connecting(name)
        for active in self._active.values():
            self._let_go(active.link)
        self._active.clear()

    async def close(self) -> None:
        """Let go of every server, and wait until they have gone."""
        self.let_go()
        await asyncio.gather(*self._closing, return_exceptions=True)


async def _opened(link: Link, name: str, limit: float, clock: Clock) -> Sequence[McpTool]:
    late = ConnectFailed(f"Connection timed out after {limit:g}s")
    if link.delay is None:
        try:
            return await asyncio.wait_for(link.open(), limit)
        except asyncio.TimeoutError:
            raise late from None
    if link.delay > limit:
        await clock.pause(limit, f"the MCP server {name} may take this long to start")
        raise late
    return await link.open()


def _blocks(content: Sequence[JsonObject]) -> tuple[JsonObject, ...]:
    """Return the blocks of the transcript: the texts as one, then the images."""
    texts = [str(block.get("text", "")) for block in content if block.get("type") == "text"]
    images: list[JsonObject] = [
        {"type": "image", "media_type": block.get("mimeType"), "source": "inline", "data": block.get("data")}
        for block in content
        if block.get("type") == "image"
    ]
    return ({"type": "text", "text": "\n".join(texts)}, *images)
