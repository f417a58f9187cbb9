"""The model catalogue, and what the model of a session can do (spec 01, section 12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from meerkat.parsing.fields import Fields

if TYPE_CHECKING:
    from meerkat.types.models import ContractVersion, ModelsCatalogResponse, ProviderCatalog, ResolvedModelCapabilities
    from meerkat.wire.base import Json


def parse_models_catalog(raw: Json) -> ModelsCatalogResponse:
    """Return the models by provider; entries are as sent, with all their fields."""
    catalog = Fields("Invalid models catalog", raw)
    return {
        "contract_version": _contract_version(catalog),
        "providers": [_provider(provider) for provider in catalog.records("providers")],
    }


def _provider(provider: Fields) -> ProviderCatalog:
    provider.name("provider")
    provider.text("default_model_id")
    for model in provider.records("models"):
        model.name("id")
    return cast("ProviderCatalog", provider.raw)


def _contract_version(catalog: Fields) -> ContractVersion:
    if isinstance(catalog.raw.get("contract_version"), str):
        return _version_in(catalog)
    version = catalog.record("contract_version")
    return {"major": version.integer("major"), "minor": version.integer("minor"), "patch": version.integer("patch")}


def _version_in(catalog: Fields) -> ContractVersion:
    parts = catalog.text("contract_version").split(".")
    if len(parts) != 3 or not all(part.isdecimal() and part.isascii() for part in parts):
        raise catalog.wrong("contract_version", "three numbers such as 0.6.5")
    major, minor, patch = map(int, parts)
    return {"major": major, "minor": minor, "patch": patch}


def parse_resolved_capabilities(capabilities: Fields) -> ResolvedModelCapabilities:
    """Return what a model can do; what is not said, it cannot."""
    return {
        "vision": _can(capabilities, "vision"),
        "image_input": _can(capabilities, "image_input"),
        "image_tool_results": _can(capabilities, "image_tool_results"),
        "inline_video": _can(capabilities, "inline_video"),
        "realtime": _can(capabilities, "realtime"),
        "web_search": _can(capabilities, "web_search"),
        "image_generation": _can(capabilities, "image_generation"),
    }


def _can(capabilities: Fields, key: str) -> bool:
    return capabilities.has(key) and capabilities.flag(key)
