"""Session ids as `live/open` reads them: a plain UUID, and the parser's own words for what is none (spec 07, section 3.1)."""

from __future__ import annotations

from uuid import UUID

from meerkat_mock.contract.texts import uuid_fault
from meerkat_mock.surfaces.registry import Fault


def session_uuid(text: str) -> str:
    """Return a UUID in its hyphenated form, whatever spelling of it is given. Raises `Fault` -32602."""
    why = uuid_fault(text)
    if why is not None:
        raise Fault(-32602, f"invalid session_id: {why}")
    return str(UUID(text))
