"""The catalogue of models and what they can do (spec 01, sections 11.6 and 12)."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from meerkat.wire.base import U32, Json, NotRequired
from meerkat.wire.core import ContractVersion

WireModelTier: TypeAlias = Literal["recommended", "supported"]
"""How well a model is supported."""


class ModelsCatalogResponse(TypedDict):
    """Every model, by provider (spec 01, section 11.6)."""

    contract_version: ContractVersion
    providers: list[ProviderCatalog]


class WireResolvedModelCapabilities(TypedDict):
    """What the model of a session can do; all keys are there (spec 02, section 9.2)."""

    image_generation: bool
    image_input: bool
    image_tool_results: bool
    inline_video: bool
    realtime: bool
    vision: bool
    web_search: bool


class ProviderCatalog(TypedDict):
    """The models of one provider, sorted by id (spec 01, section 11.6)."""

    provider: str
    default_model_id: str
    models: list[CatalogModelEntry]


class CatalogModelEntry(TypedDict):
    """One model (spec 01, section 11.6)."""

    id: str
    display_name: str
    tier: WireModelTier
    context_window: NotRequired[U32]
    max_output_tokens: NotRequired[U32]
    profile: NotRequired[WireModelProfile]
    server_id: NotRequired[str]


class WireModelProfile(TypedDict):
    """What a model can do; all members are there (spec 01, section 11.6)."""

    model_family: str
    supports_temperature: bool
    supports_thinking: bool
    supports_reasoning: bool
    params_schema: Json
    beta_headers: NotRequired[list[WireModelBetaHeader]]
    image_generation: bool
    image_input: bool
    image_tool_results: bool
    inline_video: bool
    realtime: bool
    supports_web_search: bool
    vision: bool


class WireModelBetaHeader(TypedDict):
    """A header that a provider wants for a beta feature."""

    feature: str
    header_name: str
    header_value: str
