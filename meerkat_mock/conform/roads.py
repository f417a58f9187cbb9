"""The ways to a server under test: as a child process, or inside this one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from meerkat_mock import subprocesses
from meerkat_mock.process.commandline import read_command_line
from meerkat_mock.process.world import world_for
from meerkat_mock.server import Server

if TYPE_CHECKING:
    from meerkat.transports.memory import MemoryTransport
    from meerkat_mock.runtime import World

LINE_BYTES = 1 << 28
"""Longest line that is read from a server: larger than the contract's limit, so that its breach is seen and not suffered."""
STDERR_TAIL_BYTES = 4096
"""How much of the end of a server's standard error is kept."""
EXIT_S = 1.0
"""How long a server may take to end after its output ended, before it is killed."""


class ServerFailed(Exception):
    """A server that could not be started, or that cannot be listened to any longer; the message says why."""


@dataclass(frozen=True)
class Start:
    """What a server is started with: an empty state root, further arguments, and what it finds in its environment."""

    root: str
    args: Sequence[str]
    env: Mapping[str, str]

    def argv(self) -> list[str]:
        """Return all arguments, those of the state root first."""
        return ["--isolated", "--state-root", self.root, "--user-config-root", self.root, *self.args]


class Road(Protocol):
    """An open connection to one fresh server."""

    async def send(self, line: bytes) -> None:
        """Write one line. Raises `ConnectionError` when nobody reads any more."""

    async def receive(self) -> bytes:
        """Return the next line, `b""` at the end. Raises `ServerFailed` for a line past all limits."""
        ...

    async def end_input(self) -> None:
        """Tell the server that no more lines will come."""

    async def close(self) -> list[str]:
        """End the server if it still runs; return what it has to say against itself."""
        ...

    def last_words(self) -> str:
        """Return how the server ended, with the end of its standard error; empty if there is nothing to say."""
        ...


Connect: TypeAlias = "Callable[[Start], Awaitable[Road]]"
"""Starts a fresh server. Raises `ServerFailed`."""


class ChildProcess:
    """A server in a process of its own, spoken to over its standard streams."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._stderr = bytearray()
        self._overhearing = asyncio.ensure_future(self._overhear())
        self._killed = False

    @classmethod
    def command(cls, *words: str) -> Connect:
        """Return a way to start this command; files that it names are looked up here, though the server starts elsewhere."""
        program, *arguments = words
        # a program without a folder is looked up on the PATH
        words = (_found(program) if os.path.dirname(program) else program, *map(_found, arguments))

        async def connect(start: Start) -> Road:
            starting = asyncio.ensure_future(_started(words, start))
            try:
                return cls(await asyncio.shield(starting))
            except OSError as error:
                raise ServerFailed(f"{words[0]} cannot be started: {error.strerror or error}") from error
            except asyncio.CancelledError:
                # a process that is half started can be ended by nobody
                await cls(await starting).close()
                raise

        return connect

    async def _overhear(self) -> None:
        assert self._process.stderr
        while data := await self._process.stderr.read(1 << 16):
            self._stderr += data
            del self._stderr[:-STDERR_TAIL_BYTES]

    async def send(self, line: bytes) -> None:
        """Write one line. Raises `ConnectionError` when nobody reads any more."""
        assert self._process.stdin
        self._process.stdin.write(line)
        await self._process.stdin.drain()

    async def receive(self) -> bytes:
        """Return the next line, `b""` at the end. Raises `ServerFailed`."""
        assert self._process.stdout
        try:
            return await self._process.stdout.readline()
        except ValueError as error:
            raise ServerFailed(f"the server wrote a line of more than {LINE_BYTES} bytes") from error

    async def end_input(self) -> None:
        """Close the standard input."""
        assert self._process.stdin
        self._process.stdin.close()

    async def close(self) -> list[str]:
        """End the process with all that it started; it may go by itself first."""
        await self.end_input()
        try:
            await asyncio.wait_for(self._process.wait(), EXIT_S)
        except asyncio.TimeoutError:
            self._killed = True
            self._kill()
            await self._process.wait()
        # to the end of what it wrote: a pipe that is left open outlives the loop
        listening = (self._overhearing, asyncio.ensure_future(self._read_out()))
        await asyncio.wait(listening, timeout=EXIT_S)
        for each in listening:
            each.cancel()
        await asyncio.gather(*listening, return_exceptions=True)
        return []

    async def _read_out(self) -> None:
        assert self._process.stdout
        while await self._process.stdout.read(1 << 16):
            pass

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self._process.pid, signal.SIGKILL)

    def last_words(self) -> str:
        """Return the exit status and the end of the standard error."""
        status = self._process.returncode
        how = "the server was killed" if self._killed else "the server runs" if status is None else f"the server ended with status {status}"
        tail = bytes(self._stderr).decode("utf-8", "replace").strip()
        return f"{how}; its standard error ended:\n{tail}" if tail else f"{how} and wrote nothing to its standard error"


class InMemory:
    """The mock inside this process, spoken to in the bytes that a pipe would carry."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._transport: MemoryTransport = server.connect()
        self._lines: list[bytes] = []
        self._rest = b""

    @classmethod
    async def connect(cls, start: Start) -> Road:
        """Start a mock as its executable does, but without a process of its own."""
        return cls(Server(world_of(start)))

    async def send(self, line: bytes) -> None:
        """Hand one line to the mock."""
        await self._transport.send(line)

    async def receive(self) -> bytes:
        """Return the next line of the mock, `b""` at the end."""
        while not self._lines:
            data = await self._transport.receive()
            if not data:
                data, self._rest = self._rest, b""
                return data
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._lines += [line + b"\n" for line in lines]
        return self._lines.pop(0)

    async def end_input(self) -> None:
        """Let the mock read the end of its input."""
        self._transport.end_sending()

    async def close(self) -> list[str]:
        """End the mock; return what it holds against itself."""
        await self._transport.close()
        await self._server.close()
        return [str(violation) for violation in self._server.runtime.violations]

    def last_words(self) -> str:
        """Return nothing: nobody wrote to a standard error."""
        return ""


async def _started(words: Sequence[str], start: Start) -> asyncio.subprocess.Process:
    return await subprocesses.start(*words, *start.argv(), cwd=start.root, env={**os.environ, **start.env}, limit=LINE_BYTES)


def _found(word: str) -> str:
    """Return the absolute path of a file, and any other word as it is."""
    return os.path.abspath(word) if os.path.isfile(word) else word


def world_of(start: Start) -> World:
    """Return the world of the mock's executable when it is started so."""
    return world_for(read_command_line(start.argv()), {**os.environ, **start.env})
