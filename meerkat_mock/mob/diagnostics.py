"""What is wrong with a definition: general checks first, then supervisor, topology and flows (spec 04, section 4.6)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from meerkat_mock.mob.flow_diagnostics import flow_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import JsonObject

RESERVED_PREFIX = "__flow_system_"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def diagnostics(definition: JsonObject) -> list[str]:
    """Return the diagnostics of a stored definition, each as `code: text`."""
    return [*_general(definition), *_supervisor(definition), *_topology(definition), *_flows(definition)]


def _general(definition: JsonObject) -> Iterator[str]:
    profiles = _profiles(definition)
    if not profiles:
        yield "empty_profiles: mob definition must define at least one profile"
    orchestrator = definition["orchestrator"]
    if isinstance(orchestrator, dict) and orchestrator["profile"] not in profiles:
        yield f"missing_orchestrator_profile: orchestrator profile '{orchestrator['profile']}' is not defined"
    for name in sorted(profiles):
        yield from _profile(name, profiles[name], definition)
    yield from _wiring(definition)
    yield from _backend(definition)


def _profile(name: str, profile: JsonObject, definition: JsonObject) -> Iterator[str]:
    if _NAME.fullmatch(name) is None:
        yield f"invalid_profile_name: profile name '{name}' is not a valid identifier"
    if name.startswith(RESERVED_PREFIX):
        yield f"reserved_system_identifier: profile name '{name}' uses reserved flow-system identifier namespace"
    for skill in cast("list[str]", profile.get("skills", [])):
        if skill not in cast("JsonObject", definition["skills"]):
            yield f"missing_skill_ref: skill '{skill}' is not defined"
    threshold = profile.get("max_inline_peer_notifications")
    if isinstance(threshold, int) and threshold < -1:
        yield (
            "invalid_inline_peer_notification_threshold: "
            f"profiles.{name} max_inline_peer_notifications={threshold} is invalid (allowed: -1, 0, or >0)"
        )


def _wiring(definition: JsonObject) -> Iterator[str]:
    profiles = _profiles(definition)
    for rule in cast("list[dict[str, str]]", cast("JsonObject", definition["wiring"])["role_wiring"]):
        for side in ("a", "b"):
            if rule[side] not in profiles:
                yield f"invalid_wiring_profile: wiring rule references non-existent profile '{rule[side]}'"


def _backend(definition: JsonObject) -> Iterator[str]:
    backend = cast("JsonObject", definition["backend"])
    wanted = backend["default"] == "external" or any(profile.get("backend") == "external" for profile in _profiles(definition).values())
    external = backend["external"]
    if isinstance(external, dict):
        if not str(external["address_base"]).strip():
            yield "invalid_external_backend_config: backend.external.address_base must not be empty"
    elif wanted:
        yield "missing_external_backend_config: external backend selected but backend.external config is missing"


def _supervisor(definition: JsonObject) -> Iterator[str]:
    supervisor = definition["supervisor"]
    if isinstance(supervisor, dict) and supervisor["role"] not in _profiles(definition):
        yield f"flow_unknown_role: supervisor role '{supervisor['role']}' is not defined"


def _topology(definition: JsonObject) -> Iterator[str]:
    topology = definition["topology"]
    for rule in cast("list[dict[str, str]]", topology["rules"]) if isinstance(topology, dict) else ():
        for side in ("from_role", "to_role"):
            if rule[side] != "*" and rule[side] not in _profiles(definition):
                yield f"topology_unknown_role: topology rule references unknown {side} '{rule[side]}'"


def _flows(definition: JsonObject) -> Iterator[str]:
    flows = cast("dict[str, JsonObject]", definition["flows"])
    for name in sorted(flows):
        yield from flow_faults(name, flows[name], _profiles(definition).keys())


def _profiles(definition: JsonObject) -> dict[str, JsonObject]:
    return cast("dict[str, JsonObject]", definition["profiles"])
