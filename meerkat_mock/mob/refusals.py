"""How mobs say no: nearly every refusal is -32602, told apart by its text alone (spec 04, sections 2.1 and 2.4)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject
    from meerkat.wire.mobs_members import MobSpawnManyFailureCause


class Refusal(Fault):
    """A refusal of the mob's domain; `cause` is the word that `mob/spawn_many` has for it."""

    def __init__(self, message: str, cause: MobSpawnManyFailureCause = "internal") -> None:
        super().__init__(-32602, message)
        self.message = message
        self.cause: MobSpawnManyFailureCause = cause


def internal(text: str) -> Refusal:
    """Anything that has no family of its own."""
    return Refusal(f"internal error: {text}")


def debugged(identity: str) -> str:
    """Return an identity as the server's dumps show it."""
    return f"AgentIdentity({json.dumps(identity, ensure_ascii=False)})"


def no_mob(mob_id: str) -> Refusal:
    """Nothing of that id is known."""
    return internal(f"mob not found: {mob_id}")


def no_member(identity: str) -> Refusal:
    """The roster does not hold that identity."""
    return Refusal(f"mob member not found: {identity}", "member_not_found")


def no_member_of_ref(identity: str, mob_id: str) -> Refusal:
    """A token names an existing mob and a member that it does not have (spec 04, section 3.1)."""
    return Refusal(f"member {identity} not found in mob {mob_id}")


def taken(identity: str) -> Refusal:
    """The roster holds that identity already."""
    return Refusal(f"mob member already exists: {identity}", "member_already_exists")


def no_profile(name: str) -> Refusal:
    """The definition has no such role."""
    return Refusal(f"profile not found: {name}", "profile_not_found")


def no_transition(before: str, after: str) -> Refusal:
    """The phase does not allow it."""
    return Refusal(f"invalid state transition: {before} -> {after}", "invalid_transition")


def wiring_error(text: str) -> Refusal:
    """Members or peers cannot be brought together like this."""
    return Refusal(f"wiring error: {text}", "wiring_error")


def unaddressable(identity: str) -> Refusal:
    """The profile does not let anybody outside send to its members."""
    return Refusal(f"mob member is not externally addressable: {identity}", "not_externally_addressable")


def actor_gone() -> Refusal:
    """The task of the mob is dead (spec 04, section 0)."""
    return internal("actor task dropped")


def rotation_incomplete(epoch: int, identity: str, peer_id: str) -> Fault:
    """A member could not take the supervisor's new key, and all was rolled back (spec 04, section 15)."""
    message = (
        f"supervisor rotation incomplete: failed after 0 remote peer(s) accepted attempted epoch {epoch + 1}; "
        f"local authority remains at epoch {epoch}; rollback_succeeded=true; pending_authority_recorded=false; "
        f"pending_authority_process_local=false; failure: internal error: member '{identity}' has no runtime"
    )
    details: JsonObject = {
        "kind": "supervisor_rotation_incomplete",
        "previous_epoch": epoch,
        "attempted_epoch": epoch + 1,
        "attempted_public_peer_id": peer_id,
        "rotated_peer_count": 0,
        "rollback_succeeded": True,
        "pending_authority_recorded": False,
        "pending_authority_process_local": False,
        "rollback_error": None,
        "retry_authority": "pre_rotation",
        "retry_scope": "pre_rotation",
    }
    return Fault(-32024, message, {"code": "SUPERVISOR_ROTATION_INCOMPLETE", "message": message, "details": details})
