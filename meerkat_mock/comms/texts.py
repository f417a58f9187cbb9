"""What a session gets to read of an input or of a peer (spec 05, section 7.3)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat.wire.base import Json
    from meerkat_mock.agent.ports import Block


def input_text(source: str, body: str) -> str:
    """Return an input from outside."""
    return f"[EVENT via {source}] {body}"


def message_text(sender: str, body: str) -> str:
    """Return a message of a peer."""
    return f"[COMMS MESSAGE from {sender}]\n{body}"


def request_text(peer_id: str, name: str, intent: str, request_id: str, params: Json) -> str:
    """Return a request of a peer, and how it is to be answered."""
    reply = {"display_name": name, "in_reply_to": request_id, "peer_id": peer_id, "status": "completed"}
    arguments = json.dumps(reply, ensure_ascii=False, separators=(",", ":"))
    return (
        f"[SYSTEM NOTICE][PEER_REQUEST] Correlated peer request from peer_id {peer_id} (display_name: {name}). "
        f"Intent: {intent}. Request ID: {request_id}. Params: {indented(params)}. "
        "This is not a normal user request and not a prompt for direct user-facing output. "
        f"Reply with send_response with arguments {arguments}. "
        'Use status="failed" instead of "completed" when the request cannot be fulfilled, '
        "and include result only when the request contract provides a typed result payload. Do not use send_message for this reply."
    )


def progress_text(peer_id: str, request_id: str, payload: Json) -> str:
    """Return a peer's word that it works on a request."""
    return (
        f"[SYSTEM NOTICE][PEER_RESPONSE_PROGRESS] Correlated peer response progress from {peer_id}. "
        f"Request ID: {request_id}. Phase: accepted. Payload: {indented(payload)}."
    )


def indented(value: Json) -> str:
    """Return JSON as the runtime shows it to models."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)


def with_blocks(text: str, blocks: Sequence[Block] | None) -> str | list[Block]:
    """Return a text, followed by content blocks if there are any. Assumption: the server keeps that order."""
    return text if not blocks else [{"type": "text", "text": text}, *blocks]
