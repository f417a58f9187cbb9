"""The configuration of the realm: read whole, replaced or patched, each change guarded by a generation (spec 05)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from meerkat.client.base import Surface, given

if TYPE_CHECKING:
    from meerkat.types import ConfigEnvelope


class Config(Surface):
    """The methods about configuration."""

    async def get_config(self) -> ConfigEnvelope:
        """Return the configuration with its generation (`config/get`)."""
        return cast("ConfigEnvelope", await self._request("config/get", {}))

    async def set_config(self, config: dict[str, Any], *, expected_generation: int | None = None) -> ConfigEnvelope:
        """Replace the configuration (`config/set`). Raises `InvalidParamsError` when the generation is no longer the expected one."""
        params = {"config": config, **given(expected_generation=expected_generation)}
        return cast("ConfigEnvelope", await self._request("config/set", params))

    async def patch_config(self, patch: dict[str, Any], *, expected_generation: int | None = None) -> ConfigEnvelope:
        """Merge a patch into the configuration; a null removes (`config/patch`). Raises as `set_config`."""
        params = {"patch": patch, **given(expected_generation=expected_generation)}
        return cast("ConfigEnvelope", await self._request("config/patch", params))
