"""A client that speaks lines: what tests of the mock's surfaces say and hear, without an SDK between."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from meerkat.rpc import Failure, Notification, Peer, Request, Result, RpcError
from meerkat_mock.quirks import Quirks
from meerkat_mock.server import Server, World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from meerkat.transports.memory import MemoryTransport

MODEL = "scripted"
ALIAS: dict[str, Any] = {
    "self_hosted": {
        "servers": {"local": {"transport": "openai_compatible", "base_url": "http://127.0.0.1:1", "api_style": "chat_completions"}},
        "models": {MODEL: {"server": "local", "remote_model": MODEL, "display_name": "Scripted", "family": "custom", "vision": True}},
    }
}


class Refused(Exception):
    """An error answer."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(f"{code} {message}")
        self.code = code
        self.message = message


def script(*rounds: dict[str, Any], say: str = "") -> str:
    """Return a prompt that carries these rounds."""
    return f"{say} @script{json.dumps(list(rounds))}".strip()


def says(text: str) -> str:
    """Return a prompt that the model answers with `text`."""
    return script({"say": [text]}, say=f"say {text}")


class Talk:
    """One connection."""

    def __init__(self, transport: MemoryTransport) -> None:
        self.transport = transport
        self.heard: list[tuple[str, dict[str, Any]]] = []
        """Notifications in the order in which they came."""
        self.tools: dict[str, Callable[[dict[str, Any]], Any]] = {}
        """What answers `tool/execute`: returns a result, or raises `RpcError`'s wrapper; None: no answer."""
        self.asked: list[dict[str, Any]] = []
        self.lost: list[RpcError] = []
        """Error answers without id."""
        self._peer = Peer()
        self._answers: dict[Any, asyncio.Future[Any]] = {}
        self.reads = asyncio.Event()
        """Cleared: the client reads nothing until it is set again."""
        self.reads.set()
        self._news: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._listening = asyncio.ensure_future(self._listen())

    async def _listen(self) -> None:
        while data := await self._received():
            for message in self._peer.receive(data):
                await self._take(message)

    async def _received(self) -> bytes:
        await self.reads.wait()
        return await self.transport.receive()

    async def _take(self, message: object) -> None:
        if isinstance(message, Notification):
            assert isinstance(message.params, dict)
            self.heard.append((message.method, message.params))
            if not self._news.done():
                self._news.set_result(None)
        elif isinstance(message, Request):
            assert isinstance(message.params, dict)
            self.asked.append(message.params)
            answer = self.tools[str(message.params["name"])](message.params["arguments"])
            if answer is not None:
                await self.transport.send(Peer.result(message.id, answer))
        elif isinstance(message, Failure) and message.id is None:
            self.lost.append(message.error)
        elif isinstance(message, Failure):
            self._answers.pop(message.id).set_exception(Refused(message.error.code, message.error.message))
        else:
            assert isinstance(message, Result)
            self._answers.pop(message.id).set_result(message.result)

    async def ask(self, method: str, params: Any = None) -> tuple[Any, asyncio.Future[Any]]:
        """Send a request and return its id and what will hold the answer."""
        request_id, line = self._peer.request(method, params)
        answer = asyncio.get_running_loop().create_future()
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._answers[request_id] = answer
        await self.transport.send(line)
        return request_id, answer

    async def call(self, method: str, **params: Any) -> Any:
        """Ask and wait for the answer. Raises `Refused`."""
        _, answer = await self.ask(method, params)
        return await asyncio.wait_for(answer, 20)

    async def tell(self, method: str, **params: Any) -> None:
        """Send a notification."""
        await self.transport.send(Peer.notification(method, params))

    async def refusal(self, method: str, **params: Any) -> str:
        """Ask for something that must be refused; return code and message."""
        try:
            answer = await self.call(method, **params)
        except Refused as refused:
            return str(refused)
        raise AssertionError(f"{method} was not refused but answered {answer}")

    async def create(self, prompt: str = "hi", **options: Any) -> str:
        """Make a session with the scripted model and return its id."""
        made = await self.call("session/create", prompt=prompt, model=MODEL, **options)
        return str(made["session_id"])

    async def turn(self, session_id: str, prompt: str, **options: Any) -> Any:
        """Run a turn and return its result."""
        return await self.call("turn/start", session_id=session_id, prompt=prompt, **options)

    def events(self, session_id: str, *types: str) -> list[dict[str, Any]]:
        """Return the envelopes of `session/event` of one session, perhaps only of some types."""
        found = [params["event"] for method, params in self.heard if method == "session/event" and params["session_id"] == session_id]
        return [event for event in found if not types or event["payload"]["type"] in types]

    def prompts(self, session_id: str) -> list[Any]:
        """Return the prompts of the runs of a session, in order."""
        return [event["payload"]["prompt"] for event in self.events(session_id, "run_started")]

    async def hear(self, *types: str, session_id: str, count: int = 1) -> None:
        """Wait until that many events of these types were heard; time may pass meanwhile."""
        while len(self.events(session_id, *types)) < count:
            self._news = asyncio.get_running_loop().create_future()
            await asyncio.wait_for(self._news, 20)

    async def hang_up(self) -> None:
        """End the connection."""
        await self.transport.close()
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)


@asynccontextmanager
async def talking(world: World | None = None, *, contract: bool = False, **quirks: bool) -> AsyncIterator[Talk]:
    """Start a server, configure the scripted model, and yield a connection to it; the mock must hold nothing against itself."""
    server = Server(world or World(quirks=Quirks("contract" if contract else "server", quirks)))
    talk = Talk(server.connect())
    await talk.call("config/patch", patch=ALIAS)
    try:
        yield talk
    finally:
        await talk.hang_up()
        await server.close()
    assert server.runtime.violations == []


async def moments(count: int = 20) -> None:
    """Let everybody run for a few passes of the event loop; time does not move."""
    for _ in range(count):
        await asyncio.sleep(0)
