"""All skills of a server by key, and how well their sources are (spec 05, sections 5.2 and 5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, cast

from meerkat_mock.config.kinds import single
from meerkat_mock.skills.source import QUARANTINE_CODES, Quarantined, Skill, Source, SourceIdentity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from meerkat.wire.base import JsonObject

Health = Literal["healthy", "degraded", "unhealthy"]
_HEALTH: Final[tuple[Health, ...]] = ("healthy", "degraded", "unhealthy")


class SkillRegistry:
    """The skills that are there, in the order of the listing. `switches` is the section `tools` of the configuration at the start."""

    def __init__(self, sources: Sequence[Source], switches: JsonObject, thresholds: JsonObject) -> None:
        self._sources = sources
        self._switches = switches
        self._thresholds = thresholds

    def __iter__(self) -> Iterator[tuple[SourceIdentity, Skill]]:
        return (
            (source.identity, skill)
            for source in self._sources
            for skill in source.skills()
            if not skill.needs or not skill.active or all(self._switches.get(switch) for switch in skill.needs)
        )

    def active(self) -> dict[tuple[str, str], Skill]:
        """Return the skills that can be asked for, by source UUID and slug; of two with one key the earlier."""
        first: dict[tuple[str, str], Skill] = {}
        for identity, skill in self:
            first.setdefault((identity.source_uuid, skill.slug), skill)
        return {key: skill for key, skill in first.items() if skill.active}

    def entries(self) -> list[JsonObject]:
        """Return the entries of `skills/list`; of two skills with one key the later is shadowed by the earlier."""
        entries: list[JsonObject] = []
        first: dict[tuple[str, str], SourceIdentity] = {}
        for identity, skill in self:
            key = (identity.source_uuid, skill.slug)
            entry: JsonObject = {
                "key": {"source_uuid": identity.source_uuid, "skill_name": skill.slug},
                "name": skill.name,
                "description": skill.description,
                "scope": identity.scope,
                "source": identity.wire(),
                "is_active": skill.active and key not in first,
            }
            if key in first:
                entry["shadowed_by"] = first[key].wire()
            first.setdefault(key, identity)
            entries.append(entry)
        return entries

    def find(self, source_uuid: str, slug: str) -> Skill | None:
        """Return an active skill by its key."""
        return next((skill for identity, skill in self if (identity.source_uuid, skill.slug) == (source_uuid, slug) and skill.active), None)

    def diagnostics(self) -> JsonObject:
        """Return `skill_diagnostics` of a run result: the worst health of all sources, and what is in quarantine."""
        remote = [source for source in self._sources if source.identity.transport in QUARANTINE_CODES]
        invalid = [len(source.quarantined()) for source in remote]
        total = [len(source.skills()) + count for source, count in zip(remote, invalid, strict=True)]
        ratios = [single(count / whole) if whole else 0.0 for count, whole in zip(invalid, total, strict=True)]
        worst = max(ratios, default=0.0)
        return {
            "source_health": {
                "state": self._state(worst),
                "invalid_ratio": worst,
                "invalid_count": sum(invalid),
                "total_count": sum(total),
                "failure_streak": 0,
                "handshake_failed": False,
            },
            "quarantined": [_wire(source.identity, broken) for source in remote for broken in source.quarantined()],
        }

    def _state(self, ratio: float) -> Health:
        limits = [cast("float", self._thresholds[f"{state}_invalid_ratio"]) for state in ("degraded", "unhealthy")]
        return _HEALTH[sum(ratio >= limit for limit in limits)]


def _wire(identity: SourceIdentity, broken: Quarantined) -> JsonObject:
    return {
        "key": {"source_uuid": identity.source_uuid, "skill_name": broken.slug},
        "location": f"{identity.display_name}:{broken.location}",
        "error_code": QUARANTINE_CODES[identity.transport],
        "error_class": "parse",
        "message": broken.message,
        "first_seen_unix_secs": broken.first_seen,
        "last_seen_unix_secs": broken.first_seen,
    }
