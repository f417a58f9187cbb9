"""How an MCP server is written: in the configuration, in `mcp/add` and in `.rkat/mcp.toml` (spec 05, section 6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from meerkat_mock.config.kinds import REQUIRED, Choice, Key, ListOf, MapOf, Section, Text, Unreadable, Whole
from meerkat_mock.contract.params import seen

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject

_STDIO: Final = Section(
    "McpStdioConfig",
    {"command": Key(Text(), REQUIRED), "args": Key(ListOf(Text()), []), "env": Key(MapOf(Text()), {})},
)
_HTTP: Final = Section(
    "McpHttpConfig",
    {
        "url": Key(Text(), REQUIRED),
        "headers": Key(MapOf(Text()), {}),
        "transport": Key(Choice(("streamable-http", "sse")), None),
    },
)
_OWN: Final = Section("McpServerConfig", {"name": Key(Text(), REQUIRED), "connect_timeout_secs": Key(Whole("u32"))})


@dataclass(frozen=True)
class _McpServer:
    """A name and exactly one form of transport, told apart by its keys; each form refuses foreign ones."""

    def read(self, value: Json) -> Json:
        """Return the server with the defaults of its form."""
        if not isinstance(value, dict):
            raise Unreadable(f"invalid type: {seen(value)}, expected struct McpServerConfig")
        own = _OWN.read(value)
        transport = {key: item for key, item in value.items() if key not in _OWN.keys}
        return {**(own if isinstance(own, dict) else {}), **_transport(transport)}

    def storable(self, value: Json) -> None:
        """Accept: a server is made of texts."""


def _transport(given: JsonObject) -> JsonObject:
    for form in (_STDIO, _HTTP):
        if set(given) <= set(form.keys):
            try:
                read = form.read(given)
            except Unreadable:
                continue
            if isinstance(read, dict):
                return read
    raise Unreadable("data did not match any variant of untagged enum McpTransportConfig")


MCP_SERVER: Final = _McpServer()
