"""The shell around the peer: every odd line, every lost answer and every end has one defined outcome."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import ConnectionLostError, InvalidParamsError, MeerkatError, NotConnectedError, ProtocolError, RequestTimeoutError
from meerkat.client import Limits, MeerkatClient
from meerkat.transports.memory import MemoryTransport
from tests.meerkat.client.peer import HELLO, QUICK, SESSION, ScriptedServer, connected, result

if TYPE_CHECKING:
    from meerkat import Session

HEALTH = {"status": "ok"}


async def healthy(server: ScriptedServer, client: MeerkatClient) -> bool:
    """Return whether the connection still carries a request and its answer."""
    asking = asyncio.ensure_future(client.get_runtime_host_health())
    await server.answer(await server.next("runtime/health"), HEALTH)
    return await asyncio.wait_for(asking, 20) == HEALTH


ODD_LINES = [
    b"this is no JSON",
    b"42",
    b"null",
    b'"text"',
    b"[]",
    b"{}",
    b'{"jsonrpc":"2.0","method":5}',
    b'{"jsonrpc":"2.0","id":[1],"result":{}}',
    b'{"jsonrpc":"2.0","id":true,"result":{}}',
    b'{"jsonrpc":"2.0","method":"session/event","params":null}',
    b'{"jsonrpc":"2.0","method":"session/event","params":[1]}',
    b'{"jsonrpc":"2.0","method":"session/event","params":{"session_id":["x"],"event":{"payload":{"type":"x"}}}}',
    b'{"jsonrpc":"2.0","method":"session/event","params":{"session_id":"x","event":7}}',
    b'{"jsonrpc":"2.0","method":"session/stream_event","params":{"stream_id":{}}}',
    b'{"jsonrpc":"2.0","method":"session/stream_end"}',
    b'{"jsonrpc":"2.0","method":"nobody/knows","params":{}}',
    b"\xff\xfe broken",
    b"[" * 5000,
    b'{"jsonrpc":"2.0","id":999,"result":{}}',
    b'{"jsonrpc":"2.0","id":"7","error":"text"}',
    b'{"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"whose?"}}',
]


@pytest.mark.parametrize("line", ODD_LINES, ids=range(len(ODD_LINES)))
async def test_an_odd_line_is_counted_and_costs_nothing_else(server: ScriptedServer, client: MeerkatClient, line: bytes) -> None:
    await server.raw(line + b"\n")
    await server.arrived("an error without an id belongs to nobody only while nobody waits")
    assert await healthy(server, client)
    assert client.oddities is not None
    counts = client.oddities
    assert (
        counts.junk_lines + counts.unknown_ids + counts.unknown_notifications + counts.malformed_notifications + counts.ownerless_errors
        == 1
    )


async def test_lines_may_come_in_any_pieces(server: ScriptedServer, client: MeerkatClient) -> None:
    asking = asyncio.ensure_future(client.get_runtime_host_health())
    request = await server.next()
    for byte in json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": HEALTH}).encode() + b"\n":
        await server.raw(bytes([byte]))
    assert await asking == HEALTH


async def test_ids_count_up_from_one_and_on_over_reconnects(server: ScriptedServer) -> None:
    client = await connected(server)
    await client.close()
    again = server.another()
    client._given_transport = again.near
    connecting = asyncio.ensure_future(client.connect())
    assert (await again.next("initialize"))["id"] == 3
    await again.far.close()
    with pytest.raises(ConnectionLostError):
        await connecting


async def test_a_null_result_is_an_error_for_its_caller(server: ScriptedServer, client: MeerkatClient) -> None:
    asking = asyncio.ensure_future(client.get_config())
    await server.answer(await server.next(), None)
    with pytest.raises(ProtocolError) as caught:
        await asking
    assert caught.value.code == "INVALID_RESPONSE"


async def test_an_answer_without_result_and_error_is_an_error_for_its_caller(server: ScriptedServer, client: MeerkatClient) -> None:
    asking = asyncio.ensure_future(client.get_config())
    request = await server.next()
    await server.send({"jsonrpc": "2.0", "id": request["id"]})
    with pytest.raises(ProtocolError):
        await asking


async def test_an_error_that_is_a_text_reaches_its_caller(server: ScriptedServer, client: MeerkatClient) -> None:
    asking = asyncio.ensure_future(client.get_config())
    request = await server.next()
    await server.send({"jsonrpc": "2.0", "id": request["id"], "error": "no"})
    with pytest.raises(MeerkatError, match="no"):
        await asking


async def test_params_that_are_not_json_are_refused_before_they_are_sent(server: ScriptedServer, client: MeerkatClient) -> None:
    for bad in (float("nan"), object()):
        with pytest.raises(InvalidParamsError):
            await client.send_external_event(SESSION, "ping", {"x": bad})
    assert await server.quiet()
    assert await healthy(server, client)


async def test_an_error_without_id_reaches_the_only_call_it_can_belong_to(server: ScriptedServer, client: MeerkatClient) -> None:
    other = asyncio.ensure_future(client.get_config())
    config = await server.next("config/get")
    asking = asyncio.ensure_future(client.send_external_event(SESSION, 5, {}))  # type: ignore[arg-type]
    await server.next("session/external_event")
    await server.refuse(None, -32602, "Invalid params: invalid type: integer `5`, expected a string")
    with pytest.raises(InvalidParamsError, match="integer `5`"):
        await asyncio.wait_for(asking, 20)
    await server.answer(config, {"config": {}})
    assert await other == {"config": {}}


async def test_an_error_without_id_waits_until_it_is_clear_whose_it_is(server: ScriptedServer, client: MeerkatClient) -> None:
    good = asyncio.ensure_future(client.peers(SESSION))
    bad = asyncio.ensure_future(client.live_status("x"))
    peers = await server.next("comms/peers")
    await server.next("live/status")
    await server.refuse(None, -32602, "Invalid params: x")
    await server.quiet()
    assert not good.done()
    assert not bad.done()
    await server.answer(peers, {"peers": []})
    assert await good == {"peers": []}
    with pytest.raises(InvalidParamsError):
        await asyncio.wait_for(bad, 20)


async def test_as_many_errors_without_id_as_calls_fail_them_all(server: ScriptedServer, client: MeerkatClient) -> None:
    calls = asyncio.gather(client.peers(SESSION), client.live_status("x"), return_exceptions=True)
    await server.next("comms/peers")
    await server.next("live/status")
    await server.refuse(None, -32602, "Invalid params: x")
    await server.refuse(None, -32602, "Invalid params: y")
    assert all(isinstance(error, InvalidParamsError) for error in await asyncio.wait_for(calls, 20))


async def test_a_parse_error_fails_what_the_server_may_not_have_read(server: ScriptedServer, client: MeerkatClient) -> None:
    early = asyncio.ensure_future(client.get_config())
    config = await server.next("config/get")
    assert await healthy(server, client)  # answered later: what came before it was read
    late = asyncio.ensure_future(client.list_skills())
    await server.next("skills/list")
    await server.refuse(None, -32700, "Parse error: expected value at line 1 column 1")
    with pytest.raises(ProtocolError, match="could not read this request") as caught:
        await asyncio.wait_for(late, 20)
    assert caught.value.wire_code == -32700
    await server.answer(config, {"config": {}})
    assert await early == {"config": {}}


async def test_a_request_has_a_deadline(server: ScriptedServer) -> None:
    client = await connected(server, limits=Limits(request_deadline_s=0.01))
    with pytest.raises(RequestTimeoutError) as caught:
        await client.get_config()
    assert caught.value.method == "config/get"
    request = await server.next("config/get")
    await server.answer(request, {"config": {}})
    asking = asyncio.ensure_future(client.get_config())
    await server.answer(await server.next(), {"config": {}})
    await asking
    await server.arrived("the late answer is counted once it is there")
    assert client.oddities is not None
    assert (client.oddities.late_answers, client.oddities.unknown_ids) == (1, 0)
    await client.close()


async def test_a_turn_has_no_deadline_and_takes_part_in_timeouts(server: ScriptedServer) -> None:
    client = await connected(server, limits=Limits(request_deadline_s=0.01))
    creating = asyncio.ensure_future(client.create_session("Hello"))
    request = await server.next("session/create")
    await asyncio.sleep(0.03)
    assert not creating.done()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(creating, 0.01)
    assert (await server.next("cancel"))["params"] == {"request_id": request["id"]}
    await client.close()


async def test_a_cancelled_turn_holds_the_next_one_back_until_it_is_over(server: ScriptedServer, session: Session) -> None:
    turning = asyncio.ensure_future(session.turn("One"))
    one = await server.next("turn/start")
    turning.cancel()
    await asyncio.wait([turning])
    await server.next("cancel")
    following = asyncio.ensure_future(session.turn("Two"))
    assert await server.quiet()
    await server.refuse(one["id"], -32005, "request cancelled before response publish")
    await server.answer(await server.next("turn/start"), result(SESSION, "2"))
    assert (await following).text == "2"


async def test_a_turn_cancelled_while_it_waits_is_never_sent(server: ScriptedServer, session: Session) -> None:
    first = asyncio.ensure_future(session.turn("One"))
    one = await server.next("turn/start")
    second = asyncio.ensure_future(session.turn("Two"))
    await server.quiet()
    second.cancel()
    await asyncio.wait([second])
    await server.answer(one, result(SESSION, "1"))
    assert (await first).text == "1"
    assert await server.quiet()


async def test_the_end_of_the_server_fails_everything_at_once(server: ScriptedServer, session: Session, client: MeerkatClient) -> None:
    turning = asyncio.ensure_future(session.turn("Go"))
    asking = asyncio.ensure_future(client.get_config())
    await server.next()
    await server.next()
    await server.raw(b'{"jsonrpc":"2.0","id":')  # in the middle of a line
    await server.far.close()
    for waiting in (turning, asking):
        with pytest.raises(ConnectionLostError) as caught:
            await asyncio.wait_for(waiting, 20)
        assert caught.value.code == "CONNECTION_CLOSED"
    with pytest.raises(ConnectionLostError):
        await client.get_config()
    assert not client.connected


@pytest.mark.declared_only("a line that never ends belongs to no channel")
async def test_a_line_over_the_limit_ends_the_connection_with_the_reason(server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meerkat.client.link.LINE_LIMIT_BYTES", 1000)
    client = await connected(server)
    asking = asyncio.ensure_future(client.get_config())
    await server.next()
    await server.raw(b"x" * 2000)
    with pytest.raises(ConnectionLostError, match="longer than 1000 bytes"):
        await asyncio.wait_for(asking, 20)
    await client.close()


async def test_closing_fails_what_waits_and_may_be_repeated(server: ScriptedServer, session: Session, client: MeerkatClient) -> None:
    turning = asyncio.ensure_future(session.turn("Go"))
    await server.next()
    await client.close()
    with pytest.raises(NotConnectedError) as caught:
        await turning
    assert caught.value.code == "CLIENT_CLOSED"
    await client.close()
    with pytest.raises(NotConnectedError) as caught:
        await client.get_config()
    assert caught.value.code == "NOT_CONNECTED"


async def test_connecting_twice_is_an_error_and_the_first_connection_stays(server: ScriptedServer, client: MeerkatClient) -> None:
    with pytest.raises(MeerkatError) as caught:
        await client.connect()
    assert caught.value.code == "ALREADY_CONNECTED"
    assert await healthy(server, client)


@pytest.mark.parametrize("version", ["0.7.0", "1.0.0", "", "0.6.5-rc.1", "x"])
async def test_another_version_is_refused_and_nothing_stays_open(server: ScriptedServer, version: str) -> None:
    client = MeerkatClient(transport=server.near, limits=QUICK)
    connecting = asyncio.ensure_future(client.connect())
    await server.answer(await server.next("initialize"), {**HELLO, "contract_version": version})
    with pytest.raises(ProtocolError) as caught:
        await connecting
    assert caught.value.code in ("VERSION_MISMATCH", "INVALID_RESPONSE")
    assert await server.far.receive() == b""
    assert not client.connected


async def test_a_hung_handshake_ends_at_its_deadline(server: ScriptedServer) -> None:
    client = MeerkatClient(transport=server.near, limits=Limits(start_deadline_s=0.01))
    with pytest.raises(RequestTimeoutError):
        await client.connect()
    await server.next("initialize")
    assert await server.far.receive() == b""


async def test_a_cancelled_connect_closes_what_it_opened(server: ScriptedServer) -> None:
    client = MeerkatClient(transport=server.near)
    connecting = asyncio.ensure_future(client.connect())
    await server.next("initialize")
    connecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await connecting
    assert await server.far.receive() == b""


@pytest.mark.parametrize("passes", range(1, 6))
async def test_a_cancelled_close_ends_the_connection_all_the_same(server: ScriptedServer, passes: int) -> None:
    client = await connected(server)
    closing = asyncio.ensure_future(client.close())
    for _ in range(passes):
        await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    assert await asyncio.wait_for(server.far.receive(), 20) == b""
    await client.close()
    assert not client.connected


async def test_a_cancelled_close_lets_the_handlers_of_tools_end(server: ScriptedServer) -> None:
    client = await connected(server)
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @client.tool("slow")
    async def slow(_: dict[str, Any]) -> str:
        try:
            return await asyncio.get_running_loop().create_future()
        finally:
            ended.set_result("ended")

    await server.answer(await server.next("tools/register"), {"registered": 1})
    call = {"name": "slow", "arguments": {}, "tool_use_id": "t1"}
    await server.send({"jsonrpc": "2.0", "id": "srv-1", "method": "tool/execute", "params": call})
    await server.arrived("the handler runs when the client is closed")
    closing = asyncio.ensure_future(client.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    assert await asyncio.wait_for(ended, 20) == "ended"


async def test_many_requests_at_once_keep_within_what_the_server_reads_in_one_go(server: ScriptedServer, client: MeerkatClient) -> None:
    calls = [asyncio.ensure_future(client.read_session(f"{number:0400}")) for number in range(60)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert 0 < server.near._out.size <= 8192
    for _ in calls:
        request = await server.next("session/read")
        await server.refuse(request["id"], -32001, "Session not found: x")
    done = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(error, MeerkatError) for error in done)


async def test_requests_that_the_server_works_on_for_long_do_not_hold_back_others(server: ScriptedServer, client: MeerkatClient) -> None:
    calls = [asyncio.ensure_future(client.create_session("x" * 1000)) for _ in range(20)]
    for _ in calls:
        await server.next("session/create")
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)


async def test_a_cancelled_waiter_at_the_gate_lets_the_next_through(server: ScriptedServer, client: MeerkatClient) -> None:
    calls = [asyncio.ensure_future(client.get_config()) for _ in range(20)]
    await asyncio.sleep(0)
    calls[17].cancel()
    for number in range(19):
        await server.answer(await server.next("config/get"), {"n": number})
    done = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(one, dict) for one in done) == 19


async def test_given_up_ids_are_forgotten_after_some_time(client: MeerkatClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("meerkat.client.connection.ABANDONED_IDS", 8)
    assert client._link is not None
    connection = client._link.connection
    for _ in range(13):
        call = await connection.begin("runtime/health", {}, None)
        connection.abandon(call)
    assert len(connection._abandoned) == 8


async def test_junk_is_logged(server: ScriptedServer, client: MeerkatClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "meerkat"):
        await server.raw(b"Segmentation fault\n")
        assert await healthy(server, client)
        await server.arrived("the line is logged once it is there")
    assert "Segmentation fault" in caplog.text


async def test_every_method_goes_through_the_request_looked_up_on_the_instance() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    async def request(method: str, params: dict[str, Any]) -> dict[str, Any]:
        asked.append((method, params))
        return {"status": "ok"}

    client = MeerkatClient()
    client._request = request  # type: ignore[method-assign]
    await client.get_runtime_host_health()
    assert asked == [("runtime/health", {})]


class Refusing(MemoryTransport):
    """A transport that stops taking bytes without saying so."""

    refuses = False

    async def send(self, data: bytes) -> None:
        if self.refuses:
            raise BrokenPipeError("no more")
        await super().send(data)


async def test_a_write_that_fails_ends_the_connection_with_the_reason(server: ScriptedServer) -> None:
    client = await connected(server)
    assert client._link is not None
    transport = client._link.connection.transport
    transport.__class__ = Refusing
    transport.refuses = True  # type: ignore[attr-defined]
    with pytest.raises(ConnectionLostError, match="writing failed: no more"):
        await client.get_config()
    await client.close()


async def test_an_unexpected_error_in_a_listener_costs_one_message(server: ScriptedServer, client: MeerkatClient) -> None:
    def broken(params: object) -> None:
        raise ZeroDivisionError

    assert client._link is not None
    client._link.connection._listeners["session/event"] = broken  # type: ignore[index]
    await server.send({"jsonrpc": "2.0", "method": "session/event", "params": {}})
    assert await healthy(server, client)
    await server.arrived("the notification is counted once it is there")
    assert client.oddities is not None
    assert client.oddities.malformed_notifications == 1


async def test_a_cancelled_turn_that_is_never_answered_frees_its_session(
    server: ScriptedServer, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("meerkat.client.turn_queue.CANCEL_SETTLE_S", 0.01)
    turning = asyncio.ensure_future(session.turn("One"))
    await server.next("turn/start")
    turning.cancel()
    await asyncio.wait([turning])
    await server.next("cancel")
    following = asyncio.ensure_future(session.turn("Two"))
    await server.answer(await server.next("turn/start"), result(SESSION, "2"))
    assert (await following).text == "2"


async def test_an_error_without_id_that_fits_nobody_is_counted(server: ScriptedServer, client: MeerkatClient) -> None:
    await server.refuse(None, -32700, "Parse error")
    await server.arrived("an error without an id belongs to nobody only while nobody waits")
    assert await healthy(server, client)
    assert client.oddities is not None
    assert client.oddities.ownerless_errors == 1
