"""What the runtime makes of a provider that fails: what is worth another try, how long it waits, and in which words (spec 03, 3.2).

Owns the classes of failures and the back-off; the waiting itself and the events are the loop's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import Event, JsonObject
    from meerkat_mock.ids import IdSource
    from meerkat_mock.world.model import ProviderFailure

MAX_RETRIES = 3
"""The limit of the shipped server; its configuration stores another one but does not use it (spec 03, 3.2)."""
INITIAL_DELAY_MS = 500
LONGEST_DELAY_MS = 30_000
RATE_LIMIT_FLOOR_MS = 30_000
"""A rate limit waits at least this long."""
JITTER = 0.1

Kind = Literal["rate_limited", "network_timeout", "call_timeout", "retryable_provider_error"]


@dataclass(frozen=True)
class Trouble:
    """A model call that failed. `kind` None: not worth another try; `duration_ms` tells how long a call took that took too long."""

    message: str
    kind: Kind | None = None
    duration_ms: int = 0

    def text(self, provider: str) -> str:
        """Return the display text of the server's error."""
        return f"LLM error ({provider}): {self.message}"


CONNECTION_RESET = Trouble("Connection reset", "retryable_provider_error")

_REFUSALS = {
    # Only the text of 400 was seen; the others follow its pattern (assumption).
    401: "Authentication failed: {body}",
    403: "Authentication failed: {body}",
    404: "Model not found: {body}",
}


def trouble_of(failure: ProviderFailure) -> Trouble:
    """Return what an HTTP status means to the runtime."""
    if failure.status == 429:
        return Trouble("Rate limited", "rate_limited")
    if failure.status == 503:
        return Trouble("Server overloaded (503)", "retryable_provider_error")
    if failure.status >= 500:
        return Trouble(f"Server error: {failure.status} - {failure.body}", "retryable_provider_error")
    return Trouble(_REFUSALS.get(failure.status, "Invalid request: {body}").replace("{body}", failure.body))


@dataclass(frozen=True)
class Plan:
    """How one retry is made."""

    attempt: int
    computed_delay_ms: int
    selected_delay_ms: int
    floor_applied: bool
    budget_capped: bool

    def wire(self) -> JsonObject:
        """Return `retry.plan`."""
        return {
            "attempt": self.attempt,
            "max_retries": MAX_RETRIES,
            "computed_delay_ms": self.computed_delay_ms,
            "selected_delay_ms": self.selected_delay_ms,
            "rate_limit_floor_applied": self.floor_applied,
            "budget_capped": self.budget_capped,
        }


def plan_retry(trouble: Trouble, attempt: int, ids: IdSource, remaining: float | None) -> Plan:
    """Plan retry number `attempt` (from 1); `remaining` are the seconds of the time budget that are left."""
    computed = min(LONGEST_DELAY_MS, round(ids.jitter(INITIAL_DELAY_MS * 2 ** (attempt - 1), JITTER)))
    floor_applied = trouble.kind == "rate_limited" and computed < RATE_LIMIT_FLOOR_MS
    wanted = RATE_LIMIT_FLOOR_MS if floor_applied else computed
    selected = wanted if remaining is None else min(wanted, int(remaining * 1000))
    return Plan(attempt, computed, selected, floor_applied, selected < wanted)


def retrying(trouble: Trouble, plan: Plan, provider: str) -> Event:
    """Return the event that announces a retry."""
    failure: JsonObject = {"provider": provider, "kind": trouble.kind, "message": trouble.message}
    if trouble.duration_ms:
        failure["duration_ms"] = trouble.duration_ms
    return {
        "type": "retrying",
        "attempt": plan.attempt,
        "max_attempts": MAX_RETRIES,
        "error": trouble.text(provider),
        "delay_ms": plan.selected_delay_ms,
        "retry": {"failure": failure, "plan": plan.wire()},
    }
