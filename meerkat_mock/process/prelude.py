"""The first answer of a process, before the rest of it is imported.

Every client begins with `initialize`, whose answer never changes (spec 01, section 6.1), and a test that starts a process waits for it.
So the first line is looked at with nothing but the reader and the table of method names at hand; whatever it is but that one request is
left for the server proper.
"""

from __future__ import annotations

import os

from meerkat.rpc import Request
from meerkat_mock.handshake import INITIALIZE_RESULT
from meerkat_mock.reading import FatalInput, read_line

_CHUNK = 65536


class Prelude:
    """What was read before the server was there, and the lines that are settled already."""

    __slots__ = ("answered", "asked", "ended", "unread")

    def __init__(self, unread: bytes = b"", asked: bytes = b"", answered: bytes = b"", *, ended: bool = False) -> None:
        self.unread = unread
        self.asked = asked
        self.answered = answered
        self.ended = ended


def first_answer(stdin: int, stdout: int) -> Prelude:
    """Read the first line; answer it at once if it is `initialize`, else leave it unread."""
    data = b""
    while b"\n" not in data:
        chunk = os.read(stdin, _CHUNK)
        if not chunk:
            return Prelude(data, ended=True)
        data += chunk
    line, _, rest = data.partition(b"\n")
    try:
        message = read_line(line)
    except FatalInput:
        return Prelude(data)
    if not (isinstance(message, Request) and message.method == "initialize"):
        return Prelude(data)
    answer = INITIALIZE_RESULT.answer(message.id)
    try:
        os.write(stdout, answer)
    except BrokenPipeError:
        return Prelude(data)  # the server proper meets it, too, and knows what follows
    return Prelude(rest, line + b"\n", answer)
