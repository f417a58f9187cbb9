"""The handshake and what the server offers (spec 01, sections 6 and 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat.parsing.fields import Fields
from meerkat.types.config import Capability

if TYPE_CHECKING:
    from meerkat.wire.base import Json


def parse_initialize(raw: Json) -> tuple[str, frozenset[str]]:
    """Return the version of the server's contract and the methods it offers."""
    hello = Fields("Invalid initialize result", raw)
    return hello.text("contract_version"), frozenset(hello.texts("methods") if hello.has("methods") else ())


def parse_capabilities(raw: Json) -> list[Capability]:
    """Return the capabilities; a status that is an object is named by its only key, such as `DisabledByPolicy`."""
    return [_capability(capability) for capability in Fields("Invalid capabilities", raw).records("capabilities")]


def _capability(capability: Fields) -> Capability:
    return Capability(capability.name("id"), capability.optional_text("description") or "", _status(capability))


def _status(capability: Fields) -> str:
    if isinstance(capability.raw.get("status"), dict):
        return next(iter(capability.record("status").raw), "Unknown")
    return capability.text("status")


def parse_stream_open(raw: Json, method: str) -> str:
    """Return the id of a stream that `method` opened."""
    return Fields(f"Invalid {method} response", raw).name("stream_id")
