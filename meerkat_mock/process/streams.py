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
        self._loop = asyncio.get_running_loop()
        self._watched = not ended and _pollable(stdin)
        if self._watched:
            os.set_blocking(stdin, False)
        if _pollable(stdout):
            os.set_blocking(stdout, False)

    async def receive(self) -> bytes:
        """Return the next bytes, `b""` at the end of stdin."""
        if self._unread:
            data, self._unread = self._unread, b""
            return data
        if self._ended:
            return b""
        if not self._watched:
            return await self._loop.run_in_executor(None, os.read, self._stdin, _CHUNK)
        while True:
            try:
                return os.read(self._stdin, _CHUNK)
            except BlockingIOError:
                await self._ready(self._loop.add_reader, self._loop.remove_reader, self._stdin)

    async def send(self, data: bytes) -> None:
        """Write everything, waiting while the reader is slow. Raises `BrokenPipeError` when nobody reads any more."""
        view = memoryview(data)
        while view:
            try:
                view = view[os.write(self._stdout, view) :]
            except BlockingIOError:
                await self._ready(self._loop.add_writer, self._loop.remove_writer, self._stdout)

    @staticmethod
    async def _ready(watch: Callable[[int, Callable[[], None]], None], unwatch: Callable[[int], bool], descriptor: int) -> None:
        ready = asyncio.Event()
        watch(descriptor, ready.set)
        try:
            await ready.wait()
        finally:
            unwatch(descriptor)

    async def close(self) -> None:
        """Leave the streams as they were found."""
        for descriptor in (self._stdin, self._stdout):
            if _pollable(descriptor):
                os.set_blocking(descriptor, True)

    def farewell(self) -> str:
        """Return nothing: a process does not outlive its streams."""
        return ""


def _pollable(descriptor: int) -> bool:
    mode = os.fstat(descriptor).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stat.S_ISCHR(mode)
