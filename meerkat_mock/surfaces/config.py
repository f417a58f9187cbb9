"""`config/get`, `config/set`, `config/patch`: the configuration of the realm (spec 05, section 2).

Owns what is configured now; what a section means is the business of whoever reads it through `current`.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from meerkat_mock.config.identity import check_identities
from meerkat_mock.config.kinds import Unreadable, Unstorable
from meerkat_mock.config.rules import Invalid, check, merged, part
from meerkat_mock.config.sections import config_section, default_config
from meerkat_mock.config.store import BrokenStore, ConfigStore, FileFirst, KeptStore
from meerkat_mock.surfaces.registry import Fault, handles
from meerkat_mock.world.catalogue import BUILTIN_IDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.scenario.models.scenario import Scenario

_PARSE_FAILED = "Failed to parse config payload: data did not match any variant of untagged enum ConfigSetRequest"


class Config:
    """The configuration, its generation, and who wants to hear of changes."""

    def __init__(self, runtime: Runtime) -> None:
        self._realm = runtime.realm
        self._instance = runtime.flags.instance
        self._storage = storage_directory(runtime.world.environ)
        self._section = config_section(self._storage)
        self._at_change: list[Callable[[JsonObject, JsonObject], None]] = []
        self._holds: list[Callable[[Json], bool]] = []
        self._kept: JsonObject | None = None
        self._full: JsonObject = {}
        self._at_start: JsonObject | None = None
        self._store: ConfigStore = KeptStore(runtime.store)
        if runtime.flags.state_root is not None:
            self._store = FileFirst(Path(runtime.realm.config_path), self._store)
        if runtime.scenario is not None:
            self._start_with(runtime.scenario)

    # ---- for other surfaces ----------------------------------------------------------------------------------------------------------

    @property
    def current(self) -> JsonObject:
        """The complete configuration, to be read only; the defaults if what is kept cannot be read (spec 01, section 11)."""
        try:
            return self._load()[0]
        except BrokenStore:
            return self._read({})

    @property
    def at_start(self) -> JsonObject:
        """The configuration that the server started with, for what is read only once (spec 02, section 17.2)."""
        return self.current if self._at_start is None else self._at_start

    def section(self, *path: str) -> JsonObject:
        """Return one section of the current configuration, like `section("agent")`."""
        return part(self.current, *path)

    def at_change(self, tell: Callable[[JsonObject, JsonObject], None]) -> None:
        """Call `tell` with the configuration before and after every successful write."""
        self._at_change.append(tell)

    def hold_answers(self, holds: Callable[[Json], bool]) -> None:
        """Answer a write only when running turns have ended if `holds` says so of its params; it takes effect at once all the same."""
        self._holds.append(holds)

    def _held(self, params: Json) -> bool:
        return any(holds(params) for holds in self._holds)

    # ---- methods ---------------------------------------------------------------------------------------------------------------------

    @handles("config/get")
    def get(self, params: JsonObject) -> JsonObject:
        """Return the envelope."""
        return self._envelope(*self._loaded())

    @handles("config/set", held=_held, early=True)
    def set(self, params: Json) -> JsonObject:
        """Replace everything. What does not parse in the wrapped form is read as a bare configuration: the reset hazard of section 2.2."""
        config, expected = self._set_request(params)
        _refuse_invalid(config)
        before, generation = self._loaded()
        _refuse_conflict(expected, generation)
        return self._write(before, config, generation)

    @handles("config/patch", held=_held, early=True)
    def patch(self, params: Json) -> JsonObject:
        """Merge a patch into what is there."""
        before, generation = self._loaded()
        patch, expected = _patch_request(params)
        try:
            config = self._read(merged(before, patch))
        except Unreadable as error:
            raise Fault(-32602, f"Failed to apply config patch preview: {error}") from error
        _refuse_invalid(config)
        _refuse_conflict(expected, generation)
        return self._write(before, config, generation)

    # ---- inside ----------------------------------------------------------------------------------------------------------------------

    def _start_with(self, scenario: Scenario) -> None:
        """Merge a scenario's `config` and `realms` into a fresh configuration. Raises `ValueError` for what the server would refuse."""
        patch: JsonObject = dict(scenario.config)
        if scenario.realms:
            patch = cast("JsonObject", merged(patch, {"realm": scenario.realms}))
        kept, generation = self._store.load()
        if not patch or generation:  # an earlier process of the realm has had it, and may have changed it since
            return
        try:
            config = self._read(merged(self._read(kept), patch))
            check(config, BUILTIN_IDS)
            check_identities(config)
        except (Unreadable, Invalid) as error:
            raise ValueError(f"the server would refuse the `config` of this scenario: {error}") from error
        self._store.save(config, generation)

    def _read(self, value: Json) -> JsonObject:
        return default_config(self._storage) if value == {} else cast("JsonObject", self._section.read(value))

    def _load(self) -> tuple[JsonObject, int]:
        kept, generation = self._store.load()
        if kept is not self._kept:
            try:
                self._full = self._read(kept)
            except Unreadable as error:
                raise BrokenStore(f"Parse error: {error}") from error
            self._kept = kept
        return self._full, generation

    def _loaded(self) -> tuple[JsonObject, int]:
        try:
            return self._load()
        except BrokenStore as error:
            raise Fault(-32603, str(error)) from error

    def _set_request(self, params: Json) -> tuple[JsonObject, int | None]:
        if isinstance(params, dict) and "config" in params and _is_generation(params.get("expected_generation")):
            try:
                return self._read(params["config"]), cast("int | None", params.get("expected_generation"))
            except Unreadable:
                pass
        try:
            return self._read(params), None
        except Unreadable as error:
            raise Fault(-32602, _PARSE_FAILED) from error

    def _write(self, before: JsonObject, config: JsonObject, generation: int) -> JsonObject:
        self._at_start = before if self._at_start is None else self._at_start
        try:
            self._section.storable(config)
            self._store.save(config, generation + 1)
        except Unstorable as error:
            raise Fault(-32603, f"TOML serialization error: {error}") from error
        except BrokenStore as error:
            raise Fault(-32603, str(error)) from error
        after, generation = self._loaded()
        for tell in self._at_change:
            tell(before, after)
        return self._envelope(after, generation)

    def _envelope(self, config: JsonObject, generation: int) -> JsonObject:
        realm = self._realm
        return {
            "config": config,
            "generation": generation,
            "realm_id": realm.id,
            "instance_id": self._instance,
            "backend": realm.backend,
            "resolved_paths": {
                "root": realm.root,
                "manifest_path": realm.manifest_path,
                "config_path": realm.config_path,
                "sessions_sqlite_path": realm.sessions_sqlite_path,
                "sessions_jsonl_dir": realm.sessions_jsonl_dir,
            },
        }


def storage_directory(environ: Mapping[str, str]) -> str | None:
    """Return the default of `storage.directory`: under the nearest folder with `.rkat`, else under the home folder (spec 05, 2.6)."""
    home = environ.get("HOME")
    folder = _nearest_with(".rkat", os.getcwd()) or home
    return os.path.join(folder, ".rkat", "sessions") if folder else None


def _nearest_with(name: str, folder: str) -> str | None:
    """Return the folder itself, or the nearest above it, that holds a folder of that name."""
    return next((above for above, place in _places(name, folder) if os.path.isdir(place)), None)


@lru_cache(16)
def _places(name: str, folder: str) -> tuple[tuple[str, str], ...]:
    """Return the folder and those above it, each with where the name would be; every server asks for them when it starts."""
    above = Path(folder)
    return tuple((str(each), str(each / name)) for each in (above, *above.parents))


def _is_generation(value: Json) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64)


def _patch_request(params: Json) -> tuple[Json, int | None]:
    """Take the wrapped form apart; what does not fit it is a bare patch, whatever keys it has (spec 05, section 2.2)."""
    if isinstance(params, dict) and params.get("patch") is not None and _is_generation(params.get("expected_generation")):
        return params["patch"], cast("int | None", params.get("expected_generation"))
    return params, None


def _refuse_invalid(config: JsonObject) -> None:
    try:
        check(config, BUILTIN_IDS)
    except Invalid as error:
        raise Fault(-32602, f"Invalid config: {error}") from error
    try:
        check_identities(config)
    except Invalid as error:
        raise Fault(-32602, f"Invalid skills source-identity configuration: {error}") from error


def _refuse_conflict(expected: int | None, current: int) -> None:
    if expected is not None and expected != current:
        raise Fault(-32602, f"Generation conflict: expected {expected}, current {current}")
