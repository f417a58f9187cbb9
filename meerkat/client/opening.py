"""From connect options to a transport: an interceptor, a socket, or a child process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from meerkat.client import binary
from meerkat.errors import ConnectionLostError, ServerStartError
from meerkat.transports import interception
from meerkat.transports.stdio import StdioTransport
from meerkat.transports.tcp import TcpTransport

if TYPE_CHECKING:
    from meerkat.client.options import ConnectOptions
    from meerkat.transports.base import Transport

LEGACY_NAME = "rkat"
"""An executable of this name is the old all-in-one command, which does not serve this contract (spec 08, D-43)."""


async def open_transport(options: ConnectOptions) -> Transport:
    """Return a connected transport. An interceptor is asked first, and then no executable is looked for.

    Raises `ServerStartError` when there is no executable or the system refuses to start it, `ConnectionLostError` when nobody
    listens at the address.
    """
    intercepted = interception.intercept(options)
    if intercepted is not None:
        return intercepted
    if options.tcp is not None:
        return await _connected(options.tcp)
    return await _started(options)


async def _connected(address: str) -> Transport:
    try:
        return await TcpTransport.open(address)
    except ValueError as error:
        raise ServerStartError("INVALID_ARGS", f"tcp: {error}") from error
    except OSError as error:
        raise ConnectionLostError(f"no server answers at {address}: {error}") from error


async def _started(options: ConnectOptions) -> Transport:
    executable = await binary.find(options.rkat_path)
    if Path(executable).name == LEGACY_NAME:
        raise ServerStartError(
            "LEGACY_BINARY_UNSUPPORTED", f"'{executable}' does not serve JSON-RPC. Install the standalone rkat-rpc binary and retry."
        )
    env = {**os.environ, **options.env} if options.env is not None else None
    try:
        return await StdioTransport.start([executable, *options.flags()], env=env, cwd=options.cwd)
    except OSError as error:
        raise ServerStartError("BINARY_START_FAILED", f"'{executable}' could not be started: {error}") from error
