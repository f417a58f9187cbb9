"""The errors of `meerkat.errors` under their second documented name: one hierarchy, the same classes."""

from __future__ import annotations

from meerkat.errors import CapabilityUnavailableError, MeerkatError, SessionNotFoundError, SkillNotFoundError

__all__ = ["CapabilityUnavailableError", "MeerkatError", "SessionNotFoundError", "SkillNotFoundError"]
