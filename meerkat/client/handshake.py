"""Which server versions this client works with (spec 08, section 2.4)."""

from __future__ import annotations

from meerkat.errors import ProtocolError
from meerkat.wire.methods import CONTRACT_VERSION


def check_version(version: str) -> None:
    """Raise `ProtocolError` `VERSION_MISMATCH` unless the major version agrees, and while it is 0 the minor one as well."""
    if version == CONTRACT_VERSION:
        return
    theirs, ours = _parts(version), _parts(CONTRACT_VERSION)
    if theirs is None or ours is None or theirs[0] != ours[0] or (ours[0] == 0 and theirs[1:2] != ours[1:2]):
        raise ProtocolError("VERSION_MISMATCH", f"Server version {version} incompatible with SDK {CONTRACT_VERSION}")


def _parts(version: str) -> list[int] | None:
    parts = version.split(".")
    return [int(part) for part in parts] if all(part.isascii() and part.isdigit() for part in parts) else None
