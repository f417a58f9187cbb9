"""The catalogue of models (spec 01, section 11.6)."""

from __future__ import annotations

import meerkat
from meerkat.client.base import Surface
from meerkat.parsing.models import parse_models_catalog


class Models(Surface):
    """The method about models."""

    async def get_models_catalog(self) -> meerkat.ModelsCatalogResponse:
        """Return the models by provider (`models/catalog`)."""
        return parse_models_catalog(await self._request("models/catalog", {}))
