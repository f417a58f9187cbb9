"""Credential realms as the configuration defines them: sections, their validation, and the bindings in them (spec 06, sections 3 to 5).

Sections are validated each time they are resolved, never when they are stored; the first fault is reported.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from meerkat.wire.base import Json, JsonObject

PROVIDERS = {"anthropic": "Anthropic", "openai": "OpenAI", "gemini": "Gemini", "self_hosted": "SelfHosted"}
"""The canonical provider names, and how error texts spell them."""

_SLUG = re.compile(r"[A-Za-z0-9._-]*")


class SectionFault(Exception):
    """A section that does not hold together; `str()` is the text used inside the messages (spec 06, 3.2)."""


class UnknownName(Exception):
    """A binding or profile that the section lacks; `str()` is `unknown binding: X` or `unknown auth: X`."""


class BadSlug(Exception):
    """An id that is no slug; `str()` is the text of spec 06, section 2."""


def check_slug(text: str) -> None:
    """Raise `BadSlug` unless `text` is one."""
    if not text:
        raise BadSlug("identity slug is empty")
    rest = text[_SLUG.match(text).end() :]  # type: ignore[union-attr]  # the pattern matches the empty text, too
    if rest:
        shown = json.dumps(rest[0], ensure_ascii=False)[1:-1] if rest[0] != "'" else "\\'"
        raise BadSlug(f"identity slug contains invalid character '{shown}'; must be ASCII alphanumeric or one of '-', '_', '.'")


@dataclass(frozen=True)
class Identity:
    """The triple that credentials are kept under: realm, binding, and the profile when it was named."""

    realm: str
    binding: str
    profile: str | None = None

    def __str__(self) -> str:
        return f"{self.realm}:{self.binding}" + (f":{self.profile}" if self.profile else "")

    def wire(self) -> JsonObject:
        """Return the `auth_binding` object."""
        binding: JsonObject = {"realm": self.realm, "binding": self.binding}
        if self.profile is not None:
            binding["profile"] = self.profile
        return binding


@dataclass(frozen=True)
class Binding:
    """A binding with what it refers to, a profile override applied."""

    identity: Identity
    profile_id: str
    backend: Mapping[str, Json]
    profile: Mapping[str, Json]

    @property
    def provider(self) -> str:
        """Provider of the effective profile."""
        return str(self.profile["provider"])

    @property
    def auth_method(self) -> str:
        """How the effective profile authenticates."""
        return str(self.profile["auth_method"])

    @property
    def source(self) -> Mapping[str, Json]:
        """Where the secret of the effective profile comes from."""
        source = self.profile["source"]
        return source if isinstance(source, dict) else {}

    @property
    def source_kind(self) -> str:
        """The kind of that source."""
        return str(self.source.get("kind"))


class Section:
    """One realm of the configuration."""

    def __init__(self, realm_id: str, data: Mapping[str, Json]) -> None:
        self.realm_id = realm_id
        self.backends = _entries(data, "backend")
        self.profiles = _entries(data, "auth")
        self.bindings = _entries(data, "binding")
        default = data.get("default_binding")
        self.default_binding = default if isinstance(default, str) else None

    def validate(self) -> None:
        """Raise `SectionFault` for the first fault: backends, then profiles, then bindings, each in key order."""
        for entry in [*self.backends.values(), *self.profiles.values()]:
            if entry.get("provider") not in PROVIDERS:
                raise SectionFault(f"unknown provider name: {entry.get('provider')}")
        for name, entry in self.bindings.items():
            backend, profile = str(entry.get("backend_profile")), str(entry.get("auth_profile"))
            if backend not in self.backends:
                raise SectionFault(f"unknown backend: {backend}")
            if profile not in self.profiles:
                raise SectionFault(f"unknown auth: {profile}")
            ours, theirs = (PROVIDERS[str(each["provider"])] for each in (self.backends[backend], self.profiles[profile]))
            if ours != theirs:
                raise SectionFault(f"provider mismatch on binding {name}: backend={ours} auth={theirs}")

    def binding(self, binding_id: str, profile_id: str | None) -> Binding:
        """Return a binding with its override applied. Raises `UnknownName`."""
        entry = self.bindings.get(binding_id)
        if entry is None:
            raise UnknownName(f"unknown binding: {binding_id}")
        effective = profile_id if profile_id is not None else str(entry["auth_profile"])
        if effective not in self.profiles:
            raise UnknownName(f"unknown auth: {effective}")
        identity = Identity(self.realm_id, binding_id, profile_id)
        return Binding(identity, effective, self.backends[str(entry["backend_profile"])], self.profiles[effective])

    # ---- as results show it ----------------------------------------------------------------------------------------------------------

    def summary(self) -> JsonObject:
        """Return the row of `realm/list`; nothing is validated for it."""
        return {
            "realm_id": self.realm_id,
            "default_binding": self.default_binding,
            "backend_count": len(self.backends),
            "auth_profile_count": len(self.profiles),
            "binding_count": len(self.bindings),
        }

    def shown_backends(self) -> dict[str, JsonObject]:
        """Return the backends without anything unset."""
        return {name: _shown(name, entry, "provider", "backend_kind", "base_url", "options") for name, entry in self.backends.items()}

    def shown_profiles(self) -> dict[str, JsonObject]:
        """Return the profiles without secrets, env names or constraints."""
        return {name: shown_profile(name, entry) for name, entry in self.profiles.items()}

    def shown_bindings(self) -> dict[str, JsonObject]:
        """Return the bindings with their policy laid flat."""
        shown: dict[str, JsonObject] = {}
        for name, entry in self.bindings.items():
            policy = entry.get("policy")
            flags = policy if isinstance(policy, dict) else {}
            shown[name] = _shown(name, entry, "backend_profile", "auth_profile", "default_model") | {
                flag: bool(flags.get(flag)) for flag in ("allow_auth_override", "require_metadata_account", "require_metadata_workspace")
            }
        return shown


def shown_profile(profile_id: str, profile: Mapping[str, Json]) -> JsonObject:
    """Return a profile as results show it."""
    source = profile.get("source")
    kind = source.get("kind") if isinstance(source, dict) else None
    return _shown(profile_id, profile, "provider", "auth_method") | {"source_kind": kind}


def _shown(name: str, entry: Mapping[str, Json], *keys: str) -> JsonObject:
    return {"id": name} | {key: entry[key] for key in keys if entry.get(key) is not None}


def _entries(data: Mapping[str, Json], key: str) -> dict[str, JsonObject]:
    """Return the entries of one part in key order (by byte value, as the server keeps its maps)."""
    part = data.get(key)
    entries = part if isinstance(part, dict) else {}
    return {name: entry for name, entry in sorted(entries.items(), key=lambda item: item[0].encode()) if isinstance(entry, dict)}


class Realms:
    """All realms of the configuration, read anew at every question."""

    def __init__(self, config: Callable[[], Mapping[str, Json]]) -> None:
        self._config = config

    def all(self) -> list[Section]:
        """Return the sections in key order."""
        return [Section(realm_id, data) for realm_id, data in _entries(self._config(), "realm").items()]

    def get(self, realm_id: str) -> Section | None:
        """Return one section, None if the configuration has none of that name."""
        realms = self._config().get("realm")
        data = realms.get(realm_id) if isinstance(realms, dict) else None
        return Section(realm_id, data) if isinstance(data, dict) else None
