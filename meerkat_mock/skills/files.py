"""Skills that lie in folders: `<root>/<slug>/SKILL.md`, a text with a front matter that names and describes it.

A file that cannot be read as a skill is left out, as the server leaves it out (spec 05, section 5.4).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from meerkat_mock.contract.texts import text_fault
from meerkat_mock.skills.source import Quarantined, Skill, SourceIdentity

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE_NAME: Final = "SKILL.md"
_FILE_BYTES: Final = 1 << 20
_FRONT: Final = re.compile(r"---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|$)", re.DOTALL)
_ENTRY: Final = re.compile(r"(name|description):[ \t]*(.*?)[ \t]*")


@dataclass
class FolderSource:
    """The skills below one folder, read afresh on every call."""

    identity: SourceIdentity
    folder: Path
    overlaid: list[Skill] = field(default_factory=lambda: [])
    """What a scenario adds to this source."""

    def skills(self) -> Sequence[Skill]:
        """Return the readable skills by slug, then those that a scenario added."""
        files = sorted(self.folder.glob(f"*/{FILE_NAME}")) if self.folder.is_dir() else []
        return [skill for file in files if (skill := _read(file)) is not None] + self.overlaid

    def quarantined(self) -> Sequence[Quarantined]:
        """Return nothing: folders never quarantine."""
        return ()


def _read(file: Path) -> Skill | None:
    slug = file.parent.name
    try:
        if text_fault("skill_name", slug) or file.stat().st_size > _FILE_BYTES:
            return None
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return skill_of(slug, text)


def skill_of(slug: str, text: str) -> Skill | None:
    """Return the skill that a text is, None if its front matter is missing or names no skill."""
    front = _FRONT.match(text)
    if front is None:
        return None
    said = {found[1]: found[2].strip("\"'") for line in front[1].splitlines() if (found := _ENTRY.fullmatch(line))}
    return Skill(slug, said["name"], said.get("description", ""), text) if said.get("name") else None


def skill_text(name: str, description: str, body: str) -> str:
    """Return the file of a skill that was declared by its parts."""
    return f"---\nname: {name}\ndescription: {description}\n---\n\n{body}"
