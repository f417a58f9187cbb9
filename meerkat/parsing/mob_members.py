"""Members of mobs: lists, states, and what spawning, respawning, sending and helping answer (spec 04, sections 3, 7, 8, 12).

Identities and ids of mobs may be empty: the server takes them so. The contract definitions are imported where they are made: they bring
many others with them, and a client without mobs should not wait for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from meerkat.parsing.fields import Fields
from meerkat.parsing.models import parse_resolved_capabilities

if TYPE_CHECKING:
    from meerkat.generated.mob_members import MobSpawnManyResult, MobSpawnManyResultEntry
    from meerkat.mob_types import (
        MemberDeliveryReceipt,
        MobHelperResult,
        MobKickoffMemberSnapshot,
        MobMember,
        MobMemberSnapshot,
        MobPeerConnectivitySnapshot,
        MobRespawnResult,
        MobSpawnResult,
        MobUnreachablePeer,
    )
    from meerkat.wire.base import Json
    from meerkat.wire.mobs_members import MobSpawnManyFailureCause, MobSpawnManyResultStatus


def parse_mob_members(raw: Json) -> list[MobMember]:
    """Return the members of a mob."""
    return [parse_mob_member(member) for member in Fields("Invalid mob/members response", raw).records("members")]


_MEMBER_TEXTS = ("peer_id", "runtime_mode", "state", "status", "error")


def parse_mob_member(entry: Fields) -> MobMember:
    """Return one member of a list; its profile is `role` on the wire of 0.6.5, and has had other names before."""
    profile_key = next((key for key in ("profile_name", "profile", "role") if entry.has(key)), "role")
    member: dict[str, object] = {
        "agent_identity": entry.text("agent_identity"),
        "member_ref": entry.name("member_ref"),
        "profile": entry.text(profile_key),
    }
    member.update((key, entry.text(key)) for key in _MEMBER_TEXTS if entry.has(key))
    member.update((key, entry.record(key).raw) for key in ("external_peer_specs", "kickoff") if entry.has(key))
    if entry.has("wired_to"):
        member["wired_to"] = entry.texts("wired_to")
    if entry.has("labels"):
        member["labels"] = entry.labels("labels")
    if entry.has("is_final"):
        member["is_final"] = entry.flag("is_final")
    return cast("MobMember", member)


def parse_member_status(raw: Json) -> MobMemberSnapshot:
    """Return how a member is."""
    return cast("MobMemberSnapshot", _snapshot(Fields("Invalid mob/member_status response", raw)))


def parse_waited_members(raw: Json, method: Literal["mob/wait_kickoff", "mob/wait_ready"]) -> list[MobKickoffMemberSnapshot]:
    """Return how the members that were waited for are."""
    members = Fields(f"Invalid {method} response", raw).records("members")
    return [cast("MobKickoffMemberSnapshot", {"agent_identity": member.text("agent_identity"), **_snapshot(member)}) for member in members]


def _snapshot(member: Fields) -> dict[str, object]:
    snapshot: dict[str, object] = {
        "status": member.name("status"),
        "tokens_used": member.integer("tokens_used"),
        "is_final": member.flag("is_final"),
    }
    snapshot.update((key, member.text(key)) for key in ("output_preview", "error", "current_session_id") if member.has(key))
    snapshot.update((key, member.record(key).raw) for key in ("kickoff", "external_member") if member.has(key))
    if (capabilities := member.optional_record("resolved_capabilities")) is not None:
        snapshot["resolved_capabilities"] = parse_resolved_capabilities(capabilities)
    if (connectivity := member.optional_record("peer_connectivity")) is not None:
        snapshot["peer_connectivity"] = _peer_connectivity(connectivity)
    return snapshot


def _peer_connectivity(connectivity: Fields) -> MobPeerConnectivitySnapshot:
    return {
        "reachable_peer_count": connectivity.integer("reachable_peer_count"),
        "unknown_peer_count": connectivity.integer("unknown_peer_count"),
        "unreachable_peers": [_unreachable_peer(peer) for peer in connectivity.records("unreachable_peers")],
    }


def _unreachable_peer(peer: Fields) -> MobUnreachablePeer:
    if peer.has("reason"):
        return {"peer": peer.text("peer"), "reason": peer.text("reason")}
    return {"peer": peer.text("peer")}


def parse_mob_spawn(raw: Json) -> MobSpawnResult:
    """Return the receipt of a spawned member."""
    spawned = Fields("Invalid mob/spawn response", raw)
    return {"mob_id": spawned.text("mob_id"), "agent_identity": spawned.text("agent_identity"), "member_ref": spawned.name("member_ref")}


def parse_mob_spawn_many(raw: Json) -> MobSpawnManyResult:
    """Return a receipt or a failure per member, in the order they were asked for; unknown causes of failure pass."""
    from meerkat.generated.mob_members import MobSpawnManyResult

    return MobSpawnManyResult([_spawn_entry(entry) for entry in Fields("Invalid mob/spawn_many response", raw).records("results")])


def _spawn_entry(entry: Fields) -> MobSpawnManyResultEntry:
    from meerkat.generated.mob_members import MobSpawnManyFailedResult, MobSpawnManyResultEntry, MobSpawnManySpawnedResult

    status = entry.name("status")
    if status not in ("spawned", "failed"):
        raise entry.wrong("status", "`spawned` or `failed`")
    payload = entry.record("result")
    if status == "spawned":
        result = MobSpawnManySpawnedResult(payload.text("agent_identity"), payload.name("member_ref"))
        return MobSpawnManyResultEntry(result, cast("MobSpawnManyResultStatus", status))
    cause = cast("MobSpawnManyFailureCause", payload.name("cause"))
    return MobSpawnManyResultEntry(MobSpawnManyFailedResult(cause, payload.text("message")), cast("MobSpawnManyResultStatus", status))


def parse_mob_respawn(raw: Json) -> MobRespawnResult:
    """Return the receipt of a replaced member; its status is as sent."""
    respawned = Fields("Invalid mob/respawn response", raw)
    receipt = respawned.record("receipt")
    identity = receipt.text("identity" if receipt.has("identity") or not receipt.has("agent_identity") else "agent_identity")
    result: dict[str, object] = {
        "status": respawned.name("status"),
        "receipt": {"agent_identity": identity, "member_ref": receipt.name("member_ref")},
    }
    if respawned.has("failed_peer_ids"):
        result["failed_peer_ids"] = respawned.texts("failed_peer_ids")
    return cast("MobRespawnResult", result)


def parse_member_send(raw: Json) -> MemberDeliveryReceipt:
    """Return the receipt of a message for a member."""
    receipt = Fields("Invalid mob/member_send response", raw)
    return {
        "agent_identity": receipt.text("agent_identity"),
        "member_ref": receipt.name("member_ref"),
        "handling_mode": cast("Literal['queue', 'steer']", receipt.name("handling_mode")),
    }


def parse_mob_helper(raw: Json, method: Literal["mob/spawn_helper", "mob/fork_helper"]) -> MobHelperResult:
    """Return what a helper did; its output is None when it said nothing."""
    helper = Fields(f"Invalid {method} response", raw)
    return {
        "output": helper.optional_text("output"),
        "tokens_used": helper.integer("tokens_used"),
        "agent_identity": helper.text("agent_identity"),
        "member_ref": helper.name("member_ref"),
    }


def parse_matching_members(raw: Json) -> dict[str, Any]:
    """Return the members that match a filter, as sent; each is checked to name itself."""
    matching = Fields("Invalid mob/list_members_matching response", raw)
    for member in matching.records("members"):
        member.text("agent_identity")
    return dict(matching.raw)
