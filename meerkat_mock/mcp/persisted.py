"""`.rkat/mcp.toml`: where `persisted: true` writes servers down, as `[[servers]]` tables (spec 05, section 6.3)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from meerkat_mock.config.mcp import MCP_SERVER
from meerkat_mock.config.toml import BrokenToml, read_toml, write_toml

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject
    from meerkat.wire.mcp import McpServerConfig


class FileTrouble(Exception):
    """The file cannot be read or written, or holds the server already; `str()` is the server's text."""


class PersistedServers:
    """The file of one root; it is read when it is needed and made when there is something to write."""

    def __init__(self, root: str) -> None:
        self._root = root

    @property
    def _file(self) -> Path:
        return Path(self._root) / ".rkat" / "mcp.toml"

    def add(self, config: McpServerConfig) -> None:
        """Write a server down. Raises `FileTrouble`, also if its name is there already."""
        content = self._content()
        servers = _servers(content)
        name = config["name"]
        if any(server.get("name") == name for server in servers):
            raise FileTrouble(f"Server '{name}' already exists. Remove it first with: rkat mcp remove {name}")
        self._write({**content, "servers": [*servers, cast("JsonObject", MCP_SERVER.read(cast("JsonObject", dict(config))))]})

    def remove(self, name: str) -> bool:
        """Take a server out; return whether the file had it. Raises `FileTrouble`."""
        content = self._content()
        servers = _servers(content)
        left = [server for server in servers if server.get("name") != name]
        if len(left) == len(servers):
            return False
        self._write({**content, "servers": [*left]})
        return True

    def _content(self) -> JsonObject:
        if not self._file.is_file():
            return {}
        try:
            return read_toml(self._file)
        except BrokenToml as error:
            raise FileTrouble(f"Parse error in {self._file}: {error}") from error
        except OSError as error:
            raise FileTrouble(f"IO error: {error.strerror} (os error {error.errno})") from error

    def _write(self, content: JsonObject) -> None:
        try:
            write_toml(self._file, content)
        except OSError as error:
            raise FileTrouble(f"IO error: {error.strerror} (os error {error.errno})") from error


def _servers(content: JsonObject) -> list[JsonObject]:
    found = content.get("servers")
    return [server for server in found if isinstance(server, dict)] if isinstance(found, list) else []
