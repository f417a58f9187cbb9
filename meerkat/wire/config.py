"""The configuration of a realm: reading, replacing and patching it (spec 05, section 2).

The sections of the configuration are free JSON here: the server fills in and drops keys, and its own parser judges them.
"""

from __future__ import annotations

from typing import TypeAlias, TypedDict

from meerkat.wire.base import U64, Json, JsonObject, NotRequired

ConfigSetParams: TypeAlias = Json
"""Params of `config/set`: `{config, expected_generation?}`, or the bare configuration (spec 05, section 2.2)."""

ConfigPatchParams: TypeAlias = Json
"""Params of `config/patch`: `{patch, expected_generation?}`, or the bare patch (spec 05, section 2.2)."""


class ConfigPaths(TypedDict):
    """Where a realm keeps its files, whatever the backend (spec 05, section 2.1)."""

    root: str
    manifest_path: str
    config_path: str
    sessions_sqlite_path: str
    sessions_jsonl_dir: str


class ConfigEnvelope(TypedDict):
    """The result of all three methods: the complete configuration and its generation (spec 05, section 2.1)."""

    config: JsonObject
    generation: U64
    # Always present, null when there is none.
    realm_id: str | None
    instance_id: str | None
    backend: str | None
    resolved_paths: NotRequired[ConfigPaths]
