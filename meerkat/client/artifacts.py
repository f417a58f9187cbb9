"""Artifacts: what runs have left behind (spec 05)."""

from __future__ import annotations

from typing import Any

from meerkat.client.base import Surface


class Artifacts(Surface):
    """The methods about artifacts."""

    async def list_artifacts(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return artifacts, filtered (`artifact/list`)."""
        return await self._request("artifact/list", {} if params is None else params)

    async def get_artifact(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return what is known of one artifact (`artifact/get`)."""
        return await self._request("artifact/get", params)

    async def download_artifact(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return the content of one artifact (`artifact/download`)."""
        return await self._request("artifact/download", params)
