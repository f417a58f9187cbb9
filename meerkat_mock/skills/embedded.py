"""The skills that the server brings along, in the order of its listing (spec 05, section 5.2). Their texts here are short stand-ins."""

from __future__ import annotations

from typing import Final

from meerkat_mock.skills.files import skill_text
from meerkat_mock.skills.source import EMBEDDED_UUID, HeldSource, Skill, SourceIdentity

_IDENTITY: Final = SourceIdentity(EMBEDDED_UUID, "embedded", "embedded", "embedded:inventory", "builtin")

_SHIPPED: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("mcp-server-setup", "How MCP servers are added to a session and what becomes of their tools", ()),
    ("shell-patterns", "How shell commands and background jobs are run and watched", ("builtins_enabled", "shell_enabled")),
    ("task-workflow", "How work is split into tasks and tracked", ("builtins_enabled",)),
    ("session-management", "How sessions are created, resumed, forked and archived", ()),
    ("hook-authoring", "How hooks observe, guard and rewrite what an agent does", ()),
    ("meerkat-cli-reference", "The command line of Meerkat at a glance", ()),
    ("meerkat-platform", "What Meerkat is made of and how its parts work together", ()),
)


def embedded_source() -> HeldSource:
    """Return the source of the embedded skills."""
    return HeldSource(_IDENTITY, list(_SKILLS))


def _skill(slug: str, description: str, needs: tuple[str, ...]) -> Skill:
    body = f"# {slug.replace('-', ' ').capitalize()}\n\n{description}."
    return Skill(slug, slug, description, skill_text(slug, description, body), needs)


_SKILLS: Final = tuple(_skill(*row) for row in _SHIPPED)
