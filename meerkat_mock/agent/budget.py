"""What a live agent may use up: tokens, tool calls and time over all its runs (spec 02, section 8; spec 03, 6.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from meerkat_mock.agent.ports import BudgetLimits
    from meerkat_mock.clock import Clock


@dataclass(frozen=True)
class Exhausted:
    """A limit that is reached; for `time` in whole seconds."""

    kind: Literal["tokens", "tool_calls", "time"]
    used: int
    limit: int

    def __str__(self) -> str:
        """Return the text of the server's own error."""
        dimension = {"tokens": "Tokens", "tool_calls": "ToolCalls", "time": "Time"}[self.kind]
        return f"BudgetExceeded {{ dimension: {dimension}, used: {self.used}, limit: {self.limit} }}"


class Budget:
    """The counters of one live agent; they start with it and end with it."""

    def __init__(self, limits: BudgetLimits, clock: Clock, started_at: float) -> None:
        self._limits = limits
        self._clock = clock
        self._started_at = started_at
        self._tokens = 0
        self._tool_calls = 0

    def count_tokens(self, tokens: int) -> None:
        """Count the tokens of a model call, in and out."""
        self._tokens += tokens

    def count_tool_calls(self, calls: int) -> None:
        """Count calls that ran."""
        self._tool_calls += calls

    def exhausted(self) -> Exhausted | None:
        """Return the limit that is reached, if any. Assumption: of several, tokens come first, then tool calls, then time."""
        limits = self._limits
        if limits.max_tokens is not None and self._tokens >= limits.max_tokens:
            return Exhausted("tokens", self._tokens, limits.max_tokens)
        if limits.max_tool_calls is not None and self._tool_calls >= limits.max_tool_calls:
            return Exhausted("tool_calls", self._tool_calls, limits.max_tool_calls)
        if limits.max_duration is not None and self._elapsed() >= limits.max_duration:
            return Exhausted("time", int(self._elapsed()), int(limits.max_duration))
        return None

    def remaining_time(self) -> float | None:
        """Return the seconds that are left, at least 0; None when time is unlimited."""
        if self._limits.max_duration is None:
            return None
        return max(0.0, self._limits.max_duration - self._elapsed())

    def _elapsed(self) -> float:
        return max(0.0, self._clock.now() - self._started_at)
