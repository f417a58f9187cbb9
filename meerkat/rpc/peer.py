"""One side of a conversation: ids for what it asks, a table of what it still waits for, lines for what it says.

Sans-I/O: a shell feeds `receive` and writes what the other methods return, one `write` per line (a server may lose a line that reaches
it in pieces: spec 01, section 2). Knows no method by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from meerkat.rpc.framing import LINE_LIMIT_BYTES, LineSplitter
from meerkat.rpc.messages import ABSENT, Absent, Message, RequestId, RpcError, decode_block, decode_line, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from meerkat.wire.base import Json


class Peer:
    """A JSON-RPC peer in either role.

    `decode` reads one line; a server hands in its own stricter one. Ids count up from `first_id`, or are `prefix` and a number from 0.
    """

    def __init__(
        self,
        *,
        decode: Callable[[bytes], Message] = decode_line,
        line_limit: int = LINE_LIMIT_BYTES,
        id_prefix: str | None = None,
        first_id: int = 1,
    ) -> None:
        self._decode = decode
        self._lines = LineSplitter(line_limit)
        self._prefix = id_prefix
        self._next = 0 if id_prefix is not None else first_id
        self.waiting: dict[RequestId, str] = {}
        """Requests of this side that are not answered yet: id to method, oldest first."""

    @property
    def next_number(self) -> int:
        """The number in the next id."""
        return self._next

    def receive(self, data: bytes) -> list[Message]:
        """Return the messages that `data` completes. Raises `LineTooLong`, after which the stream is over."""
        decode = self._decode
        if decode is decode_line:
            return decode_block(self._lines.feed_block(data))
        return [decode(line) for line in self._lines.feed(data) if line and not line.isspace()]

    def receive_eof(self) -> list[Message]:
        """Return the message of a last line that had no newline, if there is one."""
        line = self._lines.finish()
        return [self._decode(line)] if line.strip() else []

    def lose_partial_line(self) -> None:
        """Forget what has come of a line that is not whole yet; what follows is read as if it began a line."""
        self._lines.finish()

    def request(self, method: str, params: Json) -> tuple[RequestId, bytes]:
        """Return a new id, waited for from now on, and the line that asks. Raises like `encode`, and then nothing is waited for."""
        request_id: RequestId = self._next if self._prefix is None else f"{self._prefix}{self._next}"
        line = encode({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})
        self._next += 1
        self.waiting[request_id] = method
        return request_id, line

    def withdraw(self, request_id: RequestId) -> None:
        """Take back the request made last, which was not sent after all; the next one gets its id."""
        if self.waiting.pop(request_id, None) is not None:
            self._next -= 1

    def settle(self, request_id: RequestId) -> str | None:
        """Take an id off the table; return its method, or None if nobody waits for it (unknown, or answered before)."""
        return self.waiting.pop(request_id, None)

    @staticmethod
    def notification(method: str, params: Json | Literal[Absent.ABSENT] = ABSENT) -> bytes:
        """Return the line of a notification."""
        message: dict[str, Json] = {"jsonrpc": "2.0", "method": method}
        if params is not ABSENT:
            message["params"] = params
        return encode(message)

    @staticmethod
    def result(request_id: RequestId, result: Json) -> bytes:
        """Return the line of a successful answer."""
        return encode({"jsonrpc": "2.0", "id": request_id, "result": result})

    @staticmethod
    def failure(request_id: RequestId, error: RpcError) -> bytes:
        """Return the line of an error answer."""
        return encode({"jsonrpc": "2.0", "id": request_id, "error": error.wire()})
