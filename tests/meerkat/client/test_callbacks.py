"""Tool calls of the server: each in a task of its own, each answered, none able to block itself unnoticed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from meerkat import DeadlockError, ToolRegistrationError
from meerkat.client import MeerkatClient
from tests.meerkat.client.peer import OTHER, QUICK, SESSION, ScriptedServer, created, result

if TYPE_CHECKING:
    from meerkat import Session


def execute(name: str, number: int = 0, **arguments: Any) -> dict[str, Any]:
    params = {"tool_use_id": f"call_{number}", "name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": f"srv-{number}", "method": "tool/execute", "params": params}


async def with_tool(server: ScriptedServer, handler: Any, **options: Any) -> MeerkatClient:
    client = MeerkatClient(transport=server.near, limits=QUICK, **options)
    client.tool("search", description="Search", input_schema={"type": "object"})(handler)
    connecting = asyncio.ensure_future(client.connect())
    await server.shake_hands()
    request = await server.next("tools/register")
    assert request["params"] == {"tools": [{"name": "search", "description": "Search", "input_schema": {"type": "object"}}]}
    await server.answer(request, {"registered": 1})
    return await connecting


async def test_a_call_is_answered_under_its_own_id(server: ScriptedServer) -> None:
    async def search(arguments: dict[str, Any]) -> str:
        return f"found {arguments['q']}"

    client = await with_tool(server, search)
    await server.send(execute("search", 0, q="x"), execute("unknown", 1))
    answers = {line["id"]: line["result"] for line in [await server.next(), await server.next()]}
    assert answers["srv-0"] == {"content": "found x", "is_error": False}
    assert answers["srv-1"]["is_error"] is True
    await client.close()


async def test_calls_run_side_by_side(server: ScriptedServer) -> None:
    gate = asyncio.Event()

    async def search(arguments: dict[str, Any]) -> str:
        if arguments["wait"]:
            await gate.wait()
        else:
            gate.set()
        return "done"

    client = await with_tool(server, search)
    await server.send(execute("search", 0, wait=True), execute("search", 1, wait=False))
    assert {(await server.next())["id"], (await server.next())["id"]} == {"srv-0", "srv-1"}
    await client.close()


@pytest.mark.parametrize("params", [None, [], {}, {"name": 5, "arguments": []}])
async def test_an_odd_call_is_answered_too(server: ScriptedServer, client: MeerkatClient, params: object) -> None:
    await server.send({"jsonrpc": "2.0", "id": "srv-0", "method": "tool/execute", "params": params})
    assert (await server.next())["result"]["is_error"] is True


async def test_another_request_of_the_server_is_refused(server: ScriptedServer, client: MeerkatClient) -> None:
    await server.send({"jsonrpc": "2.0", "id": "srv-0", "method": "roots/list", "params": {}})
    assert (await server.next())["error"] == {"code": -32601, "message": "Method not supported: roots/list"}


async def test_a_handler_that_raises_or_cancels_itself_is_answered(server: ScriptedServer) -> None:
    async def search(arguments: dict[str, Any]) -> str:
        raise asyncio.CancelledError if arguments["cancel"] else ValueError("no such thing")

    client = await with_tool(server, search)
    await server.send(execute("search", 0, cancel=False))
    assert (await server.next())["result"] == {"content": "Tool error: no such thing", "is_error": True}
    await server.send(execute("search", 1, cancel=True))
    assert (await server.next())["result"]["is_error"] is True
    await client.close()


async def test_handlers_are_cancelled_when_the_client_closes(server: ScriptedServer) -> None:
    ended = asyncio.Event()

    async def search(arguments: dict[str, Any]) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return ""

    client = await with_tool(server, search)
    await server.send(execute("search"))
    await server.quiet()
    await client.close()
    assert ended.is_set()


async def test_a_handler_may_close_its_client(server: ScriptedServer) -> None:
    closed = asyncio.Event()

    async def search(arguments: dict[str, Any]) -> str:
        await client.close()
        closed.set()
        return ""

    client = await with_tool(server, search)
    await server.send(execute("search"))
    await asyncio.wait_for(closed.wait(), 2)
    assert not client.connected


@pytest.mark.parametrize("method", ["read", "history", "list", "subscribe", "inject", "fork", "archive", "turn"])
async def test_a_call_that_would_wait_for_its_own_turn_raises_at_once(server: ScriptedServer, method: str) -> None:
    async def search(arguments: dict[str, Any]) -> str:
        calls: dict[str, Any] = {
            "read": lambda: client.read_session(SESSION),
            "history": session.history,
            "list": client.list_sessions,
            "subscribe": session.subscribe_events,
            "inject": lambda: session.inject_context("x"),
            "fork": lambda: session.fork_at(1),
            "archive": session.archive,
            "turn": lambda: session.turn("deeper"),
        }
        with pytest.raises(DeadlockError):
            await calls[method]()
        return "raised"

    client = await with_tool(server, search)
    session = await created(server, client)
    turning = asyncio.ensure_future(session.turn("Go"))
    request = await server.next("turn/start")
    await server.send(execute("search"))
    assert (await server.next())["result"] == {"content": "raised", "is_error": False}
    await server.answer(request, result(SESSION, "x"))
    await turning
    await client.close()


async def test_what_does_not_wait_may_be_called_in_a_handler(server: ScriptedServer) -> None:
    async def search(arguments: dict[str, Any]) -> str:
        health = await client.get_runtime_host_health()
        other = await client.create_session("Other")
        return f"{health['status']} {other.text}"

    client = await with_tool(server, search)
    session = await created(server, client)
    turning = asyncio.ensure_future(session.turn("Go"))
    request = await server.next("turn/start")
    await server.send(execute("search"))
    await server.answer(await server.next("runtime/health"), {"status": "ok"})
    await server.answer(await server.next("session/create"), result(OTHER, "other"))
    assert (await server.next())["result"]["content"] == "ok other"
    await server.answer(request, result(SESSION, "x"))
    await turning
    await client.close()


async def test_a_task_that_outlives_its_handler_may_read(server: ScriptedServer) -> None:
    tasks: list[asyncio.Task[Any]] = []
    go = asyncio.Event()

    async def later() -> Any:
        await go.wait()
        return await client.list_sessions()

    async def search(arguments: dict[str, Any]) -> str:
        tasks.append(asyncio.ensure_future(later()))
        return "ok"

    client = await with_tool(server, search)
    await server.send(execute("search"))
    await server.next()
    go.set()
    await server.answer(await server.next("session/list"), {"sessions": []})
    assert await tasks[0] == []
    await client.close()


async def test_the_watch_for_deadlocks_can_be_switched_off(server: ScriptedServer) -> None:
    async def search(arguments: dict[str, Any]) -> str:
        return str(await client.list_sessions())

    client = await with_tool(server, search, detect_deadlocks=False)
    await server.send(execute("search"))
    await server.answer(await server.next("session/list"), {"sessions": []})
    assert (await server.next())["result"]["content"] == "[]"
    await client.close()


async def test_a_deferred_session_may_be_read_in_a_handler(server: ScriptedServer) -> None:
    async def search(arguments: dict[str, Any]) -> str:
        return str((await deferred.history()).message_count)

    client = await with_tool(server, search)
    creating = asyncio.ensure_future(client.create_deferred_session("Later"))
    request = await server.next("session/create")
    assert request["params"] == {"prompt": "Later", "initial_turn": "deferred"}
    await server.answer(request, {"session_id": OTHER, "session_ref": f"team:{OTHER}"})
    deferred = await creating
    await server.send(execute("search"))
    history = {"session_id": OTHER, "message_count": 0, "offset": 0, "has_more": False, "messages": []}
    await server.answer(await server.next("session/history"), history)
    assert (await server.next())["result"] == {"content": "0", "is_error": False}
    await client.close()


async def test_a_tool_declared_while_connected_is_announced_before_the_next_turn(
    server: ScriptedServer, session: Session, client: MeerkatClient
) -> None:
    @client.tool("late")
    async def late(arguments: dict[str, Any]) -> str:
        return ""

    turning = asyncio.ensure_future(session.turn("Go"))
    request = await server.next("tools/register")
    assert request["params"]["tools"] == [{"name": "late", "description": "Tool: late", "input_schema": {"type": "object"}}]
    await server.answer(request, {"registered": 1})
    await server.answer(await server.next("turn/start"), result(SESSION, "x"))
    await turning


async def test_a_refused_tool_is_raised_by_the_next_turn(server: ScriptedServer, session: Session, client: MeerkatClient) -> None:
    client.tool("bad")(lambda arguments: "")
    await server.refuse((await server.next("tools/register"))["id"], -32602, "Invalid params")
    await server.quiet()
    turning = asyncio.ensure_future(session.turn("Go"))
    await server.refuse((await server.next("tools/register"))["id"], -32602, "Invalid params")
    with pytest.raises(ToolRegistrationError) as caught:
        await turning
    assert caught.value.tools == ("bad",)


async def test_a_refused_tool_fails_connect(server: ScriptedServer) -> None:
    client = MeerkatClient(transport=server.near, limits=QUICK)
    client.tool("bad")(lambda arguments: "")
    connecting = asyncio.ensure_future(client.connect())
    await server.shake_hands()
    await server.refuse((await server.next("tools/register"))["id"], -32602, "Invalid params")
    with pytest.raises(ToolRegistrationError):
        await connecting
    assert not client.connected
