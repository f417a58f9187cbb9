"""Subscriptions: open at once, whole, and with a clear end for every reader."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import ConnectionLostError, EventsLostError, MeerkatError, ProtocolError
from meerkat.client import Limits
from meerkat.events import AttributedEvent, EventEnvelope, ScopedEvent, TextDelta
from tests.meerkat.client.peer import SESSION, ScriptedServer, connected

if TYPE_CHECKING:
    from meerkat import EventSubscription, MeerkatClient

STREAM = "11111111-2222-4333-8444-555555555555"


def event(server: ScriptedServer, sequence: int, delta: str, *, stream: str = STREAM) -> dict[str, Any]:
    envelope = server.envelope(SESSION, "text_delta", sequence, {"delta": delta})
    params = {"stream_id": stream, "sequence": sequence, "session_id": SESSION, "event": envelope}
    return {"jsonrpc": "2.0", "method": "session/stream_event", "params": params}


def end(outcome: str, **more: Any) -> dict[str, Any]:
    params = {"stream_id": STREAM, "session_id": SESSION, "ended": True, "outcome": outcome, **more}
    return {"jsonrpc": "2.0", "method": "session/stream_end", "params": params}


async def opened(server: ScriptedServer, client: MeerkatClient) -> EventSubscription:
    opening = asyncio.ensure_future(client.subscribe_session_events(SESSION))
    await server.answer(await server.next("session/stream_open"), {"stream_id": STREAM, "session_id": SESSION, "opened": True})
    return await opening


async def deltas(subscription: EventSubscription) -> str:
    return "".join([item.payload.delta async for item in subscription])  # type: ignore[attr-defined]


async def test_events_are_typed_envelopes_until_the_remote_end(server: ScriptedServer, client: MeerkatClient) -> None:
    subscription = await opened(server, client)
    await server.send(event(server, 1, "a"), event(server, 2, "b"), end("remote_end"))
    seen = [item async for item in subscription]
    assert all(isinstance(item, EventEnvelope) and isinstance(item.payload, TextDelta) for item in seen)
    assert subscription.end_reason == "remote_end"
    assert subscription.terminal_outcome is not None
    assert subscription.terminal_outcome["outcome"] == "remote_end"
    assert [item async for item in subscription] == []


async def test_events_and_end_before_the_open_answer_are_kept(server: ScriptedServer, client: MeerkatClient) -> None:
    opening = asyncio.ensure_future(client.subscribe_session_events(SESSION))
    request = await server.next("session/stream_open")
    await server.send(event(server, 1, "a"), event(server, 2, "b"), end("remote_end"))
    await server.answer(request, {"stream_id": STREAM, "opened": True})
    assert await deltas(await opening) == "ab"


async def test_all_iterators_end(server: ScriptedServer, client: MeerkatClient) -> None:
    subscription = await opened(server, client)
    both = asyncio.gather(deltas(subscription), deltas(subscription))
    await server.send(event(server, 1, "a"), event(server, 2, "b"), end("remote_end"))
    assert sorted("".join(await asyncio.wait_for(both, 20))) == ["a", "b"]


async def test_an_overflow_on_the_server_is_raised_after_what_came_before(server: ScriptedServer, client: MeerkatClient) -> None:
    subscription = await opened(server, client)
    error = {"code": "stream_queue_overflow", "message": "transport stream notification queue overflow"}
    await server.send(event(server, 1, "a"), end("terminal_error", error=error))
    items = subscription.__aiter__()
    assert isinstance(await items.__anext__(), EventEnvelope)
    with pytest.raises(EventsLostError, match="stream_queue_overflow"):
        await items.__anext__()
    assert subscription.end_reason == "terminal_error"


async def test_too_many_unread_events_are_raised(server: ScriptedServer) -> None:
    client = await connected(server, limits=Limits(events_held=3))
    subscription = await opened(server, client)
    await server.send(*(event(server, number, "x") for number in range(1, 6)))
    await server.quiet()
    with pytest.raises(EventsLostError, match="3 events"):
        await deltas(subscription)
    await client.close()


async def test_a_lost_connection_is_raised_and_an_own_close_is_not(server: ScriptedServer, client: MeerkatClient) -> None:
    subscription = await opened(server, client)
    await server.far.close()
    with pytest.raises(ConnectionLostError):
        await deltas(subscription)
    assert subscription.end_reason == "connection_lost"
    await subscription.close()
    other = server.another()
    second = await connected(other)
    closed = await opened(other, second)
    await second.close()
    assert await deltas(closed) == ""
    assert closed.end_reason == "client_closed"


async def test_closing_ends_iteration_and_takes_the_late_end(server: ScriptedServer, client: MeerkatClient) -> None:
    async with await opened(server, client) as subscription:
        reading = asyncio.ensure_future(deltas(subscription))
        await server.send(event(server, 1, "a"))
        await server.arrived("what came before the stream was closed is yielded, and nothing that comes later")
        closing = asyncio.ensure_future(subscription.close())
        request = await server.next("session/stream_close")
        assert request["params"] == {"stream_id": STREAM}
        await server.answer(request, {"stream_id": STREAM, "closed": True, "already_closed": False})
        await closing
        assert await reading == "a"
    await server.send(event(server, 2, "late"), end("explicit_close"))
    await server.quiet()
    assert subscription.end_reason == "explicit_close"
    assert subscription.terminal_outcome is not None
    assert client._link is not None
    registry = client._link.subscriptions
    assert (registry._open, registry._closed, registry._early) == ({}, {}, {})


async def test_a_failed_close_can_be_tried_again(server: ScriptedServer, client: MeerkatClient) -> None:
    subscription = await opened(server, client)
    closing = asyncio.ensure_future(subscription.close())
    await server.refuse((await server.next("session/stream_close"))["id"], -32603, "not now")
    with pytest.raises(MeerkatError, match="not now"):
        await closing
    closing = asyncio.ensure_future(subscription.close())
    await server.answer(await server.next("session/stream_close"), {"closed": True})
    await closing
    await subscription.close()
    assert await server.quiet()


async def test_a_hole_in_the_numbering_is_reported(server: ScriptedServer, client: MeerkatClient) -> None:
    subscription = await opened(server, client)
    await server.send(event(server, 1, "a"), event(server, 5, "b"), end("remote_end"))
    assert await deltas(subscription) == "ab"
    assert subscription.missing == ((2, 4),)


async def test_an_open_answer_without_an_id_is_an_error(server: ScriptedServer, client: MeerkatClient) -> None:
    opening = asyncio.ensure_future(client.subscribe_session_events(SESSION))
    await server.answer(await server.next("session/stream_open"), {"opened": True})
    with pytest.raises(ProtocolError):
        await opening


async def test_mob_streams_yield_attributed_events_and_member_streams_envelopes(server: ScriptedServer, client: MeerkatClient) -> None:
    envelope = server.envelope(SESSION, "text_delta", 1, {"delta": "a"})
    attributed = {"source": {"generation": 0, "identity": "w1"}, "source_fence_token": 1, "role": "worker", "envelope": envelope}
    for subscribe, sent, kind in (
        (client.mob("m").subscribe_all, attributed, AttributedEvent),
        (client.mob("m").member("w1").events, envelope, EventEnvelope),
    ):
        opening = asyncio.ensure_future(subscribe())
        await server.answer(await server.next("mob/stream_open"), {"stream_id": STREAM, "opened": True})
        subscription = await opening
        await server.send({"jsonrpc": "2.0", "method": "mob/stream_event", "params": {"stream_id": STREAM, "sequence": 1, "event": sent}})
        await server.send({"jsonrpc": "2.0", "method": "mob/stream_end", "params": {"stream_id": STREAM, "outcome": "remote_end"}})
        (item,) = [item async for item in subscription]
        assert isinstance(item, kind)
        if isinstance(item, AttributedEvent):
            assert item.source.identity == "w1" if not isinstance(item.source, str) else item.source == "w1"


async def test_scoped_events_keep_their_scope_and_their_event(server: ScriptedServer, client: MeerkatClient) -> None:
    subscription = await opened(server, client)
    scoped = {"stream_id": STREAM, "sequence": 1, "scope_id": "primary", "scope_path": [], "event": {"type": "text_delta", "delta": "a"}}
    await server.send({"jsonrpc": "2.0", "method": "session/stream_event", "params": scoped}, end("remote_end"))
    (item,) = [item async for item in subscription]
    assert isinstance(item, ScopedEvent)
    assert item.event == TextDelta("a")


async def test_events_of_nobody_are_not_kept(server: ScriptedServer, client: MeerkatClient) -> None:
    await server.send(event(server, 1, "a", stream="nobody"), *server.run(SESSION, "x", "y"))
    await server.quiet()
    assert client._link is not None
    assert client._link.subscriptions._early == {}
    assert client._link.turns.runs._strays == {}
