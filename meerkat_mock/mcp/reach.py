"""How a configured server is reached: played by the scenario under its name, else for real, as its configuration says."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, cast

from meerkat_mock.mcp.link import DEFAULT_CONNECT_SECONDS, ConnectFailed, McpTool
from meerkat_mock.mcp.official import OfficialLink
from meerkat_mock.mcp.pipe import PipeLink
from meerkat_mock.mcp.scripted import ScriptedLink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from meerkat.wire.base import JsonObject
    from meerkat.wire.mcp import McpServerConfig
    from meerkat_mock.clock import Clock
    from meerkat_mock.mcp.link import Link, ToolAnswer
    from meerkat_mock.scenario.models.world import McpServer

NEEDS_EXTRA = 'this server is reached over HTTP, which needs the extra: pip install "meerkat-kit[mcp]"'


class Reach:
    """Makes links to servers. `declared` are the servers of the scenario by name."""

    def __init__(self, clock: Clock, declared: Mapping[str, McpServer]) -> None:
        self._clock = clock
        self._declared = declared

    def link(self, config: McpServerConfig) -> Link:
        """Return a link to a server; a scenario's entry of the same name stands in for it."""
        declared = self._declared.get(config["name"])
        if declared is not None and (declared.tools is not None or declared.fail is not None):
            return ScriptedLink(declared, self._clock)
        return _real_link(config if declared is None else _config_of(declared))

    def limit(self, config: McpServerConfig) -> float:
        """Return how many seconds a server may take to come up: as the scenario says, else as its configuration does."""
        declared = self._declared.get(config["name"])
        own = None if declared is None else declared.connect_timeout_secs
        return float(own or config.get("connect_timeout_secs") or DEFAULT_CONNECT_SECONDS)


def _config_of(server: McpServer) -> McpServerConfig:
    given = server.model_dump(exclude_unset=True, include={"name", "command", "args", "env", "url", "headers", "transport"})
    return cast("McpServerConfig", given)


def _real_link(config: McpServerConfig) -> Link:
    if find_spec("mcp") is not None:
        return OfficialLink(config)
    facts = cast("JsonObject", {**config})
    command = facts.get("command")
    if isinstance(command, str):
        return PipeLink(command, cast("list[str]", facts.get("args", [])), cast("dict[str, str]", facts.get("env", {})))
    return _Unreachable(str(facts["url"]))


class _Unreachable:
    """A server that cannot be reached with what is installed."""

    delay: float | None = None

    def __init__(self, url: str) -> None:
        self._url = url

    async def open(self) -> Sequence[McpTool]:
        """Say what is missing."""
        raise ConnectFailed(f"{self._url}: {NEEDS_EXTRA}")

    async def call(self, tool: str, arguments: JsonObject) -> ToolAnswer:
        """Never happens: there are no tools."""
        raise ConnectFailed(NEEDS_EXTRA)

    async def close(self) -> None:
        """There is nothing to let go of."""
