"""Limits over the life of an agent."""

from __future__ import annotations

from meerkat_mock.agent.budget import Budget, Exhausted
from meerkat_mock.agent.ports import BudgetLimits
from meerkat_mock.clock import VirtualClock


def test_no_limit_is_never_reached() -> None:
    clock = VirtualClock()
    budget = Budget(BudgetLimits(), clock, clock.now())
    budget.count_tokens(10**9)
    budget.count_tool_calls(10**9)
    assert (budget.exhausted(), budget.remaining_time()) == (None, None)


def test_a_limit_is_reached_when_used_equals_it() -> None:
    clock = VirtualClock()
    budget = Budget(BudgetLimits(max_tokens=10, max_tool_calls=2), clock, clock.now())
    budget.count_tokens(9)
    assert budget.exhausted() is None
    budget.count_tool_calls(2)
    assert budget.exhausted() == Exhausted("tool_calls", 2, 2)
    budget.count_tokens(1)
    assert budget.exhausted() == Exhausted("tokens", 10, 10)


async def test_time_is_told_in_whole_seconds() -> None:
    clock = VirtualClock()
    budget = Budget(BudgetLimits(max_duration=2.5), clock, clock.now())
    await clock.advance(2.0)
    assert (budget.exhausted(), budget.remaining_time()) == (None, 0.5)
    await clock.advance(2.0)
    assert (budget.exhausted(), budget.remaining_time()) == (Exhausted("time", 4, 2), 0.0)


def test_a_limit_names_itself_in_the_server_s_words() -> None:
    assert str(Exhausted("tool_calls", 3, 2)) == "BudgetExceeded { dimension: ToolCalls, used: 3, limit: 2 }"
