"""`initialize`: who the server is and what it serves (spec 01, section 6.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.handshake import INITIALIZE_RESULT
from meerkat_mock.surfaces.registry import Fault, handles

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject


class Core:
    """The handshake. It keeps no state: every method works without it (spec 01, section 6.1)."""

    @handles("initialize")
    def initialize(self, params: JsonObject) -> JsonObject:
        """Say who we are."""
        return INITIALIZE_RESULT

    @handles("skills/inspect")
    def inspect_skill(self, params: JsonObject) -> JsonObject:
        """Refuse the retired method in the server's words (spec 01, section 8.2)."""
        raise Fault(-32601, "skills/inspect is no longer served; resolve skills through the typed registry surface")
