"""What survives a restart: values by shelf and key, and logs that only grow (spec 02, section 17.3; spec 08, section 13).

Owns keeping, not meaning: what a value is, and what may be kept of it, is the business of whoever puts it there. Without a state root
nothing is kept; a file is made by the first value, so that a server that is only asked leaves no trace.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from meerkat.wire.base import Json
    from meerkat_mock.flags import Backend, Flags, Realm

FILE_NAME = "meerkat-mock.sqlite3"
"""Inside the folder of a realm; no name that the real server uses, which must never find our file in the place of its own."""

_SCHEMA = """
create table if not exists kept (shelf text, key text, value text not null, primary key (shelf, key)) without rowid;
create table if not exists logged
    (log text, number integer, at_ms integer not null, value text not null, primary key (log, number)) without rowid;
"""


class BrokenState(ValueError):
    """A state file that cannot be read; the message names it and what to do."""


class RealmMismatch(BrokenState):
    """A realm that an earlier process keeps in another way than is asked for; the message is the server's own (spec 01, section 13.2)."""


class Store(Protocol):
    """Keeps JSON values for the next process of the same realm."""

    keeps: bool
    """False when nothing is kept at all, so that nobody needs to prepare anything."""

    @property
    def empty(self) -> bool:
        """Tell whether no process has kept anything here yet."""
        ...

    dead: bool
    """True once the process was killed: nothing it does after that is kept."""

    def put(self, shelf: str, key: str, value: Json) -> None:
        """Keep a value in the place of what was there."""

    def drop(self, shelf: str, key: str) -> None:
        """Forget a value."""

    def value(self, shelf: str, key: str) -> Json:
        """Return a value, None when there is none."""
        ...

    def values(self, shelf: str) -> Iterator[tuple[str, Json]]:
        """Yield keys and values of a shelf, in the order of the keys."""
        ...

    def append(self, log: str, entries: Iterable[tuple[int, int, Json]]) -> None:
        """Add numbered, timed (Unix ms) values to a log."""

    def logged(self, log: str) -> Iterator[tuple[int, Json]]:
        """Yield time and value of everything in a log, oldest first."""
        ...

    def close(self) -> None:
        """Let go of the file. May be called any number of times."""


class NothingKept:
    """The store of a mock whose state ends with it."""

    keeps = False
    dead = False
    empty = True

    def put(self, shelf: str, key: str, value: Json) -> None:
        """Keep nothing."""

    def drop(self, shelf: str, key: str) -> None:
        """Have nothing to forget."""

    def value(self, shelf: str, key: str) -> Json:
        """Know nothing."""
        return None

    def values(self, shelf: str) -> Iterator[tuple[str, Json]]:
        """Yield nothing."""
        return iter(())

    def append(self, log: str, entries: Iterable[tuple[int, int, Json]]) -> None:
        """Keep nothing."""

    def logged(self, log: str) -> Iterator[tuple[int, Json]]:
        """Yield nothing."""
        return iter(())

    def close(self) -> None:
        """Have nothing to let go of."""


class SqliteStore:
    """One file per realm. Every call is its own transaction: a process may be killed at any moment (spec 08, section 13).

    It does not wait for the disk: what is lost when the machine itself dies is no concern of a mock.
    """

    keeps = True

    def __init__(self, path: Path) -> None:
        self.dead = False
        self._path = path
        self._open: sqlite3.Connection | None = None

    @property
    def empty(self) -> bool:
        """Tell whether there is no file yet."""
        return self._open is None and not self._path.exists()

    def put(self, shelf: str, key: str, value: Json) -> None:
        """Keep a value in the place of what was there."""
        if self.dead:
            return
        with self._database() as database:
            database.execute("insert or replace into kept values (?, ?, ?)", (shelf, key, _text(value)))

    def drop(self, shelf: str, key: str) -> None:
        """Forget a value."""
        if self.dead:
            return
        with self._database() as database:
            database.execute("delete from kept where shelf = ? and key = ?", (shelf, key))

    def value(self, shelf: str, key: str) -> Json:
        """Return a value, None when there is none. Raises `BrokenState`."""
        if self.empty:
            return None
        found = self._rows("select key, value from kept where shelf = ? and key = ?", shelf, key)
        return self._value(found[0][1]) if found else None

    def values(self, shelf: str) -> Iterator[tuple[str, Json]]:
        """Yield keys and values of a shelf, in the order of the keys. Raises `BrokenState`."""
        if self.empty:
            return
        for key, text in self._rows("select key, value from kept where shelf = ? order by key", shelf):
            yield str(key), self._value(text)

    def append(self, log: str, entries: Iterable[tuple[int, int, Json]]) -> None:
        """Add numbered, timed (Unix ms) values to a log."""
        if self.dead:
            return
        rows = [(log, number, at_ms, _text(value)) for number, at_ms, value in entries]
        with self._database() as database:
            database.executemany("insert or replace into logged values (?, ?, ?, ?)", rows)

    def logged(self, log: str) -> Iterator[tuple[int, Json]]:
        """Yield time and value of everything in a log, oldest first. Raises `BrokenState`."""
        if self.empty:
            return
        for at_ms, text in self._rows("select at_ms, value from logged where log = ? order by number", log):
            yield cast("int", at_ms), self._value(text)

    def close(self) -> None:
        """Let go of the file. May be called any number of times."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _database(self) -> sqlite3.Connection:
        if self._open is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(self._path)
            try:
                database.execute("pragma journal_mode = wal")
                database.execute("pragma synchronous = off")
                database.executescript(_SCHEMA)
            except sqlite3.DatabaseError as error:
                database.close()
                raise self._broken(error) from error
            self._open = database
        return self._open

    def _rows(self, query: str, *names: str) -> list[tuple[object, object]]:
        try:
            return self._database().execute(query, names).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._broken(error) from error

    def _value(self, text: object) -> Json:
        try:
            return cast("Json", json.loads(cast("str", text)))
        except ValueError as error:
            raise self._broken(error) from error

    def _broken(self, error: Exception) -> BrokenState:
        return BrokenState(
            f"{self._path}: the state of an earlier process cannot be read: {error}; delete the file, or choose another state root"
        )


def _text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


class Disk:
    """What all processes of one mock share in place of a disk: realms by name, alive as long as the mock."""

    def __init__(self) -> None:
        self._realms: dict[str, tuple[dict[str, dict[str, str]], dict[str, dict[int, tuple[int, str]]]]] = {}

    def realm(self, name: str) -> MemoryStore:
        """Return the store of one process in a realm."""
        return MemoryStore(*self._realms.setdefault(name, ({}, {})))


class MemoryStore:
    """Keeps values as the text they would be on a disk, so that nothing is shared by accident."""

    keeps = True

    def __init__(self, kept: dict[str, dict[str, str]], logs: dict[str, dict[int, tuple[int, str]]]) -> None:
        self.dead = False
        self._kept = kept
        self._logs = logs

    @property
    def empty(self) -> bool:
        """Tell whether nothing was kept yet."""
        return not self._kept

    def put(self, shelf: str, key: str, value: Json) -> None:
        """Keep a value in the place of what was there."""
        if not self.dead:
            self._kept.setdefault(shelf, {})[key] = _text(value)

    def drop(self, shelf: str, key: str) -> None:
        """Forget a value."""
        if not self.dead:
            self._kept.get(shelf, {}).pop(key, None)

    def value(self, shelf: str, key: str) -> Json:
        """Return a value, None when there is none."""
        text = self._kept.get(shelf, {}).get(key)
        return None if text is None else cast("Json", json.loads(text))

    def values(self, shelf: str) -> Iterator[tuple[str, Json]]:
        """Yield keys and values of a shelf, in the order of the keys."""
        for key, text in sorted(self._kept.get(shelf, {}).items()):
            yield key, json.loads(text)

    def append(self, log: str, entries: Iterable[tuple[int, int, Json]]) -> None:
        """Add numbered, timed (Unix ms) values to a log."""
        if not self.dead:
            self._logs.setdefault(log, {}).update((number, (at_ms, _text(value))) for number, at_ms, value in entries)

    def logged(self, log: str) -> Iterator[tuple[int, Json]]:
        """Yield time and value of everything in a log, oldest first."""
        for _, (at_ms, text) in sorted(self._logs.get(log, {}).items()):
            yield at_ms, json.loads(text)

    def close(self) -> None:
        """Have nothing to let go of."""


def settle_backend(realm: Realm, store: Store, asked: Backend | None) -> None:
    """Let a realm be kept as the process that made it chose, sqlite if none chose. Raises `RealmMismatch` if something else is asked."""
    if store.empty:
        if realm.backend != "sqlite":
            store.put("realm", "backend", realm.backend)
        return
    existing: Backend = "jsonl" if store.value("realm", "backend") == "jsonl" else "sqlite"
    if asked not in (None, existing):
        store.close()
        raise RealmMismatch(f'Store(RealmBackendMismatch {{ realm_id: "{realm.id}", requested: "{asked}", existing: "{existing}" }})')
    realm.backend = existing


def store_of(flags: Flags, realm: Realm, disk: Disk | None = None) -> Store:
    """Return the store of a process: a file when it has a state root, the disk when its realm has a name, else none."""
    if flags.state_root is not None:
        return SqliteStore(Path(realm.root) / FILE_NAME)
    return disk.realm(realm.id) if disk is not None and flags.realm is not None else NothingKept()
