"""Constant results: their lines are those of any other result."""

from __future__ import annotations

import pytest

from meerkat.rpc import Peer, RequestId
from meerkat_mock.constant import Constant


@pytest.mark.parametrize("request_id", [7, -(2**53), 'a "quoted" \u00e9\n', "\ud800", None])
def test_the_line_of_a_constant_is_that_of_the_same_result(request_id: RequestId) -> None:
    about = Constant(name="é", parts=[1, {"two": None}])
    assert about.answer(request_id) == Peer.result(request_id, {"name": "é", "parts": [1, {"two": None}]})
