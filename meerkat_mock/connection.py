"""One client's connection to the mock: lines in, dispatch, lines out.

Owns what the server keeps per connection (spec 01, section 1): the table of cancellable requests, the tools registered here, the ids of
`tool/execute`, and the queue of lines that are not written yet. Everything else belongs to the runtime.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING

from meerkat.rpc import Failure, Junk, LineTooLong, Notification, Peer, Request, Result, RpcError
from meerkat.transports.memory import MemoryTransport
from meerkat_mock.constant import Constant
from meerkat_mock.dispatch import Dispatch
from meerkat_mock.reading import FatalInput, read_line

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from meerkat.rpc import Message, RequestId
    from meerkat.transports import Transport
    from meerkat.wire.base import Json, JsonObject
    from meerkat_mock.faulting.tap import Tap
    from meerkat_mock.runtime import Runtime

OUTBOX_BYTES = 64 * 1024
"""Unwritten bytes after which whoever emits events has to wait for the client to read.

Two hundred events: a reader in the same process has let go of one batch before the next is made, and the garbage collector, for which
ten thousand events at once are a burden, never hears of them.
"""
NOTIFICATIONS_HELD = 4096
"""Lines that may wait for a client that does not read, where bursts lose events (spec 03, section 4.1)."""
READING_PASSES = 10
"""Passes of the event loop that a client which reads needs at most to let the outbox drain."""
GRACE_SECONDS = 5.0
"""How long requests in flight may go on after the end of the input (spec 01, section 13.4)."""
JOINED_SECONDS = 0.01
"""How long a fault that joins two lines waits for the second."""
_CUT = b""
"""Between two pieces of the outbox that must not leave in one write."""

Answer = asyncio.Future["Result | Failure"]


class Connection:
    """The mock's side of one transport. `serve` runs until the client has gone."""

    def __init__(self, runtime: Runtime, transport: Transport, number: int) -> None:
        self.runtime = runtime
        self.number = number
        self.closed = False
        self._journal = runtime.journal
        self._now = runtime.clock.now
        self.tools: dict[str, dict[str, Json]] = {}
        """What `tools/register` has filled here, by name, in order of registration."""
        self._transport = transport
        self._announce: Callable[[int, Callable[[], None]], None] | None = getattr(transport, "announce", None)
        self._peer = Peer(decode=self._decode, id_prefix="srv-")
        self._answers: dict[RequestId, Answer] = {}
        self._dispatch = Dispatch(self)
        self._outbox: list[bytes] = []
        self._unwritten = 0
        self._writer: asyncio.Task[None] | None = None
        """Writes what the other end may have to read first; made when it is needed, as in memory it mostly is not."""
        self._wake_writer: asyncio.Event = asyncio.Event()
        self._written: asyncio.Event = asyncio.Event()
        self._writing = False
        """True while the writer has bytes in hand, behind which all others must queue."""
        self._due = False
        """True when something waits that has not to wait for the next line."""
        self._leaving = False
        """True while `_leave` is called soon."""
        self._saying = False
        """True while what is said waits for the end of the work that says it."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._faults: Tap | None = None
        self._arms = runtime.world.faults
        self._stalled = False
        self._broken = False
        self._over = False
        self._seconds_per_line = 0.0
        self._loses_events = runtime.quirks.on("bursts_lose_events")
        self._loses_pieces = runtime.quirks.on("pieces_lose_lines")
        queues = self._loses_pieces or runtime.quirks.on("eof_loses_answers")
        self._memory = transport if isinstance(transport, MemoryTransport) and not queues else None

    # ---- the life of a connection ----------------------------------------------------------------------------------------------------

    async def serve(self) -> None:
        """Read and answer until the client ends its side, then let go of everything that belongs to this connection."""
        try:
            await self._read()
        except ConnectionError:
            self.runtime.connection_lost(self)
        except asyncio.CancelledError:
            self._let_go()
            raise
        finally:
            try:
                await self._end()
            finally:
                self._let_go()

    def _let_go(self) -> None:
        """Stop writing, whatever is not written yet: whoever lets go of the connection leaves nothing behind that takes its time."""
        if self._writer is not None:
            self._outbox.clear()
            self._writer.cancel()

    async def _read(self) -> None:
        while data := await self._transport.receive():
            self.saying(partial(self._take_all, data))
        for message in self._peer.receive_eof():
            self._take(message)
        if self.runtime.quirks.on("eof_loses_answers"):
            self._outbox[:] = filter(_comes_always, self._outbox)

    def _take_all(self, data: bytes) -> None:
        try:
            messages = self._peer.receive(data)
        except (FatalInput, LineTooLong) as error:
            self.runtime.fatal_input = str(error)
            raise ConnectionAbortedError(str(error)) from error
        for message in messages:
            self._take(message)

    def saying(self, work: Callable[[], None]) -> None:
        """Do work that says something; all of it leaves at the end, in one write."""
        self._saying = True
        try:
            work()
        finally:
            self._saying = False
        self._leave()

    async def _end(self) -> None:
        """Stop what is in flight, write what is written already, close."""
        self.closed = True
        self.runtime.connection_closed(self)
        await self._dispatch.stop(0 if self._broken else GRACE_SECONDS)
        for answer in self._answers.values():
            answer.cancel()
        if self._tasks:
            for task in tuple(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._outbox or self._writer is not None:
            await asyncio.gather(self._writing_on(), return_exceptions=True)
        self._over = True
        await self._transport.close()

    def part(self, why: str) -> None:
        """End the connection and tell the client why, where a transport can."""
        leave = getattr(self._transport, "leave", None)
        if leave is not None:
            leave(why)
        self.break_off()

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
        tap = self.tap
        if tap is None:
            self.take(message)
        elif not tap.holds(message):
            self.take(message)
            tap.taken(message)

    def take(self, message: Message) -> None:
        """Act on a message of the client."""
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
        tap = self.tap
        if tap is None:
            self.put(line)
        else:
            tap.send(line)

    def offer(self, line: bytes) -> None:
        """Queue the line of an event; it is lost if the queue is full, as the journal shows."""
        if self.full:
            self.runtime.note(self, "out", line, "lost: the queue of notifications is full")
        else:
            self.say(line)

    def put(self, line: bytes, mark: str = "") -> None:
        """Queue bytes as they are; `mark` says in the journal what is unusual about them."""
        if self.closed or self._stalled:
            return
        self._note(line, mark)
        self._queue(line)

    def _note(self, line: bytes, mark: str) -> None:
        """Put a line into the journal; where lines may overtake each other, once it reaches the client."""
        if self._announce is None:
            self._journal.record(self._now(), self.number, "out", line, mark)
        else:
            self._announce(len(line), lambda: self.runtime.note(self, "out", line, mark))

    def _queue(self, data: bytes) -> None:
        self._outbox.append(data)
        self._unwritten += len(data)
        self._due = True
        if self._saying:
            return
        if self._memory is None:
            self._writing_on()
        elif not self._leaving:
            self._leaving = True
            asyncio.get_running_loop().call_soon(self._leave)

    def _leave(self) -> None:
        """Let go of what was said: at once where the other end takes it, which saves passes of the loop."""
        self._leaving = False
        if not (self._due and self._outbox):
            return
        memory = self._memory
        odd = self._writing or self._seconds_per_line or _CUT in self._outbox
        if memory is None or odd or memory.closed or not memory.has_room:
            self._writing_on()
            return
        memory.hand_over(self._next_write())
        self._due = False
        self._unwritten = 0
        self._written.set()

    @property
    def congested(self) -> bool:
        """True when whoever emits many lines should wait for `drained` first."""
        return self._unwritten > OUTBOX_BYTES

    @property
    def full(self) -> bool:
        """True when what the client does not read begins to be lost; by default whoever emits waits instead."""
        return self._loses_events and len(self._outbox) >= NOTIFICATIONS_HELD

    async def drained(self) -> None:
        """Wait until the client has read enough, or has gone; where bursts lose events only as long as a client that reads needs."""
        if self._loses_events:
            await self._glanced()
            return
        while self.congested and not self.closed:
            self._written.clear()
            await self._written.wait()

    async def _glanced(self) -> None:
        """Give a client that reads the time it needs; one that has not read since the last glance gets none."""
        if self._written.is_set():
            self._written.clear()
            for _ in range(READING_PASSES):
                await asyncio.sleep(0)

    def _writing_on(self) -> asyncio.Task[None]:
        """Return the writer, which looks at the outbox again."""
        if self._writer is None:
            self._writer = asyncio.ensure_future(self._write())
        self._wake_writer.set()
        return self._writer

    async def _write(self) -> None:
        try:
            while not (self.closed and not self._outbox):
                await self._wake_writer.wait()
                self._wake_writer.clear()
                self._due = False
                self._writing = True
                while self._outbox:
                    cut = _CUT in self._outbox
                    data = self._next_write()
                    if self._loses_pieces:
                        self._peer.lose_partial_line()
                    await self._transport.send(data)
                    self._unwritten -= len(data)
                    self._written.set()
                    if cut:
                        await self._read_by_client()
                    if self._seconds_per_line:
                        await self.runtime.clock.pause(self._seconds_per_line, "the client reads slowly")
                self._writing = False
        except ConnectionError:
            self._outbox.clear()
        finally:
            self._unwritten = 0
            self._written.set()
            if self._broken:
                await self._transport.close()

    @staticmethod
    async def _read_by_client() -> None:
        """Let a client in the same event loop read what has left; one that is elsewhere gets two writes all the same."""
        for _ in range(3):
            await asyncio.sleep(0)

    def _next_write(self) -> bytes:
        """Return what leaves in one write: everything, up to a cut; a slow reader takes one line at a time."""
        outbox = self._outbox
        if self._seconds_per_line or _CUT in outbox:
            end = 1 if self._seconds_per_line else outbox.index(_CUT)
            data = b"".join(outbox[:end])
            del outbox[: end if self._seconds_per_line else end + 1]
            return data
        data = b"".join(outbox)
        outbox.clear()
        return data

    # ---- faults ----------------------------------------------------------------------------------------------------------------------

    @property
    def tap(self) -> Tap | None:
        """What faults do to the lines of this connection; None while none is on."""
        if self._faults is None and self._arms is not None and self._arms.armed:
            from meerkat_mock.faulting.tap import Tap

            self._faults = Tap(self._arms, self)
        return self._faults

    def put_in_two(self, line: bytes, at: int, mark: str) -> None:
        """Queue a line that leaves in two writes."""
        if self.closed or self._stalled:
            return
        self._note(line, mark)
        self._queue(line[:at])
        self._outbox.append(_CUT)
        self._queue(line[at:])

    def put_with_next(self, line: bytes, mark: str) -> None:
        """Queue a line that leaves in one write with the next one, if there is one soon."""
        if self.closed or self._stalled:
            return
        self._note(line, mark)
        self._outbox.append(line)
        self._unwritten += len(line)
        clock = self.runtime.clock
        clock.at(clock.now() + JOINED_SECONDS, "pause", "a line waits for the one it is joined with", self._joined)

    def _joined(self) -> None:
        self._writing_on()

    def break_off(self) -> None:
        """End the connection once what is queued has left, in whatever state that is."""
        self.closed = True
        self._broken = True
        if not self._over:
            self._writing_on()

    def reset(self) -> None:
        """Break the connection: what has not left is lost."""
        self._outbox.clear()
        self.break_off()
        reset = getattr(self._transport, "reset", None)
        if reset is not None:
            reset()

    def die(self) -> None:
        """End with the process: what has left stays readable, the rest is lost."""
        self._outbox.clear()
        self.break_off()

    def stall(self) -> None:
        """Send nothing any more, and keep the connection."""
        self._stalled = True

    def slow_down(self, seconds_per_line: float) -> None:
        """Let the client take one line at a time, so many seconds each."""
        self._seconds_per_line = seconds_per_line

    # ---- hangs -----------------------------------------------------------------------------------------------------------------------

    def waits(self) -> list[str]:
        """Say what is under way here, for a person: requests that are not answered, on both sides."""
        turns = ", ".join(sorted(self.runtime.turns.sessions())) or "none"
        parked = [f"the client waits for the answer to {each} (running turns: {turns})" for each in self._dispatch.parked()]
        asked = [f"the mock waits for the client's answer to its request {each}" for each in self._answers]
        stalled = ["a fault keeps everything back from the client"] if self._stalled else []
        return [*parked, *asked, *stalled, *(self._faults.waits if self._faults is not None else ())]

    def give_up(self, error: RpcError) -> bool:
        """Answer everything that the client waits for with an error; return whether there was anything."""
        self._stalled = False
        return self._dispatch.give_up(error)

    # ---- requests to the client ------------------------------------------------------------------------------------------------------

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
        self.say(result.answer(request_id) if isinstance(result, Constant) else Peer.result(request_id, result))

    def refuse(self, request_id: RequestId, error: RpcError) -> None:
        """Send an error answer."""
        self.say(Peer.failure(request_id, error))


def _comes_always(line: bytes) -> bool:
    """Tell whether a line is written even when the input has ended: the answers that the reader itself gives (spec 01, section 13.4)."""
    message: JsonObject = json.loads(line)
    error, result = message.get("error"), message.get("result")
    unreadable = isinstance(error, dict) and error.get("code") == -32700
    return unreadable or (isinstance(result, dict) and result.keys() == {"registered"})
