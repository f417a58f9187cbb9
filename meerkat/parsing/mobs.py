"""Mobs: their state, events, flows, work and profiles (spec 04); members are next door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from meerkat.parsing.fields import Fields

if TYPE_CHECKING:
    from meerkat.types.mobs import MobEventCursorEntry, MobEventsResult, StoredMobProfile
    from meerkat.wire.base import Json


def parse_mob_create(raw: Json) -> str:
    """Return the id of a mob that was created."""
    return Fields("Invalid mob/create response", raw).text("mob_id")


def parse_mob_list(raw: Json) -> list[dict[str, Any]]:
    """Return the mobs, each with its id."""
    mobs = Fields("Invalid mob/list response", raw).records("mobs")
    for mob in mobs:
        mob.text("mob_id")
    return [dict(mob.raw) for mob in mobs]


def parse_mob_status(raw: Json) -> dict[str, Any]:
    """Return the id and the phase of a mob; a phase that is an object is named by its only key."""
    mob = Fields("Invalid mob/status response", raw)
    if isinstance(mob.raw.get("status"), dict) and mob.raw["status"]:
        return {"mob_id": mob.text("mob_id"), "status": next(iter(mob.record("status").raw))}
    return {"mob_id": mob.text("mob_id"), "status": mob.name("status")}


def parse_mob_events(raw: Json) -> MobEventsResult:
    """Return a page of a mob's event log."""
    return {"events": [_entry(entry) for entry in Fields("Invalid mob/events response", raw).records("events")]}


def _entry(entry: Fields) -> MobEventCursorEntry:
    entry.integer("cursor")
    return cast("MobEventCursorEntry", entry.raw)


def parse_mob_flows(raw: Json) -> list[str]:
    """Return the names of the flows."""
    return Fields("Invalid mob/flows response", raw).texts("flows")


def parse_mob_flow_run(raw: Json) -> str:
    """Return the id of a run that was started."""
    return Fields("Invalid mob/flow_run response", raw).name("run_id")


def parse_mob_flow_status(raw: Json) -> dict[str, Any] | None:
    """Return a run, None for an unknown one."""
    run = Fields("Invalid mob/flow_status response", raw).optional_record("run")
    return None if run is None else dict(run.raw)


def parse_mob_profile(raw: Json) -> StoredMobProfile | None:
    """Return a stored profile, None when there is none of that name."""
    profile = Fields("Invalid mob profile", raw)
    if profile.has("not_found") and profile.flag("not_found"):
        return None
    return _profile(profile)


def parse_mob_profiles(raw: Json) -> list[StoredMobProfile]:
    """Return all stored profiles."""
    return [_profile(profile) for profile in Fields("Invalid mob/profile/list response", raw).records("profiles")]


def _profile(profile: Fields) -> StoredMobProfile:
    profile.text("name")
    profile.record("profile")
    profile.integer("revision")
    return cast("StoredMobProfile", profile.raw)


def parse_append_system_context(raw: Json) -> dict[str, Any]:
    """Return what became of context for a member; the status is as sent, `staged` or `duplicate`."""
    context = Fields("Invalid mob/append_system_context response", raw)
    return {"mob_id": context.text("mob_id"), "agent_identity": context.text("agent_identity"), "status": context.name("status")}
