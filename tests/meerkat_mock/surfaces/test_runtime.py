"""What the process says of itself (spec 01, section 11)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from meerkat.wire.methods import CATALOGUE
from meerkat_mock.flags import Flags
from meerkat_mock.runtime import World
from tests.meerkat_mock.talk import Talk, talking

if TYPE_CHECKING:
    from pathlib import Path


async def _status(talk: Talk, name: str) -> object:
    capabilities = (await talk.call("capabilities/get"))["capabilities"]
    return next(entry["status"] for entry in capabilities if entry["id"] == name)


async def test_capabilities_follow_the_switches_of_the_configuration_at_once_in_both_directions():
    async with talking() as talk:
        assert await _status(talk, "shell") == {"DisabledByPolicy": {"description": "tools.shell_enabled = false"}}
        await talk.call("config/patch", patch={"tools": {"shell_enabled": True}})
        assert await _status(talk, "shell") == "Available"
        await talk.call("config/patch", patch={"tools": None})
        assert await _status(talk, "shell") != "Available"


async def test_a_process_without_a_label_is_known_by_its_number(tmp_path: Path):
    async with talking(World(flags=Flags(realm="desk", state_root=str(tmp_path)))) as talk:
        info = await talk.call("runtime/host_info")
    assert (info["host_id"], info["host_id_scope"]) == (f"process:{os.getpid()}", "process")
    assert info["realm"] == {"realm_id": "desk", "backend": "sqlite", "state_root": str(tmp_path / "desk")}
    assert info["endpoints"] == {"rpc_transport": "json_rpc", "rpc_methods": list(CATALOGUE)}


async def test_a_labelled_process_is_known_by_realm_and_label():
    flags = Flags(realm="desk", instance="blue", context_root="/project", realm_backend="jsonl")
    async with talking(World(flags=flags)) as talk:
        info = await talk.call("runtime/host_info")
    assert (info["host_id"], info["host_id_scope"]) == ("realm-instance:desk:blue", "realm_instance")
    assert (info["realm"]["instance_id"], info["realm"]["context_root"], info["realm"]["backend"]) == ("blue", "/project", "jsonl")


async def test_features_and_health_are_part_of_the_host_info():
    async with talking() as talk:
        info = await talk.call("runtime/host_info")
        assert await talk.call("runtime/capabilities") == info["capabilities"]
        assert await talk.call("runtime/health") == info["health"]
    assert info["health"]["status"] == "ok"
    assert info["capabilities"]["features"]["secure_remote_rpc"] is False


@pytest.mark.parametrize("method", ["capabilities/get", "runtime/host_info", "runtime/capabilities", "runtime/health"])
async def test_no_method_of_the_host_looks_at_its_params_or_can_fail(method: str):
    async with talking() as talk:
        for params in ("x", 5, [1], None):
            _, answer = await talk.ask(method, params)
            assert (await answer)["contract_version"]["minor"] == 6
