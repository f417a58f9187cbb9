"""`tools/register`: the tools of the application on this connection (spec 01, section 9.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.session.intake import tools_of
from meerkat_mock.surfaces.registry import handles

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject
    from meerkat_mock.surfaces.registry import Call, Params


class Tools:
    """Keeps nothing: the list belongs to the connection and dies with it."""

    @handles("tools/register")
    def register(self, params: Params, call: Call) -> JsonObject:
        """Add tools to the connection's list, or replace them in place."""
        call.connection.tools.update(tools_of(params["tools"]))
        return {"registered": len(params["tools"])}
