"""Lines become messages, one by one or in blocks, with the same outcome."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from meerkat.rpc import Failure, Junk, Message, Notification, Peer, Request, Result, decode_line
from meerkat.rpc.messages import decode_block

LINES = [
    b'{"jsonrpc":"2.0","method":"session/event","params":{"a":[1,2]}}',
    b'{"jsonrpc":"2.0","method":"x"}',
    b'{"jsonrpc":"2.0","id":"srv-0","method":"tool/execute","params":null}',
    b'{"jsonrpc":"2.0","id":1,"result":{}}',
    b'{"jsonrpc":"2.0","id":1}',
    b'{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"m","data":null}}',
    b'{"id":1,"error":"text"}',
    b' {"id":1,"result":null} \r',
    b'{"a":1',
    b'"b":2}',
    b'{"a":1},{"b":2}',
    b"[1,",
    b"2]",
    b"1",
    b"",
    b"  \t",
    b"\xff",
    '{"method":"ü\u2028","params":{}}'.encode(),
    b'{"method":5}',
    b'{"id":1.5,"result":1}',
    b'{"id":true,"result":1}',
    b"{" * 3000,
    b"NaN",
    b'{"method":"m","params":[1',
    b"2]}",
    b'{"method":"m"},9007199254740993,{"method":"n"}',
    b'{"method":"m","params":9007199254740993}',
    b"0]",
    b'{"method":"m"}]',
    b'{"method":"an open text',
    b'closed"}',
]


def shape(message: Message) -> tuple[Any, ...]:
    """Return a message as something that compares."""
    fields = {name: getattr(message, name) for name in type(message).__slots__}
    if isinstance(message, Junk):
        fields.pop("reason")
    return type(message).__name__, repr(fields)


@settings(deadline=None)
@given(st.lists(st.sampled_from(LINES) | st.binary(max_size=20).filter(lambda line: b"\n" not in line), max_size=12))
def test_a_block_gives_the_messages_of_its_lines(lines: list[bytes]) -> None:
    block = b"".join(line + b"\n" for line in lines)
    singly = [decode_line(line) for line in lines if line and not line.isspace()]
    assert [shape(message) for message in decode_block(block)] == [shape(message) for message in singly]


@settings(deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=12), st.lists(st.integers(0, 2000), max_size=8))
def test_any_split_gives_the_same_messages(lines: list[bytes], cuts: list[int]) -> None:
    data = b"\n".join(lines)
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    peer = Peer()
    got = [message for start, stop in pairwise(places) for message in peer.receive(data[start:stop])]
    got += peer.receive_eof()
    assert [shape(message) for message in got] == [shape(message) for message in decode_block(data + b"\n")]


@pytest.mark.parametrize(
    ("line", "kind"),
    [(LINES[0], Notification), (LINES[2], Request), (LINES[3], Result), (LINES[5], Failure), (LINES[8], Junk)],
)
def test_each_kind_of_line_is_told_by_its_members(line: bytes, kind: type[object]) -> None:
    assert isinstance(decode_line(line), kind)


def test_lines_that_are_json_only_together_are_junk_each() -> None:
    block = b'{"method":"m","params":[1\n2]}\n{"method":"m"},9007199254740993,{"method":"n"}\n'
    assert [type(message) for message in decode_block(block)] == [Junk, Junk, Junk]


def test_a_request_taken_back_leaves_its_id_to_the_next() -> None:
    peer = Peer()
    first, _ = peer.request("a", {})
    peer.withdraw(first)
    peer.withdraw("nobody")
    second, _ = peer.request("b", {})
    assert (first, second, peer.waiting, peer.next_number) == (1, 1, {1: "b"}, 2)
