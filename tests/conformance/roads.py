"""The ways to a server under test: as a child process, or inside this one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

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

    async def close(self) -> None:
        """End the server if it still runs."""


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

    async def close(self) -> None:
        if self._process.returncode is None:
            try:
                await asyncio.wait_for(self._process.wait(), 1)
            except asyncio.TimeoutError:
                self._process.kill()
                await self._process.wait()
