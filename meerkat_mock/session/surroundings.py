"""What a session asks of the other surfaces: configuration, model catalogue, blobs, skills, connections. Read, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from meerkat_mock.session.roots import hook_entries, project_instructions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from meerkat_mock.agent.ports import JsonObject
    from meerkat_mock.runtime import Runtime
    from meerkat_mock.session.live import LiveSession
    from meerkat_mock.session.options import SkillKey
    from meerkat_mock.session.state import Session
    from meerkat_mock.session.tools import ToolSource


class Surroundings:
    """The rest of the runtime as sessions see it."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self.tool_sources: list[Callable[[Session], ToolSource]] = []
        """Surfaces that add tools to every session put a maker here."""
        self.before_run: list[Callable[[Session, LiveSession], Awaitable[None]]] = []
        """Surfaces with something to do or to tell before a run begins (staged MCP changes) put it here."""

    def config(self) -> JsonObject:
        """Return the effective configuration."""
        return self._runtime.surfaces.config.current

    def max_sessions(self) -> int | None:
        """Return `limits.max_sessions` of the configuration that the server started with."""
        limits = self._runtime.surfaces.config.at_start.get("limits")
        limit = limits.get("max_sessions") if isinstance(limits, dict) else None
        return limit if isinstance(limit, int) else None

    def config_object(self, *path: str) -> JsonObject:
        """Return the object at a path of the configuration, empty when there is none."""
        value: object = self.config()
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return cast("JsonObject", value) if isinstance(value, dict) else {}

    def hook_entries(self) -> list[JsonObject]:
        """Return the hook entries of the configuration, then those of the roots that were given by flag."""
        entries = self.config_object("hooks").get("entries")
        configured = [item for item in entries if isinstance(item, dict)] if isinstance(entries, list) else []
        return [*configured, *hook_entries(self._runtime.flags)]

    def project_instructions(self) -> str:
        """Return the instructions of the project, empty when there are none."""
        return project_instructions(self._runtime.flags)

    def available_skills(self) -> tuple[tuple[str, str], ...]:
        """Return key and description of every active skill."""
        return self._runtime.surfaces.skills.available()

    def profile(self, model: str) -> JsonObject | None:
        """Return the catalogue profile of a model or alias."""
        return self._runtime.surfaces.models.profile(model)

    def provider_of(self, model: str) -> str | None:
        """Return the provider that owns a model or alias."""
        return self._runtime.surfaces.models.provider_of(model)

    def connection_failure(self, auth_binding: JsonObject, provider: str) -> str | None:
        """Build a client on an explicit binding; return why that fails, None when it does not (spec 06, section 3.5)."""
        return self._runtime.surfaces.auth.build_failure(auth_binding, provider)

    def use_default_binding(self) -> None:
        """Take note that a client is built on the default binding, if the configuration has one."""
        self._runtime.surfaces.auth.use_default(self._runtime.realm.id)

    def put_blob(self, media_type: str, data_base64: str) -> str:
        """Store image data and return its id."""
        return self._runtime.surfaces.artifacts.put_blob(media_type, data_base64)

    def render_skills(self, keys: Sequence[SkillKey]) -> list[str | None]:
        """Return the rendered body of each skill, None where the key is unknown."""
        skills = self._runtime.surfaces.skills
        return [skills.render((key.source_uuid, key.skill_name)) for key in keys]

    def skill_diagnostics(self) -> JsonObject | None:
        """Return the `skill_diagnostics` of a run result, None when skills are off."""
        return self._runtime.surfaces.skills.diagnostics()
