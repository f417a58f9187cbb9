"""The catalogue of models (spec 01, section 11.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat.client.base import Surface
from meerkat.parsing.models import parse_models_catalog

if TYPE_CHECKING:
    from meerkat.types import ModelsCatalogResponse


class Models(Surface):
    """The method about models."""

    async def get_models_catalog(self) -> ModelsCatalogResponse:
        """Return the models by provider (`models/catalog`)."""
        return parse_models_catalog(await self._request("models/catalog", {}))
