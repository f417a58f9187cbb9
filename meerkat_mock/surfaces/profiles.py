"""Realm profiles: one store of named profiles with revisions, tied to no mob (spec 04, section 16)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from meerkat_mock.instants import nanoseconds, write_instant
from meerkat_mock.mob.definition import stored_profile
from meerkat_mock.mob.refusals import internal
from meerkat_mock.surfaces.registry import handles

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.surfaces.registry import Params

SHELF = "realm_profiles"


class Profiles:
    """The realm profiles of one runtime, kept over restarts."""

    def __init__(self, runtime: Runtime) -> None:
        self._clock = runtime.clock
        self._store = runtime.store
        self._profiles: dict[str, JsonObject] = {name: cast("JsonObject", stored) for name, stored in runtime.store.values(SHELF)}

    @handles("mob/profile/create")
    def create(self, params: Params) -> JsonObject:
        """Store a profile under a free name."""
        name: str = params["name"]
        if name in self._profiles:
            raise internal(f"CAS conflict: realm profile already exists: {name}")
        now = self._now()
        return self._kept({
            "name": name,
            "profile": stored_profile(params["profile"]),
            "revision": 1,
            "created_at": now,
            "updated_at": now,
        })  # fmt: skip

    @handles("mob/profile/get")
    def get(self, params: Params) -> JsonObject:
        """Return a profile; an unknown name is no error."""
        name: str = params["name"]
        return self._profiles.get(name) or {"name": name, "not_found": True}

    @handles("mob/profile/list")
    def list_all(self, params: Params) -> JsonObject:
        """Return every profile by name."""
        rows: list[Json] = [self._profiles[name] for name in sorted(self._profiles)]
        return {"profiles": rows}

    @handles("mob/profile/update")
    def update(self, params: Params) -> JsonObject:
        """Replace a profile whose revision is the expected one."""
        stored = self._expected(params)
        revision = cast("int", stored["revision"]) + 1
        return self._kept({**stored, "profile": stored_profile(params["profile"]), "revision": revision, "updated_at": self._now()})

    @handles("mob/profile/delete")
    def delete(self, params: Params) -> JsonObject:
        """Forget a profile whose revision is the expected one."""
        stored = self._expected(params)
        name = cast("str", stored["name"])
        del self._profiles[name]
        self._store.drop(SHELF, name)
        return {"name": name, "deleted_revision": stored["revision"]}

    def _expected(self, params: Params) -> JsonObject:
        name, expected = params["name"], params["expected_revision"]
        stored = self._profiles.get(name)
        if stored is None:
            raise internal(f"Not found: realm profile not found: {name}")
        if stored["revision"] != expected:
            raise internal(f"CAS conflict: realm profile '{name}' revision conflict: expected {expected}, actual {stored['revision']}")
        return stored

    def _kept(self, stored: JsonObject) -> JsonObject:
        name = cast("str", stored["name"])
        self._profiles[name] = stored
        self._store.put(SHELF, name, stored)
        return stored

    def _now(self) -> str:
        return write_instant(nanoseconds(self._clock.now()))
