"""Results that are the same for every server: written as JSON once, however many servers say them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from meerkat.rpc import encode

if TYPE_CHECKING:
    from meerkat.rpc import RequestId
    from meerkat.wire.base import Json


class Constant(dict[str, "Json"]):
    """A result that nobody changes. It reads like any other; only its line is put together from text that is there already."""

    judged_as = ""
    """The method as whose result it was found to keep the contract."""

    @cached_property
    def _text(self) -> bytes:
        return encode(self)[:-1]

    def answer(self, request_id: RequestId) -> bytes:
        """Return the line that answers the request `request_id` with it."""
        number = b"%d" % request_id if type(request_id) is int else encode(request_id)[:-1]
        return b'{"jsonrpc":"2.0","id":%b,"result":%b}\n' % (number, self._text)
