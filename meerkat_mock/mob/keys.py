"""Who a peer is on the wire: public keys, the ids that follow from them, and descriptors of peers outside (spec 04, section 9.1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from meerkat_mock.mob.refusals import Refusal

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject

_NAMESPACE = uuid.UUID("6d656572-6b61-7450-6565-724964300001")
_TRANSPORTS = ("inproc", "uds", "tcp")
_PREFIX = "ed25519:"
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]")
KEY_BYTES = 32


def peer_id_of(key: bytes) -> str:
    """Return the id that follows from a public key: UUID v5 of its bytes."""
    digest = hashlib.sha1(_NAMESPACE.bytes + key, usedforsecurity=False).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


def key_of(seed: str) -> bytes:
    """Return a key that looks random and follows from a text."""
    return hashlib.sha256(seed.encode("utf-8")).digest()


def written_key(key: bytes) -> str:
    """Return a public key as the wire writes it."""
    return f"{_PREFIX}{base64.b64encode(key).decode('ascii')}"


def read_key(text: str) -> bytes:
    """Return the bytes of a public key. Raises `Refusal` with the texts of spec 04, section 7.3, row 3."""
    if not text.startswith(_PREFIX):
        raise Refusal("external peer identity public_key must start with 'ed25519:'")
    key = _unpacked(text[len(_PREFIX) :])
    if len(key) != KEY_BYTES:
        raise Refusal(f"external peer identity public_key must decode to 32 bytes, got {len(key)}")
    if not any(key):
        raise Refusal("external peer identity public_key must be non-zero")
    return key


def _unpacked(text: str) -> bytes:
    raw = text.encode("utf-8", "surrogatepass")
    if (wrong := _NOT_BASE64.search(raw)) is not None:
        fault = f"Invalid symbol {raw[wrong.start()]}, offset {wrong.start()}."
        raise Refusal(f"external peer identity public_key is not valid base64: {fault}")
    try:
        return base64.b64decode(raw, validate=True)
    except binascii.Error:
        raise Refusal("external peer identity public_key is not valid base64: Invalid padding") from None


@dataclass(frozen=True)
class ExternalPeer:
    """A peer outside of the mob."""

    name: str
    transport: str
    endpoint: str
    key: bytes

    def wire(self) -> JsonObject:
        """Return the full descriptor."""
        return {
            "peer_id": peer_id_of(self.key),
            "name": self.name,
            "address": {"transport": self.transport, "endpoint": self.endpoint},
            "pubkey": list(self.key),
        }


class BadAddress(Exception):
    """An address that is no `scheme://rest` of a known scheme; `str()` says why."""


def read_address(address: str) -> tuple[str, str]:
    """Return scheme and rest of an address. Raises `BadAddress`."""
    transport, separator, endpoint = address.partition("://")
    if not separator:
        raise BadAddress(f"peer address missing transport scheme: {address}")
    if transport not in _TRANSPORTS:
        raise BadAddress(f'unknown peer address transport "{transport}" in address "{address}"')
    return transport, endpoint
