"""The frames that tell a client what happens on a channel, as values of the contract (spec 07, sections 5 and 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.world.realtime_events import Tokens

READY: JsonObject = {"observation": "ready"}
STATUS_READY: JsonObject = {"observation": "status_changed", "status": {"status": "ready"}}
STATUS_CLOSED: JsonObject = {"observation": "status_changed", "status": {"status": "closed"}}
ZERO_USAGE: JsonObject = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}


def present(**fields: Json) -> JsonObject:
    """Return the fields that have a value: what is absent is left out of an observation, never null."""
    return {name: value for name, value in fields.items() if value is not None}


def usage_of(tokens: Tokens) -> JsonObject:
    """Return the usage of a response as frames show it."""
    usage: JsonObject = {
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "total_tokens": tokens.input + tokens.output,
    }
    return usage if tokens.cached is None else {**usage, "cache_read_tokens": tokens.cached}


def observed(item_id: str, previous: str | None, role: str, response_id: str | None) -> JsonObject:
    """Return the frame that shows an item; here absent values are null (section 5.2)."""
    event: JsonObject = {
        "type": "item_observed",
        "item_id": item_id,
        "previous_item_id": previous,
        "role": role,
        "response_id": response_id,
    }
    return {"observation": "realtime_transcript", "event": event}


def skipped(item_id: str, previous: str | None) -> JsonObject:
    """Return the frame that shows an item without words of its own: a function call, or its output."""
    return {"observation": "realtime_transcript", "event": {"type": "item_skipped", "item_id": item_id, "previous_item_id": previous}}


def config_rejected(reason: JsonObject) -> JsonObject:
    """Return the error code of a refused configuration or input."""
    return {"code": "config_rejected", "reason": reason}


def error(code: JsonObject, message: str) -> JsonObject:
    """Return the frame that ends a channel."""
    return {"observation": "error", "code": code, "message": message}


def rejected(reason: JsonObject, message: str) -> JsonObject:
    """Return the frame that refuses one input; the channel goes on."""
    return {"observation": "command_rejected", "code": config_rejected(reason), "message": message}


def invalid_request(detail: str) -> JsonObject:
    """Return the frame that ends a channel because of a command it does not allow."""
    return error(config_rejected({"kind": "other", "detail": detail}), f"Invalid request: {detail}")
