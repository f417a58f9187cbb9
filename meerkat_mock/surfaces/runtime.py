"""`capabilities/get` and `runtime/*`: what this process is and can do (spec 01, section 11)."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Final, cast

from meerkat.wire.methods import CATALOGUE, CONTRACT_VERSION
from meerkat_mock.constant import Constant
from meerkat_mock.surfaces.registry import handles

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.surfaces.config import Config

CONTRACT: Final[JsonObject] = dict(zip(("major", "minor", "patch"), map(int, CONTRACT_VERSION.split(".")), strict=True))
"""The version of the contract as an object."""

_CAPABILITIES: Final = {
    "sessions": "Agent loop and session lifecycle",
    "streaming": "Event streaming during agent execution",
    "structured_output": "Schema-validated JSON output extraction",
    "hooks": "8 hook points, 3 runtimes (in-process/command/HTTP), observe/allow/deny semantics",
    "builtins": "Built-in tools: task_list, task_create, task_get, task_update, datetime, apply_patch, view_image, generate_image, "
    "blob_save_file, blob_load_file, blob_inspect",
    "shell": "Shell tool with job management: shell, shell_jobs, shell_job_status, shell_job_cancel",
    "comms": "Inter-agent communication: send, request, response, list peers + keep-alive",
    "session_store": "PersistentSessionService, SessionProjector",
    "session_compaction": "DefaultCompactor: auto-compact at token threshold, LLM summary, history rebuild",
    "skills": "Skill loading, resolution, and injection",
    "mcp_live": "Live MCP server mutation (add/remove/reload on running sessions)",
}
_SWITCHES: Final = {"builtins": "builtins_enabled", "shell": "shell_enabled"}
"""Capabilities that a switch of the section `tools` turns on."""

_FEATURES: Final = {
    "runtime_backed_sessions": True,
    "mobs": True,
    "mcp_live": True,
    "comms": True,
    "blobs": True,
    "session_events": True,
    "session_streams": True,
    "schedules": True,
    "skills": True,
    "event_replay": True,
    "artifacts": True,
    "approvals": True,
    "external_members": False,
    "secure_remote_rpc": False,
}
HEALTH: Final[JsonObject] = {"contract_version": CONTRACT, "status": "ok"}
FEATURES: Final[JsonObject] = {"contract_version": CONTRACT, "features": cast("JsonObject", _FEATURES)}


class Host:
    """The process as a client may ask about it."""

    def __init__(self, runtime: Runtime, config: Config) -> None:
        self._runtime = runtime
        self._config = config

    @handles("capabilities/get")
    def capabilities(self, params: JsonObject) -> JsonObject:
        """Return what is compiled in, and which of it the configuration turns off."""
        tools = self._config.section("tools")
        return _capabilities(frozenset(switch for switch in _SWITCHES.values() if not tools[switch]))

    @handles("runtime/capabilities")
    def features(self, params: JsonObject) -> JsonObject:
        """Return the features of this build."""
        return FEATURES

    @handles("runtime/health")
    def health(self, params: JsonObject) -> JsonObject:
        """Say that all is well."""
        return HEALTH

    @handles("runtime/host_info")
    def host_info(self, params: JsonObject) -> JsonObject:
        """Return who serves, which realm, and how it is reached."""
        realm, flags = self._runtime.realm, self._runtime.flags
        shown: JsonObject = {"realm_id": realm.id, "backend": realm.backend, "state_root": realm.root}
        if flags.instance is not None:
            shown["instance_id"] = flags.instance
        if flags.context_root is not None:
            shown["context_root"] = flags.context_root
        return {
            "contract_version": CONTRACT,
            "host_id": f"process:{os.getpid()}" if flags.instance is None else f"realm-instance:{realm.id}:{flags.instance}",
            "host_id_scope": "process" if flags.instance is None else "realm_instance",
            "process_name": "meerkat-rpc",
            "process_version": CONTRACT_VERSION,
            "capabilities": FEATURES,
            "health": HEALTH,
            "realm": shown,
            "endpoints": {"rpc_transport": "json_rpc", "rpc_methods": list(CATALOGUE)},
        }


@cache
def _capabilities(off: frozenset[str]) -> Constant:
    """Return the answer where these switches are off."""
    entries: list[Json] = [{"id": name, "description": about, "status": _status(name, off)} for name, about in _CAPABILITIES.items()]
    return Constant(contract_version=CONTRACT, capabilities=entries)


def _status(capability: str, off: frozenset[str]) -> Json:
    switch = _SWITCHES.get(capability)
    return {"DisabledByPolicy": {"description": f"tools.{switch} = false"}} if switch in off else "Available"
