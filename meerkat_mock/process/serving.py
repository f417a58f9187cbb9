"""Serves until the client has gone: on the standard streams, or on a TCP address."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import socket
import struct
import sys
from typing import TYPE_CHECKING

from meerkat.transports.tcp import TcpTransport
from meerkat_mock import interrupts
from meerkat_mock.process.commandline import CommandLine, Refused
from meerkat_mock.process.streams import StandardStreams
from meerkat_mock.process.world import KILLED, world_for
from meerkat_mock.server import Server
from meerkat_mock.store import BrokenState
from meerkat_mock.world.model import AsyncModel
from meerkat_mock.world.one_word import ONE_WORD_VARIABLE, OneWord

if TYPE_CHECKING:
    from meerkat_mock.process.prelude import Prelude

MODEL_VARIABLE = "MEERKAT_MOCK_MODEL"
"""Who answers as the model: `scenario`, or `endpoint` for the self-hosted servers of the configuration, over HTTP."""


def run(command: CommandLine, prelude: Prelude) -> int:
    """Serve as the command line asks and return the exit code. Raises `Refused` for what cannot be started."""
    _make_state_root(command.flags.state_root)
    try:
        server = Server(world_for(command))
    except BrokenState as broken:
        raise Refused(f"Error: {broken}", 1) from broken
    _choose_model(server, os.environ.get(MODEL_VARIABLE, ""))
    serving = _serve_stdio(server, prelude) if command.tcp is None else _serve_tcp(server, command.tcp, remote=command.allow_remote)
    return interrupts.run(serving)


def _make_state_root(path: str | None) -> None:
    """Make the parent of the realms if it is missing. Raises `Refused` when it cannot be made (spec 01, section 13.2)."""
    if path is None:
        return
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        name, number = type(error).__name__.removesuffix("Error"), error.errno or 0
        kind = {"FileNotFound": "NotFound", "FileExists": "AlreadyExists", "Permission": "PermissionDenied"}.get(name, name)
        raise Refused(f'Error: Store(Io(Os {{ code: {number}, kind: {kind}, message: "{os.strerror(number)}" }}))', 1) from error


def _choose_model(server: Server, wanted: str) -> None:
    """Leave the model to the scenario, to the one word of a test client, or to the self-hosted servers of the configuration.

    Raises `Refused`.
    """
    if os.environ.get(ONE_WORD_VARIABLE) == "1":
        server.runtime.model = AsyncModel(OneWord())
    elif wanted == "endpoint":
        from meerkat_mock.realserver.client_model import ClientModel

        server.runtime.model = ClientModel(server.runtime.surfaces.config.section)
    elif wanted not in ("", "scenario"):
        raise Refused(f"Error: {MODEL_VARIABLE}={wanted!r} is no way to a model; allowed: scenario (the default), endpoint", 1)


async def _serve_stdio(server: Server, prelude: Prelude) -> int:
    await _listen_for_live(server)
    transport = StandardStreams(sys.stdin.fileno(), sys.stdout.fileno(), prelude.unread, ended=prelude.ended)
    await server.serve(transport, prelude.asked, prelude.answered)
    await server.close()
    if server.runtime.fatal_input:
        sys.stderr.write(f'Error: Io(Custom {{ kind: InvalidData, error: "{server.runtime.fatal_input}" }})\n')
        return 1
    if transport.broken:
        sys.stderr.write('Error: Transport(Io(Os { code: 32, kind: BrokenPipe, message: "Broken pipe" }))\n')
        return 1
    return KILLED if transport.cut_off else 0


async def _serve_tcp(server: Server, address: str, *, remote: bool) -> int:
    host, port = _checked(address, remote=remote)
    await _listen_for_live(server)
    sys.stderr.write(f"rkat-rpc listening on tcp://{address}\n")
    sys.stderr.flush()

    try:
        listener = await asyncio.get_running_loop().create_server(lambda: Accepted(server), host, port)
    except OSError as error:
        name = "AddrInUse" if error.errno == 98 else "Other"
        raise Refused(f'Error: Io(Os {{ code: {error.errno}, kind: {name}, message: "{os.strerror(error.errno or 0)}" }})', 1) from error
    async with listener:
        await listener.serve_forever()
    return 0


async def _listen_for_live(server: Server) -> None:
    """Bind the address of live sockets and say so, if there is to be one. Raises `Refused`."""
    flags = server.runtime.flags
    if flags.live_ws is None:
        return
    listener = server.runtime.surfaces.live.listener
    _checked(flags.live_ws, remote=True)
    try:
        await listener.start()
    except OSError as error:
        name = "AddrInUse" if error.errno == 98 else "Other"
        raise Refused(f'Error: Io(Os {{ code: {error.errno}, kind: {name}, message: "{os.strerror(error.errno or 0)}" }})', 1) from error
    sys.stderr.write(f"rkat-rpc live-ws listening on ws://{listener.address}/live/ws (advertised scheme: {flags.live_ws_scheme})\n")
    sys.stderr.flush()


_NO_LINGERING = struct.pack("ii", 1, 0)
"""Linger for no second at all: what TCP makes a reset of."""


class Accepted(TcpTransport):
    """The mock's end of a TCP connection, served from the moment it is made."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to serve."""
        super().connection_made(transport)
        self._server.serve_soon(self)

    def reset(self) -> None:
        """Break the connection with the packet that says so, where a mere close would look like an orderly end."""
        if self._socket is not None:
            self._socket.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGERING)
        super().reset()


def _checked(address: str, *, remote: bool) -> tuple[str, int]:
    """Return host and port of a TCP address that may be bound; only loopback unless told otherwise (spec 01, section 13.3)."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise _unresolved(address, "invalid socket address")
    if int(port) > 65535:
        raise _unresolved(address, "invalid port value")
    try:
        resolved = {str(info[4][0]) for info in socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)}
    except OSError as error:
        raise _unresolved(address, str(error)) from error
    for ip in sorted(resolved):
        if not remote and not ipaddress.ip_address(ip).is_loopback:
            text = (
                f"rpc TCP bind address `{address}` resolves to non-loopback address `{ip}`; "
                "pass --allow-remote only when an authenticated/encrypted transport wrapper is in place"
            )
            raise Refused(f'Error: Custom {{ kind: PermissionDenied, error: "{text}" }}', 1)
    return host.strip("[]"), int(port)


def _unresolved(address: str, why: str) -> Refused:
    return Refused(f'Error: Custom {{ kind: InvalidInput, error: "could not resolve TCP bind address `{address}`: {why}" }}', 1)
