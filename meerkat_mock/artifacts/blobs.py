"""Blobs of a realm, named by what they hold; they outlive the sessions that put them there (spec 02, section 15.1)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meerkat_mock.store import Store

_PREFIX = "sha256:"


@dataclass(frozen=True)
class Blob:
    """Content in base64, and what it is."""

    media_type: str
    data: str


def blob_id(media_type: str, data: str) -> str:
    """Return the name of a blob: SHA-256 over its media type, a zero byte and the *text* of its base64 data."""
    return _PREFIX + hashlib.sha256(media_type.encode() + b"\0" + data.encode()).hexdigest()


class Blobs:
    """All blobs of a realm."""

    def __init__(self, store: Store) -> None:
        self._held: dict[str, Blob] = {}
        self._store = store

    def put(self, media_type: str, data: str) -> str:
        """Keep content in base64 and return its id; the same content is kept once."""
        name = blob_id(media_type, data)
        if name not in self._held:
            self._held[name] = Blob(media_type, data)
            self._store.put("blobs", name, [media_type, data])
        return name

    def get(self, name: str) -> Blob | None:
        """Return a blob by its id, with or without the prefix; case counts."""
        return self._find(name) or self._find(_PREFIX + name)

    def _find(self, name: str) -> Blob | None:
        if name not in self._held and isinstance(kept := self._store.value("blobs", name), list):
            self._held[name] = Blob(str(kept[0]), str(kept[1]))
        return self._held.get(name)
