"""One test of pytest under many lawful orders: run again and again, reported once.

Owns the repetition; which order a run has, the fixture reads from `ORDER` of the item's stash.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from _pytest.runner import runtestprotocol

from meerkat_mock.delivery.order import Order
from meerkat_mock.delivery.search import DEFAULT_LIMIT, TooManyOrders, again, every, seeded, shrunk

if TYPE_CHECKING:
    from collections.abc import Iterator

ORDER: Final = pytest.StashKey[Order]()
"""The order that the mock of the run under way has."""
EXPLORED_RUNS = 25
"""Runs of a test with `delivery="explore"`, unless its marker says `runs=`: enough for every swap of neighbours in a short conversation."""


def run_under_orders(item: pytest.Item, nextitem: pytest.Item | None, orders: Iterator[Order]) -> None:
    """Run a test under orders until it fails or they end, and report one run: the last, or the one with the fewest swaps that fails."""
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in _Runs(item, nextitem).search(orders):
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)


def orders_of(delivery: str, seed: int, runs: int) -> Iterator[Order]:
    """Return the orders that the marker of a test asks for: all there are for `exhaustive`, else the declared one and others by seed."""
    return every(DEFAULT_LIMIT) if delivery == "exhaustive" else seeded(seed, runs)


class _Failed(Exception):
    """Stands for whatever failed in a run."""


class _Runs:
    def __init__(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        self._item = item
        self._nextitem = nextitem
        self._reports: list[pytest.TestReport] = []

    def search(self, orders: Iterator[Order]) -> list[pytest.TestReport]:
        try:
            for order in orders:
                if self._run(order) is not None:
                    if order.swaps:
                        self._run(again(shrunk(order, self._run)))
                    break
                if not order.decisions or any(report.skipped for report in self._reports):
                    break  # a test in which nothing could overtake runs the same under every order
        except TooManyOrders as error:
            self._refuse(str(error))
        return self._reports

    def _run(self, order: Order) -> Exception | None:
        self._item.stash[ORDER] = order
        self._reports = runtestprotocol(self._item, log=False, nextitem=self._nextitem)
        return _Failed() if any(report.failed for report in self._reports) else None

    def _refuse(self, why: str) -> None:
        """Turn the last run, which passed, into a failure: its orders were too many to try."""
        call = next(report for report in self._reports if report.when == "call")
        call.outcome = "failed"
        call.longrepr = why
