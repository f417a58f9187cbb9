"""Sessions in lists and one by one, deferred creates, forks, blobs (spec 02, sections 2.4, 9, 11, 15; spec 08, 7.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat.parsing.fields import Fields
from meerkat.parsing.models import parse_resolved_capabilities
from meerkat.types.content import BlobPayload
from meerkat.types.sessions import SessionDetails, SessionForkResult, SessionSummary

if TYPE_CHECKING:
    from meerkat.wire.base import Json


def parse_session_list(raw: Json) -> list[SessionSummary]:
    """Return a page of sessions as the server orders it: not sorted, and an id stands there twice while its first turn runs."""
    return [_summary(session) for session in Fields("Invalid session list", raw).records("sessions")]


def _summary(session: Fields) -> SessionSummary:
    return SessionSummary(
        session_id=session.name("session_id"),
        session_ref=session.optional_text("session_ref"),
        created_at=session.integer("created_at"),
        updated_at=session.integer("updated_at"),
        message_count=session.integer("message_count"),
        labels=session.labels("labels"),
        is_active=session.flag("is_active"),
        total_tokens=session.integer("total_tokens"),
    )


def parse_session_details(raw: Json) -> SessionDetails:
    """Return one session."""
    session = Fields("Invalid session details", raw)
    capabilities = session.optional_record("resolved_capabilities")
    return SessionDetails(
        session_id=session.name("session_id"),
        session_ref=session.optional_text("session_ref"),
        created_at=session.integer("created_at"),
        updated_at=session.integer("updated_at"),
        message_count=session.integer("message_count"),
        labels=session.labels("labels"),
        is_active=session.flag("is_active"),
        model=session.text("model"),
        provider=session.text("provider"),
        last_assistant_text=session.optional_text("last_assistant_text"),
        resolved_capabilities=None if capabilities is None else parse_resolved_capabilities(capabilities),
    )


def parse_deferred_create(raw: Json) -> tuple[str, str | None]:
    """Return the id and the realm-qualified reference of a session whose first turn is still to come."""
    created = Fields("Invalid deferred create result", raw)
    return created.name("session_id"), created.optional_text("session_ref")


def parse_fork_result(raw: Json) -> SessionForkResult:
    """Return what a fork made."""
    fork = Fields("Invalid fork result", raw)
    return SessionForkResult(
        fork.name("source_session_id"), fork.name("session_id"), fork.optional_text("session_ref"), fork.integer("message_count")
    )


def parse_blob(raw: Json) -> BlobPayload:
    """Return a blob with its base64 data."""
    blob = Fields("Invalid blob", raw)
    return BlobPayload(blob.name("blob_id"), blob.text("media_type"), blob.text("data"))
