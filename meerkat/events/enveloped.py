"""From the wire to envelopes. What an envelope must have is checked; a later server may add to it (spec 03, section 2).

Unlike the events inside, a broken envelope raises: without its `seq` and source nothing can be said about what was lost.
"""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

from meerkat.errors import invalid_response
from meerkat.events.envelopes import AttributedEvent, EventEnvelope, EventSourceIdentity
from meerkat.events.parser import parse_event

if TYPE_CHECKING:
    from collections.abc import Mapping

_SOURCE_IDS: Final[Mapping[str, str | None]] = MappingProxyType(
    {"session": "session_id", "runtime": "runtime_id", "interaction": "interaction_id", "callback": None, "external": "source_id"}
)
"""The id that each type of source carries."""


def parse_envelope(raw: dict[str, Any]) -> EventEnvelope:
    """Return the envelope with its payload typed. Raises `ProtocolError` `INVALID_RESPONSE` for a wrong `seq` or `payload`."""
    get = raw.get
    seq, payload = get("seq"), get("payload")
    if type(seq) is not int:
        raise invalid_response("Invalid event envelope", "seq", "an integer", seq)
    if type(payload) is not dict:
        raise invalid_response("Invalid event envelope", "payload", "an object", payload)
    event_id, source_id, timestamp, mob_id = get("event_id"), get("source_id"), get("timestamp_ms"), get("mob_id")
    envelope = _new_envelope(EventEnvelope)
    _put_event_id(envelope, event_id if type(event_id) is str else "")
    _put_source(envelope, _parse_source(get("source")))
    _put_source_id(envelope, source_id if type(source_id) is str else "")
    _put_seq(envelope, seq)
    _put_timestamp_ms(envelope, timestamp if type(timestamp) is int else 0)
    _put_payload(envelope, parse_event(payload))  # pyright: ignore[reportUnknownArgumentType]
    _put_mob_id(envelope, mob_id if type(mob_id) is str else None)
    return envelope


# The constructor of a frozen class costs more than all the rest here, and every event of every subscription passes: its slots are filled
# directly instead.
_new_envelope = object.__new__
_put_event_id, _put_source, _put_source_id, _put_seq, _put_timestamp_ms, _put_payload, _put_mob_id = (
    vars(EventEnvelope)[field.name].__set__ for field in fields(EventEnvelope)
)


def parse_attributed(raw: dict[str, Any]) -> AttributedEvent:
    """Return an event of a mob-wide stream. Raises `ProtocolError` `INVALID_RESPONSE` when it names no member or has no envelope."""
    source: object = raw.get("source")
    if type(source) is str:
        source = {"identity": source}
    if type(source) is not dict:
        raise invalid_response("Invalid attributed event", "source", "an object", source)
    member = cast("dict[str, object]", source)
    identity = member.get("identity")
    if type(identity) is not str:
        raise invalid_response("Invalid attributed event", "source.identity", "text", identity)
    envelope = raw.get("envelope")
    if type(envelope) is not dict:
        raise invalid_response("Invalid attributed event", "envelope", "an object", envelope)
    return AttributedEvent(
        identity,
        _text_or_empty(raw.get("role")),
        parse_envelope(cast("dict[str, Any]", envelope)),
        _number_or_zero(member.get("generation")),
        _number_or_zero(raw.get("source_fence_token")),
    )


def _parse_source(raw: object) -> EventSourceIdentity | None:
    if type(raw) is not dict:
        return None
    source = cast("dict[str, object]", raw)
    kind = source.get("type")
    if type(kind) is not str or kind not in _SOURCE_IDS:
        return None
    value = source.get(_SOURCE_IDS[kind] or "")
    return _source(kind, value if type(value) is str else None)


_SOURCES_KEPT = 256
"""All events of a session have one source; this many sessions at once share theirs."""


@lru_cache(_SOURCES_KEPT)
def _source(kind: str, source_id: str | None) -> EventSourceIdentity | None:
    id_field = _SOURCE_IDS[kind]
    if id_field is None:
        return EventSourceIdentity(kind)
    return None if source_id is None else EventSourceIdentity(kind, **{id_field: source_id})


def _text_or_empty(value: object) -> str:
    return value if type(value) is str else ""


def _number_or_zero(value: object) -> int:
    return value if type(value) is int else 0
