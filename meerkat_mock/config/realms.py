"""Credential realms as the configuration holds them; only JSON types are checked here (spec 06, sections 3.1 and 3.2)."""

from __future__ import annotations

from typing import Final

from meerkat_mock.config.kinds import REQUIRED, Flag, FreeForm, Key, ListOf, MapOf, Section, Tagged, Text, Whole

_TEXT = Text()

_BACKEND: Final = Section(
    "BackendProfileConfig",
    {
        "provider": Key(_TEXT, REQUIRED),
        "backend_kind": Key(_TEXT, REQUIRED),
        "base_url": Key(_TEXT),
        "options": Key(FreeForm()),
    },
)
_SOURCE: Final = Tagged(
    "kind",
    {
        "inline_secret": Section("InlineSecret", {"secret": Key(_TEXT, REQUIRED)}),
        "managed_store": Section("ManagedStore", {}),
        "env": Section("Env", {"env": Key(_TEXT, REQUIRED), "fallback": Key(ListOf(_TEXT), [], empty_is_absent=True)}),
        "external_resolver": Section("ExternalResolver", {"handle": Key(_TEXT, REQUIRED)}),
        "platform_default": Section("PlatformDefault", {}),
        "command": Section(
            "Command",
            {
                "program": Key(_TEXT, REQUIRED),
                "args": Key(ListOf(_TEXT), []),
                "cwd": Key(_TEXT),
                "env": Key(MapOf(_TEXT), {}),
                "timeout_ms": Key(Whole("u64"), 30_000),
                "refresh_interval_ms": Key(Whole("u64")),
            },
        ),
        "file_descriptor": Section("FileDescriptor", {"fd": Key(Whole("i32"), REQUIRED), "scope_override": Key(_TEXT)}),
    },
)
_CONSTRAINTS: Final = Section(
    "AuthConstraints",
    {
        "require_workspace_id": Key(Flag(), False),
        "require_account_id": Key(Flag(), False),
        "allow_interactive_login": Key(Flag(), False),
        "allow_refresh": Key(Flag(), True),
    },
)
_METADATA: Final = Section(
    "AuthMetadataDefaults",
    {
        "organization_id": Key(_TEXT),
        "workspace_id": Key(_TEXT),
        "route_hints": Key(FreeForm(), {"provider": "none"}),
        "provider_metadata": Key(FreeForm()),
    },
)
_AUTH: Final = Section(
    "AuthProfileConfig",
    {
        "provider": Key(_TEXT, REQUIRED),
        "auth_method": Key(_TEXT, REQUIRED),
        "source": Key(_SOURCE, REQUIRED),
        "constraints": Key(_CONSTRAINTS, {}),
        "metadata_defaults": Key(_METADATA, {}),
    },
)
_POLICY: Final = Section(
    "BindingPolicy",
    {
        "allow_auth_override": Key(Flag(), False),
        "require_metadata_account": Key(Flag(), False),
        "require_metadata_workspace": Key(Flag(), False),
    },
)
_BINDING: Final = Section(
    "ProviderBindingConfig",
    {
        "backend_profile": Key(_TEXT, REQUIRED),
        "auth_profile": Key(_TEXT, REQUIRED),
        "default_model": Key(_TEXT),
        "policy": Key(_POLICY, {}),
    },
)
REALM: Final = Section(
    "RealmConfigSection",
    {
        "backend": Key(MapOf(_BACKEND), {}, empty_is_absent=True),
        "auth": Key(MapOf(_AUTH), {}, empty_is_absent=True),
        "binding": Key(MapOf(_BINDING), {}, empty_is_absent=True),
        "default_binding": Key(_TEXT),
    },
)
