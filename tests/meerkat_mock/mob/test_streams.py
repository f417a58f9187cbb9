from __future__ import annotations

from typing import TYPE_CHECKING

from meerkat_mock.mob.streams import EVENTS_UNREAD, MemberStream, Wire
from meerkat_mock.session.channels import Readers

if TYPE_CHECKING:
    from meerkat.wire.base import Json


class Client:
    """A connection whose client may stop reading."""

    def __init__(self) -> None:
        self.congested = False
        self.full = False
        self.lines = 0
        self.ends: list[Json] = []

    def say(self, line: bytes) -> None:
        self.lines += 1

    def notify(self, method: str, params: Json) -> None:
        self.ends.append(params)


def test_a_stream_gives_up_on_a_client_that_does_not_read() -> None:
    client, readers, ended = Client(), Readers(), list[str]()
    MemberStream(Wire(client, "s"), readers, ended.append)
    client.congested = True
    for _ in range(EVENTS_UNREAD + 5):
        readers.deliver("{}")
    assert client.lines == EVENTS_UNREAD
    error = {"code": "stream_queue_overflow", "message": "transport stream notification queue overflow"}
    assert client.ends == [{"stream_id": "s", "ended": True, "outcome": "terminal_error", "error": error}]
    assert ended == ["s"]


def test_a_client_that_catches_up_loses_nothing() -> None:
    client, readers = Client(), Readers()
    MemberStream(Wire(client, "s"), readers, lambda stream_id: None)
    for number in range(2 * EVENTS_UNREAD):
        client.congested = number % 100 != 0
        readers.deliver("{}")
    assert (client.lines, client.ends) == (2 * EVENTS_UNREAD, [])
