"""Which sources a server has at its start: embedded skills, configured repositories, then the skill folders of its roots.

Repositories are those of the realm's configuration, of the user's and of the context's `.rkat/skills.toml`, in this order. Only those
of type `filesystem` are read; a git, HTTP or stdio repository holds what the scenario puts there. The mock never fetches anything.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from meerkat_mock.config.identity import fingerprint_of
from meerkat_mock.config.kinds import Unreadable
from meerkat_mock.config.skills import SKILLS
from meerkat_mock.config.toml import BrokenToml, read_toml
from meerkat_mock.skills.embedded import embedded_source
from meerkat_mock.skills.files import FolderSource
from meerkat_mock.skills.source import PROJECT_UUID, USER_UUID, HeldSource, Scope, Source, SourceIdentity, Transport

if TYPE_CHECKING:
    from collections.abc import Iterator

    from meerkat.wire.base import JsonObject
    from meerkat_mock.flags import Flags, Realm

_SKILLS: Final = os.path.join(".rkat", "skills")
_SETTINGS: Final = os.path.join(".rkat", "skills.toml")


class BrokenSources(Exception):
    """A `skills.toml` that cannot be read: then there are no skills at all. `str()` says which file and why."""


def sources_of(configured: JsonObject, flags: Flags, realm: Realm) -> list[Source]:
    """Return the sources in the order of the listing. Raises `BrokenSources`."""
    # plain paths: every server looks when it starts, and mostly there is nothing
    context = flags.context_root or realm.root
    user = flags.user_config_root or None
    roots = [root for root in (user, context) if root is not None and os.path.isdir(os.path.join(root, ".rkat"))]
    if not roots and not configured.get("repositories"):
        return [embedded_source()]
    repositories = [(repository, context) for repository in _repositories(configured)]
    repositories += [(repository, root) for root in roots for repository in _repositories(_settings(os.path.join(root, _SETTINGS)))]
    return [embedded_source(), *(_repository(*each) for each in repositories), *_folders(user, context)]


def _folders(user: str | None, context: str) -> Iterator[Source]:
    if user is not None and Path(user) != Path(context) and os.path.isdir(folder := os.path.join(user, _SKILLS)):
        yield FolderSource(SourceIdentity(USER_UUID, "user", "filesystem", "filesystem:~/.rkat/skills", "user"), Path(folder))
    if os.path.isdir(folder := os.path.join(context, _SKILLS)):
        yield FolderSource(project_identity(), Path(folder))


def project_identity() -> SourceIdentity:
    """Return who the project's own skills are from."""
    return SourceIdentity(PROJECT_UUID, "project", "filesystem", "filesystem:.rkat/skills", "project")


def held_source(source_uuid: str, scope: Scope) -> HeldSource:
    """Return an empty source for skills that a scenario declares without any of the server's sources holding them."""
    if source_uuid == PROJECT_UUID:
        return HeldSource(project_identity())
    return HeldSource(SourceIdentity(source_uuid, scope, "filesystem", f"filesystem:{scope}", scope))


def _settings(place: str) -> JsonObject:
    if not os.path.isfile(place):
        return {}
    file = Path(place)
    try:
        return cast("JsonObject", SKILLS.read(read_toml(file)))
    except (BrokenToml, Unreadable) as error:
        raise BrokenSources(f"{file}: {error}") from error


def _repositories(section: JsonObject) -> list[JsonObject]:
    return cast("list[JsonObject]", section.get("repositories", []))


def _repository(repository: JsonObject, root: str) -> Source:
    identity = SourceIdentity(
        str(repository["source_uuid"]),
        str(repository["name"]),
        cast("Transport", repository["type"]),
        fingerprint_of(repository),
        "project",
    )
    if repository["type"] == "filesystem":
        return FolderSource(identity, Path(root) / str(repository["path"]))
    return HeldSource(identity)
