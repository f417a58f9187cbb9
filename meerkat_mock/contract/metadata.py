"""Which label and context keys an application may not use, because the runtime keeps its own facts there (spec 02, section 16.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meerkat.wire.base import Json

_OWNED = frozenset({"meerkat", "mob_id", "role", "meerkat_id"})


def reserved_label(labels: Iterable[str]) -> str | None:
    """Return the first label key, in key order, that is the runtime's own; case does not count."""
    return next((key for key in sorted(labels) if key.lower() in _OWNED or key.lower().startswith("meerkat.")), None)


def reserved_context(app_context: Json) -> str | None:
    """Return the first top-level key of an application's context that is the runtime's own."""
    keys = sorted(app_context) if isinstance(app_context, dict) else []
    return next((key for key in keys if key == "meerkat" or key.startswith("meerkat.")), None)


def metadata_fault(labels: Iterable[str], app_context: Json) -> str | None:
    """Return the server's text for metadata that claims a reserved key, None if it claims none."""
    if (key := reserved_label(labels)) is not None:
        return f"metadata label key '{key}' is reserved for Meerkat-owned runtime facts"
    if (key := reserved_context(app_context)) is not None:
        return f"app_context key '{key}' is reserved for Meerkat-owned runtime facts"
    return None
