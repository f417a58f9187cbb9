"""The flat contract names of the model catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from meerkat.wire.models import WireModelTier


@dataclass
class WireResolvedModelCapabilities:
    """What the model of a session can do."""

    image_generation: bool | None = None
    image_input: bool | None = None
    image_tool_results: bool | None = None
    inline_video: bool | None = None
    realtime: bool | None = None
    vision: bool | None = None
    web_search: bool | None = None


@dataclass
class CatalogModelEntry:
    """One model; sizes are in tokens."""

    display_name: str
    id: str
    tier: WireModelTier
    context_window: int | None = None
    max_output_tokens: int | None = None
    profile: dict[str, Any] | None = None
    server_id: str | None = None


@dataclass
class ProviderCatalog:
    """The models of one provider."""

    default_model_id: str
    models: list[dict[str, Any]]
    provider: str


@dataclass
class ModelsCatalogResponse:
    """Result of `models/catalog`."""

    contract_version: dict[str, Any]
    providers: list[dict[str, Any]]


@dataclass
class WireModelProfile:
    """What a model can do and which parameters it takes."""

    model_family: str
    params_schema: Any
    supports_reasoning: bool
    supports_temperature: bool
    supports_thinking: bool
    beta_headers: list[dict[str, Any]] | None = None
    image_generation: bool | None = None
    image_input: bool | None = None
    image_tool_results: bool | None = None
    inline_video: bool | None = None
    realtime: bool | None = None
    supports_web_search: bool | None = None
    vision: bool | None = None
