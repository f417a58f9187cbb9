"""The catalogue of models (spec 01, sections 11.6 and 12)."""

from __future__ import annotations

from meerkat_mock.runtime import World
from meerkat_mock.scenario.models import from_data
from meerkat_mock.server import Server
from tests.meerkat_mock.talk import ALIAS, Talk, talking


async def _providers(talk: Talk) -> dict[str, list[str]]:
    catalog = await talk.call("models/catalog")
    return {provider["provider"]: [model["id"] for model in provider["models"]] for provider in catalog["providers"]}


async def test_the_catalogue_lists_shipped_models_by_provider_and_self_hosted_ones_last():
    async with talking() as talk:
        providers = await _providers(talk)
        assert list(providers) == ["anthropic", "openai", "gemini", "self_hosted"]
        assert [len(models) for models in providers.values()] == [7, 6, 3, 1]
        assert all(models == sorted(models) for models in providers.values())
        await talk.call("config/set", config={})
        assert "self_hosted" not in await _providers(talk)


async def test_the_smallest_self_hosted_id_is_the_default_and_unknown_limits_are_left_out():
    async with talking() as talk:
        patch = {"self_hosted": {"models": {"aa": {**ALIAS["self_hosted"]["models"]["scripted"], "display_name": "Ay"}}}}
        await talk.call("config/patch", patch=patch)
        hosted = (await talk.call("models/catalog"))["providers"][-1]
    assert hosted["default_model_id"] == "aa"
    assert "context_window" not in hosted["models"][0]
    assert hosted["models"][0]["profile"]["vision"] is True


async def test_a_scenario_adds_models_of_any_provider():
    scenario = from_data({"models": [{"id": "gpt-next", "provider": "openai", "vision": True, "realtime": True}, {"id": "own"}]})
    async with talking(World(scenario=scenario)) as talk:
        providers = await _providers(talk)
    assert "gpt-next" in providers["openai"]
    assert providers["self_hosted"] == ["own", "scripted"]


def test_other_surfaces_learn_provider_profile_and_capabilities_of_known_models_only():
    models = Server(World()).runtime.surfaces.models
    assert (models.provider_of("claude-opus-4-7"), models.provider_of("gpt-9")) == ("anthropic", None)
    assert models.resolved_capabilities("gpt-realtime-2") == {
        "vision": True,
        "image_input": True,
        "image_tool_results": False,
        "inline_video": False,
        "realtime": True,
        "image_generation": True,
        "web_search": False,
    }
    assert models.resolved_capabilities("gpt-9") is None


async def test_the_catalogue_never_looks_at_its_params():
    async with talking() as talk:
        _, answer = await talk.ask("models/catalog", "x")
        assert (await answer)["contract_version"] == {"major": 0, "minor": 6, "patch": 5}
