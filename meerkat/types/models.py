"""The model catalogue, and what the model of a session can do (spec 01, section 12)."""

from __future__ import annotations

from typing import Any, TypedDict


class ResolvedModelCapabilities(TypedDict):
    """What the model of a session can do."""

    vision: bool
    image_input: bool
    image_tool_results: bool
    inline_video: bool
    realtime: bool
    web_search: bool
    image_generation: bool


class ModelProfile(TypedDict):
    """What a model can do and which parameters it takes, as a JSON Schema."""

    model_family: str
    vision: bool
    image_input: bool
    image_tool_results: bool
    supports_temperature: bool
    supports_thinking: bool
    supports_reasoning: bool
    inline_video: bool
    realtime: bool
    supports_web_search: bool
    image_generation: bool
    params_schema: dict[str, Any]


class CatalogModelEntry(TypedDict, total=False):
    """One model; sizes are in tokens."""

    id: str
    display_name: str
    tier: str
    context_window: int | None
    max_output_tokens: int | None
    server_id: str | None
    profile: ModelProfile | None


class ProviderCatalog(TypedDict):
    """The models of one provider."""

    provider: str
    default_model_id: str
    models: list[CatalogModelEntry]


class ContractVersion(TypedDict):
    """A version of the contract in its three parts."""

    major: int
    minor: int
    patch: int


class ModelsCatalogResponse(TypedDict):
    """All models the server knows, by provider."""

    contract_version: ContractVersion
    providers: list[ProviderCatalog]
