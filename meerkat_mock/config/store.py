"""Where the configuration of a realm is kept, with its generation: in memory, for a mock that leaves nothing on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject


class BrokenStore(Exception):
    """The kept configuration cannot be read or written; `str()` is the server's text."""


class ConfigStore(Protocol):
    """Keeps what was written, as it was written: defaults are filled in by the reader."""

    def load(self) -> tuple[JsonObject, int]:
        """Return the kept configuration and its generation. Raises `BrokenStore`."""
        ...

    def save(self, config: JsonObject, generation: int) -> None:
        """Keep a configuration. Raises `BrokenStore`."""


class MemoryStore:
    """Keeps the configuration as long as the process lives."""

    def __init__(self, config: JsonObject) -> None:
        self._config = config
        self._generation = 0

    def load(self) -> tuple[JsonObject, int]:
        """Return the kept configuration and its generation."""
        return self._config, self._generation

    def save(self, config: JsonObject, generation: int) -> None:
        """Keep a configuration."""
        self._config, self._generation = config, generation
