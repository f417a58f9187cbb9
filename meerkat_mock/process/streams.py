"""The standard streams as a transport: pipes and terminals through the event loop, plain files through a thread."""

from __future__ import annotations

import asyncio
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_CHUNK = 262_144


class StandardStreams:
    """Stdin and stdout of this process. `opened` connects them; `unread` comes before anything that is read."""

    def __init__(self, stdin: int, stdout: int, unread: bytes = b"", *, ended: bool = False) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self._unread = unread
        self._ended = ended
        self._cut_off = False
        self.broken = False
        """True once nobody reads stdout: the process goes on until the next line or the end of stdin (spec 01, section 13.4)."""
        self._waiting: set[asyncio.Event] = set()
        self._loop = asyncio.get_running_loop()
        self._watched = not ended and _pollable(stdin)
        if self._watched:
            os.set_blocking(stdin, False)
        if _pollable(stdout):
            os.set_blocking(stdout, False)

    @property
    def cut_off(self) -> bool:
        """True if this side ended the conversation while the client could still have said something."""
        return self._cut_off

    async def receive(self) -> bytes:
        """Return the next bytes, `b""` at the end of stdin, or when this side has closed."""
        if self._unread and not self._cut_off:
            data, self._unread = self._unread, b""
            return data
        while not (self._ended or self._cut_off):
            try:
                data = await self._read()
            except BlockingIOError:
                await self._ready(self._loop.add_reader, self._loop.remove_reader, self._stdin)
            else:
                self._ended = not data or (self.broken and b"\n" in data)
                if not self.broken:
                    return data
        return b""

    async def _read(self) -> bytes:
        if self._watched:
            return os.read(self._stdin, _CHUNK)
        return await self._loop.run_in_executor(None, os.read, self._stdin, _CHUNK)

    async def send(self, data: bytes) -> None:
        """Write everything, waiting while the reader is slow. Raises `BrokenPipeError` when nobody reads any more, or after `reset`."""
        view = memoryview(data)
        while view:
            if self._cut_off:
                raise BrokenPipeError("the streams are closed")
            try:
                view = view[os.write(self._stdout, view) :]
            except BlockingIOError:
                await self._ready(self._loop.add_writer, self._loop.remove_writer, self._stdout)
            except BrokenPipeError:
                self.broken = True
                raise

    async def _ready(self, watch: Callable[[int, Callable[[], None]], None], unwatch: Callable[[int], bool], descriptor: int) -> None:
        ready = asyncio.Event()
        self._waiting.add(ready)
        watch(descriptor, ready.set)
        try:
            await ready.wait()
        finally:
            self._waiting.discard(ready)
            unwatch(descriptor)

    async def close(self) -> None:
        """Leave the streams as they were found. Whoever waits for the client waits no longer."""
        self.reset()
        for descriptor in (self._stdin, self._stdout):
            if _pollable(descriptor):
                os.set_blocking(descriptor, True)

    def reset(self) -> None:
        """Break off: nothing more is read or written."""
        self._cut_off = not self._ended
        for waiting in self._waiting:
            waiting.set()

    def farewell(self) -> str:
        """Return nothing: a process does not outlive its streams."""
        return ""


def _pollable(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stat.S_ISCHR(mode)
