"""The handshake and what the server offers (spec 01, sections 6 and 11)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from meerkat.parsing.fields import Fields
from meerkat.types.config import Capability

if TYPE_CHECKING:
    from meerkat.wire.base import Json


def parse_initialize(raw: Json) -> tuple[str, list[str]]:
    """Return the version of the server's contract and the methods it offers."""
    hello = Fields("Invalid initialize result", raw)
    return hello.text("contract_version"), hello.texts("methods") if hello.has("methods") else []


def parse_capabilities(raw: Json) -> list[Capability]:
    """Return the capabilities; a status that is an object is named by its only key, such as `DisabledByPolicy`."""
    fields = Fields("Invalid capabilities", raw)
    return [_capability(fields, index, each) for index, each in enumerate(fields.values("capabilities"))]


def _capability(fields: Fields, index: int, raw: Json) -> Capability:
    if isinstance(raw, dict):  # every handshake brings a list of them: only what is odd is looked at field by field
        name, about, status = raw.get("id"), raw.get("description"), raw.get("status")
        if isinstance(status, dict):
            status = next(iter(status), None)
        if name and isinstance(name, str) and isinstance(about, str) and isinstance(status, str):
            return _known(name, about, status)
    return _odd_capability(fields.item("capabilities", index))


@lru_cache(64)
def _known(name: str, about: str, status: str) -> Capability:
    """Return a capability; those that every server has are made once."""
    return Capability(name, about, status)


def _odd_capability(capability: Fields) -> Capability:
    return Capability(capability.name("id"), capability.optional_text("description") or "", _status(capability))


def _status(capability: Fields) -> str:
    if isinstance(capability.raw.get("status"), dict):
        return next(iter(capability.record("status").raw), "Unknown")
    return capability.text("status")


def parse_stream_open(raw: Json, method: str) -> str:
    """Return the id of a stream that `method` opened."""
    return Fields(f"Invalid {method} response", raw).name("stream_id")
