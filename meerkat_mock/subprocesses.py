"""Child processes of the mock's own: hooks, MCP servers, servers under comparison. `asyncio.create_subprocess_exec`, safe to cancel."""

from __future__ import annotations

import asyncio
import asyncio.subprocess
from typing import TYPE_CHECKING, Final

from meerkat.transports.stdio import close_late_pipes

if TYPE_CHECKING:
    from collections.abc import Mapping

PIPE: Final = asyncio.subprocess.PIPE
DEVNULL: Final = asyncio.subprocess.DEVNULL
LINE_LIMIT_BYTES: Final = 64 * 1024


class _Protocol(asyncio.subprocess.SubprocessStreamProtocol):
    """What asyncio uses itself, for a start that may be cancelled."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the pipes, or close them."""
        super().connection_made(transport)
        close_late_pipes(transport)


async def start(
    *command: str,
    env: Mapping[str, str],
    stderr: int = PIPE,
    cwd: str | None = None,
    limit: int = LINE_LIMIT_BYTES,
    own_session: bool = True,
) -> asyncio.subprocess.Process:
    """Start a command with pipes for its input and output. Raises `OSError` when the system refuses.

    `limit` is the longest line that its readers take, in bytes; with `own_session` signals of the terminal do not reach it.
    """
    # as asyncio does it, which lets nobody choose the protocol
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.subprocess_exec(
        lambda: _Protocol(limit=limit, loop=loop),
        *command,
        stdin=PIPE,
        stdout=PIPE,
        stderr=stderr,
        env=dict(env),
        cwd=cwd,
        start_new_session=own_session,
    )
    return asyncio.subprocess.Process(transport, protocol, loop)
