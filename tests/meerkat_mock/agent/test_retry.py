"""What is worth another try, and how long it waits."""

from __future__ import annotations

import pytest

from meerkat_mock.agent.retry import CONNECTION_RESET, plan_retry, trouble_of
from meerkat_mock.clock import VirtualClock
from meerkat_mock.ids import IdSource
from meerkat_mock.world.model import ProviderFailure

IDS = IdSource(VirtualClock())


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (429, "rate_limited", "Rate limited"),
        (503, "retryable_provider_error", "Server overloaded (503)"),
        (500, "retryable_provider_error", "Server error: 500 - body"),
        (529, "retryable_provider_error", "Server error: 529 - body"),
        (400, None, "Invalid request: body"),
        (422, None, "Invalid request: body"),
    ],
)
def test_a_status_has_its_kind_and_its_words(status: int, kind: str | None, message: str) -> None:
    trouble = trouble_of(ProviderFailure(status, "m", "body"))
    assert (trouble.kind, trouble.message) == (kind, message)


@pytest.mark.parametrize(("attempt", "middle"), [(1, 500), (2, 1000), (3, 2000), (10, 30_000)])
def test_delays_double_up_to_half_a_minute_and_vary_by_a_tenth(attempt: int, middle: int) -> None:
    for _ in range(50):
        plan = plan_retry(CONNECTION_RESET, attempt, IDS, None)
        assert middle * 0.9 - 1 <= plan.selected_delay_ms <= min(30_000, middle * 1.1 + 1)
        assert plan.selected_delay_ms == plan.computed_delay_ms


def test_a_plan_is_capped_by_the_time_that_is_left() -> None:
    plan = plan_retry(CONNECTION_RESET, 3, IDS, 0.25)
    assert (plan.selected_delay_ms, plan.budget_capped) == (250, True)
