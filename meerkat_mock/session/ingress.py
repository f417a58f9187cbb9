"""Inputs that are no turns: external events and terminal responses of peers (spec 02, section 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from meerkat_mock.session.locators import parsed_uuid
from meerkat_mock.session.notes import EventNote, context_block
from meerkat_mock.session.options import TurnRequest
from meerkat_mock.session.queue import TurnInput
from meerkat_mock.session.system import peer_notice
from meerkat_mock.surfaces.registry import Fault

if TYPE_CHECKING:
    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import Block
    from meerkat_mock.ids import IdSource

_BLOCK_TYPES = ("text", "image", "video")


def event_of(params: dict[str, Any], ids: IdSource) -> EventNote:
    """Return the event that stands in front of the next prompt. Raises `Fault` -32602."""
    if params["kind"] == "peer_response_terminal":
        raise Fault(-32602, "peer_response_terminal is reserved on session/external_event; use session/peer_response_terminal")
    if not params["event_type"].strip():
        raise Fault(-32602, "event_type cannot be empty")
    blocks = params.get("blocks")
    if blocks is not None:
        if any(block.get("type") not in _BLOCK_TYPES for block in blocks):
            raise Fault(-32602, "unknown content block type")
        return EventNote(tuple(cast("list[Block]", blocks)), ids.uuid7())
    return EventNote(event_line(params["event_type"], params["payload"]), ids.uuid7())


def event_line(event_type: str, payload: Json) -> str:
    """Return the line of an event: its type, and the text of its payload's `body` if that is one."""
    body = payload.get("body") if isinstance(payload, dict) else None
    text = body.strip() if isinstance(body, str) else ""
    return f"[EVENT via {event_type}] {text}" if text else f"[EVENT via {event_type}]"


def peer_turn(params: dict[str, Any]) -> TurnInput:
    """Return the reaction to a peer's terminal response. Raises `Fault` -32602."""
    name = params.get("display_name")
    if name is not None and not name.strip():
        raise Fault(-32602, "display identity cannot be empty")
    peer_id, request_id = parsed_uuid(params["peer_id"]), parsed_uuid(params["request_id"])
    notice = peer_notice(name or str(peer_id), str(request_id), params["status"], params["result"])
    source = f"peer_response_terminal:{peer_id}:{request_id}"
    return TurnInput(TurnRequest(""), "peer", notice=context_block(source, notice))
