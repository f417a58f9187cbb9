"""What a source of skills is, and how well it is: the values that listing, rendering and diagnostics are made of.

Where skills are read from is not known here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from meerkat.wire.base import JsonObject

Scope = Literal["builtin", "project", "user"]
Transport = Literal["embedded", "filesystem", "git", "http", "stdio"]

EMBEDDED_UUID: Final = "00000000-0000-4b11-8111-000000000001"
PROJECT_UUID: Final = "00000000-0000-4b11-8111-000000000002"
USER_UUID: Final = "00000000-0000-4b11-8111-000000000003"
"""Assumed: no recording shows skills of a user."""

QUARANTINE_CODES: Final[dict[str, str]] = {"git": "invalid_git_skill", "http": "invalid_remote_skill", "stdio": "invalid_remote_skill"}
"""The error code of a broken skill by the transport of its source; the others leave broken skills out without a word."""


@dataclass(frozen=True)
class Skill:
    """A skill: its slug, what its front matter says, and the whole file, front matter included."""

    slug: str
    name: str
    description: str
    text: str
    needs: tuple[str, ...] = ()
    """Switches of the section `tools` without which an active skill is left out."""
    active: bool = True


@dataclass(frozen=True)
class Quarantined:
    """A skill of a remote source that could not be read."""

    slug: str
    location: str
    message: str
    first_seen: int


@dataclass(frozen=True)
class SourceIdentity:
    """Where skills come from, as the listing shows it."""

    source_uuid: str
    display_name: str
    transport: Transport
    fingerprint: str
    scope: Scope

    def wire(self) -> JsonObject:
        """Return the provenance of a skill."""
        return {
            "source_uuid": self.source_uuid,
            "display_name": self.display_name,
            "transport_kind": self.transport,
            "fingerprint": self.fingerprint,
            "status": "active",
        }


class Source(Protocol):
    """Reads the skills of one source."""

    @property
    def identity(self) -> SourceIdentity:
        """Return who the source is."""
        ...

    def skills(self) -> Sequence[Skill]:
        """Return what can be read now, in the order of the listing."""
        ...

    def quarantined(self) -> Sequence[Quarantined]:
        """Return what cannot be read."""
        ...


@dataclass
class HeldSource:
    """A source whose skills are known beforehand: the embedded ones, and those that a scenario declares."""

    identity: SourceIdentity
    held: list[Skill] = field(default_factory=lambda: [])
    broken: list[Quarantined] = field(default_factory=lambda: [])

    def skills(self) -> Sequence[Skill]:
        """Return the skills in the order in which they were declared."""
        return self.held

    def quarantined(self) -> Sequence[Quarantined]:
        """Return the broken ones."""
        return self.broken
