"""The `skills` section: repositories, thresholds, and the identity registry (spec 05, sections 2.6 and 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from meerkat_mock.config.kinds import REQUIRED, Choice, Flag, Key, ListOf, MapOf, Real, Section, Tagged, Text, Unreadable, Whole
from meerkat_mock.contract.params import seen
from meerkat_mock.contract.texts import text_fault

if TYPE_CHECKING:
    from meerkat.wire.base import Json, TextForm

_TEXT = Text()


@dataclass(frozen=True)
class _Checked:
    """A text of a form that the server checks while it reads."""

    form: TextForm

    def read(self, value: Json) -> Json:
        """Return the text."""
        if not isinstance(value, str):
            raise Unreadable(f"invalid type: {seen(value)}, expected a string")
        fault = text_fault(self.form, value)
        if fault:
            raise Unreadable(fault)
        return value

    def storable(self, value: Json) -> None:
        """Accept."""


_SLUG = _Checked("skill_name")
_SOURCE = _Checked("skill_source")
SKILL_KEY: Final = Section("SkillKey", {"source_uuid": Key(_SOURCE, REQUIRED), "skill_name": Key(_SLUG, REQUIRED)})

_TRANSPORT: Final = Tagged(
    "type",
    {
        "filesystem": Section("Filesystem", {"path": Key(_TEXT, REQUIRED)}),
        "stdio": Section(
            "Stdio",
            {
                "command": Key(_TEXT, REQUIRED),
                "args": Key(ListOf(_TEXT), []),
                "cwd": Key(_TEXT, None),
                "env": Key(MapOf(_TEXT), {}),
                "timeout_seconds": Key(Whole("u64"), 15),
            },
        ),
        "http": Section(
            "Http",
            {
                "url": Key(_TEXT, REQUIRED),
                "auth_header": Key(_TEXT, None),
                "auth_token": Key(_TEXT, None),
                "refresh_seconds": Key(Whole("u64"), 300),
                "timeout_seconds": Key(Whole("u64"), 15),
            },
        ),
        "git": Section(
            "Git",
            {
                "url": Key(_TEXT, REQUIRED),
                "git_ref": Key(_TEXT, "main"),
                "ref_type": Key(Choice(("branch", "tag", "commit")), "branch"),
                "skills_root": Key(_TEXT, None),
                "auth_token": Key(_TEXT, None),
                "ssh_key": Key(_TEXT, None),
                "refresh_seconds": Key(Whole("u64"), 300),
                "depth": Key(Whole("usize"), 1),
            },
        ),
    },
)
_REPOSITORY_OWN: Final = Section("SkillRepositoryConfig", {"name": Key(_TEXT, REQUIRED), "source_uuid": Key(_SOURCE, REQUIRED)})


@dataclass(frozen=True)
class _Repository:
    """A named source of skills; where it lies is told by `type` and the keys of that type, at the same level."""

    def read(self, value: Json) -> Json:
        """Return the repository with the defaults of its type."""
        own = _REPOSITORY_OWN.read(value)
        transport = _TRANSPORT.read(value)
        return {**(own if isinstance(own, dict) else {}), **(transport if isinstance(transport, dict) else {})}

    def storable(self, value: Json) -> None:
        """Ask the keys of the type."""
        _TRANSPORT.storable(value)


_LINEAGE_EVENT: Final = Tagged(
    "event",
    {
        "rename_or_relocate": Section("RenameOrRelocate", {"from": Key(_TEXT, REQUIRED), "to": Key(_TEXT, REQUIRED)}),
        "rotate": Section("Rotate", {"from": Key(_TEXT, REQUIRED), "to": Key(_TEXT, REQUIRED)}),
        "split": Section("Split", {"from": Key(_TEXT, REQUIRED), "into": Key(ListOf(_TEXT), REQUIRED)}),
        "merge": Section("Merge", {"from": Key(ListOf(_TEXT), REQUIRED), "to": Key(_TEXT, REQUIRED)}),
    },
)
_LINEAGE: Final = Section(
    "SourceIdentityLineageEvent",
    {
        "event_id": Key(_TEXT, REQUIRED),
        "recorded_at_unix_secs": Key(Whole("u64"), REQUIRED),
        "required_from_skills": Key(ListOf(_SLUG), [], empty_is_absent=True),
        "event": Key(_LINEAGE_EVENT, REQUIRED),
    },
)
_REMAP: Final = Section("SkillKeyRemap", {"from": Key(SKILL_KEY, REQUIRED), "to": Key(SKILL_KEY, REQUIRED), "reason": Key(_TEXT)})
_ALIAS: Final = Section("SkillAlias", {"alias": Key(_TEXT, REQUIRED), "to": Key(SKILL_KEY, REQUIRED)})

SKILLS: Final = Section(
    "SkillsConfig",
    {
        "enabled": Key(Flag(), True),
        "max_injection_bytes": Key(Whole("usize"), 32_768),
        "inventory_threshold": Key(Whole("usize"), 12),
        "repositories": Key(ListOf(_Repository()), []),
        "health_thresholds": Key(
            Section(
                "SourceHealthThresholds",
                {
                    "degraded_invalid_ratio": Key(Real("f32"), 0.05),
                    "unhealthy_invalid_ratio": Key(Real("f32"), 0.40),
                    "degraded_failure_streak": Key(Whole("u32"), 3),
                    "unhealthy_failure_streak": Key(Whole("u32"), 10),
                },
            ),
            {},
        ),
        "identity": Key(
            Section(
                "SkillIdentityConfig",
                {"lineage": Key(ListOf(_LINEAGE), []), "remaps": Key(ListOf(_REMAP), []), "aliases": Key(ListOf(_ALIAS), [])},
            ),
            {},
        ),
    },
)
