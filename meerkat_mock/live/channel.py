"""One live channel: its state, and the loop between its socket and its adapter (spec 07, sections 2 and 4)."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Literal, cast

from meerkat_mock.live.adapter import AdapterClosed, terminal_code
from meerkat_mock.live.chunks import BadFrame, chunk_of
from meerkat_mock.live.observations import STATUS_CLOSED
from meerkat_mock.live.projection import ProjectionFailed
from meerkat_mock.live.sockets import BinaryFrame, Gone, PongFrame, TextFrame

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from meerkat.wire.base import JsonObject
    from meerkat_mock.journal import Direction
    from meerkat_mock.live.adapter import Adapter
    from meerkat_mock.live.outbox import Outbox
    from meerkat_mock.live.sockets import Frame, ServerSocket
    from meerkat_mock.live.writer import SessionWriter

Status = Literal["opening", "ready", "closed"]
CLOSE_LIMIT_SECONDS = 2.0
"""How long `live/close` waits for the provider side (section 3.3)."""


class Channel:
    """A channel from `live/open` on. Only its socket loop moves it from `opening` to `ready`."""

    def __init__(
        self,
        channel_id: str,
        session_id: str,
        model: tuple[str, str],
        adapter: Adapter,
        outbox: Outbox,
        writer: SessionWriter,
        run_tool: Callable[[JsonObject], Awaitable[bool]],
        crossed: Callable[[Channel, Direction, str | int], None],
        closed: Callable[[Channel], None],
    ) -> None:
        self.id = channel_id
        self.session_id = session_id
        self.model, self.provider = model
        self.adapter = adapter
        self.status: Status = "opening"
        self._outbox = outbox
        self._writer = writer
        self._run_tool = run_tool
        self._crossed = crossed
        self._closed = closed
        self._loop: asyncio.Task[None] | None = None
        self._dead = False
        """True after `live/close`: a socket that comes then is dropped without a word."""

    @property
    def shown_status(self) -> str:
        """The status as error texts spell it."""
        return self.status.capitalize()

    # ---- ending ----------------------------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """End the channel: its socket is dropped, then the provider connection. May be called any number of times."""
        self._dead = True
        self._end()
        task, self._loop = self._loop, None
        if task is not None and task is not asyncio.current_task():
            task.cancel()
            await asyncio.wait((task,), timeout=CLOSE_LIMIT_SECONDS)

    def condemn(self, observation: JsonObject) -> None:
        """End the channel from inside the runtime with an `error`; a client that connects later still gets it (section 4.2)."""
        connected = self.status == "ready"
        if not connected and not self.adapter.closed:
            self._outbox.clear()
        self.adapter.fail(observation)
        if not connected:
            self._end()

    def _end(self) -> None:
        self.adapter.close()
        if self.status != "closed":
            self.status = "closed"
        self._closed(self)

    # ---- the socket ------------------------------------------------------------------------------------------------------------------

    async def serve(self, socket: ServerSocket, *, binary: bool) -> None:
        """Serve the one socket of this channel to its end; `binary` says if a format for audio was agreed on."""
        if self._dead:
            await socket.drop()
            return
        self._loop = cast("asyncio.Task[None]", asyncio.current_task())
        incoming = asyncio.ensure_future(socket.receive())
        try:
            while True:
                if self._outbox:
                    if not await self._write(self._outbox.take(), socket):
                        return
                elif incoming.done():
                    if not await self._take(incoming.result(), socket, binary=binary):
                        return
                    incoming = asyncio.ensure_future(socket.receive())
                else:
                    await self._something(incoming)
        finally:
            incoming.cancel()
            self._end()
            await asyncio.shield(asyncio.ensure_future(socket.drop()))

    async def _something(self, incoming: asyncio.Future[Frame]) -> None:
        """Wait until there is something to write or to take."""
        self._outbox.arrived.clear()
        arrived = asyncio.ensure_future(self._outbox.arrived.wait())
        try:
            await asyncio.wait((incoming, arrived), return_when=asyncio.FIRST_COMPLETED)
        finally:
            arrived.cancel()

    async def _write(self, observation: JsonObject, socket: ServerSocket) -> bool:
        """Send an observation, then let it take effect; return whether the loop goes on."""
        if observation["observation"] == "ready":
            self.status = "ready"
        await self._say(observation, socket)
        code = terminal_code(observation)
        if code is not None:
            self._end()
            await socket.close(1008, f"terminal:{code}")
            return False
        if observation == STATUS_CLOSED:
            return False
        try:
            await self._writer.apply(observation)
        except ProjectionFailed:
            return False
        if observation["observation"] == "tool_call_requested":
            self.adapter.tool_answered(succeeded=await self._run_tool(observation))
        return True

    async def _say(self, frame: JsonObject, socket: ServerSocket) -> None:
        text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        self._crossed(self, "out", text)
        await socket.send(text)

    async def _take(self, frame: Frame, socket: ServerSocket, *, binary: bool) -> bool:
        """Handle a frame of the client; return whether the loop goes on."""
        match frame:
            case Gone():
                return False
            case PongFrame():
                await socket.close(1003, "unsupported_frame")
                return False
            case BinaryFrame() if not binary:
                self._crossed(self, "in", frame.size)
                await socket.close(1008, "binary_format_unnegotiated")
                return False
            case BinaryFrame():
                self._crossed(self, "in", frame.size)
                await self._input(lambda: self.adapter.send_audio(frame.size), socket)
            case TextFrame():
                self._crossed(self, "in", frame.text)
                try:
                    chunk = chunk_of(frame.text)
                except BadFrame:
                    await socket.close(1007, "invalid_frame")
                    return False
                await self._input(lambda: self.adapter.send_input(chunk), socket)
        return True

    async def _input(self, send: Callable[[], None], socket: ServerSocket) -> None:
        if self.status != "ready":
            await self._say({"error": f"channel {self.id} is not ready (status: {self.shown_status})"}, socket)
            return
        try:
            send()
        except AdapterClosed:
            await self._say({"error": "adapter is closed"}, socket)
