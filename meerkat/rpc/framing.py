"""Lines out of bytes: one JSON value per line, however the bytes were cut on their way.

Owns splitting and the limit on a line's length; knows nothing of JSON. Spec 01, section 2.
"""

from __future__ import annotations

LINE_LIMIT_BYTES = 64 * 1024 * 1024
"""The longest line that is accepted, in bytes, its newline not counted: what `blob/get` and long histories need."""


class LineTooLong(ValueError):
    """A line grew past the limit: the stream cannot be trusted any more, since the rest of that line may look like anything."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"a line is longer than {limit} bytes; raise `line_limit` if such lines are expected")
        self.limit = limit


class LineSplitter:
    """Collects chunks and hands out whole lines, without their line ends.

    Feeding the same bytes in any other pieces gives the same lines. Memory held is at most one unfinished line.
    """

    def __init__(self, limit: int = LINE_LIMIT_BYTES) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._held = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that `data` completes, in order. Raises `LineTooLong`."""
        lines = data.split(b"\n")
        rest = lines.pop()
        if lines:
            if self._parts:
                self._parts.append(lines[0])
                lines[0] = b"".join(self._parts)
                self._parts.clear()
                self._held = 0
            if len(data) + len(lines[0]) > self._limit and max(map(len, lines)) > self._limit:
                raise LineTooLong(self._limit)
        self._hold(rest)
        return lines

    def feed_block(self, data: bytes) -> bytes:
        """Return the lines that `data` completes in one piece, each with its newline; `b""` when there are none. Raises `LineTooLong`."""
        end = data.rfind(b"\n") + 1
        if not end:
            self._hold(data)
            return b""
        block = data[:end] if end < len(data) else data
        if self._parts:
            self._parts.append(block)
            block = b"".join(self._parts)
            self._parts.clear()
            self._held = 0
        if len(block) > self._limit and max(map(len, block.split(b"\n"))) > self._limit:
            raise LineTooLong(self._limit)
        self._hold(data[end:])
        return block

    def _hold(self, rest: bytes) -> None:
        if rest:
            self._parts.append(rest)
            self._held += len(rest)
            if self._held > self._limit:
                raise LineTooLong(self._limit)

    def finish(self) -> bytes:
        """Return the last line if it ended without a newline, else `b""`; the splitter is empty afterwards."""
        rest = b"".join(self._parts)
        self._parts.clear()
        self._held = 0
        return rest
