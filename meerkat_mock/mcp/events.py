"""The events that tell of changes of MCP servers (spec 03, section 3.6; spec 05, section 6.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject

Operation = Literal["add", "remove", "reload"]
ServerPhase = Literal["pending", "applied", "draining", "forced", "failed"]


def server_changed(operation: Operation, server: str, phase: ServerPhase, turn: int, detail: str | None = None) -> JsonObject:
    """Return the event of one step of a server's change; `detail` says why it failed."""
    status_info: JsonObject = {"kind": "external_tool_delta", "phase": phase}
    if detail is not None:
        status_info["detail"] = detail
    return {
        "type": "tool_config_changed",
        "payload": {
            "operation": operation,
            "target": server,
            "status": phase if detail is None else f"{phase}: {detail}",
            "status_info": status_info,
            "persisted": phase not in ("pending", "draining"),
            "applied_at_turn": turn,
        },
    }


def scope_changed(turn: int) -> JsonObject:
    """Return the event that tells that a model now sees other tools than before."""
    return {
        "type": "tool_config_changed",
        "payload": {
            "operation": "reload",
            "target": "tool_scope",
            "status": "boundary_applied(base_changed=true,visible_changed=true,revision=0)",
            "status_info": {"kind": "boundary_applied", "base_changed": True, "visible_changed": True, "revision": 0},
            "persisted": False,
            "applied_at_turn": turn,
            "domain": "tool_scope",
        },
    }
