"""`mcp/add`, `mcp/remove`, `mcp/reload`: MCP servers of live sessions, staged for the next turn (spec 05, section 6)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from meerkat_mock.mcp.persisted import FileTrouble, PersistedServers
from meerkat_mock.mcp.reach import Reach
from meerkat_mock.mcp.servers import SessionServers
from meerkat_mock.surfaces.registry import Fault, handles

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from meerkat.wire.base import JsonObject
    from meerkat.wire.mcp import McpAddParams, McpLiveOpResponse, McpReloadParams, McpRemoveParams
    from meerkat_mock.mcp.events import Operation
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.session.book import SessionBook
    from meerkat_mock.session.live import LiveSession
    from meerkat_mock.session.state import Session

    Outcome = McpLiveOpResponse | Awaitable[McpLiveOpResponse]


class Mcp:
    """The MCP servers of every session that may have any: those whose first agent was built in this process, mob members excepted."""

    def __init__(self, runtime: Runtime, book: SessionBook) -> None:
        self._runtime = runtime
        self._book = book
        declared = runtime.scenario.mcp if runtime.scenario is not None else ()
        self._reach = Reach(runtime.clock, {server.name: server for server in declared})
        self._persisted = PersistedServers(runtime.flags.context_root or os.getcwd())
        self._servers: dict[str, SessionServers] = {}
        book.surroundings.tool_sources.append(self._source)
        book.surroundings.before_run.append(self._before_run)
        book.on_archived.append(self._archived)
        runtime.at_close(self._close)

    # ---- methods ---------------------------------------------------------------------------------------------------------------------

    @handles("mcp/add")
    def add(self, params: McpAddParams) -> Outcome:
        """Stage a server."""
        config = params["server_config"]
        return self._staging(params["session_id"], config["name"], lambda servers: self._add(params, servers))

    def _add(self, params: McpAddParams, servers: SessionServers) -> McpLiveOpResponse:
        config = params["server_config"]
        persisted = params.get("persisted", False)
        if persisted:
            _in_file(lambda: self._persisted.add(config))
        servers.stage_add(config)
        return _staged(params["session_id"], "add", config["name"], persisted=persisted)

    @handles("mcp/remove")
    def remove(self, params: McpRemoveParams) -> Outcome:
        """Stage a removal, of an unknown server too."""
        return self._staging(params["session_id"], params["server_name"], lambda servers: self._remove(params, servers))

    def _remove(self, params: McpRemoveParams, servers: SessionServers) -> McpLiveOpResponse:
        name = params["server_name"]
        persisted = params.get("persisted", False) and _in_file(lambda: self._persisted.remove(name))
        servers.stage_remove(name)
        return _staged(params["session_id"], "remove", name, persisted=persisted)

    @handles("mcp/reload")
    def reload(self, params: McpReloadParams) -> Outcome:
        """Stage new connections to one active server, or to all."""
        return self._staging(params["session_id"], params.get("server_name"), lambda servers: _reload(params, servers))

    # ---- what sessions ask -----------------------------------------------------------------------------------------------------------

    def _source(self, session: Session) -> SessionServers:
        """Return the source of a session's MCP tools; one without servers gets an empty one."""
        if session.staged and session.owner is None:
            return self._of(session.id)
        return self._servers.get(session.id) or SessionServers(self._reach, self._runtime.clock)

    async def _before_run(self, session: Session, live: LiveSession) -> None:
        servers = self._servers.get(session.id)
        if servers is None:
            return
        for notice in servers.begin_turn():
            servers.notices += 1
            live.channel.announce(servers.notices, notice)
        await servers.settle_soon()

    def _archived(self, session: Session) -> None:
        servers = self._servers.pop(session.id, None)
        if servers is not None:
            servers.let_go()
            self._runtime.at_close(servers.close)

    async def _close(self) -> None:
        for servers in self._servers.values():
            await servers.close()

    # ---- inside ----------------------------------------------------------------------------------------------------------------------

    def _of(self, session_id: str) -> SessionServers:
        return self._servers.setdefault(session_id, SessionServers(self._reach, self._runtime.clock))

    def _staging(self, locator: str, name: str | None, stage: Callable[[SessionServers], McpLiveOpResponse]) -> Outcome:
        """Check what can be checked at once; while a turn of the session runs, stage and answer when it has ended (section 6.4)."""
        session_id = self._book.id_of(locator)
        if name is not None and not name.strip():
            raise Fault(-32602, "server_name cannot be empty")
        session = self._book.get(session_id)
        if session is not None and self._book.running(session) and self._runtime.quirks.on("reads_wait_for_turns"):
            return self._later(session_id, stage)
        return stage(self._adapter(session_id))

    async def _later(self, session_id: str, stage: Callable[[SessionServers], McpLiveOpResponse]) -> McpLiveOpResponse:
        await self._runtime.turns.session_over(session_id)
        return stage(self._adapter(session_id))

    def _adapter(self, session_id: str) -> SessionServers:
        session = self._book.get(session_id)
        if session is None or session.archived:
            raise Fault(-32001, f"Session not found: {session_id}")
        if session.staged and session.owner is None:
            return self._of(session_id)
        if session_id not in self._servers:
            raise Fault(-32602, "session does not support live MCP operations")
        return self._servers[session_id]


def _reload(params: McpReloadParams, servers: SessionServers) -> McpLiveOpResponse:
    name = params.get("server_name")
    if name is not None and name not in servers.active:
        raise Fault(-32602, f"MCP server '{name}' is not registered on this session")
    for each in servers.active if name is None else [name]:
        servers.stage_reload(each)
    return _staged(params["session_id"], "reload", name, persisted=False)


def _in_file(change: Callable[[], bool | None]) -> bool:
    try:
        return change() is not False
    except FileTrouble as trouble:
        raise Fault(-32603, str(trouble)) from trouble


def _staged(session_id: str, operation: Operation, name: str | None, *, persisted: bool) -> McpLiveOpResponse:
    answer: JsonObject = {"session_id": session_id, "operation": operation}
    if name is not None:
        answer["server_name"] = name
    return cast("McpLiveOpResponse", {**answer, "status": "staged", "persisted": persisted})
