"""Skills that a scenario declares, put into the sources they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from meerkat_mock.skills.files import FolderSource, skill_text
from meerkat_mock.skills.roots import held_source
from meerkat_mock.skills.source import EMBEDDED_UUID, PROJECT_UUID, USER_UUID, HeldSource, Quarantined, Scope, Skill, Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from meerkat_mock.scenario.models.world import Skill as Declared

_HOME: Final[dict[Scope, str]] = {"builtin": EMBEDDED_UUID, "project": PROJECT_UUID, "user": USER_UUID}


def with_declared(sources: list[Source], declared: Iterable[Declared], now: int) -> list[Source]:
    """Return the sources with the skills of a scenario added; a source that is not there yet is made at the end."""
    found = {source.identity.source_uuid: source for source in sources}
    for skill in declared:
        home = (skill.source_uuid or _HOME[skill.scope]).lower()
        source = found.setdefault(home, held_source(home, skill.scope))
        if skill.broken is not None and isinstance(source, HeldSource):
            source.broken.append(Quarantined(skill.name, f"{skill.name}/SKILL.md", skill.broken, now))
        elif skill.broken is None:
            _add(source, Skill(skill.name, skill.name, skill.description, _text(skill), active=skill.active))
    return list(found.values())


def _add(source: Source, skill: Skill) -> None:
    if isinstance(source, FolderSource):
        source.overlaid.append(skill)
    elif isinstance(source, HeldSource):
        source.held.append(skill)


def _text(skill: Declared) -> str:
    return skill_text(skill.name, skill.description, skill.body)
