"""Reads the objects of a chat-completions event stream out of the bytes that come, however they are cut.

Owns lines, their limit and what is no JSON in them; knows nothing of what the objects mean. Assumption: an event is one `data:` line, as
every such endpoint sends it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from meerkat.wire.base import JsonObject

LINE_LIMIT_BYTES: Final = 16 * 1024 * 1024
"""The longest line of a stream: a whole generated image in one chunk has room, a server that never ends its line has not."""
_SHOWN_CHARACTERS: Final = 120


class LineTooLong(ValueError):
    """A line of the stream goes on past `LINE_LIMIT_BYTES`."""


class EventStream:
    """The stream as far as it was read. `complain` is told of lines that are passed over because they cannot be read."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        self.done = False
        """True once `[DONE]` has come; nothing behind it is read."""
        self._complain = complain
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[JsonObject]:
        """Yield the objects of the lines that are complete now. Raises `LineTooLong`."""
        self._rest += data
        if b"\n" in data:
            *lines, last = bytes(self._rest).split(b"\n")
            self._rest[:] = last
            for line in lines:
                yield from self._event(line)
        if len(self._rest) > LINE_LIMIT_BYTES:
            raise LineTooLong(f"a line of the stream is longer than {LINE_LIMIT_BYTES} bytes; it begins with {_shown(self._rest[:200])}")

    def end(self) -> Iterator[JsonObject]:
        """Yield the object of a last line that has no end of line."""
        line = bytes(self._rest)
        self._rest.clear()
        yield from self._event(line)

    def _event(self, line: bytes) -> Iterator[JsonObject]:
        if self.done or not line.startswith(b"data:"):
            return
        text = line[len(b"data:") :].strip()
        if text == b"[DONE]":
            self.done = True
            return
        try:
            value = json.loads(text.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            self._complain(f"an event of the stream is no JSON and is passed over: {_shown(text)}")
            return
        if isinstance(value, dict):
            yield cast("JsonObject", value)
        else:
            self._complain(f"an event of the stream is no object and is passed over: {_shown(text)}")


def _shown(data: bytes | bytearray) -> str:
    text = bytes(data).decode("utf-8", "replace")
    return ascii(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…")
