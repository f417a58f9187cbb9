"""From decoded params to options and turn requests: the checks that come after the types (spec 02, sections 2.2, 3.2 and 16).

The order of the calls in `options_of` and `turn_request` is the order in which a client sees refusals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from meerkat_mock.agent.ports import BudgetLimits
from meerkat_mock.session.media import check_videos
from meerkat_mock.session.options import Builtins, Options, SkillKey, TurnChanges, TurnRequest
from meerkat_mock.session.schemas import output_schema_of
from meerkat_mock.session.tools import CALLBACK_PROVENANCE
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import JsonObject
    from meerkat_mock.session.state import Session
    from meerkat_mock.session.surroundings import Surroundings

Params = dict[str, Any]

PROVIDERS = ("anthropic", "openai", "gemini", "self_hosted")
_RESERVED_LABELS = frozenset({"mob_id", "role", "meerkat_id", "meerkat"})
_BUILD_ONLY = ("max_tokens", "system_prompt", "output_schema", "structured_output_retries")


# ---- session/create ------------------------------------------------------------------------------------------------------------------


def options_of(params: Params, surroundings: Surroundings) -> Options:
    """Return the options of a new session. Raises `Fault` -32602 in the order of spec 02, section 2.2."""
    peer_meta: Params = params.get("peer_meta") or {}
    check_labels(peer_meta.get("labels") or {})
    check_labels(params.get("labels") or {})
    check_app_context(params.get("app_context"))
    check_provider(params.get("provider"))
    schema = output_schema_of(params["output_schema"]) if params.get("output_schema") is not None else None
    agent = surroundings.config_object("agent")
    model = cast("str", params["model"] if params.get("model") is not None else agent.get("model"))
    check_agreement(model, params.get("provider"), surroundings)
    retries = params.get("structured_output_retries", agent.get("structured_output_retries", 2))
    return Options(
        model=model,
        provider=params.get("provider") or surroundings.provider_of(model),
        max_tokens=params.get("max_tokens"),
        system_prompt=params.get("system_prompt"),
        output_schema=schema,
        structured_output_retries=cast("int", retries),
        hooks_override=params.get("hooks_override"),
        builtins=Builtins(params.get("enable_builtins"), params.get("enable_shell"), params.get("enable_memory"), params.get("enable_mob")),
        keep_alive=params.get("keep_alive", False),
        comms_name=params.get("comms_name"),
        peer_meta=params.get("peer_meta"),
        budget=budget_of(params.get("budget_limits")),
        provider_params=params.get("provider_params"),
        auth_binding=params.get("auth_binding"),
        preload_skills=skill_keys(params.get("preload_skills") or ()),
        additional_instructions=tuple(params.get("additional_instructions") or ()),
        app_context=params.get("app_context"),
        shell_env=params.get("shell_env"),
    )


def check_labels(labels: Mapping[str, str]) -> None:
    """Refuse labels that belong to the runtime (spec 02, section 16.2)."""
    for key in labels:
        if key.lower() in _RESERVED_LABELS or key.lower().startswith("meerkat."):
            raise Fault(-32602, f"metadata label key '{key}' is reserved for Meerkat-owned runtime facts")


def check_app_context(context: Json) -> None:
    """Refuse keys of an application context that belong to the runtime (spec 02, section 16.2)."""
    for key in context if isinstance(context, dict) else ():
        if key == "meerkat" or key.startswith("meerkat."):
            raise Fault(-32602, f"app_context key '{key}' is reserved for Meerkat-owned runtime facts")


def check_provider(provider: str | None) -> None:
    """Refuse a provider that is none of the four."""
    if provider is not None and provider not in PROVIDERS:
        raise Fault(-32602, f"unknown provider '{provider}' (expected anthropic, openai, gemini, or self_hosted)")


def check_agreement(model: str, provider: str | None, surroundings: Surroundings) -> None:
    """Refuse a provider that the catalogue contradicts, and a self-hosted model without alias."""
    if provider is None:
        return
    owner = surroundings.provider_of(model)
    if owner is not None and owner != provider:
        raise Fault(
            -32602,
            f"model '{model}' is registered for provider '{owner}', not provider '{provider}'; "
            "explicit provider overrides must match catalog ownership",
        )
    if owner is None and provider == "self_hosted":
        raise Fault(-32602, f"self-hosted provider requires a registered model alias; '{model}' is not configured")


def budget_of(limits: Mapping[str, Any] | None) -> BudgetLimits | None:
    """Return `budget_limits`, None when there are none and those of the configuration apply."""
    if limits is None:
        return None
    duration = limits.get("max_duration")
    seconds = None if duration is None else duration["secs"] + duration["nanos"] / 1e9
    return BudgetLimits(limits.get("max_tokens"), limits.get("max_tool_calls"), seconds)


def tools_of(definitions: Iterable[Mapping[str, Any]] | None) -> dict[str, JsonObject]:
    """Return tool definitions by name, as callback tools; a later one of the same name takes the place of the first."""
    return {
        definition["name"]: {
            "name": definition["name"],
            "description": definition["description"],
            "input_schema": definition["input_schema"],
            "provenance": CALLBACK_PROVENANCE,
        }
        for definition in definitions or ()
    }


def skill_keys(keys: Iterable[Mapping[str, str]]) -> tuple[SkillKey, ...]:
    """Return the keys of skills or references to them."""
    return tuple(SkillKey(str(UUID(key["source_uuid"])), key["skill_name"]) for key in keys)


def create_request(params: Params) -> TurnRequest:
    """Return the first turn of an immediate create."""
    return TurnRequest(params["prompt"], skill_keys(params.get("skill_refs") or ()))


# ---- turn/start ----------------------------------------------------------------------------------------------------------------------


def turn_request(params: Params, session: Session, surroundings: Surroundings) -> TurnRequest:
    """Return what a turn asks for. Raises `Fault` -32602 in the order of spec 02, section 3.2, rows 6 to 11."""
    if params.get("provider") is not None and params.get("model") is None:
        raise Fault(-32602, "provider override requires model on an existing session")
    for name in ("provider_params", "auth_binding"):
        if params.get(f"clear_{name}") and params.get(name) is not None:
            raise Fault(-32602, f"clear_{name} cannot be combined with {name}")
    check_provider(params.get("provider"))
    model = params.get("model")
    if model is not None:
        check_agreement(model, params.get("provider") or session.options.provider, surroundings)
    check_videos(params["prompt"], model or session.options.model, surroundings)
    refused = [name for name in _BUILD_ONLY if params.get(name) is not None]
    if refused:
        raise Fault(
            -32602,
            f"Cannot override {', '.join(refused)} on a runtime-routed turn; set these at session/create time or use a deferred session",
        )
    overlay: dict[str, list[str] | None] = params.get("flow_tool_overlay") or {}
    allowed, blocked = overlay.get("allowed_tools"), overlay.get("blocked_tools")
    return TurnRequest(
        prompt=params["prompt"],
        skills=skill_keys(params.get("skill_refs") or ()),
        allowed_tools=None if allowed is None else frozenset(allowed),
        blocked_tools=frozenset(blocked or ()),
        has_overlay=allowed is not None or blocked is not None,
        changes=TurnChanges(
            keep_alive=params.get("keep_alive"),
            model=model,
            provider=params.get("provider"),
            provider_params=params.get("provider_params"),
            clear_provider_params=params.get("clear_provider_params", False),
            auth_binding=params.get("auth_binding"),
            clear_auth_binding=params.get("clear_auth_binding", False),
        ),
    )
