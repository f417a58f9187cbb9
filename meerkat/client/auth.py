"""Realms, credentials and logins (spec 06). Nothing here is logged or kept: what passes through are secrets."""

from __future__ import annotations

from typing import Any

from meerkat.client.base import Surface, given
from meerkat.parsing.fields import Fields

REDIRECT_URI = "http://127.0.0.1:0/callback"


class Auth(Surface):
    """The methods about realms and credentials."""

    async def list_realms(self) -> list[dict[str, Any]]:
        """Return the configured realms (`realm/list`)."""
        answer = await self._request("realm/list", {})
        return [realm.raw for realm in Fields("Invalid realm/list response", answer).records("realms")]

    async def get_realm(self, realm_id: str) -> dict[str, Any]:
        """Return one realm (`realm/get`)."""
        return await self._request("realm/get", {"realm_id": realm_id})

    async def list_auth_profiles(self, realm_id: str) -> dict[str, Any]:
        """Return the profiles of a realm (`auth/profile/list`)."""
        return await self._request("auth/profile/list", {"realm_id": realm_id})

    async def get_auth_profile(self, realm_id: str, binding_id: str, profile_id: str | None = None) -> dict[str, Any]:
        """Return one profile (`auth/profile/get`)."""
        return await self._request("auth/profile/get", _binding(realm_id, binding_id, profile_id))

    async def create_auth_profile(self, params: dict[str, Any]) -> dict[str, Any]:
        """Make a profile (`auth/profile/create`)."""
        return await self._request("auth/profile/create", params)

    async def delete_auth_profile(self, realm_id: str, binding_id: str, profile_id: str | None = None) -> None:
        """Delete a profile (`auth/profile/delete`)."""
        await self._request("auth/profile/delete", _binding(realm_id, binding_id, profile_id))

    async def auth_login_start(
        self,
        provider: str,
        redirect_uri: str = REDIRECT_URI,
        *,
        realm_id: str | None = None,
        binding_id: str | None = None,
        profile_id: str | None = None,
    ) -> dict[str, Any]:
        """Begin a login in the browser (`auth/login/start`); the server wants `realm_id` and `binding_id` (spec 06)."""
        where = given(realm_id=realm_id, binding_id=binding_id, profile_id=profile_id)
        return await self._request("auth/login/start", {"provider": provider, "redirect_uri": redirect_uri, **where})

    async def auth_login_complete(
        self,
        provider: str,
        code: str,
        state: str,
        *,
        realm_id: str,
        binding_id: str,
        profile_id: str | None = None,
        redirect_uri: str = REDIRECT_URI,
    ) -> dict[str, Any]:
        """End a login in the browser with the code it gave (`auth/login/complete`)."""
        login = {"provider": provider, "code": code, "state": state, "redirect_uri": redirect_uri}
        return await self._request("auth/login/complete", {**login, **_binding(realm_id, binding_id, profile_id)})

    async def auth_login_device_start(
        self, provider: str, *, realm_id: str | None = None, binding_id: str | None = None, profile_id: str | None = None
    ) -> dict[str, Any]:
        """Begin a login on another device (`auth/login/device_start`); the server wants `realm_id` and `binding_id` (spec 06)."""
        where = given(realm_id=realm_id, binding_id=binding_id, profile_id=profile_id)
        return await self._request("auth/login/device_start", {"provider": provider, **where})

    async def auth_login_device_complete(
        self, provider: str, device_code: str, *, realm_id: str, binding_id: str, profile_id: str | None = None
    ) -> dict[str, Any]:
        """Ask whether a login on another device is done (`auth/login/device_complete`)."""
        login = {"provider": provider, "device_code": device_code}
        return await self._request("auth/login/device_complete", {**login, **_binding(realm_id, binding_id, profile_id)})

    async def auth_provision_api_key(
        self, access_token: str, *, realm_id: str, binding_id: str, profile_id: str | None = None
    ) -> dict[str, Any]:
        """Turn an access token into a stored API key (`auth/login/provision_api_key`)."""
        params = {"access_token": access_token, **_binding(realm_id, binding_id, profile_id)}
        return await self._request("auth/login/provision_api_key", params)

    async def auth_status(self, realm_id: str, binding_id: str, profile_id: str | None = None) -> dict[str, Any]:
        """Return whether a binding has usable credentials (`auth/status/get`)."""
        return await self._request("auth/status/get", _binding(realm_id, binding_id, profile_id))

    async def auth_logout(self, realm_id: str, binding_id: str, profile_id: str | None = None) -> dict[str, Any]:
        """Drop the credentials of a binding (`auth/logout`)."""
        return await self._request("auth/logout", _binding(realm_id, binding_id, profile_id))


def _binding(realm_id: str, binding_id: str, profile_id: str | None) -> dict[str, Any]:
    return {"realm_id": realm_id, "binding_id": binding_id, **given(profile_id=profile_id)}
