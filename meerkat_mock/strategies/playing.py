"""What the mock itself says when a client asks these things: how strategies come to lawful runs and streams.

Every example is played by a fresh server on virtual time, so that runs are whole and right in every number, and always the same.
"""

from __future__ import annotations

import asyncio
import json
import threading
from typing import TYPE_CHECKING, TypeVar, cast

from meerkat.rpc import Failure, Notification, Peer, Request, Result
from meerkat_mock.runtime import World
from meerkat_mock.server import Server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from meerkat.rpc import Message, RequestId
    from meerkat.transports import Transport
    from meerkat.wire.base import Json, JsonObject

T = TypeVar("T")
TOOL = "lookup"
"""The one tool that the client of these strategies offers; it answers `found`."""


class Refusal(Exception):
    """An error answer: a normal outcome of a script that fails."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


class LineClient:
    """A client that asks one thing after the other, keeps what it hears, and answers every tool."""

    def __init__(self, transport: Transport) -> None:
        self.heard: list[tuple[str, JsonObject]] = []
        """Notifications: method and params, in the order in which they came."""
        self._transport = transport
        self._peer = Peer()

    async def ask(self, method: str, params: Json) -> Json:
        """Return the result of a request. Raises `Refusal`, and `ConnectionError` when the server has gone."""
        request_id, line = self._peer.request(method, params)
        await self._transport.send(line)
        while True:
            data = await self._transport.receive()
            if not data:
                raise ConnectionResetError(f"the server ended without an answer to {method}")
            for message in self._peer.receive(data):
                answer = await self._take(message, request_id)
                if answer is not None:
                    return answer.result

    async def _take(self, message: Message, awaited: RequestId) -> Result | None:
        if isinstance(message, Notification):
            self.heard.append((message.method, cast("JsonObject", message.params)))
        elif isinstance(message, Request):
            await self._transport.send(Peer.result(message.id, {"content": "found"}))
        elif isinstance(message, Failure) and message.id in (awaited, None):
            raise Refusal(message.error.code, message.error.message)
        elif isinstance(message, Result) and message.id == awaited:
            return message
        return None


def outside_any_loop(work: Callable[[], Awaitable[T]]) -> T:
    """Run a coroutine to its end, from plain code and from inside a running event loop (where a strategy is drawn interactively)."""

    async def whole() -> T:
        return await work()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(whole())
    outcome: list[T] = []
    thread = threading.Thread(target=lambda: outcome.append(asyncio.run(whole())))
    thread.start()
    thread.join()
    return outcome[0]


def play(scripts: Sequence[Json], options: JsonObject, *, stream: bool = False) -> list[tuple[str, JsonObject]]:
    """Return the notifications of one session whose turns follow these inline scripts; ends with the first turn that fails."""
    return outside_any_loop(lambda: _played(scripts, options, stream))


async def _played(scripts: Sequence[Json], options: JsonObject, stream: bool) -> list[tuple[str, JsonObject]]:
    server = Server(World())
    transport = server.connect()
    client = LineClient(transport)
    try:
        await client.ask("tools/register", {"tools": [{"name": TOOL, "description": "", "input_schema": {"type": "object"}}]})
        made = cast("JsonObject", await client.ask("session/create", {"prompt": "", "initial_turn": "deferred", **options}))
        session: JsonObject = {"session_id": made["session_id"]}
        if stream:
            await client.ask("session/stream_open", session)
        await _turns(client, scripts, session)
        if stream:
            await client.ask("session/archive", session)
        return client.heard
    finally:
        await transport.close()
        await server.close()


async def _turns(client: LineClient, scripts: Sequence[Json], session: JsonObject) -> None:
    for script in scripts:
        try:
            await client.ask("turn/start", {**session, "prompt": f"@script{json.dumps(script)}"})
        except Refusal:
            return
