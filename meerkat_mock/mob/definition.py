"""The definition of a mob as it is stored and shown: every key there, defaults filled in (spec 04, section 13.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from meerkat_mock.session.schemas import shown_schema
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from meerkat.wire.base import Json, JsonObject

TOOL_SWITCHES = ("builtins", "comms", "image_generation", "memory", "mob", "mob_tasks", "schedule", "shell")
_LIMITS = (
    "max_flow_duration_ms",
    "max_step_retries",
    "max_orphaned_turns",
    "cancel_grace_timeout_ms",
    "max_active_nodes",
    "max_active_frames",
    "max_frame_depth",
)
_OPTIONS = ("orchestrator", "topology", "supervisor", "spawn_policy")
DEFAULT_BUFFER_SIZE = 256


def stored_definition(given: Mapping[str, Json]) -> JsonObject:
    """Return a decoded definition with all its keys."""
    return {
        "id": given["id"],
        "is_implicit": False,
        "profiles": {name: stored_binding(_object(binding)) for name, binding in _object(given["profiles"]).items()},
        "skills": given.get("skills") or {},
        "backend": _backend(_object(given.get("backend"))),
        "wiring": _wiring(_object(given.get("wiring"))),
        "flows": {name: _flow(_object(flow)) for name, flow in _object(given.get("flows")).items()},
        "limits": None if given.get("limits") is None else {key: _object(given["limits"]).get(key) for key in _LIMITS},
        "event_router": _router(given.get("event_router")),
        **{name: given.get(name) for name in _OPTIONS},
    }


def stored_binding(binding: JsonObject) -> JsonObject:
    """Return a role of the definition: a reference to a realm profile stays one."""
    return binding if "realm_profile" in binding else _wrapped_schema(stored_profile(binding))


def stored_profile(given: Mapping[str, Json]) -> JsonObject:
    """Return a profile with all ten fields (spec 04, section 4.3)."""
    return {
        "model": given["model"],
        "skills": given.get("skills") or [],
        "tools": _tools(_object(given.get("tools"))),
        "peer_description": given.get("peer_description", ""),
        "external_addressable": given.get("external_addressable", False),
        "backend": given.get("backend"),
        "runtime_mode": given.get("runtime_mode", "autonomous_host"),
        "max_inline_peer_notifications": given.get("max_inline_peer_notifications"),
        "output_schema": given.get("output_schema"),
        "provider_params": given.get("provider_params"),
    }


def _tools(given: JsonObject) -> JsonObject:
    lists: JsonObject = {name: given.get(name) or [] for name in ("mcp", "rust_bundles")}
    return {**{name: given.get(name, False) for name in TOOL_SWITCHES}, **lists}


def _wrapped_schema(profile: JsonObject) -> JsonObject:
    """Return a profile whose output schema is completed and stands in its wrapper, as definitions keep it (spec 02, section 7).

    Raises `Fault` for what is no schema: the reader of profiles tells nothing of what it stumbled over (spec 04, section 4.3).
    """
    if profile["output_schema"] is None:
        return profile
    try:
        return {**profile, "output_schema": shown_schema(profile["output_schema"])}
    except Fault as fault:
        raise Fault(fault.error.code, "Invalid params: data did not match any variant of untagged enum MobProfileBindingInput") from None


def _backend(given: JsonObject) -> JsonObject:
    return {"default": given.get("default", "session"), "external": given.get("external")}


def _wiring(given: JsonObject) -> JsonObject:
    return {"auto_wire_orchestrator": given.get("auto_wire_orchestrator", False), "role_wiring": given.get("role_wiring") or []}


def _router(given: Json) -> Json:
    if not isinstance(given, dict):
        return None
    patterns = {key: given[key] for key in ("include_patterns", "exclude_patterns") if given.get(key) is not None}
    return {"buffer_size": given.get("buffer_size", DEFAULT_BUFFER_SIZE), **patterns}


def _flow(given: JsonObject) -> JsonObject:
    root = given.get("root")
    return {
        "description": given.get("description"),
        "steps": {name: _step(_object(step)) for name, step in _object(given.get("steps")).items()},
        "root": _frame(root) if isinstance(root, dict) else None,
    }


def _step(given: JsonObject) -> JsonObject:
    return {
        "role": given["role"],
        "message": given["message"],
        "depends_on": given.get("depends_on") or [],
        "depends_on_mode": given.get("depends_on_mode", "all"),
        "dispatch_mode": given.get("dispatch_mode", "fan_out"),
        "collection_policy": given.get("collection_policy") or {"type": "all"},
        "condition": given.get("condition"),
        "timeout_ms": given.get("timeout_ms"),
        "expected_schema_ref": given.get("expected_schema_ref"),
        "branch": given.get("branch"),
        "allowed_tools": given.get("allowed_tools"),
        "blocked_tools": given.get("blocked_tools"),
        "output_format": given.get("output_format", "json"),
    }


def _frame(given: JsonObject) -> JsonObject:
    return {"nodes": {name: _node(_object(node)) for name, node in _object(given.get("nodes")).items()}}


def _node(given: JsonObject) -> JsonObject:
    node: JsonObject = {
        "kind": given["kind"],
        "depends_on": given.get("depends_on") or [],
        "depends_on_mode": given.get("depends_on_mode", "all"),
    }
    if given["kind"] == "step":
        return {**node, "step_id": given["step_id"], "branch": given.get("branch")}
    loop = {key: given[key] for key in ("loop_id", "until", "max_iterations")}
    return {**node, **loop, "body": _frame(_object(given["body"]))}


def _object(value: object) -> JsonObject:
    return cast("JsonObject", value) if isinstance(value, dict) else {}
