"""`models/catalog`: which models there are and what they can do (spec 01, sections 11.6 and 12).

The shipped models are a table; the self-hosted ones follow from the configuration.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from meerkat_mock.surfaces.registry import handles
from meerkat_mock.surfaces.runtime import CONTRACT
from meerkat_mock.world.catalogue import BUILTIN, DEFAULT_MODELS, PROVIDERS, ModelRow, Provider, Tier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.scenario.models.world import ModelEntry
    from meerkat_mock.surfaces.config import Config

_ROWS: Final = {row.id: row for row in BUILTIN}

_HOSTED: Final[Provider] = "self_hosted"
_LETTERS: Final = {
    "vision": "S",
    "image_tool_results": "I",
    "inline_video": "V",
    "supports_temperature": "T",
    "supports_thinking": "K",
    "supports_reasoning": "R",
    "supports_web_search": "W",
}


class Models:
    """Every model that a session may name."""

    def __init__(self, runtime: Runtime, config: Config) -> None:
        self._config = config
        scenario = runtime.scenario
        self._declared = {} if scenario is None else {model.id: _declared_row(model) for model in scenario.models}

    @handles("models/catalog")
    def catalog(self, params: JsonObject) -> JsonObject:
        """Return all models by provider, sorted by id; the self-hosted ones last, and only if there are any."""
        rows = {**_ROWS, **self._declared, **self._hosted()}
        by_provider = {
            provider: [rows[name] for name in sorted(rows) if rows[name].provider == provider] for provider in (*PROVIDERS, _HOSTED)
        }
        providers = [_listing(provider, DEFAULT_MODELS[provider], by_provider[provider]) for provider in PROVIDERS]
        if hosted := by_provider[_HOSTED]:
            providers.append(_listing(_HOSTED, hosted[0].id, hosted))
        return {"contract_version": CONTRACT, "providers": cast("list[Json]", providers)}

    # ---- for other surfaces ----------------------------------------------------------------------------------------------------------

    def row(self, model_id: str) -> ModelRow | None:
        """Return what is known of a model, None for one that neither the table nor the configuration knows."""
        return _ROWS.get(model_id) or self._declared.get(model_id) or self._hosted().get(model_id)

    def profile(self, model_id: str) -> JsonObject | None:
        """Return the profile of a known model as the catalogue shows it."""
        row = self.row(model_id)
        return None if row is None else row.profile()

    def provider_of(self, model_id: str) -> Provider | None:
        """Return the provider of a known model. None: it cannot be inferred, and no session can be built on it (spec 02, section 5.2)."""
        row = self.row(model_id)
        return None if row is None else row.provider

    def resolved_capabilities(self, model_id: str) -> JsonObject | None:
        """Return what a session shows of its model (spec 02, section 9.2), None for a model without a profile."""
        profile = self.profile(model_id)
        if profile is None:
            return None
        switches = ("vision", "image_input", "image_tool_results", "inline_video", "realtime", "image_generation")
        return {**{name: profile[name] for name in switches}, "web_search": profile["supports_web_search"]}

    def _hosted(self) -> dict[str, ModelRow]:
        configured = self._config.section("self_hosted", "models")
        return {model_id: _hosted_row(model_id, cast("JsonObject", configured[model_id])) for model_id in sorted(configured)}


def _listing(provider: Provider, default: str, rows: Iterable[ModelRow]) -> JsonObject:
    return {"provider": provider, "default_model_id": default, "models": [row.entry() for row in rows]}


def _hosted_row(model_id: str, model: JsonObject) -> ModelRow:
    return ModelRow(
        model_id,
        str(model["display_name"]),
        "self_hosted",
        cast("Tier", model["tier"]),
        str(model["family"]),
        cast("int | None", model.get("context_window")),
        cast("int | None", model.get("max_output_tokens")),
        "".join(letter for key, letter in _LETTERS.items() if model[key]),
        server_id=str(model["server"]),
    )


def _declared_row(model: ModelEntry) -> ModelRow:
    return ModelRow(
        model.id,
        model.display_name or model.id,
        model.provider,
        model.tier,
        model.family or "custom",
        model.context_window,
        model.max_output_tokens,
        "".join(letter for key, letter in _LETTERS.items() if getattr(model, key)) + ("L" if model.realtime else ""),
        server_id="scenario" if model.provider == _HOSTED else None,
    )
