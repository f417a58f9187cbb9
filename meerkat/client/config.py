"""The configuration of the realm: read whole, replaced or patched, each change guarded by a generation (spec 05)."""

from __future__ import annotations

from typing import Any, cast

import meerkat
from meerkat.client.base import Surface, given


class Config(Surface):
    """The methods about configuration."""

    async def get_config(self) -> meerkat.ConfigEnvelope:
        """Return the configuration with its generation (`config/get`)."""
        return cast("meerkat.ConfigEnvelope", await self._request("config/get", {}))

    async def set_config(self, config: dict[str, Any], *, expected_generation: int | None = None) -> meerkat.ConfigEnvelope:
        """Replace the configuration (`config/set`). Raises `InvalidParamsError` when the generation is no longer the expected one."""
        params = {"config": config, **given(expected_generation=expected_generation)}
        return cast("meerkat.ConfigEnvelope", await self._request("config/set", params))

    async def patch_config(self, patch: dict[str, Any], *, expected_generation: int | None = None) -> meerkat.ConfigEnvelope:
        """Merge a patch into the configuration; a null removes (`config/patch`). Raises as `set_config`."""
        params = {"patch": patch, **given(expected_generation=expected_generation)}
        return cast("meerkat.ConfigEnvelope", await self._request("config/patch", params))
