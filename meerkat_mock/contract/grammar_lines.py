"""Checks whole conversations, line by line: the journal of a mock, a file of one, and a live connection to any server.

Says which rule of spec 03 broke, at which line, and what would have been lawful there. Owns what the client's lines say about the runs of
the server: a run that the client stopped needs no end, nor does one whose answer had not come when the conversation ended.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from meerkat_mock.contract.breach import Breach
from meerkat_mock.contract.grammar_streams import ChannelBreach, ConnectionChecker
from meerkat_mock.contract.lines import check_notification

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from meerkat.transports.base import Transport
    from meerkat.wire.base import Json
    from meerkat_mock.journal import Direction, Line

LINE_BYTES = 1 << 28
"""Longest line of a tape that is read."""
STOPPING = frozenset({"turn/interrupt", "session/archive"})
"""What stops the runs of the session that it names."""
STOPPING_ALL = frozenset(
    {"cancel", "mob/force_cancel", "mob/retire", "mob/respawn", "mob/destroy", "mob/lifecycle", "mob/flow_cancel", "mob/cancel_all_work"}
)
"""What stops runs without naming their session: any that is under way may be one of them."""


class NoTape(ValueError):
    """A file that holds no conversation; the message says where and why."""


@dataclass(frozen=True)
class LineBreach:
    """A rule that broke, and where: the number of the line, from 1, and on which channel; `place` tells files and connections apart."""

    line: int
    channel: str
    breach: Breach
    place: str = ""

    def __str__(self) -> str:
        """Return one line for people."""
        where = f"{self.place}:{self.line}" if self.place else f"line {self.line}"
        return f"{where}: {self.channel}: {self.breach}"


class ConversationChecker:
    """Follows one connection of a client and a server. Feed it the lines of both sides in their order.

    `chat_completions`: the model speaks that protocol, so reasoning ends after the text; False for others.
    """

    def __init__(self, *, chat_completions: bool = True, place: str = "") -> None:
        self._channels = ConnectionChecker(chat_completions=chat_completions)
        self._place = place
        self._number = 0
        self._open: set[str] = set()
        """Ids of requests without an answer."""

    def feed(self, direction: Direction, line: bytes | str, number: int | None = None) -> list[LineBreach]:
        """Take a line (`in` is what the client sent) and return the rules that it broke; lines count from 1 unless `number` is given."""
        self._number = self._number + 1 if number is None else number
        message = _read(line)
        if isinstance(message, dict):
            if direction == "in":
                self._asked(message)
            elif "method" not in message:
                self._open.discard(json.dumps(message.get("id")))
            elif "id" not in message:
                return self._notified(message)
        return []

    def finish(self, *, cut: bool = False) -> list[LineBreach]:
        """End the conversation and return what is missing. `cut`: it ended by itself, whatever was under way."""
        return self._told(self._channels.finish(cut=cut or bool(self._open)))

    def _asked(self, message: dict[str, Json]) -> None:
        method, params = message.get("method"), message.get("params")
        if isinstance(method, str) and "id" in message:
            self._open.add(json.dumps(message["id"]))
        if method in STOPPING and isinstance(params, dict):
            self._channels.excuse(str(params.get("session_id")).rpartition(":")[2])
        elif method in STOPPING_ALL:
            self._channels.excuse()

    def _notified(self, message: dict[str, Json]) -> list[LineBreach]:
        method, params = str(message["method"]), message.get("params")
        if (breach := check_notification(method, params)) is not None:
            # what is no event cannot be followed: nobody knows which one it would have been
            return [LineBreach(self._number, method, Breach("shape", self._number, method, str(breach)), self._place)]
        return self._told(self._channels.feed(method, cast("dict[str, Json]", params)))

    def _told(self, found: Iterable[ChannelBreach]) -> list[LineBreach]:
        return [LineBreach(self._number, each.channel, each.breach, self._place) for each in found]


def _read(line: bytes | str) -> Json:
    try:
        message: Json = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message


def check_journal(journal: Iterable[Line], *, cut: bool = False, chat_completions: bool = True) -> list[LineBreach]:
    """Return the rules that a mock's journal shows broken, in the order of its lines, each connection by itself."""
    checkers: dict[int, ConversationChecker] = {}
    found: list[LineBreach] = []
    for line in journal:
        if line.connection not in checkers:
            checkers[line.connection] = ConversationChecker(chat_completions=chat_completions)
        found += checkers[line.connection].feed("in" if line.direction == "in" else "out", line.data, line.number)
    for checker in checkers.values():
        found += checker.finish(cut=cut)
    return found


def check_tape(path: Path, *, cut: bool = False, chat_completions: bool = True) -> list[LineBreach]:
    """Return the rules that a file shows broken: a journal of `MEERKAT_MOCK_JOURNAL`, or a recorded conversation.

    Raises `OSError`, and `NoTape` for a line that belongs to neither, or when there is no line at all.
    """
    checkers: dict[str, ConversationChecker] = {}
    found: list[LineBreach] = []
    for number, conversation, direction, line in _tape(path):
        if conversation not in checkers:
            checkers[conversation] = ConversationChecker(chat_completions=chat_completions, place=str(path))
        found += checkers[conversation].feed(direction, line, number)
    if not checkers:
        raise NoTape(f"{path}: no line of a conversation in it")
    for checker in checkers.values():
        found += checker.finish(cut=cut)
    return found


def _tape(path: Path) -> Iterator[tuple[int, str, Direction, str]]:
    """Yield number, conversation, direction and text of each line that crossed."""
    with path.open("rb") as file:
        for number, row in enumerate(iter(lambda: file.readline(LINE_BYTES), b""), 1):
            entry = _read(row)
            if not isinstance(entry, dict):
                raise NoTape(f"{path}:{number}: no line of a journal or of a recorded conversation")
            said: Direction = "out"
            if entry.get("direction") == "in" or entry.get("dir") == ">":
                said = "in"
            if isinstance(line := entry.get("line"), str):
                yield number, f"{entry.get('process')} {entry.get('connection')}", said, line
            elif "msg" in entry:
                yield number, "", said, json.dumps(entry["msg"])


class Checked:
    """A transport whose lines are checked as they pass; `breaches` fills while the client lives, and is whole after `close()`.

    Any server may be at its other end: `MeerkatClient(transport=Checked(transport))`, or whatever takes a transport.
    """

    def __init__(self, transport: Transport, *, chat_completions: bool = True) -> None:
        self.breaches: list[LineBreach] = []
        """Rules that broke so far; lines are those of both sides, from 1, in the order in which they passed here."""
        self._transport = transport
        self._checker = ConversationChecker(chat_completions=chat_completions)
        self._rests: dict[Direction, bytes] = {"in": b"", "out": b""}
        self._over = False

    async def send(self, data: bytes) -> None:
        """Write, and take what the client said. Raises `ConnectionError`."""
        self._take("in", data)
        await self._transport.send(data)

    async def receive(self) -> bytes:
        """Return the next bytes, and check the lines that they complete. Raises `ConnectionError`."""
        data = await self._transport.receive()
        self._take("out", data)
        return data

    async def close(self) -> None:
        """End the stream, and check that nothing is missing."""
        if not self._over:
            self._over = True
            self.breaches += self._checker.finish()
        await self._transport.close()

    def farewell(self) -> str:
        """Say how the stream ended."""
        return self._transport.farewell()

    def _take(self, direction: Direction, data: bytes) -> None:
        *lines, self._rests[direction] = (self._rests[direction] + data).split(b"\n")
        for line in lines:
            self.breaches += self._checker.feed(direction, line)
