"""The server as a child process: lines over its standard streams, what it said on stderr kept, and an orderly end.

Owns the process from start to exit status. The child gets a session of its own, so that Ctrl-C in the terminal reaches the
application alone and the application decides. Shutdown is end-of-file first, since that is what the server tidies up on;
signals come only when it does not go by itself (spec 01, section 13.4; spec 08, section 0).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

STDERR_TAIL_BYTES = 16 * 1024
"""How much of the end of the child's standard error is kept for error messages; the rest is read and thrown away."""

UNREAD_LIMIT_BYTES = 8 * 1024 * 1024
"""Output of the child that nobody has taken yet; beyond it reading pauses, and the child waits once its pipe is full."""

PIPE_BYTES = 1024 * 1024
"""The size the output pipe is asked to have, where the system allows: fewer, larger reads while events stream."""

READ_BYTES = 32 * 1024
"""How much is read at a time at most: a hundred events, which stay near the processor until they are consumed; larger reads take longer."""

QUIET_EXIT_S = 2.0
"""How long `close` waits after end-of-file before SIGTERM: an idle server needs some ten milliseconds."""

TERMINATED_EXIT_S = 3.0
"""How long `close` waits after SIGTERM before SIGKILL; the server dies of the first at once."""

LAST_WORDS_S = 1.0
"""How long `settle` waits for the exit status after the output ended."""


def close_late_pipes(transport: asyncio.BaseTransport) -> bool:
    """Close the pipes of a child whose start was cancelled before they were connected; return whether it was. For `connection_made`.

    asyncio closes those that are connected by then and waits for the end of all: for ever, where a child of the child holds one.
    """
    process = cast("asyncio.SubprocessTransport", transport)
    if not process.is_closing():
        return False
    for fd in (0, 1, 2):
        pipe = process.get_pipe_transport(fd)
        if pipe is not None:
            pipe.close()
    return True


class StdioTransport(asyncio.SubprocessProtocol):
    """A running child; make one with `start`."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self._chunks: list[bytes] = []
        self._unread = 0
        self._ended = False
        self._reader: asyncio.Future[None] | None = None
        self._paused = False
        self._output_fd: int | None = None
        """The output pipe, while it is read here and not by asyncio."""
        self._writable: asyncio.Future[None] | None = None
        self._stderr = bytearray()
        self._open_pipes = {1, 2}
        self._exited = loop.create_future()
        self._process: asyncio.SubprocessTransport | None = None
        self._closing: asyncio.Task[None] | None = None
        self.listener: Callable[[bytes], None] | None = None
        """Takes output as it comes, in place of `receive`, which then only tells the end: one turn of the event loop less per answer."""
        self.patience_s = QUIET_EXIT_S
        """How long `close` waits after end-of-file; raise it while a turn runs, which the server gives five seconds."""

    @classmethod
    async def start(cls, command: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: str | None = None) -> StdioTransport:
        """Start `command` with pipes for its standard streams. Raises `OSError` when the system refuses; leaves no child behind then."""
        loop = asyncio.get_running_loop()
        environment = None if env is None else dict(env)
        if sys.platform == "win32":
            group = subprocess.CREATE_NEW_PROCESS_GROUP
            _, protocol = await loop.subprocess_exec(cls, *command, env=environment, cwd=cwd, creationflags=group)
        else:
            _, protocol = await loop.subprocess_exec(cls, *command, env=environment, cwd=cwd, start_new_session=True)
        return protocol

    def _readable(self) -> None:
        assert self._output_fd is not None
        try:
            data = os.read(self._output_fd, READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if data:
            self.pipe_data_received(1, data)
        else:
            self._hand_back_output()

    def _hand_back_output(self) -> None:
        """Let asyncio find the end of the output, or close it."""
        fd, self._output_fd = self._output_fd, None
        if fd is not None:
            asyncio.get_running_loop().remove_reader(fd)
            self._output().resume_reading()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the process."""
        self._process = process = cast("asyncio.SubprocessTransport", transport)
        if close_late_pipes(process):
            return
        _widen(process)
        output = self._output()
        if output.get_extra_info("pipe") is not None:
            output.pause_reading()
            # what asyncio has read already comes first, and is on its way for so many passes of the event loop
            self._take_over_output(passes=3)

    def _take_over_output(self, passes: int) -> None:
        """Read the output here, soon: asyncio hands a child's output on through two more passes of the event loop, per answer."""
        loop = asyncio.get_running_loop()
        if passes:
            loop.call_soon(self._take_over_output, passes - 1)
            return
        output = self._output()
        if output.is_closing() or self._paused:
            return
        fd = output.get_extra_info("pipe").fileno()
        try:
            loop.add_reader(fd, self._readable)
        except (NotImplementedError, RuntimeError):
            output.resume_reading()  # an event loop that keeps its pipes to itself
        else:
            self._output_fd = fd

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Keep output for `receive`, and the tail of standard error."""
        if fd == 1:
            if self.listener is not None:
                self.listener(data)
                return
            self._chunks.append(data)
            self._unread += len(data)
            if self._reader is not None and not self._reader.done():
                self._reader.set_result(None)
            if self._unread > UNREAD_LIMIT_BYTES and not self._paused:
                self._paused = True
                self._pause()
            return
        self._stderr += data
        if len(self._stderr) > 2 * STDERR_TAIL_BYTES:
            del self._stderr[:-STDERR_TAIL_BYTES]

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        """Note the end of one stream."""
        self._open_pipes.discard(fd)
        if fd == 1:
            self._ended = True
            if self._reader is not None and not self._reader.done():
                self._reader.set_result(None)
        if fd == 0:
            self.resume_writing()

    def process_exited(self) -> None:
        """Note that the child is gone; its output may still hold something."""
        if not self._exited.done():
            self._exited.set_result(None)
        self.resume_writing()

    def pause_writing(self) -> None:
        """Make writers wait: the pipe to the child is full."""
        if self._writable is None:
            self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """Let writers go on."""
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    # What the connection calls

    async def send(self, data: bytes) -> None:
        """Write `data` in one call, then wait while the pipe is full. Raises `ConnectionError`."""
        stdin = self._input()
        if self._exited.done() or stdin is None or stdin.is_closing():
            raise BrokenPipeError("the server's standard input is closed")
        stdin.write(data)
        if self._writable is not None:
            await asyncio.shield(self._writable)

    async def receive(self) -> bytes:
        """Return all output that has arrived, waiting for some; `b""` once the child has closed it."""
        while not self._chunks:
            if self._ended:
                return b""
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        chunks, self._chunks = self._chunks, []
        self._unread = 0
        if self._paused:
            self._paused = False
            if not self._ended:
                self._resume()
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    def _pause(self) -> None:
        if self._output_fd is None:
            self._output().pause_reading()
        else:
            asyncio.get_running_loop().remove_reader(self._output_fd)

    def _resume(self) -> None:
        if self._output_fd is None:
            self._output().resume_reading()
        else:
            asyncio.get_running_loop().add_reader(self._output_fd, self._readable)

    async def settle(self) -> None:
        """Give a dying child a moment to leave its exit status and its last words."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._exited), LAST_WORDS_S)
        # the exit is often noticed before the last of standard error is read
        for _ in range(20):
            if 2 not in self._open_pipes or not self._exited.done():
                return
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        """End the child: end-of-file, `patience_s`, SIGTERM, SIGKILL; returns when it is gone. Never raises; may be repeated."""
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._end())
        # shielded: a cancelled caller must not leave the child half ended
        await asyncio.shield(self._closing)

    async def _end(self) -> None:
        process = self._process
        if process is None:
            return
        stdin = self._input()
        if stdin is not None:
            stdin.close()
        # nobody reads any more: what still comes is taken and dropped, or the child could block on a full pipe
        drain = asyncio.ensure_future(self._drain())
        try:
            for wait_s, signal in ((self.patience_s, process.terminate), (TERMINATED_EXIT_S, process.kill), (None, None)):
                try:
                    await asyncio.wait_for(asyncio.shield(self._exited), wait_s)
                    break
                except asyncio.TimeoutError:
                    if signal is not None:
                        with contextlib.suppress(ProcessLookupError):
                            signal()
        finally:
            drain.cancel()
            self._hand_back_output()
            process.close()

    async def _drain(self) -> None:
        while await self.receive():
            pass

    # What is left behind

    @property
    def exit_status(self) -> int | None:
        """The exit status, negative for a signal; None while the child runs."""
        return None if self._process is None else self._process.get_returncode()

    @property
    def stderr_tail(self) -> str:
        """The end of what the child wrote to standard error, at most `STDERR_TAIL_BYTES`."""
        return bytes(self._stderr[-STDERR_TAIL_BYTES:]).decode("utf-8", "replace")

    @property
    def pid(self) -> int | None:
        """The process id of the child."""
        return None if self._process is None else self._process.get_pid()

    def farewell(self) -> str:
        """Say how the child ended."""
        return "its standard output ended" if self.exit_status is None else "the process ended"

    def _input(self) -> asyncio.WriteTransport | None:
        pipe = None if self._process is None else self._process.get_pipe_transport(0)
        return cast("asyncio.WriteTransport | None", pipe)

    def _output(self) -> asyncio.ReadTransport:
        process = cast("asyncio.SubprocessTransport", self._process)
        return cast("asyncio.ReadTransport", process.get_pipe_transport(1))


def _widen(process: asyncio.SubprocessTransport) -> None:
    """Ask for a larger output pipe; a system that refuses keeps its own size."""
    if sys.platform != "linux":
        return
    import fcntl

    output = process.get_pipe_transport(1)
    pipe = None if output is None else output.get_extra_info("pipe")
    if pipe is not None:
        # ValueError: the child is gone already, and its pipe closed
        with contextlib.suppress(OSError, AttributeError, ValueError):
            fcntl.fcntl(pipe.fileno(), getattr(fcntl, "F_SETPIPE_SZ", 1031), PIPE_BYTES)
