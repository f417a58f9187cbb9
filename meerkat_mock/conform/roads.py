"""The ways to a server under test: as a child process, or inside this one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from meerkat_mock.process.commandline import read_command_line
from meerkat_mock.process.world import world_for
from meerkat_mock.server import Server

if TYPE_CHECKING:
    from meerkat.transports.memory import MemoryTransport

LINE_BYTES = 1 << 28
"""Longest line that is read from a server: larger than the contract's limit, so that its breach is seen and not suffered."""


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
        """Return the next line, `b""` at the end."""
        ...

    async def end_input(self) -> None:
        """Tell the server that no more lines will come."""

    async def close(self) -> list[str]:
        """End the server if it still runs; return what it has to say against itself."""
        ...


Connect = Callable[[Start], Awaitable[Road]]


class ChildProcess:
    """A server in a process of its own, spoken to over its standard streams."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    def command(cls, *words: str) -> Connect:
        """Return a way to start this command."""

        async def connect(start: Start) -> Road:
            pipe, away = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
            return cls(
                await asyncio.create_subprocess_exec(
                    *words,
                    *start.argv(),
                    stdin=pipe,
                    stdout=pipe,
                    stderr=away,
                    cwd=start.root,
                    env={**os.environ, **start.env},
                    limit=LINE_BYTES,
                )
            )

        return connect

    async def send(self, line: bytes) -> None:
        assert self._process.stdin
        self._process.stdin.write(line)
        await self._process.stdin.drain()

    async def receive(self) -> bytes:
        assert self._process.stdout
        return await self._process.stdout.readline()

    async def end_input(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()

    async def close(self) -> list[str]:
        if self._process.returncode is None:
            try:
                await asyncio.wait_for(self._process.wait(), 1)
            except asyncio.TimeoutError:
                self._process.kill()
                await self._process.wait()
        return []


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
        return cls(Server(world_for(read_command_line(start.argv()), {**os.environ, **start.env})))

    async def send(self, line: bytes) -> None:
        await self._transport.send(line)

    async def receive(self) -> bytes:
        while not self._lines:
            data = await self._transport.receive()
            if not data:
                data, self._rest = self._rest, b""
                return data
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._lines += [line + b"\n" for line in lines]
        return self._lines.pop(0)

    async def end_input(self) -> None:
        self._transport.end_sending()

    async def close(self) -> list[str]:
        await self._transport.close()
        await self._server.close()
        return [violation.render() for violation in self._server.runtime.violations]
