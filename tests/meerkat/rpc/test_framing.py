"""Lines out of bytes, however they are cut, and no longer than allowed."""

from __future__ import annotations

import pytest

from meerkat.rpc import LineSplitter, LineTooLong


def test_lines_are_whole_and_without_their_ends() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"a\nb") == [b"a"]
    assert splitter.feed(b"c\n\n") == [b"bc", b""]
    assert splitter.feed(b"rest") == []
    assert splitter.finish() == b"rest"
    assert splitter.finish() == b""


def test_blocks_are_the_same_lines_with_their_ends() -> None:
    splitter = LineSplitter()
    assert splitter.feed_block(b"a\nb") == b"a\n"
    assert splitter.feed_block(b"c") == b""
    assert splitter.feed_block(b"\nd\n") == b"bc\nd\n"
    assert splitter.finish() == b""


@pytest.mark.parametrize("data", [b"xxxxxx", b"xxxxxx\n", b"a\nxxxxxx\n", b"a\nxxxxxx"])
def test_a_line_over_the_limit_is_told(data: bytes) -> None:
    for feed in (LineSplitter(5).feed, LineSplitter(5).feed_block):
        with pytest.raises(LineTooLong, match="longer than 5 bytes"):
            feed(data)


def test_a_line_that_grows_over_the_limit_in_pieces_is_told() -> None:
    for name in ("feed", "feed_block"):
        feed = getattr(LineSplitter(5), name)
        feed(b"xxx")
        with pytest.raises(LineTooLong):
            feed(b"xxx\n")


def test_many_short_lines_at_once_are_no_long_line() -> None:
    assert LineSplitter(5).feed_block(b"xx\n" * 10) == b"xx\n" * 10
    assert len(LineSplitter(5).feed(b"xx\n" * 10)) == 10
