"""Mob profiles kept in the realm, each change guarded by a revision (spec 04)."""

from __future__ import annotations

from typing import cast

import meerkat
from meerkat.client.base import Surface
from meerkat.client.parameters import wire_value
from meerkat.parsing.mobs import parse_mob_profile, parse_mob_profiles
from meerkat.wire.base import JsonObject


class Profiles(Surface):
    """The methods about mob profiles."""

    async def create_mob_profile(self, name: str, profile: meerkat.MobProfile) -> meerkat.StoredMobProfile:
        """Keep a new profile (`mob/profile/create`)."""
        return cast("meerkat.StoredMobProfile", await self._request("mob/profile/create", {"name": name, "profile": wire_value(profile)}))

    async def get_mob_profile(self, name: str) -> meerkat.StoredMobProfile | None:
        """Return a profile, None when there is none of that name (`mob/profile/get`)."""
        return parse_mob_profile(await self._request("mob/profile/get", {"name": name}))

    async def list_mob_profiles(self) -> list[meerkat.StoredMobProfile]:
        """Return all profiles (`mob/profile/list`)."""
        return parse_mob_profiles(await self._request("mob/profile/list", {}))

    async def update_mob_profile(self, name: str, profile: meerkat.MobProfile, expected_revision: int) -> meerkat.StoredMobProfile:
        """Replace a profile (`mob/profile/update`). Raises `InvalidParamsError` when its revision is another."""
        params = {"name": name, "profile": wire_value(profile), "expected_revision": expected_revision}
        return cast("meerkat.StoredMobProfile", await self._request("mob/profile/update", params))

    async def delete_mob_profile(self, name: str, expected_revision: int) -> meerkat.DeletedMobProfile:
        """Delete a profile (`mob/profile/delete`). Raises `InvalidParamsError` when its revision is another."""
        params: JsonObject = {"name": name, "expected_revision": expected_revision}
        return cast("meerkat.DeletedMobProfile", await self._request("mob/profile/delete", params))
