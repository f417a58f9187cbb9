"""Approvals: asked for, listed, decided (spec 05)."""

from __future__ import annotations

from typing import Any

from meerkat.client.base import Surface


class Approvals(Surface):
    """The methods about approvals."""

    async def request_approval(self, params: dict[str, Any]) -> dict[str, Any]:
        """Ask for an approval (`approval/request`)."""
        return await self._request("approval/request", params)

    async def list_approvals(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return approvals, filtered (`approval/list`)."""
        return await self._request("approval/list", {} if params is None else params)

    async def get_approval(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return one approval (`approval/get`)."""
        return await self._request("approval/get", params)

    async def decide_approval(self, params: dict[str, Any]) -> dict[str, Any]:
        """Decide an approval (`approval/decide`)."""
        return await self._request("approval/decide", params)
