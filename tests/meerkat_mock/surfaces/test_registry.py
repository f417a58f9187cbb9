"""What makes a method a handler, and what a handler is told."""

from __future__ import annotations

import pytest

from meerkat.rpc import ABSENT
from meerkat.wire.methods import METHODS
from meerkat_mock.runtime import Runtime, World
from meerkat_mock.surfaces.registry import Call, Fault, Handlers, handles


class Shop:
    def __init__(self, stock: int = 0) -> None:
        self.stock = stock

    @handles("shop/stock")
    def count(self, params: dict[str, object]) -> object:
        return self.stock

    @handles("shop/buy", held=lambda shop, params: params.get("held") is True, early=True)
    async def buy(self, params: dict[str, object], call: Call) -> object:
        return call

    def no_handler(self) -> None:
        """Stay out of the table."""


class OtherShop:
    @handles("shop/stock")
    def count(self, params: dict[str, object]) -> object:
        return 0


def test_handlers_are_found_by_method_and_bound_to_their_own_surface() -> None:
    five, six = Handlers([Shop(5)]), Handlers([Shop(6)])
    counted = [handler.run({}) for handlers in (five, six) if (handler := handlers.get("shop/stock"))]
    assert counted == [5, 6]
    assert five.get("shop/stock") is five.get("shop/stock")
    assert five.get("shop/close") is None


def test_a_handler_says_whether_it_wants_its_call_and_whether_its_answer_may_be_held() -> None:
    handlers = Handlers([Shop()])
    stock, buy = handlers.get("shop/stock"), handlers.get("shop/buy")
    assert stock is not None
    assert buy is not None
    assert (stock.wants_call, stock.held, stock.early) == (False, None, False)
    assert (buy.wants_call, buy.early) == (True, True)
    assert buy.held is not None
    assert [buy.held({"held": held}) for held in (True, False)] == [True, False]


def test_two_handlers_of_one_method_are_refused() -> None:
    with pytest.raises(ValueError, match="shop/stock has two handlers"):
        Handlers([Shop(), OtherShop()])


def test_a_fault_carries_the_error_that_is_answered() -> None:
    assert Fault(-32001, "not found").error.wire() == {"code": -32001, "message": "not found"}
    assert Fault(-32001, "not found").error.data is ABSENT
    assert Fault(-32001, "not found", {"a": 1}).error.wire()["data"] == {"a": 1}


def test_a_cancelled_call_stops_its_work() -> None:
    stopped: list[str] = []
    call = Call(None, 1, "shop/buy")  # type: ignore[arg-type]
    call.on_cancel += [lambda: stopped.append("first"), lambda: stopped.append("second")]
    call.cancel()
    assert (call.cancelled, stopped) == (True, ["first", "second"])


async def test_every_method_of_the_contract_has_a_handler() -> None:
    handlers = Runtime(World()).handlers
    assert [method for method in METHODS if handlers.get(method) is None] == []
