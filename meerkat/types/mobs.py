"""Profiles and events of mobs (spec 04); the shapes of members are in `meerkat.mob`."""

from __future__ import annotations

from typing import Any, TypedDict


class MobEventCursorEntry(TypedDict, total=False):
    """One entry of a mob's event log and its place in it."""

    cursor: int
    event: dict[str, Any]


class MobEventsResult(TypedDict):
    """What `read_mob_events` returns."""

    events: list[MobEventCursorEntry]


class MobProfileTools(TypedDict, total=False):
    """The tools that a profile gives its members."""

    builtins: bool
    shell: bool
    comms: bool
    memory: bool
    mob: bool
    mob_tasks: bool
    schedule: bool
    mcp: list[str]


class MobProfile(TypedDict, total=False):
    """What kind of agent a member is."""

    model: str
    skills: list[str]
    tools: MobProfileTools
    peer_description: str
    external_addressable: bool
    backend: str | None
    runtime_mode: str
    max_inline_peer_notifications: int | None
    output_schema: dict[str, Any] | None
    provider_params: dict[str, Any] | None


class StoredMobProfile(TypedDict):
    """A profile in the realm's store; a change must name its `revision`."""

    name: str
    profile: MobProfile
    revision: int
    created_at: str
    updated_at: str


class DeletedMobProfile(TypedDict):
    """What `delete_mob_profile` returns."""

    name: str
    deleted_revision: int
