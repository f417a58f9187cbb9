"""Skills that a session can use (spec 05, section 5)."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

from meerkat.wire.base import NotRequired
from meerkat.wire.core import SkillKey

SourceTransportKind: TypeAlias = Literal["embedded", "filesystem", "git", "http", "stdio"]
"""How a skill source is read."""

SourceIdentityStatus: TypeAlias = Literal["active", "disabled", "retired"]
"""Whether a skill source is in use."""


class SkillListResponse(TypedDict):
    """Every skill (spec 05, section 5.2)."""

    skills: list[SkillEntry]


class SkillEntry(TypedDict):
    """One skill (spec 05, section 5.2)."""

    key: SkillKey
    name: str
    description: str
    scope: str
    source: SkillSourceProvenance
    is_active: bool
    shadowed_by: NotRequired[SkillSourceProvenance]


class SkillSourceProvenance(TypedDict):
    """Where a skill comes from (spec 05, section 5.2)."""

    source_uuid: str
    display_name: str
    transport_kind: SourceTransportKind
    fingerprint: str
    status: SourceIdentityStatus
