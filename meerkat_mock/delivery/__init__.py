"""Lawful delivery: the lines of independent channels in every order that the contract allows, and no other.

    @pytest.mark.meerkat_mock(delivery="explore")          # the test runs under many orders, or "exhaustive": under all
    async def test_the_answer_is_shown_once(meerkat_mock): ...

    explore(run, runs=200)                                  # the same without pytest: `async def run(mock): ...`

The order inside a channel is promised and kept: the events of one session, one stream, one mob stream, the calls of tools. Between
channels nothing is promised (spec 03, section 4.2; spec 01, section 5.4), answers included: each is a channel of its own.
"""

from __future__ import annotations

from meerkat_mock.delivery.interleaved import InterleavedTransport
from meerkat_mock.delivery.order import Declared, Order, Replayed, Seeded, order_of
from meerkat_mock.delivery.search import DeliveryFailure, TooManyOrders, exhaust, explore
from meerkat_mock.delivery.sorter import Sorter
from meerkat_mock.delivery.wrapped import reordered

__all__ = [
    "Declared",
    "DeliveryFailure",
    "InterleavedTransport",
    "Order",
    "Replayed",
    "Seeded",
    "Sorter",
    "TooManyOrders",
    "exhaust",
    "explore",
    "order_of",
    "reordered",
]
