"""Skills: the key that names one, and what a run says about the sources they come from (spec 05, skills)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SkillKey:
    """Names one skill: the source it comes from, as a UUID, and its name there."""

    source_uuid: str
    skill_name: str


SkillRef = SkillKey
"""What a turn takes to invoke a skill."""


@dataclass(frozen=True, slots=True)
class SourceHealthSnapshot:
    """How well the skill sources load: `state` and the counts behind it."""

    state: str = ""
    invalid_ratio: float = 0.0
    invalid_count: int = 0
    total_count: int = 0
    failure_streak: int = 0
    handshake_failed: bool = False


@dataclass(frozen=True, slots=True)
class SkillQuarantineDiagnostic:
    """One skill that is set aside because it cannot be loaded; times are Unix seconds."""

    source_uuid: str = ""
    skill_id: str = ""
    location: str = ""
    error_code: str = ""
    error_class: str = ""
    message: str = ""
    first_seen_unix_secs: int = 0
    last_seen_unix_secs: int = 0


@dataclass(frozen=True, slots=True)
class SkillRuntimeDiagnostics:
    """The health of the skill sources and what they set aside, as a run found it."""

    source_health: SourceHealthSnapshot = field(default_factory=SourceHealthSnapshot)
    quarantined: list[SkillQuarantineDiagnostic] = field(default_factory=lambda: [])
