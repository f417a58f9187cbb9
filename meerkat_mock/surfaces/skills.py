"""`skills/list`, and skills for prompts (spec 05, section 5). `skills/inspect` is retired and refused (`core`).

Which sources there are is settled when the server starts; what a folder holds is read on every call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from meerkat_mock.skills.declared import with_declared
from meerkat_mock.skills.registry import SkillRegistry
from meerkat_mock.skills.roots import BrokenSources, sources_of
from meerkat_mock.surfaces.registry import Fault, handles

if TYPE_CHECKING:
    from meerkat.wire.base import JsonObject
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.surfaces.config import Config


class Skills:
    """The skills of this server."""

    def __init__(self, runtime: Runtime, config: Config) -> None:
        self._registry = _registry(runtime, config)

    @handles("skills/list")
    def list(self, params: JsonObject) -> JsonObject:
        """Return every skill whose capabilities are there."""
        if self._registry is None:
            raise Fault(-32603, "skills not enabled")
        return {"skills": [*self._registry.entries()]}

    # ---- for other surfaces ----------------------------------------------------------------------------------------------------------

    def render(self, key: tuple[str, str]) -> str | None:
        """Return a skill by source UUID and slug as a prompt shows it, None for an unknown one (spec 02, section 16.4)."""
        source_uuid, slug = str(UUID(key[0])), key[1]
        skill = self._registry.find(source_uuid, slug) if self._registry is not None else None
        if skill is None:
            return None
        body = skill.text.rstrip("\n")
        return f'<skill id="{source_uuid}/{slug}">\n{body}\n\n</skill>'

    def available(self) -> tuple[tuple[str, str], ...]:
        """Return `<source>/<slug>` and description of every active skill, each key once."""
        active = {} if self._registry is None else self._registry.active()
        return tuple((f"{source_uuid}/{slug}", skill.description) for (source_uuid, slug), skill in active.items())

    def diagnostics(self) -> JsonObject | None:
        """Return `skill_diagnostics` for a run result, None when skills are off."""
        return None if self._registry is None else self._registry.diagnostics()


def _registry(runtime: Runtime, config: Config) -> SkillRegistry | None:
    section = config.section("skills")
    if not section["enabled"]:
        return None
    try:
        sources = sources_of(section, runtime.flags, runtime.realm)
    except BrokenSources:
        return None
    scenario = runtime.scenario
    if scenario is not None:
        sources = with_declared(sources, scenario.skills, int(runtime.clock.now()))
    return SkillRegistry(sources, config.section("tools"), config.section("skills", "health_thresholds"))
