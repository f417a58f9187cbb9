"""An endpoint that says exactly the bytes that a test gives it, when the test says so."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from meerkat_mock.realserver.client_model import ClientModel
from meerkat_mock.world.model import Arriving, ModelAnswer, ModelRequest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from meerkat.wire.base import JsonObject

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
STREAM = HEAD + b"\r\n"
CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n"
STOP = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
DONE = b"data: [DONE]\n\n"


def event(value: dict[str, Any]) -> bytes:
    """Return one event of a stream."""
    return b"data: " + json.dumps(value).encode() + b"\n\n"


def says(text: str) -> bytes:
    """Return the event of one piece of text."""
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})


def chunk(data: bytes) -> bytes:
    """Return a chunk of a body."""
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


class Peer:
    """What the endpoint of a test does: `say` goes out as it comes, None ends the connection."""

    def __init__(self) -> None:
        self.port = 0
        self.asked: asyncio.Queue[bytes] = asyncio.Queue()
        self.say: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.left = asyncio.Event()
        """Set once the other end has closed its connection."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        self.asked.put_nowait(head + await reader.readexactly(length))
        listening = asyncio.ensure_future(reader.read(1))
        listening.add_done_callback(lambda _done: self.left.set())
        try:
            while (data := await self.say.get()) is not None:
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()
            listening.cancel()

    def configuration(self, server: JsonObject | None = None, model: JsonObject | None = None) -> JsonObject:
        """Return the section `self_hosted` that points the model `scripted` here."""
        own: JsonObject = {"server": "local", "remote_model": "scripted", "display_name": "Scripted", "family": "custom"}
        place: JsonObject = {"transport": "openai_compatible", "base_url": self.url}
        return {"servers": {"local": {**place, **(server or {})}}, "models": {"scripted": {**own, **(model or {})}}}


@asynccontextmanager
async def endpoint(*says: bytes | None) -> AsyncGenerator[Peer]:
    """Serve a peer that begins with `says`."""
    peer = Peer()
    for each in says:
        peer.say.put_nowait(each)
    served: list[asyncio.Task[None]] = []

    def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(asyncio.ensure_future(peer._serve(reader, writer)))

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    peer.port = listener.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        listener.close()
        for task in served:
            task.cancel()
        await asyncio.gather(*served, return_exceptions=True)


def model_of(configuration: JsonObject, complaints: list[str] | None = None, silence_s: float = 10.0) -> ClientModel:
    """Return the model that asks what a section `self_hosted` names."""

    def section(first: str, second: str) -> JsonObject:
        assert first == "self_hosted"
        found = configuration[second]
        assert isinstance(found, dict)
        return found

    return ClientModel(section, silence_s=silence_s, complain=(complaints if complaints is not None else []).append)


async def arriving(model: ClientModel, prompt: str = "hi", name: str = "scripted") -> ModelAnswer | Arriving:
    """Return what the model answers, not heard yet."""
    return await model.answer(ModelRequest("s", [{"role": "user", "content": prompt}], model=name))


async def heard(answer: ModelAnswer | Arriving) -> ModelAnswer:
    """Hear an answer to its end."""
    if isinstance(answer, ModelAnswer):
        return answer
    async for _burst in answer.chunks():
        pass
    return answer.heard()
