"""Reads one HTTP/1.1 answer out of the bytes that come: status and headers first, then each piece of the body as it arrives.

Does no input or output: it is fed, and told of the end. Hand-made because what matters here is what ready-made clients hide: the bytes
that came before a connection broke, and whether the answer ended where it said it would. Knows nothing of models.
"""

from __future__ import annotations

from typing import Final

HEAD_LIMIT_BYTES: Final = 64 * 1024
"""Status line and headers together; far beyond what any server sends."""
SIZE_LINE_LIMIT_BYTES: Final = 4096
"""The line before a chunk: a number, and extensions that nobody uses."""
_HEAD_END: Final = b"\r\n\r\n"


class NotHttp(ValueError):
    """What came is no HTTP/1.1 answer; `str()` says where it goes wrong."""


class HttpAnswer:
    """One answer while it comes. `status` is 0 until its head has come."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.whole = False
        """True once the end is reached that the answer itself announced."""
        self._data = bytearray()
        self._chunked = False
        self._left: int | None = None
        """Bytes to come of the body, or of the chunk; None: a body that ends with the connection, or the line before a chunk."""

    def feed(self, data: bytes) -> bytes:
        """Take what came and return what of the body is in it. Raises `NotHttp`."""
        self._data += data
        if not self.status and not self._take_head():
            return b""
        return self._dechunked() if self._chunked else self._counted()

    def end(self, *, broke: bool) -> None:
        """Take note that nothing more comes. Raises `ConnectionResetError` when no answer had begun."""
        if not self.status:
            raise ConnectionResetError("the connection ended before an answer began")
        if not self._chunked and self._left is None and not broke:
            self.whole = True

    def _take_head(self) -> bool:
        """Read the head once all of it is there; answers before the answer (1xx) are passed over."""
        while not self.status:
            at = self._data.find(_HEAD_END)
            if at < 0:
                _limit(len(self._data), HEAD_LIMIT_BYTES, "the head of the answer")
                return False
            head = bytes(self._data[:at]).decode("latin-1")
            del self._data[: at + len(_HEAD_END)]
            self._read_head(head)
        return True

    def _read_head(self, head: str) -> None:
        first, *lines = head.split("\r\n")
        status = first.split(" ", 2)[1:2]
        if not first.startswith("HTTP/1.") or not status or not (status[0].isascii() and status[0].isdigit() and len(status[0]) == 3):
            raise NotHttp(f"this is no HTTP/1.1: {first[:80]!r}")
        if status[0].startswith("1"):
            return
        self.status = int(status[0])
        self.headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        self._chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"
        length = self.headers.get("content-length")
        if not self._chunked and length is not None:
            self._left = _number(length, 10, "content-length")

    def _counted(self) -> bytes:
        """Return the body up to its length; without one everything belongs to it."""
        piece = bytes(self._data if self._left is None else self._data[: self._left])
        self._data.clear()
        if self._left is not None:
            self._left -= len(piece)
            self.whole = self._left == 0
        return piece

    def _dechunked(self) -> bytes:
        """Return the content of the chunks, of half a chunk too."""
        content = bytearray()
        while self._data and not self.whole:
            if self._left is None and not self._take_size():
                break
            assert self._left is not None
            # The two bytes that end a chunk belong to no content.
            piece = self._data[: max(self._left - 2, 0)]
            content += piece
            ending = self._data[len(piece) : self._left]
            self._left -= len(piece)
            del self._data[: len(piece)]
            if len(ending) < 2:
                break
            if bytes(ending) != b"\r\n":
                raise NotHttp(f"a chunk of the answer is longer than its size says: {bytes(ending)!r} where it should end")
            del self._data[:2]
            self._left = None
        return bytes(content)

    def _take_size(self) -> bool:
        at = self._data.find(b"\r\n")
        if at < 0:
            _limit(len(self._data), SIZE_LINE_LIMIT_BYTES, "the line before a chunk of the answer")
            return False
        size = _number(bytes(self._data[:at]).split(b";")[0].decode("latin-1").strip(), 16, "the size of a chunk")
        del self._data[: at + 2]
        self.whole = size == 0
        self._left = size + 2
        return not self.whole


def _number(text: str, base: int, what: str) -> int:
    if not text.isascii() or not text.isalnum() or len(text) > 15:
        raise NotHttp(f"{what} is no number: {text[:80]!r}")
    try:
        return int(text, base)
    except ValueError as error:
        raise NotHttp(f"{what} is no number: {text!r}") from error


def _limit(length: int, limit: int, what: str) -> None:
    if length > limit:
        raise NotHttp(f"{what} is longer than {limit} bytes")
