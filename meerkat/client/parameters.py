"""The parameters of creates and turns: long signatures that the contract fixes, mapped to the wire in one place.

Both functions take the caller's local names and values, and send what was given. An empty text or a zero is given (spec 08, D-39).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from meerkat.client.base import pick
from meerkat.types.skills import SkillKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meerkat.wire.base import JsonObject

CREATE_OPTIONS = (
    "model",
    "provider",
    "auth_binding",
    "system_prompt",
    "max_tokens",
    "output_schema",
    "structured_output_retries",
    "hooks_override",
    "enable_builtins",
    "enable_shell",
    "enable_memory",
    "enable_mob",
    "keep_alive",
    "comms_name",
    "peer_meta",
    "budget_limits",
    "provider_params",
    "preload_skills",
    "skill_refs",
    "labels",
    "additional_instructions",
    "app_context",
    "shell_env",
    "external_tools",
)

TURN_OPTIONS = (
    "skill_refs",
    "flow_tool_overlay",
    "additional_instructions",
    "keep_alive",
    "model",
    "provider",
    "max_tokens",
    "system_prompt",
    "output_schema",
    "structured_output_retries",
    "provider_params",
    "clear_provider_params",
    "auth_binding",
    "clear_auth_binding",
)


def create_params(arguments: Mapping[str, Any]) -> JsonObject:
    """Return the params of `session/create`. Raises `TypeError` for a skill that is no `SkillKey`."""
    params = {"prompt": wire_value(arguments["prompt"]), **pick(arguments, *CREATE_OPTIONS)}
    if "preload_skills" in params:
        params["preload_skills"] = [_key(skill) for skill in params["preload_skills"]]
    return _with_refs(params)


def turn_params(arguments: Mapping[str, Any]) -> JsonObject:
    """Return the params that `turn/start` and `mob/turn_start` share. Raises `TypeError` for a skill that is no `SkillKey`."""
    names = tuple(name for name in TURN_OPTIONS if name in arguments)
    return _with_refs({"prompt": wire_value(arguments["prompt"]), **pick(arguments, *names)})


def _with_refs(params: dict[str, Any]) -> JsonObject:
    if "skill_refs" in params:
        params["skill_refs"] = [{"kind": "structured", **_key(skill)} for skill in params["skill_refs"]]
    return params


def _key(skill: object) -> JsonObject:
    if not isinstance(skill, SkillKey):
        raise TypeError("Skill references must be SkillKey objects")
    return {"source_uuid": skill.source_uuid, "skill_name": skill.skill_name}


def wire_value(value: Any) -> Any:
    """Return a value as it goes over the wire: dataclasses as objects without what is None, at any depth (spec 08, D-6).

    A field whose name is a Python keyword has an underscore at its end, which the wire has not.
    """
    fields = getattr(value, "__dataclass_fields__", None)
    if fields is not None and not isinstance(value, type):
        members = ((name, getattr(value, name)) for name in fields)
        return {name.rstrip("_"): wire_value(member) for name, member in members if member is not None}
    if isinstance(value, dict):
        return {name: wire_value(member) for name, member in cast("dict[str, Any]", value).items()}
    if isinstance(value, (list, tuple)):
        return [wire_value(member) for member in cast("list[Any]", value)]
    return value
