"""What a server offers and how it is configured (spec 05, config; spec 01, section 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypedDict


class ConfigEnvelope(TypedDict, total=False):
    """The configuration with its generation, which a change may name to be refused when another came first."""

    config: dict[str, Any]
    generation: int
    realm_id: str | None
    instance_id: str | None
    backend: str | None
    resolved_paths: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Capability:
    """One capability of the server; `status` is `Available` or the name of what keeps it from being so."""

    id: str = ""
    description: str = ""
    status: str = ""

    @property
    def available(self) -> bool:
        """Whether it can be used."""
        return self.status == "Available"
