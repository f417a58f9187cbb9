"""Where the configuration of a realm is kept, with its generation: in memory, and in the state of the mock when it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from meerkat_mock.config.toml import BrokenToml, read_toml, write_toml

if TYPE_CHECKING:
    from pathlib import Path

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


class FileFirst:
    """Lets a `config.toml` in the folder of the realm go before what is kept; it is looked at on every call (spec 05, section 2.2).

    The mock makes no such file by itself. One that was put there is written back on every change, and a broken one breaks every read.
    """

    def __init__(self, file: Path, behind: ConfigStore) -> None:
        self._file = file
        self._behind = behind
        self._seen: tuple[int, int] | None = None
        self._content: JsonObject = {}

    def load(self) -> tuple[JsonObject, int]:
        """Return what the file holds, else what is kept; the generation is always the kept one."""
        kept, generation = self._behind.load()
        try:
            facts = self._file.stat()
        except OSError:
            return kept, generation
        if self._seen != (facts.st_mtime_ns, facts.st_size):
            try:
                self._content = read_toml(self._file)
            except BrokenToml as error:
                raise BrokenStore(f"Parse error: TOML parse error: {error}") from error
            self._seen = facts.st_mtime_ns, facts.st_size
        return self._content, generation

    def save(self, config: JsonObject, generation: int) -> None:
        """Keep a configuration, in the file too where there is one."""
        self._behind.save(config, generation)
        if self._file.exists():
            try:
                write_toml(self._file, config)
            except OSError as error:
                raise BrokenStore(f"IO error: {error.strerror} (os error {error.errno})") from error
