"""What becomes of a written configuration: how a patch is merged, and which values are refused though their types fit.

Spec 05, sections 2.3 and 2.4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Container

    from meerkat.wire.base import Json, JsonObject


class Invalid(Exception):
    """A configuration that may not be; `str()` is the server's text."""


def merged(base: Json, patch: Json) -> Json:
    """Return `base` with `patch` merged in: objects recursively, null takes a key away, everything else replaces.

    Nulls inside an object that is new stay nulls (spec 05, section 2.3).
    """
    if not isinstance(base, dict) or not isinstance(patch, dict):
        return patch
    result = dict(base)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result[key], value) if key in result else value
    return result


def part(config: JsonObject, *path: str) -> JsonObject:
    """Return an object inside a configuration that was read, so that it is known to be there."""
    found: Json = config
    for key in path:
        found = cast("JsonObject", found)[key]
    return cast("JsonObject", found)


def check(config: JsonObject, builtin_models: Container[str]) -> None:
    """Raise `Invalid` for the first value that is out of bounds, in the server's order."""
    _more_than_zero(config, "max_tokens")
    _more_than_zero(part(config, "agent"), "max_tokens_per_turn", "agent.")
    _more_than_zero_when_set(part(config, "budget"), "max_tokens", "budget.")
    limits = part(config, "limits")
    _more_than_zero_when_set(limits, "budget", "limits.")
    _more_than_zero_when_set(limits, "max_sessions", "limits.")
    for key in ("auto_compact_threshold", "recent_turn_budget", "max_summary_tokens", "min_turns_between_compactions"):
        _more_than_zero(part(config, "compaction"), key, "compaction.")
    _check_hosted_models(config, builtin_models)


def _more_than_zero(section: JsonObject, key: str, prefix: str = "") -> None:
    if section[key] == 0:
        raise Invalid(f"Validation error: {prefix}{key} must be greater than 0")


def _more_than_zero_when_set(section: JsonObject, key: str, prefix: str) -> None:
    if section[key] == 0:
        raise Invalid(f"Validation error: {prefix}{key} must be greater than 0 when set")


def _check_hosted_models(config: JsonObject, builtin_models: Container[str]) -> None:
    servers = part(config, "self_hosted", "servers")
    for model_id, model in part(config, "self_hosted", "models").items():
        server = cast("JsonObject", model)["server"]
        if server not in servers:
            raise Invalid(f"Validation error: self_hosted.models.{model_id} references unknown server '{server}'")
        if model_id in builtin_models:
            raise Invalid("Validation error: model id must be unique across built-in and self-hosted entries")
