"""Where the configuration of a realm is kept, with its generation: in memory, and in the state of the mock when it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject
    from meerkat_mock.store import Store


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


class KeptStore(MemoryStore):
    """Keeps the configuration in the state of the realm, too: the next process starts with it."""

    def __init__(self, store: Store) -> None:
        kept = store.value("config", "realm")
        super().__init__({})
        if isinstance(kept, dict):
            super().save(cast("JsonObject", kept["config"]), cast("int", kept["generation"]))
        self._store = store

    def save(self, config: JsonObject, generation: int) -> None:
        """Keep a configuration."""
        super().save(config, generation)
        self._store.put("config", "realm", {"config": config, "generation": generation})
