"""Refusals of comms: each says twice what is wrong, in the message and in its data (spec 05, section 7.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject


def invalid_command(why: str) -> Fault:
    """Return the refusal of a command whose parts do not go together."""
    return Fault(-32602, "Command validation failed", {"code": "invalid_command", "message": why})


def send_failed(why: str) -> Fault:
    """Return the refusal of a send that did not come about."""
    return Fault(-32603, why, {"code": "send_failed", "message": why})


def no_peer(peer_id: str) -> Fault:
    """Return the refusal for a peer that is not there, or not trusted."""
    message = f"peer '{peer_id}' is not found or not trusted"
    return Fault(-32603, message, {"code": "peer_not_found_or_not_trusted", "peer": peer_id, "message": message})


def unreachable(peer_id: str, reason: str, details: str | None = None) -> Fault:
    """Return the refusal for a peer that did not take what was sent."""
    message = f"peer '{peer_id}' is unreachable: {reason}"
    data: JsonObject = {"code": "peer_unreachable", "peer": peer_id, "reason": reason, "message": message}
    return Fault(-32603, message, data if details is None else {**data, "details": details})


def no_request(request_id: str) -> Fault:
    """Return the refusal of an answer to a request that was never asked, or is answered."""
    return send_failed(f"validation failed: PeerResponse requires machine inbound peer request state for corr_id {request_id}")


def no_authority(kind: str) -> Fault:
    """Return the refusal of a semantic message of a session that may only carry plain ones."""
    why = "this CommsRuntime is transport-only for semantic peer request/response"
    return send_failed(f"validation failed: {kind} requires machine peer interaction authority; {why}")
