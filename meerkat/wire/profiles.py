"""Profiles of a realm, which mobs can name (spec 04, section 16)."""

from __future__ import annotations

from typing import TypedDict

from meerkat.wire.base import I32, U64, Json, NotRequired
from meerkat.wire.mob_definitions import WireMobBackendKind, WireMobRuntimeMode


class MobProfileCreateParams(TypedDict):
    """Params of `mob/profile/create` (spec 04, section 16)."""

    name: str
    profile: Profile


class MobProfileNameParams(TypedDict):
    """Params of `mob/profile/get` (spec 04, section 16)."""

    name: str


class MobProfileUpdateParams(TypedDict):
    """Params of `mob/profile/update` (spec 04, section 16)."""

    name: str
    profile: Profile
    expected_revision: U64


class MobProfileDeleteParams(TypedDict):
    """Params of `mob/profile/delete` (spec 04, section 16)."""

    name: str
    expected_revision: U64


class MobProfileLookupResult(TypedDict):
    """A realm profile, or that there is none (spec 04, section 16)."""

    name: str
    created_at: NotRequired[str]
    not_found: NotRequired[bool]
    profile: NotRequired[Profile]
    revision: NotRequired[U64]
    updated_at: NotRequired[str]


class MobProfileListResult(TypedDict):
    """Result of `mob/profile/list` (spec 04, section 16)."""

    profiles: list[MobProfileLookupResult]


class MobProfileDeleteResult(TypedDict):
    """Result of `mob/profile/delete` (spec 04, section 16)."""

    name: str
    deleted_revision: U64


class RealmProfileTools(TypedDict):
    """Which tools a stored profile has; unlike elsewhere unknown names are ignored (spec 04, section 16)."""

    builtins: NotRequired[bool]
    shell: NotRequired[bool]
    comms: NotRequired[bool]
    memory: NotRequired[bool]
    mob: NotRequired[bool]
    mob_tasks: NotRequired[bool]
    schedule: NotRequired[bool]
    image_generation: NotRequired[bool]
    mcp: NotRequired[list[str]]
    rust_bundles: NotRequired[list[str]]


class Profile(TypedDict):
    """A profile as the realm stores it: unknown fields are ignored and nothing is looked up (spec 04, section 16)."""

    model: str
    skills: NotRequired[list[str]]
    tools: NotRequired[RealmProfileTools]
    peer_description: NotRequired[str]
    external_addressable: NotRequired[bool]
    backend: NotRequired[WireMobBackendKind | None]
    runtime_mode: NotRequired[WireMobRuntimeMode]
    max_inline_peer_notifications: NotRequired[I32 | None]
    output_schema: NotRequired[Json]
    provider_params: NotRequired[Json]
