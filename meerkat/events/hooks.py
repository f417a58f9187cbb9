"""Events of hooks (spec 03, 3.4); they carry no tool id and no turn number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from meerkat.events.base import Event

HookId = str
"""The name of a hook in the server's configuration."""


@dataclass(frozen=True, slots=True)
class HookStarted(Event):
    """A hook began at `point`."""

    hook_id: HookId = ""
    point: str = ""


@dataclass(frozen=True, slots=True)
class HookCompleted(Event):
    """A hook ended and allowed what it was asked about."""

    hook_id: HookId = ""
    point: str = ""
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class HookFailed(Event):
    """A hook could not do its work."""

    hook_id: HookId = ""
    point: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class HookDenied(Event):
    """A hook refused what it was asked about."""

    hook_id: HookId = ""
    point: str = ""
    reason_code: str = ""
    message: str = ""
    payload: Any = None
