"""One client's connection to the mock: lines in, dispatch, lines out.

Owns what the server keeps per connection (spec 01, section 1): the table of cancellable requests, the tools registered here, the ids of
`tool/execute`, and the queue of lines that are not written yet. Everything else belongs to the runtime.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from meerkat.rpc import Failure, Junk, LineTooLong, Notification, Peer, Request, Result, RpcError
from meerkat_mock.dispatch import Dispatch
from meerkat_mock.reading import FatalInput, read_line

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from meerkat.rpc import Message, RequestId
    from meerkat.transports import Transport
    from meerkat.wire.base import Json
    from meerkat_mock.runtime import Runtime

OUTBOX_BYTES = 4 * 1024 * 1024
"""Unwritten bytes after which whoever emits events has to wait for the client to read."""
GRACE_SECONDS = 5.0
"""How long requests in flight may go on after the end of the input (spec 01, section 13.4)."""

Answer = asyncio.Future["Result | Failure"]


class Connection:
    """The mock's side of one transport. `serve` runs until the client has gone."""

    def __init__(self, runtime: Runtime, transport: Transport, number: int) -> None:
        self.runtime = runtime
        self.number = number
        self.closed = False
        self.tools: dict[str, dict[str, Json]] = {}
        """What `tools/register` has filled here, by name, in order of registration."""
        self._transport = transport
        self._peer = Peer(decode=self._decode, id_prefix="srv-")
        self._answers: dict[RequestId, Answer] = {}
        self._dispatch = Dispatch(self)
        self._outbox: list[bytes] = []
        self._unwritten = 0
        self._wake_writer: asyncio.Event = asyncio.Event()
        self._written: asyncio.Event = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    # ---- the life of a connection ----------------------------------------------------------------------------------------------------

    async def serve(self) -> None:
        """Read and answer until the client ends its side, then let go of everything that belongs to this connection."""
        writer = asyncio.ensure_future(self._write())
        try:
            await self._read()
        except ConnectionError:
            self.runtime.connection_lost(self)
        finally:
            await self._end(writer)

    async def _read(self) -> None:
        peer, transport = self._peer, self._transport
        while data := await transport.receive():
            for message in self._messages(peer, data):
                self._take(message)
        for message in peer.receive_eof():
            self._take(message)

    def _messages(self, peer: Peer, data: bytes) -> list[Message]:
        try:
            return peer.receive(data)
        except (FatalInput, LineTooLong) as error:
            self.runtime.fatal_input = str(error)
            raise ConnectionAbortedError(str(error)) from error

    async def _end(self, writer: asyncio.Task[None]) -> None:
        """Stop what is in flight, write what is written already, close."""
        self.closed = True
        self.runtime.connection_closed(self)
        await self._dispatch.stop(GRACE_SECONDS)
        for answer in self._answers.values():
            answer.cancel()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._wake_writer.set()
        await asyncio.gather(writer, return_exceptions=True)
        await self._transport.close()

    async def hang_up(self) -> None:
        """End the connection from this side."""
        self.closed = True
        await self._transport.close()

    def spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run work that belongs to this connection and ends with it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # ---- lines in --------------------------------------------------------------------------------------------------------------------

    def _decode(self, line: bytes) -> Message:
        self.runtime.note(self, "in", line)
        return read_line(line)

    def _take(self, message: Message) -> None:
        if isinstance(message, Request):
            self._dispatch.request(message)
        elif isinstance(message, Notification):
            self._dispatch.notification(message)
        elif isinstance(message, Junk):
            self.say(Peer.failure(None, RpcError(-32700, message.reason)))
        else:
            self._settle(message)

    def _settle(self, message: Result | Failure) -> None:
        """An answer of the client; one that nobody waits for is ignored (spec 01, section 3)."""
        self._peer.settle(message.id)
        answer = self._answers.pop(message.id, None)
        if answer is not None and not answer.done():
            answer.set_result(message)

    # ---- lines out -------------------------------------------------------------------------------------------------------------------

    def say(self, line: bytes) -> None:
        """Queue one line; nothing is said to a client that has gone."""
        if self.closed:
            return
        self.runtime.check_line(line)
        self.runtime.note(self, "out", line)
        self._outbox.append(line)
        self._unwritten += len(line)
        if len(self._outbox) == 1:
            self._wake_writer.set()

    @property
    def congested(self) -> bool:
        """True when whoever emits many lines should wait for `drained` first."""
        return self._unwritten > OUTBOX_BYTES

    async def drained(self) -> None:
        """Wait until the client has read enough, or has gone."""
        while self.congested and not self.closed:
            self._written.clear()
            await self._written.wait()

    async def _write(self) -> None:
        try:
            while not (self.closed and not self._outbox):
                await self._wake_writer.wait()
                self._wake_writer.clear()
                while self._outbox:
                    data = b"".join(self._outbox)
                    self._outbox.clear()
                    await self._transport.send(data)
                    self._unwritten -= len(data)
                    self._written.set()
        except ConnectionError:
            self._outbox.clear()
        finally:
            self._unwritten = 0
            self._written.set()

    def ask(self, method: str, params: Json) -> tuple[RequestId, Answer]:
        """Send a request to the client; return its id and what will hold the answer. The future is cancelled when the connection ends."""
        request_id, line = self._peer.request(method, params)
        answer: Answer = asyncio.get_running_loop().create_future()
        if self.closed:
            answer.cancel()
        else:
            self._answers[request_id] = answer
            self.say(line)
        return request_id, answer

    def forget(self, request_id: RequestId) -> None:
        """Wait no longer for the answer to a request of ours; a late one will be ignored."""
        self._peer.settle(request_id)
        self._answers.pop(request_id, None)

    def notify(self, method: str, params: Json) -> None:
        """Send a notification."""
        self.say(Peer.notification(method, params))

    def answer(self, request_id: RequestId, result: Json) -> None:
        """Send a successful answer."""
        self.say(Peer.result(request_id, result))

    def refuse(self, request_id: RequestId, error: RpcError) -> None:
        """Send an error answer."""
        self.say(Peer.failure(request_id, error))
