"""Two ends in one event loop behave as a pipe does."""

from __future__ import annotations

import asyncio

import pytest

from meerkat.transports.memory import LIMIT_BYTES, memory_pair


async def test_bytes_go_both_ways_and_come_together() -> None:
    near, far = memory_pair()
    await near.send(b"a")
    await near.send(b"b")
    await far.send(b"c")
    assert (await far.receive(), await near.receive()) == (b"ab", b"c")


async def test_a_writer_waits_for_a_slow_reader() -> None:
    near, far = memory_pair()
    await near.send(b"x" * (LIMIT_BYTES + 1))
    writing = asyncio.ensure_future(near.send(b"y"))
    await asyncio.sleep(0)
    assert not writing.done()
    assert len(await far.receive()) == LIMIT_BYTES + 1
    await writing
    assert await far.receive() == b"y"


async def test_closing_wakes_everybody_and_unread_bytes_stay_readable() -> None:
    near, far = memory_pair()
    await near.send(b"x" * LIMIT_BYTES)
    writing = asyncio.ensure_future(near.send(b"y"))
    reading = asyncio.ensure_future(near.receive())
    await asyncio.sleep(0)
    await far.close()
    assert await reading == b""
    with pytest.raises(ConnectionResetError):
        await writing
    with pytest.raises(ConnectionResetError):
        await near.send(b"z")
    assert await far.receive() == b"x" * LIMIT_BYTES


async def test_one_end_may_stop_sending_and_go_on_receiving() -> None:
    near, far = memory_pair()
    near.end_sending()
    assert await far.receive() == b""
    await far.send(b"late")
    assert await near.receive() == b"late"
    far.leave("gone fishing")
    assert near.farewell() == "gone fishing"
